"""Who moved between the names of RFM, and what each brings, against a plain count over the people then and now."""

from __future__ import annotations

import random
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import step
from tesela.traits.rfm import RFMRun, RFMSettings, count_movement, count_revenue, name_of, run_rfm

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)
SINCE = AS_OF - 30 * DAY
PEOPLE, NEW = range(1, 141), range(141, 151)
Order = tuple[int, datetime, int]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AShop]:
    made = AShop.open(tmp_path)
    yield made
    made.engine.close()


def a_year(shop: AShop) -> tuple[list[Order], list[Order]]:
    """A hundred and forty people known for long and ten of these days, a year's orders and some refunds."""
    draw = random.Random(7)
    shop.with_people(*PEOPLE).with_people(*NEW, seen=AS_OF - 10 * DAY)
    orders, refunds = [], []
    for person in (*PEOPLE, *NEW):
        for _ in range(draw.choice((0, 1, 1, 2, 3, 5, 8))):
            days = draw.uniform(0.01, 9 if person in NEW else 365)
            orders.append((person, AS_OF - days * DAY, draw.randrange(5, 200)))
            if draw.random() < 0.2:
                refunds.append((person, AS_OF - days * draw.random() * DAY, 3))
    shop.with_events(*(an_order(profile=who, at=at, amount=str(amount)) for who, at, amount in orders))
    shop.with_events(
        *(an_event("order_refunded", profile=who, at=at, amount=str(amount)) for who, at, amount in refunds)
    )
    return orders, refunds


def plainly(
    found: RFMRun, orders: list[Order], refunds: list[Order], as_of: datetime
) -> dict[int, tuple[str, int, int, int]]:
    """Return name, scores of recency and frequency, and money of everyone who was in the base."""
    fit = found.fit
    since = datetime.min if fit.window == "ever" else step(as_of, -90, "day", MADRID)
    told = {}
    for person in (*PEOPLE, *(NEW if as_of > AS_OF - 10 * DAY else ())):
        own = [(at, amount) for who, at, amount in orders if who == person and at < as_of]
        if not own:
            told[person] = ("prospect", 0, 0, 0)
            continue
        back = sum(amount for who, at, amount in refunds if who == person and since <= at < as_of)
        inside = [amount for at, amount in own if at >= since]
        r = fit.cuts["r"].score(-((as_of - max(at for at, _ in own)) // DAY))
        f = fit.cuts["f"].score(len(inside))
        told[person] = (name_of(r, f), r, f, sum(inside) - (back if fit.money == "net" else 0))
    return told


@pytest.mark.parametrize("counts", [{}, {"window": "90 days", "money": "net"}], ids=["all", "net of 90 days"])
def test_movement_and_revenue_are_those_of_a_plain_count(shop: AShop, counts: dict[str, Any]) -> None:
    orders, refunds = a_year(shop)
    found = run_rfm(shop.engine, RFMSettings(**counts), as_of=AS_OF, zone=MADRID)
    then, now = (plainly(found, orders, refunds, moment) for moment in (SINCE, AS_OF))
    moved = count_movement(shop.engine, found.fit, since=SINCE, as_of=AS_OF, zone=MADRID)
    expected = Counter((then[each][0] if each in then else None, now[each][0]) for each in now)
    assert {(each.before, each.after): each.profiles for each in moved.moves} == expected
    assert len({key for key in expected if key[0] != key[1]}) > 10
    assert moved.after == found.by_segment
    assert moved.before == {name: sum(each[0] == name for each in then.values()) for name in moved.before}
    for name, size in moved.after.items():
        assert moved.before[name] + moved.entered(name) - moved.left(name) == size

    brings = count_revenue(shop.engine, found.fit, as_of=AS_OF, zone=MADRID)
    buyers = [each for each in now.values() if each[0] != "prospect"]
    cells = {(r, f) for _, r, f, _ in buyers}
    assert brings.cells == {
        cell: (
            sum(each[1:3] == cell for each in buyers),
            10_000 * sum(each[3] for each in buyers if each[1:3] == cell),
        )
        for cell in cells
    }
    assert {name: amount for name, (_, amount) in brings.by_segment.items()} == {
        name: 10_000 * sum(each[3] for each in buyers if each[0] == name) for name in brings.by_segment
    }
    assert brings.amount_e4 == 10_000 * sum(each[3] for each in buyers)


def test_nothing_is_kept_and_an_empty_base_moves_nobody(shop: AShop) -> None:
    found = run_rfm(shop.engine, RFMSettings(), as_of=AS_OF, zone=MADRID)
    moved = count_movement(shop.engine, found.fit, since=SINCE, as_of=AS_OF, zone=MADRID)
    assert (moved.moves, sum(moved.after.values())) == ((), 0)
    assert count_revenue(shop.engine, found.fit, as_of=AS_OF, zone=MADRID).cells == {}
