"""Commands in a workspace that a server has: handed over to it, and what it says written here.

What the server runs is `main` of this very program, so an answer is the same with a server and without one.
"""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from tesela.interfaces.cli.language import find_workspace
from tesela.interfaces.cli.options import SERVED

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from tesela.workspace import Workspace

# what has a workspace of its own, or works beside one that another process has
_HERE = frozenset({"serve", "init", "demo", "simulate", "backup", "restore", "rebuild"})
_TOLD = ("TESELA_LANG", "LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "LINES", "TERM", "NO_COLOR")
_SERVER_FILE = Path(".tesela") / "server.json"
_CONNECT_S = 2.0


def hand_over(arguments: Sequence[str]) -> int | None:
    """Let the server that has the workspace run a command line, and return its exit code.

    Returns:
        None when no server has it, or the command is none for a server.
    """
    if not arguments or arguments[0] in _HERE or {"--help", "--version"} & set(arguments):
        return None
    found = _find_server(arguments)
    if found is None:
        return None
    with contextlib.suppress(FileNotFoundError):
        columns = os.get_terminal_size().columns if sys.stdout.isatty() else 0
    environment = {name: os.environ[name] for name in _TOLD if name in os.environ}
    if sys.stdout.isatty() and columns:
        environment["COLUMNS"] = str(columns)
    line = {
        "arguments": list(arguments),
        "folder": str(Path.cwd()),
        "environment": environment,
        "is_terminal": {"out": sys.stdout.isatty(), "err": sys.stderr.isatty()},
    }
    return _ask(found, line)


def run_for_another(
    main: Callable[..., int], workspace: Workspace, line: Any, write: Callable[[Any, bytes], None]
) -> int:
    """Run a command line for a process that handed it over, with the workspace that this one has open.

    Args:
        main: The program.
        workspace: The open workspace.
        line: `arguments`, `folder`, `environment` and `is_terminal`, as they were where it was typed.
        write: Takes what the command says: `out` or `err`, and bytes.
    """
    token = SERVED.set(workspace)
    streams = {name: _Written(partial(write, name), line.is_terminal[name]) for name in ("out", "err")}
    try:
        with (
            _standing_in(line.folder, line.environment),
            contextlib.redirect_stdout(streams["out"]),
            contextlib.redirect_stderr(streams["err"]),
        ):
            code = main(line.arguments, may_hand_over=False)
            for each in streams.values():
                each.flush()
            return code
    finally:
        SERVED.reset(token)


@contextlib.contextmanager
def _standing_in(folder: str, environment: Mapping[str, str]) -> Iterator[None]:
    """Stand where the command was typed; whatever else runs here has whole paths."""
    before, known = Path.cwd(), {name: os.environ.get(name) for name in _TOLD}
    os.chdir(folder)
    for name in _TOLD:
        os.environ.pop(name, None)
    os.environ.update({name: value for name, value in environment.items() if name in _TOLD})
    try:
        yield
    finally:
        os.chdir(before)
        for name, value in known.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value


class _Written(io.TextIOWrapper):
    """A stream whose bytes are given on as they are written."""

    def __init__(self, give: Callable[[bytes], None], is_terminal: bool) -> None:
        super().__init__(io.BufferedWriter(_Given(give), 1), encoding="utf-8", errors="replace", write_through=True)
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


class _Given(io.RawIOBase):
    def __init__(self, give: Callable[[bytes], None]) -> None:
        self._give = give

    def writable(self) -> bool:
        return True

    def write(self, text: Any) -> int:
        self._give(bytes(text))
        return len(text)


def _find_server(arguments: Sequence[str]) -> Mapping[str, Any] | None:
    named = [arguments[place + 1] for place, each in enumerate(arguments[:-1]) if each == "--workspace"]
    folder = Path(named[0]) if named else find_workspace(Path.cwd())
    if folder is None:
        return None
    try:
        told: Mapping[str, Any] = json.loads((folder / _SERVER_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return told


def _ask(found: Mapping[str, Any], line: Mapping[str, Any]) -> int | None:
    where = urlsplit(found["address"])
    connection = http.client.HTTPConnection(where.hostname or "127.0.0.1", where.port, timeout=_CONNECT_S)
    headers = {"content-type": "application/json", "x-tesela-command": found["secret"]}
    try:
        connection.connect()
        # from here on it may take as long as it takes
        connection.sock.settimeout(None)
        connection.request("POST", "/api/v1/command", json.dumps(line), headers)
        answer = connection.getresponse()
    except OSError:
        # a server that died left its file: the workspace is free
        return None
    if answer.status != http.client.OK:
        return None
    outputs = {"out": sys.stdout, "err": sys.stderr}
    for each in answer:
        told = json.loads(each)
        if "code" in told:
            return int(told["code"])
        for name, packed in told.items():
            outputs[name].flush()
            outputs[name].buffer.write(base64.b64decode(packed))
            outputs[name].buffer.flush()
    return None
