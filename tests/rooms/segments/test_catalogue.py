"""The catalogue: every entry whole and in two languages, values chosen from a shop's data, files written."""

from __future__ import annotations

import random
import string
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import pytest

from rooms.language.a_shop import AS_OF, LONG_AGO, MADRID, an_event, an_order
from tesela.base import LANGUAGES, ConflictError, InputError, NotFoundError, text
from tesela.language import parse, say, to_json
from tesela.measurement import METRICS
from tesela.segments import Segment, load_segments
from tesela.segments.catalogue import (
    FAMILIES,
    Entry,
    Figures,
    add_segments,
    check_names,
    choose_values,
    find_missing,
    find_needs,
    load_catalogue,
    write_starter,
)
from tesela.segments.definitions import write_segments
from tesela.traits import rfm

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rooms.language.a_shop import AShop

CATALOGUE = load_catalogue()
ENTRIES = CATALOGUE.entries
CHANNELS = {"email", "sms", "web_push", "whatsapp", "post", "phone", "onsite"}

every_entry = pytest.mark.parametrize("entry", ENTRIES.values(), ids=ENTRIES)


# --- what every entry says ------------------------------------------------------------------------------------


@every_entry
def test_an_entry_is_whole_in_both_languages(entry: Entry) -> None:
    actions = [action.words for action in entry.actions]
    assert actions
    for words in (entry.name, entry.description, entry.objective, entry.warning, *actions):
        assert set(words) == set(LANGUAGES)
        assert all(words[language].strip() for language in LANGUAGES)
        assert words["es"] != words["en"] or entry.slug == "vip"
    for words in (entry.name, entry.description):
        assert places(words["es"]) == places(words["en"]) <= set(entry.parameters)
    assert set(entry.channels) <= CHANNELS
    assert set(entry.kpis) <= {metric.key for metric in METRICS}
    assert entry.kpis[0] == "size"


@every_entry
def test_a_rule_says_itself_in_plain_words(entry: Entry) -> None:
    segment = entry.segment()
    for language in LANGUAGES:
        assert say(segment.rule, language).strip()
        assert "{" not in segment.title(language) + segment.description[language]
    assert Segment.from_dict(entry.slug, segment.to_dict()) == segment


@every_entry
def test_parameters_are_bounded_and_explained(entry: Entry) -> None:
    for name, parameter in entry.parameters.items():
        assert all(parameter.meaning[language] for language in LANGUAGES)
        assert (parameter.low is None) == (parameter.high is None) == (parameter.kind == "text")
        if parameter.unit:
            assert text(f"segments.catalogue.unit.{parameter.unit}", "es")
        assert (parameter.kind == "number") == bool(parameter.unit)
        beyond = {"text": "x" * 201, "duration": "999 years", "number": "1e30", "share": "1.01"}[parameter.kind]
        with pytest.raises(InputError):
            parameter.read(beyond)
        assert f"{{{name}}}" in entry.template


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_families_have_what_a_marketer_looks_for() -> None:
    found = {family: [each.slug for each in ENTRIES.values() if each.family == family] for family in FAMILIES}
    counts = {family: len(slugs) for family, slugs in found.items()}
    assert counts == {
        **{"base": 18, "reactivity": 9, "purchase": 19, "behaviour": 11},
        **{"person": 14, "activity": 4, "rfm": 10, "last_purchase": 3},
    }
    assert set(found["rfm"]) == {f"rfm_{name}" for name in rfm.SEGMENTS} - {"rfm_prospect"}
    assert not set(FAMILIES) & set(ENTRIES)
    for language in LANGUAGES:
        assert all(text(f"segments.catalogue.family.{family}", language) for family in FAMILIES)
        titles = [each.title(language, each.defaults) for each in ENTRIES.values()]
        assert len(titles) == len(set(titles))


def test_an_unknown_name_is_told_with_those_near_it() -> None:
    with pytest.raises(NotFoundError) as caught:
        CATALOGUE.find("bigspender")
    assert caught.value.code == "segments.catalogue.unknown_entry"
    assert "big_spenders" in str(caught.value.hint("es"))


# --- values ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("slug", "given", "code"),
    [
        ("loyal_6m", {"orders": "many"}, "bad_number"),
        ("loyal_6m", {"orders": "2.5"}, "bad_number"),
        ("loyal_6m", {"orders": "1"}, "out_of_bounds"),
        ("loyal_6m", {"window": "6"}, "bad_duration"),
        ("loyal_6m", {"window": "0 days"}, "bad_duration"),
        ("loyal_6m", {"window": "900 years"}, "out_of_bounds"),
        ("returned", {"pause": "3 months"}, "bad_duration"),
        ("coupon_only", {"share": "80"}, "out_of_bounds"),
        ("by_city", {"city": ""}, "bad_text"),
        ("by_city", {"city": "30 days"}, "bad_text"),
        ("loyal_6m", {"order": "3"}, "unknown_parameter"),
    ],
)
def test_a_wrong_value_is_refused(shop: AShop, slug: str, given: Mapping[str, str], code: str) -> None:
    entry = ENTRIES[slug]
    with pytest.raises(InputError) as caught:
        check_names([entry], given)
        choose_values(entry, given, Figures(shop.engine, AS_OF))
    assert caught.value.code == f"segments.catalogue.{code}"
    for language in LANGUAGES:
        assert caught.value.hint(language)


@pytest.mark.parametrize("city", ['x" or did order_completed or city = "y', "\\", '\\"', "{city}", "30% of", "a\nb"])
def test_a_text_stays_a_text(shop: AShop, city: str) -> None:
    chosen = choose_values(ENTRIES["by_city"], {"city": city}, Figures(shop.engine, AS_OF))
    segment = ENTRIES["by_city"].segment({name: each.value for name, each in chosen.items()})
    assert to_json(segment.rule)["when"]["right"] == city
    assert Segment.from_dict("by_city", segment.to_dict()).when == segment.when


def test_the_rhythm_is_what_counting_by_hand_says(shop: AShop) -> None:
    chance = random.Random(5)
    shop.with_people(*range(1, 61), anonymous=[99])
    gaps: list[int] = []
    seconds: list[int] = []
    for person in range(1, 61):
        times = sorted({chance.randint(0, 400 * 24) for _ in range(chance.randint(1, 8))})
        shop.with_events(*(an_order(profile=person, at=AS_OF - timedelta(hours=each)) for each in times))
        apart = [later - earlier for earlier, later in pairwise(times)]
        gaps += [-(-hours // 24) for hours in apart if hours >= 24]
        seconds += [-(-hours // 24) for hours in apart[-1:] if hours >= 24]
    # neither a cancelled order, nor one of a stranger, nor one still to come says anything
    shop.with_events(
        an_order(profile=1, days_ago=399.9, order_id="gone"),
        an_event("order_cancelled", profile=1, days_ago=399.8, order_id="gone"),
        *(an_order(profile=99, days_ago=days) for days in (1, 3, 300)),
        an_order(profile=2, at=AS_OF),
    )
    figures = Figures(shop.engine, AS_OF)
    for found, expected in ((figures.order_gaps, sorted(gaps)), (figures.second_order_gaps, sorted(seconds))):
        assert found.cases == len(expected) > 20
        for percent in (1, 50, 75, 90, 95, 100):
            assert found.at(percent) == expected[-(-percent * len(expected) // 100) - 1]
        assert sum(times for _, _, times in found.buckets()) == len(expected)
    entries = CATALOGUE.find("activity")
    chosen = {entry.slug: choose_values(entry, {}, figures) for entry in entries}
    assert chosen["activity_cooling"]["active"].origin == "measured"
    rules = {
        entry.slug: entry.segment({name: each.value for name, each in chosen[entry.slug].items()}).when
        for entry in entries
    }
    parts = [shop.members(rule) for rule in rules.values()]
    assert sorted(member for part in parts for member in part) == shop.members("did order_completed")
    assert choose_values(entries[0], {"active": "45 days"}, figures)["active"].value == "45 days"


def test_from_few_cases_nothing_is_concluded(shop: AShop) -> None:
    shop.with_people(1).with_events(an_order(days_ago=3), an_order(days_ago=40))
    figures = Figures(shop.engine, AS_OF)
    found = choose_values(ENTRIES["activity_active"], {}, figures)["active"]
    assert (found.value, found.origin, found.cases) == ("60 days", "too_few", 1)
    assert choose_values(ENTRIES["by_city"], {}, figures)["city"].origin == "too_few"
    assert choose_values(ENTRIES["upgrade_candidates"], {}, figures)["price"].origin == "too_few"
    assert figures.price("none", 50) == (None, 0)


def test_categories_and_prices_are_taken_from_the_lines(shop: AShop) -> None:
    def line(profile: int, category: str, days_ago: float, amount: str = "30", quantity: int = 3) -> dict[str, Any]:
        told = {"category": category, "amount": amount, "quantity": quantity}
        return an_event("product_purchased", profile=profile, days_ago=days_ago, **told)

    shop.with_people(*range(1, 31))
    shop.with_events(*(line(person, "tea", days) for person in range(1, 31) for days in (10, 10 + person)))
    shop.with_events(*(line(person, "pots", 5) for person in range(1, 11)))
    shop.with_events(*(line(person, "cups", 5) for person in range(5, 15)), line(1, "tea", 1, "10.01", 1))
    figures = Figures(shop.engine, AS_OF)
    assert figures.most_common("product_purchased", "category") == ("tea", 61)
    assert figures.most_repeated() == ("tea", 31)
    # cups and pots went to ten buyers of tea each
    assert figures.companion("tea") == ("cups", 10)
    assert figures.category_gaps("tea").at(50) == 15
    assert figures.price("tea", 98) == (Decimal("10.00"), 61)
    assert figures.price("tea", 100) == (Decimal("10.01"), 61)
    chosen = choose_values(ENTRIES["replacement_due"], {}, figures)
    assert {name: str(each.value) for name, each in chosen.items()} == {
        **{"category": "tea", "due": "15 days", "late": "27 days"},
    }


# --- what the rules say, where the demo shop has no such data -------------------------------------------------


def test_price_drops_repeated_views_and_searches(shop: AShop) -> None:
    shop.with_people(1, 2, 3, 4)
    shop.with_products(("shop", "p1", LONG_AGO, {"price": 8}), ("shop", "p2", LONG_AGO, {"price": 12}))
    shop.with_events(
        an_event("product_viewed", profile=1, days_ago=9, product_id="p1", amount="10", category="a"),
        an_event("product_viewed", profile=1, days_ago=8, product_id="p1", amount="8", category="a"),
        an_event("product_viewed", profile=1, days_ago=7, product_id="p2", amount="12", category="a"),
        an_event("product_viewed", profile=2, days_ago=9, product_id="p1", amount="10", category="a"),
        an_event("product_viewed", profile=2, days_ago=8, product_id="p1", amount="8", category="a"),
        an_event("product_viewed", profile=2, days_ago=7, product_id="p1", amount="8", category="a"),
        an_event("product_purchased", profile=2, days_ago=5, product_id="p1", category="a"),
        an_event("product_viewed", profile=3, days_ago=9, product_id="p2", amount="10", category="b"),
        an_event("products_searched", profile=3, days_ago=2, properties='{"results": 0}'),
        an_event("products_searched", profile=4, days_ago=2, properties='{"results": 3}'),
        an_event("product_viewed", profile=4, days_ago=1.999, product_id="p2"),
    )
    found = {
        slug: shop.members(ENTRIES[slug].segment().when) for slug in ENTRIES if ENTRIES[slug].family == "behaviour"
    }
    assert found["price_drop_watchers"] == [1]
    assert found["viewed_category_3_times"] == [1]
    assert found["searched_without_result"] == [3]
    assert found["searched_viewed_nothing"] == [3]


def test_what_a_shop_has_no_data_for_is_told(shop: AShop) -> None:
    shop.with_people(1, anonymous=[2]).with_attribute(1, "city", "Soria")
    shop.with_events(an_order(), an_event("page_viewed", profile=2, session_id="s"))
    missing = find_missing(shop.engine, ENTRIES.values(), CATALOGUE, as_of=AS_OF, zone=MADRID)
    assert [slug for slug, each in missing.items() if not each and ENTRIES[slug].family != "purchase"] == [
        *("known", "anonymous", "buyers", "non_buyers", "browsed_many_pages", "by_city", "customer_anniversary"),
        *("activity_active", "activity_cooling", "activity_dormant", "activity_lapsed"),
    ]
    assert "one_visit_one_purchase" in missing and not missing["one_visit_one_purchase"]
    told = {slug: [need.say("en") for need in each] for slug, each in missing.items()}
    assert told["coupon_only"] == ["events order_completed with coupon"]
    assert told["subscribed_sms"] == ["consents for SMS"]
    assert told["birthday_soon"] == ["people with birth_date"]
    assert told["price_drop_watchers"][0] == "events product_viewed with product.price"
    assert [need.say("es") for need in find_needs(ENTRIES["one_visit_one_purchase"], CATALOGUE)] == [
        *("eventos order_completed", "eventos con session_id"),
    ]


# --- files ----------------------------------------------------------------------------------------------------


def test_values_stand_beside_the_rule_and_can_be_edited(tmp_path: Path) -> None:
    loyal = ENTRIES["loyal_6m"].segment({"orders": Decimal(4)})
    [added] = add_segments(tmp_path, [loyal])
    written = added.path.read_text("utf-8")
    assert "when: count(order_completed in last {window}) >= {orders}" in written
    assert "orders: 4" in written
    added.path.write_text(written.replace("orders: 4", "orders: 7").replace("6 months", "90 days"), "utf-8")
    [edited] = load_segments(tmp_path)
    assert edited.when == "count(order_completed in last 90 days) >= 7"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"when": "count(order_completed) >= {n}", "with": {"m": 2}}, "no_value"),
        ({"when": "count(order_completed) >= {n}", "with": {"n": 2, "m": 2}}, "no_place"),
        ({"when": "count(order_completed) >= {n}", "with": {"n": True}}, "bad_value"),
        ({"when": "count(order_completed) >= {n}", "with": {"n": [1]}}, "bad_value"),
        ({"when": "count(order_completed) >= {n}", "with": [1]}, "bad_values"),
    ],
)
def test_values_that_do_not_fit_are_refused(told: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        Segment.from_dict("mine", told)
    assert caught.value.code == f"segments.{code}"


def test_a_changed_definition_is_not_overwritten(tmp_path: Path) -> None:
    lost, vip = ENTRIES["lost"].segment(), ENTRIES["vip"].segment()
    mine = "# my own\nother:\n  when: did order_completed\nlost: # kept\n  when: never order_completed\n"
    (tmp_path / "mine.yaml").write_text(mine, "utf-8")
    with pytest.raises(ConflictError) as caught:
        add_segments(tmp_path, [vip, lost])
    assert caught.value.facts["file"] == "mine.yaml"
    assert [each.name for each in tmp_path.iterdir()] == ["mine.yaml"]
    assert [each.outcome for each in add_segments(tmp_path, [vip, lost], replace=True)] == ["added", "replaced"]
    assert [each.outcome for each in add_segments(tmp_path, [vip, lost])] == ["unchanged", "unchanged"]
    written = (tmp_path / "mine.yaml").read_text("utf-8")
    assert written.startswith("# my own\nother:")
    assert {each.slug: each.when for each in load_segments(tmp_path)} == {
        **{"lost": lost.when, "other": "did order_completed", "vip": vip.when},
    }


def test_the_starter_is_of_the_catalogue(tmp_path: Path) -> None:
    path = write_starter(tmp_path)
    assert path.read_text("utf-8").startswith("# The segments every shop begins with")
    starter = [entry.segment() for entry in ENTRIES.values() if entry.is_starter]
    assert load_segments(tmp_path) == starter
    assert [each.outcome for each in add_segments(tmp_path, starter)] == ["unchanged"] * len(starter)
    write_segments(path, [])
    assert parse(starter[0].when)
