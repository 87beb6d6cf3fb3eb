"""Take a rule apart into the conditions it is made of, each a rule of its own, for explaining."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Literal, TypeGuard

from tesela.language import nodes
from tesela.language.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.base import Unit
    from tesela.language.nodes import Node, Rule

Measure = Literal["events", "money", "number"]
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


def dissect(rule: Rule) -> Part:
    """Return a rule as the tree of its conditions.

    Example:
        >>> from tesela.language import parse
        >>> dissect(parse("did order_completed and not did email_opened")).parts[1].join
        'not'
    """
    return _part(rule, rule.body)


def lengths(rule: Rule) -> set[tuple[int, Unit]]:
    """Return the lengths of time in a rule after which something may leave a window by itself."""
    found: set[tuple[int, Unit]] = set()
    for node in walk(rule):
        if isinstance(node, nodes.Duration) or _is_rolling(node):
            found.add((node.count, node.unit))
        elif isinstance(node, nodes.Ago):
            found |= {(count, node.unit) for count in (node.near, node.far) if count}
        elif isinstance(node, nodes.Regularly) and isinstance(node.periods, nodes.Rolling):
            found |= {(number, node.periods.unit) for number in range(1, node.periods.count + 1)}
    return found


def follows_calendar(rule: Rule) -> bool:
    """Tell whether a rule may turn because a new day begins."""
    by_day = (nodes.Calendar, nodes.Current, nodes.Previous, nodes.Birthday, nodes.Anniversary)
    return any(
        isinstance(node, by_day)
        or (isinstance(node, nodes.Rolling) and (node.forward or node.calendar))
        or (isinstance(node, nodes.Name) and node.parts == ("age",))
        for node in walk(rule)
    )


def _is_rolling(node: Node) -> TypeGuard[nodes.Rolling]:
    return isinstance(node, nodes.Rolling) and not node.forward and not node.calendar


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
    for name in _SIDES.get(type(node), ()):
        side = getattr(node, name)
        if isinstance(side, nodes.TimeSince | nodes.Length):
            side = side.value
        if not isinstance(side, _LITERALS):
            yield _text(rule, side), replace(rule, body=side)


def _text(rule: Rule, node: Node) -> str:
    return rule.text[node.span.start : node.span.end]
