"""What follows from identity in the warehouse: by parts as whole, in any order of arrival, within bounds, and why."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from rooms.events.shop_files import NOON, Shop, an_order
from tesela import events, profiles
from tesela.base import ConflictError, InputError, NotFoundError
from tesela.warehouse import Statement

[MERGES] = [table for table in profiles.ALL_TABLES if table.name == "identity_merges"]

Load = tuple[events.Kind, list[dict[str, Any]], str]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    yield made
    made.close()


def a_contact(**fields: Any) -> dict[str, Any]:
    return {"created_at": NOON, **fields}


def a_view(browser: str, message: str, **fields: Any) -> dict[str, Any]:
    return {"name": "page_viewed", "occurred_at": NOON, "anonymous_id": browser, "message_id": message, **fields}


def groups(shop: Shop) -> set[frozenset[str]]:
    """Who is one person, by identifiers and not by numbers, which follow the order of arrival."""
    asked = """SELECT list(s.kind || ':' || s.value) AS who FROM subject_profiles AS p
               JOIN subjects AS s USING (subject_id) GROUP BY p.profile_id"""
    return {frozenset(row["who"]) for row in shop.engine.query(Statement(asked)).to_pylist()}


LOADS: list[Load] = [
    ("contacts", [a_contact(customer_id="7", email="ana@x.es", phone="+34600111222")], "shop"),
    ("contacts", [a_contact(email="ana@x.es"), a_contact(phone="+34600111222", loyalty_card="T1")], "till"),
    (
        "contacts",
        [a_contact(customer_id="8", email="casa@x.es"), a_contact(customer_id="9", email="casa@x.es")],
        "shop",
    ),
    ("orders", [an_order("1", loyalty_card="T1"), an_order("2", email="casa@x.es")], "till"),
    ("events", [a_view("v1", "m1"), a_view("v1", "m2", email="ana@x.es"), a_view("v2", "m3")], "web"),
    ("events", [a_view("v2", "m4", customer_id="7"), a_view("v2", "m5", customer_id="9")], "web"),
]


def test_the_order_of_arrival_and_when_it_is_looked_at_change_nothing(tmp_path: Path) -> None:
    chance = random.Random(3)
    orders = chance.sample(list(itertools.permutations(LOADS)), 4)
    ends = []
    for number, order in enumerate(orders):
        shop = Shop(tmp_path / str(number))
        for kind, rows, source in order:
            shop.receive(kind, rows, source=source)
            if number % 2:
                shop.derive()
                # the next import is another process
                shop.graph = profiles.IdentityGraph(shop.folder / "identity", shop.settings)
        shop.derive()
        ends.append(groups(shop))
        shop.close()
    assert ends == [ends[0]] * len(ends)
    ana = {"customer_id:7", "email:ana@x.es", "phone:+34600111222", "loyalty_card:T1", "anonymous_id:v1"}
    assert ana in ends[0]
    assert {"anonymous_id:v2"} in ends[0]  # she and customer 9 were both seen with it


TABLES = (profiles.PROFILES, profiles.IDENTIFIERS, profiles.ATTRIBUTE_VALUES, profiles.CONSENTS, events.EVENTS)


def test_by_parts_is_as_whole_and_a_rebuild_gives_the_same_numbers(shop: Shop) -> None:
    for kind, rows, source in LOADS:
        shop.receive(kind, rows, source=source)
        shop.derive()
    again = shop.open_warehouse("rebuilt.duckdb")
    events.follow_record(again, lambda: shop.control, shop.record)
    shop.derive(again)
    for table in TABLES:
        assert shop.rows(table, engine=again) == shop.rows(table), table.name
    now = "subject_id, with_subject_id, kind, value", "unmerged_at IS NULL"
    assert shop.rows(MERGES, *now, engine=again) == shop.rows(MERGES, *now)
    again.close()


def test_a_component_that_must_split_does_and_each_part_keeps_a_number_it_had(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(customer_id="7", email="ana@x.es"), a_contact(email="eva@x.es")])
    shop.derive()
    before = {row["email"]: row["profile_id"] for row in shop.rows(profiles.PROFILES, "email, profile_id")}
    shop.receive("events", [a_view("v", "m1", customer_id="7"), a_view("v", "m2", email="eva@x.es")], source="web")
    shop.derive()
    assert {row["profile_id"] for row in shop.rows(profiles.PROFILES, "profile_id")} == {min(before.values())}
    # a second customer at the same browser: it is shared and joins nobody
    shop.receive("events", [a_view("v", "m3", customer_id="8")], source="web")
    shop.derive()
    now = {row["email"]: row["profile_id"] for row in shop.rows(profiles.PROFILES, "email, profile_id")}
    assert {email: now[email] for email in before} == before
    history = shop.rows(MERGES, "kind, value, merged_at < unmerged_at AS has_ended")
    assert history == [{"kind": "anonymous_id", "value": "v", "has_ended": True}]
    owners = shop.rows(events.EVENTS, "message_id, profile_id")
    assert {row["message_id"]: row["profile_id"] for row in owners}["m2"] == before["eva@x.es"]


def test_two_tills_that_type_in_one_email_join_nobody(shop: Shop) -> None:
    tills = [("till-1", range(100, 130)), ("till-2", range(200, 230))]
    for till, numbers in tills:
        shop.receive("contacts", [a_contact(customer_id=str(n), email="caja@x.es") for n in numbers], source=till)
        shop.derive()
    assert len(groups(shop)) == 60
    [shared] = shop.rows(profiles.IDENTIFIERS, "profile_id", "kind = 'email'")
    assert shared["profile_id"] is None
    with pytest.raises(ConflictError, match="shared by several"):
        profiles.find_person(shop.engine, "caja@x.es", "ES")
    identity = shop.graph.current(shop.engine, shop.control, shop.scratch)
    [told] = shop.graph.read(shop.engine, identity, 1).barred
    assert (told["reason"], told["distinct"]) == ("shared", 60)


@pytest.mark.slow
def test_an_identifier_of_a_hundred_thousand_people_is_bounded(shop: Shop) -> None:
    count = 100_000
    rows = [a_contact(email=f"p{n}@x.es", phone="+34900000001") for n in range(count)]
    shop.receive("contacts", rows)
    shop.derive()
    assert len(groups(shop)) == count
    # a visit of one of the many, and one more at that phone: only who is new has a profile that was not there
    shop.receive("events", [a_view("v", "m", email="p7@x.es")], source="web")
    shop.receive("contacts", [a_contact(email="new@x.es", phone="+34900000001")])
    loads = events.following.underived_loads(shop.engine)
    found = shop.graph.resolve(shop.engine, shop.control, shop.scratch, loads)
    assert found.moved.num_rows == 1
    shop.derive()
    assert len(groups(shop)) == count + 1


def test_what_is_kept_is_only_of_use_to_the_warehouse_it_is_of(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(customer_id="7", email="ana@x.es")])
    shop.derive()
    for path in (shop.folder / "identity").glob("*.arrow"):
        path.write_bytes(b"")  # a power cut
    shop.graph = profiles.IdentityGraph(shop.folder / "identity", shop.settings)
    shop.receive("contacts", [a_contact(email="ana@x.es")], source="newsletter")
    shop.derive()
    assert groups(shop) == {frozenset({"customer_id:7", "email:ana@x.es"})}


def test_rules_of_the_shop_count(tmp_path: Path) -> None:
    told = {
        "merging": ["customer_id", "email"],
        "own": ["tienda.es"],
        "unique": {"customer_id": 2, "loyalty_card": {"email": 1}},
        "blocked": {"email": ["pend*@x.es"], "any": ["x"]},
    }
    settings = profiles.IdentitySettings.read(told)
    shop = Shop(tmp_path, settings=settings)
    one = [a_contact(customer_id=n, email="casa@x.es") for n in "12"]  # two of one household may share it
    two = [a_contact(customer_id=n, email="caja@tienda.es") for n in "34"]
    three = [a_contact(customer_id=n, email="pendiente@x.es") for n in "56"]
    four = [a_contact(customer_id=n, phone="+34600111222") for n in "78"]
    shop.receive("contacts", [*one, *two, *three, *four])
    shop.derive()
    assert {each for each in groups(shop) if len(each) > 1} == {frozenset({"customer_id:1", "customer_id:2"})}
    shop.close()


@pytest.mark.parametrize(
    "told",
    [
        {"merge": ["email"]},
        {"merging": ["e-mail"]},
        {"merging": ["email", "email"]},
        {"merging": "email"},
        {"largest": 0},
        {"largest": "many"},
        {"unique": {"customer_id": -1}},
        {"unique": {"customer_id": {"mail": 1}}},
        {"unique": 3},
        {"blocked": {"mail": ["x"]}},
        {"survival": {"city": "best"}},
        "email",
    ],
)
def test_settings_that_make_no_sense_are_refused(told: Any) -> None:
    with pytest.raises(InputError) as refused:
        profiles.IdentitySettings.read(told)
    assert refused.value.message("es") != refused.value.message("en")


def test_settings_are_written_as_they_are_read() -> None:
    import tomllib

    told = profiles.IdentitySettings.read(
        {
            "merging": ["email", "customer_id"],
            "largest": 50,
            "own": ["ana.es"],
            "trusted": ["crm"],
            "unique": {"customer_id": {"any": 1, "phone": 2}},
            "blocked": {"any": ['"x"']},
            "survival": {"city": "longest"},
        }
    )
    assert profiles.IdentitySettings.read(tomllib.loads(told.written())["identity"]) == told
    assert profiles.IdentitySettings().written() == ""
    assert told.fingerprint != profiles.IdentitySettings().fingerprint


DAY = [datetime(2026, 6, day) for day in range(1, 6)]


@pytest.mark.parametrize(
    ("rule", "expected", "history"),
    [
        ("newest", "Lugo", ["Vigo", "A Coruña", "Vigo", "Lugo"]),
        ("longest", "A Coruña", ["Vigo", "A Coruña"]),
        ("most_trusted", "A Coruña", ["Vigo", "A Coruña"]),
        ("most_frequent", "Vigo", ["Vigo", "A Coruña", "Vigo"]),
    ],
)
def test_which_value_of_merged_records_holds_is_set(
    tmp_path: Path, rule: Any, expected: str, history: list[str]
) -> None:
    settings = profiles.IdentitySettings(survival={"city": rule}, trusted=("crm", "shop"))
    shop = Shop(tmp_path, settings=settings)
    cities = [("shop", "Vigo"), ("crm", "A Coruña"), ("shop", "Vigo"), ("web", "Lugo")]
    for number, (source, city) in enumerate(cities):
        identifier = {"customer_id": "7"} if source == "shop" else {"phone": "+34600111222", "email": None}
        row = {"email": "ana@x.es", **identifier, "city": city, "updated_at": DAY[number]}
        shop.receive("contacts", [{**row, "first_name": "Ana"}], source=source)
    shop.receive("contacts", [{"customer_id": "7", "phone": "+34600111222", "updated_at": DAY[4]}], source="shop")
    shop.derive()
    [person] = shop.rows(profiles.PROFILES, "city, first_name, customer_id, email, phone")
    assert person == {
        "city": expected,
        "first_name": "Ana",
        "customer_id": "7",
        "email": "ana@x.es",
        "phone": "+34600111222",
    }
    told = shop.rows(profiles.ATTRIBUTE_VALUES, "valid_from, value, source", "field = 'city'")
    assert [row["value"] for row in told] == history
    assert {row["source"] for row in told if row["value"] == expected} <= {"shop", "crm", "web"}
    shop.close()


def test_a_person_is_found_by_whatever_names_her(shop: Shop) -> None:
    shop.receive("contacts", [a_contact(customer_id="7", email="ana@x.es", phone="+34600111222")])
    shop.receive("contacts", [a_contact(customer_id="8", email="eva@x.es", loyalty_card="7")])
    shop.derive()
    ana, eva = (profiles.find_person(shop.engine, who, "ES") for who in ("ana@x.es", "eva@x.es"))
    for who in ("ANA@x.es", "600 111 222", "+34600111222", "7", f"#{ana.profile_id}"):
        assert profiles.find_person(shop.engine, who, "ES") == ana, who
    assert ana != eva
    for who in ("nobody@x.es", "#99", "#x"):
        with pytest.raises(NotFoundError):
            profiles.find_person(shop.engine, who, "ES")
