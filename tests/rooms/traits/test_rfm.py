"""RFM: scores that follow from histories alone, kept with their cut points, asked for in rules by their names."""

from __future__ import annotations

import tomllib
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oracles.differential import open_engine
from rooms.language.a_shop import AS_OF, MADRID, AShop, an_event, an_order
from tesela.base import ConflictError, InputError, NotFoundError
from tesela.profiles import PROFILES
from tesela.segments import MEMBERSHIPS, Segment, find_members, publish_memberships
from tesela.traits import TRAIT_VALUES
from tesela.traits.rfm import (
    AXES,
    SEGMENTS,
    RFMRun,
    RFMSettings,
    explain_rfm,
    find_run,
    list_runs,
    name_of,
    run_rfm,
    tier_of,
)
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DAY = timedelta(days=1)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AShop]:
    made = AShop.open(tmp_path)
    yield made
    made.engine.close()


def run(shop: AShop, days_on: float = 0, *, refit: bool = False, **told: Any) -> RFMRun:
    return run_rfm(shop.engine, RFMSettings(**told), as_of=AS_OF + days_on * DAY, zone=MADRID, refit=refit)


def members(shop: AShop, rule: str, days_on: float = 0) -> list[int]:
    found = find_members(shop.engine, {"x": rule}, "x", as_of=AS_OF + days_on * DAY, zone=MADRID, columns=())
    return found.column("profile_id").to_pylist()


def scores(shop: AShop) -> dict[int, tuple[str | None, ...]]:
    """Return r, f, m, segment and tier of everyone who has a value now."""
    asked = statement("SELECT * FROM {t} ORDER BY as_of", tables={"t": TRAIT_VALUES})
    found: dict[int, dict[str, str | None]] = {}
    for row in shop.engine.query(asked).to_pylist():
        found.setdefault(row["profile_id"], {})[row["trait"]] = row["value"]
    names = ("rfm.r", "rfm.f", "rfm.m", "rfm.segment", "rfm.tier")
    return {profile: tuple(own.get(name) for name in names) for profile, own in found.items()}


def a_hundred_buyers(shop: AShop) -> AShop:
    """Profiles 1 to 100: the n-th ordered n times, last n days ago, for n each; 101 to 110 nothing."""
    shop.with_people(*range(1, 111))
    return shop.with_events(
        *(an_order(profile=n, days_ago=n + 0.5 + k / 100, amount=str(n)) for n in range(1, 101) for k in range(n))
    )


def test_everyone_has_scores_or_is_a_prospect(shop: AShop) -> None:
    found = run(a_hundred_buyers(shop))
    assert (found.buyers, found.prospects) == (100, 10)
    assert [found.by_score("f")[score] for score in range(1, 6)] == [20] * 5
    assert sum(found.by_segment.values()) == 110
    assert tuple(found.by_segment) == SEGMENTS
    assert sum(found.by_tier.values()) == 100
    told = scores(shop)
    # the hundredth has bought most, for most, longest ago; a prospect has no scores
    assert told[100] == ("1", "5", "5", "cant_lose", "medium")
    assert told[1] == ("5", "1", "1", "new", "medium")
    assert told[101] == (None, None, None, "prospect", None)
    assert Counter(own[3] for own in told.values()) == {k: v for k, v in found.by_segment.items() if v}
    assert found == find_run(shop.engine, AS_OF + DAY) == list_runs(shop.engine)[0]


def test_scores_are_words_of_the_language(shop: AShop) -> None:
    run(a_hundred_buyers(shop))
    assert members(shop, 'rfm.segment = "prospect"') == list(range(101, 111))
    assert members(shop, "rfm.r is missing") == list(range(101, 111))
    assert members(shop, "rfm.f = 5 and rfm.m >= 5") == list(range(81, 101))
    assert members(shop, 'rfm.segment in ("cant_lose", "at_risk") and rfm.tier = "medium"') == list(range(61, 101))
    # every name of the ten, and prospect, is somebody's or nobody's; together they are all
    parts = [members(shop, f'rfm.segment = "{name}"') for name in SEGMENTS]
    assert sorted(each for part in parts for each in part) == list(range(1, 111))
    with pytest.raises(NotFoundError) as caught:
        members(shop, 'rfm.segment = "champion"')
    assert caught.value.code == "language.unknown_value"
    assert "champions" in str(caught.value.hint("es"))
    with pytest.raises(NotFoundError):
        members(shop, "rfm.x = 1")


def test_before_the_first_run_scores_are_missing(shop: AShop) -> None:
    a_hundred_buyers(shop)
    assert members(shop, "rfm.segment is missing") == list(range(1, 111))
    with pytest.raises(NotFoundError) as caught:
        find_run(shop.engine, AS_OF)
    assert caught.value.code == "traits.rfm.no_run"


def test_the_map_is_a_partition() -> None:
    cells = Counter(name_of(r, f) for r in range(1, 6) for f in range(1, 6))
    assert cells == {
        **{"champions": 2, "loyal": 4, "potential_loyalist": 4, "new": 1, "promising": 1},
        **{"need_attention": 1, "about_to_sleep": 2, "at_risk": 4, "cant_lose": 2, "hibernating": 4},
    }
    assert set(cells) | {"prospect"} == set(SEGMENTS)
    assert [tier_of(total) for total in (3, 6, 7, 11, 12, 15)] == ["low", "low", "medium", "medium", "high", "high"]


def test_frequency_takes_fixed_thresholds_when_most_bought_once(shop: AShop) -> None:
    shop.with_people(*range(1, 11)).with_events(
        *(an_order(profile=n, days_ago=n) for n in range(1, 11)),
        *(an_order(profile=10, days_ago=20 + k) for k in range(9)),
        *(an_order(profile=9, days_ago=20 + k) for k in range(3)),
        an_order(profile=8, days_ago=20),
    )
    found = run(shop)
    assert found.fit.cuts["f"].is_fixed
    assert not found.fit.cuts["r"].is_fixed
    assert {profile: own[1] for profile, own in scores(shop).items()} == {
        **dict.fromkeys(range(1, 8), "1"),
        **{8: "2", 9: "3", 10: "5"},
    }
    explained = explain_rfm(shop.engine, 9, as_of=AS_OF, zone=MADRID)
    frequency = explained.axes["f"]
    assert (frequency.score, frequency.value, frequency.low, frequency.high) == (3, 4, 3, 4)
    assert (explained.axes["r"].score, explained.axes["r"].value) == (1, 9)


def test_a_window_limits_orders_and_money_but_not_recency(shop: AShop) -> None:
    shop.with_people(1, 2, 3).with_events(
        an_order(profile=1, days_ago=10, amount="50"),
        an_order(profile=1, days_ago=400, amount="500"),
        an_order(profile=2, days_ago=500, amount="900"),
        an_event("order_refunded", profile=1, days_ago=5, amount="20"),
        an_event("order_refunded", profile=1, days_ago=399, amount="100"),
    )
    run(shop, window="12 months", money="net")
    explained = {profile: explain_rfm(shop.engine, profile, as_of=AS_OF, zone=MADRID) for profile in (1, 2, 3)}
    assert [explained[1].axes[axis].value for axis in AXES] == [10, 1, 300_000]
    # bought once, long ago: no prospect
    assert [explained[2].axes[axis].value for axis in AXES] == [500, 0, 0]
    assert (explained[2].segment, explained[3].segment) == ("hibernating", "prospect")
    assert not explained[3].axes
    assert find_run(shop.engine, AS_OF).fit.window == "12 months"
    assert find_run(shop.engine, AS_OF).fit.money == "net"


def test_cancelled_orders_and_strangers_do_not_count(shop: AShop) -> None:
    shop.with_people(1, 2, anonymous=[3]).with_events(
        an_order(profile=1, order_id="gone"),
        an_event("order_cancelled", profile=1, days_ago=0.5, order_id="gone"),
        an_order(profile=3),
        an_order(profile=None),
        an_order(profile=2, days_ago=-1),
    )
    found = run(shop)
    assert (found.buyers, found.prospects) == (0, 2)
    assert set(scores(shop)) == {1, 2}
    # an order of tomorrow counts the day after
    assert run(shop, 2).by_segment == {**dict.fromkeys(SEGMENTS, 0), "new": 1, "prospect": 1}


def test_an_empty_base_and_a_single_buyer(shop: AShop) -> None:
    assert (run(shop).buyers, run(shop).prospects) == (0, 0)
    shop.with_people(1).with_events(an_order(profile=1, days_ago=3, amount=None))
    found = run(shop, 1)
    assert [(cell.r, cell.f, cell.m, cell.segment, cell.tier) for cell in found.cells] == [(5, 1, 1, "new", "medium")]
    assert found.fit.fitted_at == AS_OF + DAY


def test_running_twice_changes_nothing_and_only_changes_are_written(shop: AShop) -> None:
    def stored() -> list[dict[str, Any]]:
        asked = statement("SELECT * FROM {t} ORDER BY profile_id, trait, as_of", tables={"t": TRAIT_VALUES})
        return shop.engine.query(asked).to_pylist()

    first = run(a_hundred_buyers(shop))
    rows = stored()
    assert len(rows) == 100 * 5 + 10
    assert run(shop) == first
    assert stored() == rows
    shop.with_events(an_order(profile=101, days_ago=-0.5, amount="7"))
    run(shop, 1)
    later = [row for row in stored() if row["as_of"] > AS_OF]
    assert {row["trait"] for row in later if row["profile_id"] == 101} == {
        *("rfm.r", "rfm.f", "rfm.m", "rfm.segment", "rfm.tier"),
    }
    # a day on, some leave a recency score; nobody else has a row
    assert 5 <= len(later) < 60
    # asked as of the first run, everything is as it was then
    assert members(shop, 'rfm.segment = "prospect"') == list(range(101, 111))
    assert members(shop, 'rfm.segment = "prospect"', 1) == list(range(102, 111))


def test_what_is_taken_back_at_the_same_moment_is_seen_by_refreshes(shop: AShop) -> None:
    a_hundred_buyers(shop)
    segments = {"mine": Segment("mine", 'rfm.segment = "prospect"')}

    def publish(days_on: float, changed: list[int] | None = None) -> None:
        moment = AS_OF + days_on * DAY
        publish_memberships(shop.engine, segments, as_of=moment, zone=MADRID, changed=changed, few=1.0)

    run(shop)
    publish(0)
    shop.with_events(an_order(profile=101, days_ago=0.1, amount="7"))
    run(shop)
    publish(0.5, [])
    stays = shop.engine.query(statement("SELECT profile_id FROM {m} WHERE left_at IS NULL", tables={"m": MEMBERSHIPS}))
    assert sorted(stays.column("profile_id").to_pylist()) == list(range(102, 111))


def test_cut_points_are_kept_until_they_say_little(shop: AShop) -> None:
    first = run(a_hundred_buyers(shop)).fit
    assert run(shop, 30).fit == first
    assert run(shop, 30, refit=True).fit.fitted_at == AS_OF + 30 * DAY
    assert run(shop, 31).fit.fitted_at == AS_OF + 30 * DAY
    # other money, other cut points
    assert run(shop, 32, money="net").fit.fitted_at == AS_OF + 32 * DAY
    assert run(shop, 33).fit.fitted_at == AS_OF + 33 * DAY
    # three months on
    assert run(shop, 140).fit.fitted_at == AS_OF + 140 * DAY
    assert run(shop, 400, refit_after="ever").fit.fitted_at == AS_OF + 140 * DAY
    # twice as many buyers
    shop.with_people(*range(200, 300)).with_events(*(an_order(profile=n, days_ago=-400) for n in range(200, 300)))
    assert run(shop, 401, refit_after="ever").fit.fitted_at == AS_OF + 401 * DAY


def test_the_past_is_not_written_over_the_present(shop: AShop) -> None:
    run(a_hundred_buyers(shop))
    with pytest.raises(ConflictError) as caught:
        run(shop, -1)
    assert caught.value.code == "traits.rfm.older_than_run"


def test_whoever_leaves_the_base_loses_the_scores(shop: AShop) -> None:
    run(a_hundred_buyers(shop))
    shop.engine.write([statement("DELETE FROM {p} WHERE profile_id = 1", tables={"p": PROFILES})])
    shop.with_people(anonymous=[1])
    run(shop, 1)
    assert scores(shop)[1] == (None,) * 5
    with pytest.raises(NotFoundError) as caught:
        explain_rfm(shop.engine, 1, as_of=AS_OF + DAY, zone=MADRID)
    assert caught.value.code == "traits.rfm.not_in_base"


@pytest.mark.parametrize("told", [{"window": "soon"}, {"money": "euros"}, {"refit_after": "3 moons"}])
def test_settings_that_make_no_sense_are_refused(told: dict[str, str]) -> None:
    with pytest.raises(InputError) as caught:
        RFMSettings(**told)  # type: ignore[arg-type]
    [value] = told.values()
    assert value in caught.value.message("es")


def test_settings_are_written_as_they_are_read() -> None:
    told = RFMSettings("12 meses", "net", "ever")
    assert RFMSettings.read(tomllib.loads(told.written())["rfm"]) == told
    assert told.counts == ("12 months", "net")
    assert RFMSettings().written() == ""
    for wrong in ("12 months", {"windows": "12 months"}):
        with pytest.raises(InputError):
            RFMSettings.read(wrong)


HISTORIES = st.lists(st.lists(st.tuples(st.integers(1, 800), st.integers(0, 40)), max_size=6), min_size=1, max_size=25)


@given(histories=HISTORIES, order=st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_shuffled_rows_and_equal_histories(tmp_path_factory: Any, histories: list[Any], order: Any) -> None:
    """The order of rows changes no score, and equal histories have equal scores."""
    found = []
    for shuffled in (False, True):
        shop = AShop.open(tmp_path_factory.mktemp("shop")).with_people(*range(len(histories)))
        rows = [
            an_order(profile=n, days_ago=days, amount=str(Decimal(amount)))
            for n, history in enumerate(histories)
            for days, amount in history
        ]
        if shuffled:
            order.shuffle(rows)
        shop.with_events(*rows)
        result = run(shop)
        assert result.buyers + result.prospects == len(histories)
        found.append(scores(shop))
        shop.engine.close()
    plain, mixed = found
    assert plain == mixed
    by_history: dict[Any, tuple[str | None, ...]] = {}
    for profile, history in enumerate(histories):
        facts = (min((d for d, _ in history), default=None), len(history), sum(a for _, a in history))
        assert by_history.setdefault(facts, plain[profile]) == plain[profile]
        assert (plain[profile][3] == "prospect") == (not history)


@pytest.mark.parametrize(
    "name",
    ["duckdb", pytest.param("postgres", marks=pytest.mark.slow), pytest.param("clickhouse", marks=pytest.mark.slow)],
)
def test_every_engine_finds_the_same(name: str) -> None:
    with open_engine(name) as engine:
        shop = a_hundred_buyers(AShop.on(engine))
        shop.with_events(an_event("order_refunded", profile=50, days_ago=2, amount="5"))
        first = run(shop, window="2 months", money="net")
        assert run(shop, window="2 months", money="net") == first
        assert (first.buyers, first.prospects, first.fit.buyers) == (100, 10, 60)
        assert first.by_segment["hibernating"] == len(members(shop, 'rfm.segment = "hibernating"')) > 0
        later = run(shop, 20, window="2 months", money="net")
        assert later.fit == first.fit
        assert members(shop, 'rfm.segment = "prospect"', 20) == list(range(101, 111))
        told = scores(shop)
        assert Counter(own[3] for own in told.values()) == {k: v for k, v in later.by_segment.items() if v}
        assert told[50][0:2] == ("1", "1")
