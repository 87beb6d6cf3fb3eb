"""How a segment went over time, and what another rule would do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.interfaces.cli.options import AsOf, Folder, Format, Json, Since, Until, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa
    from rich.table import Table

    from tesela.segments import Preview
    from tesela.workspace import Workspace

Segment = Annotated[str, typer.Argument(metavar="segment")]
_SAMPLE = 5
VERSION_SHOWN = 8
"""How many signs of a version are shown; fewer name it as well, while no other begins so."""


def history(ctx: typer.Context, segment: Segment, workspace: Folder = None, json: Json = False) -> None:
    """Show how large a segment was at each publication."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        sizes, zone = ws.segments.sizes(segment), ws.settings.zone
    if json:
        terminal.write_json(
            [
                {
                    "as_of": f"{each.as_of.isoformat()}Z",
                    "size": each.size,
                    "entered": each.entered,
                    "left": each.left,
                    "version": each.fingerprint,
                }
                for each in sizes
            ]
        )
        return
    table = start_table(terminal, ("as_of",), ("size", "entered", "left"), ("version",))
    for each in sizes:
        figures = map(terminal.number, (each.size, each.entered, each.left))
        table.add_row(terminal.moment(each.as_of, zone), *figures, each.fingerprint[:VERSION_SHOWN])
    terminal.draw(table)


def moves(
    ctx: typer.Context,
    segment: Segment,
    workspace: Folder = None,
    since: Since = None,
    until: Until = None,
    format: Annotated[Format, typer.Option(metavar="format")] = "csv",
    out: Annotated[Path | None, typer.Option(metavar="file")] = None,
) -> None:
    """List who entered and who left a segment."""
    from tesela.interfaces.cli.sheets import write_sheet

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.segments.moves(segment, since, until)
    write_sheet(found, format, out)
    terminal.tell("members_are_personal", count=terminal.number(found.num_rows))


def preview(
    ctx: typer.Context,
    segment: Segment,
    rule: Annotated[str, typer.Option("--rule", metavar="rule")],
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show what another rule for a segment would do, before it is saved."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.segments.preview(segment, rule, as_of=as_of)
        samples = sample_of(ws, found)
        as_of_shown = terminal.moment(found.as_of, ws.settings.zone)
    if json:
        terminal.write_json(preview_json(found, samples))
        return
    draw_preview(terminal, found, samples, as_of_shown)


def sample_of(ws: Workspace, found: Preview) -> dict[str, pa.Table]:
    """Return some of those who would come, and some of those who would go: personal data."""
    return {
        name: ws.segments.people(people, _SAMPLE)
        for name, people in (("entering", found.change.entering), ("leaving", found.change.leaving))
    }


def draw_preview(terminal: Terminal, found: Preview, samples: Mapping[str, pa.Table], as_of: str) -> None:
    """Draw who would come and go, with some of them, in a segment and in those that depend on it."""
    table = start_table(terminal, ("segment",), ("before", "entered", "left", "after"), ())
    table.title, table.title_justify = terminal.text("preview_title", as_of=as_of), "left"
    for each in (found.change, *found.dependents):
        figures = each.before, len(each.entering), len(each.leaving), each.after
        table.add_row(each.segment, *map(terminal.number, figures))
    terminal.draw(table)
    for name, people in samples.items():
        if people.num_rows:
            terminal.say(f"preview_{name}", people=", ".join(_called(person) for person in people.to_pylist()))
    if not found.dependents:
        terminal.say("preview_nobody_depends")


def preview_json(found: Preview, samples: Mapping[str, pa.Table]) -> dict[str, object]:
    """Return a preview as plain values."""
    return {
        "as_of": f"{found.as_of.isoformat()}Z",
        "is_new": found.is_new,
        "segments": [
            {
                "segment": each.segment,
                "before": each.before,
                "entered": len(each.entering),
                "left": len(each.leaving),
                "after": each.after,
            }
            for each in (found.change, *found.dependents)
        ],
        **{name: people.to_pylist() for name, people in samples.items()},
    }


def _called(person: Mapping[str, object]) -> str:
    return str(person["email"] or person["customer_id"] or f"#{person['profile_id']}")


def start_table(terminal: Terminal, names: tuple[str, ...], figures: tuple[str, ...], notes: tuple[str, ...]) -> Table:
    """Return a table with its heads: names, figures to the right, notes."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(terminal.text(f"column.{name}"))
    for name in figures:
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for name in notes:
        table.add_column(terminal.text(f"column.{name}"))
    return table
