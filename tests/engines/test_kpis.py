"""KPIs are the same on every engine, intervals included: those of plain Python."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pyroaring import BitMap64

from oracles.differential import open_engine
from rooms.language.a_shop import MADRID, AShop
from rooms.measurement.a_random_shop import AS_OF, SINCE, draw
from rooms.measurement.plain_kpis import PlainShop
from tesela.measurement import Period, find_retention, measure_kpis
from tesela.profiles import CONSENTS, PROFILES


@pytest.mark.parametrize("name", ["duckdb", "postgres", "clickhouse", pytest.param("spark", marks=pytest.mark.slow)])
def test_kpis_of_a_shop(name: str, request: pytest.FixtureRequest) -> None:
    profiles, events, members = draw(11)
    base = {row["profile_id"] for row in profiles if row["is_known"]}
    agreed = {"channel": "email", "purpose": "marketing", "status": "yes", "occurred_at": SINCE}
    emails = {row["profile_id"]: f"a{row['profile_id']}@example.com" for row in profiles}
    consents = [{"profile_id": n, "address": emails[n]} | agreed for n in (1, 2, 3)]
    # one cluster for all tests of a process
    master = request.getfixturevalue("spark_master") if name == "spark" else None
    with open_engine(name, master) as engine:
        shop = AShop.on(engine).with_events(*events)
        shop.add(PROFILES, [row | {"email": emails[row["profile_id"]]} for row in profiles]).add(CONSENTS, consents)
        sets = {slug: BitMap64(own) for slug, own in members.items()}
        now = Period(since=SINCE, as_of=AS_OF, base=BitMap64(base), members=sets)
        card = measure_kpis(engine, now, against="base")
        cohorts = find_retention(engine, BitMap64(base), as_of=AS_OF, zone=MADRID, months=6)
    plain = PlainShop(events, SINCE, AS_OF)
    for scope, people in {"base": base, **members}.items():
        for key, value in plain.measure(people, base).items():
            told = None if value is None else Decimal(value.numerator) / value.denominator
            assert card.of(scope, key).value == (told and told.quantize(Decimal("0.000001"))), (scope, key)
    assert card.of("base", "reachable_email").value == Decimal("0.075")
    figures = [(each.low, each.high, each.against and each.against.p_value) for each in card.measurements.values()]
    same = _KNOWN.setdefault("figures", figures)
    for found, expected in zip(figures, same, strict=True):
        assert found[:2] == expected[:2]
        assert found[2] == pytest.approx(expected[2])
    assert cohorts == _KNOWN.setdefault("cohorts", cohorts)
    assert cohorts


_KNOWN: dict[str, object] = {}
