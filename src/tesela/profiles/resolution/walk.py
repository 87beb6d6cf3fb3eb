"""Gather the links of components: of all, or by a walk from some subjects to the ends of theirs."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pyarrow.compute as pc

from tesela.profiles.resolution.graph import Graph, Verdict, index_subjects
from tesela.profiles.resolution.layers import lists, numbers
from tesela.profiles.resolution.sets import distinct, is_among, without

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

    from tesela.profiles.resolution.resolution import Resolution

    Ids = NDArray[np.int64]


def walk(resolution: Resolution, starts: Ids, *, over: Verdict = Verdict.PARTED) -> Graph:
    """Return everything that is connected with some subjects: by values and by decisions.

    Args:
        resolution: What the links are, and which values are barred.
        starts: Subjects, rising; those without a value are left out.
        over: Which values to go over: `PARTED` for all that are not barred, which gives components as they are before
            kinds are dropped and values parted, or `MERGES` for the profiles that were found.

    Returns:
        The subjects reached, and all links of the values gone over.
    """
    subjects, values = np.empty(0, np.int64), np.empty(0, np.int64)
    front = seen = starts
    while len(front):
        rows = resolution.subjects.find(front, ["subject_id", "values"])
        offsets, carried = lists(rows, "values")
        front = numbers(rows, "subject_id")[np.diff(offsets) > 0]
        subjects = distinct(subjects, front)
        found = resolution.values.find(without(distinct(carried), values), ["value_id", "verdict"])
        merging = numbers(found, "value_id")[numbers(found, "verdict") <= over]
        values = distinct(values, merging)
        near = lists(resolution.values.find(merging, ["value_id", "subjects"]), "subjects")[1]
        front = without(distinct(near, joined_by_hand(resolution, front)), seen)
        seen = distinct(seen, front)
    return _graph(subjects, resolution.values.find(values, ["value_id", "subjects"]))


def joined_by_hand(resolution: Resolution, subjects: Ids) -> Ids:
    """Return whom people joined with some subjects, given rising; whether they are there or not."""
    pairs = _both_ways(resolution.rules.decisions.together)
    others: Ids = pairs[is_among(pairs[:, 0], subjects), 1]
    return others


def gather(resolution: Resolution) -> Graph:
    """Return what a walk over `MERGES` from all subjects gives, without walking."""
    rows = resolution.values.all(["value_id", "verdict", "subjects"])
    merging = rows.filter(pc.equal(rows.column("verdict"), int(Verdict.MERGES)))
    return _graph(numbers(resolution.profiles(), "subject_id"), merging)


def _graph(subjects: Ids, rows: pa.Table) -> Graph:
    """Return the graph of rows of values, all of whose subjects are among the rising `subjects`."""
    offsets, members = lists(rows, "subjects")
    places = index_subjects(subjects, members)
    return Graph(subjects, numbers(rows, "value_id"), offsets, places)


@lru_cache(maxsize=4)
def _both_ways(pairs: frozenset[tuple[int, int]]) -> Ids:
    one_way = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    return np.concatenate([one_way, one_way[:, ::-1]])
