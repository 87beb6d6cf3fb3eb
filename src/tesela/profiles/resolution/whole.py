"""Resolve all links at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tesela.profiles.resolution.components import Drop, fit_components
from tesela.profiles.resolution.dictionary import Dictionary
from tesela.profiles.resolution.graph import Graph, Verdict, distinct_subjects, first_value_id, index_subjects
from tesela.profiles.resolution.hand import obey
from tesela.profiles.resolution.layers import Layers, list_column
from tesela.profiles.resolution.limits import find_excess
from tesela.profiles.resolution.links import KindLinks, as_texts, read_links
from tesela.profiles.resolution.resolution import Resolution, drop_table, subject_table

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tesela.profiles.resolution.rules import IdentityRules
    from tesela.warehouse import Engine


def resolve(records: pa.Table | Sequence[Path], rules: IdentityRules, *, engine: Engine | None = None) -> Resolution:
    """Say which profile each subject is.

    Values that are blocked or shared merge nobody; subjects that carry the same other value are one person, unless
    there are more of them than fit; what people decided by hand comes last and stands.

    Args:
        records: Rows of `subject_id` (integer), `kind`, `value` (text, normal form), as an Arrow table or as
            Parquet files. Order and repeated rows play no part.
        rules: When subjects are one person.
        engine: An embedded engine to read the records with, which may read the files; None for one of its own.

    Returns:
        The resolution; without profiles for empty input.

    Raises:
        InputError: when a column is missing.

    Example:
        >>> rows = {"subject_id": [1, 2], "kind": ["email", "email"], "value": ["ana@x.es", "ana@x.es"]}
        >>> from tesela.profiles.resolution import IdentityRules
        >>> resolve(pa.table(rows), IdentityRules()).profiles().column("profile_id").to_pylist()
        [1, 1]
    """
    read = read_links(records, rules, engine)
    kinds = tuple(each.kind for each in read)
    graph = _graph(read)
    verdicts = np.concatenate(
        [np.empty(0, np.int16), *(first_verdicts(each.blocks, each.kind, rules) for each in read)]
    )
    for excess in find_excess(graph, verdicts, kinds=kinds, rules=rules):
        share(verdicts, excess.values)
    roots, drops = settle(graph, verdicts, kinds=kinds, rules=rules)
    subjects = subject_table(graph, roots)
    texts = as_texts([each.values for each in read])
    return Resolution(
        rules,
        kinds,
        subjects.select(["subject_id", "profile_id"]),
        drop_table(drops),
        Layers("value_id", (_value_table(graph, verdicts, texts),)),
        Layers("subject_id", (subjects,)),
        _dictionary(texts, [len(each.values) for each in read]),
    )


def first_verdicts(blocks: NDArray[np.int16], kind: str, rules: IdentityRules) -> NDArray[np.int16]:
    """Return what is known of the values of a kind before looking at the graph."""
    other = Verdict.SILENT if rules.rank(kind) is None else Verdict.MERGES
    return np.where(blocks >= 0, blocks + Verdict.BLOCKED, other).astype(np.int16)


def share(verdicts: NDArray[np.int16], values: NDArray[np.int64]) -> None:
    """Mark values as shared, where nothing else bars them."""
    verdicts[values[verdicts[values] < Verdict.SHARED]] = Verdict.SHARED


def settle(
    graph: Graph, verdicts: NDArray[np.int16], *, kinds: tuple[str, ...], rules: IdentityRules
) -> tuple[NDArray[np.int32], list[tuple[int, int, str]]]:
    """Return each subject's root and the kinds that components lost.

    Args:
        graph: All links of every component in it, and all subjects that decisions join with them.
        verdicts: Of each value, shape (values,); those of dropped and parted values are changed to say so.
        kinds: Names of the kinds, by code.
        rules: The rules.
    """
    ranks = np.array([-1 if (rank := rules.rank(kind)) is None else rank for kind in kinds], np.int64)
    roots, drops = fit_components(graph, verdicts, ranks=ranks, largest=rules.largest)
    together, apart = (_places(graph, pairs) for pairs in (rules.decisions.together, rules.decisions.apart))
    roots = obey(graph, verdicts, roots, ranks=ranks, together=together, apart=apart)
    return roots, [_told(graph, drop, kinds) for drop in drops]


def _graph(read: list[KindLinks]) -> Graph:
    subjects = np.concatenate([np.empty(0, np.int64), *(each.subjects for each in read)])
    subject_ids = distinct_subjects(subjects)
    value_ids = [first_value_id(code) + np.arange(len(each.values)) for code, each in enumerate(read)]
    offsets = [np.zeros(1, np.int64)]
    for each in read:
        offsets.append(each.offsets[1:] + offsets[-1][-1])
    numbers = np.concatenate([np.empty(0, np.int64), *value_ids])
    return Graph(subject_ids, numbers, np.concatenate(offsets), index_subjects(subject_ids, subjects))


def _value_table(graph: Graph, verdicts: NDArray[np.int16], texts: pa.LargeStringArray) -> pa.Table:
    return pa.table(
        {
            "value_id": graph.value_ids,
            "verdict": verdicts,
            "text": texts,
            "subjects": list_column(graph.offsets, graph.subject_ids[graph.members]),
        }
    )


def _dictionary(texts: pa.LargeStringArray, counts: list[int]) -> Dictionary:
    """Return the numbers of texts that stand kind after kind."""
    begins = np.cumsum([0, *counts])
    return Dictionary(
        {
            code: ((texts.slice(begins[code], count), first_value_id(code) + np.arange(count)),)
            for code, count in enumerate(counts)
        }
    )


def _places(graph: Graph, pairs: frozenset[tuple[int, int]]) -> NDArray[np.int32]:
    """Return the places of pairs of subjects of which both are there; shape (pairs, 2)."""
    asked = np.array(sorted(pairs), np.int64).reshape(-1, 2)
    if not len(graph.subject_ids):
        return np.empty((0, 2), np.int32)
    places = np.minimum(np.searchsorted(graph.subject_ids, asked), len(graph.subject_ids) - 1)
    is_there: NDArray[np.bool_] = (graph.subject_ids[places] == asked).all(axis=1)
    return places[is_there].astype(np.int32)


def _told(graph: Graph, drop: Drop, kinds: tuple[str, ...]) -> tuple[int, int, str]:
    return int(graph.subject_ids[drop.root]), drop.size, kinds[drop.kind]
