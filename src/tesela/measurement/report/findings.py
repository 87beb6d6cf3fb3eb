"""What the figures say, in plain words: the first thing the report tells."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.measurement.report.build import Report
    from tesela.measurement.report.figures import Rung
    from tesela.measurement.report.wording import Wording

_SILENT_FROM_DAYS = 365
_NEARLY_ALL = Decimal("0.995")
_MOST_OF_THE_BASE = Decimal("0.5")
_RECENT_RUNGS: tuple[Rung, ...] = ("d7", "d30", "d60", "d90")


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence, with the figure that stands out beside it; some have none.

    Attributes:
        figure: The number of the sentence, formatted; empty when it has none.
        sentence: What it says, whole without the figure.
    """

    figure: str
    sentence: str


def find_findings(report: Report, words: Wording) -> list[Finding]:
    """Return what the figures say, the most telling first; what is missing to say more stands there too."""
    if not report.base.size:
        return [Finding("", words.say("finding.nobody"))]
    return [
        *_buying(report, words),
        *_carrier(report, words),
        *_repeating(report, words),
        *_recency(report, words),
        *_growth(report, words),
        *_opening(report, words),
        *_reach(report, words),
    ]


def _buying(report: Report, words: Wording) -> Iterator[Finding]:
    base = report.base
    if not base.buyers:
        yield Finding("", words.say("finding.no_orders"))
        return
    share = Decimal(base.buyers) / base.size
    of_hundred = int((100 * share).to_integral_value())
    if 100 * base.buyers < base.size:
        counted = {"buyers": words.number(base.buyers), "size": words.number(base.size)}
        yield Finding(words.percent(share), words.say("finding.few_buyers", **counted))
    elif of_hundred == 1:
        yield Finding(words.percent(share), words.say("finding.one_buyer"))
    else:
        yield Finding(words.percent(share), words.say("finding.buyers", n=of_hundred))


def _carrier(report: Report, words: Wording) -> Iterator[Finding]:
    """Name the smaller half of the base that brings the most revenue for its size."""
    candidates = [
        (report.kpis[segment.slug], segment)
        for segment in report.segments
        if report.kpis[segment.slug].size
        and (report.kpis[segment.slug].share_of_base or 1) <= _MOST_OF_THE_BASE
        and 0 < (report.kpis[segment.slug].share_of_revenue or 0) < _NEARLY_ALL
    ]
    if not candidates:
        return
    kpis, segment = max(candidates, key=lambda each: (each[0].share_of_revenue or 0) - (each[0].share_of_base or 0))
    if kpis.share_of_revenue is None or kpis.share_of_base is None or kpis.share_of_revenue <= kpis.share_of_base:
        return
    share = words.percent(kpis.share_of_revenue)
    told = {"segment": segment.title(words.language), "size": words.percent(kpis.share_of_base)}
    yield Finding(share, words.say("finding.carrier", share=share, **told))


def _repeating(report: Report, words: Wording) -> Iterator[Finding]:
    base = report.base
    if not base.buyers:
        return
    if not base.repeat_rate:
        yield Finding(words.percent(Decimal(0)), words.say("finding.no_repeat"))
        return
    share, orders = words.percent(base.repeat_rate), words.number(Decimal(base.orders) / base.buyers, 1)
    yield Finding(share, words.say("finding.repeat", share=share, orders=orders))


def _recency(report: Report, words: Wording) -> Iterator[Finding]:
    base = report.base
    if base.days_since_last_order is None:
        return
    silent = [cell for cell in report.cells if cell.recency.first >= _SILENT_FROM_DAYS]
    buyers = sum(cell.buyers for cell in silent)
    if buyers:
        share = words.percent(Decimal(buyers) / base.buyers)
        spent = words.money_e4(sum(cell.revenue_e4 for cell in silent))
        told = {"buyers": words.number(buyers), "revenue": spent}
        yield Finding(share, words.say("finding.one_silent" if buyers == 1 else "finding.silent", share=share, **told))
    elif base.days_since_last_order <= 1:
        yield Finding("", words.say("finding.last_day"))
    else:
        days = words.number(base.days_since_last_order)
        yield Finding(days, words.say("finding.last_order", days=days))


def _growth(report: Report, words: Wording) -> Iterator[Finding]:
    if len(report.months) <= 12:
        return
    a_year_ago, before, now = report.months[-13], report.months[-13].base, report.months[-1].base
    if 0 < before < now:
        grown = "+" + words.percent(Decimal(now - before) / before)
        told = {"before": words.number(before), "now": words.number(now)}
        yield Finding(grown, words.say("finding.growth", month=words.long_month(a_year_ago.first_day), **told))


def _opening(report: Report, words: Wording) -> Iterator[Finding]:
    written_to = report.base.size - report.ladder["never_mailed"]
    if written_to:
        share = words.percent(Decimal(sum(report.ladder[rung] for rung in _RECENT_RUNGS)) / written_to)
        yield Finding(share, words.say("finding.openers", share=share))


def _reach(report: Report, words: Wording) -> Iterator[Finding]:
    widest = next(iter(report.reach), None)
    if widest and widest.yes > 1:
        told = {"yes": words.number(widest.yes), "channel": words.known_word("channel", widest.channel)}
        yield Finding(words.percent(Decimal(widest.yes) / report.base.size), words.say("finding.reach", **told))
