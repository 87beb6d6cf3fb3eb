"""RFM at the command line: shown, explained, asked for in rules, in both languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

ORDERS = "order_id,customer_id,email,date,amount\n" + "".join(
    f"A{person}-{time},C{person},c{person}@example.com,2026-{month:02}-{person:02},{10 * person}.00\n"
    for person in range(1, 13)
    for time, month in enumerate((5, 6, 8, 11)[: 1 + person % 4])
)
CONTACTS = "customer_id,email,created_at\nC50,c50@example.com,2026-01-02\n"
Run = Callable[..., str]


@pytest.fixture
def run(in_shop: Callable[..., Run]) -> Run:
    return in_shop(orders=ORDERS, contacts=CONTACTS)


def test_the_main_job_scores_everyone(run: Run) -> None:
    refused = run("rfm", "show", code=2)
    assert "tesela rfm run" in refused
    (Path("segments") / "best.yaml").write_text('best:\n  when: rfm.tier = "high"\n', "utf-8")
    summary = json.loads(run("run", "--as-of", "2026-11-22", "--json"))
    told = json.loads(run("rfm", "show", "--json"))
    assert (told["as_of"], told["buyers"], told["prospects"]) == ("2026-11-22T00:00:00Z", 12, 1)
    # the very run that scores also publishes who is in
    assert summary["segments"]["best"]["size"] == told["tiers"]["high"] == 3
    assert sum(told["segments"].values()) == 13
    assert sum(told["tiers"].values()) == sum(cell["profiles"] for cell in told["cells"]) == 12
    assert [each["score"] for each in told["scores"]["f"]] == [1, 2, 3, 4, 5]
    # a run of the past reports, and leaves the scores as they are
    run("run", "--as-of", "2026-08-01", "--json")
    assert json.loads(run("rfm", "show", "--json")) == told
    assert "is kept already" in run("rfm", "run", "--as-of", "2026-08-01", code=1)
    again = json.loads(run("rfm", "run", "--as-of", "2026-12-01", "--refit", "--json"))
    assert again["fitted_at"] == "2026-12-01T00:00:00Z"
    assert json.loads(run("rfm", "show", "--as-of", "2026-11-25", "--json")) == told


def test_shown_in_both_languages(run: Run) -> None:
    run("rfm", "run", "--as-of", "2026-11-22", "--json")
    english, spanish = run("rfm", "show"), run("rfm", "show", "--lang", "es")
    assert "12 buyers, 1 prospects" in english
    assert "F: so many have the same number of orders that fixed thresholds are taken" in english
    assert "Champions" in english
    assert "12 compradores, 1 personas sin compras" in spanish
    assert "Campeones" in spanish
    assert "champions" in spanish
    assert "todos los pedidos, lo pagado (bruto)" in spanish


def test_scores_are_explained(run: Run) -> None:
    settings = Path("tesela.toml")
    settings.write_text(settings.read_text("utf-8") + '\n[rfm]\nwindow = "4 meses"\nmoney = "net"\n', "utf-8")
    run("rfm", "run", "--as-of", "2026-11-22", "--json")
    told = run("rfm", "explain", "c3@example.com")
    assert "F = 2: 2 orders (2)" in told
    assert "M = 1: 60.00 EUR in all (up to 60.00 EUR)" in told
    assert "orders of the last 4 months, what was paid less refunds (net)" in told
    assert "1 día" in run("rfm", "explain", "C12", "--lang", "es") or "días" in run(
        "rfm", "explain", "C12", "--lang", "es"
    )
    assert "Sin pedidos no hay puntuaciones" in run("rfm", "explain", "C50", "--lang", "es")
    plain = json.loads(run("rfm", "explain", "C3", "--json"))
    assert plain["scores"]["f"] == {"score": 2, "value": 2, "from": 2, "to": 2}
    assert json.loads(run("rfm", "explain", "C50", "--json"))["segment"] == "prospect"
    assert "Nobody is known as" in run("rfm", "explain", "nobody", code=2)
    settings.write_text(settings.read_text("utf-8").replace('"net"', '"euros"'), "utf-8")
    assert "gross, net" in run("rfm", "show", code=2)


def test_where_nobody_has_bought_that_is_said(in_shop: Callable[..., Run]) -> None:
    run = in_shop(contacts=CONTACTS, beside=True)
    told = run("rfm", "run", "--as-of", "2026-11-22")
    assert "0 buyers, 1 prospects" in told
    assert "nothing to score" in told
    assert json.loads(run("rfm", "show", "--as-of", "2026-11-22", "--json"))["buyers"] == 0


def test_movement_and_revenue(run: Run) -> None:
    assert "tesela rfm run" in run("rfm", "movement", code=2)
    run("rfm", "run", "--as-of", "2026-11-22", "--json")
    told = json.loads(run("rfm", "movement", "--since", "2026-10-01", "--json"))
    shown = json.loads(run("rfm", "show", "--json"))
    assert (told["since"], told["as_of"]) == ("2026-10-01T00:00:00Z", "2026-11-22T00:00:00Z")
    assert {name: each["after"] for name, each in told["segments"].items()} == shown["segments"]
    assert sum(each["profiles"] for each in told["moves"]) == 13
    # every fourth person ordered in November: nobody else can have become more recent
    up = [each for each in told["moves"] if each["from"] != each["to"] and each["to"] == "champions"]
    assert sum(each["profiles"] for each in up) == told["segments"]["champions"]["entered"] <= 3
    assert sum(shown["revenue"].values()) == sum(10 * person * (1 + person % 4) for person in range(1, 13))
    assert json.loads(run("rfm", "movement", "--json"))["since"] == "2026-10-23T00:00:00Z"
    assert "2026-12-01" in run("rfm", "movement", "--since", "2026-12-01", code=2)
    assert "con los umbrales de 2026-11-22" in run("rfm", "movement", "--lang", "es")
    assert "revenue" in run("rfm", "show")
