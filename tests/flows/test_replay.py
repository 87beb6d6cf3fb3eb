"""Rejected rows: seen with their reasons, mended, imported again once; the figures are then those of a clean import."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

import tesela
from tesela.base import FixedClock, InputError, NotFoundError
from tesela.interfaces.cli import main

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.workspace import Workspace

HEADER = "Pedido;Correo;Fecha;Fecha real;Total;Tel\n"
# the date of most rows stands in the other column; two amounts are words; one line has too many cells; one is twice
MESSY = HEADER + "".join(
    (
        "A1;ana@example.com;01/05/2026;;10,00;+34 600 000 001\n",
        "A2;luis@example.com;pronto;13/05/2026;20,00;+34 600 000 002\n",
        "A3;eva@example.com;;14/05/2026;30,00;=cmd()\n",
        "A4;ana@example.com;02/05/2026;;gratis;+34 600 000 001\n",
        "A5;leo@example.com;03/05/2026;;5,00;+34 600 000 005;de;más\n",
        "A6;eva@example.com;mañana;15/05/2026;60,00;-\n",
    )
)
CLEAN = HEADER + "".join(
    (
        "A1;ana@example.com;01/05/2026;;10,00;+34 600 000 001\n",
        "A2;luis@example.com;13/05/2026;;20,00;+34 600 000 002\n",
        "A3;eva@example.com;14/05/2026;;30,00;=cmd()\n",
        "A4;ana@example.com;02/05/2026;;40,00;+34 600 000 001\n",
        "A5;leo@example.com;03/05/2026;;5,00;+34 600 000 005\n",
        "A6;eva@example.com;15/05/2026;;60,00;-\n",
    )
)
NOW = datetime(2026, 11, 22)


def a_shop(folder: Path) -> Workspace:
    return tesela.init(folder, timezone="UTC", language="es", clock=FixedClock(NOW))


def imported(ws: Workspace, folder: Path, rows: str, name: str = "pedidos.csv") -> Any:
    path = folder / name
    path.write_text(rows, "utf-8")
    return ws.imports.run("orders", path, name="tienda")


def figures(ws: Workspace) -> dict[str, Any]:
    """Return what a shop says of its orders, whoever brought them."""
    card = ws.measurement.kpis([], window="all", as_of=NOW)
    told = {key: card.of("base", key).value for key in ("size", "orders", "revenue", "buyers")}
    sizes = {rule: ws.segments.count(rule, NOW).count for rule in ("count(order_completed) >= 2", "email is set")}
    return told | sizes


def test_what_was_rejected_is_listed_with_its_reason(tmp_path: Path) -> None:
    with a_shop(tmp_path / "shop") as ws:
        load = imported(ws, tmp_path, MESSY)
        found = ws.rejected.list(load.load_id)
        assert (load.stored, load.rejected, found.total) == (1, 5, 5)
        by_row = {each.row_number: each for each in found.rows}
        assert set(by_row) == {2, 3, 4, 5, 6}
        assert (by_row[2].reason.rpartition(".")[2], by_row[2].detail) == ("bad_time", "pronto")
        assert (by_row[4].reason.rpartition(".")[2], by_row[4].detail) == ("bad_number", "gratis")
        cells = by_row[2].cells
        assert cells is not None
        assert (cells["Correo"], cells["Tel"]) == ("luis@example.com", "+34 600 000 002")
        assert by_row[5].cells is None
        assert "leo@example.com" in (by_row[5].raw or "")
        page = ws.rejected.list(load.load_id, offset=1, limit=2)
        assert [each.row_number for each in page.rows] == [3, 4]
        only = ws.rejected.list(load.load_id, reason=by_row[4].reason)
        assert ([each.row_number for each in only.rows], only.total) == ([4], 1)
        with pytest.raises(NotFoundError):
            ws.rejected.list(99)


def test_a_corrected_mapping_and_a_corrected_file_make_it_a_clean_import(tmp_path: Path) -> None:
    with a_shop(tmp_path / "clean") as ws:
        assert imported(ws, tmp_path, CLEAN).stored == 6
        expected = figures(ws)
    with a_shop(tmp_path / "shop") as ws:
        load = imported(ws, tmp_path, MESSY)
        assert figures(ws) != expected
        fields = {"Fecha real": "occurred_at"}
        first = ws.rejected.replay(load.load_id, fields=fields)
        # those whose date stood in the other column; the line that was never read needs a file
        assert (first.result.stored, first.result.rejected, first.left_out) == (3, 1, 1)
        again = ws.rejected.replay(load.load_id, fields=fields)
        assert (again.result.stored, again.result.duplicate) == (0, 3)
        between = figures(ws)

        content, rows = ws.rejected.sheet(load.load_id, "es")
        told = list(csv.DictReader(io.StringIO(content.decode())))
        assert rows == len(told) == 5
        assert {each["tesela_row"]: each["Tel"] for each in told} == {
            "2": "'+34 600 000 002",
            "3": "'=cmd()",
            "4": "'+34 600 000 001",
            "5": "",
            "6": "'-",
        }
        mended = {
            "2": {"Fecha": "13/05/2026"},
            "3": {"Fecha": "14/05/2026"},
            "4": {"Total": "40,00"},
            "5": {
                "Pedido": "A5",
                "Correo": "leo@example.com",
                "Fecha": "03/05/2026",
                "Total": "5,00",
                "Tel": "'+34 600 000 005",
            },
            "6": {"Fecha": "15/05/2026"},
        }
        path = tmp_path / "mended.csv"
        # as a spreadsheet of Spain saves it
        with path.open("w", encoding="cp1252", newline="") as file:
            writer = csv.DictWriter(file, list(told[0]), delimiter=";")
            writer.writeheader()
            writer.writerows({**each, **mended[each["tesela_row"]]} for each in told)
        last = ws.rejected.replay(load.load_id, file=path)
        assert last.result.rejected == 0
        assert figures(ws) == expected != between
        before = len(ws.imports.list())
        assert ws.rejected.replay(load.load_id, file=path).result.stored == 0
        assert figures(ws) == expected
        replays = ws.rejected.list(load.load_id).replays
        assert [each.load_id for each in replays] == list(range(load.load_id + 1, before + 2))
        # the record makes the same again
        ws.jobs.rebuild()
        assert figures(ws) == expected


def test_what_came_in_between_is_newer_than_what_is_mended(tmp_path: Path) -> None:
    rows = "id;correo;nombre;acepta;alta;alta real\n"
    with a_shop(tmp_path / "shop") as ws:
        path = tmp_path / "contactos.csv"
        path.write_text(rows + "C1;;Ana vieja;sí;01/02/2026;\n;;;sí;02/02/2026;\n", "utf-8")
        first = ws.imports.run("contacts", path, name="tienda")
        assert first.rejected == 1
        with pytest.raises(InputError):
            ws.rejected.replay(first.load_id, fields={"no such column": "email"})
        assert ws.rejected.replay(first.load_id).result.rejected == 1
        ws.imports.undo(first.load_id)
        with pytest.raises(NotFoundError):
            ws.rejected.list(first.load_id)


def test_the_command_line_says_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with a_shop(tmp_path / "shop") as ws:
        load = imported(ws, tmp_path, MESSY).load_id
    monkeypatch.chdir(tmp_path / "shop")
    monkeypatch.setenv("TESELA_LANG", "en")

    def run(*command: str) -> str:
        assert main(command) == 0, capfd.readouterr().err
        return capfd.readouterr().out

    told = json.loads(run("import", "rejected", str(load), "--json"))
    assert [(each["row"], each["detail"]) for each in told][:1] == [(2, "pronto")]
    assert "fila 2" in run("import", "rejected", str(load), "--lang", "es")
    assert "5 rejected rows" in run("import", "rejected", str(load), "--out", "out.csv")
    replayed = json.loads(run("import", "replay", str(load), "--set", "Fecha real=occurred_at", "--json"))
    assert (replayed["stored"], replayed["left_out"]) == (3, 1)
    assert "1 rows could not" in run("import", "replay", str(load), "--set", "Fecha real=occurred_at")
    listed = json.loads(run("import", "list", "--json"))
    assert [each["origin"] for each in listed] == ["pedidos.csv", "rejected-1.csv", "rejected-1.csv"]
    assert main(["import", "rejected", "99"]) == 2
    assert listed[1]["stored"] == 3
