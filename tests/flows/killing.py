"""Run a call on a workspace in a process of its own, and kill that before one of the things it does to the disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

KILLS = int(os.environ.get("TESELA_KILLS", "3"))
TESTS = Path(__file__).resolve().parent.parent
_PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[3])
import tesela
from flows import canaries

acts, last = 0, int(sys.argv[2])

def counted(act):
    def wrapped(*given, **named):
        global acts
        acts += 1
        if acts == last:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*given, **named)
    return wrapped

with tesela.open(sys.argv[1], clock=canaries.clock()) as workspace:
    told = lambda *step: None
    for name in ("replace", "rename", "unlink", "remove", "rmdir", "fsync"):
        setattr(os, name, counted(getattr(os, name)))
    told = counted(told)
    {call}
print(acts)
"""


def run_killed(call: str, workspace: Path, last: int = 0) -> int | None:
    """Run a call, and kill it before the last of what it may do; None when it was killed, else how much it did.

    Args:
        call: Python on `workspace`; `told` is there to be its progress.
        workspace: Its folder.
        last: Which act is not done any more; 0 is none.
    """
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM.replace("{call}", call), str(workspace), str(last), str(TESTS)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode == -signal.SIGKILL:
        return None
    assert done.returncode == 0, done.stderr
    return int(done.stdout)


def chosen(acts: int) -> list[int]:
    """Return before which of so many acts to kill: all, or some from the first to the last (TESELA_KILLS)."""
    if acts <= KILLS:
        return list(range(1, acts + 1))
    return sorted({1 + (acts - 1) * kill // (KILLS - 1) for kill in range(KILLS)})
