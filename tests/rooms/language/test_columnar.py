"""What is computed in memory is what the statement computes, whatever the events look like."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pytest

from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import ConflictError, to_e4
from tesela.events import EVENTS
from tesela.language import answer, plan_segments, prepare
from tesela.segments import count_segments
from tesela.warehouse import DuckDBEngine, Statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

AGGREGATES = [
    "count(order_completed) >= 2",
    "count(order_completed in last 30 days) = 0",
    "count(order_completed between 20 and 200 days ago) between 1 and 3",
    'count(order_completed where coupon = "A" in last 90 days) >= 1',
    'count(order_completed where coupon = "nobody has it") >= 1',
    'never order_completed where coupon != "A"',
    "sum(order_completed.amount in last 100 days) > 120.50",
    "sum(order_completed.amount where amount > 20) < 500",
    "min(order_completed.amount) < 5",
    "max(order_completed.amount in last 60 days) >= 90",
    "avg(order_completed.amount) > 55",
    "sum(product_viewed.quantity) > 3",
    "first(order_completed) in last 300 days",
    "last(order_completed) < last(product_viewed)",
    "distinct(product_viewed.product_id) >= 3",
    "distinct(product_viewed.product_id in last 40 days) >= 2",
    "distinct(product_viewed.product_id in last 7 days) = 1",
    "did product_viewed and not did order_completed in last 50 days",
    "share(order_completed where coupon is set) > 0.5",
]
SEQUENCES = [
    "sequence(product_viewed, order_completed)",
    "sequence(product_viewed, order_completed within 3 days)",
    "sequence(product_viewed, order_completed within 3 days) in last 60 days",
    "sequence(product_viewed, product_added with same product_id within 9 days, no order_completed with same coupon)",
    "sequence(product_viewed, no order_completed within 5 days, order_completed within 20 days)",
    "sequence(product_added, no order_completed within 2 days)",
    "sequence(product_viewed, product_viewed with same product_id, product_viewed with same product_id)",
]
NAMES = ("product_viewed", "product_added", "order_completed", "email_opened")


def differing(shop: AShop, rules: Sequence[str]) -> list[str]:
    """Return the rules to which what is computed in memory and the statement alone answer differently."""
    plan = plan_segments({f"s{n}": rule for n, rule in enumerate(rules)}, as_of=AS_OF, zone=MADRID)
    assert prepare(shop.engine, plan).relations, "computed in memory"
    in_memory = answer(shop.engine, plan).sort_by("profile_id")
    alone = shop.engine.query(prepare(shop.engine, plan, dialect="duckdb")).sort_by("profile_id")
    assert in_memory.column("profile_id").equals(alone.column("profile_id"))
    return [rule for n, rule in enumerate(rules) if _truths(in_memory, plan, n) != _truths(alone, plan, n)]


def _truths(rows: pa.Table, plan: Any, number: int) -> list[bool]:
    return rows.column(plan.columns[f"s{number}"]).to_pylist()


def a_year(shop: AShop, people: int, events: int, *, seed: int, spread: int = 1, days: int = 365) -> AShop:
    """Fill a shop at random, rows in no order; profiles lie `spread` numbers apart."""
    rng = np.random.default_rng(seed)
    ids = (7 + np.arange(people) * spread).tolist()
    shop.with_people(*ids[::2], anonymous=ids[1::2])
    # some events are of nobody, of someone else, or at exactly the same time
    whose = rng.choice([*ids, 3, None], events)
    at = AS_OF - timedelta(days=days)
    minutes = rng.integers(0, days * 1440 // 30, events) * 30
    amount = rng.integers(0, 110, events)
    rows = [
        an_event(
            NAMES[kind],
            profile=None if profile is None else int(profile),
            at=at + timedelta(minutes=int(minute)),
            amount=None if money % 11 == 0 else str(money),
            coupon=(None, "A", "B", "b")[money % 4],
            product_id=(None, "p1", "p2", "p3", "p4")[minute % 5],
            **({} if money % 3 else {"quantity": "0.5"}),
            order_id=f"o{number // 2}",
        )
        for number, (profile, kind, minute, money) in enumerate(
            zip(whose, rng.integers(0, 4, events), minutes, amount, strict=True)
        )
    ]
    return shop.with_events(*rows)


@pytest.mark.parametrize(
    ("people", "events", "spread", "days"),
    [
        pytest.param(300, 6_000, 1, 365, id="numbered without gaps"),
        pytest.param(300, 6_000, 1_000_003, 365, id="numbered with gaps"),
        pytest.param(3, 4_000, 1, 30, id="busy"),
        pytest.param(40, 3_000, 5, 36_000, id="a hundred years"),
        pytest.param(500, 400, 2, 365, id="mostly without events"),
    ],
)
def test_in_memory_is_as_the_statement_alone(shop: AShop, people: int, events: int, spread: int, days: int) -> None:
    a_year(shop, people, events, seed=people + spread, spread=spread, days=days)
    assert not differing(shop, [*AGGREGATES, *SEQUENCES])


def test_the_very_edges(shop: AShop) -> None:
    """Windows and steps of exactly their length, and a microsecond to either side; each by someone of her own."""
    rows, rules = [], []
    nudges = [timedelta(microseconds=each) for each in (-1, 0, 1)]
    everyone = iter(range(1, 1_000))
    for days in (7, 30, 90):
        rules += [f"count(order_completed in last {days} days) {'>=' if days == 7 else '='} 1"]
        rules += [f"last(product_viewed in last {days} days) in last 400 days"]
        rules += [f"distinct(product_viewed.product_id in last {days} days) = 1"]
        rules += [f"sequence(product_viewed, order_completed) in last {days} days"]
        for nudge, name in ((nudge, name) for nudge in nudges for name in ("order_completed", "product_viewed")):
            rows.append(an_event(name, profile=next(everyone), at=AS_OF - timedelta(days=days) + nudge, product_id="p"))
        for nudge in nudges:
            whose, at = next(everyone), AS_OF - timedelta(days=days) + nudge
            rows.append(an_event("product_viewed", profile=whose, at=at))
            rows.append(an_order(profile=whose, days_ago=1))
    for hours in (0, 5):
        steps = f"sequence(product_viewed, order_completed within {hours} hours)" if hours else SEQUENCES[0]
        rules += [steps, f"sequence(product_viewed, no order_completed within {hours or 1} hours)"]
        for nudge in nudges:
            whose, at = next(everyone), AS_OF - timedelta(days=3)
            rows.append(an_event("product_viewed", profile=whose, at=at))
            rows.append(an_order(profile=whose, days_ago=0) | {"occurred_at": at + timedelta(hours=hours) + nudge})
            # what must not happen has its whole time, which ends now
            rows.append(an_event("product_viewed", profile=next(everyone), at=AS_OF - timedelta(hours=5) + nudge))
    shop.with_people(*range(1, next(everyone))).with_events(*rows)
    assert not differing(shop, rules)
    assert len({tuple(shop.members(rule)) for rule in rules}) > len(rules) // 2, "they tell the edges apart"


def test_more_texts_than_one_filter_names(shop: AShop) -> None:
    """Rows without a text are read too, and have none of those that are asked for."""
    a_year(shop, 300, 6_000, seed=11)
    texts = ["A", "B", "b", *(f"nobody has {n}" for n in range(120))]
    assert not differing(shop, [f'count(order_completed where coupon = "{each}") >= 1' for each in texts])


def test_profiles_that_do_not_fit_together_are_taken_in_parts(shop: AShop) -> None:
    """Events of more profiles than are looked at at once, in an order of time and not of profile."""
    number, people = 130_000, 9_000
    rng = np.random.default_rng(5)
    at = np.datetime64(AS_OF, "us") - rng.integers(1, 60 * 86_400, number) * np.timedelta64(1_000_000, "us")
    rows = pa.table(
        {
            "profile_id": rng.integers(0, people, number),
            "name": np.array(NAMES)[rng.integers(0, 3, number)],
            "occurred_at": np.sort(at),
            "source": np.full(number, "shop"),
            "message_id": np.arange(number).astype(str),
            "product_id": rng.integers(0, 5, number).astype(str),
            "amount_e4": rng.integers(0, 10**6, number),
        }
    )
    shop.engine.load(EVENTS, rows)
    shop.with_people(*range(people))
    assert not differing(shop, [*AGGREGATES, *SEQUENCES])


def test_an_empty_base_and_one_without_events(shop: AShop) -> None:
    assert not differing(shop, [*AGGREGATES, *SEQUENCES])
    shop.with_people(4, 9)
    assert not differing(shop, [*AGGREGATES, *SEQUENCES])
    assert count_segments(shop.engine, dict.fromkeys("a", AGGREGATES[1]), as_of=AS_OF, zone=MADRID) == {"a": 2}


def test_sums_that_64_bits_do_not_hold_are_the_statements(shop: AShop) -> None:
    most = 2**63 - 1
    shop.with_people(1, 2)
    events = [an_order(profile=1) for _ in range(3)]
    for each in events:
        each["amount_e4"] = most
    shop.with_events(*events, an_order(profile=2, amount="5"))
    huge = f"sum(order_completed.amount) > {2 * most // to_e4('1')}"
    assert not differing(shop, [huge, *AGGREGATES])
    plan = plan_segments({"huge": huge, "all": " or ".join(AGGREGATES)}, as_of=AS_OF, zone=MADRID)
    rows = answer(shop.engine, plan).sort_by("profile_id")
    assert rows.column(plan.columns["huge"]).to_pylist() == [True, False]


def test_a_condition_compares_letter_by_letter(shop: AShop) -> None:
    shop.with_people(1, 2, 3, 4)
    shop.with_events(*(an_order(profile=p, coupon=c) for p, c in ((1, "Año"), (2, "año"), (3, "An\u0303o"), (4, None))))
    rules = [f'did order_completed where coupon = "{text}"' for text in ("Año", "año", "An\u0303o", "anO")]
    plan = plan_segments({f"s{n}": rule for n, rule in enumerate([*rules, *AGGREGATES])}, as_of=AS_OF, zone=MADRID)
    rows = answer(shop.engine, plan).sort_by("profile_id").to_pylist()
    found = [[row["profile_id"] for row in rows if row[plan.columns[f"s{n}"]]] for n in range(len(rules))]
    assert not differing(shop, [*rules, *AGGREGATES])
    # what is written decomposed is read composed, as texts are when they are loaded
    assert found == [[1], [2], [1], []]


def test_fields_told_several_times_in_no_order(shop: AShop) -> None:
    """The newest value that had been told, also when that is none; identifiers stand in as ever."""
    rng = np.random.default_rng(9)
    day = timedelta(days=1)
    people = list(range(3, 90, 2))
    times = {field: [AS_OF - int(n) * day for n in rng.permutation(60)] for field in ("country", "city", "language")}
    told: list[tuple[int, str, str | None, datetime]] = []
    for field, own in times.items():
        for at in own:
            # somebody who is no profile is told about too
            whose = int(rng.choice([*people[5:], 4]))
            told.append((whose, field, str(rng.choice(["a", "b", " ", "Ñandú"])), at))
        told += [(people[0], field, value, AS_OF + n * day / 24) for value, n in (("a", -2), ("b", -1), ("c", 0))]
        told += [(people[1], field, value, AS_OF - n * day) for value, n in ((None, 1), ("a", 2))]
    shop.with_people(*people).with_attributes(*told)
    shop.with_identifier(people[2], "email", "ana@example.com")
    values = ("a", "b", "c", "Ñandú")
    rules = [f'{field} {sign} "{value}"' for field in times for value in values for sign in ("=", "!=")]
    rules += ["email is set", "country is missing", 'city contains "nandu"', "postal_code is set"]
    assert not differing(shop, [*rules, *AGGREGATES])
    members = {rule: shop.members(rule) for rule in rules}
    assert people[0] in members['country = "b"']
    assert people[1] in members["country is missing"]
    assert members["email is set"] == [people[2]]


class Impatient(DuckDBEngine):
    """An engine that somebody interrupts between two statements."""

    queries_left = 10**9

    def query(self, statement: Statement) -> pa.Table:
        """Interrupt the next one, too early for it to notice."""
        self.queries_left -= 1
        if not self.queries_left:
            self.interrupt()
        return super().query(statement)


@pytest.mark.parametrize("queries", [1, 2, 5, 9])
def test_an_interruption_between_statements_is_heeded(tmp_path: Path, queries: int) -> None:
    engine = Impatient(tmp_path / "shop.duckdb", memory_limit="500MB", threads=1)
    shop = a_year(AShop.on(engine), 20, 200, seed=1)
    rules = {f"s{n}": rule for n, rule in enumerate([*AGGREGATES, *SEQUENCES])}
    before = count_segments(engine, rules, as_of=AS_OF, zone=MADRID)
    engine.queries_left = queries
    with pytest.raises(ConflictError) as caught:
        count_segments(engine, rules, as_of=AS_OF, zone=MADRID)
    assert caught.value.code == "warehouse.interrupted"
    assert count_segments(engine, rules, as_of=AS_OF, zone=MADRID) == before
    shop.engine.close()


def test_a_later_moment_sees_what_came_since(shop: AShop) -> None:
    """Nothing is kept between two questions."""
    shop.with_people(1)
    rules = {f"s{n}": f"count(order_completed) >= {n}" for n in range(1, 12)} | {"any": " or ".join(AGGREGATES)}
    asked = {"as_of": datetime.fromisoformat("2026-11-23 12:00"), "zone": MADRID}
    assert count_segments(shop.engine, rules, **asked)["s1"] == 0
    shop.with_events(an_order(profile=1, days_ago=1))
    assert count_segments(shop.engine, rules, **asked)["s1"] == 1
