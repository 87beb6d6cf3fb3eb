"""Say what every name means and turn every window into literal UTC bounds.

After this no node speaks of names, dates or zones any more: only of typed event fields, typed attributes,
known segments and moments. All calendar and zone arithmetic of a rule happens here (LANGUAGE.md, Time).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from tesela.base import add_months, start_of_day, step, to_local, to_utc
from tesela.events import EVENTS
from tesela.language import words
from tesela.language.nodes import (
    Age,
    Aggregate,
    Attribute,
    Birthday,
    Bounds,
    Calendar,
    Did,
    EventField,
    Events,
    InSegment,
    Instant,
    Kind,
    Moment,
    Name,
    Node,
    Percentile,
    PopulationValue,
    Previous,
    Property,
    Rank,
    Revenue,
    Rolling,
    Rule,
    Sample,
    StoreValue,
    Top,
    ValueAt,
    Window,
)
from tesela.language.places import refuse, unknown
from tesela.profiles import PROFILES

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator
    from zoneinfo import ZoneInfo

    from tesela.base import InputError

N = TypeVar("N", bound=Node)

_MICROSECOND = timedelta(microseconds=1)
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

_OF_PROFILES = (
    Events, Aggregate, ValueAt, Did, Revenue, StoreValue, PopulationValue, Percentile, Rank, Top, Birthday,
    InSegment, Sample,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Scope:
    """What names can mean, and when and where the rule is asked.

    Attributes:
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        events: A shop's own events, beside the agreed ones; None takes any name.
        fields: A shop's own profile fields; they are texts.
        segments: Slugs that `in segment` may name.
    """

    as_of: datetime
    zone: ZoneInfo
    events: Collection[str] | None = None
    fields: Collection[str] = ()
    segments: Collection[str] = ()


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
    return {node.slug for node in _walk(rule) if isinstance(node, InSegment)}


class _Resolver:
    def __init__(self, text: str, scope: Scope) -> None:
        self._text = text
        self._scope = scope
        self._today = to_local(scope.as_of, scope.zone).date()

    def rule(self, rule: Rule) -> Rule:
        return replace(rule, body=self._profile(rule.body))

    # --- where the nodes stand ----------------------------------------------------------------------------

    def _profile(self, node: Node) -> Node:
        """Resolve a node that speaks of a profile."""
        if isinstance(node, Name):
            return self._attribute(node)
        if isinstance(node, Aggregate):
            by = self._event(node.by) if node.by else None
            return replace(node, events=self._events(node.events), by=by)
        if isinstance(node, ValueAt):
            return replace(node, events=self._events(node.events), value=self._event(node.value))
        if isinstance(node, Events):
            return self._events(node)
        if isinstance(node, Revenue):
            return replace(node, window=self._past(node.window) if node.window else None)
        if isinstance(node, InSegment):
            return self._segment(node)
        return self._either(node, self._profile)

    def _event(self, node: Node) -> Node:
        """Resolve a node that speaks of one event."""
        if isinstance(node, Name):
            return self._field(node)
        if isinstance(node, _OF_PROFILES):
            raise refuse("profile_word_in_event", self._text, node.span)
        return self._either(node, self._event)

    def _either(self, node: Node, walk: Callable[[Node], Node]) -> Node:
        if isinstance(node, Moment):
            return self._instant(node)
        if isinstance(node, Window):
            return self._bounds(node)
        return _rebuild(node, walk)

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
        field = EVENT_FIELDS.get(written)
        if field is None:
            raise unknown("unknown_field", self._text, name.span, written, EVENT_FIELDS)
        return replace(field, span=name.span)

    def _attribute(self, name: Name) -> Node:
        written = ".".join(name.parts)
        if written == "age":
            return Age(span=name.span)
        if written in ATTRIBUTES:
            return Attribute(written, ATTRIBUTES[written], span=name.span)
        if written in self._scope.fields:
            return Attribute(written, "text", span=name.span)
        raise unknown("unknown_name", self._text, name.span, written, {*ATTRIBUTES, *self._scope.fields, "age"})

    def _segment(self, node: InSegment) -> InSegment:
        if node.slug not in self._scope.segments:
            raise unknown("unknown_segment", self._text, node.span, node.slug, self._scope.segments)
        return node

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

    def _bounds(self, window: Node) -> Bounds:
        if isinstance(window, Rolling):
            return self._coming(window) if window.forward else self._last(window)
        if isinstance(window, Previous):
            return self._days(window, *_previous(self._today, window.unit))
        if isinstance(window, Calendar):
            return self._calendar(window)
        raise TypeError(f"no window: {window!r}")

    def _last(self, window: Rolling) -> Bounds:
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
        return Bounds(start, end, span=window.span)

    def _days(self, window: Node, first: date | None, end: date | None) -> Bounds:
        start_at = self._start(first) if first else None
        end_at = self._start(end) if end else None
        return Bounds(start_at, end_at, (first, end), span=window.span)

    def _start(self, day: date) -> datetime:
        return start_of_day(day, self._scope.zone)

    def _not_a_day(self, window: Calendar) -> InputError:
        span = window.first.span
        found = self._text[span.start : span.end]
        return refuse("expected", self._text, span, found=found, expected="2026-01-31")


_UTC: Any = UTC


def _previous(today: date, unit: str) -> tuple[date, date]:
    """Return the first day of the last complete unit and the first day after it."""
    if unit == "day":
        return today - timedelta(days=1), today
    if unit == "week":
        monday = today - timedelta(days=today.weekday())
        return monday - timedelta(days=7), monday
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    first_month = (today.month - 1) // months * months + 1
    current = date(today.year, first_month, 1)
    return add_months(current, -months), current


def _rebuild(node: N, walk: Callable[[Node], Node]) -> N:
    """Return the node with each node inside it replaced."""
    changes: dict[str, Any] = {}
    for each in fields(node):
        value = getattr(node, each.name)
        if isinstance(value, Node):
            changes[each.name] = walk(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[each.name] = tuple(walk(item) for item in value)
    return replace(node, **changes) if changes else node


def _collect(node: Node, events: set[str], names: set[str], *, in_event: bool) -> None:
    if isinstance(node, Name) and not in_event:
        names.add(".".join(node.parts))
    if isinstance(node, Events) and node.name is not None:
        events.add(node.name)
    for each in fields(node):
        value = getattr(node, each.name)
        inside = in_event or (isinstance(node, Events | Aggregate | ValueAt) and each.name in ("value", "where", "by"))
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                _collect(part, events, names, in_event=inside)


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for each in fields(node):
        value = getattr(node, each.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from _walk(part)
