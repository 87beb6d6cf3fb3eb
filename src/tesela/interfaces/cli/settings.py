"""The shop's settings at the command line: shown with what each does, and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError
from tesela.interfaces.cli.language import SETTINGS_FILE
from tesela.interfaces.cli.options import Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.workspace import Workspace

Keys = Annotated[list[str], typer.Argument(metavar="setting_key")]
Pairs = Annotated[list[str], typer.Argument(metavar="setting_pair")]
DryRun = Annotated[bool, typer.Option("--dry-run")]


def show(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """Show the settings: what holds, what is usual, what each does."""
    if ctx.invoked_subcommand is not None:
        return
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.configuration.list()
    if json:
        terminal.write_json([_plain(terminal, each) for each in found])
        return
    table = Table(box=None, pad_edge=False)
    for name in ("setting", "value", "usual", "about"):
        table.add_column(terminal.text(f"column.{name}"), overflow="fold")
    for each in found:
        about = f"{each.say('name', terminal.language)}. {each.say('about', terminal.language)}"
        table.add_row(each.key, _shown(each.value), _shown(each.usual), about)
    terminal.draw(table)
    terminal.tell("settings_by_hand")


def set_values(
    ctx: typer.Context, pairs: Pairs, workspace: Folder = None, dry_run: DryRun = False, json: Json = False
) -> None:
    """Set values; with `--dry-run` only say what that means."""
    if len(pairs) % 2:
        raise InputError("interfaces.cli.missing_argument", name=pairs[-1])
    values = dict(zip(pairs[::2], pairs[1::2], strict=True))
    with open_workspace(workspace) as ws:
        _change(Terminal.of(ctx), ws, values, is_trial=dry_run, json=json)


def reset(
    ctx: typer.Context, keys: Keys, workspace: Folder = None, dry_run: DryRun = False, json: Json = False
) -> None:
    """Take back what was set, so that the usual holds."""
    with open_workspace(workspace) as ws:
        _change(Terminal.of(ctx), ws, dict.fromkeys(keys), is_trial=dry_run, json=json)


def _change(terminal: Terminal, ws: Workspace, values: dict[str, Any], *, is_trial: bool, json: bool) -> None:
    # what it means is said before it is saved
    meant = ws.configuration.change(values, is_trial=True)
    if not json:
        for was, now in zip(meant.before, meant.after, strict=True):
            told = {"name": now.say("name", terminal.language), "setting": now.key}
            terminal.say("setting_changes", before=_shown(was.value), after=_shown(now.value), **told)
            terminal.say_line(f"  {now.say('change', terminal.language)}")
        if not meant.after:
            terminal.say("settings_same")
    if not is_trial:
        ws.configuration.change(values)
    if json:
        changed = [_plain(terminal, each) for each in meant.after]
        terminal.write_json({"changed": changed, "needs": list(meant.needs), "is_saved": not is_trial})
        return
    if meant.after:
        terminal.say("settings_not_saved" if is_trial else "settings_saved", file=ws.folder / SETTINGS_FILE)
    for need in () if is_trial else meant.needs:
        terminal.say(f"setting_needs_{need}")


def _plain(terminal: Terminal, setting: Any) -> dict[str, Any]:
    said: Sequence[Any] = ("name", "about", "change")
    words = {what: setting.say(what, terminal.language) for what in said}
    told = {"key": setting.key, "value": setting.value, "usual": setting.usual}
    return told | words | {"needs": setting.needs}


def _shown(value: object) -> str:
    return "–" if value in (None, "") else str(value)
