"""`tesela demo` ends with the page open for somebody who watches, and says how to open it for nobody."""

from __future__ import annotations

import http.client
import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from doors.a_served_shop import make_shop
from tesela.interfaces.cli import main

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = "import sys; from tesela.interfaces.cli import command; sys.exit(command())"
_WAIT_S = 600


def test_in_a_terminal_the_page_is_served_and_a_browser_opened(tmp_path: Path) -> None:
    opened, browser = tmp_path / "opened", tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\nprintf %s "$1" > {opened}.draft && mv {opened}.draft {opened}\n', "utf-8")
    browser.chmod(0o755)
    ours, theirs = pty.openpty()
    line = [sys.executable, "-c", PROGRAM, "demo", "--dir", "shop", "--profiles", "60", "--lang", "es"]
    environment = {**os.environ, "BROWSER": str(browser), "TERM": "xterm", "COLUMNS": "200"}
    running = subprocess.Popen(line, cwd=tmp_path, env=environment, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = bytearray()
    # a terminal that nobody reads stops who writes in it
    reading = threading.Thread(target=_read, args=[ours, written], daemon=True)
    reading.start()
    try:
        until = time.monotonic() + _WAIT_S
        while not opened.exists() and running.poll() is None and time.monotonic() < until:
            time.sleep(0.1)
        assert opened.exists(), f"{running.poll()}: {written.decode()[-2000:]}"
        link = urlsplit(opened.read_text())
        assert link.fragment.startswith("/setup/")
        assert json.loads(_asked(link.netloc, "/api/v1/session"))["needs_setup"]
        assert b"<html" in _asked(link.netloc, "/")
    finally:
        running.send_signal(signal.SIGINT)
        code = running.wait(60)
    reading.join(10)
    said = written.decode()
    assert code in (0, 130), said
    assert "La página está en" in said
    assert link.fragment in said
    assert (tmp_path / "shop" / "report.html").exists()


def test_where_nobody_watches_it_ends_and_says_how(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    make_shop(tmp_path / "demo")
    (tmp_path / "demo" / "report.html").write_text("", "utf-8")
    assert main(["demo", "--lang", "en"]) == 0
    assert "To see its page: tesela serve --workspace demo" in capfd.readouterr().out


def _asked(place: str, path: str) -> bytes:
    connection = http.client.HTTPConnection(place, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    assert answer.status == 200
    return answer.read()


def _read(terminal: int, written: bytearray) -> None:
    while True:
        try:
            read = os.read(terminal, 4096)
        except OSError:
            return
        if not read:
            return
        written += read
