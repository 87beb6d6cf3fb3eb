"""What imports tell becomes entries of the ledger, once, and suppressions where an address bounced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rooms.events.shop_files import NOON, Shop
from tesela import profiles
from tesela.profiles.consent_ledger import append_imported, read_entries
from tesela.profiles.suppression import append_bounces, list_suppressions, open_key

NOW = datetime(2026, 11, 22)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    # the tables of this room that are newer than the warehouse's file
    made.engine.create(profiles.ALL_TABLES)
    yield made
    made.close()


def a_contact(**fields: Any) -> dict[str, Any]:
    return {"created_at": NOON, "customer_id": "7", "email": "ana@x.es", "phone": "+34600000001", **fields}


def a_consent(**fields: Any) -> dict[str, Any]:
    return {"email": "ana@x.es", "channel": "email", "status": "yes", "occurred_at": NOON, "method": "form", **fields}


def told(shop: Shop, names: str = "address_kind, address, channel, status, is_firm", **loads: Any) -> list[Any]:
    append_imported(shop.control, shop.engine, loads=loads.get("loads"), recorded_at=NOW)
    rows = read_entries(shop.control).to_pylist()
    return [tuple(row[name.strip()] for name in names.split(",")) for row in rows]


def test_a_contact_says_yes_without_proof(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(email_consent="yes", email_consent_at=NOON, sms_consent="no")])
    assert sorted(told(shop)) == [
        ("email", "ana@x.es", "email", "yes", False),
        ("phone", "+34600000001", "sms", "no", True),
    ]


def test_who_was_never_asked_says_nothing(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(email_consent="unknown")])
    assert told(shop) == []


def test_a_contact_without_the_address_speaks_as_the_customer(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(phone=None, sms_consent="no", sms_consent_at=NOON)])
    assert told(shop) == [("customer_id", "7", "sms", "no", True)]


def test_another_version_that_says_the_same_is_no_new_statement(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(email_consent="no")])
    shop.receive("contacts", [a_contact(email_consent="no", city="Vigo", updated_at=NOON + timedelta(days=9))])
    assert [row[3] for row in told(shop)] == ["no"]
    shop.receive("contacts", [a_contact(email_consent="yes", updated_at=NOON + timedelta(days=10))])
    assert [row[3] for row in told(shop)] == ["no", "yes"]


def test_an_unsubscription_beside_a_yes(shop: Shop) -> None:
    left = NOON + timedelta(days=3)
    shop.receive("contacts", [a_contact(email_consent="yes", email_unsubscribed_at=left)])
    assert sorted(told(shop, "status, occurred_at, is_dated")) == [("no", left, True), ("yes", NOON, False)]


def test_a_consent_with_its_time_and_form_is_proof(shop: Shop) -> None:
    shop.receive(
        "consents",
        [
            a_consent(wording="v2"),
            a_consent(occurred_at=None),
            a_consent(method=None),
            a_consent(legal_basis="Cliente existente"),
            a_consent(legal_basis="because"),
            a_consent(status="no", channel="sms", phone="+34600000001"),
        ],
    )
    assert set(told(shop, "address, basis, is_firm, is_dated")) == {
        ("ana@x.es", "consent", True, True),
        ("ana@x.es", "consent", False, False),
        ("ana@x.es", "consent", False, True),
        ("ana@x.es", "existing_customer", False, True),
        ("ana@x.es", "other", False, True),
        ("+34600000001", None, True, True),
    }


def test_an_unsubscription_is_of_the_address_that_stood_beside_it(shop: Shop) -> None:
    left = {"name": "unsubscribed", "occurred_at": NOON, "customer_id": "7", "email": "ana@x.es"}
    shop.receive("email-events", [left, {**left, "customer_id": "8", "email": None}])
    assert sorted(told(shop)) == [
        ("customer_id", "8", "email", "no", True),
        ("email", "ana@x.es", "email", "no", True),
    ]


def test_read_twice_it_is_kept_once(shop: Shop) -> None:
    first = shop.receive("consents", [a_consent(), a_consent(occurred_at=NOON + timedelta(days=1))])
    assert len(told(shop)) == 2
    assert len(told(shop, loads=[first.load_id])) == 2
    second = shop.receive("consents", [a_consent(status="no")])
    assert len(told(shop, loads=[first.load_id])) == 2
    assert len(told(shop, loads=[second.load_id])) == 3


def test_hard_bounces_and_complaints_stop_the_address(shop: Shop) -> None:
    happened = {"occurred_at": NOON, "email": "ana@x.es", "customer_id": "7"}
    shop.receive(
        "email-events",
        [
            {**happened, "name": "email_bounced", "bounce_type": "hard"},
            {**happened, "name": "email_bounced", "bounce_type": "soft", "email": "luis@x.es", "customer_id": "8"},
            {**happened, "name": "email_marked_as_spam", "email": "eva@x.es", "customer_id": "9"},
            {**happened, "name": "email_marked_as_spam", "email": None, "customer_id": "10"},
        ],
    )
    key = open_key(shop.folder / "suppression.key", shop.control)
    assert append_bounces(shop.control, shop.engine, key, loads=None, recorded_at=NOW) == 2
    assert append_bounces(shop.control, shop.engine, key, loads=[1], recorded_at=NOW) == 0
    assert append_bounces(shop.control, shop.engine, key, loads=[], recorded_at=NOW) == 0
    found = {(each.hash, each.reason) for each in list_suppressions(shop.control)}
    assert found == {
        (key.hash("email", "ana@x.es"), "hard_bounce"),
        (key.hash("email", "eva@x.es"), "complaint"),
    }
