"""Serve a workspace to browsers and programs, on this machine unless told otherwise."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import uvicorn

from tesela.base import InputError, UnavailableError
from tesela.interfaces.http.app import create_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.interfaces.http.commands import RunCommand
    from tesela.workspace import Workspace, background

_MOST = 65_535
_WAITING = 128

HOST, PORT = "127.0.0.1", 8377


def serve(
    workspace: Workspace,
    *,
    host: str,
    port: int,
    timetable: background.Timetable,
    commands: RunCommand,
    started: Callable[[str, str | None], None],
) -> None:
    """Serve until stopped.

    Args:
        workspace: What is served.
        host: Where it listens; on 127.0.0.1 nobody but this machine reaches it.
        port: On which port; 0 takes any that is free.
        timetable: When work is asked for by itself.
        commands: Runs a command line that was typed on this machine, in this process.
        started: Told the page's address, and the one-time setup link as long as nobody may sign in.

    Raises:
        InputError: when there is no such port.
        UnavailableError: when it cannot listen there.
    """
    app = create_app(workspace, timetable)
    config = uvicorn.Config(app, host=host, port=port, log_level=logging.WARNING, access_log=False, server_header=False)
    server = uvicorn.Server(config)
    listening = _listen(host, port)
    shown = f"[{host}]" if ":" in host else host
    address = f"http://{shown}:{listening.getsockname()[1]}/"
    with workspace.announce(address) as secret:
        app.state.server.take_commands(secret, commands)
        setup = workspace.access.setup_secret()
        started(address, f"{address}#/setup/{setup}" if setup else None)
        server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    if not 0 <= port <= _MOST:
        raise InputError("interfaces.http.no_such_port", port=port, most=_MOST)
    listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        # whoever reads the address before all is loaded waits in line instead of being turned away
        listening.listen(_WAITING)
    except OSError as cause:
        listening.close()
        reason = cause.strerror or str(cause)
        raise UnavailableError("interfaces.http.cannot_listen", host=host, port=port, reason=reason) from cause
    listening.set_inheritable(True)
    return listening
