"""Find who is connected, and take the weakest kinds from components that are too large for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from tesela.profiles.resolution.graph import Verdict
from tesela.profiles.resolution.sets import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.profiles.resolution.graph import Graph


@dataclass(frozen=True, slots=True, eq=False)
class Edges:
    """What joins subjects: each value joins its smallest subject with each of the others.

    Attributes:
        values: Places of the values in the graph; shape (edges,).
        ones: Places of the smallest subjects; shape (edges,).
        others: Places of the others; shape (edges,).
    """

    values: NDArray[np.int64]
    ones: NDArray[np.int32]
    others: NDArray[np.int32]

    def where(self, is_kept: NDArray[np.bool_]) -> Edges:
        """Return some of the edges."""
        return Edges(self.values[is_kept], self.ones[is_kept], self.others[is_kept])


@dataclass(frozen=True, slots=True)
class Drop:
    """A kind that a component had to lose.

    Attributes:
        root: Place of the smallest subject of the component as it was before.
        size: How many subjects it had before.
        kind: Code of the kind.
    """

    root: int
    size: int
    kind: int


def join_by_values(graph: Graph, verdicts: NDArray[np.int16]) -> Edges:
    """Return the edges of the values that merge; a value with one subject has none."""
    degrees = np.diff(graph.offsets)
    values = np.flatnonzero((verdicts == Verdict.MERGES) & (degrees > 1))
    places, members = graph.links_of(values)
    firsts = graph.members[graph.offsets[values]]
    is_other = np.ones(len(members), bool)
    is_other[np.cumsum(degrees[values]) - degrees[values]] = False
    places = places[is_other]
    return Edges(values[places], firsts[places], members[is_other])


def find_roots(count: int, ones: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the smallest node that each of `count` nodes is connected with, itself included."""
    if not len(ones):
        return np.arange(count, dtype=np.int32)
    weights = np.ones(len(ones), np.int8)
    matrix = sparse.coo_array((weights, (ones, others)), shape=(count, count)).tocsr()
    labels = csgraph.connected_components(matrix, directed=False)[1]
    roots = np.empty(count, np.int32)
    # later writes win: the smallest node of a label is written last
    roots[labels[::-1]] = np.arange(count - 1, -1, -1, dtype=np.int32)
    found: NDArray[np.int32] = roots[labels]
    return found


def fit_components(
    graph: Graph, verdicts: NDArray[np.int16], *, ranks: NDArray[np.int64], largest: int
) -> tuple[NDArray[np.int32], list[Drop]]:
    """Return each subject's root, with kinds dropped from the weakest where a component is too large.

    Args:
        graph: The links.
        verdicts: Of each value, shape (values,); those of dropped values are changed to say so.
        ranks: Place of each kind in the priority, by code; the weakest is the largest.
        largest: How many subjects fit.
    """
    edges = join_by_values(graph, verdicts)
    roots = find_roots(len(graph.subject_ids), edges.ones, edges.others)
    drops: list[Drop] = []
    codes = graph.kinds
    for rank in np.unique(ranks)[::-1]:
        sizes = np.bincount(roots, minlength=len(roots))
        is_over = sizes > largest
        if not is_over.any():
            break
        edges = edges.where(is_over[roots[edges.ones]])
        is_dropped = ranks[codes[edges.values]] == rank
        dropped = distinct(edges.values[is_dropped])
        lost = np.stack([roots[graph.members[graph.offsets[dropped]]], codes[dropped]], axis=1)
        drops += [Drop(int(root), int(sizes[root]), int(kind)) for root, kind in np.unique(lost, axis=0)]
        verdicts[dropped] = Verdict.DROPPED
        edges = edges.where(~is_dropped)
        subjects = np.flatnonzero(is_over[roots])
        place = np.searchsorted(subjects, edges.ones), np.searchsorted(subjects, edges.others)
        roots[subjects] = subjects[find_roots(len(subjects), *(each.astype(np.int32) for each in place))]
    return roots, drops
