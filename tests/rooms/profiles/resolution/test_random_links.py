"""Random links, rules and decisions: the resolution, the plain one, and the one in parts agree."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rooms.profiles.resolution.links_of import decisions, link_sets, records, rule_sets, shuffled, told
from rooms.profiles.resolution.naive import Link, answer
from tesela.profiles import resolution
from tesela.profiles.resolution import DECISION, Decisions, IdentityRules, explain_merge, find_merges
from tesela.warehouse import DuckDBEngine

COUNT = int(os.environ.get("TESELA_HISTORIES", "60"))
slowly = settings(
    max_examples=COUNT, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)

# one engine for all, to be quick; that each call can bring its own shows elsewhere
FOLDER = tempfile.TemporaryDirectory()
ENGINE = DuckDBEngine(Path(FOLDER.name) / "scratch.duckdb")
resolve = partial(resolution.resolve, engine=ENGINE)
touch = partial(resolution.resolve_touched, engine=ENGINE)

Batch = tuple[list[Link], list[Link], Decisions | None]


def batches() -> st.SearchStrategy[list[Batch]]:
    return st.lists(st.tuples(link_sets(8), link_sets(4), st.none() | decisions()), min_size=1, max_size=6)


@slowly
@given(links=link_sets(), rules=rule_sets(), seed=st.integers(0, 99))
def test_links_resolve_as_the_text_says_in_any_order(links: list[Link], rules: IdentityRules, seed: int) -> None:
    assert told(resolve(records(shuffled(links, seed)), rules)) == answer(links, rules)


@slowly
@given(start=link_sets(), rules=rule_sets(), changes=batches(), seed=st.integers(0, 99))
def test_parts_resolve_as_the_whole(start: list[Link], rules: IdentityRules, changes: list[Batch], seed: int) -> None:
    links = set(start)
    found = resolve(records(shuffled(start, seed)), rules)
    for added, removed, decided in changes:
        # half of what is removed is there
        removed = removed + sorted(links)[:: max(1, len(links) // 2)]
        rules = rules if decided is None else replace(rules, decisions=decided)
        before = told(found).profiles
        touched = touch(found, records(shuffled(added, seed)), rules, removed=records(removed))
        assert told(found).profiles == before
        links = (links - set(removed)) | set(added)
        found = touched
        after = answer(links, rules)
        assert told(found) == after
        moved = {row["subject_id"]: row["profile_id"] for row in found.changed.to_pylist()}
        assert moved == {
            subject: after.profiles.get(subject)
            for subject in before.keys() | after.profiles.keys()
            if before.get(subject) != after.profiles.get(subject)
        }
        assert sorted(tuple(row.values()) for row in found.links().to_pylist()) == sorted(links)


@slowly
@given(start=link_sets(), new=link_sets(8), rules=rule_sets())
def test_what_came_and_goes_again_leaves_no_trace(start: list[Link], new: list[Link], rules: IdentityRules) -> None:
    before = resolve(records(start), rules)
    after = touch(before, records(new), rules)
    again = touch(after, records([]), rules, removed=records(set(new) - set(start)))
    assert told(again) == told(before)


@slowly
@given(links=link_sets(), rules=rule_sets())
def test_merges_are_the_evidence_of_profiles_and_of_nothing_else(links: list[Link], rules: IdentityRules) -> None:
    found = resolve(records(links), rules)
    profiles = told(found).profiles
    merges = find_merges(found).to_pylist()
    assert len(merges) == len(profiles) - len(set(profiles.values()))
    for row in merges:
        pair = row["with_subject_id"], row["subject_id"]
        if row["kind"] == DECISION:
            assert pair in rules.decisions.together
        else:
            assert {(subject, row["kind"], row["value"]) for subject in pair} <= set(links)
    for one in profiles:
        for other in profiles:
            way = explain_merge(found, one, other)
            assert bool(way) == (one != other and profiles[one] == profiles[other])
            if way:
                assert (way[0].subject_id, way[-1].with_subject_id) == (one, other)
    some = np.array(sorted(profiles)[:2], np.int64)
    asked = {profiles[subject] for subject in some.tolist()}
    expected = [row for row in merges if profiles[row["subject_id"]] in asked]
    assert find_merges(found, some).to_pylist() == expected
