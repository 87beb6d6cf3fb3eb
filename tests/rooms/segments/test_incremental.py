"""A refresh of the profiles that can have come or gone says the same as one of all, and when they did.

The everyday suite looks at a few random histories; `make proof-refresh` at five thousand (TESELA_HISTORIES).
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from oracles.differential import open_engine
from oracles.random_worlds import conditions, load, others, wholes, worlds
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.language import find_sweeps
from tesela.segments import ALL_TABLES as SEGMENT_TABLES
from tesela.segments import (
    MEMBERSHIPS,
    Segment,
    find_members,
    publish_memberships,
)
from tesela.segments.planning import plan_rules
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from oracles import language as o

HISTORIES = int(os.environ.get("TESELA_HISTORIES", "8"))
ONCE = {"deadline": None, "suppress_health_check": list(HealthCheck), "phases": [Phase.explicit, Phase.generate]}
GAPS = [
    timedelta(microseconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(hours=7),
    timedelta(days=1),
    timedelta(days=40),
]
MICROSECOND = timedelta(microseconds=1)
seen: Counter[str] = Counter()


@pytest.fixture(scope="module")
def one_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[AShop]:
    made = AShop.open(tmp_path_factory.mktemp("shop"))
    yield made
    made.engine.close()


def forget(shop: AShop) -> None:
    shop.engine.write(statement("DELETE FROM {t}", tables={"t": table}) for table in SEGMENT_TABLES)


def members(shop: AShop, segments: Mapping[str, Segment], as_of: datetime, world: o.World) -> dict[str, list[int]]:
    return {slug: sorted(whole(shop, segments, slug, as_of, world.zone)) for slug in segments}


def whole(shop: AShop, segments: Mapping[str, Segment], slug: str, as_of: datetime, zone: ZoneInfo) -> list[int]:
    """Return who is in a segment, computed of everybody."""
    found = find_members(shop.engine, segments, slug, as_of=as_of, zone=zone, columns=())
    profiles: list[int] = found.column("profile_id").to_pylist()
    return profiles


def open_stays(shop: AShop, slugs: Mapping[str, Segment]) -> dict[str, list[int]]:
    rows = shop.engine.query(
        statement("SELECT segment, profile_id FROM {m} WHERE left_at IS NULL", tables={"m": MEMBERSHIPS})
    ).to_pylist()
    return {slug: sorted(row["profile_id"] for row in rows if row["segment"] == slug) for slug in slugs}


def owners(world: o.World, events: list[o.Happening]) -> set[int]:
    """Whose events these are, and who has events of the same orders: a cancellation is about its order's."""
    orders = {(each.source, each.told["order_id"]) for each in events if each.told["order_id"]}
    about = [each for each in world.events if (each.source, each.told["order_id"]) in orders]
    return {each.profile for each in (*events, *about) if each.profile is not None}


@settings(max_examples=HISTORIES, **ONCE)
@given(world=worlds(), rules=st.lists(wholes() | others(), min_size=8, max_size=8), data=st.data())
def test_incremental_is_full(one_shop: AShop, world: o.World, rules: list[o.Rule], data: st.DataObject) -> None:
    shop = one_shop
    gaps = data.draw(st.tuples(st.sampled_from(GAPS), st.sampled_from(GAPS)))
    late = data.draw(st.sets(st.integers(0, 24), max_size=4))
    missed = [each for number, each in enumerate(world.events) if number in late]
    there = [each for number, each in enumerate(world.events) if number not in late]
    segments = {f"r{number}": Segment(f"r{number}", rule.text) for number, rule in enumerate(rules)}
    segments |= {"other": Segment("other", rules[0].text), "nested": Segment("nested", "not in segment r1")}
    moments = [world.as_of - sum(gaps, timedelta()), world.as_of - gaps[1], world.as_of]
    forget(shop)
    load(shop, replace(world, events=there, stays=[]))
    asked = {"zone": world.zone, "few": 1.0}
    publish_memberships(shop.engine, segments, as_of=moments[0], **asked)
    for as_of in moments[1:]:
        changed: set[int] = set()
        if as_of == world.as_of:
            load_events(shop, missed)
            # what happened since is found by its own time
            changed = owners(world, [each for each in missed if each.at < moments[1]])
        expected = members(shop, segments, as_of, world)
        done = publish_memberships(shop.engine, segments, as_of=as_of, changed=changed, **asked)
        assert done is not None
        # planning each of them apart twice over takes long, and the first is as random as the others
        count_swept(shop, segments, as_of, moments[moments.index(as_of) - 1], world)
        assert open_stays(shop, segments) == expected, (moments, changed)


def count_swept(
    shop: AShop, segments: Mapping[str, Segment], as_of: datetime, before: datetime, world: o.World
) -> None:
    plans = (plan_rules(shop.engine, segments, as_of=at, zone=world.zone, asked=["r0"]) for at in (before, as_of))
    seen["all" if find_sweeps(*plans)["r0"] is None else "some"] += 1


def load_events(shop: AShop, events: list[o.Happening]) -> None:
    from decimal import Decimal

    for each in events:
        told = dict(each.told)
        amount = told.pop("amount")
        told["amount"] = None if amount is None else Decimal(amount.numerator) / amount.denominator
        named = {"profile": each.profile, "at": each.at, "source": each.source, "message_id": each.message}
        shop.with_events(an_event(each.name, **(told | named)))


@settings(max_examples=HISTORIES, **ONCE)
@given(world=worlds(), rule=conditions(people=False) | others(), gap=st.sampled_from(GAPS))
def test_they_moved_when_the_condition_turned(one_shop: AShop, world: o.World, rule: o.Rule, gap: timedelta) -> None:
    shop, before = one_shop, world.as_of - gap
    forget(shop)
    load(shop, replace(world, stays=[]))
    segments = {"r": Segment("r", rule.text), "other": Segment("other", "did order_completed")}
    publish_memberships(shop.engine, segments, as_of=before, zone=world.zone)
    publish_memberships(shop.engine, segments, as_of=world.as_of, zone=world.zone, changed=(), few=1.0)
    if any(word in rule.text for word in ("joined", "left", "ever in", "in segment")):
        return
    rows = shop.engine.query(
        statement(
            "SELECT profile_id, coalesce(left_at, entered_at) AS at, left_at IS NULL AS is_in FROM {m}"
            " WHERE segment = 'r' AND (entered_at IS NOT NULL OR left_at IS NOT NULL)",
            tables={"m": MEMBERSHIPS},
        )
    ).to_pylist()
    for row in rows:
        profile, at, is_in = row["profile_id"], row["at"], row["is_in"]
        if at == world.as_of:
            seen["moment of the run"] += 1
            continue
        seen["own moment"] += 1
        assert before <= at < world.as_of
        assert bool(rule.of(replace(world, as_of=at), profile)) != is_in, (profile, at)
        assert bool(rule.of(replace(world, as_of=at + MICROSECOND), profile)) == is_in, (profile, at)


def test_the_random_histories_are_worth_something() -> None:
    """Runs after those above."""
    if seen["all"] + seen["some"] >= 100:
        assert seen["some"] >= seen["all"] / 2, seen


# --- one history, told by hand ----------------------------------------------------------------------------

HOUR = timedelta(hours=1)
RULES = {
    "recent": "did order_completed in last 30 days",
    "quiet": "did order_completed and never order_completed in last 30 days",
    "fresh": "last(product_added) in last 7 days and never order_completed since last(product_added)",
    "spent": "sum(order_completed.amount in last 30 days) >= 20",
    "madrid": 'city = "Madrid"',
    "cart": "sequence(product_added, no order_completed within 24 hours) in last 30 days",
    "brand": 'did product_added where product.brand = "Acme"',
    "yes": "can_receive(email)",
    "stayed": "joined recent in last 2 days",
    "nested": "not in segment recent",
    "top": "top 50% by count(order_completed)",
    "basket": 'did order_completed where any(product_purchased where category = "shoes")',
}
SEGMENTS = {slug: Segment(slug, rule) for slug, rule in RULES.items()}


@pytest.fixture(scope="module", params=["duckdb", "postgres", "clickhouse"])
def any_shop(request: pytest.FixtureRequest) -> Iterator[AShop]:
    with open_engine(request.param) as engine:
        yield AShop.on(engine)


def a_history(shop: AShop) -> None:
    shop.clear()
    forget(shop)
    shop.with_people(*range(1, 9), anonymous=[11])
    shop.with_events(
        an_order(profile=1, days_ago=29.9, amount="15"),
        an_order(profile=1, days_ago=3, amount="10"),
        an_order(profile=2, days_ago=29.5, amount="50", order_id="x1"),
        an_event("product_added", profile=3, days_ago=6.95, product_id="p1"),
        an_event("product_added", profile=4, days_ago=0.99),
        an_order(profile=5, days_ago=1, order_id="x2", amount="99"),
        an_order(profile=6, days_ago=1, order_id="x3"),
        an_order(profile=7, at=AS_OF + HOUR),
    )
    shop.with_attribute(8, "email", "h@x.es").with_consents(
        (8, "h@x.es", "email", "marketing", AS_OF + HOUR, "yes", "a")
    )
    shop.with_attribute(8, "city", "Madrid", AS_OF + HOUR)
    shop.with_products(("shop", "p1", AS_OF + HOUR, {"brand": "Acme"}))
    shop.with_events(an_event("order_cancelled", profile=None, at=AS_OF + HOUR, order_id="x2", source="shop"))
    shop.with_events(an_event("product_purchased", profile=None, at=AS_OF + HOUR, order_id="x3", category="shoes"))


def told(shop: AShop, as_of: datetime) -> dict[str, set[int]]:
    return {slug: set(whole(shop, SEGMENTS, slug, as_of, MADRID)) for slug in SEGMENTS}


def test_every_kind_of_fact_is_found_on_every_engine(any_shop: AShop) -> None:
    shop = any_shop
    a_history(shop)
    publish_memberships(shop.engine, SEGMENTS, as_of=AS_OF, zone=MADRID)
    for later in (AS_OF + 2 * HOUR, AS_OF + 3 * HOUR, AS_OF + 30 * HOUR):
        expected = told(shop, later)
        steady = {slug: each for slug, each in SEGMENTS.items() if slug != "top"}
        chosen = SEGMENTS if later == AS_OF + 3 * HOUR else steady
        done = publish_memberships(shop.engine, chosen, as_of=later, zone=MADRID, changed=(), few=1.0)
        assert done is not None
        # ranks are about everybody
        assert (done.computed is None) == ("top" in chosen) or later == AS_OF + 30 * HOUR
        stays = {slug: set(profiles) for slug, profiles in open_stays(shop, chosen).items()}
        assert stays == {slug: expected[slug] for slug in chosen}
        expected_recent = {AS_OF + 2 * HOUR: {1, 2, 6, 7}, AS_OF + 3 * HOUR: {1, 2, 6, 7}}
        assert stays["recent"] == expected_recent.get(later, {1, 6, 7})
