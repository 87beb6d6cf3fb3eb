"""Scores of a shop's own: points for conditions, events and values, with decay and caps, as traits of the language."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from oracles.differential import open_engine
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import InputError, NotFoundError
from tesela.segments import find_members
from tesela.traits import Trait
from tesela.traits.scores import Score, explain_score, spread_score

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ENGAGEMENT = {
    "points": [
        {"when": 'country = "ES"', "points": 10},
        {"each": "email_opened in last 30 days", "points": 3, "cap": 8},
        {
            "each": 'email_link_clicked where (campaign_id = "a" or campaign_id = "b")',
            "points": 8,
            "half_life": "10 days",
        },
        {"value": "avg(order_completed.amount) / 10", "points": 0.5},
        {"when": "did unsubscribed", "points": -40},
    ],
    "cap": 30,
    "floor": 0,
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AShop]:
    made = AShop.open(tmp_path)
    yield made
    made.engine.close()


def filled(shop: AShop) -> AShop:
    shop.with_people(1, 2, 3, 4, 5, anonymous=[9]).with_attribute(1, "country", "ES")
    clicks = {1: (5, 15, 25, 59, 61), 2: (1,), 4: (1, 1.1, 1.2, 1.3)}
    return shop.with_events(
        *(an_event("email_opened", profile=1, days_ago=day) for day in (1, 2, 3, 40)),
        *(an_event("email_opened", profile=2, days_ago=day) for day in (1, 2)),
        *(
            an_event("email_link_clicked", profile=person, days_ago=day, campaign_id="a")
            for person, days in clicks.items()
            for day in days
        ),
        an_event("email_link_clicked", profile=1, days_ago=1, campaign_id="c"),
        an_order(profile=1, amount="30"),
        an_order(profile=1, amount="20"),
        an_event("unsubscribed", profile=4),
    )


def the_score() -> Trait:
    return Trait.from_dict("engagement", ENGAGEMENT)


def points(shop: AShop, trait: Trait) -> dict[int, Decimal]:
    score = trait.score
    assert score is not None
    told = {
        person: explain_score(shop.engine, score, person, as_of=AS_OF, zone=MADRID, traits={})
        for person in (1, 2, 3, 4)
    }
    assert all(each.points == max(0, min(30, each.together)) for each in told.values())
    return {person: each.points for person, each in told.items()}


def test_points_caps_decay_and_bounds(shop: AShop) -> None:
    trait = the_score()
    assert points(filled(shop), trait) == {1: Decimal("30"), 2: Decimal("14"), 3: 0, 4: 0}
    assert trait.score is not None
    told = explain_score(shop.engine, trait.score, 1, as_of=AS_OF, zone=MADRID, traits={})
    assert [(each.measured, each.points) for each in told.awards] == [
        (True, 10),
        (3, 8),
        # clicks of 5, 15, 25 and 59 days ago: 8 + 4 + 2 + 0.25; that of 61 days ago is past six half-lives
        (4, Decimal("14.25")),
        (Decimal("2.5"), Decimal("1.25")),
        (False, 0),
    ]
    assert told.together == Decimal("33.5")
    fourth = explain_score(shop.engine, trait.score, 4, as_of=AS_OF, zone=MADRID, traits={})
    assert (fourth.together, fourth.awards[3].measured, fourth.awards[3].points) == (-8, None, 0)


def test_a_score_is_a_value_like_any_other(shop: AShop) -> None:
    filled(shop)
    traits = {"engagement": the_score(), "twice": Trait("twice", "2 * engagement")}

    def members(rule: str, days_on: float = 0) -> list[int]:
        as_of = AS_OF + timedelta(days=days_on)
        found = find_members(shop.engine, {"x": rule}, "x", as_of=as_of, zone=MADRID, columns=(), traits=traits)
        return found.column("profile_id").to_pylist()

    assert members("engagement >= 14") == [1, 2]
    assert members("engagement = 0") == [3, 4, 5]
    assert members("twice = 28 and rank(engagement) = 2") == [2]
    assert members("top 20% by engagement") == [1]
    # ten days on a click gives half
    assert members("engagement = 10", 9.5) == [2]


def test_the_spread_over_the_base(shop: AShop) -> None:
    score = the_score().score
    assert score is not None
    spread = spread_score(filled(shop).engine, score, as_of=AS_OF, zone=MADRID, traits={})
    assert spread.counts == ((Decimal(0), 3), (Decimal(14), 1), (Decimal(30), 1))
    assert [spread.at(percent) for percent in (50, 80, 100)] == [0, 14, 30]
    # awards relative to everybody
    ranked = Trait.from_dict("ranked", {"points": [{"when": "rank(count(email_opened)) = 1", "points": 5}]}).score
    assert ranked is not None
    assert explain_score(shop.engine, ranked, 1, as_of=AS_OF, zone=MADRID, traits={}).points == 5
    with pytest.raises(NotFoundError) as caught:
        explain_score(shop.engine, score, 77, as_of=AS_OF, zone=MADRID, traits={})
    assert caught.value.code == "traits.scores.not_seen"


def test_definitions_are_told_as_they_are_read() -> None:
    score = Score.from_dict("engagement", ENGAGEMENT)
    assert score.to_dict() == ENGAGEMENT
    assert Score.from_dict("x", {"points": [{"each": "page_viewed", "points": 1, "half_life": "2 semanas"}]}).value == (
        "count(page_viewed in last 2 weeks) + 0.5 * count(page_viewed between 2 and 4 weeks ago)"
        " + 0.25 * count(page_viewed between 4 and 6 weeks ago) + 0.125 * count(page_viewed between 6 and 8 weeks ago)"
        " + 0.0625 * count(page_viewed between 8 and 10 weeks ago)"
        " + 0.03125 * count(page_viewed between 10 and 12 weeks ago)"
    )


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"points": []}, "scores.no_awards"),
        ({"points": "many"}, "scores.no_awards"),
        ({"points": [{"when": "did page_viewed", "points": 1}] * 101}, "scores.no_awards"),
        ({"points": [3]}, "scores.bad_award"),
        ({"points": [{"points": 3}]}, "scores.bad_award"),
        ({"points": [{"when": "", "points": 3}]}, "scores.bad_award"),
        ({"points": [{"when": "did page_viewed", "each": "page_viewed", "points": 3}]}, "scores.bad_award"),
        ({"points": [{"when": "did page_viewed", "point": 3}]}, "scores.bad_award"),
        ({"points": [{"when": "did page_viewed"}]}, "scores.bad_number"),
        ({"points": [{"when": "did page_viewed", "points": 0}]}, "scores.bad_number"),
        ({"points": [{"when": "did page_viewed", "points": "ten"}]}, "scores.bad_number"),
        ({"points": [{"when": "did page_viewed", "points": float("nan")}]}, "scores.bad_number"),
        ({"points": [{"when": "did page_viewed", "points": 1, "cap": -1}]}, "scores.bad_number"),
        ({"points": [{"when": "did page_viewed", "points": 1, "half_life": "1 day"}]}, "scores.bad_half_life"),
        ({"points": [{"each": "page_viewed", "points": 1, "half_life": "1 moon"}]}, "scores.bad_half_life"),
        (
            {"points": [{"each": "page_viewed in last 3 days", "points": 1, "half_life": "1 day"}]},
            "scores.window_and_half_life",
        ),
        ({"points": [{"each": "order_completed.amount", "points": 1}]}, "scores.no_events"),
        ({"points": [{"when": "did page_viewed", "points": 1}], "cap": 1, "floor": 1}, "scores.bounds_backwards"),
        ({"points": [{"when": "did page_viewed", "points": 1}], "value": "1"}, "value_and_points"),
        ({"value": "count(page_viewed)", "cap": 3}, "bounds_of_no_score"),
    ],
)
def test_definitions_that_make_no_sense_are_refused(told: dict[str, Any], code: str) -> None:
    with pytest.raises(InputError) as caught:
        Trait.from_dict("x", told)
    assert caught.value.code == f"traits.{code}"
    assert caught.value.message("es") != caught.value.message("en")
    assert caught.value.hint("es")


@pytest.mark.parametrize("rule", ["did page_viewed and", "count(page_viewed", "in segment loyal"])
def test_awards_are_rules(shop: AShop, rule: str) -> None:
    with pytest.raises(InputError) as caught:
        trait = Trait.from_dict("x", {"points": [{"when": rule, "points": 1}]})
        find_members(
            shop.engine, {"x": "x > 0", "loyal": "did page_viewed"}, "x", as_of=AS_OF, zone=MADRID, traits={"x": trait}
        )
    assert caught.value.code.startswith("language.")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["postgres", "clickhouse"])
def test_every_engine_gives_the_same_points(name: str) -> None:
    with open_engine(name) as engine:
        shop = filled(AShop.on(engine))
        assert points(shop, the_score()) == {1: Decimal("30"), 2: Decimal("14"), 3: 0, 4: 0}
        score = the_score().score
        assert score is not None
        spread = spread_score(engine, score, as_of=AS_OF, zone=MADRID, traits={})
        assert spread.counts == ((Decimal(0), 3), (Decimal(14), 1), (Decimal(30), 1))
