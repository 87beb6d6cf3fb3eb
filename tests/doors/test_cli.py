"""The command line as a door: languages, help, exit codes, messages."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tesela
from flows.command_line import answer, start
from tesela.base import LANGUAGES
from tesela.events import KINDS
from tesela.interfaces.cli import main

LANGUAGE_VARIABLES = ("TESELA_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture(autouse=True)
def english_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in LANGUAGE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def commands(path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command, as words after `tesela`."""
    from tesela.interfaces.cli.app import build

    def walk(path: tuple[str, ...], command: Any) -> Iterator[tuple[str, ...]]:
        yield path
        for name, child in getattr(command, "commands", {}).items():
            yield from walk((*path, name), child)

    return walk(path, build())


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("command", list(commands()), ids=" ".join)
def test_help_speaks_both_languages(
    command: tuple[str, ...], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command, "--help", "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith({"en": "Usage: tesela", "es": "Uso: tesela"}[language])
    assert ("Options" in shown) == (language == "en") or "Opciones" not in shown
    assert "{" not in shown


def test_every_kind_can_be_imported() -> None:
    beside = {"list", "undo", "rejected", "replay"}
    assert {path[1] for path in commands() if path[:1] == ("import",) and len(path) == 2} == {*KINDS, *beside}


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"tesela {tesela.__version__}\n"


def test_without_a_command_shows_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Commands" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["cuont"], "no command 'cuont'"),
        (["import", "invoices"], "no command 'invoices'"),
        (["count", "--nothing"], "no option --nothing"),
        (["count"], "RULE is missing"),
        (["import", "undo", "seven"], "NUMBER must be a whole number"),
        (["simulate", "--profiles", "0", "--days", "3", "--out", "x"], "--profiles must be a whole number"),
        (["members", "x", "--format", "docx"], "no such format"),
        (["count", "true", "extra"], "cannot be understood"),
        (["run", "--lang", "fr"], "does not speak 'fr'"),
        (["run"], "no workspace in"),
        (["run", "--workspace", "nowhere"], "not a Tesela workspace"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_wrong_commands_say_what_is_wrong(command: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(command) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_language_is_the_one_asked_for_else_the_workspaces_else_the_machines(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def language(*command: str) -> str:
        main([*command, "--help"])
        return {"Usage": "en", "Uso": "es"}[capsys.readouterr().out.partition(":")[0]]

    assert language() == "en"
    monkeypatch.setenv("LANG", "es_MX.UTF-8")
    assert language() == "es"
    monkeypatch.setenv("LC_ALL", "en_GB.UTF-8")
    assert language() == "en"
    main(["init", "tienda", "--language", "es"])
    capsys.readouterr()
    assert language("run", "--workspace", "tienda") == "es"
    (tmp_path / "tienda" / "deeper").mkdir()
    monkeypatch.chdir(tmp_path / "tienda" / "deeper")
    assert language() == "es"
    monkeypatch.setenv("TESELA_LANG", "en")
    assert language() == "en"
    assert language("--lang", "es") == "es"
    assert language("--lang=es") == "es"


def test_init_makes_a_workspace_once(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["init", "shop", "--timezone", "America/Bogota", "--currency", "COP", "--country", "CO", "--name", "Café"]
    assert main([*asked, "--language", "en"]) == 0
    with tesela.open("shop") as ws:
        told = ws.settings
    assert (told.timezone, told.currency, told.country, told.language, told.name) == (
        "America/Bogota",
        "COP",
        "CO",
        "en",
        "Café",
    )
    assert main(["init", "shop"]) == 1
    assert "workspace already" in capsys.readouterr().err


def test_a_wrong_setting_is_told_in_spanish(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["init", "shop", "--timezone", "Marte/Olimpo", "--lang", "es"]) == 2
    assert "No existe la zona horaria 'Marte/Olimpo'" in capsys.readouterr().err
    assert not (tmp_path / "shop").exists()


def test_a_report_that_cannot_be_written(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    main(["init", "shop"])
    (tmp_path / "taken").mkdir()
    assert main(["run", "--workspace", "shop", "--report", "taken", "--lang", "en"]) == 1
    assert "taken cannot be written" in capsys.readouterr().err


def test_an_unexpected_failure_shows_its_place_only_when_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(_folder: Path) -> None:
        raise RuntimeError("nobody foresaw this")

    monkeypatch.setattr(tesela, "open", fail)
    assert main(["count", "true", "--workspace", "shop"]) == 1
    told = capsys.readouterr().err
    assert "RuntimeError: nobody foresaw this" in told
    assert "--debug" in told
    assert "Traceback" not in told
    assert main(["count", "true", "--workspace", "shop", "--debug"]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_done(tmp_path: Path) -> None:
    main(["init", "shop", "--timezone", "UTC", "--language", "en"])
    rows = "".join(f"A{n},ana{n % 50_000}@example.com,2026-05-01,10.00\n" for n in range(600_000))
    (tmp_path / "orders.csv").write_text("order_id,email,date,amount\n" + rows, "utf-8")
    importing = ("import", "orders", "orders.csv", "--workspace", "shop", "--yes")
    child = start(*importing)
    scratch = tmp_path / "shop" / ".tesela" / "tmp"
    deadline = time.monotonic() + 60
    while child.poll() is None and time.monotonic() < deadline and not any(scratch.glob("*/*")):
        os.sched_yield()
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    assert child.returncode == 130, (out, err)
    assert b"Nothing is left half-done" in err
    assert b"Traceback" not in err
    assert main(["import", "list", "--workspace", "shop", "--json"]) == 0
    assert answer(*importing) == {"received": 600_000, "stored": 600_000, "duplicate": 0, "rejected": 0}
