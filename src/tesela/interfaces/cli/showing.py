"""One rule in every notation: text, a plain sentence, JSON."""

from __future__ import annotations

from typing import Annotated

import typer

from tesela.interfaces.cli.options import Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

Segment = Annotated[str, typer.Argument(metavar="segment")]


def show(ctx: typer.Context, segment: Segment, workspace: Folder = None, json: Json = False) -> None:
    """Say what a segment or a rule means, in plain words."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        rule = ws.segments.say(segment)
    if json:
        terminal.write_json({"rule": rule.text, "es": rule.spanish, "en": rule.english, "json": rule.json})
        return
    terminal.say_line(rule.text)
    terminal.say_line(rule.spanish if terminal.language == "es" else rule.english)
