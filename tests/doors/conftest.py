"""A shop that a test made by the command line, in which it calls more commands."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest

from doors.a_served_shop import AServedShop, make_shop
from tesela.interfaces.cli import main

Run = Callable[..., str]


@pytest.fixture
def in_shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[..., Run]:
    """Return what makes the shop of some files' contents by kind, and returns what runs a command in it.

    A command's answer is returned, with what was said beside it when `beside`; of one that must fail, what it said.
    """

    def make(*, beside: bool = False, **files: str) -> Run:
        def run(*command: str, code: int = 0) -> str:
            assert main(command) == code, capfd.readouterr().err
            told = capfd.readouterr()
            return told.err if code else told.out + (told.err if beside else "")

        monkeypatch.setenv("TESELA_LANG", "en")
        monkeypatch.chdir(tmp_path)
        run("init", "shop", "--timezone", "UTC", "--language", "en")
        for kind, rows in files.items():
            (tmp_path / f"{kind}.csv").write_text(rows, "utf-8")
            run("import", kind, f"{kind}.csv", "--workspace", "shop", "--yes")
        monkeypatch.chdir(tmp_path / "shop")
        return run

    return make


@pytest.fixture(scope="session")
def demo_shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, datetime]:
    """The folder of a demo shop whose main job has run, to be copied, and the moment just after its last day."""
    folder = tmp_path_factory.mktemp("demo") / "shop"
    return folder, make_shop(folder)


@pytest.fixture(scope="module")
def served(demo_shop: tuple[Path, datetime], tmp_path_factory: pytest.TempPathFactory) -> Iterator[AServedShop]:
    """A demo shop that is served; the tests of a file share it."""
    folder, moment = demo_shop
    yield from AServedShop.served(shutil.copytree(folder, tmp_path_factory.mktemp("served") / "shop"), moment)
