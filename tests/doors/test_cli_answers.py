"""The answers of the command line: their exact form, for scripts, and their words, for people."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tesela.interfaces.cli import main

ORDERS = """order_id,customer_id,email,date,amount
A1,=1+1,ana@example.com,2026-10-01,10.00
A2,=1+1,ana@example.com,2026-11-01,20.00
A3,-7,luis@example.com,2026-11-10,30.00
A4,C3,eva@example.com,2025-01-10,30.00
A5,C3,eva@example.com,never,30.00
"""
AS_OF = ("--as-of", "2026-11-22")
Run = Callable[..., str]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Path:
    monkeypatch.setenv("TESELA_LANG", "en")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "orders.csv").write_text(ORDERS, "utf-8")
    assert main(["init", "shop", "--timezone", "UTC", "--language", "en"]) == 0
    assert main(["import", "orders", "orders.csv", "--workspace", "shop", "--yes", "--json"]) == 0
    assert capfd.readouterr().out.splitlines()[1:] == ['{"received": 5, "stored": 4, "duplicate": 0, "rejected": 1}']
    monkeypatch.chdir(tmp_path / "shop")
    return tmp_path / "shop"


@pytest.fixture
def run(shop: Path, capfd: pytest.CaptureFixture[str]) -> Run:
    def run(*command: str) -> str:
        assert main(command) == 0, capfd.readouterr().err
        return capfd.readouterr().out

    return run


def test_count(run: Run) -> None:
    answer = run("count", "count(order_completed in last 60 days) >= 1", *AS_OF, "--json")
    assert answer == '{"count": 2, "base": 3, "anonymous": 0, "as_of": "2026-11-22T00:00:00Z"}\n'
    told = run("count", "count(order_completed in last 60 days) >= 1", *AS_OF)
    assert told.startswith("2 people: 66.7 % of the 3 of the base")
    told = run("count", "count(order_completed in last 60 days) >= 1", *AS_OF, "--lang", "es")
    assert told.startswith("2 personas: el 66,7 % de las 3 de la base")


def test_members_as_csv_never_start_a_formula(run: Run) -> None:
    rows = list(csv.DictReader(io.StringIO(run("members", "count(order_completed in last 60 days) >= 1", *AS_OF))))
    assert sorted(row["customer_id"] for row in rows) == ["'-7", "'=1+1"]
    assert sorted(row["email"] for row in rows) == ["ana@example.com", "luis@example.com"]
    assert all(row["profile_id"].isdigit() for row in rows)


def test_members_in_other_forms(run: Run, shop: Path) -> None:
    rule = "count(order_completed in last 60 days) >= 1"
    rows = json.loads(run("members", rule, *AS_OF, "--format", "json"))
    assert sorted(row["customer_id"] for row in rows) == ["-7", "=1+1"]
    assert run("members", rule, *AS_OF, "--format", "parquet", "--out", "members.parquet") == ""
    from pyarrow import parquet

    assert sorted(parquet.read_table(shop / "members.parquet").column("customer_id").to_pylist()) == ["-7", "=1+1"]
    assert json.loads(run("members", "count(order_completed) > 99", *AS_OF, "--format", "json")) == []


def test_members_say_that_they_are_personal(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    main(["members", "count(order_completed) >= 1", *AS_OF])
    assert "personal data" in capfd.readouterr().err


def test_imports_are_listed_and_taken_back(run: Run) -> None:
    [load] = json.loads(run("import", "list", "--json"))
    assert (load["load_id"], load["kind"], load["origin"], load["state"]) == (1, "orders", "orders.csv", "sealed")
    assert "orders.csv" in run("import", "list")
    assert "Import 1 (orders.csv) taken back" in run("import", "undo", "1")
    assert json.loads(run("import", "list", "--json"))[0]["state"] == "undone"
    assert json.loads(run("count", "count(order_completed) >= 1", *AS_OF, "--json"))["count"] == 0


def test_import_again_counts_nothing_twice(run: Run) -> None:
    again = run("import", "orders", "../orders.csv", "--yes", "--json")
    assert again == '{"received": 5, "stored": 0, "duplicate": 4, "rejected": 1}\n'
    told = run("import", "orders", "../orders.csv", "--yes")
    assert "5 rows = 0 stored + 4 known already + 1 rejected" in told
    assert "1 rejected:" in told


def test_several_files_give_one_answer(run: Run, shop: Path) -> None:
    (shop / "more.csv").write_text(ORDERS.replace("A", "B"), "utf-8")
    answer = json.loads(run("import", "orders", "../orders.csv", "more.csv", "--yes", "--json"))
    assert answer == {"received": 10, "stored": 4, "duplicate": 4, "rejected": 2}


def test_nobody_to_ask(shop: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["import", "orders", "../orders.csv"]) == 2
    told = capfd.readouterr().err
    assert "nobody at a terminal" in told
    assert "--yes" in told
    assert "ana@example.com" in told  # how it would have been read is shown, with samples
    assert "occurred_at" in told


def test_columns_can_be_corrected(run: Run, shop: Path) -> None:
    (shop / "odd.csv").write_text("ref,who,when,date,amount\nX1,zoe@example.com,2026-11-02,2020-01-01,5\n", "utf-8")
    corrections = ("--set", "ref=order_id", "--set", "who=email", "--set", "when=occurred_at", "--set", "date=")
    assert json.loads(run("import", "orders", "odd.csv", *corrections, "--yes", "--json"))["stored"] == 1
    members = run("members", "count(order_completed in last 30 days) >= 1", *AS_OF)
    assert "zoe@example.com" in members


def test_a_wrong_correction(shop: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["import", "orders", "../orders.csv", "--set", "date", "--yes"]) == 2
    assert "'date' is no correction" in capfd.readouterr().err


def test_run_writes_summary_and_report(run: Run, shop: Path) -> None:
    told = run("run", *AS_OF)
    assert (shop / "report.html").resolve().as_uri() in told
    assert "<html" in (shop / "report.html").read_text("utf-8")
    answer = json.loads(run("run", *AS_OF, "--json", "--report", "other.html", "--lang", "es"))
    assert answer["as_of"] == "2026-11-22T00:00:00Z"
    assert 'lang="es"' in (shop / "other.html").read_text("utf-8")


def test_segments_are_listed(run: Run) -> None:
    listed = json.loads(run("segments", "list", "--json"))
    assert len(listed) >= 11
    assert all(set(entry) == {"segment", "name", "when"} for entry in listed)
    assert listed[0]["segment"] in run("segments", "list")


def test_backup_restore_and_rebuild(run: Run, shop: Path) -> None:
    count = ("count", "count(order_completed) >= 1", *AS_OF, "--json")
    before = run(*count)
    run("backup", "copy.tar")
    run("restore", "copy.tar", "../again")
    assert run(*count, "--workspace", "../again") == before
    run("rebuild")
    assert run(*count) == before


def test_segments_show(run: Run) -> None:
    said = run("segments", "show", "did   order_completed in last 30 days", "--lang", "es").splitlines()
    assert said == ["did order_completed in last 30 days", "Cada persona: hizo un pedido en los últimos 30 días."]
    told = json.loads(run("segments", "show", "buyers", "--json"))
    assert told["en"] == "Each person: placed an order."
    assert told["json"]["when"]["op"] == "did"


def test_segments_schema(capfd: pytest.CaptureFixture[str]) -> None:
    for kind in ((), ("--kind", "segments"), ("--kind", "traits"), ("--kind", "rule")):
        assert main(["segments", "schema", *kind]) == 0
        told = json.loads(capfd.readouterr().out)
        assert (told["$schema"].split("/")[4], told["$id"].split(":")[-1]) == ("2020-12", (kind or ("", "segments"))[1])
    assert main(["segments", "schema", "--kind", "people", "--lang", "es"]) == 2
    assert "segments, traits, rule" in capfd.readouterr().err
