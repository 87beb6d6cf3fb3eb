"""The shop's own scores at the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ORDERS = "order_id,customer_id,email,date,amount\n" + "".join(
    f"A{person}-{time},C{person},c{person}@example.com,2026-11-{time:02},{10 * person}.00\n"
    for person in range(1, 5)
    for time in range(1, person + 1)
)
SCORES = """\
loyalty:
  name: {es: Fidelidad, en: Loyalty}
  points:
    - {each: order_completed, points: 5, half_life: 10 días, cap: 12}
    - {when: count(order_completed) >= 4, points: 10}
    - {value: revenue / 100, points: 1}
  cap: 20
"""
Run = Callable[..., str]


@pytest.fixture
def run(in_shop: Callable[..., Run]) -> Run:
    made = in_shop(orders=ORDERS, beside=True)
    Path("traits").mkdir()
    return made


def test_scores_are_listed_shown_and_explained(run: Run) -> None:
    assert "traits/interes.yaml" in run("scores", "list", "--lang", "es")
    (Path("traits") / "own.yaml").write_text(SCORES, "utf-8")
    assert run("scores", "list") == "loyalty · Loyalty\n"
    shown = run("scores", "show", "loyalty", "--as-of", "2026-11-05", "--lang", "es")
    assert "+5 cada vez: hizo un pedido, la mitad cada 10 días, como mucho 12" in shown
    assert "+10 si tiene al menos 4 pedidos" in shown
    assert "Como mucho 20 en total" in shown
    assert "4 personas de la base" in shown
    plain = json.loads(run("scores", "show", "loyalty", "--as-of", "2026-11-05", "--json"))
    assert [each["points"] for each in plain["spread"]] == [5.1, 10.4, 12.9, 20.0]
    assert plain["points"][0]["half_life"] == "10 days"
    explained = run("scores", "explain", "C4", "loyalty", "--as-of", "2026-11-05")
    assert "C4 has 20 points of Loyalty" in explained
    assert "Together 23.60" in explained
    told = json.loads(run("scores", "explain", "c2@example.com", "loyalty", "--as-of", "2026-11-05", "--json"))
    assert [(each["measured"], each["gave"]) for each in told["awards"]] == [(2, 10), (False, 0), (0.4, 0.4)]
    assert json.loads(run("count", "loyalty >= 12", "--as-of", "2026-11-05", "--json"))["count"] == 2
    # ten days on, orders of the first half give half
    assert json.loads(run("count", "loyalty >= 12", "--as-of", "2026-11-20", "--json"))["count"] == 1


def test_what_is_wrong_is_told_with_its_place(run: Run) -> None:
    assert "Scores here: –" in run("scores", "show", "loyalty", code=2)
    (Path("traits") / "own.yaml").write_text(
        "a:\n  value: '1'\nb:\n  points:\n    - {when: did email_opend}\n", "utf-8"
    )
    assert "own.yaml, line 3, b" in run("scores", "list", code=2)
    (Path("traits") / "own.yaml").write_text("b:\n  points:\n    - {when: did email_opend, points: 1}\n", "utf-8")
    assert "email_opened" in run("scores", "show", "b", code=2)
