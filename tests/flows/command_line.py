"""Run the installed `tesela` command as a person would, in a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

_CALL = [sys.executable, "-c", "import sys; from tesela.interfaces.cli import command; sys.exit(command())"]


def tesela(*arguments: object, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*options.pop("prefix", []), *_CALL, *map(str, arguments)],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        env={**os.environ, "TESELA_LANG": "en", **options.pop("env", {})},
        timeout=600,
        check=False,
        **options,
    )
    assert "Traceback" not in done.stderr, done.stderr
    if check:
        assert done.returncode == 0, f"{arguments}\n{done.stdout}\n{done.stderr}"
    return done


def answer(*arguments: object) -> dict[str, Any]:
    """Return what a command with --json prints: exactly one line."""
    [line] = tesela(*arguments, "--json").stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def start(*arguments: object) -> subprocess.Popen[bytes]:
    """Start a command and do not wait for it; Ctrl-C reaches it, also where the tests themselves ignore that."""
    return subprocess.Popen(
        [*_CALL, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TESELA_LANG": "en"},
        preexec_fn=heed_ctrl_c,
    )


def heed_ctrl_c() -> None:
    """Undo what a shell does to the processes that it starts in the background."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


class Killer:
    """Kills commands at a share of the time that they take, which it learns anew from each one that was faster."""

    def __init__(self, usual_s: float) -> None:
        self._usual_s = usual_s

    def kills(self, share: float, *arguments: object) -> bool:
        """Start a command and kill it; False when it had ended before."""
        began = time.monotonic()
        running = start(*arguments)
        try:
            running.communicate(timeout=self._usual_s * share)
        except subprocess.TimeoutExpired:
            running.kill()
            running.communicate()
            return running.returncode == -signal.SIGKILL
        self._usual_s = time.monotonic() - began
        assert running.returncode == 0
        return False


def a_workspace(folder: Path, *, timezone: str = "UTC", currency: str = "GBP") -> Path:
    tesela("init", folder, "--timezone", timezone, "--currency", currency)
    return folder
