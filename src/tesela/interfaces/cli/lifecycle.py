"""The lifecycle: how many are in each stage, and who moved from where to where."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer  # noqa: TC002 - Typer reads the annotations of commands when they run

from tesela.base import text
from tesela.interfaces.cli.options import AsOf, Folder, Json, Since, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from tesela.traits import lifecycle


def show(
    ctx: typer.Context, since: Since = None, workspace: Folder = None, as_of: AsOf = None, json: Json = False
) -> None:
    """Show how many are in each stage, and the moves since a moment."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.traits.count_lifecycle(as_of, since)
        zone = ws.settings.zone
    if json:
        terminal.write_json(_plain(found))
        return
    terminal.say("lifecycle_title", as_of=terminal.moment(found.as_of, zone), since=terminal.moment(found.since, zone))
    _say_rhythm(terminal, found.rhythm, zone)
    _draw_stages(terminal, found)
    _draw_moves(terminal, found)


def measure(ctx: typer.Context, workspace: Folder = None, as_of: AsOf = None, json: Json = False) -> None:
    """Measure the shop's rhythm anew."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        rhythm = ws.traits.measure_rhythm(as_of)
        zone, is_given = ws.settings.zone, ws.settings.lifecycle.rhythm is not None
    if json:
        terminal.write_json(_plain_rhythm(rhythm))
        return
    _say_rhythm(terminal, rhythm, zone)
    if is_given:
        terminal.tell("lifecycle_given")


def _say_rhythm(terminal: Terminal, rhythm: lifecycle.Rhythm, zone: ZoneInfo) -> None:
    at = "" if rhythm.measured_at is None else terminal.moment(rhythm.measured_at, zone)
    key = f"traits.lifecycle.origin.{rhythm.origin}"
    origin = text(key, terminal.language, cases=terminal.number(rhythm.cases), at=at)
    terminal.say(
        "lifecycle_rhythm",
        active=terminal.number(rhythm.active_days),
        cooling=terminal.number(rhythm.cooling_days),
        dormant=terminal.number(rhythm.dormant_days),
        origin=origin,
    )


def _draw_stages(terminal: Terminal, found: lifecycle.LifecycleMoves) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("stage", "name"):
        table.add_column(terminal.text(f"column.{name}"))
    for name in ("before", "entered", "left", "after", "share_of_base"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    before, after = found.before, found.after
    base = sum(after.values())
    for stage in after:
        moved = (before[stage], found.entered(stage), found.left(stage), after[stage])
        share = terminal.number(100 * after[stage] / base if base else 0, 1)
        name = text(f"traits.lifecycle.stage.{stage}", terminal.language)
        table.add_row(stage, name, *map(terminal.number, moved), f"{share} %")
    terminal.say_line("")
    terminal.draw(table)
    terminal.say_line("")


def _draw_moves(terminal: Terminal, found: lifecycle.LifecycleMoves) -> None:
    from rich.table import Table

    moved = [move for move in found.moves if move.before != move.after]
    if not moved:
        terminal.say("lifecycle_nobody_moved")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("move", "from_stage", "to_stage"):
        table.add_column(terminal.text(f"column.{name}"))
    table.add_column(terminal.text("column.size"), justify="right")
    for move in sorted(moved, key=lambda move: -move.profiles):
        name = text(f"traits.lifecycle.transition.{move.name}", terminal.language)
        table.add_row(name, move.before or "–", move.after or "–", terminal.number(move.profiles))
    terminal.draw(table)


# --- as plain values ----------------------------------------------------------------------------------------------


def _plain(found: lifecycle.LifecycleMoves) -> dict[str, Any]:
    before, after = found.before, found.after
    return {
        "as_of": f"{found.as_of.isoformat()}Z",
        "since": f"{found.since.isoformat()}Z",
        "rhythm": _plain_rhythm(found.rhythm),
        "stages": {
            stage: {
                "before": before[stage],
                "entered": found.entered(stage),
                "left": found.left(stage),
                "after": after[stage],
            }
            for stage in after
        },
        "moves": [
            {"name": move.name, "from": move.before, "to": move.after, "profiles": move.profiles}
            for move in found.moves
        ],
    }


def _plain_rhythm(rhythm: lifecycle.Rhythm) -> dict[str, Any]:
    return {
        "active_days": rhythm.active_days,
        "cooling_days": rhythm.cooling_days,
        "dormant_days": rhythm.dormant_days,
        "origin": rhythm.origin,
        "cases": rhythm.cases,
        "measured_at": None if rhythm.measured_at is None else f"{rhythm.measured_at.isoformat()}Z",
    }
