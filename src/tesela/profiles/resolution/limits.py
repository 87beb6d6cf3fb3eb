"""Find values that too many people share: a till's e-mail, a family's tablet.

The count looks at the graph as it stands: the subjects that carry a value, and the values of a unique kind that
these subjects carry between them. Who came first plays no part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.profiles.resolution.graph import Verdict, spread
from tesela.profiles.resolution.sets import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.profiles.resolution.graph import Graph
    from tesela.profiles.resolution.rules import IdentityRules

_NO_LIMIT = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True, eq=False)
class Excess:
    """Values that stand with more distinct values of a unique kind than one person has.

    Attributes:
        values: Places in the graph, rising; shape (shared,).
        kind: Code of the unique kind.
        distinct: How many distinct ones; shape (shared,).
    """

    values: NDArray[np.int64]
    kind: int
    distinct: NDArray[np.int64]


def find_excess(
    graph: Graph, verdicts: NDArray[np.int16], *, kinds: tuple[str, ...], rules: IdentityRules
) -> list[Excess]:
    """Return the values over a limit, for each unique kind; blocked values neither count nor are counted.

    Args:
        graph: All links of the values in question, and all unique values of their subjects.
        verdicts: Of each value; shape (values,).
        kinds: Names of the kinds, by code.
        rules: Whose limits.
    """
    return [
        _excess(graph, verdicts, code, np.array([rules.most(kind, unique) or _NO_LIMIT for kind in kinds]))
        for code, unique in enumerate(kinds)
        if rules.is_unique(unique)
    ]


def _excess(graph: Graph, verdicts: NDArray[np.int16], code: int, most: NDArray[np.int64]) -> Excess:
    codes = graph.kinds
    unique = np.flatnonzero((codes == code) & (verdicts < Verdict.BLOCKED))
    places, holders = graph.links_of(unique)
    lowest = np.full(len(graph.subject_ids), len(unique), np.int32)
    highest = np.full(len(graph.subject_ids), -1, np.int32)
    # places rise, and the last one written counts
    highest[holders] = places
    lowest[holders[::-1]] = places[::-1]
    several = _with_several(graph, verdicts, lowest, highest)
    distinct = _count_distinct(graph, several, holders=holders, places=places)
    is_over = distinct > most[codes[several]]
    return Excess(several[is_over], code, distinct[is_over])


def _with_several(
    graph: Graph, verdicts: NDArray[np.int16], lowest: NDArray[np.int32], highest: NDArray[np.int32]
) -> NDArray[np.int64]:
    """Return the values whose subjects carry at least two distinct unique values between them.

    Args:
        graph: The links.
        verdicts: Of each value.
        lowest: Smallest unique value of each subject; where it has none, larger than any.
        highest: Largest unique value of each subject; -1 where it has none.
    """
    # a value of one subject is among them only when that subject carries several itself
    carries_one = not (lowest < highest).any()
    values = np.flatnonzero((verdicts < Verdict.BLOCKED) & (np.diff(graph.offsets) > int(carries_one)))
    if not len(values):
        return values
    _, members = graph.links_of(values)
    begins = np.cumsum(np.diff(graph.offsets)[values])
    begins[1:], begins[0] = begins[:-1].copy(), 0
    low = np.minimum.reduceat(lowest[members], begins)
    high = np.maximum.reduceat(highest[members], begins)
    return values[low < high]


def _count_distinct(
    graph: Graph, values: NDArray[np.int64], *, holders: NDArray[np.int32], places: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how many distinct unique values stand with each value.

    Args:
        graph: The links.
        values: Places of the values in question.
        holders: Subjects of the links of unique values.
        places: Which unique value each of these links is of.
    """
    of_value, subjects = graph.links_of(values)
    order = np.argsort(holders, kind="stable")
    offsets = np.searchsorted(holders[order], np.arange(len(graph.subject_ids) + 1))
    of_link, items = spread(offsets, subjects.astype(np.int64))
    width = len(places) + 1
    pairs = distinct(of_value[of_link] * width + places[order][items])
    return np.bincount(pairs // width, minlength=len(values))
