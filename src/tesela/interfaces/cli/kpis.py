"""What segments are worth: KPIs with intervals, the catalogue of metrics, targets, cohorts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tesela.interfaces.cli.desk import plain
from tesela.interfaces.cli.options import AsOf, Folder, Json, Slugs, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from decimal import Decimal
    from zoneinfo import ZoneInfo

    from rich.table import Table

    from tesela.base import Language
    from tesela.measurement import Cohort, Measurement, Metric, Scorecard

Window = Annotated[str, typer.Option("--window", metavar="period")]
Months = Annotated[int, typer.Option("--months", metavar="number")]
WINDOW = "90 days"

_BASE = "base"
_SIDE_BY_SIDE = 3
_SHOWN = (
    *("size", "growth", "reachable_email", "open_rate", "click_rate", "conversion"),
    *("average_order_value", "revenue_per_profile", "repeat_rate"),
)
_MARKS = {None: "", "few": "*", "too_few": "**"}
_MISSING = "–"
_SMALL = 0.01


def kpis(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    window: Window = WINDOW,
    as_of: AsOf = None,
    against: Annotated[Literal["base", "previous"] | None, typer.Option(metavar="against")] = None,
    metric: Annotated[list[str] | None, typer.Option("--metric", metavar="metric")] = None,
    months: Annotated[int | None, typer.Option("--months", metavar="number")] = None,
    json: Json = False,
) -> None:
    """Show what segments were worth in a window."""
    terminal = Terminal.of(ctx)
    asked = list(slugs or ())
    with open_workspace(workspace) as ws:
        zone, currency = ws.settings.zone, ws.settings.currency
        titles = {segment.slug: segment.title(terminal.language) for segment in ws.segments.list()}
        if months is not None:
            cards = ws.measurement.by_month(asked, metrics=metric or (), months=months, as_of=as_of)
        else:
            is_whole = bool(metric) or json or 0 < len(asked) <= _SIDE_BY_SIDE
            chosen = metric or (() if is_whole else _SHOWN)
            card = ws.measurement.kpis(asked, window=window, as_of=as_of, against=against, metrics=chosen)
            cards = [card]
    if json:
        told = [_told(card, currency) for card in cards]
        terminal.write_json({"months": told} if months is not None else told[0])
        return
    if months is not None:
        _draw_months(terminal, cards, zone, currency, titles)
        return
    _draw(terminal, cards[0], zone, currency, titles)


def list_metrics(ctx: typer.Context, json: Json = False) -> None:
    """List the metrics."""
    from rich.table import Table

    from tesela.measurement import CATALOGUE

    terminal = Terminal.of(ctx)
    if json:
        terminal.write_json([_described(metric, terminal.language) for metric in CATALOGUE])
        return
    table = Table(box=None, pad_edge=False)
    for name in ("metric", "name", "formula"):
        table.add_column(terminal.text(f"column.{name}"), overflow="fold")
    for metric in CATALOGUE:
        table.add_row(metric.key, metric.name(terminal.language), metric.formula(terminal.language))
    terminal.draw(table)


def show_metric(
    ctx: typer.Context, metric: Annotated[str, typer.Argument(metavar="metric")], json: Json = False
) -> None:
    """Say what a metric is."""
    from tesela.measurement import find_metric

    terminal = Terminal.of(ctx)
    told = _described(find_metric(metric), terminal.language)
    if json:
        terminal.write_json(told)
        return
    terminal.say_line(f"{told['metric']} · {told['name']}")
    terminal.say_line(told["explanation"])
    for key in ("formula", "unit", "grain", "source", "wrong_use"):
        value = ", ".join(told[key]) if key == "source" else told[key]
        terminal.say_line(f"  {terminal.text(f'metric_line.{key}')} {value}")


def targets(
    ctx: typer.Context, workspace: Folder = None, window: Window = WINDOW, as_of: AsOf = None, json: Json = False
) -> None:
    """Say which targets are met."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        checked, currency = ws.measurement.check_targets(window=window, as_of=as_of), ws.settings.currency
    if json:
        told = [
            {"segment": target.segment, "metric": target.metric.key, target.direction: float(target.value)}
            | {"status": status}
            | {name: _plain(getattr(measured, name)) for name in ("value", "low", "high", "n")}
            for target, measured, status in checked
        ]
        terminal.write_json(told)  # type: ignore[arg-type]  # a list of mappings
        return
    if not checked:
        terminal.tell("no_targets")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("segment", "metric"):
        table.add_column(terminal.text(f"column.{name}"))
    for name in ("target", "value", "interval"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    table.add_column(terminal.text("column.status"))
    for target, measured, status in checked:
        metric = target.metric
        wanted = terminal.text(f"target_{target.direction}", value=write(terminal, metric, target.value, currency))
        value = write(terminal, metric, measured.value, currency)
        shown = terminal.text(f"target_is_{status}")
        table.add_row(
            target.segment,
            metric.name(terminal.language),
            wanted,
            value,
            _interval(terminal, measured, currency),
            shown,
        )
    terminal.draw(table)


def retention(
    ctx: typer.Context,
    segment: Annotated[str | None, typer.Argument(metavar="segment")] = None,
    workspace: Folder = None,
    months: Months = 12,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show how many of those who first bought in a month bought again later."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        moment, cohorts = ws.measurement.retention(segment, as_of=as_of, months=months)
        zone = ws.settings.zone
    if json:
        terminal.write_json({"as_of": plain(moment), "cohorts": [_told_cohort(cohort) for cohort in cohorts]})
        return
    if not cohorts:
        terminal.tell("no_cohorts")
        return
    terminal.say("retention_title", as_of=terminal.moment(moment, zone))
    terminal.draw(_cohort_table(terminal, cohorts))
    terminal.say("retention_note")


# --- scorecards -------------------------------------------------------------------------------------------------


def _draw(terminal: Terminal, card: Scorecard, zone: ZoneInfo, currency: str, titles: dict[str, str]) -> None:
    from rich.table import Table

    names = {_BASE: terminal.text("whole_base"), **titles}
    told = [metric for metric in card.metrics if _is_told(card, metric)]
    terminal.say_line(_title(terminal, card, zone))
    if not card.base:
        terminal.tell("nobody_yet")
        return
    table = Table(box=None, pad_edge=False)
    if len(card.scopes) <= _SIDE_BY_SIDE + 1:
        table.add_column(terminal.text("column.metric"))
        for scope in card.scopes:
            table.add_column(names.get(scope, scope), justify="right")
        for metric in told:
            cells = [cell(terminal, card.of(scope, metric.key), currency) for scope in card.scopes]
            table.add_row(metric.name(terminal.language), *cells)
    else:
        table.add_column(terminal.text("column.segment"))
        for metric in told:
            table.add_column(metric.name(terminal.language), justify="right", overflow="fold")
        for scope in card.scopes:
            cells = [cell(terminal, card.of(scope, metric.key), currency, is_short=True) for metric in told]
            table.add_row(names.get(scope, scope), *cells, style="bold" if scope == _BASE else None)
    terminal.draw(table)
    say_notes(terminal, card, (card.of(scope, metric.key) for scope in card.scopes for metric in told))
    silent = [metric.name(terminal.language) for metric in card.metrics if metric not in told]
    if silent:
        terminal.say("kpis_silent", metrics=", ".join(silent))


def _is_told(card: Scorecard, metric: Metric) -> bool:
    """Whether there is anything to show of a metric: a value, and of a channel somebody who agreed to it."""
    values = [card.of(scope, metric.key).value for scope in card.scopes]
    return any(values) if metric.channel else any(value is not None for value in values)


def _draw_months(
    terminal: Terminal, cards: Sequence[Scorecard], zone: ZoneInfo, currency: str, titles: dict[str, str]
) -> None:
    from rich.table import Table

    names = {_BASE: terminal.text("whole_base"), **titles}
    for metric in cards[-1].metrics:
        terminal.say_line(metric.name(terminal.language))
        table = Table(box=None, pad_edge=False)
        table.add_column(terminal.text("column.month"))
        for scope in cards[-1].scopes:
            table.add_column(names.get(scope, scope), justify="right")
        for card in cards:
            assert card.since is not None  # noqa: S101 a month has a beginning
            cells = [cell(terminal, card.of(scope, metric.key), currency) for scope in card.scopes]
            table.add_row(f"{terminal.clock(card.since, zone):.7}", *cells)
        terminal.draw(table)


def _title(terminal: Terminal, card: Scorecard, zone: ZoneInfo) -> str:
    as_of = terminal.moment(card.as_of, zone)
    if card.since is None:
        return terminal.text("kpis_of_all_time", as_of=as_of)
    return terminal.text("kpis_title", since=terminal.clock(card.since, zone), as_of=as_of)


def cell(terminal: Terminal, measured: Measurement, currency: str, *, is_short: bool = False) -> str:
    """Return a measurement as people read it: value, interval, how it compares."""
    metric = measured.metric
    told = write(terminal, metric, measured.value, currency) + _MARKS[measured.caution]
    if not is_short and measured.low is not None:
        told += f" ({_interval(terminal, measured, currency)})"
    against = measured.against
    if against is None or against.other is None or measured.value is None:
        return told
    if not is_short and against.change is not None:
        percent = round(100 * against.change)
        told += f"  {'+' if percent > 0 else ''}{terminal.number(percent)} %"
    if against.is_sure and measured.value != against.other:
        told += " ▲" if measured.value > against.other else " ▼"
    return told


def say_notes(terminal: Terminal, card: Scorecard, shown: Iterable[Measurement]) -> None:
    """Say what the marks mean that stand in a table."""
    cautions = {measured.caution for measured in shown if measured.value is not None}
    for caution in ("few", "too_few"):
        if caution in cautions:
            terminal.say(f"caution_{caution}")
    if card.against is not None:
        terminal.say(f"against_{card.against}")


def write(terminal: Terminal, metric: Metric, value: Decimal | None, currency: str, *, is_bare: bool = False) -> str:
    """Return a value in its unit, as the language writes it."""
    if value is None:
        return _MISSING
    match metric.unit:
        case "share":
            decimals = 2 if 0 < abs(value) < _SMALL else 1
            return terminal.number(100 * value, decimals) + ("" if is_bare else " %")
        case "money":
            return terminal.number(value, 2) + ("" if is_bare else f" {currency}")
        case "per_profile" | "pieces":
            return terminal.number(value, 2)
        case "days":
            return terminal.number(value, 0 if metric.kind == "median" else 1)
        case _:
            return terminal.number(value)


def _interval(terminal: Terminal, measured: Measurement, currency: str) -> str:
    if measured.low is None or measured.high is None:
        return ""
    low, high = (write(terminal, measured.metric, end, currency, is_bare=True) for end in (measured.low, measured.high))
    return f"{low} – {high}"


# --- as plain values --------------------------------------------------------------------------------------------


def _told(card: Scorecard, currency: str) -> dict[str, object]:
    return {
        "since": None if card.since is None else plain(card.since),
        "as_of": plain(card.as_of),
        "against": card.against,
        "currency": currency,
        "scopes": {
            scope: {metric.key: floats(card.of(scope, metric.key).to_dict()) for metric in card.metrics}
            for scope in card.scopes
        },
    }


def floats(told: Any) -> Any:
    """Return measurements as JSON has them."""
    if isinstance(told, dict):
        return {name: floats(value) for name, value in told.items()}
    return _plain(told)


def _plain(value: Any) -> Any:
    # floats only here, at the door: 15 digits hold any amount of a shop exactly as it is written
    return value if value is None or isinstance(value, bool | int | str) else float(value)


def _described(metric: Metric, language: Language) -> dict[str, Any]:
    from tesela.base import text

    return {
        "metric": metric.key,
        "name": metric.name(language),
        "explanation": metric.explanation(language),
        "formula": metric.formula(language),
        "unit": text(f"measurement.unit.{metric.unit}", language),
        "grain": text(f"measurement.grain.{metric.grain}", language),
        "source": list(metric.source),
        "wrong_use": metric.wrong_use(language),
    }


def _told_cohort(cohort: Cohort) -> dict[str, object]:
    return {
        "month": f"{cohort.first_day:%Y-%m}",
        "size": cohort.size,
        "months": [
            {"buyers": each.buyers, "share": each.share, "low": each.low, "high": each.high, "is_over": each.is_over}
            for each in cohort.months
        ],
    }


def _cohort_table(terminal: Terminal, cohorts: Sequence[Cohort]) -> Table:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.cohort"))
    table.add_column(terminal.text("column.size"), justify="right")
    longest = max(len(cohort.months) for cohort in cohorts)
    for later in range(1, longest):
        table.add_column(f"+{later}", justify="right")
    for cohort in cohorts:
        cells = [
            "" if each.share is None else f"{terminal.number(100 * each.share)} %{'' if each.is_over else '…'}"
            for each in cohort.months[1:]
        ]
        table.add_row(f"{cohort.first_day:%Y-%m}", terminal.number(cohort.size), *cells)
    return table
