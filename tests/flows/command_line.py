"""Run the installed `tesela` command as a person would, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

_CALL = [sys.executable, "-c", "import sys; from tesela.interfaces.cli import main; sys.exit(main())"]


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
    """Start a command and do not wait for it."""
    return subprocess.Popen(
        [*_CALL, *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "TESELA_LANG": "en"},
    )


def a_workspace(folder: Path, *, timezone: str = "UTC", currency: str = "GBP") -> Path:
    tesela("init", folder, "--timezone", timezone, "--currency", currency)
    return folder
