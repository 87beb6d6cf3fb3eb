"""Refuse what can be written but can never be: nobody would ever be in, and nobody would know why.

Looks at one resolved node at a time: a range that ends before it begins, a text that is none, a number that the value
beside it never is, an order of weekdays.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tesela.language import words
from tesela.language.folding import fold
from tesela.language.nodes import (
    Aggregate,
    Between,
    Comparison,
    Consent,
    Decile,
    EventClock,
    GeoTest,
    If,
    Instant,
    ListTest,
    Node,
    Number,
    OneOf,
    Percentile,
    Sequence,
    StoredTrait,
    Text,
    TextTest,
)
from tesela.language.places import refuse, unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from decimal import Decimal

_WRITTEN = (Number, Instant, Text)
# what an address can have said last
_ANSWERS = ("yes", "no")


class _Range(NamedTuple):
    """What a value can be: from, to, and whether it is whole."""

    low: int
    high: int
    is_whole: bool = False

    def has(self, number: Decimal) -> bool:
        return self.low <= number <= self.high and not (self.is_whole and number % 1)


def check_sense(node: Node, text: str) -> None:
    """Refuse a node that can never hold.

    Args:
        node: Resolved; what stands inside it has been looked at.
        text: The rule it is of.

    Raises:
        InputError: when it makes no sense, with the reason.
        NotFoundError: when it names a weekday that is none, or a text that the value beside it never is.
    """
    if isinstance(node, Comparison):
        _check_sides(node, text)
    elif isinstance(node, Between):
        _check_order(node, text)
    elif isinstance(node, OneOf):
        _check_list(node, text)
    elif isinstance(node, TextTest) or (isinstance(node, ListTest) and node.kind is not None):
        _check_needle(node, text)
    elif isinstance(node, ListTest) and not any(item.strip() for item in node.items):
        raise refuse("blank_item", text, node.span)
    elif isinstance(node, GeoTest) and node.kilometres < 0:
        raise refuse("not_a_distance", text, node.span, km=node.kilometres)
    elif isinstance(node, Sequence) and (node.steps[0].within or node.steps[0].same):
        raise refuse("first_step_alone", text, node.steps[0].span)


def _check_sides(node: Comparison, text: str) -> None:
    for value, other in ((node.left, node.right), (node.right, node.left)):
        if isinstance(other, Text):
            if not other.value.strip():
                raise refuse("blank_text", text, node.span)
            _check_texts(value, [other.value], node, text)
        if isinstance(other, Number):
            _check_numbers(value, [other.value], node, text)
        if _is_weekday(value) and node.operator not in ("=", "!="):
            raise refuse("weekday_order", text, node.span)


def _check_order(node: Between, text: str) -> None:
    if _is_weekday(node.value):
        raise refuse("weekday_order", text, node.span)
    bounds = [each for each in (node.low, node.high) if isinstance(each, _WRITTEN)]
    _check_numbers(node.value, (each.value for each in bounds if isinstance(each, Number)), node, text)
    if len(bounds) < 2 or type(bounds[0]) is not type(bounds[1]):
        return
    low, high = (each.at if isinstance(each, Instant) else each.value for each in bounds)
    if low > high:  # type: ignore[operator]  # they are of one kind
        code = "hours_backwards" if isinstance(node.value, EventClock) else "range_backwards"
        first, last = (text[each.span.start : each.span.end] for each in bounds)
        raise refuse(code, text, node.span, first=first, last=last)


def _check_list(node: OneOf, text: str) -> None:
    texts = [*node.texts, *(item.value for item in node.items if isinstance(item, Text))]
    if texts and not any(each.strip() for each in texts):
        raise refuse("blank_text", text, node.span)
    _check_texts(node.value, texts, node, text)
    numbers = (*node.numbers, *(item.value for item in node.items if isinstance(item, Number)))
    _check_numbers(node.value, numbers, node, text)


def _check_needle(node: TextTest | ListTest, text: str) -> None:
    if not (node.needle if node.exactly else fold(node.needle)):
        raise refuse("empty_needle", text, node.span)


def _check_texts(value: Node, texts: Iterable[str], node: Node, text: str) -> None:
    code = "unknown_weekday" if _is_weekday(value) else "unknown_value"
    possible = words.WEEKDAYS if _is_weekday(value) else _texts_of(value)
    for each in texts if possible else ():
        if each not in possible:
            # what can be there is few, and told whole where nothing is near
            raise unknown(code, text, node.span, each, possible, known=", ".join(possible))


def _texts_of(value: Node) -> tuple[str, ...]:
    """Return the texts that a value can be; none where it can be any."""
    if isinstance(value, If):
        parts = (value.then, value.otherwise)
        texts = [(each.value,) if isinstance(each, Text) else _texts_of(each) for each in parts]
        return (*texts[0], *texts[1]) if all(texts) else ()
    if isinstance(value, Consent):
        return _ANSWERS if value.part == "status" else ()
    return value.texts if isinstance(value, StoredTrait) else ()


def _check_numbers(value: Node, numbers: Iterable[Decimal], node: Node, text: str) -> None:
    possible = _range_of(value)
    for number in numbers if possible else ():
        if possible and not possible.has(number):
            code = "share_as_percent" if isinstance(value, Aggregate) else "never_so_large"
            raise refuse(code, text, node.span, number=f"{number:f}", low=possible.low, high=possible.high)


def _range_of(value: Node) -> _Range | None:
    if isinstance(value, EventClock) and value.part == "hour":
        return _Range(0, 23, is_whole=True)
    if isinstance(value, Decile):
        return _Range(1, 10, is_whole=True)
    if isinstance(value, Percentile):
        return _Range(0, 100)
    if isinstance(value, Aggregate) and value.function == "share" and value.events.value is None:
        return _Range(0, 1)
    return None


def _is_weekday(node: Node) -> bool:
    return isinstance(node, EventClock) and node.part == "weekday"
