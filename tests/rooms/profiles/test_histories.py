"""Imports, merges, unmerges, what takes them back and what addresses say, in any order and twice.

The same people and the same consents as the plain oracles find.

`TESELA_STEPS` says how many steps are taken in all (`make proof-identity`: 100,000).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from rooms.profiles.consent_ledger import naive
from rooms.profiles.consent_ledger.a_ledger import LATE, Ledger
from rooms.profiles.consent_ledger.test_merging import entries
from rooms.profiles.resolution.naive import answer
from tesela.base import ConflictError
from tesela.profiles.consent_ledger import Entry, last_sequence
from tesela.profiles.merging import Act, decisions_of, keep_act, list_acts, take_back
from tesela.profiles.merging.deciding import plan_merge, plan_unmerge, profile_of
from tesela.profiles.remembering import RememberedResolution
from tesela.profiles.resolution import IdentityRules, Resolution, find_merges, resolve, resolve_touched
from tesela.profiles.tables import CONSENT_ADDRESSES, CONSENT_ENTRIES, CONSENTS
from tesela.warehouse import DuckDBEngine, statement

STEPS = int(os.environ.get("TESELA_STEPS", "600"))
STEPS_A_RUN = 30
NOON = datetime(2026, 6, 1, 12)

# each subject is an identifier of its own, as every record's strongest one is
OWN = [("customer_id", "C1"), ("customer_id", "C2"), ("customer_id", "C3"), ("email", "a@x.es"), ("email", "b@x.es")]
OWN += [("phone", "+34600111222"), ("loyalty_card", "T1"), ("anonymous_id", "v1"), ("anonymous_id", "v2")]
CARRIED = [*OWN, ("loyalty_card", "T2"), ("phone", "000000"), ("email", "null")]
subjects = st.integers(0, len(OWN) - 1)
# what one history must not leave to the next
OF_CONSENTS = (CONSENTS, CONSENT_ENTRIES, CONSENT_ADDRESSES)
links = st.lists(st.tuples(subjects, st.sampled_from(CARRIED)), min_size=1, max_size=4)


class People(RuleBasedStateMachine):
    engine: DuckDBEngine
    folder: Path

    def __init__(self) -> None:
        super().__init__()
        self.scratch = tempfile.TemporaryDirectory(dir=self.folder)
        self.ledger = Ledger(Path(self.scratch.name), self.engine)
        self.control = self.ledger.control
        self.engine.write(statement("DELETE FROM {table}", tables={"table": each}) for each in OF_CONSENTS)
        self.said: dict[str, Entry] = {}
        self.files = RememberedResolution(Path(self.scratch.name) / "identity")
        self.rules = IdentityRules(largest=6)
        self.links: set[tuple[int, str, str]] = set()
        self.found: Resolution = resolve(table([]), self.rules, engine=self.engine)
        self.before: dict[int, dict[int, int]] = {}
        self.tokens = 0

    @rule(batch=links)
    def come(self, batch: list[tuple[int, tuple[str, str]]]) -> None:
        """Records come in: new ones, late ones, ones that are known already."""
        told = [(subject + 1, *OWN[subject]) for subject, _ in batch]
        told += [(subject + 1, *value) for subject, value in batch]
        self.links |= set(told)
        self.before.clear()
        self.found = resolve_touched(self.found, table(told * 2), self.found.rules, engine=self.engine)

    @rule(one=subjects, other=subjects)
    def merge(self, one: int, other: int) -> None:
        self.decide("merge", one + 1, other + 1)

    @rule(one=subjects, other=subjects)
    def unmerge(self, one: int, other: int) -> None:
        self.decide("unmerge", one + 1, other + 1)

    @precondition(lambda self: list_acts(self.control))
    @rule(choice=st.integers(0, 5))
    def undo(self, choice: int) -> None:
        acts = list_acts(self.control)
        number = max(1, len(acts) - choice)
        try:
            undone, effects = take_back(acts, number)
            self.keep(Act("undo", undone.one, undone.other, "eva", NOON, "", effects, number), acts)
        except ConflictError as refused:
            # something later changed the same, or what was decided since contradicts it
            assert refused.code in ("profiles.merging.changed_since", "profiles.resolution.contradiction")
            return
        if number == len(acts) and number in self.before:
            assert self.profiles() == self.before[number]

    @rule(told=st.lists(entries(tuple(CARRIED)), min_size=1, max_size=4))
    def say(self, told: list[Entry]) -> None:
        """Addresses say something, each twice: late ones, and ones that nobody has yet."""
        for each in told:
            self.said.setdefault(each.fingerprint, each)
        before = last_sequence(self.control)
        assert self.ledger.say(*told, *told) <= len(told)
        assert last_sequence(self.control) == len(self.said) >= before

    # an import of which the warehouse knows nobody was taken back
    @precondition(lambda self: self.links)
    @rule()
    def who_may_be_written_to(self) -> None:
        """What is written to whom follows what is new: merges, unmerges, and what was said."""
        people: dict[int, set[tuple[str, str]]] = {}
        profiles = self.profiles()
        for subject, kind, value in self.links:
            people.setdefault(profiles[subject], set()).add((kind, value))
        self.ledger.people(people)
        self.ledger.project()
        told = self.ledger.consents("*", "purpose = 'marketing'")
        for profile, hers in people.items():
            mine = [row for row in told if row["profile_id"] == profile]
            for channel, address in asked_of(hers):
                expected = naive.allows(self.said.values(), hers, address, channel, "marketing", LATE)
                assert stands(mine, channel, address) == expected, (profile, channel, address)

    @rule()
    def close_and_open(self) -> None:
        """The next process finds what this one knew."""
        self.tokens += 1
        self.files.save(self.found, str(self.tokens))
        assert RememberedResolution(self.files.folder).load("another", self.rules) is None
        self.files = RememberedResolution(self.files.folder)
        kept = self.files.load(str(self.tokens), self.rules)
        assert kept is not None
        assert kept.rules == self.found.rules
        self.found = kept

    @invariant()
    def the_oracle_agrees(self) -> None:
        decisions = decisions_of(list_acts(self.control))
        expected = answer(self.links, IdentityRules(largest=6, decisions=decisions))
        assert self.profiles() == expected.profiles

    @invariant()
    def merges_say_why(self) -> None:
        root = {subject: subject for subject in self.profiles()}
        told = find_merges(self.found).to_pylist()
        for each in sorted(told, key=lambda row: row["with_subject_id"]):
            low, high = sorted((root[each["with_subject_id"]], root[each["subject_id"]]))
            assert low != high
            root = {subject: low if of == high else of for subject, of in root.items()}
        assert root == self.profiles()

    def decide(self, name: str, one: int, other: int) -> None:
        profiles = self.profiles()
        if not {one, other} <= profiles.keys():
            return
        is_one = profiles[one] == profiles[other]
        acts = list_acts(self.control)
        try:
            effects = (plan_merge if name == "merge" else plan_unmerge)(self.found, one, other)
            self.keep(Act("merge" if name == "merge" else "unmerge", one, other, "ana", NOON, "", effects), acts)
        except ConflictError as refused:
            assert is_one == (name == "merge") or one == other or refused.code == "profiles.resolution.contradiction"
            return
        assert is_one == (name == "unmerge")
        self.before[len(acts) + 1] = profiles
        assert (profile_of(self.found, one) == profile_of(self.found, other)) == (name == "merge")

    def keep(self, act: Act, acts: list[Act]) -> None:
        decisions = decisions_of([*acts, act])
        keep_act(self.control, act)
        self.found = resolve_touched(self.found, (), IdentityRules(largest=6, decisions=decisions), engine=self.engine)

    def profiles(self) -> dict[int, int]:
        return {row["subject_id"]: row["profile_id"] for row in self.found.profiles().to_pylist()}

    def teardown(self) -> None:
        self.control.close()
        self.scratch.cleanup()


def asked_of(hers: set[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str] | None]]:
    """Every channel with each of a person's addresses; none where she is the address herself."""
    for channel, needed in (("email", "email"), ("sms", "phone"), ("post", None)):
        yield from ((channel, each) for each in ([None] if needed is None else [a for a in hers if a[0] == needed]))


def stands(rows: list[dict[str, Any]], channel: str, address: tuple[str, str] | None) -> bool:
    """The latest, and of two at one time the no."""
    theirs = [
        row
        for row in rows
        if row["channel"] == channel and row["occurred_at"] < LATE and (address is None or row["address"] == address[1])
    ]
    last = max(theirs, key=lambda row: (row["occurred_at"], row["status"] == "no"), default=None)
    return last is not None and last["status"] == "yes"


def table(told: list[tuple[int, str, str]]) -> pa.Table:
    columns = list(zip(*told, strict=True)) if told else [(), (), ()]
    names = ("subject_id", "kind", "value")
    types = (pa.int64(), pa.string(), pa.string())
    return pa.table({n: pa.array(c, t) for n, c, t in zip(names, columns, types, strict=True)})


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    People.engine = DuckDBEngine(tmp_path / "scratch.duckdb", folders=[tmp_path], memory_limit="300MB", threads=1)
    People.folder = tmp_path
    yield tmp_path
    People.engine.close()


def test_any_history_ends_as_the_oracle_says(folder: Path) -> None:
    runs = settings(
        max_examples=max(1, STEPS // STEPS_A_RUN),
        stateful_step_count=STEPS_A_RUN,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(People, settings=runs)
