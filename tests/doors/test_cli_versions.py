"""The versions of a segment's rule at the command line: listed, compared, restored, and refused with the reason."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

import tesela

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doors.conftest import Run

ORDERS = """order_id,customer_id,email,date,amount,channel
A1,C1,ana@example.com,2026-10-01,10.00,shop
A2,C1,ana@example.com,2026-11-01,20.00,shop
A3,C2,luis@example.com,2026-11-10,30.00,web
A4,C3,eva@example.com,2025-01-10,30.00,web
"""
FILE = """# ours
recent:
  name: {{es: Recientes, en: Recent}}
  description: {{es: Compraron hace poco}}
  # how long is recent
  when: {rule}
calm:
  when: not in segment recent
"""
SHORT, LONG = "did order_completed in last 15 days", "did order_completed in last 90 days"


@pytest.fixture
def run(in_shop: Callable[..., Run], tmp_path: Path) -> Run:
    """A shop whose segment was short, long, and short again, on four days."""
    run = in_shop(orders=ORDERS)
    for path in (tmp_path / "shop" / "segments").glob("*.yaml"):
        path.unlink()
    for day, rule in (("2026-11-22", SHORT), ("2026-11-23", LONG), ("2026-11-24", LONG), ("2026-11-26", SHORT)):
        (tmp_path / "shop" / "segments" / "own.yaml").write_text(FILE.format(rule=rule), "utf-8")
        run("run", "--as-of", day)
    return run


def listed(run: Run, *more: str) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = json.loads(run("segments", "versions", "recent", "--json", *more))
    return told


def test_each_stretch_of_a_version_is_told(run: Run) -> None:
    rows = listed(run)
    assert [(each["rule"], each["since"][:10], each["until"] and each["until"][:10]) for each in rows] == [
        (SHORT, "2026-11-26", None),
        (LONG, "2026-11-23", "2026-11-26"),
        (SHORT, "2026-11-22", "2026-11-23"),
    ]
    assert [(each["first_size"], each["last_size"]) for each in rows] == [(0, 0), (2, 2), (1, 1)]
    assert [each["is_current"] for each in rows] == [True, False, True]
    assert rows[0]["version"] == rows[2]["version"] != rows[1]["version"]
    assert rows[1]["sentence"] == "Each person: placed an order in the last 90 days."
    assert "(la regla de ahora)" in run("segments", "versions", "recent", "--lang", "es")


def test_a_version_is_compared_with_the_rule_now_and_with_another(run: Run) -> None:
    newest, older, _ = listed(run)
    asked = ("segments", "compare", "recent", older["version"][:8], "--as-of", "2026-11-26")
    told = json.loads(run(*asked, "--json"))
    assert (told["before"], told["after"]) == (SHORT, LONG)
    assert [each["text"] for each in told["pieces"] if each["kind"] != "same"] == ["15", "90"]
    assert told["preview"]["segments"] == [
        {"segment": "recent", "before": 0, "entered": 2, "left": 0, "after": 2},
        {"segment": "calm", "before": 3, "entered": 0, "left": 2, "after": 1},
    ]
    assert "in last [-15-]{+90+} days" in run(*asked)
    same = json.loads(run(*asked, "--with", older["version"], "--json"))
    assert [each["kind"] for each in same["pieces"]] == ["same"]
    back = ("segments", "compare", "recent", newest["version"], "--with", older["version"], "--as-of", "2026-11-26")
    assert json.loads(run(*back, "--json"))["preview"]["segments"][0]["left"] == 2


def test_a_version_is_restored_as_any_save_and_history_stays(run: Run, tmp_path: Path) -> None:
    older = listed(run)[1]["version"]
    assert "give --yes" in run("segments", "restore", "recent", older, code=2)
    assert LONG in run("segments", "restore", "recent", older[:8], "--yes")
    written = (tmp_path / "shop" / "segments" / "own.yaml").read_text("utf-8")
    with tesela.open(tmp_path / "shop") as ws:
        found = ws.segments.find("recent")
    assert (found.when, found.title("es"), found.description["es"]) == (LONG, "Recientes", "Compraron hace poco")
    assert written.startswith("# ours")
    assert "already" in run("segments", "restore", "recent", older, "--yes", code=1)
    run("run", "--as-of", "2026-11-27")
    rows = listed(run)
    assert [each["rule"] for each in rows] == [LONG, SHORT, LONG, SHORT]
    assert (rows[0]["first_size"], rows[1]["until"][:10], rows[2]["until"][:10]) == (2, "2026-11-27", "2026-11-26")
    assert [json.loads(run("segments", "history", "recent", "--json"))[n]["size"] for n in range(5)] == [1, 2, 2, 0, 2]


def test_a_version_that_means_nothing_any_more_is_shown_and_not_restored(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "shop" / "segments" / "own.yaml"
    named = FILE.format(rule="in segment lively") + "lively:\n  when: did order_completed\n"
    own.write_text(named, "utf-8")
    run("run", "--as-of", "2026-11-27")
    own.write_text(FILE.format(rule=SHORT), "utf-8")
    [gone] = [each for each in listed(run) if each["problem"]]
    assert (gone["rule"], gone["sentence"][:12]) == ("in segment lively", "Each person:")
    assert "lively" in gone["problem"]
    assert "lively" in run("segments", "versions", "recent")
    told = json.loads(run("segments", "compare", "recent", gone["version"], "--json"))
    assert (told["preview"], told["problem"]) == (None, gone["problem"])
    assert "lively" in run("segments", "restore", "recent", gone["version"], code=2)
    assert "lively" in run("segments", "restore", "recent", gone["version"], "--yes", code=2)
    # what names the segment itself by now would wait for itself
    own.write_text(FILE.format(rule=SHORT) + "lively:\n  when: in segment recent\n", "utf-8")
    assert "lively" in run("segments", "restore", "recent", gone["version"], "--yes", code=2)
    assert SHORT in own.read_text("utf-8")


def test_a_removed_segment_is_restored_and_wrong_versions_are_told(run: Run, tmp_path: Path) -> None:
    older = listed(run)[1]["version"]
    (tmp_path / "shop" / "segments" / "own.yaml").unlink()
    assert not any(each["is_current"] for each in listed(run))
    assert json.loads(run("segments", "compare", "recent", older, "--json"))["before"] is None
    assert json.loads(run("segments", "restore", "recent", older, "--yes", "--json"))["when"] == LONG
    assert older[:8] in run("segments", "restore", "recent", "ffff0000", "--yes", code=2)
    assert "absent" in run("segments", "versions", "absent", code=2)
