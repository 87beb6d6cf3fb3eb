"""The lifecycle at the command line: stages, moves, and the rhythm behind them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

# a new order of each every so many days, as many as their number
ORDERS = "order_id,customer_id,email,date,amount\n" + "".join(
    f"A{person}-{time},C{person},c{person}@example.com,2026-{month:02}-{day:02},10.00\n"
    for person in range(1, 11)
    for time, (month, day) in enumerate(((1, 5), (1, 25), (3, 1), (9, 20 if person < 6 else 28)))
)
Run = Callable[..., str]


@pytest.fixture
def run(in_shop: Callable[..., Run]) -> Run:
    return in_shop(orders=ORDERS, beside=True)


def test_stages_and_moves_by_the_shops_own_rhythm(run: Run) -> None:
    assert "Usual values: `tesela run` measures your own" in run("lifecycle", "show", "--as-of", "2026-10-01")
    run("run", "--as-of", "2026-10-01", "--json")
    told = json.loads(run("lifecycle", "show", "--as-of", "2026-10-01", "--since", "2026-04-25", "--json"))
    assert told["rhythm"] == {
        **{"active_days": 203, "cooling_days": 211, "dormant_days": 211, "origin": "measured", "cases": 30},
        **{"measured_at": "2026-10-01T00:00:00Z"},
    }
    assert told["moves"] == [{"name": "stayed", "from": "active", "to": "active", "profiles": 10}]
    shown = run("lifecycle", "show", "--as-of", "2026-10-01", "--lang", "es")
    assert "De tus 30 intervalos entre pedidos" in shown
    assert "Activos" in shown
    assert "No se movió nadie" in shown


def test_thresholds_by_hand_and_moves(run: Run) -> None:
    settings = Path("tesela.toml")
    by_hand = '\n[lifecycle]\nactive = "30 days"\ncooling = "60 days"\ndormant = "20 weeks"\n'
    settings.write_text(settings.read_text("utf-8") + by_hand, "utf-8")
    told = json.loads(run("lifecycle", "show", "--as-of", "2026-10-01", "--since", "2026-09-25", "--json"))
    assert told["rhythm"]["origin"] == "given"
    assert told["moves"] == [
        {"name": "stayed", "from": "returned", "to": "returned", "profiles": 5},
        {"name": "won_back", "from": "lapsed", "to": "returned", "profiles": 5},
    ]
    assert told["stages"]["returned"] == {"before": 5, "entered": 5, "left": 0, "after": 10}
    shown = run("lifecycle", "show", "--as-of", "2026-10-01", "--since", "2026-09-25")
    assert "won back  lapsed  returned       5" in shown
    assert json.loads(run("count", 'lifecycle.stage = "returned"', "--as-of", "2026-10-01", "--json"))["count"] == 10
    assert "Did you mean returned?" in run("count", 'lifecycle.stage = "return"', code=2)
    # it goes on by itself: thirty days after the order one cools
    explained = run("explain", "C1", 'lifecycle.stage = "cooling"', "--as-of", "2026-10-01")
    assert "2026-10-20" in explained
    assert "tesela.toml sets other thresholds" in run("lifecycle", "measure", "--as-of", "2026-10-01")
    assert "is not earlier than" in run("lifecycle", "show", "--since", "2030-01-01", code=2)
    settings.write_text(settings.read_text("utf-8").replace('"60 days"', '"6 days"'), "utf-8")
    assert "30, 6 and 140 days are not in order" in run("lifecycle", "show", code=2)
