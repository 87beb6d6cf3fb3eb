"""Random histories of consents, stops, merges and unmerges: every engine answers as the plain rules do.

The everyday suite takes few steps; TESELA_STEPS makes it take that many in all.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from oracles.differential import open_engine
from rooms.profiles.consent_ledger import naive
from rooms.profiles.consent_ledger.a_ledger import LATE, Ledger, days
from rooms.profiles.consent_ledger.test_merging import entries
from rooms.profiles.suppression.a_suppressed_shop import Shop
from tesela.profiles.consent_ledger import Entry, gather, list_entries
from tesela.warehouse import Engine

STEPS = int(os.environ.get("TESELA_STEPS", "120"))
STEPS_A_RUN = 30

A, B, C = (("email", f"{name}@x.es") for name in "abc")
P = ("phone", "+34600000001")
ONE, OTHER = ("customer_id", "7"), ("customer_id", "8")
# what the records of each subject carry: B is shared by two, P by two others
SUBJECTS = ({ONE, A, P}, {OTHER, B}, {C}, {B, P})
CHANNELS = ("email", "sms", "post", "onsite")
REASONS = ("complaint", "hard_bounce", "manual")


class Histories(RuleBasedStateMachine):
    """A shop, and all that was ever said and done in it."""

    other_engine: Engine | None = None

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.shop = Shop(Ledger.in_duckdb(self.folder), self.other_engine)
        self.said: dict[str, Entry] = {}
        self.stops: list[tuple[naive.Address, str, str, bool, datetime]] = []
        self.lists: dict[str, tuple[set[naive.Address], bool]] = {}
        self.profile_of = list(range(1, len(SUBJECTS) + 1))
        self.version = count(1)
        self.is_current = False

    def teardown(self) -> None:
        if hasattr(self, "shop"):
            self.shop.close()
            shutil.rmtree(self.folder)

    # --- what happens -----------------------------------------------------------------------------------------

    @rule(told=st.lists(entries((A, B, C, P, ONE, OTHER)), min_size=1, max_size=4))
    def say(self, told: list[Entry]) -> None:
        for each in told:
            self.said.setdefault(each.fingerprint, each)
        self.shop.ledger.say(*told)
        self.is_current = False

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def say_again(self, data: st.DataObject) -> None:
        again = data.draw(st.sampled_from(sorted(self.said)))
        assert self.shop.ledger.say(replace(self.said[again], actor="again")) == 0

    @rule(one=st.integers(0, 3), other=st.integers(0, 3))
    def merge(self, one: int, other: int) -> None:
        ours = {self.profile_of[one], self.profile_of[other]}
        self.profile_of = [min(ours) if each in ours else each for each in self.profile_of]
        self.is_current = False

    @rule(one=st.integers(0, 3))
    def unmerge(self, one: int) -> None:
        apart = self.profile_of[one]
        self.profile_of = [place + 1 if each == apart else each for place, each in enumerate(self.profile_of)]
        self.is_current = False

    @rule(
        address=st.sampled_from((A, B, P, ONE)),
        channel=st.sampled_from(CHANNELS),
        reason=st.sampled_from(REASONS),
        is_lifted=st.booleans(),
        day=st.integers(0, 6),
    )
    def stop(self, address: naive.Address, channel: str, reason: str, is_lifted: bool, day: int) -> None:
        self.shop.stop(address, channel, reason, is_lifted=is_lifted, occurred_at=days(day))
        self.stops.append((address, channel, reason, is_lifted, days(day)))
        self.is_current = False

    @rule(
        name=st.sampled_from(("Robinson", "Stop")),
        addresses=st.sets(st.sampled_from((A, B, C, P, ONE))),
        binds=st.booleans(),
    )
    def exclude(self, name: str, addresses: set[naive.Address], binds: bool) -> None:
        told = {"binds_consented": binds, "channels": list(CHANNELS)}
        self.shop.exclude(*addresses, name=name, day=1, **told)
        self.lists[name] = (addresses, binds)
        self.is_current = False

    @rule()
    def project(self) -> None:
        people: dict[int, set[naive.Address]] = {}
        for profile, carried in zip(self.profile_of, SUBJECTS, strict=True):
            people.setdefault(profile, set()).update(carried)
        self.people = people
        self.shop.ledger.people(people)
        self.shop.project()
        self.is_current = True

    # --- what must be so --------------------------------------------------------------------------------------

    @invariant()
    def answers_are_right(self) -> None:
        if not getattr(self, "is_current", False):
            return
        for at in (days(3), LATE):
            for channel in CHANNELS:
                expected = {profile: self.why_not(profile, channel, at) for profile in self.people}
                assert self.shop.why_not(channel, at=at) == expected, (channel, at)
        for hers in self.people.values():
            kept = gather(list_entries(self.shop.ledger.control, hers))
            for kind, value in hers:
                for channel in CHANNELS:
                    if naive.KIND_OF.get(channel, kind) == kind:
                        expected_too = naive.allows(self.said.values(), hers, (kind, value), channel, "marketing", LATE)
                        assert kept.allows(value, channel, "marketing") == expected_too
        self.is_current = False

    def why_not(self, profile: int, channel: str, at: datetime) -> str | None:
        hers = self.people[profile]
        kind = naive.KIND_OF.get(channel)
        address = min((each for each in hers if each[0] == kind), default=None)
        if kind and address is None:
            return "no_address"
        if channel == "post" and not any(each[0] == "customer_id" for each in hers):
            return "no_address"
        if not naive.allows(self.said.values(), hers, address, channel, "marketing", at):
            told = [e for e in self.said.values() if (e.address_kind, e.address) in hers and e.occurred_at < at]
            objected = any(e.status == "objection" and e.purpose == "marketing" for e in told)
            return "objected" if objected else "no_consent"
        others = [theirs for other, theirs in self.people.items() if other < profile]
        concerned = [address] if address else [each for each in hers if not any(each in theirs for theirs in others)]
        for reason in REASONS:
            if any(self._is_stopped(each, channel, reason, at) for each in concerned):
                return f"suppressed: {reason}"
        has_consented = naive.has_opted_in(self.said.values(), hers, address, channel, "marketing", at)
        for name, (addresses, binds) in sorted(self.lists.items()):
            if (binds or not has_consented) and addresses & set(concerned):
                return f"suppressed: {name}"
        return None

    def _is_stopped(self, address: naive.Address, channel: str, reason: str, at: datetime) -> bool:
        acts = [act for act in self.stops if act[:3] == (address, channel, reason)]
        last = max(acts, key=lambda act: (act[4], not act[3]), default=None)
        return last is not None and not last[3] and last[4] < at


def run(engine: Engine | None, steps: int) -> None:
    class Ours(Histories):
        other_engine = engine

    told: dict[str, Any] = {"deadline": None, "suppress_health_check": list(HealthCheck), "print_blob": True}
    examples = max(1, steps // STEPS_A_RUN)
    run_state_machine_as_test(Ours, settings=settings(max_examples=examples, stateful_step_count=STEPS_A_RUN, **told))


@pytest.fixture
def engines() -> Iterator[ExitStack]:
    with ExitStack() as held:
        yield held


def test_on_duckdb() -> None:
    run(None, STEPS)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["postgres", "clickhouse"])
def test_on_another_engine(name: str, engines: ExitStack) -> None:
    run(engines.enter_context(open_engine(name)), STEPS)
