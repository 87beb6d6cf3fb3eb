"""Shops that tests of the doors share: by the command line, and served to browsers."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import tesela
from doors.a_served_shop import AServedShop, make_shop
from doors.a_visited_shop import ServedShop, missing, opened_browser, serve_beside
from tesela.interfaces.cli import main

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium."""
    with opened_browser() as opened:
        yield opened


@pytest.fixture(scope="session")
def page_is_built() -> None:
    """Skip where the page was not built (`make ui`)."""
    from tesela.interfaces.http.page import BUILT

    if not (BUILT / "index.html").is_file():
        missing("the page is not built: run make ui")


@pytest.fixture(scope="session")
def served_shop(
    page_is_built: None, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServedShop]:
    """A demo shop of a thousand contacts with everything computed and audited, served, and people who may sign in."""
    workspace, as_of = tesela.demo(tmp_path_factory.mktemp("served") / "shop", profiles=700, days=400, seed=11)
    workspace.jobs.run(as_of)
    workspace.audit.run()
    with workspace, serve_beside(workspace) as address:
        shop = ServedShop(workspace, address, browser)
        shop.let_in()
        yield shop


@pytest.fixture
def empty_shop(page_is_built: None, browser: Browser, tmp_path: Path) -> Iterator[ServedShop]:
    """A shop without data and without users, served."""
    with (
        tesela.init(tmp_path / "shop", timezone="Europe/Madrid", language="es") as workspace,
        serve_beside(workspace) as address,
    ):
        yield ServedShop(workspace, address, browser)
