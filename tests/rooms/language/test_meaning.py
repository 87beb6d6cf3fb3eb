"""What rules mean, case by case: windows and their edges, missing values, ties, orders, opens, text, people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from rooms.language.a_shop import AS_OF, an_event, an_order
from tesela.base import NotFoundError

if TYPE_CHECKING:
    from rooms.language.a_shop import AShop

MICROSECOND = timedelta(microseconds=1)


def utc(local: str, zone: str = "Europe/Madrid") -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


# --- windows ----------------------------------------------------------------------------------------------


def test_rolling_window_is_half_open(shop: AShop) -> None:
    start = AS_OF - timedelta(days=30)
    shop.with_people(1, 2, 3, 4).with_events(
        an_order(profile=1, at=start),
        an_order(profile=2, at=start - MICROSECOND),
        an_order(profile=3, at=AS_OF - MICROSECOND),
        an_order(profile=4, at=AS_OF),
    )
    assert shop.members("did order_completed in last 30 days") == [1, 3]
    # what happens at the moment of truth has not happened before it
    assert shop.members("did order_completed") == [1, 2, 3]


def test_a_day_is_24_hours_and_a_month_is_of_the_calendar(shop: AShop) -> None:
    # Madrid leaves summer time on 25 October 2026: 30 days are 720 hours, a month keeps the hour
    as_of = utc("2026-11-10 12:00")
    shop.with_people(1, 2).with_events(
        an_order(profile=1, at=as_of - timedelta(hours=720)), an_order(profile=2, at=utc("2026-10-10 12:00"))
    )
    assert shop.members("did order_completed in last 30 days", as_of=as_of) == [1]
    assert shop.members("did order_completed in last 1 month", as_of=as_of) == [1, 2]
    assert shop.members("did order_completed in last 1 month", as_of=as_of + MICROSECOND) == [1]


def test_months_are_clipped_to_their_end(shop: AShop) -> None:
    as_of = utc("2026-08-31 10:00")
    shop.with_people(1, 2).with_events(
        an_order(profile=1, at=utc("2026-02-28 10:00")),
        an_order(profile=2, at=utc("2026-02-28 10:00") - MICROSECOND),
    )
    assert shop.members("did order_completed in last 6 months", as_of=as_of) == [1]


def test_calendar_days_are_both_included_and_local(shop: AShop) -> None:
    shop.with_people(1, 2, 3, 4).with_events(
        an_order(profile=1, at=utc("2026-03-28 00:00")),
        an_order(profile=2, at=utc("2026-03-28 00:00") - MICROSECOND),
        # 29 March has 23 hours in Madrid
        an_order(profile=3, at=utc("2026-03-30 00:00") - MICROSECOND),
        an_order(profile=4, at=utc("2026-03-30 00:00")),
    )
    assert shop.members("did order_completed between 2026-03-28 and 2026-03-29") == [1, 3]
    assert shop.members("did order_completed on 2026-03-29") == [3]
    assert shop.members("did order_completed before 2026-03-28") == [2]
    assert shop.members("did order_completed after 2026-03-29") == [4]


@pytest.mark.parametrize(
    ("window", "first", "after"),
    [
        ("previous month", "2026-10-01", "2026-11-01"),
        ("in previous quarter", "2026-07-01", "2026-10-01"),
        ("previous year", "2025-01-01", "2026-01-01"),
        ("previous week", "2026-11-09", "2026-11-16"),  # as of a Sunday: weeks start on Monday
    ],
)
def test_previous_unit_is_the_last_complete_one(shop: AShop, window: str, first: str, after: str) -> None:
    shop.with_people(1, 2, 3, 4).with_events(
        an_order(profile=1, at=utc(first) - MICROSECOND),
        an_order(profile=2, at=utc(first)),
        an_order(profile=3, at=utc(after) - MICROSECOND),
        an_order(profile=4, at=utc(after)),
    )
    assert shop.members(f"did order_completed {window}") == [2, 3]


def test_window_after_a_value_compares_the_time(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_event("product_added", profile=1, days_ago=20),
        an_event("product_added", profile=1, days_ago=3),
        an_event("product_added", profile=2, days_ago=20),
    )
    assert shop.members("last(product_added) in last 7 days") == [1]
    assert shop.members("first(product_added) in last 7 days") == []
    assert shop.members("last(product_added) before 2026-11-10") == [2]
    assert shop.members("last(product_added) < 2026-11-10") == [2]


def test_since_is_later_than_and_a_missing_time_makes_never_true(shop: AShop) -> None:
    at = AS_OF - timedelta(days=5)
    shop.with_people(1, 2, 3, 4).with_events(
        an_event("product_added", profile=1, at=at),
        an_order(profile=1, at=at),
        an_event("product_added", profile=2, at=at),
        an_order(profile=2, at=at + MICROSECOND),
        an_order(profile=3, at=at),
    )
    assert shop.members("never order_completed since last(product_added)") == [1, 3, 4]
    assert shop.members("count(order_completed since last(product_added)) = 1") == [2]
    assert shop.members("did product_added and count(order_completed since last(product_added)) = 0") == [1]


def test_facts_after_the_moment_do_not_count(shop: AShop) -> None:
    shop.with_people(1).with_events(an_order(days_ago=10))
    assert shop.members("did order_completed", as_of=AS_OF - timedelta(days=11)) == []


# --- missing values ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("missing", [None, "", "  ", "\u00a0\t"])
def test_only_not_is_the_complement_of_a_comparison_with_a_missing_value(shop: AShop, missing: str | None) -> None:
    shop.with_people(1, 2, 3).with_attribute(1, "country", missing).with_attribute(2, "country", "ES")
    shop.with_attribute(3, "country", "PT")
    assert shop.members('country != "ES"') == [3]
    assert shop.members('country not in ("ES", "FR")') == [3]
    assert shop.members('country does not contain "e"') == [3]
    assert shop.members('not country = "ES"') == [1, 3]
    assert shop.members('country != "ES" or country is missing') == [1, 3]
    assert shop.members("country is set") == [2, 3]


def test_missing_fields_of_events_are_missing_too(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1, coupon=None), an_order(profile=2, coupon="A"), an_order(profile=3, coupon=" ")
    )
    assert shop.members('did order_completed where coupon != "B"') == [2]
    assert shop.members('did order_completed where not coupon = "B"') == [1, 2, 3]
    assert shop.members("did order_completed where coupon is missing") == [1, 3]


def test_aggregates_over_nothing(shop: AShop) -> None:
    shop.with_people(1)
    for zero in ("count(order_completed)", "sum(order_completed.amount)", "distinct(order_completed.coupon)"):
        assert shop.members(f"{zero} = 0") == [1]
    for missing in (
        "avg(order_completed.amount)",
        "min(order_completed.amount)",
        "max(order_completed.amount)",
        "first(order_completed)",
        "last(order_completed)",
        "most(product_purchased by category)",
        "share(order_completed where coupon is set)",
    ):
        assert shop.members(f"{missing} is missing") == [1]
        assert shop.members(f"{missing} is set") == []


def test_events_without_the_value_are_counted_and_left_out_of_its_average(shop: AShop) -> None:
    shop.with_people(1).with_events(an_order(amount="10"), an_order(amount=None))
    assert shop.members("avg(order_completed.amount) = 10 and count(order_completed) = 2") == [1]


def test_not_between_is_false_for_missing_values(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(an_order(profile=2, amount="5"), an_order(profile=3, amount="50"))
    assert shop.members("max(order_completed.amount) not between 1 and 10") == [3]
    assert shop.members("not max(order_completed.amount) between 1 and 10") == [1, 3]


# --- numbers ----------------------------------------------------------------------------------------------


def test_averages_are_compared_exactly(shop: AShop) -> None:
    # 10 / 3 is no decimal: as floats 3.3333333333333335 would pass for more
    shop.with_people(1).with_events(*(an_order(amount=a) for a in ("3", "3", "4")))
    assert shop.members("avg(order_completed.amount) > 3.3333") == [1]
    assert shop.members("avg(order_completed.amount) > 3.3334") == []
    assert shop.members("3 * avg(order_completed.amount) = sum(order_completed.amount)") == [1]
    assert shop.members("avg(order_completed.amount) = 10 / 3") == [1]


def test_numbers_too_large_for_64_bits_are_compared_exactly(shop: AShop) -> None:
    shop.with_people(1).with_events(*(an_order(amount="900000000000000") for _ in range(4)))
    assert shop.members("avg(order_completed.amount) = 900000000000000") == [1]
    assert shop.members("sum(order_completed.amount) = 3600000000000000") == [1]
    for of in ("", "store.", "population."):
        figure = "median(sum(order_completed.amount))" if of == "population." else "median(order_completed.amount)"
        assert shop.members(f"sum(order_completed.amount) >= {of}{figure}") == [1], of


def test_a_median_of_two_is_between_them(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_order(profile=1, amount="10"), an_order(profile=1, amount="20"), an_order(profile=2, amount="30")
    )
    assert shop.members("median(order_completed.amount) = 15") == [1]
    assert shop.members("sum(order_completed.amount) = 1.5 * store.median(order_completed.amount)") == [1, 2]
    shop.with_people(3, 4).with_events(an_order(profile=3, amount="50"), an_order(profile=4, amount="70"))
    assert shop.members("sum(order_completed.amount) + 10 = population.median(sum(order_completed.amount))") == [1, 2]


def test_share_by_count_and_by_value(shop: AShop) -> None:
    shop.with_people(1).with_events(
        *(an_order(amount="1", coupon="A") for _ in range(9)), an_order(amount="91", coupon=None)
    )
    assert shop.members("share(order_completed where coupon is set) >= 0.9") == [1]
    assert shop.members("share(order_completed where coupon is set) > 90%") == []
    assert shop.members("share(order_completed.amount where coupon is set) = 0.09") == [1]


def test_revenue_nets_refunds_by_their_own_time(shop: AShop) -> None:
    shop.with_people(1).with_events(
        an_order(days_ago=60, amount="100"), an_event("order_refunded", days_ago=5, amount="30")
    )
    assert shop.members("revenue = 70") == [1]
    assert shop.members("revenue(in last 30 days) = -30") == [1]
    assert shop.members("sum(order_completed.amount) = 100") == [1]


def test_most_is_the_largest_group(shop: AShop) -> None:
    shop.with_people(1).with_events(
        *(an_event("product_purchased", category=c, days_ago=d) for c, d in [("a", 1), ("a", 40), ("b", 2), (None, 1)])
    )
    assert shop.members("most(product_purchased by category) = 2") == [1]
    assert shop.members("most(product_purchased by category in last 30 days) = 1") == [1]


def test_quantities_have_decimals(shop: AShop) -> None:
    shop.with_people(1).with_events(an_order(quantity="1.5"), an_order(quantity="0.25"))
    assert shop.members("sum(order_completed.quantity) = 1.75") == [1]
    assert shop.members("did order_completed where quantity in (1.5, 7)") == [1]


# --- orders, opens, order of events -----------------------------------------------------------------------


def test_a_cancelled_order_is_none_from_its_cancellation_on(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_order(profile=1, order_id="7", days_ago=9),
        an_event("order_cancelled", profile=None, order_id="7", days_ago=2),
        an_order(profile=2, order_id="7", days_ago=9, source="another"),
    )
    assert shop.members("did order_completed") == [2]
    assert shop.members("store.count(order_completed) = 1") == [1, 2]
    assert shop.members("did order_completed", as_of=AS_OF - timedelta(days=2)) == [1, 2]
    assert shop.members("did order_cancelled") == []


def test_opens_by_machines_are_none(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_event("email_opened", profile=1, is_machine=True),
        an_event("email_opened", profile=2, is_machine=False),
        an_event("email_opened", profile=3, is_machine=None),
    )
    assert shop.members("did email_opened") == [2, 3]
    assert shop.members("did email_opened_any") == [1, 2, 3]
    assert shop.members("did email_opened_any where is_machine") == [1]


def test_ties_in_time_are_ordered_by_source_and_message(shop: AShop) -> None:
    at = AS_OF - timedelta(days=1)
    shop.with_people(1).with_events(
        an_order(at=at, source="b", message_id="1", coupon="last"),
        an_order(at=at, source="a", message_id="9", coupon="middle"),
        an_order(at=at, source="a", message_id="10", coupon="first"),
    )
    assert shop.members('first(order_completed).coupon = "first" and last(order_completed).coupon = "last"') == [1]


def test_the_field_of_the_last_event_is_missing_when_it_is_missing_there(shop: AShop) -> None:
    shop.with_people(1).with_events(an_order(days_ago=2, coupon="A"), an_order(days_ago=1, coupon=None))
    assert shop.members("last(order_completed).coupon is missing") == [1]
    assert shop.members('last(order_completed where coupon is set).coupon contains "a"') == [1]


def test_distinct_over_any_event(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_event("page_viewed", profile=1, session_id="s"), an_order(profile=1, session_id="s"),
        an_event("page_viewed", profile=2, session_id="s"), an_order(profile=2, session_id="t"),
    )  # fmt: skip
    assert shop.members("distinct(session_id) = 1") == [1]


def test_properties_without_a_column_are_text(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_order(profile=1, properties='{"store": "Málaga", "a/b~c": "x"}'), an_order(profile=2, properties=None)
    )
    assert shop.members('did order_completed where properties.store starts with "mala"') == [1]
    assert shop.members('did order_completed where properties.`a/b~c` = "x"') == [1]
    assert shop.members("did order_completed where properties.store is missing") == [2]


# --- text -------------------------------------------------------------------------------------------------


def test_text_is_folded_unless_told_exactly(shop: AShop) -> None:
    shop.with_people(1, 2, 3)
    for profile, city in ((1, "CAMIÓN"), (2, "camion"), (3, "Straße")):
        shop.with_attribute(profile, "city", city)
    assert shop.members('city contains "mión"') == [1, 2]
    assert shop.members('city starts with "Cam" and city ends with "ON"') == [1, 2]
    assert shop.members('city ends with "strasse"') == [3]
    assert shop.members('city contains exactly "mion"') == [2]
    assert shop.members('city matches "^c.*n$"') == [1, 2]
    assert shop.members('city = "camion"') == [2]


# --- people -----------------------------------------------------------------------------------------------


def test_attributes_are_those_of_the_moment(shop: AShop) -> None:
    moved = AS_OF - timedelta(days=10)
    shop.with_people(1).with_attribute(1, "city", "Vigo").with_attribute(1, "city", "Lugo", since=moved)
    assert shop.members('city = "Lugo"') == [1]
    assert shop.members('city = "Vigo"', as_of=moved) == [1]
    assert shop.members('city = "Lugo"', as_of=moved + MICROSECOND) == [1]


def test_identifiers_count_as_attributes_though_no_contact_told_them(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_identifier(1, "email", "ana@example.com").with_identifier(2, "email", "x@y.z", AS_OF)
    shop.with_identifier(3, "email", "a@old.com").with_attribute(3, "email", "z@new.com")
    assert shop.members("email is set") == [1, 3]
    assert shop.members('email ends with "EXAMPLE.COM" or email = "z@new.com"') == [1, 3]


def test_own_profile_fields_are_known_once_they_exist(shop: AShop) -> None:
    shop.with_people(1).with_attribute(1, "Nivel VIP", "oro")
    assert shop.members('`Nivel VIP` = "oro"') == [1]


def test_age_and_birthdays_on_29_february(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "birth_date", "2000-02-29").with_attribute(2, "birth_date", "2000-03-01")
    common, leap = utc("2026-02-28 00:00"), utc("2028-02-28 12:00")
    assert shop.members("age = 26", as_of=common) == [1]
    assert shop.members("age between 25 and 26", as_of=common - MICROSECOND) == [1, 2]
    assert shop.members("birthday in next 1 days", as_of=common) == [1]
    assert shop.members("birthday in next 1 days", as_of=leap) == []
    assert shop.members("birthday in next 2 days", as_of=leap) == [1]
    assert shop.members("birthday in next 366 days") == [1, 2]
    # over the turn of the year
    assert shop.members("birthday in next 61 days", as_of=utc("2026-12-31 08:00")) == [1, 2]


def test_anonymous_visitors_are_asked_only_when_told(shop: AShop) -> None:
    shop.with_people(1, anonymous=[2]).with_events(
        an_event("page_viewed", profile=1), an_event("page_viewed", profile=2), an_event("page_viewed", profile=None)
    )
    assert shop.members("did page_viewed") == [1]
    assert shop.members("did page_viewed among everyone") == [1, 2]
    assert shop.members("store.count(page_viewed) = 1") == [1]
    assert shop.members("store.count(page_viewed) = 2 among everyone") == [1, 2]
    assert shop.members("in segment viewers among everyone", viewers="did page_viewed") == [1]


def test_who_was_not_seen_yet_is_not_in_the_base(shop: AShop) -> None:
    shop.with_people(1).with_people(2, seen=AS_OF)
    assert shop.members("never order_completed") == [1]


def test_empty_base(shop: AShop) -> None:
    for rule in (
        "never order_completed",
        "avg(order_completed.amount) > store.avg(order_completed.amount)",
        "top 10% by sum(order_completed.amount)",
        "percentile(count(order_completed)) >= 0",
    ):
        assert shop.members(rule) == []


def test_ties_at_the_edge_of_the_top_are_all_in(shop: AShop) -> None:
    shop.with_people(*range(1, 11)).with_events(
        *(an_order(profile=profile, amount=a) for profile, a in [(1, "9"), (2, "5"), (3, "5"), (4, "5"), (5, "1")])
    )
    total = "sum(order_completed.amount)"
    assert shop.members(f"top 10% by {total}") == [1]
    assert shop.members(f"top 20% by {total}") == [1, 2, 3, 4]
    assert shop.members(f"top 0% by {total}") == []
    assert shop.members(f"rank({total}) = 2") == [2, 3, 4]
    assert shop.members(f"percentile({total}) >= 60") == [1, 2, 3, 4]
    # an average is missing for who never bought, so it is a population of five
    assert shop.members("top 40% by avg(order_completed.amount)") == [1, 2, 3, 4]


def test_population_is_limited_by_among_and_where(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(an_order(profile=1, amount="10"), an_order(profile=2, amount="30"))
    total = "sum(order_completed.amount)"
    assert shop.members(f"{total} >= population.avg({total})") == [2]
    assert shop.members(f"{total} * 2 >= population.avg({total} where did order_completed)") == [1, 2]
    assert shop.members(f"population.count({total}) = 3 and population.max({total}) = 30") == [1, 2, 3]
    assert shop.members(f"rank({total} among did order_completed) = 3") == [3]


def test_averages_in_order_are_compared_exactly(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        *(an_order(profile=1, amount=a) for a in ("1", "1", "2")),  # 4/3
        *(an_order(profile=2, amount=a) for a in ("1", "1", "1", "1", "2", "2")),  # 8/6, the same
        *(an_order(profile=3, amount=a) for a in ("1.3333", "1.3333")),
    )
    assert shop.members("rank(avg(order_completed.amount)) = 1") == [1, 2]


def test_averages_below_zero_are_ordered_too(shop: AShop) -> None:
    shop.with_people(1, 2, 3, 4).with_events(
        *(an_order(profile=1, amount=a) for a in ("-0.0001", "0", "0")),
        *(an_order(profile=2, amount=a) for a in ("-0.0001", "0")),
        an_order(profile=3, amount="0"),
        *(an_order(profile=4, amount=a) for a in ("0.0001", "0", "0")),
    )
    for place, profile in enumerate((4, 3, 1, 2), start=1):
        assert shop.members(f"rank(avg(order_completed.amount)) = {place}") == [profile]


def test_sample_is_stable_and_of_the_asked_size(shop: AShop) -> None:
    shop.with_people(*range(1, 2001))
    found = shop.members('sample(10%, "spring")')
    assert 150 < len(found) < 250
    assert shop.members('sample(20%, "spring") and sample(10%, "spring")') == found
    assert shop.members('sample(100%, "x") and not sample(0%, "x")') == list(range(1, 2001))


# --- segments ---------------------------------------------------------------------------------------------


def test_segments_use_one_another(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(an_order(profile=1))
    segments = {"lookers": "not in segment buyers", "buyers": "did order_completed"}
    assert shop.members("in segment lookers", **segments) == [2]


def test_segments_of_the_population(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(an_order(profile=1, amount="1"), an_order(profile=2, amount="5"))
    buyers = "did order_completed"
    rule = "sum(order_completed.amount) > population.avg(sum(order_completed.amount) where in segment buyers)"
    assert shop.members(rule, buyers=buyers) == [2]


def test_the_first_value_of_a_field_is_no_change(shop: AShop) -> None:
    days = [AS_OF - timedelta(days=each) for each in (10, 5)]
    shop.with_people(1, 2, 3).with_attributes(
        (1, "city", "Madrid", days[1]),
        (2, "city", "Madrid", days[0]),
        (2, "city", "Vigo", days[1]),
        (3, "city", "Madrid", days[0]),
        (3, "city", "Madrid", days[1]),
    )
    assert shop.members("changed(city in last 30 days)") == [2]


def test_of_a_yes_and_a_no_at_one_time_the_no_stands(shop: AShop) -> None:
    at = AS_OF - timedelta(days=1)
    shop.with_people(1, 2)
    for profile, first, second in ((1, "yes", "no"), (2, "no", "yes")):
        address = f"{profile}@x.es"
        shop.with_attribute(profile, "email", address)
        shop.with_consents(
            (profile, address, "email", "marketing", at, first, "a"),
            (profile, address, "email", "marketing", at, second, "b"),
        )
    assert shop.members("can_receive(email, marketing)") == []


# --- sequences --------------------------------------------------------------------------------------------


def test_what_happens_at_once_does_not_follow(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_event("product_added", profile=1, at=AS_OF - timedelta(days=1)),
        an_order(profile=1, at=AS_OF - timedelta(days=1)),
        an_event("product_added", profile=2, at=AS_OF - timedelta(days=1)),
        an_order(profile=2, at=AS_OF - timedelta(days=1) + MICROSECOND),
    )
    assert shop.members("sequence(product_added, order_completed)") == [2]


def test_a_step_may_come_as_late_as_is_said(shop: AShop) -> None:
    added = AS_OF - timedelta(days=2)
    shop.with_people(1, 2).with_events(
        *(an_event("product_added", profile=each, at=added) for each in (1, 2)),
        an_order(profile=1, at=added + timedelta(hours=24)),
        an_order(profile=2, at=added + timedelta(hours=24) + MICROSECOND),
    )
    assert shop.members("sequence(product_added, order_completed within 24 hours)") == [1]
    assert shop.members("sequence(product_added, no order_completed within 24 hours)") == [2]


def test_what_must_not_happen_has_its_whole_time(shop: AShop) -> None:
    shop.with_people(1, 2).with_events(
        an_event("product_added", profile=1, at=AS_OF - timedelta(hours=24)),
        an_event("product_added", profile=2, at=AS_OF - timedelta(hours=24) + MICROSECOND),
    )
    assert shop.members("sequence(product_added, no order_completed within 24 hours)") == [1]


def test_sequences_of_several_windows_begin_inside_their_own(shop: AShop) -> None:
    week = AS_OF - timedelta(days=7)
    shop.with_people(1, 2, 3).with_events(
        an_event("product_added", profile=1, at=week),
        an_event("product_added", profile=2, at=week - MICROSECOND),
        an_event("product_added", profile=3, days_ago=20),
        an_event("product_added", profile=3, days_ago=6),
        *(an_order(profile=each, days_ago=5) for each in (1, 2, 3)),
    )
    steps = "sequence(product_added, order_completed)"
    assert shop.members(f"{steps} in last 30 days and {steps} in last 7 days") == [1, 3]
    assert shop.members(f"{steps} in last 30 days and not {steps} in last 7 days") == [2]


def test_a_way_through_the_steps_is_not_the_last_event_of_each(shop: AShop) -> None:
    # the last one put in the cart is of another product than what was bought
    shop.with_people(1, 2).with_events(
        *(an_event("product_added", profile=each, days_ago=9, product_id="p1") for each in (1, 2)),
        *(an_event("product_viewed", profile=each, days_ago=8, product_id="p2") for each in (1, 2)),
        an_event("product_added", profile=1, days_ago=7, product_id="p2"),
        an_event("product_purchased", profile=1, days_ago=6, product_id="p1"),
        an_event("product_purchased", profile=2, days_ago=6, product_id="p2"),
    )
    rule = "sequence(product_added, product_purchased with same product_id)"
    assert shop.members(rule) == [1]
    longer = "sequence(product_added, product_viewed, product_purchased with same product_id)"
    assert shop.members(longer) == [2]


def test_the_way_that_began_last_may_not_end_with_the_last_events(shop: AShop) -> None:
    shop.with_people(1).with_events(
        an_event("product_viewed", days_ago=20, product_id="p2"),
        an_event("product_viewed", days_ago=6, product_id="p1"),
        an_event("product_added", days_ago=5, product_id="p1"),
        an_event("product_added", days_ago=4, product_id="p2"),
        an_order(days_ago=3),
    )
    steps = "sequence(product_viewed, product_added with same product_id, order_completed)"
    assert shop.members(f"{steps} in last 30 days and {steps} in last 7 days") == [1]


# --- several windows together -----------------------------------------------------------------------------


def test_windows_that_share_a_reading_keep_their_edges(shop: AShop) -> None:
    week = AS_OF - timedelta(days=7)
    shop.with_people(1, 2).with_events(
        an_order(profile=1, at=week, coupon="A"), an_order(profile=2, at=week - MICROSECOND, coupon="A")
    )
    for asked in ("did order_completed{}", "distinct(order_completed.coupon{}) >= 1", "count(order_completed{}) = 1"):
        month, own = asked.format(" in last 30 days"), asked.format(" in last 7 days")
        assert shop.members(f"{month} and {own}") == [1], asked
        assert shop.members(f"{month} and not {own}") == [2], asked


def test_the_hour_that_clocks_repeat_is_the_first(shop: AShop) -> None:
    # 02:30 came twice in Madrid that night, at 00:30 and at 01:30 of UTC
    shop.with_people(1, 2).with_events(
        an_order(profile=1, at=datetime.fromisoformat("2026-10-25 01:00")),
        an_order(profile=2, at=datetime.fromisoformat("2026-10-25 00:29")),
    )
    assert shop.members("did order_completed after 2026-10-25T02:30") == [1]


def test_backslashes_of_a_pattern_need_no_others(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "postal_code", "29001").with_attribute(2, "postal_code", "ddddd")
    assert shop.members(r'postal_code matches "^\d{5}$"') == [1]
    assert shop.members(r'postal_code matches "^\\d{5}$"') == [1]
    shop.with_attribute(1, "city", r'a\b"c')
    assert shop.members(r'city = "a\b\"c" and city = "a\\b\"c"') == [1]


def test_texts_of_rules_are_composed_as_loaded_ones_are(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "city", "M\u00e1laga").with_attribute(2, "city", "Malaga")
    assert shop.members('city = "Ma\u0301laga"') == [1]
    assert shop.members('city contains exactly "a\u0301l" and city in ("Ma\u0301laga\0")') == [1]


def test_patterns_fold_letters_as_the_other_tests_do(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "city", "Gro\u00dfe Stra\u00dfe").with_attribute(
        2, "city", "GROSSE STRASSE"
    )
    for pattern in ("^grosse", "STRASSE$", "stra\u00dfe", r"^\S+ \S+$"):
        assert shop.members(f'city matches "{pattern}"') == [1, 2], pattern
    assert shop.members('city matches exactly "stra\u00dfe$"') == []
    assert shop.members('city matches exactly "Stra\u00dfe$"') == [1]


def test_orders_are_of_one_source_and_coupons_of_all(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1, order_id="o1", coupon="A", source="shop"),
        an_order(profile=2, order_id="o2", coupon=None, source="shop"),
        an_event("coupon_applied", profile=3, order_id="o1", coupon="A", source="till"),
        an_event("coupon_applied", profile=3, order_id="o2", coupon="B", source="shop"),
    )
    assert shop.members("did order_completed where any(coupon_applied)") == [2]
    assert shop.members("did order_completed where any(coupon_applied by order_id)") == [2]
    assert shop.members("did order_completed where any(coupon_applied by coupon)") == [1]
    assert shop.members('did order_completed where all(coupon_applied where coupon = "A" by coupon)') == [1]
    assert shop.members("did order_completed where none(coupon_applied by coupon)") == [2]


def test_nobody_can_receive_at_a_blank_address(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "postal_code", " ").with_attribute(2, "postal_code", "28001")
    shop.with_consents(
        *((p, "+34600111222", "post", "service", AS_OF - timedelta(days=1), "yes", "form") for p in (1, 2))
    )
    assert shop.members('can_receive(post, "service")') == [2]


def test_one_value_of_several(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_attribute(1, "country", "ES").with_attribute(2, "country", "FR")
    shop.with_events(
        *(an_order(profile=1, days_ago=day, amount="10") for day in (1, 2, 3)),
        *(an_order(profile=2, days_ago=day, amount=amount) for day, amount in ((4, "7"), (8, "8"))),
    )
    assert shop.members('if(country = "ES", count(order_completed), 0) = 3') == [1]
    assert shop.members('if(country = "ES", count(order_completed), 0) = 0') == [2, 3]
    # averages stay exact, with another divisor on either side
    assert shop.members("if(did order_completed, avg(order_completed.amount), 0.5) in (7.5, 0.5)") == [2, 3]
    assert shop.members("if(did order_completed, avg(order_completed.amount), 0.5) > 7") == [1, 2]
    # a missing value is one where its side is taken
    assert shop.members("if(did order_completed, 1, age) is missing") == [3]
    # texts, times and truths; one in another; inside of an event too
    assert shop.members('if(country = "ES", "here", if(country is set, "there", "where")) = "where"') == [3]
    assert shop.members("if(did order_completed, last(order_completed), 2026-01-01) before 2026-11-19") == [2, 3]
    assert shop.members('if(count(order_completed) > 2, country = "ES", did order_completed) = true') == [1, 2]
    assert shop.members("count(order_completed where if(amount > 7, 1, 0) = 1) >= 1") == [1, 2]
    assert shop.members("rank(if(did order_completed, count(order_completed), 10)) = 1") == [3]


def test_the_smallest_and_the_largest_of_several(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        *(an_order(profile=1, days_ago=day, amount="10.50") for day in (1, 2, 3)),
        an_order(profile=2, days_ago=4, amount="7"),
        an_event("email_opened", profile=2, days_ago=2),
    )
    assert shop.members("least(count(order_completed), 2) = 2") == [1]
    assert shop.members("greatest(count(order_completed), 1.5, -3) = 1.5") == [2, 3]
    assert shop.members("greatest(avg(order_completed.amount), count(order_completed)) = 10.5") == [1]
    # missing where any is
    assert shop.members("least(avg(order_completed.amount), 1) = 1") == [1, 2]
    assert shop.members("greatest(1, avg(order_completed.amount)) is missing") == [3]
    assert shop.members("greatest(last(order_completed), last(email_opened)) in last 3 days") == [2]
    assert shop.members("count(order_completed where least(amount, 8) = 8) >= 1") == [1]


def test_a_text_that_can_never_be_is_refused(shop: AShop) -> None:
    with pytest.raises(NotFoundError) as caught:
        shop.members('if(did order_completed, "buyer", "reader") = "byer"')
    assert caught.value.code == "language.unknown_value"
    assert "buyer" in str(caught.value.hint("es"))
    for rule in ('consent(email) = "maybe"', 'consent(sms) in ("yes", "maybe")', 'consent(email) != "maybe"'):
        with pytest.raises(NotFoundError) as caught:
            shop.members(rule)
        assert caught.value.code == "language.unknown_value_alone"
        assert "yes, no" in str(caught.value.hint("en"))
