"""Serving a workspace to browsers and programs."""

from __future__ import annotations

import os
import sys
import threading
import webbrowser
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.base import UnavailableError
from tesela.interfaces.cli.options import Folder, open_workspace
from tesela.interfaces.cli.remote import run_for_another
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.workspace import Workspace

HOST, PORT = "127.0.0.1", 8377
EVERY, RUN_AT = "15 minutes", "04:00"


def serve_with(main: Callable[..., int]) -> Callable[..., None]:
    """Return the command that serves a workspace, and runs the program for commands typed meanwhile."""

    def serve(
        ctx: typer.Context,
        workspace: Folder = None,
        host: Annotated[str, typer.Option("--host", metavar="address")] = HOST,
        port: Annotated[int, typer.Option("--port", metavar="number")] = PORT,
        refresh_every: Annotated[str, typer.Option("--refresh-every", metavar="period")] = EVERY,
        run_at: Annotated[str, typer.Option("--run-at", metavar="time")] = RUN_AT,
    ) -> None:
        """Serve the page and the API until stopped."""
        with open_workspace(workspace) as ws:
            serve_open(
                Terminal.of(ctx), ws, host=host, port=port, main=main, refresh_every=refresh_every, run_at=run_at
            )

    return serve


def serve_open(
    terminal: Terminal,
    ws: Workspace,
    *,
    main: Callable[..., int],
    host: str = HOST,
    port: int = PORT,
    refresh_every: str = EVERY,
    run_at: str = RUN_AT,
    is_shown: bool = False,
) -> None:
    """Serve an open workspace, and say where the page is; with `is_shown`, let a browser show it where there is one."""
    from tesela.interfaces import http
    from tesela.workspace import background

    timetable = background.Timetable.read(refresh_every, run_at)

    def started(address: str, setup: str | None) -> None:
        terminal.say("serving", address=address)
        if setup:
            terminal.say("serving_setup", link=setup)
        terminal.say("serving_stop")
        # whoever started it may read a pipe
        sys.stdout.flush()
        if is_shown and _has_browser():
            threading.Thread(target=webbrowser.open, args=[setup or address], daemon=True).start()

    http.serve(ws, host=host, port=port, timetable=timetable, commands=partial(run_for_another, main), started=started)


def show_demo(terminal: Terminal, ws: Workspace, main: Callable[..., int]) -> None:
    """Serve a demo shop and let a browser show it, on another port where the usual one is taken."""
    try:
        serve_open(terminal, ws, main=main, is_shown=True)
    except UnavailableError as error:
        if error.code != "interfaces.http.cannot_listen":
            raise
        serve_open(terminal, ws, main=main, port=0, is_shown=True)


def _has_browser() -> bool:
    """Tell whether a browser can show something: one that needs no window would take the terminal."""
    needed = ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER")
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in needed)
