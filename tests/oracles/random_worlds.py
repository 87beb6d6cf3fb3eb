"""Random worlds for the differential runs, and what an engine and the naive interpreter say of them.

Worlds hold what goes wrong elsewhere: missing values, equal times, events at the very edge of a window, the hours
that zones skip and repeat, leap days, cancelled orders, events of nobody, nobody at all.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from oracles import language as o
from oracles.random_parts import FAVOURITES, STORED, TEXTS, amounts, quantities
from oracles.random_rules import TRAITS, conditions, others, rules, wholes
from rooms.language.a_shop import AShop, an_event
from tesela.language import plan_segments, prepare, read_vocabulary
from tesela.segments import MEMBERSHIPS
from tesela.traits import TRAIT_VALUES

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["conditions", "differences", "load", "others", "rules", "wholes", "worlds"]

MOMENTS = [
    datetime.fromisoformat("2026-11-22 12:00"),
    datetime.fromisoformat("2026-03-29 01:00"),  # the hour that Madrid skips
    datetime.fromisoformat("2026-10-25 00:30"),  # the hour that Madrid has twice
    datetime.fromisoformat("2026-10-25 22:59:59.999999"),  # the last instant of that day of 25 hours
    datetime.fromisoformat("2024-02-29 23:30"),
    datetime.fromisoformat("2026-08-31 10:00"),  # six months back there is no 31st
    datetime.fromisoformat("2026-09-06 12:00"),  # Santiago skipped midnight of this day
    datetime.fromisoformat("2027-02-28 11:00"),  # birthdays of the 29th
    datetime.fromisoformat("2027-01-01 00:00"),  # the first instant of a year, in one zone
]
ZONES = ["Europe/Madrid", "UTC", "America/Bogota", "Atlantic/Canary", "America/Santiago"]
UNITS = [timedelta(minutes=1), timedelta(hours=1), timedelta(days=1), timedelta(weeks=1)]
# from one event to another: at once, and as long as steps may take
APART = [timedelta(), *(n * unit for n in (1, 5, 30) for unit in UNITS)]
ANONYMOUS = 11
LATER = [12, 13]
PHONE = "+34600111222"
OWN_FIELDS = {
    "tags": ["vip; b2b", "vip,b2b;", '["vip", " Ñ "]', " ; ", "camión", "[]", "Straße,😀"],
    "points": ["10", " 9.990", "1e2", "-3", "ten", "nan", ""],
    "expires": ["2026-11-22", "2026-11-29T09:30", "2026-08-31 10:00:00", "2026-03-29T02:30", "soon", "2026-13-01"],
    "location": ["40.4168, -3.7038", "41.39,2.17", "91,0", "here", "40,-3", "44,4", "45,90"],
    "time_zone": ["America/Santiago", "Mars/Base", "", "Asia/Kolkata"],
    "created_at": ["2026-10-25T00:30:00", "2026-11-21T23:00:00", "2024-02-29T12:00:00"],
    "email": ["a@x.es", "b@x.es"],
    "phone": ["a@x.es", PHONE, PHONE],
    "postal_code": ["28001", " "],
    "country": ["ES", "ES", "PT", " "],
}


@st.composite
def worlds(draw: st.DrawFn, people: int = 5, events: int = 25, wide: bool = False) -> o.World:
    """Return a world; a wide one has people who are first seen later, and scores."""
    as_of = draw(st.sampled_from(MOMENTS))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    world = o.World(as_of, zone, list(range(1, draw(st.integers(0, people)) + 1)), [ANONYMOUS])
    if wide:
        world.later = LATER
    for number in range(draw(st.integers(0, events))):
        world.events.append(draw(_happening(world, number)))
    everyone = (*world.known, ANONYMOUS)
    for profile in everyone:
        world.facts[profile] = draw(_facts(as_of))
    times = st.sampled_from([as_of - timedelta(days=n, microseconds=u) for n in (0, 1, 7, 40) for u in (-1, 0, 1)])
    for _ in range(draw(st.integers(0, 6))):
        world.consents.append(draw(_statements(everyone, times)))
    for _ in range(draw(st.integers(0, 4))):
        world.stops.append(draw(_stops(everyone, times)))
    for _ in range(draw(st.integers(0, 6))):
        entered, left = draw(st.none() | times), draw(st.none() | times)
        recorded, left_recorded = draw(times), draw(st.none() | times)
        world.stays.append(o.Recorded("other", draw(st.sampled_from(everyone)), entered, left, recorded, left_recorded))
    sources = st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["p1", "p2"]), times)
    for source, product, since in draw(st.lists(sources, max_size=5, unique=True)):
        world.products.append(o.Version(source, product, since, draw(_products())))
    told = st.tuples(st.sampled_from(everyone), times)
    for profile, at in draw(st.lists(told, max_size=6 if wide else 0, unique=True)):
        world.scores.append(o.Score(profile, "score", at, draw(st.sampled_from(["10", "0.5", "-3", ""]))))
    return world


@st.composite
def _statements(draw: st.DrawFn, everyone: Sequence[int], times: st.SearchStrategy[datetime]) -> o.Statement:
    return o.Statement(
        draw(st.sampled_from(everyone)),
        draw(st.sampled_from(["a@x.es", "b@x.es", PHONE])),
        draw(st.sampled_from(["email", "sms", "post"])),
        draw(st.sampled_from(["marketing", "service"])),
        draw(times),
        draw(st.sampled_from(["yes", "no"])),
        draw(st.sampled_from(["form", "shop"])),
        draw(st.sampled_from(["consent", "consent", "existing_customer"])),
    )


@st.composite
def _stops(draw: st.DrawFn, everyone: Sequence[int], times: st.SearchStrategy[datetime]) -> o.Stop:
    names = [("email", "a@x.es"), ("email", "b@x.es"), ("phone", PHONE), ("phone", "a@x.es")]
    kind, value = draw(st.sampled_from([*names, *(("member_id", f"M{profile}") for profile in everyone)]))
    reason, binds = draw(st.sampled_from([("manual", True), ("exclusion_list", True), ("exclusion_list", False)]))
    return o.Stop(kind, value, draw(st.sampled_from(["email", "sms", "post"])), draw(times), reason, binds)


@st.composite
def _products(draw: st.DrawFn) -> dict[str, Any]:
    money = st.sampled_from([None, Fraction(5), Fraction("9.99")])
    texts = st.none() | st.sampled_from(TEXTS)
    found: dict[str, Any] = {name: draw(texts) for name in ("brand", "category", "name")}
    return found | {"margin": draw(money), "price": draw(money), "in_stock": draw(st.sampled_from([None, True, False]))}


@st.composite
def _happening(draw: st.DrawFn, world: o.World, number: int) -> o.Happening:
    name = draw(st.sampled_from(STORED))
    # the very edges of windows, the moment of truth itself, and a microsecond to either side
    edges = [edge for edge in draw(st.sampled_from(FAVOURITES)).of(world) if edge is not None]
    anywhere = world.as_of - timedelta(hours=draw(st.integers(-30, 5000)))
    start = draw(st.sampled_from([*edges, world.as_of, anywhere, anywhere, anywhere]))
    # or as long after another one of the same person as a step may take
    before = draw(st.none() | st.sampled_from(world.events)) if world.events else None
    if before is not None:
        start = before.at + draw(st.sampled_from(APART))
    at = start + timedelta(microseconds=draw(st.sampled_from([-1, 0, 0, 1])))
    texts = st.none() | st.sampled_from(TEXTS)
    told: dict[str, Any] = {"order_id": draw(st.sampled_from(["o1", "o2", "o3", None]))}
    told["amount"] = None if (amount := draw(amounts)) is None else Fraction(amount)
    told["coupon"], told["category"] = draw(texts), draw(texts)
    told["product_id"] = draw(st.sampled_from(["p1", "p2", None]))
    told["is_machine"] = draw(st.sampled_from([True, False, None]))
    if draw(st.booleans()):
        told["list"], told["session_id"] = draw(texts), draw(texts)
    if (quantity := draw(quantities)) is not None:
        told["quantity"] = quantity
    own = {"color": draw(st.sampled_from(TEXTS)), "a/b~c": draw(texts)} if draw(st.booleans()) else {"n": 1}
    told["properties"] = json.dumps(own)
    profile = before.profile if before else draw(st.sampled_from([*world.known, ANONYMOUS, None]))
    # who is first seen later has done nothing before
    profile = draw(st.sampled_from([*world.later, profile])) if world.later and at >= world.as_of else profile
    return o.Happening(profile, name, at, draw(st.sampled_from(["a", "b"])), f"m{number:03}", told)


@st.composite
def _facts(draw: st.DrawFn, as_of: datetime) -> dict[str, list[tuple[datetime, str]]]:
    born = draw(st.sampled_from([None, "1990-02-28", "2000-02-29", "1990-11-23", "1996-03-01", "2030-01-01", "soon"]))
    times = [as_of - timedelta(days=1), as_of - timedelta(microseconds=1), as_of]
    said = st.tuples(st.sampled_from(times), st.sampled_from(TEXTS))
    found = {"city": draw(st.lists(said, max_size=2, unique_by=lambda v: v[0]))}
    for name, choices in OWN_FIELDS.items():
        if draw(st.integers(0, 2)):
            found[name] = [(times[0], draw(st.sampled_from(choices)))]
            if draw(st.booleans()):
                found[name].append((as_of - timedelta(days=draw(st.integers(2, 40))), draw(st.sampled_from(choices))))
    return found | ({"birth_date": [(times[0], born)]} if born else {})


# --- an engine's world ------------------------------------------------------------------------------------


def load(shop: AShop, world: o.World) -> None:
    """Make an engine hold a world, and nothing else."""
    shop.clear()
    shop.with_people(*world.known, anonymous=world.anonymous)
    for profile, wait in zip(world.later, (0, 1), strict=False):
        shop.with_people(profile, seen=world.as_of + timedelta(microseconds=wait))
    # an event of no one's that gives the shop's own name its place
    rows = [an_event("own_event", profile=None, at=world.as_of - timedelta(days=9999))]
    # as fields that nobody has yet
    told = [(99, name, "", world.as_of + timedelta(days=1)) for name in ("tags", "points", "expires", "location")]
    for profile, facts in world.facts.items():
        told += [(profile, name, value, since) for name, history in facts.items() for since, value in history]
    shop.with_events(*rows, *map(as_row, world.events))
    shop.with_attributes(*told)
    shop.with_consents(*world.consents)
    shop.with_stops(*world.stops)
    for profile in (*world.known, *world.anonymous):
        shop.with_identifier(profile, "member_id", f"M{profile}")
    shop.with_stays(*world.stays)
    shop.with_products(*world.products)
    shop.with_scores(*world.scores)


def as_row(happening: o.Happening) -> dict[str, Any]:
    told = dict(happening.told)
    amount = told.pop("amount")
    told["amount"] = None if amount is None else Decimal(amount.numerator) / amount.denominator
    own = {"source": happening.source, "message_id": happening.message}
    return an_event(happening.name, profile=happening.profile, at=happening.at, **(told | own))


def differences(
    shop: AShop, world: o.World, asked: Sequence[o.Rule]
) -> list[tuple[str, dict[int, bool], dict[int, bool]]]:
    """Return the rules on which an engine and the interpreter differ: text, expected, computed; one plan for all."""
    found = []
    ways = answers(shop, world, asked)
    for slug, rule in named(asked).items():
        expected = {profile: bool(rule.of(world, profile)) for profile in (*world.known, *world.anonymous)}
        found += [(rule.text, expected, computed[slug]) for computed in ways if computed[slug] != expected]
    return found


def named(asked: Sequence[o.Rule]) -> dict[str, o.Rule]:
    """Return rules by slug; one uses others, so nesting is part of the plan."""
    written = {f"r{number}": rule for number, rule in enumerate(asked)}
    nested = o.joined(o.negated(o.in_segment("r0", asked[0])), "or", o.in_segment("r1", asked[1]))
    return written | {"nested": nested}


def answers(shop: AShop, world: o.World, asked: Sequence[o.Rule]) -> list[dict[str, dict[int, bool]]]:
    """Return whom each rule holds for, anonymous visitors included, in each way that an engine has to say it."""
    written = {slug: rule.text for slug, rule in named(asked).items()}
    vocabulary = read_vocabulary(shop.engine, written.values(), {name: rule.text for name, rule in TRAITS.items()})
    plan = plan_segments(
        written,
        as_of=world.as_of,
        zone=world.zone,
        # whose stays the world has recorded
        others={"other": "true"},
        vocabulary=replace(vocabulary, stored_traits={"score": "number"}),
        memberships=MEMBERSHIPS,
        trait_values=TRAIT_VALUES,
    )
    ways = [prepare(shop.engine, plan)]
    if ways[0].relations:
        # what was computed in memory is also the statement's to compute, for fewer rules or some profiles
        ways.append(prepare(shop.engine, plan, dialect=shop.engine.name))
    found = []
    for way in ways:
        rows = {row["profile_id"]: row for row in shop.engine.query(way).to_pylist()}
        assert sorted(rows) == [*world.known, *world.anonymous]
        found.append(
            {slug: {profile: bool(row[plan.columns[slug]]) for profile, row in rows.items()} for slug in written}
        )
    return found
