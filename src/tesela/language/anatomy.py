"""Take a rule apart into the conditions it is made of, each a rule of its own, for explaining."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, NamedTuple

from tesela.language import nodes
from tesela.language.notations.sentence import say_condition, say_so_many
from tesela.language.walking import walk
from tesela.language.words import ANY_OPEN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from tesela.base import Language, Unit
    from tesela.language.nodes import Node, Rule

Measure = Literal["events", "money", "number"]
Way = Literal["more", "less"] | None
Join = Literal["all", "any", "either", "some", "not", "one"]

_LITERALS = (nodes.Number, nodes.Text, nodes.Truth, nodes.Moment, nodes.Duration)
_TURNED = {"=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIDES: dict[type[Node], tuple[str, ...]] = {
    nodes.Comparison: ("left", "right"),
    nodes.Between: ("value", "low", "high"),
    nodes.OneOf: ("value",),
    nodes.Presence: ("value",),
    nodes.TextTest: ("value",),
    nodes.ListTest: ("value",),
    nodes.GeoTest: ("value",),
    nodes.Within: ("value",),
    nodes.Top: ("value",),
    nodes.Anniversary: ("value",),
}


@dataclass(frozen=True, slots=True)
class Target:
    """What the first value of a condition is held against.

    Attributes:
        operator: `=`, `!=`, `<`, `<=`, `>` or `>=`.
        number: The written number.
        measure: What it counts.
    """

    operator: str
    number: Decimal
    measure: Measure


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a rule.

    Attributes:
        rule: It, as a rule that can be asked by itself.
        text: As it was written.
        join: How `parts` come together; `one` is a single condition.
        parts: The conditions inside.
        values: What a single condition looks at: each value by its text, as a rule whose body is the value.
        needed: With `some`: how many at least, how many at most.
        target: The written number that the first of `values` is held against, when it is.
    """

    rule: Rule
    text: str
    join: Join
    parts: tuple[Part, ...] = ()
    values: tuple[tuple[str, Rule], ...] = ()
    needed: tuple[int | None, int | None] = (None, None)
    target: Target | None = None

    def said(self, language: Language) -> str:
        """Return it in plain words."""
        return say_condition(self.rule, language)

    def so_many(self, number: Decimal, language: Language) -> str:
        """Return so many of the events that it counts, in words."""
        return say_so_many(self.rule, number, language)

    def way(self, value: Decimal, *, holds: bool) -> Way:
        """Return which way its first value must go to turn it; None when either does."""
        target = self.target
        if target is None or (target.operator == "=" and holds):
            return None
        if target.operator == "=":
            return "more" if value < target.number else "less"
        return "less" if (target.operator in (">", ">=")) == holds else "more"


def dissect(rule: Rule) -> Part:
    """Return a rule as the tree of its conditions.

    Example:
        >>> from tesela.language import parse
        >>> dissect(parse("did order_completed and not did email_opened")).parts[1].join
        'not'
    """
    return _part(rule, rule.body)


# In place of an event: what is known of the profile itself.
_FACTS = ""


class Turn(NamedTuple):
    """Something that time alone brings about.

    Attributes:
        source: Event from whose times it is counted, None for any; empty for what is known of the profile itself.
        kind: `after` so long, `ahead` by so long, or as the date comes `round`, so many days ahead.
        number: How many units.
        unit: Of what.
    """

    source: str | None
    kind: Literal["after", "ahead", "round"]
    number: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Clockwork:
    """What of a rule turns by itself as time passes.

    Attributes:
        turns: What turns it so long before or after a fact.
        calendar: Units of the calendar whose coming beginnings may turn it, and how many of them.
        events: Events that it asks for; None stands for any.
        segments: Segments whose recorded stays it asks for.
        names: Fields and traits that it asks for.
    """

    turns: frozenset[Turn]
    calendar: frozenset[tuple[int, Unit]]
    events: frozenset[str | None]
    segments: frozenset[str]
    names: frozenset[str]


def find_clockwork(rule: Rule) -> Clockwork:
    """Return what of a rule turns by itself as time passes.

    Example:
        >>> from tesela.language import parse
        >>> for turn in find_clockwork(parse("did order_completed in last 30 days")).turns:
        ...     turn
        Turn(source='order_completed', kind='after', number=30, unit='day')
    """
    every = list(walk(rule))
    calendar: set[tuple[int, Unit]] = set()
    for node in every:
        if isinstance(node, nodes.Rolling) and node.calendar:
            calendar.add((node.count, node.unit))
        elif isinstance(node, nodes.Current | nodes.Previous):
            calendar.add((node.count + 1 if isinstance(node, nodes.Previous) else 1, node.unit))
    return Clockwork(
        frozenset(_turns(rule, ())),
        frozenset(calendar),
        frozenset(_events_in(rule)),
        frozenset(node.slug for node in every if isinstance(node, nodes.InFor | nodes.Stay)),
        frozenset(".".join(node.parts) for node in every if isinstance(node, nodes.Name)),
    )


def _turns(node: Node, events: tuple[str | None, ...]) -> Iterator[Turn]:
    """Yield what turns a node; `events` is the event whose condition it is in, when it is in one."""
    sources: Collection[str | None]
    if isinstance(node, nodes.Events):
        sources = events = (_stored(node.name),)
    else:
        sources = _events_in(node) | set(events) or {_FACTS}
    for length in _lengths(node):
        yield from (Turn(source, *length) for source in sources)
    for each in fields(node):
        value = getattr(node, each.name)
        # what `since` counts from is no matter of the event that it limits
        inside = () if isinstance(node, nodes.Events) and each.name == "since" else events
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, nodes.Node):
                yield from _turns(part, inside)


def _lengths(node: Node) -> Iterator[tuple[Literal["after", "ahead", "round"], int, Unit]]:
    """Yield the lengths of time that stand directly in a node."""
    if isinstance(node, nodes.Birthday | nodes.Anniversary):
        yield "round", node.days, "day"
    elif isinstance(node, nodes.Name) and node.parts == ("age",):
        yield "round", 1, "day"
    elif isinstance(node, nodes.Regularly) and isinstance(node.periods, nodes.Rolling):
        yield from (("after", number, node.periods.unit) for number in range(1, node.periods.count + 1))
    for each in fields(node):
        value = getattr(node, each.name)
        for part in (value, *(step.within for step in value)) if each.name == "steps" else (value,):
            if isinstance(part, nodes.Duration):
                yield "after", part.count, part.unit
            elif isinstance(part, nodes.Rolling) and not part.calendar:
                yield "ahead" if part.forward else "after", part.count, part.unit
            elif isinstance(part, nodes.Ago):
                yield from (("after", count, part.unit) for count in (part.near, part.far) if count)


def _events_in(node: Node) -> set[str | None]:
    found = {_stored(each.name) for each in walk(node) if isinstance(each, nodes.Events)}
    if any(isinstance(each, nodes.Revenue) for each in walk(node)):
        found |= {"order_completed", "order_refunded"}
    return found


def _stored(event: str | None) -> str | None:
    return "email_opened" if event == ANY_OPEN else event


def _part(rule: Rule, node: Node) -> Part:
    whole = replace(rule, body=node)
    text = rule.text[node.span.start : node.span.end] if node.span.end else ""
    if isinstance(node, nodes.And | nodes.Or):
        join: Join = "all" if isinstance(node, nodes.And) else "any"
        return Part(whole, text, join, tuple(_part(rule, item) for item in node.items))
    if isinstance(node, nodes.Xor):
        return Part(whole, text, "either", (_part(rule, node.left), _part(rule, node.right)))
    if isinstance(node, nodes.OfThese):
        parts = tuple(_part(rule, item) for item in node.items)
        return Part(whole, text, "some", parts, needed=(node.minimum, node.maximum))
    if isinstance(node, nodes.Not):
        return Part(whole, text, "not", (_part(rule, node.item),))
    return Part(whole, text, "one", values=tuple(_values(rule, node)), target=_target(node))


def _target(node: Node) -> Target | None:
    if isinstance(node, nodes.Did):
        return Target("<" if node.never else ">=", Decimal(1), "events")
    if not isinstance(node, nodes.Comparison):
        return None
    left, right = node.left, node.right
    if isinstance(right, nodes.Number) and not isinstance(left, nodes.TimeSince | nodes.Length):
        return Target(node.operator, right.value, _measure(left))
    if isinstance(left, nodes.Number) and not isinstance(right, nodes.TimeSince | nodes.Length):
        return Target(_TURNED[node.operator], left.value, _measure(right))
    return None


def _measure(value: Node) -> Measure:
    if isinstance(value, nodes.Revenue):
        return "money"
    if not isinstance(value, nodes.Aggregate):
        return "number"
    if value.function == "count":
        return "events"
    field = value.events.value
    is_money = isinstance(field, nodes.Name) and field.parts == ("amount",)
    return "money" if is_money and value.function not in ("distinct", "share") else "number"


def _values(rule: Rule, node: Node) -> Iterator[tuple[str, Rule]]:
    if isinstance(node, nodes.Did):
        counted = nodes.Aggregate("count", node.events, span=node.events.span)
        yield f"count({_text(rule, node.events)})", replace(rule, body=counted)
    if isinstance(node, nodes.CanReceive):
        yield _text(rule, node), replace(rule, body=node)
    for name in _SIDES.get(type(node), ()):
        side = getattr(node, name)
        if isinstance(side, nodes.TimeSince | nodes.Length):
            side = side.value
        if not isinstance(side, _LITERALS):
            yield _text(rule, side), replace(rule, body=side)


def _text(rule: Rule, node: Node) -> str:
    return rule.text[node.span.start : node.span.end]
