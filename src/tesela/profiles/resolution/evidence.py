"""Say why subjects are one person: which identifier joined them, or that a person did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from scipy import sparse
from scipy.sparse import csgraph

from tesela.profiles.resolution.components import join_by_values
from tesela.profiles.resolution.graph import Verdict
from tesela.profiles.resolution.layers import numbers
from tesela.profiles.resolution.sets import distinct, is_among
from tesela.profiles.resolution.walk import gather, walk

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.profiles.resolution.graph import Graph
    from tesela.profiles.resolution.resolution import Resolution

DECISION = "decision"
"""Stands as the kind where a person joined two subjects."""

_BY_STRENGTH = ("rank", "with_subject_id", "subject_id", "kind", "value")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path of evidence.

    Attributes:
        subject_id: From whom.
        with_subject_id: To whom.
        kind: Kind of the identifier that both carry, or `decision`.
        value: The identifier; empty for a decision.
    """

    subject_id: int
    with_subject_id: int
    kind: str
    value: str


def find_merges(resolution: Resolution, subject_ids: NDArray[np.int64] | None = None) -> pa.Table:
    """Return what merged the subjects of each profile: one merge less than it has subjects.

    Of all that joins them the strongest is told (decisions, then kinds by priority), so that a weak identifier is
    named only where nothing stronger holds.

    Args:
        resolution: What was found.
        subject_ids: Subjects whose profiles are asked for, such as those of `resolution.changed`; None for all.

    Returns:
        Rows of `with_subject_id` (the smaller), `subject_id`, `kind` (or `decision`), `value` (empty for a
        decision); sorted by the two subjects.
    """
    asked = None if subject_ids is None else distinct(subject_ids)
    graph = gather(resolution) if asked is None else walk(resolution, asked, over=Verdict.MERGES)
    edges = _edges(resolution, graph).sort_by([(name, "ascending") for name in _BY_STRENGTH])
    ones, others = (
        np.searchsorted(graph.subject_ids, numbers(edges, name)) for name in ("with_subject_id", "subject_id")
    )
    # of several edges between the same two the strongest stays: a matrix would add them up
    strongest = np.sort(np.unique(ones * len(graph.subject_ids) + others, return_index=True)[1])
    shape = (len(graph.subject_ids), len(graph.subject_ids))
    weights = (strongest + 1).astype(np.float64)
    matrix = sparse.coo_array((weights, (ones[strongest], others[strongest])), shape=shape).tocsr()
    chosen = np.sort(csgraph.minimum_spanning_tree(matrix).data).astype(np.int64) - 1
    told = edges.take(pa.array(chosen)).select(["with_subject_id", "subject_id", "kind", "value"])
    return told.sort_by([("with_subject_id", "ascending"), ("subject_id", "ascending")]).combine_chunks()


def explain_merge(resolution: Resolution, one: int, other: int) -> tuple[Step, ...]:
    """Return the way from one subject to another over the merges of their profile; empty when they are not one.

    Args:
        resolution: What was found.
        one: Subject at which the way begins.
        other: Subject at which it ends.
    """
    near: dict[int, list[Step]] = {}
    for row in find_merges(resolution, np.array([one], np.int64)).to_pylist():
        low, high = row["with_subject_id"], row["subject_id"]
        near.setdefault(low, []).append(Step(low, high, row["kind"], row["value"]))
        near.setdefault(high, []).append(Step(high, low, row["kind"], row["value"]))
    ways: dict[int, tuple[Step, ...]] = {one: ()}
    reached = [one]
    for subject in reached:
        for step in near.get(subject, ()):
            if step.with_subject_id not in ways:
                ways[step.with_subject_id] = (*ways[subject], step)
                reached.append(step.with_subject_id)
    return ways.get(other, ())


def _edges(resolution: Resolution, graph: Graph) -> pa.Table:
    """Return what joins subjects, each with its strength; decisions are the strongest."""
    joined = join_by_values(graph, np.full(len(graph.value_ids), Verdict.MERGES, np.int16))
    named = resolution.name_values(graph.value_ids[joined.values])
    ranks = np.array([resolution.rules.rank(kind) or 0 for kind in resolution.kinds], np.int64)
    by_value = named.append_column("rank", pa.array(ranks[graph.kinds[joined.values]], pa.int64()))
    by_value = by_value.append_column("with_subject_id", pa.array(graph.subject_ids[joined.ones], pa.int64()))
    by_value = by_value.append_column("subject_id", pa.array(graph.subject_ids[joined.others], pa.int64()))
    pairs = np.array(sorted(resolution.rules.decisions.together), np.int64).reshape(-1, 2)
    pairs = pairs[is_among(pairs, graph.subject_ids).all(axis=1)]
    by_hand = pa.table(
        {
            "kind": pa.array([DECISION] * len(pairs), pa.string()),
            "value": pa.array([""] * len(pairs), by_value.schema.field("value").type),
            "rank": pa.array([-1] * len(pairs), pa.int64()),
            "with_subject_id": pairs[:, 0],
            "subject_id": pairs[:, 1],
        }
    )
    return pa.concat_tables([by_hand, by_value])
