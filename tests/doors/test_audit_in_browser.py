"""The audit's page in a real browser: drawn, self-contained, readable at both widths, with no, little and full data."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from rooms.audit.a_shop_to_audit import draw_people, open_shop, write_files
from tesela.audit import Audit, render_audit
from tesela.base import LANGUAGES, Language, load_zone

pytestmark = pytest.mark.slow

HOSTILE = '<script>alert(1)</script>"&'
FULL = {"ladder", "interaction", "channels", "cohorts", "ages", "growth", "fields", "events"}
DRAWN = {"full": FULL, "little": {"growth", "fields"}, "nothing": set()}


@pytest.fixture(scope="module")
def audits(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Audit]:
    people = draw_people(11, 300)
    people[0].source = HOSTILE
    files = write_files(people)
    folder = tmp_path_factory.mktemp("audits")
    found = {}
    for name, own in (("full", files), ("little", {"contacts": files["contacts"]}), ("nothing", {})):
        with open_shop(folder / name, own, '[audit]\ncost_per_thousand = "0.8"\n') as shop:
            shop.audit.run("2026-10-01")
            found[name] = shop.audit.run()
    return found


def page_of(audit: Audit, language: Language) -> str:
    return render_audit(audit, language, shop=f"Tienda {HOSTILE}", zone=load_zone("UTC"), currency="EUR")


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(DRAWN))
def test_it_is_drawn_and_nothing_leaves(
    browser: Any, audits: dict[str, Audit], tmp_path: Path, kind: str, language: Language, width: int
) -> None:
    file = tmp_path / "audit.html"
    file.write_text(page_of(audits[kind], language), "utf-8")
    page = browser.new_page(viewport={"width": width, "height": 900})
    complaints: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    page.goto(file.as_uri())
    assert complaints == []
    assert asked == [file.as_uri()]
    drawn = page.eval_on_selector_all(
        ".chart", "charts => charts.filter(c => c.querySelectorAll('svg path').length).map(c => c.id.slice(6))"
    )
    assert set(drawn) == DRAWN[kind]
    # nothing sticks out of the page, and no words out of their card
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = page.eval_on_selector_all(
        ".card", "cards => cards.filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent.slice(0, 60))"
    )
    assert wide == []
    assert page.evaluate("document.documentElement.lang") == language
    page.close()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(DRAWN))
def test_axe_finds_no_violation(
    browser: Any, audits: dict[str, Audit], tmp_path: Path, kind: str, language: Language, width: int
) -> None:
    file = tmp_path / "audit.html"
    file.write_text(page_of(audits[kind], language), "utf-8")
    # the page's own policy keeps every other script out, axe included
    page = browser.new_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true; })")
    assert violations(page) == []
    page.close()


def violations(page: Any) -> list[str]:
    """Return the rules of accessibility that a page breaks, with where."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {', '.join(str(node['target']) for node in each['nodes'][:3])}" for each in found]


def test_the_findings_stand_first_and_say_what_was_found(
    browser: Any, audits: dict[str, Audit], tmp_path: Path
) -> None:
    file = tmp_path / "audit.html"
    file.write_text(page_of(audits["full"], "es"), "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    sections = page.eval_on_selector_all("main > section", "all => all.map(s => s.id)")
    assert sections[:2] == ["score", "findings"]
    shown = page.eval_on_selector_all(".finding", "all => all.map(f => f.id.slice(8))")
    grave = [f.check.key for f in audits["full"].findings if f.severity in ("bad", "warn", "notice")]
    assert shown == grave
    assert page.text_content(".points .number") == str(audits["full"].score.points)
    # what is told to nobody else is marked, and can be left out
    assert "datos personales" in page.text_content("main")
    page.close()


def test_it_can_be_used_from_the_keyboard_and_read_aloud(
    browser: Any, audits: dict[str, Audit], tmp_path: Path
) -> None:
    file = tmp_path / "audit.html"
    file.write_text(page_of(audits["full"], "en"), "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    headings = page.eval_on_selector_all("h1, h2, h3", "all => all.map(h => Number(h.tagName[1]))")
    assert headings[0] == 1
    assert headings.count(1) == 1
    assert all(later - before <= 1 for before, later in pairwise(headings))
    ids = page.eval_on_selector_all("[id]", "all => all.map(e => e.id)")
    assert len(ids) == len(set(ids))
    named = page.eval_on_selector_all(".chart, .scroll", "all => all.map(e => e.getAttribute('aria-label'))")
    assert all(named)
    page.close()


def test_it_prints(browser: Any, audits: dict[str, Audit], tmp_path: Path) -> None:
    file = tmp_path / "audit.html"
    file.write_text(page_of(audits["full"], "es"), "utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    written = page.pdf(format="A4", print_background=True)
    assert written.startswith(b"%PDF")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})
    # charts are drawn again a moment after the page has another width
    page.wait_for_timeout(400)
    assert page.evaluate("document.documentElement.scrollWidth") <= 718 + 1
    page.close()
