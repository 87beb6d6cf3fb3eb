"""Who moved between segments from one moment to another: how many came and went, and from where to where."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import TYPE_CHECKING

from tesela.base import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyroaring import BitMap64

    from tesela.segments.sets import MemberSets

NOWHERE = "-"
"""Stands for being in none of the segments asked about; no segment can be called so."""


@dataclass(frozen=True, slots=True)
class Turnover:
    """How one segment went: its size before, plus who entered, minus who left, is its size after.

    Attributes:
        segment: Slug.
        before: People in it at the first moment.
        entered: Who was not in it then, and is at the second.
        left: Who was in it then, and is no longer.
    """

    segment: str
    before: int
    entered: int
    left: int

    @property
    def after(self) -> int:
        """People in it at the second moment."""
        return self.before + self.entered - self.left


@dataclass(frozen=True, slots=True)
class Flow:
    """How many people were in one segment at the first moment and are in another at the second.

    Attributes:
        source: Slug, or `-`.
        target: Slug, or `-`.
        people: How many.
        moved: How many of them have left the source and entered the target.
    """

    source: str
    target: str
    people: int
    moved: int


@dataclass(frozen=True, slots=True)
class Movement:
    """How people moved between segments.

    Attributes:
        slugs: Which segments, in their order.
        then: Who was in each at the first moment; under `-` those who were in none of them.
        now: Who is in each at the second moment; under `-` those who are in none.
    """

    slugs: tuple[str, ...]
    then: Mapping[str, BitMap64]
    now: Mapping[str, BitMap64]

    def turnovers(self) -> list[Turnover]:
        """Return how each segment went."""
        return [
            Turnover(slug, len(then), len(now - then), len(then - now))
            for slug, then, now in ((slug, self.then[slug], self.now[slug]) for slug in self.slugs)
        ]

    def flows(self) -> list[list[Flow]]:
        """Return a matrix: rows by source, columns by target, the people in none of the segments last."""
        places = (*self.slugs, NOWHERE)
        left = {place: self.then[place] - self.now[place] for place in places}
        entered = {place: self.now[place] - self.then[place] for place in places}

        def flow(source: str, target: str) -> Flow:
            people = self.then[source].intersection_cardinality(self.now[target])
            return Flow(source, target, people, left[source].intersection_cardinality(entered[target]))

        return [[flow(source, target) for target in places] for source in places]

    def moves(self) -> list[Flow]:
        """Return the flows of people who left one segment and entered another, the largest first."""
        each = [flow for row in self.flows() for flow in row if flow.moved]
        return sorted(each, key=lambda flow: -flow.moved)

    def movers(self, source: str | None = None, target: str | None = None) -> BitMap64:
        """Return who left one segment and entered another; with one of them alone, who left it, or entered it.

        Args:
            source: Slug, or `-`; None is anywhere.
            target: Slug, or `-`; None is anywhere.

        Raises:
            NotFoundError: when it is none of the segments asked about, nor `-`.
        """
        for name in (source, target):
            if name is not None and name not in self.now:
                known = ", ".join((*self.slugs, NOWHERE))
                raise NotFoundError("segments.together.not_asked", segment=name, known=known)
        moved = [] if source is None else [self.then[source] - self.now[source]]
        moved += [] if target is None else [self.now[target] - self.then[target]]
        return reduce(and_, moved) if moved else self.now[NOWHERE] - self.now[NOWHERE]


def find_movement(before: MemberSets, after: MemberSets, slugs: Sequence[str]) -> Movement:
    """Return how people moved between some segments from one moment to another.

    A segment that there was not at one of the moments had nobody in it then. Whoever was not in the base, or is no
    longer, was or is in none of the segments.

    Raises:
        NotFoundError: when there was no such segment at either moment.
    """
    asked = tuple(dict.fromkeys(slugs))
    nobody = after.base - after.base
    then, now = {}, {}
    for slug in asked:
        then[slug] = before.members.get(slug, nobody)
        now[slug] = nobody if slug in before.members and slug not in after.members else after.of(slug)
    everybody = reduce(or_, (*then.values(), *now.values()), before.base | after.base)
    for each in (then, now):
        each[NOWHERE] = everybody - reduce(or_, each.values(), nobody)
    return Movement(asked, then, now)
