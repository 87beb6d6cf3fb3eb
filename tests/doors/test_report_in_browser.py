"""The report in a real browser: it draws, it lets nothing out, and it can be used from the keyboard."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from rooms.measurement.a_busy_shop import busy_report
from rooms.measurement.a_measured_shop import AMeasuredShop, a_segment
from rooms.measurement.test_page import HOSTILE
from rooms.measurement.test_page import Page as WrittenPage
from tesela.base import LANGUAGES, Language
from tesela.measurement import Report, render_html

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.slow

CHARTS = {"value", "segment_revenue", "growth", "origins", "known", "revenue", "cells", "ladder", "reach"}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Report]:
    shop = AMeasuredShop.open(tmp_path_factory.mktemp("busy"))
    yield busy_report(shop, 150)
    shop.engine.close()


class Visit:
    """One page, with everything it complained about and asked for."""

    def __init__(self, browser: Browser, file: Path, html: str, *, width: int = 1200, scripts: bool = True) -> None:
        file.write_text(html, "utf-8")
        self.complaints: list[str] = []
        self.requests: list[str] = []
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 900}, java_script_enabled=scripts, locale="en-US"
        )
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(file.as_uri())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_chart_is_drawn_and_nothing_leaves(
    browser: Browser, report: Report, tmp_path: Path, language: Language
) -> None:
    visit = Visit(browser, tmp_path / "report.html", render_html(report, language))
    drawn = visit.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('.chart')].map(chart => [
            chart.id.replace('chart-', ''),
            [chart.querySelectorAll('svg path').length, chart.querySelectorAll('svg text').length]
        ]))"""
    )
    assert set(drawn) == CHARTS
    assert all(paths >= 3 and words >= 3 for paths, words in drawn.values()), drawn
    described = visit.page.eval_on_selector_all(".chart", "charts => charts.map(c => c.getAttribute('aria-label'))")
    assert all(described)
    assert visit.complaints == []
    assert [url for url in visit.requests if not url.startswith("file:")] == []
    assert len(visit.requests) == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_hold_what_was_written(browser: Browser, report: Report, tmp_path: Path, language: Language) -> None:
    html = render_html(report, language)
    visit = Visit(browser, tmp_path / "report.html", html)
    shown = visit.page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll('table')].map(table => [
            table.id, [...table.rows].map(row => [...row.cells].map(cell => cell.textContent))
        ]))"""
    )
    assert shown == WrittenPage(html).rows
    base = [re.sub(r"\D", "", cell) for cell in shown["segments-table"][1]]
    assert base[1] == str(report.base.size)


@pytest.mark.parametrize(
    ("language", "axis", "told"),
    [("es", "2\xa0mil\xa0€", "2345,50\xa0€"), ("en", "€2k", "€2,345.50")],
)
def test_pictures_speak_the_language(
    browser: Browser, shop: AMeasuredShop, tmp_path: Path, language: Language, axis: str, told: str
) -> None:
    shop.people(1).order(1, "2345.50")
    page = Visit(browser, tmp_path / "report.html", render_html(shop.report(), language)).page
    assert axis in page.eval_on_selector("#chart-revenue", "chart => chart.textContent")
    page.locator("#chart-revenue svg").hover()
    page.wait_for_selector("#chart-revenue strong")
    assert told in page.eval_on_selector("#chart-revenue", "chart => chart.textContent")


def test_the_index_stands_beside_the_bars(browser: Browser, report: Report, tmp_path: Path) -> None:
    html = render_html(report, "es")
    page = Visit(browser, tmp_path / "report.html", html).page
    drawn = page.eval_on_selector_all("#chart-value svg text", "texts => texts.map(text => text.textContent)")
    indices = [row[-1] for row in WrittenPage(html).rows["figures-value"][1:]]
    assert [text for text in drawn if text in set(indices)] == indices


def test_figures_open_from_the_keyboard(browser: Browser, report: Report, tmp_path: Path) -> None:
    page = Visit(browser, tmp_path / "report.html", render_html(report, "es")).page
    table = page.locator("#figures-ladder")
    assert not table.is_visible()
    page.locator("#ladder-card summary").focus()
    page.keyboard.press("Enter")
    assert table.is_visible()


def test_the_first_stop_of_the_keyboard_skips_to_the_findings(browser: Browser, report: Report, tmp_path: Path) -> None:
    page = Visit(browser, tmp_path / "report.html", render_html(report, "es")).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_url("**#findings")


@pytest.mark.parametrize("width", [380, 1200])
def test_it_fits_the_screen(browser: Browser, report: Report, tmp_path: Path, width: int) -> None:
    page = Visit(browser, tmp_path / "report.html", render_html(report, "es"), width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_without_scripts_the_figures_are_there(browser: Browser, report: Report, tmp_path: Path) -> None:
    page = Visit(browser, tmp_path / "report.html", render_html(report, "es"), scripts=False).page
    assert all(page.locator(f"#figures-{key}").is_visible() for key in CHARTS)
    assert not page.locator(".chart").first.is_visible()


def test_names_from_outside_do_nothing(browser: Browser, shop: AMeasuredShop, tmp_path: Path) -> None:
    shop.people(1, source=HOSTILE).order(1).members("bad", 1).consent(1, HOSTILE, "yes")
    visit = Visit(browser, tmp_path / "report.html", render_html(shop.report(a_segment("bad", es=HOSTILE)), "es"))
    visit.page.locator("#chart-origins svg").hover()
    visit.page.wait_for_selector("#chart-origins strong")
    assert visit.page.locator("img").count() == 0
    assert visit.complaints == []


def test_an_empty_report_complains_about_nothing(browser: Browser, shop: AMeasuredShop, tmp_path: Path) -> None:
    visit = Visit(browser, tmp_path / "report.html", render_html(shop.report(), "es"))
    assert visit.complaints == []
    assert visit.page.locator(".chart").count() == 0


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[AMeasuredShop]:
    made = AMeasuredShop.open(tmp_path)
    yield made
    made.engine.close()
