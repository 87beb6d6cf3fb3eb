"""Who must not be written to: stops by hand, and exclusion lists."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from tesela.interfaces.cli.desk import plain, this_person, told_stop
from tesela.interfaces.cli.options import By, Channel, Folder, Json, Note, open_workspace
from tesela.interfaces.cli.terminal import Terminal

Profile = Annotated[str, typer.Argument(metavar="profile")]


def add(
    ctx: typer.Context,
    profile: Profile,
    channel: Channel,
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Stop an address on a channel."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        is_new = ws.suppression.add(profile, channel, actor=by or this_person(), note=note)
    if json:
        terminal.write_json({"stopped": is_new})
    else:
        terminal.say("stop_added" if is_new else "stop_there", who=profile, channel=channel)


def remove(
    ctx: typer.Context,
    profile: Profile,
    channel: Channel,
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Take the stops of an address back."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        lifted = ws.suppression.remove(profile, channel, actor=by or this_person(), note=note)
    if json:
        terminal.write_json({"lifted": lifted})
    else:
        terminal.say("stop_removed", who=profile, channel=channel, count=terminal.number(lifted))


def list_stops(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the stopped addresses that somebody has."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        rows, zone = ws.suppression.list(), ws.settings.zone
    if json:
        terminal.write_json([plain(dict(row)) for row in rows])
    else:
        terminal.say_lines((told_stop(terminal, row, zone) for row in rows), none="no_stops")
    terminal.tell("profile_is_personal")


def import_list(
    ctx: typer.Context,
    list_name: Annotated[str, typer.Argument(metavar="name")],
    list_file: Annotated[Path, typer.Argument(metavar="file")],
    dated: Annotated[str, typer.Option("--dated", metavar="date")],
    workspace: Folder = None,
    channels: Annotated[list[str] | None, typer.Option("--channel", metavar="channel")] = None,
    strict: Annotated[bool, typer.Option("--strict")] = False,
    by: By = "",
    json: Json = False,
) -> None:
    """Bring in an exclusion list."""
    terminal = Terminal.of(ctx)
    told = {"channels": channels} if channels else {}
    with open_workspace(workspace) as ws:
        kept = ws.suppression.import_list(
            list_name, list_file, dated_on=dated, binds_consented=strict, actor=by or this_person(), **told
        )
    if json:
        terminal.write_json(plain(asdict(kept)))
    else:
        terminal.say("list_imported", **_told(terminal, kept))


def lists(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the exclusion lists that hold."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        held = ws.suppression.lists()
    if json:
        terminal.write_json([plain(asdict(each)) for each in held])
        return
    lines = (
        terminal.text("list_strict" if each.binds_consented else "list_line", **_told(terminal, each)) for each in held
    )
    terminal.say_lines(lines, none="no_lists")


def _told(terminal: Terminal, kept: object) -> dict[str, str]:
    told = plain(asdict(kept))  # type: ignore[call-overload]
    counts = {name: terminal.number(told[name]) for name in ("addresses", "unreadable")}
    return {"name": told["name"], "dated_on": told["dated_on"], "actor": told["actor"], **counts}
