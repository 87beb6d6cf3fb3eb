"""From scored pairs to groups: who is one person, so that no pair inside contradicts the others.

Single links chain: A is like B, B like C, and A and C differ in everything. Here two groups become one where all pairs
between them speak for it on average (average linkage), also those pairs that no common value had brought up.

Sources:
    Sokal and Michener (1958), "A statistical method for evaluating systematic relationships" (average linkage).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Set

    from numpy.typing import NDArray

    from tesela.profiles.matching.pairs import Floats, Ints, Pairs

LARGEST_GROUP = 200
"""How many people may hang together before only the stronger pairs among them count."""

# a single pair says at most so much for or against a group
_MOST = 12.0
_TOLD_APART = -1e6
_HIGHEST_BAR = 30


@dataclass(frozen=True, slots=True)
class Link:
    """Two people who are probably one.

    Attributes:
        one, other: The profiles, the smaller number first: of all pairs between two groups the strongest.
        weight: Bits of evidence for their groups being one person, on average over the pairs between them.
    """

    one: int
    other: int
    weight: float


def group_pairs(
    pairs: Pairs,
    within: Callable[[Ints, Ints], Pairs],
    *,
    apart: Set[tuple[int, int]],
    least: float,
) -> tuple[list[Link], int]:
    """Return the links that make groups, and how many people hang together so closely that none is proposed.

    Args:
        pairs: All pairs that may be one person.
        within: Scores all pairs inside groups.
        apart: Pairs of profiles that are known to be two people.
        least: Weight from which groups are linked.
    """
    people, ends = np.unique(np.concatenate([pairs.one, pairs.other]), return_inverse=True)
    one, other = ends[: len(pairs.one)], ends[len(pairs.one) :]
    labels = _hanging_together(one, other, pairs.weight, len(people), least)
    sizes = np.bincount(labels, minlength=1)
    is_grouped = (sizes[labels] > 1) & (sizes[labels] <= LARGEST_GROUP)
    crowd = int((sizes[labels] > LARGEST_GROUP).sum())
    if not is_grouped.any():
        return [], crowd
    scored = within(people[is_grouped], labels[is_grouped].astype(np.int64))
    found = [link for group in _groups(people, labels, scored) for link in _link(*group, apart, least)]
    return sorted(found, key=lambda link: (-link.weight, link.one, link.other)), crowd


def _hanging_together(one: Ints, other: Ints, weights: Floats, count: int, least: float) -> NDArray[np.int32]:
    """Return the group of each person: a component of the pairs that count; what is too large loses weaker pairs."""
    counts = weights >= least
    for bar in range(_HIGHEST_BAR):
        graph = coo_matrix((np.ones(int(counts.sum()), np.int8), (one[counts], other[counts])), shape=(count, count))
        labels: NDArray[np.int32] = connected_components(graph, directed=False)[1]
        too_large = np.bincount(labels, minlength=1)[labels[one]] > LARGEST_GROUP
        if not (counts & too_large).any():
            break
        counts &= ~too_large | (weights > least + bar)
    return labels


def _groups(people: Ints, labels: NDArray[np.int32], scored: Pairs) -> Iterator[tuple[Ints, NDArray[np.float64]]]:
    """Return the members of each group with the weights of all pairs inside, as a square."""
    of_one = labels[np.searchsorted(people, scored.one)]
    order = np.argsort(of_one, kind="stable")
    begins = np.unique(of_one[order], return_index=True)[1]
    for begin, end in zip(begins, [*begins[1:], len(order)], strict=True):
        rows = order[begin:end]
        members = np.union1d(scored.one[rows], scored.other[rows])
        square = np.full((len(members), len(members)), -_MOST)
        ones, others = (np.searchsorted(members, ends[rows]) for ends in (scored.one, scored.other))
        square[ones, others] = square[others, ones] = scored.weight[rows]
        yield members, square


def _link(members: Ints, square: NDArray[np.float64], apart: Set[tuple[int, int]], least: float) -> Iterator[Link]:
    clipped = np.clip(square, -_MOST, _MOST)
    for row in range(len(members)):
        for column in range(row + 1, len(members)):
            if (int(members[row]), int(members[column])) in apart:
                clipped[row, column] = clipped[column, row] = _TOLD_APART
    upper = np.triu_indices(len(members), 1)
    groups: list[list[int]] = [[place] for place in range(len(members))]
    for left, right, distance, _ in linkage(_MOST - clipped[upper], "average"):
        weight = _MOST - distance
        if weight < least:
            return
        one, other = groups[int(left)], groups[int(right)]
        between = square[np.ix_(one, other)]
        at, to = np.unravel_index(int(between.argmax()), between.shape)
        ends = sorted((int(members[one[at]]), int(members[other[to]])))
        yield Link(ends[0], ends[1], round(float(weight), 4))
        groups.append(sorted(one + other))
