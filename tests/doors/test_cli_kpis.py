"""KPIs, targets, cohorts and segments seen together, at the command line."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tesela.interfaces.cli import main

SEGMENTS = """
recent:
  when: did order_completed in last 30 days
repeaters:
  when: count(order_completed) >= 2
  name: {es: Repiten, en: Buy again}
silent:
  when: not did order_completed in last 30 days
"""
AS_OF = "2026-12-01"
Run = Callable[..., str]


def _orders() -> str:
    """Return orders of forty people: the first ten buy each month, the others once, some of them long ago."""
    rows = ["order_id,customer_id,email,date,amount"]
    for person in range(1, 41):
        days = ["2026-09-10", "2026-10-10", "2026-11-10"] if person <= 10 else [f"2026-{8 + person % 4:02d}-20"]
        for place, day in enumerate(days):
            rows.append(f"A{person}-{place},C{person},p{person}@example.com,{day},{10 + person}.00")
    return "\n".join(rows)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*command: str, code: int = 0) -> str:
        assert main(command) == code, capfd.readouterr().err
        told = capfd.readouterr()
        return told.err if code else told.out

    monkeypatch.setenv("TESELA_LANG", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(_orders(), "utf-8")
    run("init", "shop", "--timezone", "UTC", "--language", "en")
    (tmp_path / "shop" / "segments" / "starter.yaml").write_text(SEGMENTS, "utf-8")
    run("import", "orders", "orders.csv", "--workspace", "shop", "--yes")
    monkeypatch.chdir(tmp_path / "shop")
    return run


def answer(run: Run, *command: str) -> Any:
    return json.loads(run(*command, "--json"))


def test_kpis_of_segments_in_a_window(run: Run) -> None:
    told = answer(run, "kpis", "recent", "repeaters", "--as-of", AS_OF, "--window", "30 days", "--against", "base")
    assert (told["since"], told["as_of"], told["against"]) == ("2026-11-01T00:00:00Z", f"{AS_OF}T00:00:00Z", "base")
    base, recent, repeaters = (told["scopes"][scope] for scope in ("base", "recent", "repeaters"))
    assert (base["size"]["value"], recent["size"]["value"], repeaters["size"]["value"]) == (40, 18, 10)
    assert base["conversion"]["value"] == 0.45
    assert 0.25 < base["conversion"]["low"] < 0.45 < base["conversion"]["high"] < 0.65
    assert recent["conversion"]["against"] | {"p_value": 0} == {
        "value": 0.0,
        "change": None,
        "p_value": 0,
        "is_sure": True,
    }
    assert repeaters["average_order_value"]["caution"] == "few"
    shown = run("kpis", "repeaters", "--as-of", AS_OF, "--against", "base")
    assert "Buy again" in shown
    assert "Fewer than 100 people" in shown
    assert "▲" in shown
    assert "Nothing to tell of: " in shown
    assert "Repiten" in run("kpis", "repeaters", "--as-of", AS_OF, "--lang", "es")
    assert "Conversion" in run("kpis", "--as-of", AS_OF, "--window", "all", "--metric", "conversion")


def test_kpis_against_the_period_before_and_by_month(run: Run) -> None:
    before = ("kpis", "--as-of", AS_OF, "--window", "1 month", "--against", "previous")
    told = answer(run, *before)["scopes"]
    assert told["base"]["orders"]["against"]["value"] == 17
    assert "period before" in run(*before)
    months = answer(run, "kpis", "repeaters", "--metric", "orders", "--months", "3", "--as-of", AS_OF)["months"]
    assert [each["scopes"]["repeaters"]["orders"]["value"] for each in months] == [0, 10, 10]
    shown = run("kpis", "repeaters", "--metric", "orders", "--months", "3", "--as-of", AS_OF)
    assert [line.split()[0] for line in shown.splitlines()[2:]] == ["2026-09", "2026-10", "2026-11"]


def test_the_catalogue_of_metrics(run: Run) -> None:
    told = {each["metric"]: each for each in answer(run, "metrics", "list")}
    assert {"nps", "cart_abandonment", "reachable_email", "machine_open_rate"} <= set(told)
    assert answer(run, "metrics", "show", "nps") == told["nps"]
    assert "Tasa de apertura" in run("metrics", "list", "--lang", "es")
    shown = run("metrics", "show", "open_rate")
    assert "Careful: " in shown
    assert "email_opened" in shown
    assert "Did you mean open_rate" in run("metrics", "show", "opens_rate", code=2)


def test_targets(run: Run) -> None:
    assert run("targets", "--as-of", AS_OF) == ""
    Path("targets").mkdir()
    Path("targets/shop.yaml").write_text(
        "repeaters: {conversion: {at_least: 60 %}}\nbase: {repeat_rate: {at_least: 90 %}, nps: {at_least: 20}}", "utf-8"
    )
    assert [(each["segment"], each["status"]) for each in answer(run, "targets", "--as-of", AS_OF)] == [
        ("repeaters", "met"),
        ("base", "missed"),
        ("base", "unknown"),
    ]
    assert "no se cumple" in run("targets", "--as-of", AS_OF, "--lang", "es")
    Path("targets/shop.yaml").write_text("repeaters: {conversion: 60 %}", "utf-8")
    assert "shop.yaml" in run("targets", code=2)


def test_retention(run: Run) -> None:
    cohorts = answer(run, "retention", "--months", "4", "--as-of", AS_OF)["cohorts"]
    assert [each["month"] for each in cohorts] == ["2026-08", "2026-09", "2026-10", "2026-11"]
    september = cohorts[1]
    assert (september["size"], [each["buyers"] for each in september["months"]]) == (17, [17, 10, 10])
    shown = run("retention", "repeaters", "--months", "4", "--as-of", AS_OF)
    assert "100 %" in shown
    assert run("retention", "--as-of", "2020-01-01") == ""
    assert "61" in run("retention", "--months", "61", code=2)


def test_coverage_says_whom_segments_leave_out(run: Run) -> None:
    told = answer(run, "segments", "coverage", "recent", "repeaters", "--as-of", AS_OF)
    assert (told["base"], told["covered"], told["remainder"], told["share"]) == (40, 18, 22, 0.45)
    assert told["segments"]["recent"] | {"needed": 0} == {"size": 18, "alone": 8, "needed": 0, "warning": "too_small"}
    assert told["remainder_kpis"]["size"]["value"] == 22
    shown = run("segments", "coverage", "recent", "--as-of", AS_OF)
    assert "18 of the 40 people" in shown
    assert "too small" in shown
    assert "in none" in shown
    everybody = run("segments", "coverage", "recent", "silent", "--as-of", AS_OF, "--lang", "es")
    assert "100,0 %" in everybody
    assert "Quienes no están" not in everybody
    assert run("segments", "coverage", "--change", "0", code=2)
    assert "absent" in run("segments", "coverage", "absent", code=2)


def test_movement_adds_up_and_lists_who_moved(run: Run) -> None:
    told = answer(run, "segments", "movement", "--from", "2026-11-01", "--to", AS_OF)
    for each in told["segments"]:
        assert each["before"] + each["entered"] - each["left"] == each["after"]
    flows = {(each["from"], each["to"]): each for each in told["flows"]}
    assert flows["recent", "silent"]["moved"] == 7
    assert len(flows) == 16
    shown = run("segments", "movement", "--from", "2026-11-01", "--to", AS_OF)
    assert "silent" in shown
    assert "(none)" in shown
    asked = ("--from", "2026-11-01", "--to", AS_OF, "--out-of", "recent", "--into", "silent")
    people = list(csv.DictReader(io.StringIO(run("segments", "movement", *asked))))
    assert len(people) == 7
    assert {person["email"] for person in people} == {f"p{n}@example.com" for n in range(14, 41, 4)}
    entered = csv.DictReader(io.StringIO(run("segments", "movement", *asked[:4], "--into", "recent")))
    assert {person["email"] for person in entered} == {f"p{n}@example.com" for n in range(11, 41, 4)}
    assert "recent, -" in run("segments", "movement", "recent", *asked[:4], "--into", "absent", code=2)
    assert "is not before" in run("segments", "movement", "--from", AS_OF, "--to", AS_OF, code=2)
    assert "Nobody left" in run("segments", "movement", "silent", "--from", "2026-11-30", "--to", AS_OF)


def test_overlap_has_combinations_and_pressure(run: Run) -> None:
    run("run", "--as-of", AS_OF)
    told = answer(run, "segments", "overlap", "--more-than", "1")
    assert told["combinations"][0] == {"segments": ["silent"], "people": 22}
    assert told["pressure"] == {"1": 30, "2": 10}
    assert told["in_more"] == 10
    assert "En más de 1 segmentos: 10, el 25,0 %" in run("segments", "overlap", "--more-than", "1", "--lang", "es")


def test_before_anybody_is_there(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    for command in ("kpis", "segments coverage"):
        run(*command.split(), "--as-of", "2020-01-01")
        assert main([*command.split(), "--as-of", "2020-01-01"]) == 0
        assert "Nobody is in the base" in capfd.readouterr().err
    assert answer(run, "kpis", "recent", "--as-of", "2020-01-01")["scopes"]["base"]["conversion"]["value"] is None
    assert answer(run, "segments", "coverage", "--as-of", "2020-01-01")["share"] is None


@pytest.mark.parametrize(
    ("window", "said"), [("often", "is not a period"), ("90 dais", "Did you mean d"), ("90000 years", "outside")]
)
def test_a_window_that_makes_no_sense(run: Run, window: str, said: str) -> None:
    assert said in run("kpis", "--window", window, code=2)
    assert "before all time" in run("kpis", "--window", "all", "--against", "previous", code=2)
    assert run("kpis", "--against", "yesterday", code=2)
