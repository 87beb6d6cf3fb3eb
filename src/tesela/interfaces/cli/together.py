"""Segments seen together: what they cover, and who moved between them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.interfaces.cli.desk import plain
from tesela.interfaces.cli.kpis import WINDOW, Window, cell, floats, say_notes
from tesela.interfaces.cli.options import AsOf, Folder, Format, Json, Slugs, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tesela.workspace import CoverageReport, Movements

_MOVES_SHOWN = 20
_WIDEST_MATRIX = 8
_REMAINDER = "remainder"
_OF_REMAINDER = (
    *("reachable_email", "reachable_sms", "open_rate", "click_rate", "conversion", "days_since_last_order"),
    *("average_order_value", "revenue_per_profile", "repeat_rate", "coupon_share"),
)


def coverage(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    as_of: AsOf = None,
    window: Window = WINDOW,
    change: Annotated[float, typer.Option("--change", metavar="percent")] = 20,
    json: Json = False,
) -> None:
    """Say how much of the base segments cover, and what the rest looks like."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        report = ws.measurement.coverage(slugs or (), as_of=as_of, window=window, change=change / 100)
        zone, currency = ws.settings.zone, ws.settings.currency
    if json:
        terminal.write_json(_told_coverage(report))
        return
    found = report.coverage
    if not found.base:
        terminal.tell("nobody_yet")
        return
    terminal.say(
        "coverage_done",
        covered=terminal.number(found.covered),
        base=terminal.number(found.base),
        share=terminal.number(100 * (found.share or 0), 1),
        segments=len(found.sizes),
        remainder=terminal.number(len(found.remainder)),
        as_of=terminal.moment(report.as_of, zone),
    )
    _draw_fits(terminal, report)
    if found.remainder:
        _draw_remainder(terminal, report, currency)


def movement(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    start: Annotated[str | None, typer.Option("--from", metavar="time")] = None,
    end: Annotated[str | None, typer.Option("--to", metavar="time")] = None,
    out_of: Annotated[str | None, typer.Option("--out-of", metavar="segment")] = None,
    into: Annotated[str | None, typer.Option("--into", metavar="segment")] = None,
    format: Annotated[Format, typer.Option(metavar="format")] = "csv",
    out: Annotated[Path | None, typer.Option(metavar="file")] = None,
    json: Json = False,
) -> None:
    """Show how people moved between segments."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        moved = ws.measurement.movement(slugs or (), start=start, end=end)
        if out_of is not None or into is not None:
            from tesela.interfaces.cli.sheets import write_sheet

            people = ws.segments.people(moved.movement.movers(out_of, into))
            write_sheet(people, format, out)
            terminal.tell("members_are_personal", count=terminal.number(people.num_rows))
            return
        zone = ws.settings.zone
    if json:
        terminal.write_json(_told_movement(moved))
        return
    _draw_turnovers(terminal, moved, zone)
    if len(moved.movement.slugs) <= _WIDEST_MATRIX:
        _draw_matrix(terminal, moved)
    _draw_moves(terminal, moved)


# --- coverage ---------------------------------------------------------------------------------------------------


def _draw_fits(terminal: Terminal, report: CoverageReport) -> None:
    from rich.table import Table

    found = report.coverage
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for name in ("size", "share_of_base", "alone"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    table.add_column("", overflow="fold")
    for slug, size in found.sizes.items():
        share = f"{terminal.number(100 * size / found.base, 1)} %" if found.base else ""
        fit = report.fits[slug]
        told = {"needed": terminal.number(2 * (fit.needed or 0)), "rest": terminal.number(fit.rest)}
        shown = terminal.number(size), share, terminal.number(found.alone[slug])
        table.add_row(slug, *shown, terminal.text(f"size_{fit.warning}", **told) if fit.warning else "")
    terminal.draw(table)
    warned = {fit.warning for fit in report.fits.values()}
    if warned & {"too_small", "too_large"} and report.conversion is not None:
        needed = max(fit.needed or 0 for fit in report.fits.values())
        terminal.say(
            "size_reason",
            change=terminal.number(100 * report.change),
            conversion=terminal.number(100 * report.conversion, 1),
            needed=terminal.number(needed),
            both=terminal.number(2 * needed),
        )


def _draw_remainder(terminal: Terminal, report: CoverageReport, currency: str) -> None:
    from rich.table import Table

    card = report.scorecard
    terminal.say_line("")
    terminal.say("remainder_title")
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.metric"))
    for name in ("remainder", "whole_base"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    shown = [metric for metric in card.metrics if metric.key in _OF_REMAINDER]
    for metric in shown:
        cells = [cell(terminal, card.of(scope, metric.key), currency) for scope in (_REMAINDER, "base")]
        table.add_row(metric.name(terminal.language), *cells)
    terminal.draw(table)
    say_notes(terminal, card, (card.of(_REMAINDER, metric.key) for metric in shown))


def _told_coverage(report: CoverageReport) -> dict[str, object]:
    found = report.coverage
    return {
        "as_of": plain(report.as_of),
        "base": found.base,
        "covered": found.covered,
        "share": found.share,
        "remainder": len(found.remainder),
        "segments": {
            slug: {
                "size": size,
                "alone": found.alone[slug],
                "needed": report.fits[slug].needed,
                "warning": report.fits[slug].warning,
            }
            for slug, size in found.sizes.items()
        },
        "change": report.change,
        "conversion": report.conversion,
        "remainder_kpis": {
            metric.key: floats(report.scorecard.of(_REMAINDER, metric.key).to_dict())
            for metric in report.scorecard.metrics
        },
    }


# --- movement ---------------------------------------------------------------------------------------------------


def _draw_turnovers(terminal: Terminal, moved: Movements, zone: ZoneInfo) -> None:
    from rich.table import Table

    before, after = (terminal.moment(moment, zone) for moment in (moved.start, moved.end))
    terminal.say("diff_title", before=before, after=after)
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for name in ("before", "entered", "left", "after"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for each in moved.movement.turnovers():
        figures = each.before, each.entered, each.left, each.after
        table.add_row(each.segment, *map(terminal.number, figures))
    terminal.draw(table)


def _draw_matrix(terminal: Terminal, moved: Movements) -> None:
    from rich.table import Table

    flows = moved.movement.flows()
    terminal.say_line("")
    terminal.say("matrix_title")
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for flow in flows[0]:
        table.add_column(_place(terminal, flow.target), justify="right")
    for row in flows:
        table.add_row(_place(terminal, row[0].source), *(terminal.number(flow.people) for flow in row))
    terminal.draw(table)


def _draw_moves(terminal: Terminal, moved: Movements) -> None:
    from rich.table import Table

    moves = moved.movement.moves()
    if not moves:
        terminal.say("nobody_moved")
        return
    terminal.say_line("")
    terminal.say("moves_title")
    table = Table(box=None, pad_edge=False)
    for name in ("moved_from", "moved_to"):
        table.add_column(terminal.text(f"column.{name}"))
    table.add_column(terminal.text("column.people"), justify="right")
    for flow in moves[:_MOVES_SHOWN]:
        table.add_row(_place(terminal, flow.source), _place(terminal, flow.target), terminal.number(flow.moved))
    terminal.draw(table)
    if len(moves) > _MOVES_SHOWN:
        terminal.tell("moves_more", count=len(moves) - _MOVES_SHOWN)


def _place(terminal: Terminal, slug: str) -> str:
    from tesela.segments import together

    return terminal.text("nowhere") if slug == together.NOWHERE else slug


def _told_movement(moved: Movements) -> dict[str, object]:
    return {
        "from": plain(moved.start),
        "to": plain(moved.end),
        "segments": [
            {"segment": t.segment, "before": t.before, "entered": t.entered, "left": t.left, "after": t.after}
            for t in moved.movement.turnovers()
        ],
        "flows": [
            {"from": flow.source, "to": flow.target, "people": flow.people, "moved": flow.moved}
            for row in moved.movement.flows()
            for flow in row
        ],
    }
