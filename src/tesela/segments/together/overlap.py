"""Where segments overlap: pairs, exact combinations, and how many segments each person is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pyroaring import BitMap64

    from tesela.segments.sets import MemberSets


@dataclass(frozen=True, slots=True)
class Combination:
    """The people who are in exactly these of the segments asked about.

    Attributes:
        segments: Slugs, in the order asked.
        people: How many.
    """

    segments: tuple[str, ...]
    people: int


@dataclass(frozen=True, slots=True)
class Overlap:
    """How segments share people.

    Attributes:
        slugs: Which segments, in their order.
        shared: How many people each shares with each, as rows of a matrix.
        combinations: Exact combinations that somebody is in, the largest first: what an UpSet chart shows.
        pressure: How many people are in exactly so many of the segments, from 1 on.
    """

    slugs: tuple[str, ...]
    shared: list[list[int]]
    combinations: tuple[Combination, ...]
    pressure: dict[int, int]

    def share(self, one: str, other: str) -> float | None:
        """Return how much of a segment is also in another one, 0 to 1; None when it is empty."""
        row, column = self.slugs.index(one), self.slugs.index(other)
        return self.shared[row][column] / self.shared[row][row] if self.shared[row][row] else None

    def in_more_than(self, count: int) -> int:
        """Return how many people are in more than so many of the segments."""
        return sum(people for segments, people in self.pressure.items() if segments > count)


def find_overlap(sets: MemberSets, slugs: Sequence[str]) -> Overlap:
    """Return how segments share people, anonymous visitors included where a segment has them.

    Raises:
        NotFoundError: when the sets have no such segment.
    """
    asked = tuple(dict.fromkeys(slugs))
    members = [sets.of(slug) for slug in asked]
    combinations = tuple(
        Combination(tuple(slug for slug, is_in in zip(asked, held, strict=True) if is_in), people)
        for held, people in _combinations(members)
    )
    pressure: dict[int, int] = {}
    for each in combinations:
        pressure[len(each.segments)] = pressure.get(len(each.segments), 0) + each.people
    return Overlap(asked, sets.overlap(asked), combinations, dict(sorted(pressure.items())))


def _combinations(members: Sequence[BitMap64]) -> list[tuple[tuple[bool, ...], int]]:
    """Split the people of each segment by those of the next: as many pieces as there are combinations."""
    pieces: list[tuple[tuple[bool, ...], BitMap64]] = []
    seen: BitMap64 | None = None
    for place, own in enumerate(members):
        split = [
            ((*held, is_in), part)
            for held, people in pieces
            for is_in, part in ((True, people & own), (False, people - own))
            if part
        ]
        fresh = own if seen is None else own - seen
        if fresh:
            split.append(((*(False,) * place, True), fresh))
        pieces, seen = split, own if seen is None else seen | own
    counted = [(held, len(people)) for held, people in pieces]
    return sorted(counted, key=lambda each: (-each[1], tuple(not is_in for is_in in each[0])))
