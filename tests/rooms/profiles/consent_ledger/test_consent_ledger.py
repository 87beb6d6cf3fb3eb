"""The ledger and what stands of it: each rule by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from rooms.profiles.consent_ledger.a_ledger import ANA, ANAS_WORK, LATE, LUIS, Ledger, an_entry, days, imported
from tesela.base import InputError
from tesela.profiles.consent_ledger import Entry, gather, last_sequence, list_entries, read_entries


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    made = Ledger.in_duckdb(tmp_path)
    yield made
    made.close()


def standing(ledger: Ledger, *entries: Entry, address: tuple[str, str] = ANA, channel: str = "email") -> bool:
    """What stands for a person with everybody's addresses: the projection and the pure function agree on it."""
    addresses = {ANA, ANAS_WORK, ("customer_id", "7"), ("anonymous_id", "v1")}
    ledger.people({1: addresses})
    ledger.say(*entries)
    ledger.project()
    kept = list_entries(ledger.control, addresses)
    allowed = gather(kept).allows(address[1], channel, "marketing")
    has_address = channel in ("email", "sms", "phone", "whatsapp")
    assert ledger.allows(1, address if has_address else None, channel) == allowed
    return allowed


# --- what stands --------------------------------------------------------------------------------------------


def test_unknown_is_no(ledger: Ledger) -> None:
    assert not standing(ledger)


def test_the_latest_by_its_own_time_stands(ledger: Ledger) -> None:
    assert standing(ledger, an_entry(day=2), an_entry(status="no", day=1))


def test_a_late_no_counts_at_its_own_time(ledger: Ledger) -> None:
    assert not standing(ledger, an_entry(day=1), an_entry(status="no", day=2))


def test_ties_go_to_no(ledger: Ledger) -> None:
    assert not standing(ledger, an_entry(status="no"), an_entry())


def test_as_of_earlier(ledger: Ledger) -> None:
    ledger.people({1: {ANA}})
    ledger.say(an_entry(day=1), an_entry(status="no", day=2))
    ledger.project()
    assert [ledger.allows(1, ANA, at=days(day)) for day in (1, 1.5, 2.5)] == [False, True, False]


def test_a_purpose_says_nothing_about_another(ledger: Ledger) -> None:
    assert standing(ledger, an_entry(), an_entry(status="no", day=1, purpose="surveys"))


def test_a_yes_of_a_customer_number_is_no_yes_of_an_address(ledger: Ledger) -> None:
    assert not standing(ledger, an_entry(("customer_id", "7")))


def test_a_no_of_a_customer_number_reaches_every_address_of_the_channel(ledger: Ledger) -> None:
    assert not standing(ledger, an_entry(), an_entry(("customer_id", "7"), "no", day=1))


def test_an_address_that_opts_in_later_than_the_persons_no_stands_at_yes(ledger: Ledger) -> None:
    said = an_entry(day=2), an_entry(ANAS_WORK), an_entry(("customer_id", "7"), "no", day=1)
    assert standing(ledger, *said)
    assert not ledger.allows(1, ANAS_WORK)


# --- imports ------------------------------------------------------------------------------------------------


def test_an_import_turns_a_no_with_a_later_opt_in_and_its_source(ledger: Ledger) -> None:
    assert standing(ledger, an_entry(status="no"), imported(day=1))


@pytest.mark.parametrize(
    "told",
    [
        {"is_dated": False},
        {"method": None},
        {"method": " "},
        {"basis": "existing_customer"},
        {"basis": "contract"},
        {"basis": "other"},
    ],
)
def test_an_import_without_proof_is_kept_and_ignored(ledger: Ledger, told: dict[str, object]) -> None:
    assert not standing(ledger, an_entry(status="no"), imported(day=1, **told))
    assert read_entries(ledger.control).num_rows == 2
    assert [row["status"] for row in ledger.consents()] == ["no"]


def test_an_import_without_proof_stands_where_nothing_else_was_said(ledger: Ledger) -> None:
    assert standing(ledger, imported(is_dated=False, method=None))


def test_a_no_that_comes_later_takes_it_away_whatever_its_time(ledger: Ledger) -> None:
    assert not standing(ledger, imported(day=5, method=None), an_entry(status="no", day=1))


def test_an_existing_customer_may_not_be_written_to_after_a_no(ledger: Ledger) -> None:
    assert not standing(ledger, an_entry(status="no"), an_entry(day=1, basis="existing_customer"))


def test_an_import_that_was_taken_back_does_not_count(ledger: Ledger) -> None:
    ledger.people({1: {ANA}})
    ledger.say(imported(load_id=99))
    ledger.project()
    assert not ledger.allows(1, ANA)
    assert read_entries(ledger.control).num_rows == 1


# --- objections and merges ------------------------------------------------------------------------------------


def test_an_objection_reaches_every_address_and_channel(ledger: Ledger) -> None:
    said = an_entry(), an_entry(channel="post"), an_entry(ANAS_WORK, "objection", day=1)
    assert not standing(ledger, *said)
    assert not ledger.allows(1, None, "post")
    told = ledger.consents("channel, is_objection", "is_objection AND channel = 'any'")
    assert told == [{"channel": "any", "is_objection": True}]


def test_an_opt_in_after_an_objection(ledger: Ledger) -> None:
    assert standing(ledger, an_entry(status="objection"), an_entry(day=1))
    assert not standing(ledger, address=ANAS_WORK)


def test_a_no_on_another_address_does_not_spread_by_a_merge(ledger: Ledger) -> None:
    ledger.people({1: {ANA}, 2: {LUIS}})
    ledger.say(an_entry(), an_entry(LUIS, "no", day=1))
    ledger.project()
    ledger.people({1: {ANA, LUIS}})
    ledger.project()
    assert ledger.allows(1, ANA)
    assert not ledger.allows(1, LUIS)
    assert not ledger.consents(where="profile_id = 2")


def test_an_objection_spreads_by_a_merge_and_goes_back_by_an_unmerge(ledger: Ledger) -> None:
    ledger.people({1: {ANA}, 2: {LUIS}})
    ledger.say(an_entry(), an_entry(LUIS, "objection", day=1))
    ledger.project()
    apart = ledger.consents()
    assert ledger.allows(1, ANA)
    ledger.people({1: {ANA, LUIS}})
    ledger.project()
    assert not ledger.allows(1, ANA)
    ledger.people({1: {ANA}, 2: {LUIS}})
    ledger.project()
    assert ledger.consents() == apart


def test_where_the_person_is_the_address_a_merge_takes_the_stricter(ledger: Ledger) -> None:
    said = an_entry(("customer_id", "7"), "no", channel="post"), an_entry(("anonymous_id", "v1"), channel="post", day=1)
    assert not standing(ledger, *said, channel="post")
    assert standing(ledger, an_entry(("customer_id", "7"), channel="post", day=2), channel="post")


def test_a_shared_address_is_each_ones(ledger: Ledger) -> None:
    ledger.people({1: {ANA}, 2: {ANA, LUIS}})
    ledger.say(an_entry())
    ledger.project()
    assert ledger.allows(1, ANA)
    assert ledger.allows(2, ANA)


# --- the ledger ---------------------------------------------------------------------------------------------


def test_a_repeat_is_no_new_entry(ledger: Ledger) -> None:
    assert ledger.say(an_entry(), an_entry(), an_entry(day=1)) == 2
    assert ledger.say(an_entry(day=1), an_entry(actor="eva")) == 0
    assert last_sequence(ledger.control) == 2


def test_an_undated_repeat_is_no_new_entry_whenever_it_comes(ledger: Ledger) -> None:
    assert ledger.say(imported(is_dated=False)) == 1
    assert ledger.say(imported(is_dated=False, day=9)) == 0


def test_sequences_grow_and_are_stamped(ledger: Ledger) -> None:
    ledger.people({1: {ANA, LUIS}})
    ledger.say(an_entry())
    assert ledger.project() == 1
    ledger.say(an_entry(LUIS), an_entry(LUIS, "no", day=1))
    assert ledger.project() == 3
    assert [row["sequence"] for row in ledger.consents("sequence")] == [1, 2, 3]


def test_what_was_told_comes_back(ledger: Ledger) -> None:
    told = an_entry(wording="v3", method="form", confirmed_at=days(1), evidence='{"ip": "none"}', actor="eva")
    ledger.say(told)
    [kept] = list_entries(ledger.control, [ANA])
    assert kept.sequence == 1
    assert kept.fingerprint == told.fingerprint
    assert (kept.wording, kept.actor, kept.confirmed_at) == ("v3", "eva", days(1))
    assert list_entries(ledger.control, []) == []


def test_projecting_again_changes_nothing(ledger: Ledger) -> None:
    ledger.people({1: {ANA, LUIS}, 2: {ANAS_WORK}})
    ledger.say(an_entry(), imported(LUIS, method=None), an_entry(ANAS_WORK, "objection"))
    ledger.project()
    before = ledger.consents()
    assert ledger.project() == 3
    assert ledger.consents() == before


@pytest.mark.parametrize(
    "told",
    [
        {"address": ("email", " ")},
        {"channel": "fax"},
        {"status": "perhaps"},
        {"status": "objection", "channel": "email"},
        {"basis": "luck"},
        {"purpose": ""},
        {"source": ""},
        {"occurred_at": LATE.astimezone()},
    ],
)
def test_what_cannot_be_an_entry(told: dict[str, object]) -> None:
    with pytest.raises(InputError) as raised:
        an_entry(**told)  # type: ignore[arg-type]
    assert raised.value.code == "profiles.consent_ledger.bad_entry"
    assert "ana@" not in str(raised.value)


def test_nothing_was_said_before_the_beginning(ledger: Ledger) -> None:
    ledger.people({1: {ANA}})
    ledger.say(an_entry(occurred_at=datetime(1990, 1, 1)))
    ledger.project()
    assert not ledger.allows(1, ANA, at=datetime(1990, 1, 1))
