"""At a terminal the import asks before anything comes in; a real pseudo-terminal answers."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from flows.command_line import a_workspace, answer

CALL = [sys.executable, "-c", "import sys; from tesela.interfaces.cli import command; sys.exit(command())"]
ORDERS = "order_id,who,date,amount\nA1,ana@example.com,2026-05-01,10.00\nA2,eva@example.com,2026-05-02,20.00\n"


def converse(workspace: Path, file: Path, typed: str, language: str = "en") -> tuple[int, str]:
    """Import a file at a terminal where somebody types; return the exit code and what was shown."""
    here, there = pty.openpty()
    child = subprocess.Popen(
        [*CALL, "import", "orders", str(file), "--workspace", str(workspace)],
        stdin=there,
        stdout=there,
        stderr=there,
        env={**os.environ, "TESELA_LANG": language, "TERM": "xterm", "COLUMNS": "120"},
        start_new_session=True,
    )
    os.close(there)
    os.write(here, typed.encode())
    shown = b""
    while True:
        try:
            piece = os.read(here, 65_536)
        except OSError:  # the other end has been closed: the program has ended
            break
        if not piece:
            break
        shown += piece
    os.close(here)
    return child.wait(timeout=60), shown.decode()


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    return a_workspace(tmp_path / "shop")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.csv"
    path.write_text(ORDERS, "utf-8")
    return path


def loads(workspace: Path) -> list[dict[str, object]]:
    from flows.command_line import tesela

    listed: list[dict[str, object]] = json.loads(tesela("import", "list", "--workspace", workspace, "--json").stdout)
    return listed


def test_enter_takes_the_proposal(workspace: Path, file: Path) -> None:
    code, shown = converse(workspace, file, "\n")
    assert code == 0, shown
    assert "ana@example.com" in shown
    assert "Import it so?" in shown
    assert "2 rows = 2 stored" in shown


def test_no_leaves_everything_as_it_was(workspace: Path, file: Path) -> None:
    code, shown = converse(workspace, file, "n\n", "es")
    assert code == 130
    assert "¿Se importa así?" in shown
    assert "No ha quedado nada a medias" in shown
    assert loads(workspace) == []


def test_a_column_can_be_corrected_and_is_remembered(workspace: Path, file: Path) -> None:
    code, shown = converse(workspace, file, "nonsense\nwho=customer_id\n\n")
    assert code == 0, shown
    assert "'nonsense' is no correction" in shown
    assert [load["stored"] for load in loads(workspace)] == [2]
    again = converse(workspace, file, "\n")
    assert "how it was read last time" in again[1]
    told = answer("count", "did order_completed", "--workspace", workspace, "--as-of", "2026-06-01")
    assert (told["count"], told["base"]) == (2, 2)
