"""Combine sets by the words that combine conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from tesela.language.nodes import And, InSegment, Name, Node, Not, OfThese, Or, Xor
from tesela.language.parsing import parse
from tesela.language.places import refuse

if TYPE_CHECKING:
    from collections.abc import Callable


class _Set(Protocol):
    def __and__(self: S, other: S, /) -> S: ...
    def __or__(self: S, other: S, /) -> S: ...
    def __xor__(self: S, other: S, /) -> S: ...
    def __sub__(self: S, other: S, /) -> S: ...


S = TypeVar("S", bound=_Set)


def combine_sets(expression: str, find: Callable[[str], S], everyone: S) -> S:
    """Return the set that a combination of names stands for.

    Args:
        expression: Names with `and`, `or`, `xor`, `not`, `at least 2 of (…)` and parentheses.
        find: Gives the set of a name.
        everyone: What `not` takes from.

    Raises:
        InputError: when it cannot be read, or is more than a combination.
    """

    def combined(node: Node) -> S:
        if isinstance(node, Name) and len(node.parts) == 1:
            return find(node.parts[0])
        if isinstance(node, InSegment):
            return find(node.slug)
        if isinstance(node, Not):
            return everyone - combined(node.item)
        if isinstance(node, Xor):
            return combined(node.left) ^ combined(node.right)
        if isinstance(node, And | Or):
            first, *rest = map(combined, node.items)
            for each in rest:
                first = first & each if isinstance(node, And) else first | each
            return first
        if isinstance(node, OfThese):
            return _in_so_many([combined(item) for item in node.items], node, everyone)
        raise refuse("not_a_combination", expression, node.span)

    return combined(parse(expression).body)


def _in_so_many(sets: list[S], node: OfThese, everyone: S) -> S:
    """Return who is in so many of the sets, from who is in at least none, one, two and more."""
    low, high = node.minimum or 0, len(sets) if node.maximum is None else node.maximum
    at_least = [everyone] + [everyone - everyone] * (len(sets) + 1)
    for one in sets:
        at_least[0] = at_least[0] | one
        for number in range(len(sets), 0, -1):
            at_least[number] = at_least[number] | (at_least[number - 1] & one)
    held = at_least[min(low, len(sets) + 1)] - at_least[min(high, len(sets)) + 1]
    return held & everyone if low == 0 else held
