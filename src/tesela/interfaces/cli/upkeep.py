"""Keeping a workspace safe: back up, restore, make the warehouse again."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tesela.interfaces.cli.options import Folder, workspace_folder
from tesela.interfaces.cli.terminal import Terminal


def backup(ctx: typer.Context, file: Annotated[Path, typer.Argument(metavar="file")], workspace: Folder = None) -> None:
    """Write everything that cannot be computed again to one file."""
    import tesela

    tesela.backup(workspace_folder(workspace), file)
    terminal = Terminal.of(ctx)
    terminal.say("backup_done", file=file, size=terminal.number(file.stat().st_size / 1e6, 1))


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="file")],
    folder: Annotated[Path, typer.Argument(metavar="folder")],
    erased: Annotated[Path | None, typer.Option("--erased", metavar="folder")] = None,
) -> None:
    """Make a workspace from a backup."""
    import tesela

    terminal = Terminal.of(ctx)
    with tesela.restore(file, folder, erased=erased):
        terminal.say("restore_done", folder=folder)
    if erased is None:
        terminal.tell("restore_knows_no_erasures")


def rebuild(ctx: typer.Context, workspace: Folder = None) -> None:
    """Make the warehouse again from the record."""
    import tesela

    with tesela.rebuild(workspace_folder(workspace)):
        Terminal.of(ctx).say("rebuild_done")
