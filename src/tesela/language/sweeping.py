"""Say which facts can turn a segment between two moments: those that the edges of its windows sweep over.

The same rules planned for two moments give the same columns, except for the moments in them. For a profile
without a fact between each pair of moments every column has the same value at both: nothing can have turned.
Where plans differ in more than moments (a birthday, a calendar day, an hour's offset), nothing can be said.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Literal, NamedTuple

from tesela.language.plan import (
    Among,
    AttributeValue,
    Call,
    Column,
    Computed,
    ConsentValue,
    Constant,
    EventAggregate,
    EventColumn,
    FieldChanges,
    FieldHeld,
    Lookup,
    PreviousFieldValue,
    ProductColumn,
    Reach,
    RecordedStay,
    RelatedEvents,
    SequenceMet,
    StoredTraitValue,
    parts,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tesela.language.nodes import Bounds
    from tesela.language.plan import Definition, Expr, Plan

FactKind = Literal[
    "seen", "event", "cancellation", "related", "product", "field", "identifier", "moment_field", "consent",
    "suppression", "stay", "trait",
]  # fmt: skip

_COMPARED = ("=", "!=", "<", "<=", ">", ">=")
_TIMES = ("min", "max", "first_value", "last_value")
_CARRIED = ("customer_id", "email", "phone", "loyalty_card")
_OCCURRED_AT = EventColumn("occurred_at")


class Sweep(NamedTuple):
    """Facts of one kind that an edge passed over between two moments.

    Attributes:
        kind: What they are.
        name: Event (None is any), field, channel, segment or trait; of `related` the events related to.
        start: Own time of the earliest; itself included.
        end: Own time of the latest; itself included.
        lag: How long after its own time a fact turns something; None when that differs.
        key: Of `related`: the column shared, and the event that is looked for.
    """

    kind: FactKind
    name: str | None
    start: datetime
    end: datetime
    lag: timedelta | None = timedelta()
    key: tuple[str, str | None] | None = None


def find_sweeps(before: Plan, after: Plan) -> dict[str, frozenset[Sweep] | None]:
    """Return the facts that can turn each segment between the moments of two plans of the same rules.

    Args:
        before: The plan for the earlier moment.
        after: The plan for the later one.

    Returns:
        Sweeps by slug; None where the plans differ in more than their moments, or other profiles count too.
    """
    if [list(level) for level in before.levels] != [list(level) for level in after.levels]:
        return dict.fromkeys(after.columns)
    pair = _Pair(before, after)
    found: dict[str, frozenset[Sweep] | None] = {}
    for slug, column in after.columns.items():
        same = before.columns.get(slug) == column
        found[slug] = pair.sweeps(column) if same else None
    return found


class _DifferError(Exception):
    """The plans differ in more than moments."""


class _Pair:
    def __init__(self, before: Plan, after: Plan) -> None:
        self._from, self._to = before.as_of, after.as_of
        self._before = {name: each for level in before.levels for name, each in level.items()}
        self._after = {name: each for level in after.levels for name, each in level.items()}
        self._known: dict[str, frozenset[Sweep] | None] = {}

    def sweeps(self, column: str) -> frozenset[Sweep] | None:
        """Return what can turn a column and all that it reads."""
        if column not in self._known:
            own = self._own(column)
            for part in parts(self._after[column]) if own is not None else ():
                if own is not None and isinstance(part, Column):
                    below = self.sweeps(part.name)
                    own = None if below is None else own | below
            self._known[column] = own
        return self._known[column]

    def _own(self, column: str) -> frozenset[Sweep] | None:
        before, after = self._before[column], self._after[column]
        if type(before) is not type(after):
            return None
        try:
            return frozenset(self._of_definition(before, after)) | {self._new("seen", None)}
        except _DifferError:
            return None

    # --- definitions --------------------------------------------------------------------------------------

    def _of_definition(self, before: Definition, after: Definition) -> Iterator[Sweep]:
        if isinstance(before, EventAggregate) and isinstance(after, EventAggregate):
            _same(before, after, "function", "event")
            yield from self._of_events(after.event, before.bounds, after.bounds)
            for old, new in ((before.value, after.value), (before.where, after.where)):
                yield from self._of_event_part(after.event, old, new)
            yield from self._of_row(before.since, after.since)
        elif isinstance(before, SequenceMet) and isinstance(after, SequenceMet):
            yield from self._of_sequence(before, after)
        elif isinstance(before, Computed) and isinstance(after, Computed):
            yield from self._of_row(before.expression, after.expression)
        else:
            yield from self._of_profile(before, after)

    def _of_profile(self, before: Definition, after: Definition) -> Iterator[Sweep]:
        if isinstance(before, AttributeValue | PreviousFieldValue) and before == after:
            yield from self._of_field(before.field)
        elif isinstance(before, FieldChanges) and isinstance(after, FieldChanges):
            _same(before, after, "field")
            yield from self._of_field(after.field)
            yield from self._edges("field", after.field, before.bounds, after.bounds)
        elif isinstance(before, FieldHeld) and isinstance(after, FieldHeld):
            _same(before, after, "field", "where")
            yield from self._of_field(after.field)
            yield from self._edge("field", after.field, before.start, after.start)
        elif isinstance(before, ConsentValue) and before == after:
            yield self._new("consent", before.channel)
        elif isinstance(before, Reach) and before == after:
            # an objection has a channel of its own
            for channel in (before.channel, "any"):
                yield self._new("consent", channel)
            yield self._new("suppression", before.channel)
        elif isinstance(before, StoredTraitValue) and before == after:
            yield self._new("trait", before.trait)
        elif isinstance(before, RecordedStay) and isinstance(after, RecordedStay):
            _same(before, after, "table", "segment", "function")
            yield self._new("stay", after.segment)
            yield from self._edges("stay", after.segment, before.bounds, after.bounds)
        else:
            raise _DifferError

    def _of_field(self, field: str) -> Iterator[Sweep]:
        yield self._new("field", field)
        if field in _CARRIED:
            yield self._new("identifier", field)

    def _of_sequence(self, before: SequenceMet, after: SequenceMet) -> Iterator[Sweep]:
        if len(before.steps) != len(after.steps):
            raise _DifferError
        positive = [step.event for step in after.steps if not step.negated]
        for old, new in zip(before.steps, after.steps, strict=True):
            _same(old, new, "event", "negated", "within_us", "same")
            yield from self._of_events(new.event, before.bounds, after.bounds)
            yield self._new("event", new.event)
            yield from self._of_event_part(new.event, old.where, new.where)
            if new.negated and new.within_us is not None:
                # what must not happen has not happened once its whole time is over
                lasts = timedelta(microseconds=new.within_us)
                for event in positive:
                    yield Sweep("event", event, self._from - lasts, self._to - lasts, lasts)

    # --- events -------------------------------------------------------------------------------------------

    def _of_events(self, event: str | None, before: Bounds, after: Bounds) -> Iterator[Sweep]:
        yield from self._edges("event", event, before, after)
        if event in ("order_completed", None):
            yield self._new("cancellation", "order_cancelled")

    def _of_event_part(self, event: str | None, before: object, after: object) -> Iterator[Sweep]:
        """Compare what is asked of one event; moments stand only beside its own time there."""
        if isinstance(before, RelatedEvents) and isinstance(after, RelatedEvents):
            _same(before, after, "quantifier", "event", "key")
            for sweep in self._edges("related", after.event, before.bounds, after.bounds):
                yield sweep._replace(key=(after.key, event))
            if after.event == "order_completed":
                yield self._new("cancellation", "order_cancelled")
            inside = list(self._of_event_part(after.event, before.where, after.where))
            yield from (
                each._replace(kind="related", key=(after.key, event)) if each.kind == "event" else each
                for each in inside
            )
            return
        if isinstance(after, ProductColumn):
            yield self._new("product", None)
        moments = _moments_beside(before, after, _is_own_time)
        if moments is not None:
            yield from self._edge("event", event, *moments)
            return
        for old, new in _children(before, after):
            yield from self._of_event_part(event, old, new)

    # --- the profile's row --------------------------------------------------------------------------------

    def _of_row(self, before: object, after: object) -> Iterator[Sweep]:
        moments = _moments_beside(before, after, lambda value: self._time_of(value) is not None)
        if moments is not None:
            value = next(each for each in _arguments(after) if not isinstance(each, Constant))
            kind, name = self._time_of(value) or ("event", None)
            yield from self._edge(kind, name, *moments)
            return
        for old, new in _children(before, after):
            yield from self._of_row(old, new)

    def _time_of(self, value: object) -> tuple[FactKind, str | None] | None:
        """Return whose own times a value is one of; None when it is none."""
        if isinstance(value, Call) and value.operation == "as_moment" and isinstance(value.arguments[0], Column):
            field = self._after[value.arguments[0].name]
            return ("moment_field", field.field) if isinstance(field, AttributeValue) else None
        each = self._after[value.name] if isinstance(value, Column) else None
        if isinstance(each, EventAggregate) and each.function in _TIMES and each.value == _OCCURRED_AT:
            return "event", each.event
        if isinstance(each, ConsentValue) and each.part == "at":
            return "consent", each.channel
        return None

    # --- edges --------------------------------------------------------------------------------------------

    def _edges(self, kind: FactKind, name: str | None, before: Bounds, after: Bounds) -> Iterator[Sweep]:
        for old, new in ((before.start, after.start), (before.end, after.end)):
            if (old is None) != (new is None):
                raise _DifferError
            if old is not None and new is not None:
                yield from self._edge(kind, name, old, new)

    def _edge(self, kind: FactKind, name: str | None, before: datetime, after: datetime) -> Iterator[Sweep]:
        if before == after:
            return
        # an edge that was the moment of truth itself is passed by a fact at its own time
        lag: timedelta | None = self._from - before
        if before != self._from and self._to - after != lag:
            lag = None
        yield Sweep(kind, name, min(before, after), max(before, after), lag)

    def _new(self, kind: FactKind, name: str | None) -> Sweep:
        """Return the facts that have come to count because they now lie before the moment of truth."""
        return Sweep(kind, name, self._from, self._to)


def _same(before: object, after: object, *names: str) -> None:
    if any(getattr(before, name) != getattr(after, name) for name in names):
        raise _DifferError


def _is_own_time(value: object) -> bool:
    return value == _OCCURRED_AT


def _arguments(expression: object) -> tuple[Expr, ...]:
    return expression.arguments if isinstance(expression, Call) else ()


def _moments_beside(
    before: object, after: object, is_time: Callable[[object], bool]
) -> tuple[datetime, datetime] | None:
    """Return the two moments that a time is compared with, where they differ; None where nothing is."""
    old, new = _arguments(before), _arguments(after)
    if not (isinstance(before, Call) and isinstance(after, Call) and before.operation == after.operation):
        return None
    if after.operation not in _COMPARED or len(old) != 2 or len(new) != 2:
        return None
    for time, moment in ((0, 1), (1, 0)):
        first, last = old[moment], new[moment]
        if not (isinstance(first, Constant) and isinstance(last, Constant)) or first == last:
            continue
        if not (isinstance(first.value, datetime) and isinstance(last.value, datetime)):
            continue
        if old[time] == new[time] and is_time(new[time]):
            return first.value, last.value
    return None


def _children(before: object, after: object) -> Iterator[tuple[object, object]]:
    """Yield the parts of two expressions side by side; they must be alike."""
    if type(before) is not type(after):
        raise _DifferError
    if isinstance(before, tuple) and isinstance(after, tuple):
        if len(before) != len(after):
            raise _DifferError
        yield from zip(before, after, strict=True)
    elif isinstance(before, Among) and isinstance(after, Among):
        # the items may be a million written values
        _same(before, after, "items")
        yield before.value, after.value
    elif is_dataclass(before) and not isinstance(before, Lookup | Constant):
        for each in fields(before):
            yield getattr(before, each.name), getattr(after, each.name)
    elif before != after:
        raise _DifferError
