"""A simulated shop, from its files to its KPIs, against plain Python over its events."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

import tesela
from rooms.measurement.plain_kpis import PlainShop
from tesela.events import EVENTS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from pathlib import Path

READ = """SELECT name, source, profile_id, occurred_at, order_id, amount_e4, coupon, quantity, sales_channel,
    campaign_id, channel, is_machine, session_id, CAST(properties AS VARCHAR) AS properties FROM {events}"""


def test_kpis_of_a_simulated_shop(tmp_path: Path) -> None:
    workspace, as_of = tesela.demo(tmp_path / "shop", profiles=300, days=300, seed=5)
    with workspace as ws:
        card = ws.measurement.kpis(as_of=as_of, window="60 days")
        ever = ws.measurement.kpis(["loyal_6m"], as_of=as_of, window="all")
        engine = ws._stores.engine
        events = engine.query(statement(READ, tables={"events": EVENTS})).to_pylist()

        def people(rule: str) -> set[int]:
            return set(ws.segments.members(rule, as_of).column("profile_id").to_pylist())

        members = {slug: people(slug) for slug in card.scopes[1:]}
        base = people("in segment buyers or not in segment buyers")
    assert len(members) > 10
    plain = PlainShop(events, as_of - timedelta(days=60), as_of)
    told = 0
    for scope, people in {"base": base, **members}.items():
        for key, value in plain.measure(people, base).items():
            expected = None if value is None else Decimal(value.numerator) / value.denominator
            found = card.of(scope, key).value
            assert found == (None if expected is None else expected.quantize(Decimal("0.000001"))), (scope, key)
            told += found not in (None, 0)
    assert told > 200
    of_all_time = PlainShop(events, None, as_of).measure(members["loyal_6m"], base)["revenue"]
    assert of_all_time is not None
    assert ever.of("loyal_6m", "revenue").value == Decimal(of_all_time.numerator) / of_all_time.denominator
    assert card.of("base", "reachable_email").value is not None
