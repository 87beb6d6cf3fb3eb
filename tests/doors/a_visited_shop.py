"""A shop that is served on a free port of this machine, and browsers that visit it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest
import uvicorn

from tesela.interfaces.http import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request

    from tesela.base import Language
    from tesela.workspace import Workspace

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PASSWORD = "caballo batería grapa"  # noqa: S105 of people who are made up
# much else may run on the machine
_WAIT_MS = 60_000


def missing(what: str) -> None:
    """Skip where something is missing, and fail where continuous integration must have it."""
    if os.environ.get("CI") == "true":
        pytest.fail(what)
    pytest.skip(what)


@contextmanager
def opened_browser() -> Iterator[Browser]:
    """Open Debian's Chromium."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("there is no Chromium on this machine: install it (tools/debian_packages.sh)")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=_WAIT_MS)

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


@contextmanager
def serve_beside(workspace: Workspace) -> Iterator[str]:
    """Serve a workspace in a thread; the address ends with a slash."""
    server = uvicorn.Server(uvicorn.Config(create_app(workspace), log_level="error", access_log=False))
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
    server.should_exit = True
    thread.join(20)


@dataclass
class Visit:
    """One browser window on the page, with all that went wrong in it and every address that it asked for."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(_WAIT_MS)
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)

    def _heard(self, message: ConsoleMessage) -> None:
        # a refused request is told by the browser too; the page shows it, and tests look for that
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.elsewhere.append(request.url)

    def go(self, place: str) -> Page:
        """Show a view, once it has its head and nothing loads any more."""
        self.page.goto(f"{self.address}#/{place}")
        self.page.locator("main h1").first.wait_for()
        self.page.wait_for_load_state("networkidle")
        # what is still to come has a grey place; it is there for a moment after the address changed
        self.page.wait_for_timeout(100)
        while self.page.locator(".mantine-Skeleton-root").count():
            self.page.locator(".mantine-Skeleton-root").first.wait_for(state="detached")
        return self.page

    def sign_in(self, name: str) -> Page:
        """Sign in as somebody."""
        self.page.goto(self.address)
        self.page.locator("input[autocomplete=username]").fill(name)
        self.page.locator("input[type=password]").fill(PASSWORD)
        self.page.locator("button[type=submit]").click()
        self.page.locator("header.head").wait_for()
        return self.page

    def must_be_clean(self) -> None:
        """Nothing went wrong, nothing was asked for anywhere else."""
        assert not self.complaints
        assert not self.elsewhere


@dataclass(slots=True)
class ServedShop:
    """A served workspace and the people who may sign in: marta (admin), eva (editor), luis (viewer)."""

    workspace: Workspace
    address: str
    browser: Browser

    @contextmanager
    def visit(
        self, name: str | None = None, *, language: Language = "es", dark: bool = False, width: int = 1280
    ) -> Iterator[Visit]:
        """Open a window of one's own, signed in as somebody."""
        context: BrowserContext = self.browser.new_context(
            viewport={"width": width, "height": 900},
            locale="es-ES" if language == "es" else "en-GB",
            color_scheme="dark" if dark else "light",
            accept_downloads=True,
            reduced_motion="reduce",
        )
        seen = Visit(context.new_page(), self.address)
        if name:
            seen.sign_in(name)
        yield seen
        context.close()

    def let_in(self) -> None:
        """Make the people who may sign in."""
        gate = self.workspace.access
        secret = gate.setup_secret()
        assert secret
        gate.set_up(secret, name="marta", password=PASSWORD, language="es")
        gate.add_user("eva", PASSWORD, "editor", language="es", sees_personal=True)
        gate.add_user("luis", PASSWORD, "viewer", language="es")
        gate.add_user("ann", PASSWORD, "admin", language="en")


def axe_faults(page: Page) -> list[str]:
    """Return what axe finds wrong with a page as it is now shown."""
    from axe_playwright_python.base import AXE_FILE_PATH

    # by the debugger: a script of the page's own could not be put in, which is what its policy is for
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE_FILE_PATH.read_text("utf-8")})
    expression = (
        "axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']}).then(JSON.stringify)"
    )
    told = session.send("Runtime.evaluate", {"expression": expression, "awaitPromise": True, "returnByValue": True})
    session.detach()
    found = json.loads(told["result"]["value"])
    return [
        f"{each['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
