"""KPIs per segment against figures computed by hand."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from rooms.measurement.a_measured_shop import AS_OF, AMeasuredShop
from tesela.base import LANGUAGES, InputError
from tesela.measurement import MEASUREMENTS, METRICS
from tesela.warehouse import Statement


def test_every_metric_by_hand(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3, 4).people(9, known=False)
    shop.order(1, "10", days_ago=1).order(1, "20.50", days_ago=3).order(2, "30", days_ago=9.9)
    shop.event("order_refunded", 2, amount="4.25")
    shop.members("some", 1, 3)

    base, some = shop.measure("some").values()

    assert base.to_dict() == {
        "size": 4,
        "share_of_base": Decimal("1.0000"),
        "buyers": 2,
        "orders": 3,
        "revenue": Decimal("60.5"),
        "share_of_revenue": Decimal("1.0000"),
        "orders_per_profile": Decimal("0.7500"),
        "average_order_value": Decimal("20.1667"),
        "repeat_rate": Decimal("0.5000"),
        "days_since_last_order": 1,
        "revenue_per_profile": Decimal("15.1250"),
        "net_revenue": Decimal("56.25"),
    }
    assert some.to_dict() == {
        "size": 2,
        "share_of_base": Decimal("0.5000"),
        "buyers": 1,
        "orders": 2,
        "revenue": Decimal("30.5"),
        "share_of_revenue": Decimal("0.5041"),
        "orders_per_profile": Decimal("1.0000"),
        "average_order_value": Decimal("15.2500"),
        "repeat_rate": Decimal("1.0000"),
        "days_since_last_order": 1,
        "revenue_per_profile": Decimal("15.2500"),
        "net_revenue": Decimal("30.5"),
    }
    assert (some.scope, some.as_of) == ("some", AS_OF)


def test_cancelled_orders_are_no_orders(shop: AMeasuredShop) -> None:
    shop.people(1, 2)
    shop.order(1, "10", order_id="A").event("order_cancelled", 1, order_id="A")
    shop.order(1, "20", order_id="B").event("order_cancelled", 1, order_id="B", source="another shop")
    shop.order(2, "40", order_id="C").event("order_cancelled", 2, order_id="C", at=AS_OF)

    base = shop.measure()["base"]

    assert (base.orders, base.revenue, base.buyers) == (2, 60, 2), "only A was cancelled by then, in its own source"


def test_only_what_happened_before_counts(shop: AMeasuredShop) -> None:
    shop.people(1).people(2, seen=AS_OF).people(3, seen=AS_OF - timedelta(microseconds=1))
    shop.order(1, "10", at=AS_OF).order(1, "20", at=AS_OF - timedelta(microseconds=1)).order(2, "99")
    shop.event("order_refunded", 1, amount="5", at=AS_OF)

    base = shop.measure()["base"]

    assert (base.size, base.orders, base.revenue, base.net_revenue) == (2, 1, 20, 20)


def test_what_belongs_to_nobody_or_to_anonymous_visitors_is_not_the_bases(shop: AMeasuredShop) -> None:
    shop.people(1).people(2, known=False).order(None, "10").order(2, "20").order(1, "1")
    shop.event("order_refunded", None, amount="3")

    base = shop.measure()["base"]

    assert (base.orders, base.revenue, base.net_revenue) == (1, 1, 1)


@pytest.mark.parametrize(
    ("days", "median"),
    [([5], 5), ([1, 9], 1), ([1, 5, 9], 5), ([1, 2, 8, 9], 2), ([3, 3, 3, 50], 3), ([0.5, 1.99], 0)],
)
def test_days_since_last_order_is_the_lower_median_of_whole_days(
    shop: AMeasuredShop, days: list[float], median: int
) -> None:
    for person, ago in enumerate(days, start=1):
        shop.people(person).order(person, days_ago=ago).order(person, days_ago=300)
    assert shop.measure()["base"].days_since_last_order == median


def test_without_orders_averages_are_undefined(shop: AMeasuredShop) -> None:
    shop.people(1, 2).members("some", 1)

    some = shop.measure("some")["some"]

    assert (some.size, some.orders, some.revenue, some.orders_per_profile) == (1, 0, 0, 0)
    undefined = (some.share_of_revenue, some.average_order_value, some.repeat_rate, some.days_since_last_order)
    assert undefined == (None, None, None, None)


def test_an_empty_base_and_an_empty_segment(shop: AMeasuredShop) -> None:
    measured = shop.measure("nobody")
    assert list(measured) == ["base", "nobody"]
    for kpis in measured.values():
        assert (kpis.size, kpis.share_of_base, kpis.orders_per_profile, kpis.revenue_per_profile) == (
            0,
            None,
            None,
            None,
        )


def test_those_who_left_are_no_members(shop: AMeasuredShop) -> None:
    shop.people(1, 2).order(1).order(2).members("some", 1).members("some", 2, left_at=AS_OF)
    assert shop.measure("some")["some"].orders == 1


def test_an_order_without_amount_is_an_order_of_nothing(shop: AMeasuredShop) -> None:
    shop.people(1).order(1, None).order(1, "10")
    assert shop.measure()["base"].average_order_value == 5


def test_large_sums_stay_exact(shop: AMeasuredShop) -> None:
    shop.people(1).order(1, "90071992547409.93").order(1, "0.0001")
    assert shop.measure()["base"].revenue == Decimal("90071992547409.9301")


def test_measurements_are_kept_once_per_moment(shop: AMeasuredShop) -> None:
    shop.people(1, 2).order(1, "10").members("some", 1)
    shop.measure("some")
    first = shop.rows(MEASUREMENTS)
    shop.measure("some")
    assert shop.rows(MEASUREMENTS) == first
    assert len(first) == 2 * len(METRICS)
    by_key = {(row["metric"], row["scope"]): row for row in first}
    assert by_key["average_order_value", "some"] == {
        "metric": "average_order_value",
        "scope": "some",
        "as_of": AS_OF,
        "value": Decimal("10.0000"),
        "n": 1,
    }
    assert by_key["share_of_base", "some"]["value"] == Decimal("0.5000")

    shop.measure("some", as_of=AS_OF + timedelta(days=1))
    assert len(shop.rows(MEASUREMENTS)) == 2 * len(first)


def test_a_segment_cannot_be_called_base(shop: AMeasuredShop) -> None:
    with pytest.raises(InputError) as refused:
        shop.measure("base")
    assert refused.value.code == "measurement.reserved_slug"
    assert shop.rows(MEASUREMENTS) == []


def test_the_number_of_queries_does_not_grow_with_the_segments(shop: AMeasuredShop) -> None:
    asked: list[str] = []

    class Counting:
        def query(self, statement: Statement) -> object:
            asked.append(statement.sql)
            return shop.engine.query(statement)

        def write(self, statements: object) -> None:
            shop.engine.write(statements)

    from tesela.measurement import measure_segments

    measure_segments(Counting(), ["one"], as_of=AS_OF)
    few = len(asked)
    measure_segments(Counting(), [f"s{i}" for i in range(50)], as_of=AS_OF)
    assert len(asked) == 2 * few


def test_every_metric_is_told_in_both_languages() -> None:
    assert len({metric.key for metric in METRICS}) == len(METRICS) == 12
    for metric in METRICS:
        for language in LANGUAGES:
            words = metric.name(language), metric.formula(language), metric.explanation(language)
            assert all(words)
        assert metric.explanation("es") != metric.explanation("en")
