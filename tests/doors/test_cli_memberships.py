"""What was published, at the command line: sets, history, previews, runs for the past."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tesela.interfaces.cli import main

ORDERS = """order_id,customer_id,email,date,amount
A1,C1,ana@example.com,2026-10-01,10.00
A2,C1,ana@example.com,2026-11-01,20.00
A3,C2,luis@example.com,2026-11-10,30.00
A4,C3,eva@example.com,2025-01-10,30.00
"""
SEGMENTS = """
recent:
  when: did order_completed in last 30 days
repeaters:
  when: count(order_completed) >= 2
calm:
  when: not in segment recent
"""
Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*command: str) -> str:
        assert main(command) == 0, capfd.readouterr().err
        return capfd.readouterr().out

    monkeypatch.setenv("TESELA_LANG", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    run("init", "shop", "--timezone", "UTC", "--language", "en")
    (tmp_path / "shop" / "segments" / "starter.yaml").write_text(SEGMENTS, "utf-8")
    run("import", "orders", "orders.csv", "--workspace", "shop", "--yes")
    monkeypatch.chdir(tmp_path / "shop")
    for day in ("2026-11-22", "2026-12-05"):
        assert json.loads(run("run", "--as-of", day, "--json"))["published"]
    return run


def test_a_run_for_the_past_publishes_nothing_and_says_so(run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    told = json.loads(run("run", "--as-of", "2026-11-05", "--json"))
    assert not told["published"]
    assert {slug: each["size"] for slug, each in told["segments"].items()} == {"recent": 1, "repeaters": 1, "calm": 1}
    assert json.loads(run("segments", "history", "recent", "--json"))[-1]["as_of"] == "2026-12-05T00:00:00Z"
    assert main(["run", "--as-of", "2026-11-05"]) == 0
    assert "nothing was published" in capfd.readouterr().err


def test_combine_overlap_and_diff(run: Run) -> None:
    answer = json.loads(run("segments", "combine", "repeaters and not recent", "--json"))
    assert answer == {"count": 1, "base": 3, "as_of": "2026-12-05T00:00:00Z"}
    told = run("segments", "combine", "recent or repeaters", "--as-recorded", "2026-11-30")
    assert told.startswith("2 people: 66.7 % of the 3 of the base, as published as of 2026-11-22 00:00")
    shared = json.loads(run("segments", "overlap", "--json"))["shared"]
    assert shared["recent"] == {"recent": 1, "repeaters": 0, "calm": 0}
    assert "repeaters" in run("segments", "overlap", "recent", "repeaters")
    [recent] = json.loads(run("segments", "diff", "recent", "--json"))["segments"]
    assert recent == {"segment": "recent", "before": 2, "entered": 0, "left": 1, "after": 1}
    assert "came" in run("segments", "diff", "--since", "2026-11-22")


def test_history_moves_and_as_recorded(run: Run) -> None:
    sizes = json.loads(run("segments", "history", "recent", "--json"))
    assert [(each["size"], each["entered"], each["left"]) for each in sizes] == [(2, 2, 0), (1, 0, 1)]
    assert "as of" in run("segments", "history", "recent")
    moves = list(csv.DictReader(io.StringIO(run("segments", "moves", "recent", "--since", "2026-12-01"))))
    assert [(each["email"], each["moved"], each["rule"]) for each in moves] == [
        ("ana@example.com", "left", "did order_completed in last 30 days")
    ]
    rows = list(csv.DictReader(io.StringIO(run("members", "recent", "--as-recorded", "2026-11-25"))))
    assert [row["email"] for row in rows] == ["ana@example.com", "luis@example.com"]
    assert main(["members", "recent", "--as-recorded", "2026-11-25", "--as-of", "2026-11-25"]) == 2
    assert main(["members", "recent", "--as-recorded", "2025-11-25"]) == 2


def test_preview(run: Run) -> None:
    asked = ("segments", "preview", "recent", "--rule", "did order_completed in last 90 days", "--as-of", "2026-12-05")
    answer = json.loads(run(*asked, "--json"))
    assert answer["segments"] == [
        {"segment": "recent", "before": 1, "entered": 1, "left": 0, "after": 2},
        {"segment": "calm", "before": 2, "entered": 0, "left": 1, "after": 1},
    ]
    assert [person["email"] for person in answer["entering"]] == ["ana@example.com"]
    told = run(*asked)
    assert "Would come in, for example: ana@example.com" in told
    assert "Entrarían" in run(*asked, "--lang", "es")


def test_plan_and_sql(run: Run) -> None:
    told = json.loads(run("segments", "plan", "--as-of", "2026-12-05", "--json"))
    assert (told["segments"], told["columns"], told["references"]) == (3, 2, 3)
    assert [(each["kind"], each["name"]) for each in told["reads"]] == [("events", "order_completed")]
    assert "3 segments as of 2026-12-05" in run("segments", "plan", "--as-of", "2026-12-05")
    for engine in ("duckdb", "postgres", "clickhouse", "spark"):
        sql = run("segments", "sql", "recent", "--engine", engine, "--as-of", "2026-12-05")
        assert sql.startswith("-- recent: c")
        assert "2026-11-05 00:00:00.000000 UTC" in sql
        assert "SELECT" in sql
    assert main(["segments", "sql", "--engine", "oracle"]) == 2
    assert main(["segments", "plan", "absent"]) == 2


def test_incremental_runs_say_what_whole_runs_say(run: Run, tmp_path: Path) -> None:
    """A late order, a cancelled one, a merge, somebody new, time: each alone, and then nothing."""
    at = "2026-12-06"
    assert json.loads(run("run", "--incremental", "--as-of", "2026-12-05", "--json"))["computed"] == 0
    people = "".join(f"B{n},D{n},d{n}@example.com,2026-01-{1 + n % 28:02d},5.00\n" for n in range(100))
    imported = {
        "people": "order_id,customer_id,email,date,amount\n" + people,
        "late": "order_id,customer_id,email,date,amount\nB5b,D5,d5@example.com,2026-11-20,5.00\n",
        "cancelled": "order_id,customer_id,email,date,amount,status\nB5b,D5,d5@example.com,2026-11-20,5.00,cancelled\n",
        "merged": "order_id,customer_id,email,date,amount\nB200,,d7@example.com,2026-11-30,5.00\n",
        "stranger": "order_id,customer_id,email,date,amount\nB201,,new@example.com,2026-12-01,5.00\n",
        "known": "order_id,customer_id,email,date,amount\nB202,D300,new@example.com,2026-12-02,5.00\n",
    }
    computed = {}
    for hour, (name, rows) in enumerate(imported.items()):
        (tmp_path / f"{name}.csv").write_text(rows, "utf-8")
        run("import", "orders", str(tmp_path / f"{name}.csv"), "--yes")
        moment = f"{at}T{hour:02d}:00"
        computed[name] = json.loads(run("run", "--incremental", "--as-of", moment, "--json"))["computed"]
        for segment in ("recent", "repeaters", "calm"):
            recorded = run("members", segment, "--as-recorded", moment)
            assert recorded == run("members", segment, "--as-of", moment), (name, segment)
    assert computed == {"people": None, "late": 1, "cancelled": 1, "merged": 1, "stranger": 1, "known": 1}
    # the windows of A3 and B200 have run out, by time alone
    done = json.loads(run("run", "--incremental", "--as-of", "2026-12-30T01:00", "--json"))
    assert (done["left"], done["entered"]) == (2, 2)
    assert run("members", "recent", "--as-recorded", "2026-12-31") == run(
        "members", "recent", "--as-of", "2026-12-30T01:00"
    )
    assert "up to date" in run("run", "--incremental", "--as-of", "2026-12-30T01:00")
