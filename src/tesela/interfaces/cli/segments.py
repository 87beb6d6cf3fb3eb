"""Questions about segments: how many, who, and which are defined."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tesela.base import InputError
from tesela.interfaces.cli.desk import plain, told_reason
from tesela.interfaces.cli.options import (
    AsOf,
    AsRecorded,
    Channel,
    Folder,
    Format,
    Json,
    Purpose,
    open_workspace,
)
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
    reachable: Annotated[str | None, typer.Option("--reachable", metavar="channel")] = None,
    purpose: Purpose = "marketing",
    format: Annotated[Format, typer.Option(metavar="format")] = "csv",
    out: Annotated[Path | None, typer.Option(metavar="file")] = None,
) -> None:
    """List the people who satisfy a rule."""
    from tesela.interfaces.cli.sheets import write_sheet

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        if as_recorded is None:
            found = ws.segments.members(rule, as_of=as_of, reachable=reachable, purpose=purpose)
        elif as_of is not None:
            raise InputError("interfaces.cli.two_moments")
        elif reachable is not None:
            raise InputError("interfaces.cli.reachable_then")
        else:
            recorded_at, found = ws.segments.recorded_members(rule, as_recorded)
            terminal.tell("as_recorded_at", as_of=terminal.moment(recorded_at, ws.settings.zone))
    write_sheet(found, format, out)
    count = terminal.number(found.num_rows)
    if reachable is None:
        terminal.tell("members_are_personal", count=count)
    else:
        terminal.tell("members_are_reachable", count=count, channel=reachable, purpose=purpose)


def reachable(
    ctx: typer.Context,
    rule: Rule,
    channel: Channel,
    workspace: Folder = None,
    purpose: Purpose = "marketing",
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Say how many who satisfy a rule may be written to."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found, zone = ws.segments.reach(rule, channel, purpose, as_of=as_of), ws.settings.zone
    if json:
        terminal.write_json(plain(asdict(found)))
        return
    terminal.say("reach_title", channel=channel, purpose=purpose, as_of=terminal.moment(found.as_of, zone))
    suppressed = sum(found.suppressed.values())
    steps = {
        "segment": found.segment,
        "no_consent": -found.no_consent,
        "suppressed": -suppressed,
        "no_address": -found.no_address,
        "reachable": found.reachable,
    }
    told = {name: terminal.number(value) for name, value in steps.items()}
    notes = {name: "" for name in steps}
    if found.objected:
        notes["no_consent"] = terminal.text("reach_objected", count=terminal.number(found.objected))
    if found.suppressed:
        each = (f"{told_reason(terminal, why)} {terminal.number(n)}" for why, n in found.suppressed.items())
        notes["suppressed"] = f"  ({', '.join(each)})"
    width = max(map(len, told.values()))
    for name, value in told.items():
        terminal.say_line(f"  {value:>{width}}  {terminal.text(f'reach_{name}')}{notes[name]}")


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
