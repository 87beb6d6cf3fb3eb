"""Draw the report as one self-contained HTML page.

The page carries its styles, its figures and the chart library inside itself; a content security policy with
the hashes of its two scripts keeps everything else out.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.measurement.metrics import METRICS
from tesela.measurement.report import charts
from tesela.measurement.report.findings import find_findings
from tesela.measurement.report.frame import draw_page, read_asset
from tesela.measurement.report.wording import Wording

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.base import Language
    from tesela.measurement.kpis import SegmentKPIs
    from tesela.measurement.report.build import Report
    from tesela.measurement.report.charts import Chart

_SECTIONS = (
    ("growth", (charts.draw_growth, charts.draw_origins, charts.draw_known)),
    ("revenue", (charts.draw_revenue, charts.draw_cells)),
    ("reactivity", (charts.draw_ladder, charts.draw_reach)),
)


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its charts."""

    key: str
    title: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """One number that sums the base up."""

    name: str
    value: str
    note: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One cell of the segments' table.

    Attributes:
        value: The number, formatted.
        bar: How long its bar is, per cent of the cell; empty for no bar.
        mark: Where the base stands on the same scale, per cent of the cell; empty for none.
    """

    value: str
    bar: str = ""
    mark: str = ""


def render_html(report: Report, language: Language) -> str:
    """Return the report as one HTML page that needs no network.

    Args:
        report: What to show.
        language: `es` or `en`.
    """
    words = Wording(language, report.currency)
    sections = [
        Section(key, words.say(f"section.{key}"), tuple(draw(report, words) for draw in drawn))
        for key, drawn in _SECTIONS
    ]
    segments = (charts.draw_value(report, words), charts.draw_segment_revenue(report, words))
    drawings = [chart.drawing for chart in (*segments, *(c for s in sections for c in s.charts)) if chart.drawing]
    return draw_page(
        read_asset("report.liquid"),
        drawings,
        words,
        title=words.say("title", shop=report.shop_name),
        shop=report.shop_name,
        words=_Words(words),
        as_of=words.say("as_of", moment=words.moment(report.as_of, report.zone), zone=report.zone.key),
        findings=[asdict(each) for each in find_findings(report, words)],
        cards=[asdict(each) for each in _cards(report, words)],
        segment_charts=[asdict(each) for each in segments],
        segment_headers=_segment_headers(words),
        segment_rows=_segment_rows(report, words),
        sections=[asdict(each) for each in sections],
        metrics=_metric_rows(words),
        notes=words.say("method.notes", moment=words.moment(report.as_of, report.zone), zone=report.zone.key),
    )


class _Words(dict[str, str]):
    """Texts of the page, looked up where the template names them."""

    def __init__(self, words: Wording) -> None:
        keys = ("kicker", "skip", "contents", "see_figures", "made_by", "scroll", "bars")
        sections = ("findings", "cards", "segments", "method")
        super().__init__({key: words.say(key) for key in keys} | {key: words.say(f"section.{key}") for key in sections})


def _cards(report: Report, words: Wording) -> list[Card]:
    base = report.base
    names = {metric.key: metric.name(words.language) for metric in METRICS}
    gross = words.say("card.gross")
    net = words.say("card.net", amount=words.money(base.net_revenue)) if base.net_revenue != base.revenue else gross
    anonymous = words.say("card.anonymous", n=words.number(report.anonymous)) if report.anonymous else ""
    buying = words.percent(Decimal(base.buyers) / base.size) if base.size else ""
    shown = (
        ("size", words.number(base.size), anonymous),
        ("buyers", words.number(base.buyers), words.say("card.of_base", share=buying) if buying else ""),
        ("revenue", words.money(base.revenue), net),
        ("orders", words.number(base.orders), words.say("card.each", n=words.number(base.orders_per_profile, 2))),
        ("average_order_value", words.money(base.average_order_value), gross),
        ("revenue_per_profile", words.money(base.revenue_per_profile), gross),
        ("repeat_rate", words.percent(base.repeat_rate), words.say("card.two_or_more")),
        ("days_since_last_order", words.number(base.days_since_last_order), words.say("card.median")),
    )
    return [
        Card(names[key], value, note if base.orders or key in ("size", "buyers") else "") for key, value, note in shown
    ]


_SHOWN = (
    "size",
    "share_of_base",
    "share_of_revenue",
    "orders_per_profile",
    "average_order_value",
    "repeat_rate",
    "days_since_last_order",
)


def _segment_headers(words: Wording) -> list[str]:
    names = {metric.key: metric.name(words.language) for metric in METRICS}
    return [words.say("word.segment"), *(names[key] for key in _SHOWN), words.say("word.index")]


def _segment_rows(report: Report, words: Wording) -> list[dict[str, Any]]:
    """Return the base's row and one a segment; bars of one column share one scale."""
    named = [(report.base, words.say("word.whole_base")), *charts.named_segments(report, words)]
    longest = {
        key: max((value for kpis, _ in named if (value := getattr(kpis, key)) is not None), default=0)
        for key in ("average_order_value", "orders_per_profile", "days_since_last_order")
    }
    scales = {"share_of_base": 1, "share_of_revenue": 1, "repeat_rate": 1, **longest}
    return [
        {
            "name": name,
            "is_base": kpis is report.base,
            "cells": [
                *(asdict(_figure(kpis, key, report.base, scales.get(key), words)) for key in _SHOWN),
                asdict(Figure(words.number(charts.value_index(kpis, report.base)))),
            ],
        }
        for kpis, name in named
    ]


def _figure(kpis: SegmentKPIs, key: str, base: SegmentKPIs, scale: Decimal | int | None, words: Wording) -> Figure:
    value, average = getattr(kpis, key), getattr(base, key)
    shown = {
        "size": lambda: words.number(value),
        "orders_per_profile": lambda: words.number(value, 2),
        "average_order_value": lambda: words.money(value),
        "days_since_last_order": lambda: words.number(value),
    }.get(key, lambda: words.percent(value))()
    if not scale or value is None:
        return Figure(shown)
    mark = "" if average is None or key in ("share_of_base", "share_of_revenue") else _per_cent(average, scale)
    return Figure(shown, _per_cent(value, scale), mark)


def _per_cent(part: Decimal | int, whole: Decimal | int) -> str:
    return f"{min(100 * part / Decimal(whole), Decimal(100)):.1f}"


def _metric_rows(words: Wording) -> Sequence[tuple[str, str, str]]:
    told = [(m.name(words.language), m.formula(words.language), m.explanation(words.language)) for m in METRICS]
    return [*told, (words.say("word.index"), words.say("method.index"), words.say("method.index_meaning"))]
