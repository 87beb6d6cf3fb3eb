"""The lifecycle: a partition of the base at every moment, with a name for every move."""

from __future__ import annotations

import tomllib
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.differential import open_engine
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import InputError, text
from tesela.segments import MEMBERSHIPS, Segment, find_members, publish_memberships
from tesela.traits import Trait
from tesela.traits.lifecycle import (
    STAGES,
    TRANSITIONS,
    LifecycleMoves,
    LifecycleSettings,
    Rhythm,
    count_moves,
    find_rhythm,
    keep_rhythm,
    name_transition,
    stage_trait,
)
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)
RHYTHM = Rhythm(30, 60, 90)
# days before the moment asked about on which each ordered
HISTORIES = {
    1: (),
    2: (5,),
    3: (5, 20),
    4: (5, 95.1),
    5: (5, 95),
    6: (5, 50, 150),
    7: (31,),
    8: (30,),
    9: (61, 70),
    10: (91,),
    11: (90, 300),
}
EXPECTED = {
    "prospect": [1],
    "new": [2, 8],
    # the pause before the order of five days ago ended as she was about to lapse
    "active": [3, 5],
    # back after ninety days, or back for good with a second order since
    "returned": [4, 6],
    "cooling": [7],
    "dormant": [9, 11],
    "lapsed": [10],
}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AShop]:
    made = AShop.open(tmp_path)
    yield made
    made.engine.close()


def filled(shop: AShop) -> AShop:
    shop.with_people(*HISTORIES, anonymous=[99])
    return shop.with_events(
        *(an_order(profile=person, days_ago=days) for person, told in HISTORIES.items() for days in told),
        an_order(profile=99),
        an_order(profile=1, order_id="gone"),
        an_event("order_cancelled", profile=1, days_ago=0.5, order_id="gone"),
    )


def members(shop: AShop, rule: str, days_on: float = 0) -> list[int]:
    traits = {"lifecycle.stage": stage_trait(RHYTHM)}
    as_of = AS_OF + days_on * DAY
    found = find_members(shop.engine, {"x": rule}, "x", as_of=as_of, zone=MADRID, columns=(), traits=traits)
    return found.column("profile_id").to_pylist()


def moves(shop: AShop, since: float, until: float = 0) -> LifecycleMoves:
    told: dict[str, Any] = {"since": AS_OF + since * DAY, "as_of": AS_OF + until * DAY, "zone": MADRID}
    return count_moves(shop.engine, RHYTHM, **told)


def test_everyone_is_in_one_stage(shop: AShop) -> None:
    filled(shop)
    assert {stage: members(shop, f'lifecycle.stage = "{stage}"') for stage in STAGES} == EXPECTED
    assert members(shop, 'lifecycle.stage not in ("prospect", "lapsed")') == [2, 3, 4, 5, 6, 7, 8, 9, 11]
    # an instant later
    assert members(shop, 'lifecycle.stage = "cooling"', 0.001) == [7, 8]


def test_moves_add_up(shop: AShop) -> None:
    filled(shop)
    found = moves(shop, -35)
    assert found.after == {stage: len(people) for stage, people in EXPECTED.items()}
    assert sum(found.before.values()) == sum(found.after.values()) == len(HISTORIES)
    for stage in STAGES:
        assert found.before[stage] + found.entered(stage) - found.left(stage) == found.after[stage]
    named = {(move.before, move.after): move.name for move in found.moves}
    assert named["prospect", "new"] == "first_order"
    # the order of 95 days ago was 60 days old then; that of 150 days ago had been followed by one
    assert {move.name for move in found.moves} <= set(TRANSITIONS)
    # some are seen for the first time in between, and some are in the base no more
    shop.with_people(50, seen=AS_OF - DAY)
    assert [(move.before, move.after, move.name) for move in moves(shop, -2).moves if move.before is None] == [
        (None, "prospect", "arrived"),
    ]
    assert all(move.name == "stayed" for move in moves(shop, -0.0001).moves)


def test_every_pair_of_stages_has_one_name() -> None:
    pairs = list(product((None, *STAGES), repeat=2))
    names = {pair: name_transition(*pair) for pair in pairs if pair != (None, None)}
    assert set(names.values()) == set(TRANSITIONS)
    assert all((before == after) == (name == "stayed") for (before, after), name in names.items())
    assert names["new", "active"] == "second_order"
    assert names["active", "cooling"] == "cooled"
    assert names["cooling", "dormant"] == "fell_asleep"
    assert names["dormant", "lapsed"] == names["new", "lapsed"] == "lost"
    assert names["cooling", "active"] == "recovered"
    assert names["dormant", "active"] == "reawakened"
    assert names["lapsed", "returned"] == names["lapsed", "cooling"] == names["active", "returned"] == "won_back"
    assert names["active", "new"] == names["lapsed", "prospect"] == "corrected"
    for language in ("es", "en"):
        assert all(text(f"traits.lifecycle.transition.{name}", language) for name in TRANSITIONS)
        assert all(text(f"traits.lifecycle.stage.{stage}", language) for stage in STAGES)


@given(
    people=st.lists(st.lists(st.floats(0.01, 400), max_size=5), min_size=1, max_size=12),
    since=st.floats(1, 200),
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_stages_are_a_partition_and_sums_add_up(tmp_path_factory: Any, people: list[list[float]], since: float) -> None:
    shop = AShop.open(tmp_path_factory.mktemp("shop")).with_people(*range(1, len(people) + 1))
    shop.with_events(
        *(an_order(profile=person, days_ago=days) for person, told in enumerate(people, 1) for days in told)
    )
    parts = [members(shop, f'lifecycle.stage = "{stage}"') for stage in STAGES]
    assert sorted(person for part in parts for person in part) == list(range(1, len(people) + 1))
    found = moves(shop, -since)
    assert list(found.after.values()) == [len(part) for part in parts]
    for stage in STAGES:
        assert found.before[stage] + found.entered(stage) - found.left(stage) == found.after[stage]
    shop.engine.close()


def test_a_refresh_of_parts_finds_whom_time_moved(shop: AShop) -> None:
    filled(shop)
    rules = {stage: Segment(stage, f'lifecycle.stage = "{stage}"') for stage in STAGES}
    rules["many"] = Segment("many", "points >= 10")
    awards = [{"each": "order_completed", "points": 10, "half_life": "10 days"}]
    traits = {"lifecycle.stage": stage_trait(RHYTHM), "points": Trait.from_dict("points", {"points": awards})}

    def publish(days_on: float) -> Any:
        told: dict[str, Any] = {"as_of": AS_OF + days_on * DAY, "zone": MADRID, "traits": traits}
        return publish_memberships(shop.engine, rules, changed=(), few=1.0, **told)

    publish(0)
    for days_on in (6, 26, 40, 100):
        publication = publish(days_on)
        assert publication.computed is not None
        told: dict[str, Any] = {"as_of": AS_OF + days_on * DAY, "zone": MADRID, "traits": traits, "columns": ()}
        whole = {
            (slug, profile)
            for slug in rules
            for profile in find_members(shop.engine, rules, slug, **told).column("profile_id").to_pylist()
        }
        asked = statement("SELECT segment, profile_id FROM {m} WHERE left_at IS NULL", tables={"m": MEMBERSHIPS})
        assert {(row["segment"], row["profile_id"]) for row in shop.engine.query(asked).to_pylist()} == whole


def test_an_empty_base(shop: AShop) -> None:
    found = moves(shop, -30)
    assert found.moves == ()
    assert set(found.after.values()) == {0}


def test_the_rhythm_that_was_measured_last_holds(shop: AShop) -> None:
    assert find_rhythm(shop.engine) == Rhythm(60, 120, 240, "default")
    first, second = (Rhythm(3, 4, 5, "measured", 30, AS_OF + days * DAY) for days in (0, 7))
    for rhythm in (second, first, second):
        keep_rhythm(shop.engine, rhythm)
    assert find_rhythm(shop.engine) == second


def test_thresholds_set_by_hand() -> None:
    told = LifecycleSettings.read({"active": "60 días", "cooling": "120 days", "dormant": "40 weeks"})
    assert told.rhythm == Rhythm(60, 120, 280, "given")
    assert LifecycleSettings.read(tomllib.loads(told.written())["lifecycle"]) == told
    assert LifecycleSettings.read({}).written() == ""


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("60 days", "bad_settings"),
        ({"active": "60 days"}, "bad_settings"),
        ({"active": "1 day", "cooling": "2 days", "dormant": "3 days", "lost": "4 days"}, "bad_settings"),
        ({"active": "1 day", "cooling": "2 days", "dormant": "3 months"}, "bad_setting"),
        ({"active": "soon", "cooling": "2 days", "dormant": "3 days"}, "bad_setting"),
        ({"active": "2 days", "cooling": "2 days", "dormant": "3 days"}, "not_in_order"),
    ],
)
def test_settings_that_make_no_sense_are_refused(told: object, code: str) -> None:
    with pytest.raises(InputError) as caught:
        LifecycleSettings.read(told)
    assert caught.value.code == f"traits.lifecycle.{code}"
    assert caught.value.message("es") != caught.value.message("en")
    assert caught.value.hint("es")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["postgres", "clickhouse"])
def test_every_engine_finds_the_same(name: str) -> None:
    with open_engine(name) as engine:
        shop = filled(AShop.on(engine))
        assert {stage: members(shop, f'lifecycle.stage = "{stage}"') for stage in STAGES} == EXPECTED
        assert moves(shop, -35).after == {stage: len(people) for stage, people in EXPECTED.items()}
        keep_rhythm(engine, Rhythm(3, 4, 5, "measured", 30, AS_OF))
        assert find_rhythm(engine) == Rhythm(3, 4, 5, "measured", 30, AS_OF)
