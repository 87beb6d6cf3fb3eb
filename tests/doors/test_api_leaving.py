"""Whoever goes away leaves nothing running; whoever else asks is not stopped."""

from __future__ import annotations

import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest
import uvicorn
from fastapi import FastAPI

import tesela
from tesela.base import ConflictError
from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.server import Server, Serving
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tesela.workspace import Workspace

SOON_S = 60
LONG = "SELECT sum(a.range * b.range % 7) AS n FROM range(1000000) a, range(1000000) b"
SHORT = "SELECT sum(a.range * b.range % 7) AS n FROM range(20000) a, range(20000) b"


class Shop:
    """A workspace that is served on a port, with one route that asks something long."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace
        self.began, self.ended = threading.Event(), threading.Event()
        self.how: BaseException | None = None
        app = FastAPI()
        app.state.server = Server(workspace, workspace.background())
        app.get("/long")(stops_with_its_reader(self._ask_long))
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", access_log=False))
        listening = socket.socket()
        listening.bind(("127.0.0.1", 0))
        self.port = listening.getsockname()[1]
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)

    def _ask_long(self, server: Serving) -> int:
        self.began.set()
        try:
            return server.workspace._stores.engine.query(Statement(LONG)).num_rows
        except BaseException as cause:
            self.how = cause
            raise
        finally:
            self.ended.set()

    def knock(self) -> socket.socket:
        """Ask for what takes long, and return the connection."""
        asked = socket.create_connection(("127.0.0.1", self.port))
        asked.sendall(b"GET /long HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert self.began.wait(SOON_S)
        return asked

    def close(self) -> None:
        """Serve no more."""
        self._server.should_exit = True
        self._thread.join(20)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with tesela.init(tmp_path / "shop") as workspace:
        made = Shop(workspace)
        yield made
        made.close()


def test_what_nobody_waits_for_any_more_is_stopped(shop: Shop) -> None:
    asked = shop.knock()
    assert not shop.ended.wait(0.3)
    asked.close()
    assert shop.ended.wait(SOON_S)
    assert isinstance(shop.how, ConflictError)
    assert shop.how.code == "warehouse.interrupted"


def test_who_asks_beside_somebody_who_goes_is_answered(shop: Shop) -> None:
    asked = shop.knock()
    engine = shop.workspace._stores.engine
    told: list[int] = []
    other = threading.Thread(target=lambda: told.append(engine.query(Statement(SHORT)).num_rows))
    check = engine.interruptions.stopper()
    other.start()
    asked.close()
    assert shop.ended.wait(SOON_S)
    other.join(SOON_S)
    assert told == [1]
    # nor is what this thread would have been at between two statements
    check()


def test_what_somebody_changes_is_done_though_another_stops_asking(shop: Shop) -> None:
    engine = shop.workspace._stores.engine
    own = threading.get_ident()

    def told_to_stop() -> Iterator[Statement]:
        yield Statement("CREATE TABLE kept_whole (n BIGINT)")
        shop.workspace.segments.stop_asking(own)
        yield Statement("INSERT INTO kept_whole SELECT range FROM range(1000)")

    engine.write(told_to_stop())
    assert engine.query(Statement("SELECT count(*) AS n FROM kept_whole")).to_pylist() == [{"n": 1000}]
