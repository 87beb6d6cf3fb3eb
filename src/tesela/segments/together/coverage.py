"""What a set of segments covers of the base, what it leaves out, and which of them are too small or too large."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyroaring import BitMap64

    from tesela.segments.sets import MemberSets

SizeWarning = Literal["nobody", "too_small", "too_large", "everybody"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the base is in at least one of some segments.

    Attributes:
        base: How many people are in the base.
        covered: How many of them are in at least one of the segments.
        remainder: Those who are in none.
        sizes: How many of the base are in each segment, by slug.
        alone: How many of the base are in this one of the segments and in no other, by slug.
    """

    base: int
    covered: int
    remainder: BitMap64
    sizes: dict[str, int]
    alone: dict[str, int]

    @property
    def share(self) -> float | None:
        """The covered share of the base, 0 to 1; None when the base is empty."""
        return self.covered / self.base if self.base else None


@dataclass(frozen=True, slots=True)
class Fit:
    """Whether a segment is of a size with which something can be learned.

    Attributes:
        size: People in it.
        rest: People of the base outside it.
        needed: How many it takes; None where that cannot be told.
        warning: What is wrong with its size; None when nothing is.
    """

    size: int
    rest: int
    needed: int | None
    warning: SizeWarning | None


def find_coverage(sets: MemberSets, slugs: Sequence[str]) -> Coverage:
    """Return what segments cover of the base; anonymous visitors count nowhere.

    Raises:
        NotFoundError: when the sets have no such segment.
    """
    own = {slug: sets.of(slug) & sets.base for slug in slugs}
    nobody = sets.base - sets.base
    once, more = nobody, nobody
    for members in own.values():
        more = more | (once & members)
        once = once | members
    covered = reduce(or_, own.values(), nobody)
    alone = {slug: len(members - more) for slug, members in own.items()}
    sizes = {slug: len(members) for slug, members in own.items()}
    return Coverage(len(sets.base), len(covered), sets.base - covered, sizes, alone)


def judge_size(size: int, base: int, needed: int | None) -> Fit:
    """Return whether a segment is too small for anything to be learned in it, or too large to be compared.

    Args:
        size: People in it.
        base: People in the base.
        needed: How many it takes in one of two groups for a change to be seen; None where nothing tells.
    """
    rest = base - size
    warning: SizeWarning | None = None
    if not size:
        warning = "nobody"
    elif not rest:
        warning = "everybody"
    elif needed is not None and size < 2 * needed:
        warning = "too_small"
    elif needed is not None and rest < needed:
        warning = "too_large"
    return Fit(size, rest, needed, warning)
