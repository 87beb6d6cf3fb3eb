"""The examples of the language's specification: each runs, or says which word is not available yet."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import InputError
from tesela.language import Vocabulary, plan_segments, prepare
from tesela.traits import STORED_TRAITS, TRAIT_VALUES

RUNNING = [
    "count(order_completed in last 6 months) >= 5",
    "did email_opened in last 30 days",
    "did email_delivered and never email_opened",
    "did order_completed in last 6 months and not did order_completed in last 3 months",
    "share(order_completed where coupon is set) >= 0.9 and count(order_completed) >= 2",
    "most(product_purchased by category) >= 5",
    'did product_clicked where list = "recommended" and never order_completed',
    "last(product_added) in last 7 days and never order_completed since last(product_added)",
    "avg(order_completed.amount) > store.avg(order_completed.amount)",
    "sum(order_completed.amount) >= 2 * population.avg(sum(order_completed.amount) where did order_completed)",
    "percentile(sum(order_completed.amount in last 12 months)) >= 90",
    "top 10% by sum(order_completed.amount in last 12 months)",
    "distinct(session_id) = 1 and count(order_completed) = 1",
    'country in ("ES", "PT") and age between 25 and 34 and birthday in next 7 days',
    'sample(10%, "spring")',
]
WAITING = {'rfm.segment = "champions" or clv_12m > 300': "clv_12m"}


def test_all_running_examples_are_one_statement_that_runs(shop: AShop) -> None:
    shop.with_people(1, 2, 3)
    shop.with_attribute(1, "country", "ES").with_attribute(1, "birth_date", "1996-11-25")
    shop.with_events(
        *(an_order(profile=1, days_ago=d, amount="60", coupon="A", session_id="s") for d in (1, 2, 3, 4, 5)),
        *(an_event("product_purchased", profile=1, category="x") for _ in range(5)),
        an_order(profile=2, days_ago=100, amount="5", session_id="s"),
        an_event("email_delivered", profile=2),
        an_event("email_opened", profile=1),
        an_event("product_clicked", profile=3, list="recommended"),
        an_event("product_added", profile=3),
    )
    members = {rule: shop.members(rule) for rule in RUNNING[:-1]}
    assert list(members.values()) == [[1], [1], [2], [2], [1], [1], [3], [3], [1], [], [], [1], [2], [1]]


def test_the_example_of_steps(shop: AShop) -> None:
    rule = "sequence(product_viewed, product_added within 1 day, no order_completed within 24 hours) in last 30 days"
    shop.with_people(1, 2, 3, 4).with_events(
        *(an_event("product_viewed", profile=p, days_ago=5) for p in (1, 2, 3, 4)),
        *(an_event("product_added", profile=p, days_ago=4.5) for p in (1, 2, 3)),
        an_event("product_added", profile=4, days_ago=3.9),
        an_order(profile=2, days_ago=4),
        an_order(profile=3, days_ago=3.4),
    )
    # ordered in time; only after it; the cart came too late
    assert shop.members(rule) == [1, 3]


def test_the_example_of_consent_and_segments(shop: AShop) -> None:
    rule = "can_receive(email) and in segment loyal and joined loyal in last 7 days"
    day, month = timedelta(days=1), timedelta(days=30)
    shop.with_people(1, 2, 3, 4).with_events(*(an_order(profile=p) for p in (1, 2, 3)))
    for person in (1, 2, 3, 4):
        shop.with_attribute(person, "email", f"p{person}@x.es")
    shop.with_consents(
        *((p, f"p{p}@x.es", "email", "marketing", AS_OF - month, "no" if p == 2 else "yes", "form") for p in (1, 2, 3))
    )
    shop.with_stays(
        *(("loyal", p, at, None, at, None) for p, at in ((1, AS_OF - day), (2, AS_OF - day), (3, AS_OF - month)))
    )
    assert shop.members(rule, loyal="did order_completed") == [1]


@pytest.mark.parametrize(("rule", "word"), WAITING.items())
def test_waiting_examples_say_what_is_waited_for(rule: str, word: str) -> None:
    with pytest.raises(InputError) as caught:
        plan_segments(
            {"asked": rule},
            as_of=AS_OF,
            zone=MADRID,
            vocabulary=Vocabulary(stored_traits=STORED_TRAITS),
            trait_values=TRAIT_VALUES,
        )
    assert caught.value.code == "language.not_available_yet"
    assert caught.value.facts["word"] == word


def test_each_event_name_is_read_once_however_many_segments_ask(shop: AShop) -> None:
    rules = {
        f"s{days}": f"count(order_completed in last {days} days) >= 2 and did email_opened in last {days} days"
        for days in range(1, 101)
    }
    plan = plan_segments(rules, as_of=AS_OF, zone=MADRID)
    sql = prepare(shop.engine, plan, dialect=shop.engine.name).whole
    # one looks for cancellations; engines that do best in one pass read both names in one
    assert sql.count("FROM events") == (2 if shop.engine.name == "clickhouse" else 3)
