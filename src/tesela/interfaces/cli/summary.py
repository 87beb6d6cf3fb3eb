"""The outcome of the main job: a table for people, an object for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from decimal import Decimal

    from rich.table import Table

    from tesela.interfaces.cli.terminal import Terminal
    from tesela.measurement import Metric, Report, SegmentKPIs
    from tesela.workspace import RunSummary

BASE = "base"
SHOWN = (
    "size",
    "share_of_base",
    "share_of_revenue",
    "orders_per_profile",
    "average_order_value",
    "repeat_rate",
    "days_since_last_order",
)


def summary_json(summary: RunSummary) -> dict[str, object]:
    """Return the figures for programs: shares from 0 to 1, money in the shop's currency."""
    figures = {scope: _figures(kpis) for scope, kpis in summary.kpis.items()}
    return {
        "as_of": f"{summary.as_of.isoformat()}Z",
        "published": summary.is_published,
        "currency": summary.report.currency,
        "base": figures.pop(BASE),
        "segments": figures,
    }


def summary_table(summary: RunSummary, terminal: Terminal) -> Table:
    """Return the figures for people: the base first, then every segment."""
    from rich.table import Table

    from tesela.measurement import METRICS

    report = summary.report
    shown = [metric for metric in METRICS if metric.key in SHOWN]
    table = Table(title=_title(report, terminal), title_justify="left", box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for metric in shown:
        table.add_column(terminal.text(f"column.{metric.key}"), justify="right")
    titles = {segment.slug: segment.title(terminal.language) for segment in report.segments}
    for scope, kpis in summary.kpis.items():
        name = titles.get(scope) or terminal.text("whole_base")
        cells = [_cell(terminal, metric, getattr(kpis, metric.key), report.currency) for metric in shown]
        table.add_row(name, *cells, style="bold" if scope == BASE else None)
    return table


def _title(report: Report, terminal: Terminal) -> str:
    moment = terminal.moment(report.as_of, report.zone)
    return terminal.text("summary_title", shop=report.shop_name, as_of=moment)


def _figures(kpis: SegmentKPIs) -> dict[str, Any]:
    # floats only here, at the door: 15 digits hold any amount of a shop exactly as it is written
    return {
        key: value if value is None or isinstance(value, int) else float(value) for key, value in kpis.to_dict().items()
    }


def _cell(terminal: Terminal, metric: Metric, value: Decimal | int | None, currency: str) -> str:
    if value is None:
        return "–"
    match metric.unit:
        case "share":
            return f"{terminal.number(100 * value, 1)} %"
        case "money":
            return f"{terminal.number(value, 2)} {currency}"
        case "per_profile":
            return terminal.number(value, 2)
        case _:
            return terminal.number(value)
