"""How long the page makes one wait: first load, keystroke to new count, segment page, people search.

    make bench-page                                   a demo shop of 5,000 contacts
    .venv/bin/python benchmarks/bench_page.py FOLDER  a workspace without users, or with those of the tests

Times are the browser's own, from the act to the figure on the screen; each is the median (95th percentile) of its runs.
"""

from __future__ import annotations

import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests"))

import tesela
from doors.a_visited_shop import ServedShop, opened_browser
from tesela.interfaces.http.page import BUILT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Page

RUNS = 20


def main(folder: str | None) -> None:
    """Measure, and print one line a figure."""
    with tempfile.TemporaryDirectory() as room:
        place = folder or str(Path(room) / "shop")
        if folder is None:
            workspace, as_of = tesela.demo(Path(place), profiles=5_000)
            with workspace:
                workspace.jobs.run(as_of)
        with tesela.open(place) as workspace:
            if workspace.access.setup_secret():
                ServedShop(workspace, "", None).let_in()  # type: ignore[arg-type]  # nobody looks yet
            print(f"contacts: {workspace.segments.count('email is set or not email is set').base:,}")
            _sizes()
        # the server has a process of its own, as it has for people
        with _served(place) as address, opened_browser() as browser:
            _measure(browser, address)


@contextmanager
def _served(place: str) -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(Path(sys.executable).with_name("tesela")), "serve", "--workspace", place, "--port", str(port)]
    quiet = ["--refresh-every", "never", "--run-at", "never"]
    with subprocess.Popen([*command, *quiet], stdout=subprocess.DEVNULL) as server:
        while server.poll() is None:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.1)
        try:
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _sizes() -> None:
    files = sorted(BUILT.rglob("*.js"), key=lambda path: -path.stat().st_size)
    print(f"scripts: {sum(path.stat().st_size for path in files) / 1e6:.2f} MB in {len(files)} files")


def _measure(browser: Browser, address: str) -> None:
    shop = ServedShop(None, address, browser)  # type: ignore[arg-type]  # another process has it open
    with shop.visit("marta") as seen:
        state = seen.page.context.storage_state()
    loads = []
    for _ in range(7):
        context = browser.new_context(storage_state=state, viewport={"width": 1280, "height": 900})
        page = context.new_page()
        started = time.perf_counter()
        page.goto(address)
        page.locator(".stat-value").first.wait_for()
        loads.append((time.perf_counter() - started) * 1000)
        moved = page.evaluate(
            "performance.getEntriesByType('resource').reduce((sum, each) => sum + each.transferSize, 0)"
        )
        context.close()
    _tell("first load to the first figure, nothing cached", loads)
    print(f"moved over the wire at first load: {moved / 1000:.0f} kB")
    with shop.visit("marta") as seen:
        _tell("keystroke to new count, by groups", _counts(seen.go("segments/new"), _by_groups))
        _tell("keystroke to new count, by text", _counts(seen.go("segments"), _by_text))
        _tell("segment page to its figures", _times(seen.page, _segment))
        _tell("people search", _times(seen.go("people"), _search))
        seen.must_be_clean()


def _counts(page: Page, begin: Callable[[Page], Callable[[int], None]]) -> list[float]:
    write, told = begin(page), []
    for number in range(RUNS):
        before = page.locator(".counter").get_attribute("data-ms")
        write(31 + number)
        page.locator(".counter[aria-busy=false]").wait_for()
        page.wait_for_timeout(900)
        now = page.locator(".counter").get_attribute("data-ms")
        if now and now != before:
            told.append(float(now))
    return told


def _by_groups(page: Page) -> Callable[[int], None]:
    page.get_by_role("button", name="Añadir condición").click()
    page.get_by_role("menuitem").first.click()
    return lambda days: page.get_by_label("Cuántos", exact=True).fill(str(days))


def _by_text(page: Page) -> Callable[[int], None]:
    page.goto(page.url.partition("#")[0] + "#/segments/new?rule=did order_completed in last 30 days")
    page.locator(".counter-value").wait_for()

    def write(days: int) -> None:
        page.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.insert_text(
            f"count(order_completed in last {days} days) >= 1 and did email_opened in last {days} days"
        )

    return write


def _times(page: Page, act: Callable[[Page, int], None]) -> list[float]:
    told = []
    for number in range(RUNS):
        started = time.perf_counter()
        act(page, number)
        told.append((time.perf_counter() - started) * 1000)
    return told


def _segment(page: Page, number: int) -> None:
    slug = ("buyers", "lost", "cooling", "big_spenders")[number % 4]
    page.goto(page.url.partition("#")[0] + f"#/segments/{slug}")
    page.locator(f'.head-action a[href="#/segments/{slug}/edit"]').wait_for()
    page.locator(".stat-value").nth(3).wait_for()


def _search(page: Page, number: int) -> None:
    word = f"C00000{20 + number}"
    with page.expect_response(lambda answer: f"q={word}" in answer.url):
        page.get_by_label("Buscar personas").fill(word)
    page.locator("[aria-busy=false]").first.wait_for()


def _tell(what: str, told: list[float]) -> None:
    ordered = sorted(told)
    print(f"{what}: {statistics.median(ordered):.0f} ms ({ordered[int(0.95 * (len(ordered) - 1))]:.0f} ms)")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else None)
