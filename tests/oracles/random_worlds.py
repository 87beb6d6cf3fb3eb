"""Random worlds and rules for the differential runs: histories, and rules over the whole language.

What a rule says is built together with what the naive interpreter makes of it, so each comes as its text and its
meaning. Worlds hold what goes wrong elsewhere: missing values, equal times, events at the very edge of a window,
the hours that zones skip and repeat, leap days, cancelled orders, events of nobody, nobody at all.
"""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from oracles import language_oracle as o
from oracles import oracle_words as x
from rooms.language.a_shop import AShop, an_event
from tesela.language import prepare
from tesela.segments import plan_rules

if TYPE_CHECKING:
    from collections.abc import Sequence

MOMENTS = [
    datetime.fromisoformat("2026-11-22 12:00"),
    datetime.fromisoformat("2026-03-29 01:00"),  # the hour that Madrid skips
    datetime.fromisoformat("2026-10-25 00:30"),  # the hour that Madrid has twice
    datetime.fromisoformat("2024-02-29 23:30"),
    datetime.fromisoformat("2026-08-31 10:00"),  # six months back there is no 31st
    datetime.fromisoformat("2026-09-06 12:00"),  # Santiago skipped midnight of this day
    datetime.fromisoformat("2027-02-28 11:00"),  # birthdays of the 29th
]
ZONES = ["Europe/Madrid", "UTC", "America/Bogota", "Atlantic/Canary", "America/Santiago"]
NAMES = ["order_completed", "order_refunded", "email_opened", "email_opened_any", "product_added", "own_event"]
TEXTS = ["", "  ", "Camión", "camion", "b", "Ñandú"]

fields = st.sampled_from(["coupon", "category"])
signs = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
amounts = st.sampled_from([Decimal("0"), Decimal("0.0001"), Decimal("9.99"), Decimal("10"), Decimal("30"), None])


@st.composite
def worlds(draw: st.DrawFn) -> o.World:
    as_of = draw(st.sampled_from(MOMENTS))
    zone = ZoneInfo(draw(st.sampled_from(ZONES)))
    known = draw(st.integers(0, 5))
    world = o.World(as_of, zone, list(range(1, known + 1)), [11])
    for number in range(draw(st.integers(0, 25))):
        world.events.append(draw(_happening(world, number)))
    everyone = (*world.known, 11)
    for profile in everyone:
        world.facts[profile] = draw(_facts(as_of))
    times = st.sampled_from([as_of - timedelta(days=n, microseconds=u) for n in (0, 1, 7, 40) for u in (-1, 0, 1)])
    for _ in range(draw(st.integers(0, 6))):
        world.consents.append(
            o.Statement(
                draw(st.sampled_from(everyone)),
                draw(st.sampled_from(["a@x.es", "b@x.es"])),
                draw(st.sampled_from(["email", "sms", "post"])),
                draw(st.sampled_from(["marketing", "service"])),
                draw(times),
                draw(st.sampled_from(["yes", "no"])),
                draw(st.sampled_from(["form", "shop"])),
            )
        )
    for _ in range(draw(st.integers(0, 6))):
        entered, left = draw(st.none() | times), draw(st.none() | times)
        recorded, left_recorded = draw(times), draw(st.none() | times)
        world.stays.append(o.Recorded("other", draw(st.sampled_from(everyone)), entered, left, recorded, left_recorded))
    for source, product, since in draw(
        st.lists(
            st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["p1", "p2"]), times), max_size=5, unique=True
        )
    ):
        margin = draw(st.sampled_from([None, Fraction(5), Fraction("9.99")]))
        world.products.append(
            o.Version(source, product, since, {"brand": draw(st.sampled_from([*TEXTS, None])), "margin": margin})
        )
    return world


@st.composite
def _happening(draw: st.DrawFn, world: o.World, number: int) -> o.Happening:
    name = draw(st.sampled_from(["order_completed", "order_completed", "order_cancelled", *NAMES[1:3], *NAMES[4:]]))
    # the very edges of windows, the moment of truth itself, and a microsecond to either side
    edges = [edge for edge in draw(st.sampled_from(FAVOURITES)).of(world) if edge is not None]
    anywhere = world.as_of - timedelta(hours=draw(st.integers(-30, 5000)))
    start = draw(st.sampled_from([*edges, world.as_of, anywhere, anywhere, anywhere]))
    at = start + timedelta(microseconds=draw(st.sampled_from([-1, 0, 0, 1])))
    told: dict[str, Any] = {"order_id": draw(st.sampled_from(["o1", "o2", "o3", None]))}
    told["amount"] = None if (amount := draw(amounts)) is None else Fraction(amount)
    told["coupon"], told["category"] = draw(st.sampled_from([*TEXTS, None])), draw(st.sampled_from([*TEXTS, None]))
    told["product_id"] = draw(st.sampled_from(["p1", "p2", None]))
    told["is_machine"] = draw(st.sampled_from([True, False, None]))
    profile = draw(st.sampled_from([*world.known, 11, None]))
    return o.Happening(profile, name, at, draw(st.sampled_from(["a", "b"])), f"m{number:03}", told)


@st.composite
def _facts(draw: st.DrawFn, as_of: datetime) -> dict[str, list[tuple[datetime, str]]]:
    born = draw(st.sampled_from([None, "1990-02-28", "2000-02-29", "1990-11-23", "1996-03-01", "2030-01-01"]))
    times = [as_of - timedelta(days=1), as_of - timedelta(microseconds=1), as_of]
    cities = draw(
        st.lists(st.tuples(st.sampled_from(times), st.sampled_from(TEXTS)), max_size=2, unique_by=lambda v: v[0])
    )
    own = {
        "tags": ["vip; b2b", "vip,b2b;", '["vip", " Ñ "]', " ; ", "camión"],
        "points": ["10", " 9.990", "1e2", "-3", "ten", "nan", ""],
        "expires": ["2026-11-22", "2026-11-29T09:30", "2026-08-31 10:00:00", "2026-03-29T02:30", "soon", "2026-13-01"],
        "location": ["40.4168, -3.7038", "41.39,2.17", "91,0", "here"],
        "time_zone": ["America/Santiago", "Mars/Base", "", "Asia/Kolkata"],
        "email": ["a@x.es", "b@x.es"],
        "phone": ["a@x.es"],
        "country": ["ES", "ES", "PT", " "],
    }
    found: dict[str, list[tuple[datetime, str]]] = {"city": cities}
    for name, choices in own.items():
        if draw(st.integers(0, 2)):
            found[name] = [(times[0], draw(st.sampled_from(choices)))]
            if draw(st.booleans()):
                found[name].append((as_of - timedelta(days=draw(st.integers(2, 40))), draw(st.sampled_from(choices))))
    return found | ({"birth_date": [(times[0], born)]} if born else {})


@st.composite
def parts(draw: st.DrawFn, depth: int = 1, local: bool = True) -> o.Part:
    clocks = ["", "local."] if local else [""]
    choice = draw(st.sampled_from([*range(12)] if depth else [*range(5), 8, 9, 10]))
    name = draw(fields)
    text = draw(st.sampled_from(TEXTS[2:]))
    if choice == 0:
        return o.field_is(name, draw(signs), text, f'"{text}"')
    if choice == 1:
        amount = draw(st.sampled_from(["0", "9.99", "10", "0.00005"]))
        return o.field_is("amount", draw(signs), Fraction(amount), amount)
    if choice == 2:
        return o.field_set(name, draw(st.booleans()))
    if choice == 3:
        return o.field_in(name, draw(st.lists(st.sampled_from(TEXTS[2:]), min_size=1, max_size=3)), draw(st.booleans()))
    if choice == 4:
        word = draw(st.sampled_from(["contains", "starts with", "ends with", "does not contain"]))
        return o.field_text(name, word, draw(st.sampled_from(["CAM", "ión", "n", "ñ", ""])))
    if choice == 8:
        return x.hour_is(draw(st.sampled_from(clocks)), draw(signs), draw(st.sampled_from([0, 1, 9, 23])))
    if choice == 9:
        days = draw(st.lists(st.sampled_from(x.DAYS), min_size=1, max_size=4))
        return x.weekday_in(draw(st.sampled_from(clocks)), days)
    if choice == 10:
        if draw(st.booleans()):
            return x.product_is("margin", draw(signs), Fraction("9.99"), "9.99")
        return x.product_is("brand", draw(signs), text, f'"{text}"')
    if choice == 11:
        inner = draw(st.none() | parts(depth=0, local=False))
        return x.related(
            draw(st.sampled_from(["any", "all", "none"])),
            draw(st.sampled_from(NAMES)),
            inner,
            draw(st.none() | windows),
        )
    if choice == 5:
        return o.part_not(draw(parts(depth - 1, local)))
    return o.part_both(
        draw(parts(depth - 1, local)), draw(st.sampled_from(["and", "or"])), draw(parts(depth - 1, local))
    )


units = st.sampled_from(["day", "week", "month", "quarter", "year"])
every_window = st.one_of(
    st.builds(
        x.ago, st.sampled_from([0, 1]), st.sampled_from([2, 6]), st.sampled_from(["hour", "day", "week", "month"])
    ),
    st.builds(x.this, units),
    st.builds(x.previous, st.sampled_from([1, 2, 6]), units),
    st.builds(x.calendar_last, st.sampled_from([1, 2, 6]), units),
    st.builds(
        x.one_day, st.sampled_from(["on", "before", "after"]), st.sampled_from([date(2026, 3, 29), date(2026, 9, 6)])
    ),
    st.builds(o.last, st.sampled_from([1, 2, 6]), st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])),
    st.builds(o.days, st.just(date(2026, 3, 28)), st.sampled_from([date(2026, 3, 29), date(2026, 11, 21)])),
)
# worlds have events at the edges of these, so rules ask for them most
FAVOURITES = [
    o.last(1, "day"),
    o.last(1, "month"),
    x.ago(1, 2, "week"),
    x.previous(1, "month"),
    x.calendar_last(2, "day"),
    o.days(date(2026, 3, 28), date(2026, 3, 29)),
]
favourites = st.sampled_from(FAVOURITES)
windows = favourites | favourites | every_window


@st.composite
def selections(draw: st.DrawFn, where: bool | None = None, since: bool = True) -> o.Selection:
    has_where = draw(st.booleans()) if where is None else where
    return o.Selection(
        draw(st.sampled_from(NAMES)),
        draw(parts()) if has_where else None,
        draw(st.none() | windows),
        o.edge(draw(st.sampled_from(["first", "last"])), draw(selections(since=False)))
        if since and draw(st.integers(0, 4)) == 0
        else None,
    )


@st.composite
def numbers(draw: st.DrawFn, people: bool = True) -> o.Rule:
    choice = draw(st.integers(0, 16 if people else 8))
    s = draw(selections())
    if choice == 8:
        return x.median(s, "amount")
    choice = 8 if choice == 14 else choice
    if choice in (15, 16):
        inner = draw(numbers(people=False))
        peer = draw(st.sampled_from(["country", "city", None]))
        if choice == 15:
            return x.standing(draw(st.sampled_from(["rank", "percentile", "decile"])), inner, peer)
        if draw(st.integers(0, 3)) == 0:
            return x.store_median(draw(selections(since=False)), "amount")
        whole = o.counted(s) if draw(st.booleans()) else o.aggregate("sum", s, "amount")
        where = draw(st.none() | conditions(depth=0, people=False))
        return x.population(draw(st.sampled_from(["count", "sum", "avg", "min", "max", "median"])), whole, where, peer)
    if choice == 0:
        return o.counted(s)
    if choice in (1, 2):
        return o.aggregate(draw(st.sampled_from(["sum", "avg", "min", "max"])), s, "amount")
    if choice == 3:
        return o.aggregate("distinct", s, draw(st.sampled_from(["coupon", "category", "amount"])))
    if choice == 4:
        return o.most(s, draw(fields))
    if choice == 5:
        return o.share(draw(selections(where=True)), draw(st.sampled_from(["", "amount"])))
    if choice == 6:
        return o.revenue(draw(st.none() | windows))
    if choice == 7:
        return o.age()
    inner = draw(numbers(people=False))
    among = draw(st.none() | conditions(depth=0, people=False))
    if choice == 8:
        name = draw(st.sampled_from(["", "amount"]))
        return o.store(draw(st.sampled_from(["sum", "avg", "min", "max"])) if name else "count", s, name)
    if choice == 9:
        whole = o.counted(s) if draw(st.booleans()) else o.aggregate("sum", s, "amount")
        return o.population(draw(st.sampled_from(["count", "sum", "avg", "min", "max"])), whole, among)
    if choice == 10:
        return o.population("count", inner, among)
    if choice == 11:
        return o.rank(inner, among)
    if choice == 12:
        return o.percentile(inner, among)
    factor = draw(st.sampled_from(["2", "0.5", "1.25"]))
    return o.scaled(Fraction(factor), factor, inner)


@st.composite
def conditions(draw: st.DrawFn, depth: int = 2, people: bool = True) -> o.Rule:
    choice = draw(st.integers(0, 14 if depth else 11))
    s = draw(selections())
    if choice <= 1:
        return draw(st.sampled_from([o.did, o.never]))(s)
    if choice <= 4:
        literal = draw(st.sampled_from(["0", "1", "2", "9.99", "0.5", "33.3333"]))
        right = draw(numbers(people)) if draw(st.booleans()) else o.written(Fraction(literal), literal)
        return o.compared(draw(numbers(people)), draw(signs), right)
    if choice == 5:
        low, high = o.written(Fraction(1), "1"), draw(numbers(people))
        return o.between(draw(numbers(people)), low, high, draw(st.booleans()))
    if choice == 6:
        return o.presence(draw(numbers(people) | st.just(o.fact("city"))), draw(st.booleans()))
    if choice == 7:
        value = o.fact("city") if draw(st.booleans()) else o.edge_field("last", s, draw(fields))
        return o.text_is(value, draw(signs), draw(st.sampled_from(TEXTS[2:])))
    if choice == 8:
        return o.within(o.edge(draw(st.sampled_from(["first", "last"])), s), draw(windows))
    if choice == 9:
        return o.birthday(draw(st.sampled_from([1, 7, 120, 366])))
    if choice == 10:
        return o.sampled(draw(st.sampled_from([0, 30, 50, 100])), "spring")
    if choice == 11:
        if people:
            among = draw(st.none() | conditions(depth=0, people=False))
            return o.top(draw(st.sampled_from([0, 10, 50, 100])), draw(numbers(people=False)), among)
        return o.compared(o.edge("first", s), draw(signs), o.edge("last", draw(selections())))
    if choice == 12:
        return o.opposite(draw(conditions(depth - 1, people)))
    return o.joined(
        draw(conditions(depth - 1, people)), draw(st.sampled_from(["and", "or"])), draw(conditions(depth - 1, people))
    )


@st.composite
def steps(draw: st.DrawFn) -> list[x.Step]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        s = o.Selection(draw(st.sampled_from(NAMES)), draw(st.none() | parts(depth=0)))
        within = draw(
            st.none() | st.tuples(st.sampled_from([1, 5, 30]), st.sampled_from(["minute", "hour", "day", "week"]))
        )
        same = draw(st.sampled_from([None, None, "category", "product_id"])) if number else None
        found.append(x.Step(s, bool(number) and draw(st.booleans()), within if number else None, same))
    return found


@st.composite
def others(draw: st.DrawFn) -> o.Rule:
    """Words about rhythm, history, lists, places, segments and consents."""
    choice = draw(st.integers(0, 21))
    s = o.Selection(draw(st.sampled_from(NAMES)), draw(st.none() | parts(depth=0)))
    number, unit = draw(st.sampled_from([1, 2, 6])), draw(st.sampled_from(["hour", "day", "week"]))
    tags = o.fact("tags")
    if choice <= 3:
        return x.sequence(draw(steps()), draw(st.none() | windows))
    if choice == 4:
        periods = draw(st.sampled_from([2, 6]))
        return x.regularly(s, draw(st.integers(1, 2)), periods, draw(units), draw(st.booleans()))
    if choice == 5:
        return x.stopped(s, number, draw(st.sampled_from([unit, "month"])))
    if choice == 6:
        return x.resumed(s, number, unit)
    if choice == 7:
        return x.changed(draw(st.sampled_from(["city", "country", "tags"])), draw(st.none() | windows))
    if choice == 8:
        return o.text_is(x.previous_value(draw(st.sampled_from(["city", "country"]))), draw(signs), "Camión")
    if choice == 9:
        value = draw(st.sampled_from(["ES", "camion"]))
        return x.held(draw(st.sampled_from(["city", "country"])), draw(signs), value, number, draw(units))
    if choice == 10:
        return x.has(
            tags, draw(st.sampled_from(["any", "all", "none"])), draw(st.sampled_from([["vip"], ["b2b", "Ñ"]]))
        )
    if choice == 11:
        return x.has_containing(tags, draw(st.sampled_from(["any", "all", "none"])), draw(st.sampled_from(["N", "vi"])))
    if choice == 12:
        return x.length(tags, draw(signs), draw(st.integers(0, 2)))
    if choice == 13:
        return x.near(o.fact("location"), draw(st.sampled_from([1, 505, 600])), (40.4168, -3.7038))
    if choice == 14:
        return x.own_number(o.fact("points"), draw(signs), draw(st.sampled_from(["10", "9.99", "100"])))
    if choice == 15:
        window = draw(windows | st.builds(x.coming, st.sampled_from([1, 7, 40])))
        return o.within(x.own_time(o.fact("expires")), window)
    if choice == 16:
        value = o.edge("last", s) if draw(st.booleans()) else x.own_time(o.fact("expires"))
        return x.time_since(value, draw(signs), number, draw(st.sampled_from([unit, "month"])))
    if choice == 17:
        value = o.edge("first", s) if draw(st.booleans()) else x.own_time(o.fact("expires"))
        return x.anniversary(value, draw(st.sampled_from([1, 7, 120])))
    if choice == 18:
        return x.stay(draw(st.sampled_from(["joined", "left", "ever in"])), "other", draw(st.none() | windows))
    if choice == 19:
        return x.in_for("other", number, unit)
    channel, purpose = draw(st.sampled_from(["email", "sms", "post"])), draw(st.sampled_from(["marketing", "service"]))
    if choice == 20:
        return x.can_receive(channel, purpose)
    part = draw(st.sampled_from(["", ".at", ".source"]))
    said = x.consent(channel, purpose, part)
    return (
        o.within(said, draw(windows))
        if part == ".at"
        else o.text_is(said, draw(signs), draw(st.sampled_from(["no", "form"])))
    )


@st.composite
def wholes(draw: st.DrawFn) -> o.Rule:
    """A rule of any words."""
    choice = draw(st.integers(0, 11))
    if choice <= 4:
        return draw(conditions())
    if choice <= 8:
        return draw(others())
    rules = draw(st.lists(others() | conditions(depth=1), min_size=2, max_size=3))
    if choice == 9:
        return draw(st.sampled_from([x.xor, x.without]))(rules[0], rules[1])
    if choice == 10:
        return x.these(draw(st.sampled_from(["all", "any", "none"])), rules)
    if draw(st.booleans()):
        mode = x.mode(draw(selections()), draw(fields))
        return x.or_missing(mode, o.text_is(mode, draw(signs), draw(st.sampled_from(TEXTS[2:]))))
    return x.so_many(draw(st.sampled_from(["at least", "at most", "exactly"])), draw(st.integers(0, 2)), rules)


def load(shop: AShop, world: o.World) -> None:
    shop.clear()
    shop.with_people(*world.known, anonymous=world.anonymous)
    # an event of no one's that gives the shop's own name its place
    rows = [an_event("own_event", profile=None, at=world.as_of - timedelta(days=9999))]
    for name in ("tags", "points", "expires", "location"):
        shop.with_attribute(99, name, "", world.as_of + timedelta(days=1))
    for happening in world.events:
        told = dict(happening.told)
        amount = told.pop("amount")
        told["amount"] = None if amount is None else Decimal(amount.numerator) / amount.denominator
        told["properties"] = json.dumps({"n": 1})
        rows.append(
            an_event(
                happening.name,
                profile=happening.profile,
                at=happening.at,
                **(told | {"source": happening.source, "message_id": happening.message}),
            )
        )
    shop.with_events(*rows)
    for profile, facts in world.facts.items():
        for name, history in facts.items():
            for since, value in history:
                shop.with_attribute(profile, name, value, since)
    shop.with_consents(*world.consents)
    shop.with_stays(*world.stays)
    shop.with_products(*world.products)


def differences(
    shop: AShop, world: o.World, rules: Sequence[o.Rule]
) -> list[tuple[str, dict[int, bool], dict[int, bool]]]:
    """Return the rules on which an engine and the interpreter differ: text, expected, computed; one plan for all."""
    written = {f"r{number}": rule.text for number, rule in enumerate(rules)}
    # one rule uses others, so nesting is part of the plan
    written["nested"] = "not in segment r0 or in segment r1"
    asked = list(written)
    # whose stays the world has recorded
    written["other"] = "true"
    plan = plan_rules(shop.engine, written, as_of=world.as_of, zone=world.zone, asked=asked)
    answers = {row["profile_id"]: row for row in shop.engine.query(prepare(shop.engine, plan)).to_pylist()}
    assert sorted(answers) == [*world.known, *world.anonymous]
    found = []
    for slug, rule in zip(asked, [*rules, o.joined(o.opposite(rules[0]), "or", rules[1])], strict=True):
        expected = {profile: bool(rule.of(world, profile)) for profile in answers}
        computed = {profile: bool(row[plan.columns[slug]]) for profile, row in answers.items()}
        if computed != expected:
            found.append((rule.text, expected, computed))
    return found
