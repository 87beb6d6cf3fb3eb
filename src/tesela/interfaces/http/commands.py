"""Command lines that were typed on this machine while the workspace is served: run here, answered as they go on.

One process owns the workspace, and it is the server: a command hands its line over and writes what comes back.
"""

from __future__ import annotations

import asyncio
import base64
import json
import queue
import secrets
import threading
from typing import TYPE_CHECKING, Any, Literal, Protocol

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from tesela.base import RefusedError
from tesela.interfaces.http.shapes import Shape
from tesela.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

router = APIRouter()
Stream = Literal["out", "err"]


class CommandLine(Shape):
    """A command line, and where it was typed."""

    arguments: list[str] = Field(max_length=10_000)
    folder: str = Field(max_length=4096, description="Where it was typed: paths in it are meant from there.")
    environment: dict[str, str] = Field(description="What the command may know of where it was typed.")
    is_terminal: dict[Stream, bool] = Field(description="Whether somebody watches.")


class RunCommand(Protocol):
    """Runs a command line in this process."""

    def __call__(self, workspace: Workspace, line: CommandLine, write: Callable[[Stream, bytes], None]) -> int:
        """Run it with an open workspace, write what it says, and return its exit code."""
        ...


class Commands:
    """Runs command lines, one after another.

    Args:
        workspace: The open workspace.
        secret: What whoever asks must know.
        run: Runs one.
    """

    def __init__(self, workspace: Workspace, secret: str, run: RunCommand) -> None:
        self._workspace = workspace
        self._secret = secret
        self._run = run
        # a command changes where the process stands and what it writes to
        self._turn = threading.Lock()

    def knows(self, told: str) -> bool:
        """Tell whether somebody knows the secret."""
        return secrets.compare_digest(told.encode(), self._secret.encode())

    async def answer(self, line: CommandLine, request: Request) -> AsyncIterator[str]:
        """Yield what a command says as lines of JSON, its exit code the last; it is stopped when nobody reads on."""
        said: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

        def work() -> None:
            with self._turn:
                code = self._run(self._workspace, line, lambda stream, text: said.put({stream: _packed(text)}))
            said.put({"code": code})

        thread = threading.Thread(target=work, name="tesela-command", daemon=True)
        thread.start()
        while True:
            try:
                told = await asyncio.to_thread(said.get, True, 0.2)
            except queue.Empty:
                if await request.is_disconnected():
                    self._workspace.segments.stop(thread.ident or 0)
                    return
                continue
            yield json.dumps(told) + "\n"
            if "code" in told:
                return


@router.post("/command", include_in_schema=False)
async def command(line: CommandLine, request: Request) -> StreamingResponse:
    """Run a command line that was typed on this machine."""
    commands: Commands | None = request.app.state.server.commands
    if commands is None or not commands.knows(request.headers.get("x-tesela-command", "")):
        raise RefusedError("interfaces.http.sign_in_first")
    return StreamingResponse(commands.answer(line, request), media_type="application/x-ndjson")


def _packed(text: bytes) -> str:
    return base64.b64encode(text).decode()
