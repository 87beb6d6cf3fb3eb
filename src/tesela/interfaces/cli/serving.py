"""Serving a workspace to browsers and programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tesela.interfaces.cli.options import Folder, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from tesela.workspace import Workspace

HOST, PORT = "127.0.0.1", 8377


def serve(
    ctx: typer.Context,
    workspace: Folder = None,
    host: Annotated[str, typer.Option("--host", metavar="address")] = HOST,
    port: Annotated[int, typer.Option("--port", metavar="number", min=0, max=65535)] = PORT,
) -> None:
    """Serve the page and the API until stopped."""
    with open_workspace(workspace) as ws:
        serve_open(Terminal.of(ctx), ws, host=host, port=port)


def serve_open(terminal: Terminal, ws: Workspace, *, host: str = HOST, port: int = PORT) -> None:
    """Serve an open workspace, and say where the page is."""
    from tesela.interfaces import http

    def started(address: str, setup: str | None) -> None:
        terminal.say("serving", address=address)
        if setup:
            terminal.say("serving_setup", link=setup)
        terminal.say("serving_stop")

    http.serve(ws, host=host, port=port, started=started)
