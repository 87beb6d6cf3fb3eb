"""KPIs are the same on every engine, intervals included: those of plain Python."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyroaring import BitMap64

from oracles.differential import open_engine
from rooms.language.a_shop import MADRID, AShop
from rooms.measurement.a_random_shop import AS_OF, SINCE, draw
from rooms.measurement.plain_kpis import PlainShop
from tesela.measurement import Cohort, Period, Scorecard, find_retention, measure_kpis
from tesela.profiles import CONSENTS, PROFILES

PROFILE_ROWS, EVENT_ROWS, MEMBERS = draw(11)
BASE = {row["profile_id"] for row in PROFILE_ROWS if row["is_known"]}


def measured(name: str, master: str | None = None) -> tuple[Scorecard, list[Cohort]]:
    """Measure the shop on an engine."""
    agreed = {"channel": "email", "purpose": "marketing", "status": "yes", "occurred_at": SINCE}
    emails = {row["profile_id"]: f"a{row['profile_id']}@example.com" for row in PROFILE_ROWS}
    consents = [{"profile_id": n, "address": emails[n]} | agreed for n in (1, 2, 3)]
    with open_engine(name, master) as engine:
        shop = AShop.on(engine).with_events(*EVENT_ROWS)
        shop.add(PROFILES, [row | {"email": emails[row["profile_id"]]} for row in PROFILE_ROWS]).add(CONSENTS, consents)
        sets = {slug: BitMap64(own) for slug, own in MEMBERS.items()}
        now = Period(since=SINCE, as_of=AS_OF, base=BitMap64(BASE), members=sets)
        card = measure_kpis(engine, now, against="base")
        return card, find_retention(engine, BitMap64(BASE), as_of=AS_OF, zone=MADRID, months=6)


@pytest.fixture(scope="module")
def expected() -> tuple[Scorecard, list[Cohort]]:
    return measured("duckdb")


def test_kpis_are_those_of_plain_python(expected: tuple[Scorecard, list[Cohort]]) -> None:
    card, cohorts = expected
    plain = PlainShop(EVENT_ROWS, SINCE, AS_OF)
    for scope, people in {"base": BASE, **MEMBERS}.items():
        for key, value in plain.measure(people, BASE).items():
            told = None if value is None else Decimal(value.numerator) / value.denominator
            assert card.of(scope, key).value == (told and told.quantize(Decimal("0.000001"))), (scope, key)
    assert card.of("base", "reachable_email").value == Decimal("0.075")
    assert cohorts


@pytest.mark.parametrize("name", ["postgres", "clickhouse", pytest.param("spark", marks=pytest.mark.slow)])
def test_they_are_the_same_on_every_engine(
    name: str, expected: tuple[Scorecard, list[Cohort]], request: pytest.FixtureRequest
) -> None:
    # one cluster for all tests of a process
    card, cohorts = measured(name, request.getfixturevalue("spark_master") if name == "spark" else None)
    assert card.measurements.keys() == expected[0].measurements.keys()
    for key, each in card.measurements.items():
        same = expected[0].measurements[key]
        assert (each.value, each.low, each.high) == (same.value, same.low, same.high), key
        found, wanted = (one.against and one.against.p_value for one in (each, same))
        assert found == pytest.approx(wanted), key
    assert cohorts == expected[1]
