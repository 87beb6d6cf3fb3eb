"""Who is who: a profile for every subject, with what was found of every identifier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesela.profiles.resolution.graph import Graph, Verdict, distinct_subjects, index_subjects, kind_codes
from tesela.profiles.resolution.layers import list_column, lists, numbers
from tesela.profiles.resolution.limits import find_excess
from tesela.profiles.resolution.sets import distinct, is_among

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.profiles.resolution.dictionary import Dictionary
    from tesela.profiles.resolution.layers import Layers
    from tesela.profiles.resolution.rules import IdentityRules

    _Barred = tuple[NDArray[np.int64], str, str, NDArray[np.int64] | None]


@dataclass(frozen=True, slots=True, eq=False)
class Resolution:
    """What the links of all records say under the rules: a function of the set of links, and of nothing else.

    Attributes:
        rules: The rules it was found by.
        kinds: Names of the kinds of identifier met, by code; with their source where they have one.
        changed: Rows of `subject_id`, `profile_id` that this resolution has and the previous one had not; missing
            when the subject has gone. All subjects, where there is no previous one.
        drops: Rows of `profile_id` (of the component before), `size` (subjects before), `kind`: kinds that
            components had to lose to fit, sorted by profile and kind.
        values: State: `value_id`, `verdict`, `text`, `subjects`, in layers.
        subjects: State: `subject_id`, `profile_id`, `values`, in layers; a subject without values is gone.
        dictionary: State: numbers of the texts.
        touched: Subjects looked at anew, rising: of nobody else has anything changed, evidence included; None for all.
    """

    rules: IdentityRules
    kinds: tuple[str, ...]
    changed: pa.Table
    drops: pa.Table
    values: Layers
    subjects: Layers
    dictionary: Dictionary
    touched: NDArray[np.int64] | None = None

    def profiles(self) -> pa.Table:
        """Return rows of `subject_id`, `profile_id`: the smallest subject of the same person; sorted by subject."""
        rows = self.subjects.all(["subject_id", "profile_id"])
        return rows.filter(pc.is_valid(rows.column("profile_id")))

    def barred(self, among: NDArray[np.int64] | None = None) -> pa.Table:
        """Return the identifiers that merge nobody, and why; sorted by kind, value and reason.

        Args:
            among: Numbers of the values asked about, rising; None for all.

        Returns:
            Rows of `kind`, `value`, `reason` (`blocked`, `shared`, or `kept_apart` by a decision), `detail` (the
            block's reason, or the unique kind of which it met too many), `distinct` (how many it met; else missing).
        """
        columns = ["value_id", "verdict", "subjects"]
        rows = self.values.all(columns) if among is None else self.values.find(among, columns)
        rows = rows.filter(pc.greater(pc.list_value_length(rows.column("subjects")), 0))
        verdicts, ids = numbers(rows, "verdict"), numbers(rows, "value_id")
        found: list[_Barred] = [(ids[verdicts == Verdict.PARTED], "kept_apart", "", None)]
        found += [
            (ids[verdicts == Verdict.BLOCKED + place], "blocked", block.reason, None)
            for place, block in enumerate(self.rules.blocks)
        ]
        graph, known = counting_graph(self, ids[verdicts == Verdict.SHARED])
        for excess in find_excess(graph, known, kinds=self.kinds, rules=self.rules):
            is_shared = known[excess.values] == Verdict.SHARED
            found.append(
                (
                    graph.value_ids[excess.values[is_shared]],
                    "shared",
                    self.kinds[excess.kind],
                    excess.distinct[is_shared],
                )
            )
        return _told(self, found)

    def links(self) -> pa.Table:
        """Return the links it was found from: rows of `subject_id`, `kind`, `value`; sorted by kind and value."""
        rows = self.values.all()
        offsets, subjects = lists(rows, "subjects")
        named = self.name_values(numbers(rows, "value_id"))
        of_link = pa.array(np.repeat(np.arange(rows.num_rows), np.diff(offsets)))
        return named.take(of_link).add_column(0, "subject_id", pa.array(subjects)).combine_chunks()

    def values_of(self, subject_ids: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the numbers of the values that some subjects carry, rising."""
        return distinct(lists(self.subjects.find(subject_ids, ["subject_id", "values"]), "values")[1])

    def name_values(self, value_ids: NDArray[np.int64]) -> pa.Table:
        """Return rows of `kind`, `value` for the numbers of values, in their order."""
        distinct, places = np.unique(value_ids, return_inverse=True)
        rows = self.values.find(distinct, ["value_id", "text"]).take(pa.array(places))
        kinds = pa.array(self.kinds, pa.string()).take(pa.array(kind_codes(value_ids)))
        return pa.table({"kind": kinds, "value": rows.column("text")})


def counting_graph(resolution: Resolution, value_ids: NDArray[np.int64]) -> tuple[Graph, NDArray[np.int16]]:
    """Return what limits on some values depend on: their links and the unique values of their subjects.

    Returns:
        The graph, and the verdict of each of its values.
    """
    asked = resolution.values.find(value_ids, ["value_id", "subjects"])
    subject_rows = resolution.subjects.find(distinct(lists(asked, "subjects")[1]), ["subject_id", "values"])
    offsets, carried = lists(subject_rows, "values")
    holders = np.repeat(numbers(subject_rows, "subject_id"), np.diff(offsets))
    unique = [code for code, kind in enumerate(resolution.kinds) if resolution.rules.is_unique(kind)]
    is_counted = np.isin(kind_codes(carried), unique) & ~is_among(carried, value_ids)
    asked_offsets, members = lists(asked, "subjects")
    asked_of_link = np.repeat(numbers(asked, "value_id"), np.diff(asked_offsets))
    graph = graph_of(
        np.concatenate([asked_of_link, carried[is_counted]]), np.concatenate([members, holders[is_counted]])
    )
    return graph, numbers(resolution.values.find(graph.value_ids, ["value_id", "verdict"]), "verdict").astype(np.int16)


def graph_of(values: NDArray[np.int64], subjects: NDArray[np.int64]) -> Graph:
    """Return the graph of distinct links, given by the numbers of value and subject."""
    subject_ids = distinct_subjects(subjects)
    members = index_subjects(subject_ids, subjects)
    order = np.lexsort((members, values))
    value_ids, counts = np.unique(values, return_counts=True)
    return Graph(subject_ids, value_ids, np.concatenate([[0], np.cumsum(counts)]), members[order])


def subject_table(graph: Graph, roots: NDArray[np.int32]) -> pa.Table:
    """Return the rows of `Resolution.subjects`."""
    offsets, places = graph.by_subject()
    return pa.table(
        {
            "subject_id": graph.subject_ids,
            "profile_id": graph.subject_ids[roots],
            "values": list_column(offsets, graph.value_ids[places]),
        }
    )


def drop_table(rows: list[tuple[int, int, str]]) -> pa.Table:
    """Return the rows of `Resolution.drops`."""
    profiles, sizes, kinds = ([row[place] for row in sorted(rows)] for place in range(3))
    return pa.table(
        {
            "profile_id": pa.array(profiles, pa.int64()),
            "size": pa.array(sizes, pa.int64()),
            "kind": pa.array(kinds, pa.string()),
        }
    )


def _told(resolution: Resolution, found: list[_Barred]) -> pa.Table:
    tables = []
    for ids, reason, detail, met in found:
        named = resolution.name_values(ids)
        counted = pa.nulls(len(ids), pa.int64()) if met is None else pa.array(met, pa.int64())
        columns = {"reason": reason, "detail": detail}
        for name, word in columns.items():
            named = named.append_column(name, pa.array([word] * len(ids), pa.string()))
        tables.append(named.append_column("distinct", counted))
    by = [(name, "ascending") for name in ("kind", "value", "reason", "detail")]
    return pa.concat_tables(tables).sort_by(by).combine_chunks()
