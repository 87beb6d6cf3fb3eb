"""Combine sets by the words that combine conditions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.language import dissect, named_segments, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pyroaring import BitMap64

    from tesela.language import Part

_NAMES = "in segment "


def combine_sets(expression: str, find: Callable[[str], BitMap64], everyone: BitMap64) -> BitMap64:
    """Return the set that a combination of names stands for.

    Args:
        expression: Names with `and`, `or`, `xor`, `not`, `at least 2 of (…)` and parentheses.
        find: Gives the set of a name.
        everyone: What `not` takes from.

    Raises:
        InputError: when it cannot be read, or is more than a combination.
    """

    def combined(part: Part) -> BitMap64:
        sets = [combined(each) for each in part.parts]
        match part.join:
            case "one":
                return find(_name(part))
            case "not":
                return everyone - sets[0]
            case "either":
                return sets[0] ^ sets[1]
            case "some":
                return _in_so_many(sets, part.needed, everyone)
        first, *rest = sets
        for each in rest:
            first = first & each if part.join == "all" else first | each
        return first

    return combined(dissect(parse(expression)))


def _name(part: Part) -> str:
    name = part.text.strip()
    if name.startswith(_NAMES):
        name, *_ = named_segments(part.rule)
    elif not name.isidentifier():
        raise InputError("segments.not_a_combination", part=name)
    return name


def _in_so_many(sets: Sequence[BitMap64], needed: tuple[int | None, int | None], everyone: BitMap64) -> BitMap64:
    """Return who is in so many of the sets, from who is in at least none, one, two and more."""
    low, high = needed[0] or 0, len(sets) if needed[1] is None else needed[1]
    at_least = [everyone] + [everyone - everyone] * (len(sets) + 1)
    for one in sets:
        at_least[0] = at_least[0] | one
        for number in range(len(sets), 0, -1):
            at_least[number] = at_least[number] | (at_least[number - 1] & one)
    held = at_least[min(low, len(sets) + 1)] - at_least[min(high, len(sets)) + 1]
    return held & everyone if low == 0 else held
