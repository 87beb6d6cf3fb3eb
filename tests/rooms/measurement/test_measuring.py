"""KPIs in a window against plain Python, and by hand where it matters."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from pyroaring import BitMap64

from rooms.measurement.a_measured_shop import AS_OF, AMeasuredShop
from rooms.measurement.a_random_shop import SINCE, draw
from rooms.measurement.plain_kpis import PlainShop
from tesela.base import LANGUAGES, InputError, NotFoundError
from tesela.events import EVENTS
from tesela.measurement import CATALOGUE, Measurement, Period, Scorecard, find_metric, measure_kpis
from tesela.profiles import PROFILES

QUARTER = AS_OF - timedelta(days=90)
OTHERS = {"growth", *(metric.key for metric in CATALOGUE if metric.channel)}


def period(base: Any, since: datetime | None = QUARTER, as_of: datetime = AS_OF, **members: Any) -> Period:
    sets = {slug: BitMap64(own) for slug, own in members.items()}
    return Period(since=since, as_of=as_of, base=BitMap64(base), members=sets)


def of(card: Scorecard, metric: str, scope: str = "base") -> Measurement:
    return card.of(scope, metric)


def written(value: Fraction | None) -> Decimal | None:
    return None if value is None else (Decimal(value.numerator) / value.denominator).quantize(Decimal("0.000001"))


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("since", [SINCE, None])
def test_every_metric_is_what_plain_python_says(shop: AMeasuredShop, seed: int, since: datetime | None) -> None:
    profiles, events, members = draw(seed)
    shop.add(PROFILES, profiles).add(EVENTS, events)
    base = {row["profile_id"] for row in profiles if row["is_known"]}
    card = measure_kpis(shop.engine, period(base, since, **members), against="base")
    plain = PlainShop(events, since, AS_OF)
    for scope, people in {"base": base, **members}.items():
        expected = plain.measure(people, base)
        assert set(expected) | OTHERS == {metric.key for metric in CATALOGUE}
        for key, value in expected.items():
            found = of(card, key, scope)
            assert found.value == written(value), (scope, key)
            if found.low is not None and found.high is not None and found.value is not None:
                assert found.low <= found.value <= found.high, (scope, key)
    rest = plain.measure(base - members["half"], base)
    for key in ("open_rate", "average_order_value", "days_since_last_order"):
        against = of(card, key, "half").against
        assert against is not None
        assert against.other == written(rest[key])


def test_every_metric_by_hand(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3, 4)
    shop.order(1, "10", days_ago=10, coupon="TEN", quantity=Decimal(1), order_id="A").order(
        1, "30", days_ago=4, quantity=Decimal(3)
    )
    shop.order(2, "50", days_ago=2, order_id="B").order(2, "7", days_ago=100)
    shop.event("order_refunded", 2, amount="20", order_id="B")
    for person, campaign in ((1, "x"), (1, "y"), (3, "x"), (4, "x")):
        shop.event("email_delivered", person, campaign_id=campaign, days_ago=20)
    shop.event("email_bounced", 2, campaign_id="x")
    shop.event("email_opened", 1, campaign_id="x").event("email_opened", 1, campaign_id="x")
    shop.event("email_opened", 3, campaign_id="x", is_machine=True).event("email_link_clicked", 1, campaign_id="x")
    shop.event("email_opened", 4, campaign_id="of long ago").event("unsubscribed", 4, campaign_id="x")
    shop.event("email_marked_as_spam", 3, campaign_id="x")
    shop.event("product_viewed", 1, days_ago=5).event("product_viewed", 3)
    shop.event("product_added", 1, days_ago=4.5, session_id="v").event("product_added", 3, days_ago=3)
    shop.event("product_added", 4, days_ago=0.5)
    for person, score in ((1, 10), (2, 9), (3, 6), (4, 8)):
        shop.event("survey_answered", person, properties=f'{{"nps_score": {score}}}')
    shop.event("survey_answered", 1, properties='{"csat_score": 4}')
    card = measure_kpis(shop.engine, period([1, 2, 3, 4]))
    told = {metric.key: of(card, metric.key).value for metric in card.metrics if metric.key not in OTHERS}
    assert told == {
        "size": 4,
        "share_of_base": 1,
        "delivery_rate": Decimal("0.8"),
        "open_rate": Decimal("0.25"),
        "machine_open_rate": Decimal("0.25"),
        "click_rate": Decimal("0.25"),
        "click_to_open_rate": 1,
        "unsubscribe_rate": Decimal("0.25"),
        "bounce_rate": Decimal("0.2"),
        "complaint_rate": Decimal("0.25"),
        "buyers": 2,
        "conversion": Decimal("0.5"),
        "orders": 3,
        "revenue": 90,
        "net_revenue": 70,
        "share_of_revenue": 1,
        "average_order_value": 30,
        "items_per_order": 2,
        "orders_per_profile": Decimal("0.75"),
        "orders_per_buyer": Decimal("1.5"),
        "days_between_orders": 6,
        "days_since_last_order": 2,
        "repeat_rate": Decimal("0.5"),
        "coupon_share": Decimal("0.333333"),
        "refund_share": Decimal("0.333333"),
        "cart_abandonment": Decimal("0.5"),
        "browse_to_buy": Decimal("0.5"),
        "revenue_per_profile": Decimal("22.5"),
        "revenue_per_email": 10,
        "nps": 25,
        "satisfaction": 1,
    }


def test_what_is_undefined_is_missing_and_never_zero(shop: AMeasuredShop) -> None:
    shop.people(1)
    card = measure_kpis(shop.engine, period([1], nobody=[]), period([1], nobody=[]), against="previous")
    for metric in card.metrics:
        is_known = metric.kind in ("size", "sum") or (metric.counted == "" and metric.kind in ("share", "mean", "part"))
        found = of(card, metric.key)
        assert (found.value is not None) == ((is_known and metric.key != "share_of_revenue") or metric.kind == "growth")
        nobody = of(card, metric.key, "nobody")
        assert (nobody.value is not None) == (metric.kind in ("size", "sum") or metric.key == "share_of_base")
        assert nobody.low is None
        assert nobody.caution is None
    empty = measure_kpis(shop.engine, period([]), against="base")
    assert all(of(empty, metric.key).value in (None, 0) for metric in CATALOGUE)


def test_one_buyer_has_a_value_and_a_caution(shop: AMeasuredShop) -> None:
    shop.people(1, 2).order(1, "10")
    card = measure_kpis(shop.engine, period([1, 2]))
    money = of(card, "revenue_per_profile")
    assert (money.value, money.caution, money.people) == (5, "too_few", 1)
    order = of(card, "average_order_value")
    assert (order.value, order.low, order.high, order.n) == (10, None, None, 1)
    assert of(card, "conversion").caution is None


def test_a_caution_under_a_hundred_buyers(shop: AMeasuredShop) -> None:
    people = range(1, 201)
    shop.people(*people)
    for person in range(1, 101):
        shop.order(person, str(10 + person % 7))
    card = measure_kpis(shop.engine, period(people, most=range(1, 100), few=range(1, 10)))
    cautions = {scope: of(card, "average_order_value", scope).caution for scope in card.scopes}
    assert cautions == {"base": None, "most": "few", "few": "too_few"}


def test_against_the_base_is_against_all_others(shop: AMeasuredShop) -> None:
    people = range(1, 101)
    shop.people(*people)
    for person in range(1, 21):
        shop.order(person, "10")
    sets = {"buyers": range(1, 21), "mixed": range(11, 51), "all": people}
    card = measure_kpis(shop.engine, period(people, **sets), against="base")
    buyers, mixed, everybody = (of(card, "conversion", scope).against for scope in sets)
    assert buyers and mixed and everybody
    assert (buyers.other, buyers.change, buyers.is_sure) == (0, None, True)
    assert mixed.other == Decimal("0.166667")
    assert not mixed.is_sure
    assert (everybody.other, everybody.p_value) == (None, None)
    assert of(card, "conversion").against is None
    sizes = of(card, "size", "buyers").against
    assert sizes is not None and sizes.other is None


def test_differences_are_corrected_for_the_segments_asked(shop: AMeasuredShop) -> None:
    people = range(1, 401)
    shop.people(*people)
    for person in people:
        if person % 10 == 0 or (person <= 30 and person % 3 == 0):
            shop.order(person, "10")
    alone = measure_kpis(shop.engine, period(people, first=range(1, 41)), against="base")
    others = {f"s{n}": range(41 + 40 * n, 81 + 40 * n) for n in range(8)}
    among = measure_kpis(shop.engine, period(people, first=range(1, 41), **others), against="base")
    one, other = (of(card, "conversion", "first").against for card in (alone, among))
    assert one and other and one.p_value and other.p_value
    assert other.p_value == pytest.approx(min(9 * one.p_value, 1))


def test_against_the_period_before(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3)
    shop.order(1, "10").order(2, "30").order(1, "20", days_ago=91)
    before = period([1, 2], QUARTER - timedelta(days=90), QUARTER, some=[1])
    card = measure_kpis(shop.engine, period([1, 2, 3], some=[1, 2], new=[3]), before, against="previous")
    revenue = of(card, "revenue").against
    assert revenue is not None
    assert (revenue.other, revenue.change) == (20, 1)
    assert of(card, "growth").value == Decimal("0.5")
    assert of(card, "growth", "some").value == 1
    assert of(card, "growth", "new").value is None
    new = of(card, "size", "new").against
    assert new is not None and new.other is None


def test_reachable_are_those_who_agreed_and_can_receive(shop: AMeasuredShop) -> None:
    own = {n: f"a{n}@example.com" for n in range(1, 5)}
    told = {"is_known": True, "first_seen_at": datetime(2026, 1, 1)}
    shop.add(PROFILES, [{"profile_id": n, "email": email} | told for n, email in own.items()])
    shop.consent(1, "email", "yes", address=own[1]).consent(2, "email", "no", address=own[2])
    shop.consent(3, "email", "yes", days_ago=9, address=own[3]).consent(3, "email", "no", address=own[3])
    card = measure_kpis(shop.engine, period([1, 2, 3, 4], one=[1], two=[2, 3]))
    shares = [of(card, "reachable_email", scope).value for scope in card.scopes]
    assert shares == [Decimal("0.25"), 1, 0]
    assert of(card, "reachable_sms").value == 0


def test_messages_of_one_person_are_not_so_many_people(shop: AMeasuredShop) -> None:
    people = range(1, 41)
    shop.people(*people)
    for person in people:
        for message in range(20):
            shop.event("email_delivered", person, campaign_id=f"c{message}")
            if person <= 10:
                shop.event("email_opened", person, campaign_id=f"c{message}")
    opened = of(measure_kpis(shop.engine, period(people)), "open_rate")
    assert (opened.value, opened.n, opened.people) == (Decimal("0.25"), 800, 40)
    assert opened.low is not None and opened.high is not None
    assert opened.high - opened.low > Decimal("0.25"), "as if 40 had been asked, not 800"


def test_as_many_queries_for_fifty_segments_as_for_one(shop: AMeasuredShop) -> None:
    shop.people(1, 2).order(1, "10").consent(1, "email", "yes")
    asked = []

    class Counting:
        name = shop.engine.name

        def query(self, statement: Any) -> Any:
            asked.append(statement)
            return shop.engine.query(statement)

    counts = []
    for sets in ({"one": [1]}, {f"s{n}": [1, 2] for n in range(50)}):
        asked.clear()
        measure_kpis(Counting(), period([1, 2], **sets), against="base")  # type: ignore[arg-type]
        counts.append(len(asked))
    assert counts[0] == counts[1] < 20


def test_only_what_is_asked_for_is_measured(shop: AMeasuredShop) -> None:
    shop.people(1).order(1, "10")
    card = measure_kpis(shop.engine, period([1]), metrics=[find_metric("revenue")])
    assert [metric.key for metric in card.metrics] == ["revenue"]
    assert (of(card, "revenue").value, of(card, "revenue").n) == (10, 1)


def test_nothing_is_compared_with_what_there_is_not(shop: AMeasuredShop) -> None:
    with pytest.raises(InputError) as caught:
        measure_kpis(shop.engine, period([1]), against="previous")
    assert caught.value.code == "measurement.nothing_before"
    with pytest.raises(InputError) as caught:
        measure_kpis(shop.engine, replace(period([1]), members={"base": BitMap64()}))
    assert caught.value.code == "measurement.reserved_slug"


def test_the_catalogue_says_what_every_metric_is() -> None:
    assert len({metric.key for metric in CATALOGUE}) == len(CATALOGUE) == 39
    for metric in CATALOGUE:
        for language in LANGUAGES:
            told = (metric.name, metric.formula, metric.explanation, metric.wrong_use)
            assert all("{" not in say(language) for say in told)
        assert metric.source
    with pytest.raises(NotFoundError, match="open_rate"):
        find_metric("openrate")
