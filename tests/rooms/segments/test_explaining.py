"""Why someone is in a segment or not: values, the very events, how far from turning, and when it turns."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from flows.command_line import a_workspace, answer, tesela
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import NotFoundError
from tesela.segments import Explanation, explain_membership, find_members, find_profile
from tesela.traits import Trait

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def shop(tmp_path: Path) -> AShop:
    return AShop.open(tmp_path).with_people(1, 2, anonymous=[3])


OTHERS = {"other": "did email_opened", "lately": "did order_completed in last 5 days"}
TRAITS = {
    "orders_lately": Trait("orders_lately", "count(order_completed in last 10 days)"),
    "last_order": Trait("last_order", "last(order_completed)"),
}


def explain(shop: AShop, rule: str, profile: int = 1, as_of: datetime = AS_OF, **segments: str) -> Explanation:
    rules = {**OTHERS, **segments, "x": rule}
    return explain_membership(shop.engine, rules, "x", profile, as_of=as_of, zone=MADRID, traits=TRAITS)


def is_member(shop: AShop, rule: str, at: datetime, profile: int = 1) -> bool:
    rules = {**OTHERS, "x": rule}
    found = find_members(shop.engine, rules, "x", as_of=at, zone=MADRID, columns=(), traits=TRAITS)
    return profile in found.column("profile_id").to_pylist()


def test_each_condition_has_its_values_and_the_very_events(shop: AShop) -> None:
    shop.with_events(
        an_order(order_id="o1", amount="20", days_ago=10),
        an_order(order_id="o2", amount="15.80", days_ago=3),
        an_order(order_id="o3", amount="99", days_ago=40),
        an_event("email_opened", days_ago=2, is_machine=True),
    ).with_attribute(1, "country", "ES")
    found = explain(
        shop,
        'sum(order_completed.amount in last 30 days) >= 50 and (did email_opened or country = "ES")'
        " and not count(order_completed) < 3",
    )
    spent, either, few = found.condition.parts
    assert not found.is_member
    assert (spent.holds, spent.values[0].value, spent.short) == (False, Decimal("35.8"), Decimal("14.2"))
    assert [event["order_id"] for event in spent.events] == ["o2", "o1"]
    assert either.join == "any"
    opened, country = either.parts
    # a machine's open is none, and is not shown as one
    assert (opened.holds, opened.values[0].value, opened.short, opened.events) == (False, 0, 1, ())
    assert (country.holds, country.values[0].value) == (True, "ES")
    assert few.join == "not"
    [count] = few.parts
    assert (count.text, count.values[0].value, count.short) == ("count(order_completed) < 3", 3, Decimal(1))


@pytest.mark.parametrize(
    ("rule", "short"),
    [
        ("count(order_completed) >= 5", 3),
        ("count(order_completed) > 5", 4),
        ("count(order_completed) >= 2", 1),
        ("count(order_completed) > 1", 1),
        ("count(order_completed) <= 1", 1),
        ("count(order_completed) < 1", 2),
        ("count(order_completed) <= 4", 3),
        ("count(order_completed) < 4", 2),
        ("count(order_completed) = 2", 1),
        ("3 <= count(order_completed)", 1),
        ("never order_completed", 2),
        ("avg(order_completed.amount) > 12.5", Decimal("2.5")),
        ("count(order_completed) != 2", None),
        ('last(order_completed).coupon = "x"', None),
    ],
)
def test_how_far_from_turning(shop: AShop, rule: str, short: Decimal | int | None) -> None:
    shop.with_events(an_order(), an_order(days_ago=2))
    assert explain(shop, rule).condition.short == short


@pytest.mark.parametrize(
    "rule",
    [
        "did order_completed in last 30 days",
        "count(order_completed in last 2 weeks) >= 2",
        "never order_completed in last 30 days",
        "did order_completed in last 1 month",
        "did order_completed between 10 and 20 days ago",
        "time_since(last(order_completed)) >= 30 days",
        "stopped(order_completed, 1 quarter)",
        "did order_completed this month",
        "birthday in next 7 days",
        "age >= 30",
        "regularly(order_completed, 2 of last 3 weeks)",
        "changed(city in last 30 days)",
        "birthday in next 2 days",
        "age >= 31",
        "anniversary(first(order_completed)) in next 3 days",
        "did order_completed in previous 2 months",
        "did order_completed in last 3 calendar weeks",
        "expires_at in next 1 month",
        "expires_at in next 30 hours",
        "joined other in last 20 days",
        "in segment other for 20 days",
        "orders_lately >= 2",
        "not in segment lately",
        "last_order in last 30 days",
        "did order_completed in last 5 days and did page_viewed in last 60 days",
        "did order_completed where occurred_at in last 5 days",
        "sequence(order_completed, order_completed within 10 days) in last 30 days",
        "sequence(order_completed, no email_opened within 2 days) in last 5 days",
    ],
)
def test_when_it_turns_by_itself_is_when_the_answer_turns(shop: AShop, rule: str) -> None:
    shop.with_events(an_order(days_ago=3.5), an_order(days_ago=9.25))
    shop.with_attribute(1, "birth_date", "1996-12-10")
    shop.with_attribute(1, "city", "Sevilla").with_attribute(1, "city", "Madrid", AS_OF - timedelta(days=5))
    shop.with_attribute(1, "expires_at", "2027-03-31 08:15")
    entered = AS_OF - timedelta(days=12)
    shop.with_stays(("other", 1, entered, None, entered, None))
    # what the rule does not ask for is not looked at, however much of it there is
    shop.with_events(*(an_event("page_viewed", days_ago=20 - number / 100) for number in range(300)))
    found = explain(shop, rule)
    assert found.is_member == is_member(shop, rule, AS_OF)
    assert found.turns_at is not None
    assert is_member(shop, rule, found.turns_at) != found.is_member
    before = found.turns_at - timedelta(microseconds=2)
    assert is_member(shop, rule, before) == found.is_member


def test_what_only_news_can_change_never_turns_by_itself(shop: AShop) -> None:
    shop.with_events(an_order())
    assert explain(shop, "did order_completed").turns_at is None
    assert explain(shop, "did email_opened in last 30 days").turns_at is None


def test_how_far_was_looked_is_told(shop: AShop) -> None:
    shop.with_events(*(an_event("page_viewed", days_ago=number / 10) for number in range(200)))
    found = explain(shop, "count(page_viewed in last 30 days) >= 1")
    assert (found.is_member, found.turns_at) == (True, None)
    # the newest leaves in thirty days; what was looked at ends before
    assert found.looked_until is not None
    assert AS_OF + timedelta(days=10) < found.looked_until < AS_OF + timedelta(days=30)
    assert found.asks_others is False
    assert explain(shop, "rank(count(page_viewed)) = 1").asks_others


def test_population_and_nested_segments_are_explained_too(shop: AShop) -> None:
    shop.with_events(an_order(amount="30"), an_order(profile=2, amount="10"))
    found = explain(shop, "in segment rich and rank(sum(order_completed.amount)) = 1", rich="revenue > 20")
    inner, rank = found.condition.parts
    assert found.is_member
    assert inner.holds
    assert (rank.values[0].text, rank.values[0].value) == ("rank(sum(order_completed.amount))", 1)
    assert explain(shop, "rank(sum(order_completed.amount)) = 1", 2).condition.short == 1


def test_an_anonymous_visitor_is_a_member_only_where_everyone_is_asked(shop: AShop) -> None:
    shop.with_events(an_event("page_viewed", profile=3))
    assert not explain(shop, "did page_viewed", 3).is_member
    assert explain(shop, "did page_viewed", 3).condition.holds
    assert explain(shop, "did page_viewed among everyone", 3).is_member


def test_people_are_found_by_what_they_are_known_by(shop: AShop) -> None:
    shop.with_identifier(2, "email", "ana@example.es").with_identifier(1, "customer_id", "2")
    assert find_profile(shop.engine, " Ana@Example.es ") == 2
    assert find_profile(shop.engine, "2") == 1
    assert find_profile(shop.engine, "#2") == 2
    assert find_profile(shop.engine, "3") == 3
    for nobody in ("9", "#x", "nobody@example.es"):
        with pytest.raises(NotFoundError) as caught:
            find_profile(shop.engine, nobody)
        assert caught.value.code == "segments.unknown_profile"
    with pytest.raises(NotFoundError):
        explain(shop, "did order_completed", 99)


def test_the_command_line_tells_it_in_both_languages(tmp_path: Path) -> None:
    shop = a_workspace(tmp_path / "shop", timezone="Europe/Madrid", currency="EUR")
    orders = tmp_path / "orders.csv"
    orders.write_text(
        "order_id,email,date,total\n1,ana@example.es,2026-11-01 10:00,10\n2,luis@example.es,2026-11-02,5\n"
    )
    tesela("import", "orders", orders, "--workspace", shop, "--yes")
    asked = ("explain", "ana@example.es", "did order_completed in last 30 days and revenue >= 50", "--workspace", shop)
    told = answer(*asked, "--as-of", "2026-11-10")
    assert (told["is_member"], told["condition"]["parts"][1]["short"]) == (False, "40")
    spanish = tesela("--lang", "es", *asked, "--as-of", "2026-11-10").stdout
    assert "no está en" in spanish
    assert "le faltan 40,00 EUR" in spanish
    assert "✓ hizo un pedido en los últimos 30 días" in spanish
    assert "dejaría de cumplirse con 1 pedido menos" in spanish
    assert "2026-11-01 10:00 (Europe/Madrid)  order_completed  10,00 EUR" in spanish
    english = tesela(*asked[:2], "did order_completed in last 30 days", *asked[3:], "--as-of", "2026-11-10").stdout
    assert "they leave on 2026-12-01 10:00" in english
    never = tesela("--lang", "es", *asked[:2], "never order_completed and count(page_viewed) > 1", *asked[3:]).stdout
    assert "le sobra 1 pedido" in never
    assert "le faltan 2 páginas vistas" in never
    unknown = tesela("count", "buyer", *asked[3:], check=False)
    assert "Did you mean buyers" in unknown.stderr
    refused = tesela("explain", "nobody@example.es", "buyers", "--workspace", shop, check=False)
    assert refused.returncode == 2
    assert "Nobody is known as nobody@example.es" in refused.stderr
