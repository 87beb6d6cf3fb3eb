"""What is wrong with a rule is said with the word, the place and what to do, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rooms.language.a_shop import AS_OF, MADRID, an_event
from tesela.base import InputError, NotFoundError, TeselaError
from tesela.language import Vocabulary, fingerprint, parse, plan_segments
from tesela.segments import MEMBERSHIPS

if TYPE_CHECKING:
    from rooms.language.a_shop import AShop


def failure(rule: str, **others: str) -> TeselaError:
    with pytest.raises(TeselaError) as caught:
        plan_segments(
            {"asked": rule}, as_of=AS_OF, zone=MADRID, others=others, vocabulary=Vocabulary(()), memberships=MEMBERSHIPS
        )
    return caught.value


@pytest.mark.parametrize(
    "rule",
    [
        "clv_12m > 300",
    ],
)
def test_agreed_words_that_do_not_work_yet_say_so(rule: str) -> None:
    error = failure(rule)
    assert error.code == "language.not_available_yet"
    assert isinstance(error, InputError)
    assert str(error.facts["word"]) in error.message("es")
    assert "todavía no está disponible" in error.message("es")
    assert "not available yet" in error.message("en")


@pytest.mark.parametrize(
    ("rule", "code", "near"),
    [
        ("countt(order_completed) > 1", "language.unknown_function", "count"),
        ("did order_complete", "language.unknown_event", "order_completed"),
        ('did order_completed where cupon = "A"', "language.unknown_field", "coupon"),
        ('contry = "ES"', "language.unknown_name", "country"),
        ("in segment loyals", "language.unknown_segment", "loyal"),
        ("loyals", "language.unknown_segment", "loyal"),
        ("order_completed", "language.unknown_name", "did order_completed"),
        ("store.averge(order_completed.amount) > 1", "language.unknown_function", "avg"),
    ],
)
def test_unknown_words_suggest_near_ones(rule: str, code: str, near: str) -> None:
    error = failure(rule, loyal="did order_completed")
    assert error.code.removesuffix("_alone") == code
    assert isinstance(error, NotFoundError)
    if not error.code.endswith("_alone"):
        assert near in str(error.hint("es"))
        assert near in str(error.hint("en"))


def test_the_place_is_told() -> None:
    error = failure("did order_completed\n  and did order_complete in last 3 days")
    assert (error.facts["line"], error.facts["column"]) == (2, 11)
    assert "order_complete in last" in str(error.facts["excerpt"])
    assert "línea 2, columna 11" in error.message("es")


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("did", "unfinished"),
        ("did order_completed and", "unfinished"),
        ("(did order_completed", "unfinished"),
        ("did order_completed)", "expected"),
        ("count(order_completed) > > 2", "expected"),
        ("count(order_completed) >= 2 >= 1", "expected"),
        ("did order_completed in last days", "expected"),
        ("did order_completed in last 3 fortnights", "expected"),
        ("did order_completed in last 0 days", "expected"),
        ("did order_completed in last 2.5 days", "expected"),
        ("did order_completed in next 3 days", "window_in_future"),
        ("did order_completed between 2026-02-01 and 2026-01-01", "window_backwards"),
        ("did order_completed on 2026-02-30", "expected"),
        ('country = "ES', "open_quote"),
        ("count(order_completed) ≥ 2", "stray_sign"),
        ("count(order_completed) ; drop", "stray_character"),
        ("count(order_completed)", "not_a_condition"),
        ("country", "not_a_condition"),
        ('count(order_completed) > "2"', "different_kinds"),
        ("country = 3", "different_kinds"),
        ("country + 1 > 2", "needs_number"),
        ('if(did order_completed, 1, "a") = 1', "different_kinds"),
        ("if(count(order_completed), 1, 2) = 1", "not_a_condition"),
        ("if(did order_completed, 1) = 1", "expected"),
        ("least(count(order_completed)) > 1", "expected"),
        ("greatest(country, city) > 1", "needs_number"),
        ("least(count(order_completed), last(order_completed)) > 1", "different_kinds"),
        ("sum(order_completed.coupon) > 2", "needs_number"),
        ("count(order_completed.amount) > 2", "unneeded_field"),
        ("sum(order_completed) > 2", "needed_field"),
        ("store.avg(order_completed) > 2", "needed_field"),
        ("count(order_completed) in last 3 days", "needs_moment"),
        ('age contains "3"', "needs_text"),
        ("birth_date in last 30 days", "window_of_date"),
        ("birthday in last 7 days", "birthday_window"),
        ("share(order_completed) > 0.5", "share_without_where"),
        ('sample(110%, "x")', "share_range"),
        ("did order_completed where count(email_opened) > 2", "profile_word_in_event"),
        ("(" * 300 + "did order_completed" + ")" * 300, "too_deep"),
        ('city matches "("', "bad_pattern"),
    ],
)
def test_what_is_wrong_is_told_in_both_languages(rule: str, code: str) -> None:
    error = failure(rule)
    assert error.code == f"language.{code}"
    for language in ("es", "en"):
        assert "{" not in error.message(language).replace("{excerpt}", "!")
        error.hint(language)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("did order_completed last 30 days", "in last 30 days"),
        ("did order_completed in the last 30 days", "in last 30 days"),
        ("did order_completed on 31/01/2026", "on 2026-01-31"),
        ('city like "Ma%"', "contains …"),
        ("country = Madrid", '"Madrid"'),
        ("can_receive()", "email"),
    ],
)
def test_the_hint_says_what_was_probably_meant(rule: str, expected: str) -> None:
    assert expected in str(failure(rule).hint("es"))


def test_segments_that_wait_for_one_another_are_told_with_the_path() -> None:
    error = failure("in segment a", a="in segment b", b="not in segment a")
    assert error.code == "language.segment_cycle"
    assert error.facts["path"] == "a → b → a"


def test_own_events_are_known_once_they_exist(shop: AShop) -> None:
    shop.with_people(1)
    with pytest.raises(NotFoundError):
        shop.members("did quiz_played")
    shop.with_events(an_event("quiz_played", profile=1))
    assert shop.members("did quiz_played") == [1]


def test_values_never_become_part_of_the_text(shop: AShop) -> None:
    nasty = "x'); DROP TABLE events; --"
    shop.with_people(1).with_attribute(1, "city", nasty).with_events(an_event(nasty, properties='{"a": 1}'))
    assert shop.members(f'city = "{nasty}" and city contains "drop table" and did `{nasty}`') == [1]


def test_deep_rules_work_to_the_limit(shop: AShop) -> None:
    rule = "did order_completed"
    for number in range(199):
        rule = f"(did email_opened {'and' if number % 2 else 'or'} {rule})"
    shop.with_people(1).with_events(an_event("email_opened"))
    assert shop.members(rule) == [1]


def test_long_lists_are_bound_as_a_relation(shop: AShop) -> None:
    shop.with_people(1, 2).with_attribute(1, "city", "c77777").with_attribute(2, "city", "none")
    listed = ", ".join(f'"c{number}"' for number in range(100_000))
    assert shop.members(f"city in ({listed})") == [1]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("count(order_completed) >= 2", "COUNT( order_completed )>=2.0", True),
        ("did a and did b", "(did a) and (did b)", True),
        ("did a in last 7 days", "did a in last 7 day", True),
        ("did a in last 7 days", "did a in last 1 week", False),
        ('city = "A"', 'city = "a"', False),
    ],
)
def test_the_fingerprint_is_of_the_meaning(one: str, other: str, same: bool) -> None:
    assert (fingerprint(parse(one)) == fingerprint(parse(other))) == same


@pytest.mark.parametrize(
    ("rule", "code"),
    [
        ("sequence(no product_viewed, product_added)", "sequence_begins_with_no"),
        ("sequence(product_viewed, product_added within 1 month)", "needs_fixed_unit"),
        ("resumed(order_completed, 1 month)", "needs_fixed_unit"),
        ("regularly(order_completed, 5 of last 4 weeks)", "more_than_periods"),
        ("regularly(order_completed in last 7 days, 2 of last 4 weeks)", "window_in_rhythm"),
        ("at least 3 of (did order_completed, did email_opened)", "more_than_conditions"),
        ("any(product_purchased)", "related_outside_where"),
        ("did order_completed where any(product_purchased.amount)", "bad_relation"),
        ("time_since(last(order_completed)) > 30", "needs_duration"),
        ("count(order_completed) > 30 days", "duration_alone"),
        ("length(city) > count(order_completed)", "length_needs_number"),
        ('did order_completed where weekday = "lunes"', "unknown_weekday_alone"),
        ("can_receive(emial)", "unknown_channel"),
        ('held country = "ES" and city = "x" for 30 days', "expected"),
        ('held (country = "ES" and city = "x") for 30 days', "held_needs_one_field"),
        ("changed(age)", "needs_field"),
        ("population.avg(avg(order_completed.amount)) > 3", "population_of_ratio"),
        ("city inside ((1, 2), (3, 4))", "polygon_too_short"),
        ("city within 5 km of (91, 4)", "not_on_earth"),
        ("did order_completed between 60 and 30 days ago", "ago_backwards"),
        ("did order_completed between 2026-01-31T10:00 and 2026-01-31T09:00", "window_backwards"),
        ("did order_completed between 2026-01-31T10:00Z and 2026-01-31T10:30+02:00", "window_backwards"),
        *(
            (rule, "too_far")
            for rule in (
                "did order_completed in last 99999999 years",
                "did order_completed previous 999999 months",
                "did order_completed between 1 and 9999999999 days ago",
                "did order_completed after 9999-12-31",
                "created_at in next 99999999 days",
                "sequence(order_completed, order_completed within 99999999999 days)",
                "stopped(order_completed, 999999999 weeks)",
                "regularly(order_completed, 1 of last 999 quarters) and time_since(created_at) > 99999999 days",
                "in segment loyal for 99999999999 seconds",
            )
        ),
        ("age between 34 and 25", "range_backwards"),
        ("created_at not between 2026-02-01T10:00 and 2026-01-01T10:00", "range_backwards"),
        ("(created_at) not between (2026-02-01) and (2026-01-01)", "range_backwards"),
        ("time_since(created_at) between 60 days and 1 week", "range_backwards"),
        ("did order_completed where hour between 22 and 6", "hours_backwards"),
        ("did order_completed where local.hour in (9, 24)", "never_so_large"),
        ("did order_completed where hour > 9.5", "never_so_large"),
        ("decile(sum(order_completed.amount)) = 11", "never_so_large"),
        ("percentile(sum(order_completed.amount)) >= 101", "never_so_large"),
        ("share(order_completed where coupon is set) >= 90", "share_as_percent"),
        ('did order_completed where weekday >= "monday"', "weekday_order"),
        ('did order_completed where weekday between "monday" and "friday"', "weekday_order"),
        ('city = ""', "blank_text"),
        ('city != "  "', "blank_text"),
        ('city not in ("", " ")', "blank_text"),
        ('city has ""', "blank_item"),
        ('city contains ""', "empty_needle"),
        ('city does not start with "\u0301"', "empty_needle"),
        ('city has any matching ""', "empty_needle"),
        ("city within -5 km of (40, -3)", "not_a_distance"),
        ("sequence(product_viewed within 3 days, product_added)", "first_step_alone"),
        ("sequence(product_viewed with same product_id, product_added)", "first_step_alone"),
        ("length(city) >= 1.5", "length_needs_number"),
        ("first(order_completed.amount) > 2", "field_inside"),
        ("birthday this month", "birthday_window"),
        ("anniversary(created_at) in next 2 months", "birthday_window"),
        ('city == "Madrid"', "stray_sign"),
    ],
)
def test_rules_that_cannot_mean_anything_are_refused_with_the_reason(rule: str, code: str) -> None:
    error = failure(rule, loyal="did order_completed")
    assert error.code == f"language.{code}"
    assert error.message("es") != error.message("en")
