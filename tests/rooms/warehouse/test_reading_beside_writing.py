"""Whoever reads does not wait for whoever writes, and sees a state that was whole."""

from __future__ import annotations

import contextlib
import threading
from typing import TYPE_CHECKING

import pytest

from tesela.base import ConflictError
from tesela.warehouse import Column, DuckDBEngine, Statement, Table

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PLACES = Table("places", "one number", (), (Column("n", "BIGINT", "a number"),))
COUNT = Statement("SELECT count(*) AS n, coalesce(sum(n), 0) AS total FROM places")
SOON_S = 30


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path / "w.duckdb")
    made.create([PLACES])
    yield made
    made.close()


def count(engine: DuckDBEngine) -> int:
    n: int = engine.query(COUNT).column("n")[0].as_py()
    return n


def insert(upto: int) -> Statement:
    return Statement("INSERT INTO places SELECT range FROM range($upto)", {"upto": upto})


class Writer(threading.Thread):
    """Writes a thousand rows, stands still until it is let on, and writes a thousand more in the same transaction."""

    def __init__(self, engine: DuckDBEngine) -> None:
        super().__init__(daemon=True)
        self.engine, self.began, self.go_on, self.saw = engine, threading.Event(), threading.Event(), -1
        self.start()
        assert self.began.wait(SOON_S)

    def run(self) -> None:
        self.engine.write(self._statements())

    def _statements(self) -> Iterator[Statement]:
        yield insert(1000)
        self.saw = count(self.engine)
        self.began.set()
        assert self.go_on.wait(SOON_S)
        yield Statement("UPDATE places SET n = n + 1")


def test_a_reader_sees_what_was_before_an_open_transaction_and_does_not_wait(engine: DuckDBEngine) -> None:
    writer = Writer(engine)
    assert (count(engine), writer.saw) == (0, 1000)
    writer.go_on.set()
    writer.join(SOON_S)
    assert engine.query(COUNT).to_pylist() == [{"n": 1000, "total": 500_500}]


def test_nothing_is_committed_while_somebody_reads_undisturbed(engine: DuckDBEngine) -> None:
    writer = Writer(engine)
    with engine.undisturbed():
        first = count(engine)
        writer.go_on.set()
        writer.join(0.5)
        assert writer.is_alive()
        assert first == count(engine) == 0
    writer.join(SOON_S)
    assert count(engine) == 1000


def test_who_reads_undisturbed_and_writes_says_so_first(engine: DuckDBEngine) -> None:
    with engine.undisturbed(), pytest.raises(RuntimeError, match="writes=True"):
        engine.write([insert(3)])
    with engine.undisturbed(writes=True):
        engine.write([insert(3)])
        assert count(engine) == 3


def test_a_stopped_reader_leaves_the_transaction_beside_it_alone(engine: DuckDBEngine) -> None:
    writer = Writer(engine)
    reader = threading.get_ident()
    threading.Timer(0.3, lambda: engine.interrupt(reader)).start()
    with pytest.raises(ConflictError):
        engine.query(Statement("SELECT sum(a.range * b.range % 7) AS n FROM range(1000000) a, range(1000000) b"))
    writer.go_on.set()
    writer.join(SOON_S)
    assert count(engine) == 1000


def test_many_read_while_one_writes_and_none_sees_a_half(engine: DuckDBEngine) -> None:
    seen: list[tuple[int, int]] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            row = engine.query(COUNT).to_pylist()[0]
            seen.append((row["n"], row["total"]))

    readers = [threading.Thread(target=look, daemon=True) for _ in range(3)]
    for each in readers:
        each.start()
    for _ in range(20):
        engine.write([insert(5000), Statement("DELETE FROM places WHERE n >= 4000")])
    over.set()
    for each in readers:
        each.join(SOON_S)
    one = sum(range(4000))
    assert len(seen) > 3
    assert {n % 4000 for n, _ in seen} == {0}
    assert all(total == n // 4000 * one for n, total in seen)


def test_a_thread_reads_the_temporary_tables_that_it_keeps(engine: DuckDBEngine) -> None:
    asked = Statement("SELECT count(*) AS n FROM own_places")
    with engine.keeping():
        engine.write([insert(7), Statement("CREATE TEMPORARY TABLE own_places AS FROM places")])
        assert engine.query(asked).to_pylist() == [{"n": 7}]
        others: list[int] = []
        other = threading.Thread(target=lambda: others.append(count(engine)))
        other.start()
        other.join(SOON_S)
        assert others == [7]
        engine.write([Statement("DROP TABLE own_places")])
    assert count(engine) == 7


def test_a_short_question_does_not_wait_for_a_long_one(engine: DuckDBEngine) -> None:
    began, ended = threading.Event(), threading.Event()

    def ask_long() -> None:
        began.set()
        with contextlib.suppress(ConflictError):
            engine.query(Statement("SELECT sum(a.range * b.range % 7) AS n FROM range(1000000) a, range(1000000) b"))
        ended.set()

    other = threading.Thread(target=ask_long, daemon=True)
    other.start()
    assert began.wait(SOON_S)
    assert count(engine) == 0
    assert not ended.is_set()
    engine.interrupt(other.ident)
    while not ended.wait(0.1):
        engine.interrupt(other.ident)
