"""The charts of the report: for each a title, what it says, the same figures as a table, and what to draw.

What to draw is told in a few plain words (a kind, labels, numbers); `report.js` turns it into pictures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from itertools import dropwhile
from typing import TYPE_CHECKING, Any

from tesela.base import from_e4
from tesela.measurement.report.figures import FREQUENCY_ORDERS, RECENCY_DAYS, RUNGS, Bucket, Origin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.measurement.kpis import SegmentKPIs
    from tesela.measurement.report.build import Report
    from tesela.measurement.report.figures import Month
    from tesela.measurement.report.wording import Wording

_MOST_ORIGINS = 8
_AVERAGE_INDEX = 100


@dataclass(frozen=True, slots=True)
class Grid:
    """A table for people: the first cell of each row names it.

    Attributes:
        headers: Column names.
        rows: Formatted cells.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture with its words and its figures.

    Attributes:
        key: Its name, and the id of its place on the page.
        title: What it shows.
        lead: How to read it; instead, when there is nothing to show, what to import.
        grid: The same figures as a table.
        drawing: What `report.js` draws; empty when there is nothing to show.
    """

    key: str
    title: str
    lead: str
    grid: Grid
    drawing: dict[str, Any] = field(default_factory=dict)


def draw_growth(report: Report, words: Wording) -> Chart:
    """Draw the size of the base and its new contacts, by month."""
    months = [words.month(month.first_day) for month in report.months]
    grid = Grid(
        (words.say("word.month"), words.say("word.arrived"), words.say("word.base")),
        tuple(
            (label, words.number(month.arrived), words.number(month.base))
            for label, month in zip(months, report.months, strict=True)
        ),
    )
    drawing = {
        "kind": "growth",
        "labels": months,
        "series": [
            {"name": words.say("word.base"), "values": [month.base for month in report.months]},
            {"name": words.say("word.arrived"), "values": [month.arrived for month in report.months]},
        ],
        "is_unfinished": _is_unfinished(report.months),
    }
    more = _last_month(report.months, words)
    return _chart("growth", words, grid, drawing, is_empty=not report.base.size, more=more)


def draw_origins(report: Report, words: Wording) -> Chart:
    """Draw where contacts came from, and how many of them buy."""
    origins = [(_origin_name(origin, words), origin) for origin in _largest(report.origins, words)]
    grid = Grid(
        tuple(words.say(f"word.{word}") for word in ("origin", "contacts", "buyers", "buying_share", "revenue")),
        tuple(
            (
                name,
                words.number(each.size),
                words.number(each.buyers),
                words.percent(Decimal(each.buyers) / each.size),
                words.money_e4(each.revenue_e4),
            )
            for name, each in origins
        ),
    )
    drawing = {
        "kind": "bars",
        "is_stacked": True,
        "labels": [name for name, _ in origins],
        "series": [
            {"name": words.say("word.bought"), "values": [each.buyers for _, each in origins]},
            {"name": words.say("word.not_bought"), "values": [each.size - each.buyers for _, each in origins]},
        ],
        "notes": [_with_share(each.size, _share(each.buyers, each.size), words) for _, each in origins],
    }
    return _chart("origins", words, grid, drawing, is_empty=not origins)


def draw_ladder(report: Report, words: Wording) -> Chart:
    """Draw when contacts last opened an e-mail."""
    names = [words.say(f"rung.{rung}") for rung in RUNGS]
    sizes = [report.ladder[rung] for rung in RUNGS]
    grid = Grid(
        (words.say("word.last_open"), words.say("word.contacts"), words.say("word.share_of_base")),
        tuple(
            (name, words.number(size), words.percent(_share(size, report.base.size)))
            for name, size in zip(names, sizes, strict=True)
        ),
    )
    drawing = {
        "kind": "bars",
        "colours": "ladder",
        "labels": names,
        "series": [{"name": words.say("word.contacts"), "values": sizes}],
        "notes": [_with_share(size, _share(size, report.base.size), words) for size in sizes],
    }
    is_empty = report.base.size == report.ladder["never_mailed"]
    return _chart("ladder", words, grid, drawing, is_empty=is_empty)


def draw_revenue(report: Report, words: Wording) -> Chart:
    """Draw what the base bought, from the first month with an order on."""
    sold = tuple(dropwhile(lambda month: not month.orders, report.months))
    months = [words.month(month.first_day) for month in sold]
    grid = Grid(
        (words.say("word.month"), words.say("word.orders"), words.say("word.revenue")),
        tuple(
            (label, words.number(month.orders), words.money_e4(month.revenue_e4))
            for label, month in zip(months, sold, strict=True)
        ),
    )
    drawing = {
        "kind": "columns",
        "unit": "money",
        "labels": months,
        "series": [{"name": words.say("word.revenue"), "values": [_drawn(month.revenue_e4) for month in sold]}],
        "is_unfinished": _is_unfinished(sold),
    }
    return _chart("revenue", words, grid, drawing, is_empty=not sold, more=_last_month(sold, words))


def draw_cells(report: Report, words: Wording) -> Chart:
    """Draw buyers by recency and frequency."""
    grid = Grid(
        tuple(words.say(f"word.{word}") for word in ("recency", "frequency", "buyers", "revenue")),
        tuple(
            (
                words.days(cell.recency),
                words.orders(cell.frequency),
                words.number(cell.buyers),
                words.money_e4(cell.revenue_e4),
            )
            for cell in report.cells
        ),
    )
    drawing = {
        "kind": "heat",
        "labels": [_short(bucket) for bucket in RECENCY_DAYS],
        "others": [_short(bucket) for bucket in FREQUENCY_ORDERS],
        "names": [words.say(f"word.{word}") for word in ("recency", "frequency", "buyers", "revenue")],
        "cells": [
            [
                RECENCY_DAYS.index(cell.recency),
                FREQUENCY_ORDERS.index(cell.frequency),
                cell.buyers,
                _drawn(cell.revenue_e4),
            ]
            for cell in report.cells
        ],
    }
    return _chart("cells", words, grid, drawing, is_empty=not report.base.orders)


def draw_segment_revenue(report: Report, words: Wording) -> Chart:
    """Draw what the members of each segment have bought, the most first."""
    earning = sorted(
        ((kpis, name) for kpis, name in named_segments(report, words) if kpis.revenue),
        key=lambda each: each[0].revenue,
        reverse=True,
    )
    grid = Grid(
        (words.say("word.segment"), words.say("word.revenue"), words.say("word.share_of_revenue")),
        tuple((name, words.money(kpis.revenue), words.percent(kpis.share_of_revenue)) for kpis, name in earning),
    )
    drawing = {
        "kind": "bars",
        "unit": "money",
        "labels": [name for _, name in earning],
        "series": [{"name": words.say("word.revenue"), "values": [float(kpis.revenue) for kpis, _ in earning]}],
        "notes": [words.money(kpis.revenue) for kpis, _ in earning],
    }
    return _chart("segment_revenue", words, grid, drawing, is_empty=not earning)


def draw_value(report: Report, words: Wording) -> Chart:
    """Draw each segment's share of the base beside its share of revenue, the most valuable contacts first."""
    valued = sorted(
        (
            (value_index(kpis, report.base) or 0, kpis, name)
            for kpis, name in named_segments(report, words)
            if kpis.size
        ),
        key=lambda each: each[0],
        reverse=True,
    )
    grid = Grid(
        tuple(words.say(f"word.{word}") for word in ("segment", "share_of_base", "share_of_revenue", "index")),
        tuple(
            (name, words.percent(kpis.share_of_base), words.percent(kpis.share_of_revenue), words.number(index))
            for index, kpis, name in valued
        ),
    )
    drawing = {
        "kind": "bars",
        "unit": "share",
        "labels": [name for _, _, name in valued],
        "beside": {"name": words.say("word.short_index"), "labels": [words.number(index) for index, _, _ in valued]},
        "series": [
            {"name": words.say("word.share_of_base"), "values": [float(k.share_of_base or 0) for _, k, _ in valued]},
            {
                "name": words.say("word.share_of_revenue"),
                "values": [float(k.share_of_revenue or 0) for _, k, _ in valued],
            },
        ],
    }
    return _chart("value", words, grid, drawing, is_empty=not report.base.revenue or not valued)


def draw_reach(report: Report, words: Wording) -> Chart:
    """Draw who said yes, by channel."""
    names = [_capital(words.known_word("channel", each.channel)) for each in report.reach]
    grid = Grid(
        tuple(words.say(f"word.{word}") for word in ("channel", "said_yes", "share_of_base", "asked")),
        tuple(
            (name, words.number(each.yes), words.percent(_share(each.yes, report.base.size)), words.number(each.asked))
            for name, each in zip(names, report.reach, strict=True)
        ),
    )
    drawing = {
        "kind": "bars",
        "labels": names,
        "series": [{"name": words.say("word.said_yes"), "values": [each.yes for each in report.reach]}],
        "notes": [_with_share(each.yes, _share(each.yes, report.base.size), words) for each in report.reach],
    }
    return _chart("reach", words, grid, drawing, is_empty=not report.reach)


def draw_known(report: Report, words: Wording) -> Chart:
    """Draw how many are known and how many are not."""
    counted = (("known", report.base.size), ("anonymous", report.anonymous))
    everyone = report.base.size + report.anonymous
    grid = Grid(
        (words.say("word.who"), words.say("word.contacts"), words.say("word.share")),
        tuple(
            (words.say(f"word.{who}"), words.number(size), words.percent(_share(size, everyone)))
            for who, size in counted
        ),
    )
    drawing = {
        "kind": "bars",
        "labels": [words.say(f"word.{who}") for who, _ in counted],
        "series": [{"name": words.say("word.contacts"), "values": [size for _, size in counted]}],
        "notes": [_with_share(size, _share(size, everyone), words) for _, size in counted],
    }
    return _chart("known", words, grid, drawing, is_empty=not everyone)


def named_segments(report: Report, words: Wording) -> list[tuple[SegmentKPIs, str]]:
    """Return every segment's KPIs with its name."""
    return [(report.kpis[segment.slug], segment.title(words.language)) for segment in report.segments]


def value_index(kpis: SegmentKPIs, base: SegmentKPIs) -> Decimal | None:
    """Return what a contact of a segment is worth, 100 being the base's average; None when that is undefined."""
    if not kpis.size or not base.size or not base.revenue:
        return None
    index = kpis.revenue * base.size * _AVERAGE_INDEX / (base.revenue * kpis.size)
    return index.quantize(Decimal(1))


def _chart(key: str, words: Wording, grid: Grid, drawing: dict[str, Any], *, is_empty: bool, more: str = "") -> Chart:
    title = words.say(f"chart.{key}.title")
    if is_empty:
        return Chart(key, title, words.say(f"chart.{key}.empty"), Grid(grid.headers, ()))
    lead = f"{words.say(f'chart.{key}.lead')} {more}".rstrip()
    return Chart(key, title, lead, grid, {"id": f"chart-{key}", "description": f"{title}. {lead}", **drawing})


def _is_unfinished(months: Sequence[Month]) -> bool:
    return bool(months) and not months[-1].is_over


def _last_month(months: Sequence[Month], words: Wording) -> str:
    return words.say("unfinished") if _is_unfinished(months) else ""


def _with_share(size: int, share: Decimal | None, words: Wording) -> str:
    return f"{words.number(size)} · {words.percent(share)}"


def _largest(origins: Sequence[Origin], words: Wording) -> list[Origin]:
    """Return the largest origins, the small ones together as the last."""
    if len(origins) <= _MOST_ORIGINS + 1:
        return list(origins)
    rest = origins[_MOST_ORIGINS:]
    sums = (sum(each.size for each in rest), sum(each.buyers for each in rest), sum(each.revenue_e4 for each in rest))
    return [*origins[:_MOST_ORIGINS], Origin(words.say("word.others"), *sums)]


def _origin_name(origin: Origin, words: Wording) -> str:
    return words.say("word.unknown") if origin.name is None else words.known_word("origin", origin.name)


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def _drawn(amount_e4: int) -> float:
    """Return money as the number that a picture is drawn from; what people read is formatted from the exact one."""
    return float(from_e4(amount_e4))


def _short(bucket: Bucket) -> str:
    if bucket.last is None:
        return f"≥ {bucket.first}"
    return str(bucket.first) if bucket.first == bucket.last else f"{bucket.first}–{bucket.last}"


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
