"""Which profile a record belongs to (docs/decisions/0007)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rooms.events.shop_files import NOON, Shop, an_order
from tesela import events, profiles


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def a_contact(**fields: Any) -> dict[str, Any]:
    return {"created_at": NOON, **fields}


def people(shop: Shop) -> list[dict[str, Any]]:
    shop.derive()
    return shop.rows(profiles.PROFILES, "customer_id, email, is_known")


def test_an_email_of_exactly_one_customer_is_that_customer(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(customer_id="7", email="ana@x.es")])
    shop.receive("contacts", [a_contact(email="ana@x.es")], source="newsletter")
    opened = {"name": "email_opened", "occurred_at": NOON, "email": "ana@x.es"}
    shop.receive("email-events", [opened])
    assert people(shop) == [{"customer_id": "7", "email": "ana@x.es", "is_known": True}]
    [event] = shop.rows(events.EVENTS, "profile_id, channel")
    [profile] = shop.rows(profiles.PROFILES, "profile_id")
    assert event == {"profile_id": profile["profile_id"], "channel": "email"}


def test_an_email_that_two_customers_share_is_neither(shop: Shop) -> None:
    shop.receive(
        "contacts", [a_contact(customer_id="7", email="casa@x.es"), a_contact(customer_id="8", email="casa@x.es")]
    )
    shop.receive("contacts", [a_contact(email="casa@x.es")], source="newsletter")
    assert len(people(shop)) == 3
    [shared] = shop.rows(profiles.IDENTIFIERS, "profile_id, subject_id", "kind = 'email'")
    assert shared["profile_id"] == shared["subject_id"]


def test_a_visitor_who_becomes_known_brings_her_earlier_visits(shop: Shop) -> None:
    view = {"name": "page_viewed", "occurred_at": NOON, "anonymous_id": "v1"}
    shop.receive("events", [view])
    shop.derive()
    [anonymous] = shop.rows(profiles.PROFILES, "profile_id, is_known")
    assert anonymous["is_known"] is False
    shop.receive("events", [{**view, "name": "form_submitted", "email": "ana@x.es"}])
    shop.derive()
    [known] = shop.rows(profiles.PROFILES, "profile_id, is_known")
    assert known == {"profile_id": anonymous["profile_id"], "is_known": True}
    assert shop.rows(events.EVENTS, "DISTINCT profile_id") == [{"profile_id": anonymous["profile_id"]}]


def test_the_order_of_arrival_changes_nothing(tmp_path: Path) -> None:
    loads: list[tuple[events.Kind, list[dict[str, Any]]]] = [
        ("contacts", [a_contact(customer_id="7", email="ana@x.es", phone="+34600111222")]),
        ("email-events", [{"name": "email_opened", "occurred_at": NOON, "email": "ana@x.es", "message_id": "m"}]),
        ("orders", [an_order(phone="+34600111222")]),
        (
            "events",
            [{"name": "page_viewed", "occurred_at": NOON, "anonymous_id": "v", "email": "eva@x.es", "message_id": "n"}],
        ),
    ]
    ends = []
    for number, order in enumerate(itertools.permutations(loads)):
        shop = Shop(tmp_path / str(number))
        for kind, rows in order:
            shop.receive(kind, rows)
        who = people(shop)
        facts = {row["name"]: row["profile_id"] for row in shop.rows(events.EVENTS, "name, profile_id")}
        ends.append((who, facts["email_opened"] == facts["order_completed"] != facts["page_viewed"]))
        shop.close()
    assert ends == [ends[0]] * len(ends)
    assert ends[0][1] is True
    assert len(ends[0][0]) == 2


def test_a_rebuild_gives_the_same_profiles_with_the_same_numbers(shop: Shop) -> None:
    shop.receive("email-events", [{"name": "email_opened", "occurred_at": NOON, "email": "ana@x.es"}])
    shop.receive("contacts", [a_contact(customer_id="7", email="ana@x.es"), a_contact(email="eva@x.es")])
    shop.receive("orders", [an_order("1", customer_id="7"), an_order("2", email="leo@x.es")])
    shop.derive()
    again = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(again, lambda: shop.control, shop.record)
    shop.derive(again)
    for table in (profiles.PROFILES, profiles.IDENTIFIERS, profiles.ATTRIBUTE_VALUES, profiles.CONSENTS, events.EVENTS):
        assert shop.rows(table, engine=again) == shop.rows(table), table.name
    again.close()


def test_attributes_keep_their_history_and_the_view_shows_the_newest(shop: Shop) -> None:
    moved = datetime(2026, 8, 1)
    shop.receive("contacts", [a_contact(customer_id="7", city="Vigo", gender="female", first_source="form")])
    shop.receive("contacts", [a_contact(customer_id="7", city="Lugo", updated_at=moved, first_source="social")])
    shop.derive()
    [now] = shop.rows(profiles.PROFILES, "city, gender, first_source, created_at, first_seen_at")
    assert now == {
        "city": "Lugo",
        "gender": "female",
        "first_source": "form",
        "created_at": NOON,
        "first_seen_at": NOON,
    }
    history = shop.rows(profiles.ATTRIBUTE_VALUES, "value, valid_from", "field = 'city'")
    assert history == [{"value": "Lugo", "valid_from": moved}, {"value": "Vigo", "valid_from": NOON}]


def test_fields_of_the_shop_are_kept_with_odd_names_and_all(shop: Shop) -> None:
    odd = '{"Nivel \\"VIP\\"": "oro", "a.b $[0]": "1"}'
    shop.receive("contacts", [a_contact(customer_id="7", properties=odd)])
    shop.derive()
    fields = shop.rows(
        profiles.ATTRIBUTE_VALUES, "field, value", "load_id = 1 AND field LIKE '%V%' OR field LIKE 'a.b%'"
    )
    assert fields == [{"field": 'Nivel "VIP"', "value": "oro"}, {"field": "a.b $[0]", "value": "1"}]


def test_consents_come_from_files_contacts_and_unsubscribes(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(email="ana@x.es", email_consent="yes", email_consent_at=NOON)])
    said = {"email": "ana@x.es", "channel": "email", "status": "no", "occurred_at": datetime(2026, 7, 1)}
    # an e-mail address says nothing about a phone
    told = {**said, "channel": "sms", "status": "yes"}
    shop.receive("consents", [said, told, {**told, "phone": "+34600111222"}])
    left = {"name": "unsubscribed", "occurred_at": datetime(2026, 8, 1), "email": "ana@x.es"}
    shop.receive("email-events", [left])
    shop.derive()
    assert shop.rows(profiles.CONSENTS, "occurred_at, channel, status, address") == [
        {"occurred_at": NOON, "channel": "email", "status": "yes", "address": "ana@x.es"},
        {"occurred_at": datetime(2026, 7, 1), "channel": "email", "status": "no", "address": "ana@x.es"},
        {"occurred_at": datetime(2026, 7, 1), "channel": "sms", "status": "yes", "address": "+34600111222"},
        {"occurred_at": datetime(2026, 8, 1), "channel": "email", "status": "no", "address": "ana@x.es"},
    ]
