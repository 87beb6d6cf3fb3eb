"""Thresholds of the catalogue are the same on every engine."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from oracles.differential import open_engine
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.segments.catalogue import Figures, find_missing, load_catalogue


def a_line(profile: int, category: str, days_ago: float) -> dict[str, Any]:
    told = {"category": category, "amount": "30", "quantity": 3}
    return an_event("product_purchased", profile=profile, days_ago=days_ago, **told)


@pytest.mark.parametrize("name", ["duckdb", "postgres", "clickhouse"])
def test_figures_of_a_shop(name: str) -> None:
    with open_engine(name) as engine:
        shop = AShop.on(engine).with_people(*range(1, 31), anonymous=[99])
        shop.with_events(
            *(a_line(person, "tea", days) for person in range(1, 31) for days in (10, 10 + person)),
            *(a_line(person, "pots", 5) for person in range(1, 11)),
            *(a_line(person, "cups", 5) for person in range(5, 15)),
            *(an_order(profile=person, days_ago=days) for person in range(1, 31) for days in (3, 3 + person, 70)),
            an_order(profile=1, days_ago=200, order_id="gone"),
            an_event("order_cancelled", profile=1, days_ago=199, order_id="gone"),
            *(an_order(profile=99, days_ago=days) for days in (1, 2)),
        )
        figures = Figures(engine, AS_OF)
        # from 3 to 3 + p days ago are p days, from there to 70 days ago 67 - p
        expected = sorted([*range(1, 31), *(67 - person for person in range(1, 31))])
        assert figures.order_gaps.cases == len(expected)
        assert [figures.order_gaps.at(percent) for percent in (50, 75, 95)] == [
            expected[len(expected) * percent // 100 - 1] for percent in (50, 75, 95)
        ]
        assert figures.second_order_gaps.at(50) == 51
        assert figures.category_gaps("tea").at(50) == 15
        assert figures.most_common("product_purchased", "category") == ("tea", 60)
        assert figures.most_common("", "city") == (None, 0)
        assert figures.most_repeated() == ("tea", 30)
        assert figures.companion("tea") == ("cups", 10)
        assert figures.price("tea", 75) == (Decimal("10.00"), 60)
        catalogue = load_catalogue()
        missing = find_missing(engine, catalogue.entries.values(), catalogue, as_of=AS_OF, zone=MADRID)
        assert not missing["vip"]
        assert not missing["upgrade_candidates"]
        assert missing["coupon_only"]
