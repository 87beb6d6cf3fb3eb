"""Questions about segments: how many, who, and which are defined."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tesela.base import InputError
from tesela.interfaces.cli.options import AsOf, AsRecorded, Folder, Format, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

Rule = Annotated[str, typer.Argument(metavar="rule")]


def count(ctx: typer.Context, rule: Rule, workspace: Folder = None, as_of: AsOf = None, json: Json = False) -> None:
    """Count the people who satisfy a rule."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        size = ws.segments.count(rule, as_of=as_of)
        zone = ws.settings.zone
    if json:
        answer = {"count": int(size), "base": size.base, "anonymous": size.anonymous}
        terminal.write_json({**answer, "as_of": f"{size.as_of.isoformat()}Z"})
        return
    terminal.say(
        "count_done",
        count=terminal.number(size),
        base=terminal.number(size.base),
        share=terminal.number(100 * int(size) / size.base if size.base else 0, 1),
        anonymous=terminal.number(size.anonymous),
        as_of=terminal.moment(size.as_of, zone),
    )


def members(
    ctx: typer.Context,
    rule: Rule,
    workspace: Folder = None,
    as_of: AsOf = None,
    as_recorded: AsRecorded = None,
    format: Annotated[Format, typer.Option(metavar="format")] = "csv",
    out: Annotated[Path | None, typer.Option(metavar="file")] = None,
) -> None:
    """List the people who satisfy a rule."""
    from tesela.interfaces.cli.sheets import write_sheet

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        if as_recorded is None:
            found = ws.segments.members(rule, as_of=as_of)
        elif as_of is not None:
            raise InputError("interfaces.cli.two_moments")
        else:
            recorded_at, found = ws.segments.recorded_members(rule, as_recorded)
            terminal.tell("as_recorded_at", as_of=terminal.moment(recorded_at, ws.settings.zone))
    write_sheet(found, format, out)
    terminal.tell("members_are_personal", count=terminal.number(found.num_rows))


def list_segments(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the segments defined in the workspace."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        defined = ws.segments.list()
    if json:
        terminal.write_json([{"segment": s.slug, "name": s.title(terminal.language), "when": s.when} for s in defined])
        return
    titles = (terminal.text(f"column.{name}") for name in ("segment", "name", "rule"))
    table = Table(*titles, box=None, pad_edge=False)
    for segment in defined:
        table.add_row(segment.slug, segment.title(terminal.language), segment.when)
    terminal.draw(table)
