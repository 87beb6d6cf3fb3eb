"""The page of the report, read as text: what it says, and what it must not let in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from importlib import resources

import pytest

from rooms.measurement.a_busy_shop import busy_report
from rooms.measurement.a_measured_shop import AMeasuredShop, a_segment
from tesela.base import LANGUAGES, Language
from tesela.measurement import Report, render_html

HOSTILE = '</script><script>alert(1)</script><img src=x onerror="alert(2)">{{ 7 | times: 6 }}'


class Page(HTMLParser):
    """What a page consists of: headings, tables, texts, scripts and whatever it would fetch."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.rows: dict[str, list[list[str]]] = {}
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._table = ""
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        self.attributes += [(tag, name, value) for name, value in told.items()]
        self._open.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if "id" in told:
            self.ids.append(told["id"])
        if tag == "table":
            self._table = told["id"]
            self.rows[self._table] = []
        if tag == "tr":
            self.rows[self._table].append([])
        if tag in ("th", "td"):
            self.rows[self._table][-1].append("")
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if "script" in self._open:
            self.scripts[-1] += data
        elif "style" not in self._open:
            self.text += data
            if self._table and set(self._open) & {"th", "td"} and self.rows[self._table]:
                self.rows[self._table][-1][-1] += data


def a_small_report(shop: AMeasuredShop) -> Report:
    shop.people(1, 2, 3, 4).people(8, 9, known=False).people(5, source="sweepstake")
    shop.order(1, "1000").order(1, "500", days_ago=40).order(2, "20.50", days_ago=400)
    shop.event("order_refunded", 2, amount="0.50").event("email_delivered", 1).event("email_opened", 1)
    shop.consent(1, "email", "yes").members("vip", 1)
    return shop.report(a_segment("vip", es="Muy fieles", en="Very loyal"))


@pytest.mark.parametrize(
    ("language", "findings"),
    [
        (
            "es",
            [
                "De cada 100 contactos, 40 han comprado alguna vez.",
                "El 99 % de los ingresos viene de «Muy fieles», que son el 20 % de la base.",
                "El 50 % de los compradores ha repetido; cada comprador tiene 1,5 pedidos de media.",
                "Un comprador (50 %) lleva un año o más sin comprar. En su día gastó 20,50 €.",
                "El 100 % de quienes reciben tus correos ha abierto alguno en los últimos 90 días.",
            ],
        ),
        (
            "en",
            [
                "Out of every 100 contacts, 40 have bought at least once.",
                "99% of the revenue comes from “Very loyal”, who are 20% of the base.",
                "50% of the buyers have come back for a second order; a buyer has 1.5 orders on average.",
            ],
        ),
    ],
)
def test_findings_are_said_in_plain_words(shop: AMeasuredShop, language: Language, findings: list[str]) -> None:
    page = Page(render_html(a_small_report(shop), language))
    said = page.text.replace("\xa0", " ")
    assert not [finding for finding in findings if finding not in said]


def test_tables_hold_the_figures(shop: AMeasuredShop) -> None:
    rows = Page(render_html(a_small_report(shop), "es")).rows
    spoken = {key: [[cell.replace("\xa0", " ") for cell in row] for row in table] for key, table in rows.items()}
    assert spoken["segments-table"][1:] == [
        ["Toda la base", "5", "100 %", "100 %", "0,60", "506,83 €", "50 %", "1", "100"],
        ["Muy fieles", "1", "20 %", "99 %", "2,00", "750,00 €", "100 %", "1", "493"],
    ]
    assert spoken["figures-origins"][1:] == [
        ["Formulario", "4", "2", "50 %", "1521 €"],
        ["Sorteo", "1", "0", "0 %", "0,00 €"],
    ]
    assert spoken["figures-known"][1:] == [["Contactos", "5", "71 %"], ["Visitantes anónimos", "2", "29 %"]]
    assert spoken["figures-reach"][1:] == [["Correo", "1", "20 %", "1"]]
    assert spoken["figures-ladder"][1] == ["Últimos 7 días", "1", "20 %"]
    assert spoken["figures-value"][1:] == [["Muy fieles", "20 %", "99 %", "493"]]
    assert spoken["figures-revenue"][-1] == ["nov 2026", "1", "1000 €"]
    assert ["0–29 días", "2 pedidos", "1", "1500 €"] in spoken["figures-cells"]


def test_a_month_is_called_unfinished_only_while_it_is(shop: AMeasuredShop) -> None:
    shop.people(1, seen=datetime(2026, 8, 5)).order(1, at=datetime(2026, 10, 5))
    for as_of, said in ((datetime(2026, 10, 31, 23, 0), 0), (datetime(2026, 10, 31, 22, 0), 2)):
        page = Page(render_html(shop.report(as_of=as_of), "es"))
        assert page.text.count("El último mes no ha terminado.") == said
        drawings = {chart["id"]: chart for chart in json.loads(page.scripts[0])["charts"]}
        assert {drawings[f"chart-{key}"]["is_unfinished"] for key in ("growth", "revenue")} == {bool(said)}
        months = {key: [row[0] for row in page.rows[f"figures-{key}"][1:]] for key in ("growth", "revenue")}
        assert months == {"growth": ["ago 2026", "sept 2026", "oct 2026"], "revenue": ["oct 2026"]}


def test_growth_names_the_month_it_is_measured_from(shop: AMeasuredShop) -> None:
    shop.people(1, 2, seen=datetime(2025, 11, 30)).people(3, 4, 5, seen=datetime(2025, 12, 1))
    for language, said in (
        ("es", "La base ha pasado de 2 contactos al acabar noviembre de 2025 a 5."),
        ("en", "The base has gone from 2 contacts at the end of November 2025 to 5."),
    ):
        assert said in Page(render_html(shop.report(), language)).text


def test_bars_end_in_the_figures_of_the_tables(shop: AMeasuredShop) -> None:
    page = Page(render_html(a_small_report(shop), "es"))
    notes = {chart["id"]: chart.get("notes") for chart in json.loads(page.scripts[0])["charts"]}
    for key, places in {"known": (1, 2), "reach": (1, 2), "ladder": (1, 2), "origins": (1, 3)}.items():
        shown = [" · ".join(row[place] for place in places) for row in page.rows[f"figures-{key}"][1:]]
        assert notes[f"chart-{key}"] == shown
    assert notes["chart-segment_revenue"] == [row[1] for row in page.rows["figures-segment_revenue"][1:]]


@pytest.mark.parametrize(
    ("language", "amount", "written"),
    [
        ("es", "9999.49", "9999 €"),
        ("es", "9999.50", "10.000 €"),
        ("es", "999.99", "999,99 €"),
        ("en", "9999.49", "€9,999"),
    ],
)
def test_spanish_groups_thousands_from_five_digits(
    shop: AMeasuredShop, language: Language, amount: str, written: str
) -> None:
    shop.people(1).order(1, amount)
    rows = Page(render_html(shop.report(), language)).rows["figures-revenue"]
    assert rows[-1][-1].replace("\xa0", " ") == written


def test_colours_can_be_told_apart() -> None:
    css = resources.files("tesela.measurement.report").joinpath("report.css").read_text("utf-8")
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", css))
    for ink in ("ink", "muted", "accent"):
        for ground in ("paper", "ground", "accent-pale"):
            assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)
    for bar, ground in (("accent", "paper"), ("accent-soft", "paper"), ("second", "line"), ("accent", "line")):
        assert contrast(colours[bar], colours[ground]) >= 3, (bar, ground)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def test_every_figure_says_as_of_when(shop: AMeasuredShop) -> None:
    html = render_html(a_small_report(shop), "es")
    moment = "Datos hasta el 22 de noviembre de 2026, 13:00 (Europe/Madrid)"
    page = Page(html)
    assert html.count(f"<caption>{moment}</caption>") == len(page.rows) == 10
    assert html.count(f'<p class="as-of small">{moment}</p>') == 11


@pytest.mark.parametrize("language", LANGUAGES)
def test_only_its_own_scripts_may_run(shop: AMeasuredShop, language: Language) -> None:
    page = Page(render_html(a_small_report(shop), language))
    policy = next(
        value for tag, name, value in page.attributes if (tag, name) == ("meta", "content") and "'none'" in value
    )
    allowed = set(re.findall(r"'sha256-([^']+)'", policy))
    drawings, *scripts = page.scripts
    assert {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts} == allowed
    assert policy.startswith("default-src 'none'; ")
    assert "script-src 'sha256-" in policy
    assert json.loads(drawings)["locale"] == {"es": "es-ES", "en": "en-GB"}[language]


def test_nothing_is_fetched(shop: AMeasuredShop) -> None:
    page = Page(render_html(a_small_report(shop), "es"))
    fetching = [told for told in page.attributes if told[1] in ("src", "srcset", "action", "poster", "background")]
    links = {value for _, name, value in page.attributes if name == "href"}
    assert not fetching
    assert links
    assert all(link.startswith("#") and link[1:] in page.ids for link in links), "every link stays on the page"
    assert not any(name.startswith("on") for _, name, _ in page.attributes)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_can_be_read_with_a_screen_reader(shop: AMeasuredShop, language: Language) -> None:
    page = Page(render_html(busy_report(shop, 60), language))
    assert ("html", "lang", language) in page.attributes
    assert page.headings[0] == 1
    assert page.headings.count(1) == 1
    assert all(after <= before + 1 for before, after in zip(page.headings, page.headings[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert ("a", "class", "skip") in page.attributes
    assert "{" not in page.text, "no place of a text is left unfilled"


def test_the_languages_say_the_same_figures(shop: AMeasuredShop) -> None:
    report = busy_report(shop, 60)
    spanish, english = (Page(render_html(report, language)).rows for language in ("es", "en"))
    assert spanish.keys() == english.keys()

    def digits(rows: dict[str, list[list[str]]]) -> dict[str, list[list[str]]]:
        return {
            key: [[re.sub(r"\D", "", cell) for cell in row[1:]] for row in table[1:]] for key, table in rows.items()
        }

    assert digits(spanish) == digits(english)
    titles = {key: table[0] for key, table in spanish.items()}
    assert not [key for key, table in english.items() if table[0] == titles[key]], "every heading is translated"


def test_names_from_outside_stay_text(shop: AMeasuredShop) -> None:
    shop.people(1, source=HOSTILE).order(1).members("bad", 1).consent(1, HOSTILE, "yes")
    html = render_html(shop.report(a_segment("bad", es=HOSTILE), name=HOSTILE), "es")
    page = Page(html)
    assert len(page.scripts) == 3
    assert not [tag for tag, _, _ in page.attributes if tag == "img"]
    assert HOSTILE in page.rows["segments-table"][2][0]
    assert page.text.count(HOSTILE) >= 4
    assert any(HOSTILE in label for chart in json.loads(page.scripts[0])["charts"] for label in chart["labels"])
    assert "times: 6" in html


def test_an_empty_base_says_what_to_import(shop: AMeasuredShop) -> None:
    page = Page(render_html(shop.report(a_segment("vip")), "es"))
    assert "Todavía no hay nadie en la base. Importa tus contactos o tus pedidos para empezar." in page.text
    for command in ("contacts", "orders", "email-events", "consents"):
        assert f"tesela import {command} FICHERO" in page.text
    assert json.loads(page.scripts[0])["charts"] == []
    assert list(page.rows) == ["segments-table"]


def test_contacts_without_orders_say_so(shop: AMeasuredShop) -> None:
    shop.people(1, 2)
    page = Page(render_html(shop.report(), "en"))
    assert "No contact has an order yet." in page.text
    assert [chart["id"] for chart in json.loads(page.scripts[0])["charts"]] == [
        "chart-growth",
        "chart-origins",
        "chart-known",
    ]


@pytest.mark.parametrize(("buyers", "people", "said"), [(1, 300, "Menos de uno de cada 100"), (1, 100, "solo uno ha")])
def test_few_buyers_are_not_rounded_away(shop: AMeasuredShop, buyers: int, people: int, said: str) -> None:
    shop.people(*range(1, people + 1))
    for buyer in range(1, buyers + 1):
        shop.order(buyer)
    assert said in Page(render_html(shop.report(), "es")).text


def test_value_is_told_against_the_base(shop: AMeasuredShop) -> None:
    shop.people(1, 2, 3, 4).order(1, "30").order(2, "10").members("best", 1).members("none", 3).members("gone")
    report = shop.report(a_segment("best"), a_segment("none"), a_segment("gone"))
    rows = {row[0]: row for row in Page(render_html(report, "en")).rows["segments-table"]}
    assert [rows[name][-1] for name in ("best", "none", "gone")] == ["300", "0", "–"]
    assert report.kpis["best"].share_of_revenue == Decimal("0.75")


def test_the_chart_library_is_the_one_that_was_vendored() -> None:
    vendor = resources.files("tesela.measurement.report").joinpath("vendor")
    names = re.findall(r"\| `([\w.]+)` \| .* \| `([0-9a-f]{64})` \|", vendor.joinpath("README.md").read_text("utf-8"))
    assert names
    for name, told in names:
        assert hashlib.sha256(vendor.joinpath(name).read_bytes()).hexdigest() == told
    assert "Apache License" in vendor.joinpath("LICENSE").read_text("utf-8")
    assert vendor.joinpath("NOTICE").is_file()
