"""Shipping derived tables to an engine: only what changed, all or nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest

from tesela.events import EVENTS
from tesela.profiles import PROFILES
from tesela.warehouse import DuckDBEngine, statement
from tesela.workspace import shipping
from tesela.workspace.tables import SHIPMENTS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tesela.warehouse import Table

TABLES = (EVENTS, PROFILES)


class Counted(DuckDBEngine):
    """An engine that tells what it was sent, and fails when told to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, memory_limit="300MB", threads=1)
        self.loaded: list[str] = []
        self.fails_at = ""

    def load(self, table: Table, rows: pa.Table) -> None:
        if table.name == self.fails_at:
            raise ConnectionError
        self.loaded.append(table.name)
        super().load(table, rows)


@pytest.fixture
def loader(tmp_path: Path) -> Iterator[DuckDBEngine]:
    made = DuckDBEngine(tmp_path / "loader.duckdb", folders=[tmp_path], memory_limit="300MB", threads=1)
    made.create(TABLES)
    yield made
    made.close()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Counted]:
    made = Counted(tmp_path / "engine.duckdb")
    made.create([*TABLES, SHIPMENTS])
    yield made
    made.close()


def _people(loader: DuckDBEngine, *ids: int) -> None:
    loader.load(PROFILES, pa.table({"profile_id": list(ids), "is_known": [True] * len(ids)}))


def _happens(loader: DuckDBEngine, name: str) -> None:
    loader.load(EVENTS, pa.table({"profile_id": [1], "name": [name], "properties": ['{"a": 1}']}))


def _held(engine: DuckDBEngine, table: Table) -> list[Any]:
    key = "profile_id" if table is PROFILES else "name"
    rows = engine.query(statement(f"SELECT {key} AS it FROM {{t}} ORDER BY it", tables={"t": table}))
    return rows.column("it").to_pylist()


def test_only_what_changed_is_shipped(loader: DuckDBEngine, engine: Counted, tmp_path: Path) -> None:
    _people(loader, 1, 2)
    _happens(loader, "a")
    shipping.ship_tables(loader, engine, "first", TABLES, tmp_path)
    assert (_held(engine, PROFILES), _held(engine, EVENTS)) == ([1, 2], ["a"])
    engine.loaded.clear()
    shipping.ship_tables(loader, engine, "first", TABLES, tmp_path)
    assert engine.loaded == []
    _happens(loader, "b")
    shipping.ship_tables(loader, engine, "second", TABLES, tmp_path)
    assert engine.loaded == ["events_incoming"]
    assert _held(engine, EVENTS) == ["a", "b"]


def test_a_row_that_comes_twice_is_a_change(loader: DuckDBEngine, engine: Counted, tmp_path: Path) -> None:
    _people(loader, 1)
    shipping.ship_tables(loader, engine, "first", TABLES, tmp_path)
    _people(loader, 1)
    _people(loader, 1)
    shipping.ship_tables(loader, engine, "second", TABLES, tmp_path)
    assert _held(engine, PROFILES) == [1, 1, 1]


def test_what_stops_in_the_middle_changes_nothing(loader: DuckDBEngine, engine: Counted, tmp_path: Path) -> None:
    _people(loader, 1)
    _happens(loader, "a")
    shipping.ship_tables(loader, engine, "first", TABLES, tmp_path)
    _people(loader, 2)
    _happens(loader, "b")
    engine.fails_at = "profiles_incoming"
    with pytest.raises(ConnectionError):
        shipping.ship_tables(loader, engine, "second", TABLES, tmp_path)
    assert (_held(engine, PROFILES), _held(engine, EVENTS)) == ([1], ["a"])
    engine.fails_at = ""
    shipping.ship_tables(loader, engine, "second", TABLES, tmp_path)
    assert (_held(engine, PROFILES), _held(engine, EVENTS)) == ([1, 2], ["a", "b"])
