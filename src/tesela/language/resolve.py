"""Say what every name means and turn every window into literal UTC bounds.

After this no node speaks of names, dates or zones any more: only of typed event fields, typed attributes,
known segments and moments. All calendar and zone arithmetic of a rule happens here (LANGUAGE.md, Time).
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

from tesela.base import InputError, NotFoundError, TeselaError, add_months, start_of_day, step, to_local, to_utc
from tesela.events import EVENTS, PRODUCTS
from tesela.language import words
from tesela.language.nodes import (
    Age,
    Aggregate,
    Ago,
    Anniversary,
    Attribute,
    Between,
    Birthday,
    Bounds,
    Calendar,
    CanReceive,
    Changed,
    Comparison,
    ComparisonOperator,
    Consent,
    Current,
    Decile,
    Did,
    Duration,
    EventClock,
    EventField,
    Events,
    Held,
    InFor,
    InSegment,
    Instant,
    Kind,
    Moment,
    Name,
    Node,
    Percentile,
    Periods,
    PopulationValue,
    Previous,
    PreviousValue,
    ProductField,
    Property,
    Rank,
    Regularly,
    Related,
    Resumed,
    Revenue,
    Rolling,
    Rule,
    Sample,
    Sequence,
    Stay,
    Step,
    Stopped,
    StoredTrait,
    StoreValue,
    TimeSince,
    Top,
    ValueAt,
    Window,
)
from tesela.language.places import refuse, unknown
from tesela.language.sense import check_sense
from tesela.language.walking import rebuild, walk
from tesela.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.base import Unit

N = TypeVar("N", bound=Node)

_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_KINDS: dict[str, Kind] = {
    "BIGINT": "number",
    "INTEGER": "number",
    "DECIMAL(18,4)": "number",
    "VARCHAR": "text",
    "BOOLEAN": "boolean",
    "TIMESTAMP": "moment",
    "DATE": "date",
}
_HIDDEN_COLUMNS = frozenset(
    {"profile_id", "subject_id", "name", "received_at", "message_id", "properties", "content", "load_id"}
)
EVENT_FIELDS: dict[str, EventField] = {
    column.name.removesuffix("_e4"): EventField(column.name.removesuffix("_e4"), column.name, _KINDS[column.type])
    for column in EVENTS.columns
    if column.name not in _HIDDEN_COLUMNS
}
"""Fields of an event by the name that rules use; money is `amount`."""

ATTRIBUTES: dict[str, Kind] = {
    column.name: _KINDS[column.type]
    for column in PROFILES.columns
    if column.name not in ("profile_id", "is_known", "first_seen_at", "properties")
}
"""Fields of a profile that every shop has."""

PRODUCT_FIELDS: dict[str, ProductField] = {
    column.name.removesuffix("_e4"): ProductField(column.name.removesuffix("_e4"), column.name, _KINDS[column.type])
    for column in PRODUCTS.columns
    if column.name.removesuffix("_e4") in ("name", "category", "brand", "price", "margin", "in_stock")
}
"""Fields of an event's product, written `product.brand`."""

_PRODUCT_NAMES = {f"product.{name}": field for name, field in PRODUCT_FIELDS.items()}
_CLOCKS = {
    f"{prefix}{part}": EventClock(part, local)
    for prefix, local in (("", False), ("local.", True))
    for part in ("hour", "weekday")
}
_OF_PROFILES = (
    Aggregate, ValueAt, Did, Revenue, StoreValue, PopulationValue, Percentile, Decile, Rank, Top, Birthday, Anniversary,
    InSegment, InFor, Stay, Sample, Sequence, Regularly, Stopped, Resumed, Changed, PreviousValue, Held, TimeSince,
    Consent, CanReceive,
)  # fmt: skip
_TURNED: dict[ComparisonOperator, ComparisonOperator] = {
    "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip
# What steps of a sequence and pauses are measured in: a month has no length of its own.
_MAX_PERIODS = 1000
_CHANNELS = ("email", "sms", "web_push", "whatsapp", "post", "phone", "onsite")
_FIXED_UNITS = ("second", "minute", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class Scope:
    """What names can mean, and when and where the rule is asked.

    Attributes:
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        events: A shop's own events, beside the agreed ones; None takes any name.
        fields: A shop's own profile fields; they are texts.
        segments: Slugs that `in segment` may name.
        traits: Computed traits: their expressions by name.
        stored_traits: Scored and predicted traits: what kind of value each has, or the texts it can be, by name.
        other_segments: Slugs that there are beside, for errors to tell.
    """

    as_of: datetime
    zone: ZoneInfo
    events: Collection[str] | None = None
    fields: Collection[str] = ()
    segments: Collection[str] = ()
    traits: Mapping[str, Rule] = field(default_factory=dict)
    stored_traits: Mapping[str, Kind | tuple[str, ...]] = field(default_factory=dict)
    other_segments: Collection[str] = ()


def resolve(rule: Rule, scope: Scope) -> Rule:
    """Return the rule with its names, moments and windows replaced by what they mean.

    Raises:
        NotFoundError: where an event, field, attribute or segment does not exist.
        InputError: where a window does not fit what it stands on.
    """
    return _Resolver(rule.text, scope).rule(rule)


def own_names(rule: Rule) -> tuple[set[str], set[str]]:
    """Return the events and the profile fields of a rule that only the shop's own data can know."""
    events: set[str] = set()
    names: set[str] = set()
    _collect(rule, events, names, in_event=False)
    return events - words.EVENTS - {words.ANY_OPEN}, names - set(ATTRIBUTES) - {"age"}


def named_segments(rule: Rule) -> set[str]:
    """Return the slugs that a rule names by `in segment`."""
    return {node.slug for node in walk(rule) if isinstance(node, InSegment | InFor | Stay)}


class _Resolver:
    def __init__(self, text: str, scope: Scope, traits: tuple[str, ...] = ()) -> None:
        self._text = text
        self._scope = scope
        self._traits = traits
        self._today = to_local(scope.as_of, scope.zone).date()
        self._whole: Node | None = None

    def rule(self, rule: Rule) -> Rule:
        self._whole = rule.body
        return replace(rule, body=self._profile(rule.body))

    # --- where the nodes stand ----------------------------------------------------------------------------

    def _profile(self, node: Node) -> Node:
        """Resolve a node that speaks of a profile."""
        found = self._special(node)
        if found is not None:
            return found
        if isinstance(node, Name):
            return self._attribute(node)
        if isinstance(node, Aggregate):
            by = self._event(node.by) if node.by else None
            return replace(node, events=self._events(node.events), by=by)
        if isinstance(node, ValueAt):
            return replace(node, events=self._events(node.events), value=self._event(node.value))
        if isinstance(node, Events):
            return self._events(node)
        if isinstance(node, Revenue | Stay | Changed):
            return self._windowed(node)
        if isinstance(node, Sequence):
            return self._sequence(node)
        if isinstance(node, Regularly):
            with self._in_calendar(node.periods):
                return replace(node, events=self._rhythm_of(node.events), periods=self._periods(node.periods))
        if isinstance(node, Stopped | Resumed):
            return self._pause(node)
        if isinstance(node, InSegment | InFor):
            return self._segment(node)
        if isinstance(node, Related):
            raise refuse("related_outside_where", self._text, node.span, word=node.quantifier)
        return self._either(node, self._profile)

    def _event(self, node: Node) -> Node:
        """Resolve a node that speaks of one event."""
        found = self._special(node)
        if found is not None:
            return found
        if isinstance(node, Name):
            return self._field(node)
        if isinstance(node, Related):
            return replace(node, events=self._events(node.events), key=self._event(node.key) if node.key else None)
        if isinstance(node, _OF_PROFILES):
            raise refuse("profile_word_in_event", self._text, node.span)
        return self._either(node, self._event)

    def _special(self, node: Node) -> Node | None:
        """Resolve what is written with a duration, which stands for a moment."""
        if isinstance(node, Comparison) and isinstance(node.left, TimeSince):
            at = self._boundary(node.right)
            return replace(node, operator=_TURNED[node.operator], left=self._profile(node.left.value), right=at)
        if isinstance(node, Between) and isinstance(node.value, TimeSince):
            low, high = self._boundary(node.high), self._boundary(node.low)
            if low.at > high.at:
                raise refuse(
                    "range_backwards", self._text, node.span, first=self._cut(node.low), last=self._cut(node.high)
                )
            return replace(node, value=self._profile(node.value.value), low=low, high=high)
        if isinstance(node, TimeSince):
            raise refuse("needs_duration", self._text, node.span)
        if isinstance(node, Held | InFor):
            duration = self._boundary(node.duration)
            if isinstance(node, InFor):
                self._check_segment(node)
                return replace(node, duration=duration)
            return replace(node, condition=self._profile(node.condition), duration=duration)
        if isinstance(node, Duration):
            raise refuse("duration_alone", self._text, node.span)
        if isinstance(node, Consent | CanReceive) and node.channel not in _CHANNELS:
            raise unknown("unknown_channel", self._text, node.span, node.channel, _CHANNELS)
        return None

    def _boundary(self, node: Node) -> Instant:
        """Return the moment that lies so long ago."""
        if not isinstance(node, Duration):
            raise refuse("needs_duration", self._text, node.span)
        with self._in_calendar(node):
            return Instant(step(self._scope.as_of, -node.count, node.unit, self._scope.zone), span=node.span)

    def _either(self, node: Node, walk: Callable[[Node], Node]) -> Node:
        if isinstance(node, Moment):
            return self._instant(node)
        if isinstance(node, Window):
            return self._bounds(node)
        resolved = rebuild(node, walk)
        check_sense(resolved, self._text)
        return resolved

    # --- names --------------------------------------------------------------------------------------------

    def _events(self, node: Events) -> Events:
        self._check_event(node)
        return replace(
            node,
            value=self._event(node.value) if node.value else None,
            where=self._event(node.where) if node.where else None,
            window=self._past(node.window) if node.window else None,
            since=self._profile(node.since) if node.since else None,
        )

    def _windowed(self, node: Revenue | Stay | Changed) -> Node:
        if isinstance(node, Stay):
            self._check_segment(node)
        window = self._past(node.window) if node.window else None
        if isinstance(node, Changed):
            return replace(node, field=self._history_field(node.field), window=window)
        return replace(node, window=window)

    def _sequence(self, node: Sequence) -> Node:
        steps = tuple(
            replace(each, events=self._events(each.events), same=tuple(self._event(name) for name in each.same))
            for each in node.steps
        )
        for each in steps:
            if each.within and each.within.unit not in _FIXED_UNITS:
                raise refuse("needs_fixed_unit", self._text, each.within.span, units=", ".join(_FIXED_UNITS))
            if each.within:
                self._boundary(each.within)
        sequence = replace(node, steps=steps, window=self._past(node.window) if node.window else None)
        check_sense(sequence, self._text)
        return sequence

    def _rhythm_of(self, events: Events) -> Events:
        if events.window or events.since or events.value:
            raise refuse("window_in_rhythm", self._text, events.span)
        return self._events(events)

    def _periods(self, window: Node) -> Periods:
        """Return the consecutive stretches that end at the moment of truth, or the last complete ones."""
        if not isinstance(window, Rolling | Previous):
            raise TypeError(f"no periods: {window!r}")
        if window.count > _MAX_PERIODS:
            raise refuse("too_many_periods", self._text, window.span, limit=_MAX_PERIODS)
        if isinstance(window, Rolling):
            as_of, zone = self._scope.as_of, self._scope.zone
            edges = [step(as_of, -number, window.unit, zone) for number in range(window.count + 1)]
        else:
            present = _unit_start(self._today, window.unit)
            edges = [self._start(_units_on(present, -number, window.unit)) for number in range(window.count + 1)]
        return Periods(tuple(Bounds(start, end) for end, start in pairwise(edges)), span=window.span)

    def _pause(self, node: Stopped | Resumed) -> Node:
        if isinstance(node, Resumed) and node.duration.unit not in _FIXED_UNITS:
            raise refuse("needs_fixed_unit", self._text, node.duration.span, units=", ".join(_FIXED_UNITS))
        self._boundary(node.duration)
        return replace(node, events=self._rhythm_of(node.events))

    def _history_field(self, node: Node) -> Node:
        found = self._profile(node)
        if not isinstance(found, Attribute):
            raise refuse("needs_field", self._text, node.span)
        return found

    def _check_event(self, node: Events) -> None:
        own = self._scope.events
        if node.name is None or own is None or node.name in own:
            return
        known = words.EVENTS | {words.ANY_OPEN}
        if node.name not in known:
            raise unknown("unknown_event", self._text, node.span, node.name, {*known, *own})

    def _field(self, name: Name) -> Node:
        if name.parts[0] == "properties" and len(name.parts) > 1:
            return Property(".".join(name.parts[1:]), span=name.span)
        written = ".".join(name.parts)
        known: dict[str, Node] = {**EVENT_FIELDS, **_CLOCKS, **_PRODUCT_NAMES}
        if written not in known:
            raise unknown("unknown_field", self._text, name.span, written, known)
        return replace(known[written], span=name.span)

    def _attribute(self, name: Name) -> Node:
        written = ".".join(name.parts)
        if written == "age":
            return Age(span=name.span)
        if written in ATTRIBUTES:
            return Attribute(written, ATTRIBUTES[written], span=name.span)
        if written in self._scope.traits:
            return self._trait(name, written)
        if written in self._scope.stored_traits:
            told = self._scope.stored_traits[written]
            texts = told if isinstance(told, tuple) else ()
            return StoredTrait(written, "text" if isinstance(told, tuple) else told, texts, span=name.span)
        if written in self._scope.fields:
            return Attribute(written, "text", span=name.span)
        if name.parts[0] in words.LATER_TRAITS:
            raise refuse("not_available_yet", self._text, name.span, word=written)
        if written == "birthday":
            raise refuse("birthday_window", self._text, name.span)
        if name is self._whole and written not in words.EVENTS:
            # a word alone is no condition, but it may have been meant to be a segment's
            raise self._unknown_segment(name, written)
        known = {*ATTRIBUTES, *self._scope.traits, *self._scope.stored_traits, *self._scope.fields, "age"}
        raise unknown("unknown_name", self._text, name.span, written, known)

    def _trait(self, name: Name, written: str) -> Node:
        """Return the expression of a computed trait in the place of its name."""
        if written in self._traits:
            path = [*self._traits[self._traits.index(written) :], written]
            raise InputError("language.trait_cycle", path=" → ".join(path))
        rule = self._scope.traits[written]
        if named_segments(rule):
            raise InputError("language.segment_in_trait", trait=written)
        found = _Resolver(rule.text, self._scope, (*self._traits, written)).rule(rule).body
        return replace(found, span=name.span)

    def _segment(self, node: InSegment | InFor) -> Node:
        self._check_segment(node)
        return node

    def _check_segment(self, node: InSegment | InFor | Stay) -> None:
        if node.slug not in self._scope.segments:
            raise self._unknown_segment(node, node.slug)

    def _unknown_segment(self, node: Node, slug: str) -> NotFoundError:
        known = {*self._scope.segments, *self._scope.other_segments}
        return unknown("unknown_segment", self._text, node.span, slug, known)

    # --- moments and windows ------------------------------------------------------------------------------

    def _instant(self, node: Moment) -> Instant:
        written = node.value
        if isinstance(written, datetime):
            return Instant(to_utc(written, self._scope.zone), span=node.span)
        return Instant(self._start(written), written, span=node.span)

    def _past(self, window: Node) -> Node:
        if isinstance(window, Rolling) and window.forward:
            raise refuse("window_in_future", self._text, window.span)
        return self._bounds(window)

    @contextmanager
    def _in_calendar(self, node: Node) -> Iterator[None]:
        """Refuse what leads out of the calendar, at its place."""
        try:
            yield
        except (ValueError, OverflowError) as cause:
            if isinstance(cause, TeselaError) and cause.code != "base.moment_out_of_range":
                raise
            raise refuse("too_far", self._text, node.span) from cause

    def _bounds(self, window: Node) -> Bounds:
        with self._in_calendar(window):
            return self._bounds_of(window)

    def _bounds_of(self, window: Node) -> Bounds:
        if isinstance(window, Rolling):
            return self._coming(window) if window.forward else self._last(window)
        if isinstance(window, Ago):
            start, end = (
                step(self._scope.as_of, -count, window.unit, self._scope.zone) for count in (window.far, window.near)
            )
            return Bounds(start, end, span=window.span)
        if isinstance(window, Previous):
            present = _unit_start(self._today, window.unit)
            return self._days(window, _units_on(present, -window.count, window.unit), present)
        if isinstance(window, Current):
            present = _unit_start(self._today, window.unit)
            return self._days(window, present, _units_on(present, 1, window.unit))
        if isinstance(window, Calendar):
            return self._calendar(window)
        raise TypeError(f"no window: {window!r}")

    def _last(self, window: Rolling) -> Bounds:
        if window.calendar:
            first = _units_on(_unit_start(self._today, window.unit), 1 - window.count, window.unit)
            return Bounds(self._start(first), self._scope.as_of, (first, self._today + _DAY), span=window.span)
        start = step(self._scope.as_of, -window.count, window.unit, self._scope.zone)
        return Bounds(start, self._scope.as_of, span=window.span)

    def _coming(self, window: Rolling) -> Bounds:
        if window.unit in ("second", "minute", "hour"):
            end = step(self._scope.as_of, window.count, window.unit, self._scope.zone)
            return Bounds(self._scope.as_of, end, span=window.span)
        midnight = datetime.combine(self._today, datetime.min.time())
        end_day = to_local(step(midnight, window.count, window.unit, _UTC), _UTC).date()
        return self._days(window, self._today, end_day)

    def _calendar(self, window: Calendar) -> Bounds:
        first = window.first.value
        last = window.last.value if window.last else first
        if isinstance(first, datetime) or isinstance(last, datetime):
            return self._between_times(window, first, last)
        next_day = last + timedelta(days=1)
        if window.word == "before":
            return self._days(window, None, first)
        if window.word == "after":
            return self._days(window, next_day, None)
        return self._days(window, first, next_day)

    def _between_times(self, window: Calendar, first: date, last: date) -> Bounds:
        if window.word == "on":
            raise self._not_a_day(window)
        start = to_utc(first, self._scope.zone) if isinstance(first, datetime) else self._start(first)
        if isinstance(last, datetime):
            end = to_utc(last, self._scope.zone) + _MICROSECOND
        else:
            end = self._start(last + timedelta(days=1))
        if window.word == "before":
            return Bounds(None, start, span=window.span)
        if window.word == "after":
            return Bounds(end, None, span=window.span)
        if start >= end:
            raise refuse("window_backwards", self._text, window.span)
        return Bounds(start, end, span=window.span)

    def _days(self, window: Node, first: date | None, end: date | None) -> Bounds:
        start_at = self._start(first) if first else None
        end_at = self._start(end) if end else None
        return Bounds(start_at, end_at, (first, end), span=window.span)

    def _start(self, day: date) -> datetime:
        return start_of_day(day, self._scope.zone)

    def _not_a_day(self, window: Calendar) -> InputError:
        found = self._cut(window.first)
        return refuse("expected", self._text, window.first.span, found=found, expected="2026-01-31")

    def _cut(self, node: Node) -> str:
        return self._text[node.span.start : node.span.end]


_UTC: Any = UTC


def _unit_start(today: date, unit: Unit) -> date:
    """Return the first day of the calendar unit that holds a day; weeks start on Monday."""
    if unit == "day":
        return today
    if unit == "week":
        return today - timedelta(days=today.weekday())
    months = _MONTHS[unit]
    return date(today.year, (today.month - 1) // months * months + 1, 1)


def _units_on(first: date, count: int, unit: Unit) -> date:
    """Return the first day of the calendar unit that lies so many units on."""
    if unit in ("day", "week"):
        return first + count * timedelta(days=7 if unit == "week" else 1)
    return add_months(first, count * _MONTHS[unit])


# Where the names that stand in a node are fields of events.
_OF_EVENTS = ("value", "where", "by", "same", "key")


def _collect(node: Node, events: set[str], names: set[str], *, in_event: bool) -> None:
    if isinstance(node, Name) and not in_event:
        names.add(".".join(node.parts))
    if isinstance(node, Events) and node.name is not None:
        events.add(node.name)
    for each in fields(node):
        value = getattr(node, each.name)
        inside = in_event or (
            isinstance(node, Events | Aggregate | ValueAt | Step | Related) and each.name in _OF_EVENTS
        )
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                _collect(part, events, names, in_event=inside)
