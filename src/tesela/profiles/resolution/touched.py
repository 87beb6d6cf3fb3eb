"""Resolve what new links touch, and nothing else, with the answer that all links would give.

A link can change what its value does, and, when it is of a unique kind, what the other values of its subject do.
Whoever carries such a value, before or after, is where the walk starts; the walk follows values that are neither
blocked nor shared, and decisions, to the ends of the components. Sizes, dropped kinds and parted values are decided
within one component, so nothing outside can change. What a component has lost is looked at anew: it may split again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesela.profiles.resolution.graph import Verdict, first_value_id, kind_codes
from tesela.profiles.resolution.layers import list_column, lists, numbers
from tesela.profiles.resolution.limits import find_excess
from tesela.profiles.resolution.links import as_texts, read_links
from tesela.profiles.resolution.resolution import Resolution, counting_graph, drop_table
from tesela.profiles.resolution.sets import distinct, is_among, without
from tesela.profiles.resolution.walk import joined_by_hand, walk
from tesela.profiles.resolution.whole import first_verdicts, resolve, settle

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from tesela.profiles.resolution.layers import Layers
    from tesela.profiles.resolution.links import KindLinks
    from tesela.profiles.resolution.rules import IdentityRules
    from tesela.warehouse import Engine

    Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Pairs:
    """Links by the numbers of value and subject; both of shape (links,)."""

    values: Ids
    subjects: Ids


def resolve_touched(
    previous: Resolution,
    added: pa.Table | Sequence[Path],
    rules: IdentityRules,
    *,
    removed: pa.Table | Sequence[Path] = (),
    engine: Engine | None = None,
) -> Resolution:
    """Say which profile each subject is, after links came or went or people decided.

    Args:
        previous: What was found before; it stays as it is.
        added: New links, as for `resolve`; those it has already change nothing.
        rules: When subjects are one person. Other decisions than before are followed where they touch; any other
            change of the rules resolves everything anew.
        removed: Links that are no more, taken away before the new ones come; those it has not change nothing.
        engine: An embedded engine to read the records with, which may read the files; None for one of its own.

    Returns:
        What `resolve` gives for all links; its `changed` says whose profile is another one.

    Raises:
        InputError: when a column is missing.
    """
    came_read = read_links(added, previous.rules, engine)
    went_read = read_links(removed, previous.rules, engine) if len(removed) else []
    resolution, came, went = _relink(previous, came_read, went_read)
    if replace(previous.rules, decisions=rules.decisions) != rules:
        return resolve(resolution.links(), rules, engine=engine)
    resolution = replace(resolution, rules=rules)
    judged, verdicts = _judge(resolution, came, went)
    resolution = replace(resolution, values=_with_verdicts(resolution.values, judged, verdicts))
    merging = _merging(resolution, distinct(came.values, went.values))
    members = lists(resolution.values.find(distinct(judged, merging), ["value_id", "subjects"]), "subjects")[1]
    # who was joined by hand with a subject that goes is not connected with it any more
    left = joined_by_hand(resolution, distinct(went.subjects))
    decided = _decided_anew(previous.rules, rules)
    return _settle(previous, resolution, distinct(came.subjects, went.subjects, members, left, decided))


def _relink(previous: Resolution, came: list[KindLinks], went: list[KindLinks]) -> tuple[Resolution, _Pairs, _Pairs]:
    """Return the state with other links and nothing decided yet, and the links that came and went."""
    state = _with_values(previous, came)
    coming, going = _numbered(state, came), _numbered(state, went)
    value_ids, subject_ids = distinct(coming.values, going.values), distinct(coming.subjects, going.subjects)
    value_rows = state.values.find(value_ids)
    offsets, items = _changed_lists(
        value_ids,
        lists(value_rows, "subjects"),
        gone=(going.values, going.subjects),
        new=(coming.values, coming.subjects),
    )
    value_rows = _with_column(value_rows, "subjects", list_column(offsets, items))
    subject_rows = _with_subjects(state.subjects, subject_ids)
    offsets, items = _changed_lists(
        subject_ids,
        lists(subject_rows, "values"),
        gone=(going.subjects, going.values),
        new=(coming.subjects, coming.values),
    )
    subject_rows = _with_column(subject_rows, "values", list_column(offsets, items))
    state = replace(state, values=state.values.put(value_rows), subjects=state.subjects.put(subject_rows))
    return state, coming, going


def _with_values(previous: Resolution, read: list[KindLinks]) -> Resolution:
    """Return the state with a number for every value read."""
    kinds = (*previous.kinds, *(each.kind for each in read if each.kind not in previous.kinds))
    values, dictionary = previous.values, previous.dictionary
    for each in read:
        code = kinds.index(each.kind)
        read_texts = as_texts([each.values])
        is_new = dictionary.find(code, read_texts) < 0
        texts = read_texts.filter(pa.array(is_new))
        ids = first_value_id(code) + dictionary.count(code) + np.arange(len(texts))
        verdicts = first_verdicts(each.blocks[is_new], each.kind, previous.rules)
        nobody = list_column(np.zeros(len(ids) + 1, np.int64), np.empty(0, np.int64))
        values = values.put(pa.table({"value_id": ids, "verdict": verdicts, "text": texts, "subjects": nobody}))
        dictionary = dictionary.put(code, texts, ids)
    return replace(previous, kinds=kinds, values=values, dictionary=dictionary)


def _numbered(state: Resolution, read: list[KindLinks]) -> _Pairs:
    """Return links by number; those of values without one are left out."""
    values, subjects = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for each in read:
        if each.kind in state.kinds:
            of_value = state.dictionary.find(state.kinds.index(each.kind), as_texts([each.values]))
            ids = np.repeat(of_value, np.diff(each.offsets))
            values.append(ids[ids >= 0])
            subjects.append(each.subjects[ids >= 0])
    return _Pairs(np.concatenate(values), np.concatenate(subjects))


def _with_subjects(subjects: Layers, subject_ids: Ids) -> pa.Table:
    """Return the rows of subjects, those without one as rows without profile and values."""
    known = subjects.find(subject_ids)
    unknown = without(subject_ids, numbers(known, "subject_id"))
    nothing = list_column(np.zeros(len(unknown) + 1, np.int64), np.empty(0, np.int64))
    new = pa.table({"subject_id": unknown, "profile_id": pa.nulls(len(unknown), pa.int64()), "values": nothing})
    return pa.concat_tables([known, new]).sort_by("subject_id").combine_chunks()


def _changed_lists(keys: Ids, old: tuple[Ids, Ids], *, gone: tuple[Ids, Ids], new: tuple[Ids, Ids]) -> tuple[Ids, Ids]:
    """Return the lists of keys after some items went and then some came.

    Args:
        keys: Rising.
        old: Where the list of each key begins, and the items.
        gone: Keys and items that go.
        new: Keys and items that come.
    """
    offsets, items = old
    every = distinct(items, gone[1], new[1])
    # a pair as one number: the product of the two counts stays far below 2**63
    places = np.repeat(np.arange(len(keys)), np.diff(offsets)) * len(every) + np.searchsorted(every, items)
    went, came = (np.searchsorted(keys, of) * len(every) + np.searchsorted(every, item) for of, item in (gone, new))
    pairs = distinct(without(places, distinct(went)), came)
    row = pairs // max(len(every), 1)
    return np.searchsorted(row, np.arange(len(keys) + 1)), every[pairs - row * len(every)]


def _judge(resolution: Resolution, came: _Pairs, went: _Pairs) -> tuple[Ids, NDArray[np.int16]]:
    """Return the values that began or ceased to be shared, with their verdicts.

    Counts only grow while nothing goes: then a shared value stays shared.
    """
    unique = [code for code, kind in enumerate(resolution.kinds) if resolution.rules.is_unique(kind)]
    links = _Pairs(np.concatenate([came.values, went.values]), np.concatenate([came.subjects, went.subjects]))
    counted = distinct(links.subjects[np.isin(kind_codes(links.values), unique)])
    asked = distinct(links.values, lists(resolution.subjects.find(counted, ["subject_id", "values"]), "values")[1])
    rows = resolution.values.find(asked, ["value_id", "verdict"])
    before = numbers(rows, "verdict").astype(np.int16)
    is_open = before < (Verdict.SILENT if len(went.values) else Verdict.SHARED)
    asked, before = numbers(rows, "value_id")[is_open], before[is_open]
    graph, known = counting_graph(resolution, asked)
    over = [each.values for each in find_excess(graph, known, kinds=resolution.kinds, rules=resolution.rules)]
    is_over = is_among(asked, distinct(np.empty(0, np.int64), *(graph.value_ids[each] for each in over)))
    changed = is_over != (before == Verdict.SHARED)
    return asked[changed], np.where(is_over[changed], Verdict.SHARED, Verdict.MERGES).astype(np.int16)


def _merging(resolution: Resolution, value_ids: Ids) -> Ids:
    """Return those of some values that are not barred: of one that stays barred nobody is touched."""
    rows = resolution.values.find(value_ids, ["value_id", "verdict"])
    return numbers(rows, "value_id")[numbers(rows, "verdict") < Verdict.SHARED]


def _decided_anew(before: IdentityRules, after: IdentityRules) -> Ids:
    pairs = (before.decisions.together ^ after.decisions.together) | (before.decisions.apart ^ after.decisions.apart)
    return np.array(sorted({subject for pair in pairs for subject in pair}), np.int64)


def _settle(previous: Resolution, resolution: Resolution, starts: Ids) -> Resolution:
    graph = walk(resolution, starts)
    verdicts = np.zeros(len(graph.value_ids), np.int16)
    roots, lost = settle(graph, verdicts, kinds=resolution.kinds, rules=resolution.rules)
    touched = distinct(graph.subject_ids, starts)
    rows = resolution.subjects.find(touched)
    found = pa.array(graph.subject_ids[roots], pa.int64()).take(
        pc.index_in(rows.column("subject_id"), value_set=pa.array(graph.subject_ids)).combine_chunks()
    )
    old = previous.subjects.find(numbers(rows, "subject_id"), ["subject_id", "profile_id"])
    before = old.column("profile_id").take(
        pc.index_in(rows.column("subject_id"), value_set=old.column("subject_id").combine_chunks())
    )
    is_same = pc.fill_null(pc.equal(found, before), False)
    is_same = pc.or_(is_same, pc.and_(pc.is_null(found), pc.is_null(before)))
    changed = _with_column(rows, "profile_id", found).filter(pc.invert(is_same))
    is_elsewhere = pc.invert(pc.is_in(previous.drops.column("profile_id"), pa.array(touched)))
    drops = pa.concat_tables([previous.drops.filter(is_elsewhere), drop_table(lost)])
    return replace(
        resolution,
        values=_with_verdicts(resolution.values, graph.value_ids, verdicts),
        subjects=resolution.subjects.put(changed),
        changed=changed.select(["subject_id", "profile_id"]),
        drops=drops.sort_by([("profile_id", "ascending"), ("size", "ascending"), ("kind", "ascending")]),
        touched=touched,
    )


def _with_verdicts(values: Layers, value_ids: Ids, verdicts: NDArray[np.int16]) -> Layers:
    is_new = numbers(values.find(value_ids, ["value_id", "verdict"]), "verdict") != verdicts
    return values.put(_with_column(values.find(value_ids[is_new]), "verdict", pa.array(verdicts[is_new])))


def _with_column(table: pa.Table, name: str, column: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(name), name, column)
