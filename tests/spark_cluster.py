"""A Spark cluster of our own for tests: one master and two workers on this machine, gone afterwards."""

from __future__ import annotations

import contextlib
import ctypes
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

WORKERS = 2
_PR_SET_PDEATHSIG = 1
_START_SECONDS = 90
_MASTER = "org.apache.spark.deploy.master.Master"
_WORKER = "org.apache.spark.deploy.worker.Worker"


def find_spark() -> Path:
    """Return the folder of the installed Spark; skips without one or without Java, and fails in CI."""
    found = importlib.util.find_spec("pyspark")
    if found is not None and found.origin is not None and (shutil.which("java") or os.environ.get("JAVA_HOME")):
        return Path(found.origin).parent
    reason = "no Spark here (Python package: pyspark; Debian package: default-jre-headless)"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@contextlib.contextmanager
def running_spark() -> Iterator[str]:
    """Start a standalone cluster and yield its master's address, such as `spark://127.0.0.1:40123`."""
    home = find_spark()
    folder = Path(tempfile.mkdtemp(prefix="spark-", dir="/tmp"))
    with contextlib.ExitStack() as running:
        running.callback(shutil.rmtree, folder, ignore_errors=True)
        log = folder / "master.log"
        running.enter_context(_daemon(home, log, _MASTER))
        master = _wait_for(log, r"Starting Spark master at (spark://\S+)")
        for number in range(WORKERS):
            log = folder / f"worker-{number}.log"
            work = ("-c", "1", "-m", "1g", "-d", str(folder / f"work-{number}"), master)
            running.enter_context(_daemon(home, log, _WORKER, *work))
            _wait_for(log, "(Successfully registered with master)")
        yield master


@contextlib.contextmanager
def _daemon(home: Path, log: Path, name: str, *more: str) -> Iterator[None]:
    command = [str(home / "bin" / "spark-class"), name, "--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
    environment = {**os.environ, "SPARK_HOME": str(home), "SPARK_DAEMON_MEMORY": "512m", "SPARK_LOCAL_IP": "127.0.0.1"}
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*command, *more],
            stdout=out,
            stderr=out,
            env=environment,
            cwd=log.parent,
            start_new_session=True,
            preexec_fn=_end_with_parent,
        )
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(20)


def _end_with_parent() -> None:
    """Ask the kernel to end this process with the one that started it, however that ends."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_for(log: Path, pattern: str) -> str:
    end = time.monotonic() + _START_SECONDS
    while time.monotonic() < end:
        found = re.search(pattern, log.read_text("utf-8", "replace"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"Spark did not start:\n{log.read_text('utf-8', 'replace')[-2000:]}")
