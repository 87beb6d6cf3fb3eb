"""Commands in a workspace that a server has: the same answers as without one, by the server's hand."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

pytestmark = pytest.mark.slow

TESELA = [str(Path(sys.executable).with_name("tesela"))]
SAME = (
    ["count", "did order_completed", "--as-of", "2026-11-22"],
    ["--lang", "es", "count", "did order_completed", "--as-of", "2026-11-22", "--json"],
    ["segments", "list"],
    ["segments", "history", "buyers"],
    ["members", "buyers", "--format", "csv", "--as-of", "2026-11-22"],
    ["members", "buyers", "--format", "parquet", "--as-of", "2026-11-22"],
    ["count", "did order_complted"],
    ["count"],
    ["nonsense"],
)


def run(folder: Path, *command: str, check: bool = False) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a folder."""
    environment = {**os.environ, "TESELA_LANG": "en"}
    return subprocess.run([*TESELA, *command], cwd=folder, env=environment, capture_output=True, check=check)


def start(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    """Serve a workspace, and return the process and the address."""
    process = subprocess.Popen(
        [*TESELA, "serve", "--port", "0", "--refresh-every", "never", "--run-at", "never"],
        cwd=folder,
        env={**os.environ, "TESELA_LANG": "en"},
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    told = process.stdout.readline().decode()
    assert told.startswith("The page is at http://127.0.0.1:"), told
    for _ in range(100):
        if (folder / ".tesela" / "server.json").exists():
            break
        time.sleep(0.05)
    return process, told.split()[-1]


@pytest.fixture
def shop(demo_shop: tuple[Path, datetime], tmp_path: Path) -> Path:
    return shutil.copytree(demo_shop[0], tmp_path / "shop")


@pytest.fixture
def server(shop: Path) -> Iterator[subprocess.Popen[bytes]]:
    process, _ = start(shop)
    yield process
    process.kill()
    process.wait(10)


def test_answers_are_the_same_with_and_without_a_server(shop: Path) -> None:
    before = [run(shop, *command) for command in SAME]
    process, _ = start(shop)
    try:
        after = [run(shop, *command) for command in SAME]
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)
    for command, alone, beside in zip(SAME, before, after, strict=True):
        for name in ("returncode", "stdout", "stderr"):
            assert getattr(beside, name) == getattr(alone, name), command
    assert {each.returncode for each in before} == {0, 2}
    # nothing is left that would make a command look for a server
    assert not (shop / ".tesela" / "server.json").exists()


def test_the_server_has_the_workspace_and_files_are_meant_from_where_the_command_is(
    shop: Path, server: subprocess.Popen[bytes]
) -> None:
    below = shop / "below"
    below.mkdir()
    (below / "new.csv").write_text("email\nnueva@example.com\n", "utf-8")
    told = run(below, "import", "contacts", "new.csv", "--yes", "--json", check=True)
    assert json.loads(told.stdout)["stored"] == 1
    run(below, "members", 'email = "nueva@example.com"', "--format", "csv", "--out", "out.csv", check=True)
    assert "nueva@example.com" in (below / "out.csv").read_text("utf-8")
    refused = run(shop, "rebuild")
    assert refused.returncode == 1
    assert str(server.pid) in refused.stderr.decode()
    assert run(shop, "serve", "--port", "0").returncode == 1


def test_a_reader_that_goes_away_is_no_failure(shop: Path, server: subprocess.Popen[bytes]) -> None:
    line = f"{' '.join(TESELA)} members buyers --format csv | head -c 5"
    told = subprocess.run(["bash", "-c", line], cwd=shop, capture_output=True, check=False)
    assert told.stdout == b"profi"
    assert b"Traceback" not in told.stderr
    assert server.poll() is None


def test_after_a_crash_of_the_server_commands_have_the_workspace_again(
    shop: Path, server: subprocess.Popen[bytes]
) -> None:
    server.kill()
    server.wait(10)
    assert (shop / ".tesela" / "server.json").exists()
    told = run(shop, "count", "did order_completed", "--json", check=True)
    assert json.loads(told.stdout)["count"] > 0


def test_where_it_cannot_listen_is_told(shop: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = str(other.getsockname()[1])
        for told, said, code in (
            (("--port", "80000"), "There is no port 80000", 2),
            (("--port", taken), f"127.0.0.1, port {taken}", 1),
            (("--host", "192.0.2.1"), "192.0.2.1", 1),
        ):
            refused = run(shop, "serve", *told)
            assert (refused.returncode, said in refused.stderr.decode()) == (code, True), refused.stderr
            assert b"Traceback" not in refused.stderr


def test_nobody_else_may_hand_commands_over(shop: Path, server: subprocess.Popen[bytes]) -> None:
    import httpx2

    told = json.loads((shop / ".tesela" / "server.json").read_text("utf-8"))
    assert (shop / ".tesela" / "server.json").stat().st_mode & 0o077 == 0
    line = {"arguments": ["count", "did order_completed"], "folder": str(shop), "environment": {}}
    line |= {"is_terminal": {"out": False, "err": False}}
    where = f"{told['address']}api/v1/command"
    for headers in ({}, {"x-tesela-command": "guessed"}, {"authorization": f"Bearer {told['secret']}"}):
        assert httpx2.post(where, json=line, headers=headers).status_code == 401
    answered = httpx2.post(where, json=line, headers={"x-tesela-command": told["secret"]})
    assert answered.status_code == 200
    assert json.loads(answered.text.splitlines()[-1]) == {"code": 0}
