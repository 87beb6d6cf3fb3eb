"""The engine that runs the rules: is it there, and does it do what Tesela needs?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from tesela.interfaces.cli.options import Folder, workspace_folder
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from tesela.workspace import EngineFinding


def check(ctx: typer.Context, workspace: Folder = None) -> None:
    """Say in clear words what is wrong with the engine, if anything is."""
    from tesela.workspace import inspect_engine

    terminal = Terminal.of(ctx)
    findings = list(inspect_engine(workspace_folder(workspace)))
    for finding in findings:
        _show(terminal, finding)
    if any(finding.error for finding in findings):
        raise typer.Exit(1)


def _show(terminal: Terminal, finding: EngineFinding) -> None:
    terminal.say_line(f"{'✗' if finding.error else '✓'} {finding.message(terminal.language)}")
    hint = finding.hint(terminal.language)
    if hint:
        terminal.say_line(f"  {hint}")
