"""A Postgres server of our own for tests: in a temporary folder, on a Unix socket, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

_USER = "postgres"
PASSWORD = "s3cr3t-word"  # noqa: S105 of a server that lives for one test run


def find_programs() -> Path:
    """Return the folder of the newest Postgres here; skips without one, and fails in continuous integration."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: int(path.parts[-3]))
    if found:
        return found[-1].parent
    if shutil.which("pg_ctl"):
        return Path(str(shutil.which("pg_ctl"))).parent
    reason = "no Postgres server here (Debian package: postgresql)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def running_postgres() -> Iterator[str]:
    """Start a server and yield the SQLAlchemy URL of its database."""
    programs = find_programs()
    # a socket's path must be short, and its folder be the server's own
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, _USER)
    cluster = folder / "cluster"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    try:
        _run(programs / "initdb", "-D", cluster, "-A", "trust", "-U", _USER, "-E", "UTF8", "--locale=C")
        _run(programs / "pg_ctl", "-D", cluster, "-w", "-o", options, "-l", folder / "log", "start")
        try:
            yield f"postgresql+psycopg://{_USER}:{PASSWORD}@/postgres?host={quote(str(folder))}"
        finally:
            _run(programs / "pg_ctl", "-D", cluster, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _run(*command: object) -> None:
    # the server refuses to run as root
    become = ["runuser", "-u", _USER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run([*become, *map(str, command)], capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
