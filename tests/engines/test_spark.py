"""Spark on a real cluster of one master and two workers."""

from __future__ import annotations

import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest

from tesela.base import ConflictError, UnavailableError
from tesela.warehouse import Column, Statement, Table, statement

pytest.importorskip("pyspark")
from tesela.warehouse.engines.spark import SparkEngine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.slow

THINGS = Table(
    "things",
    "one thing",
    ("id",),
    (
        Column("id", "BIGINT", "number"),
        Column("name", "VARCHAR", "name"),
        Column("at", "TIMESTAMP", "when"),
        Column("day", "DATE", "which day"),
        Column("price", "DECIMAL(18,4)", "money"),
        Column("is_new", "BOOLEAN", "whether"),
        Column("size", "INTEGER", "how large"),
        Column("properties", "JSON", "others"),
    ),
)
OTHERS = Table("others", "one number", ("id",), (Column("id", "BIGINT", "number"),))
AT = datetime.fromisoformat("2026-03-29 01:30:00.000001")
ROW = {
    "id": 2**62,
    "name": "Ñandú 😀",
    "at": AT,
    "day": date(2024, 2, 29),
    "price": Decimal("-0.0001"),
    "is_new": True,
    "size": -7,
    "properties": '{"a": "ñ"}',
}
MISSING = dict.fromkeys(ROW) | {"id": 1}


@pytest.fixture(scope="module")
def engine(spark_master: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkEngine]:
    made = SparkEngine(tmp_path_factory.mktemp("spark"), master=spark_master, keep_seconds=0)
    yield made
    made.close()


@pytest.fixture
def things(engine: SparkEngine) -> SparkEngine:
    engine.create([THINGS, OTHERS])
    engine.write(statement("DELETE FROM {t}", tables={"t": table}) for table in (THINGS, OTHERS))
    return engine


def _added(*rows: dict[str, object]) -> Statement:
    arrow = pa.Table.from_pylist(list(rows), schema=_schema(rows[0]))
    return statement("INSERT INTO {t} BY NAME SELECT * FROM added", tables={"t": THINGS}, relations={"added": arrow})


def _schema(row: dict[str, object]) -> pa.Schema:
    kinds = {
        "id": pa.int64(),
        "at": pa.timestamp("us"),
        "day": pa.date32(),
        "price": pa.decimal128(18, 4),
        "is_new": pa.bool_(),
        "size": pa.int32(),
    }
    return pa.schema([(name, kinds.get(name, pa.string())) for name in row])


def _ids(engine: SparkEngine) -> list[int]:
    return engine.query(statement("SELECT id FROM {t} ORDER BY id", tables={"t": THINGS})).column("id").to_pylist()


def test_rows_come_back_as_they_went_in(things: SparkEngine) -> None:
    things.write([_added(ROW, MISSING)])
    found = things.query(statement("SELECT * FROM {t} ORDER BY id DESC", tables={"t": THINGS}))
    assert found.to_pylist() == [ROW, MISSING]
    assert found.schema.field("at").type == pa.timestamp("us")


def test_all_writes_of_a_transaction_take_effect_or_none(things: SparkEngine) -> None:
    things.write([_added({"id": 1}, {"id": 2})])
    with pytest.raises(Exception, match="no_such"):
        things.write(
            [
                _added({"id": 3}),
                statement("DELETE FROM {t} WHERE id = 1", tables={"t": THINGS}),
                Statement("INSERT INTO others SELECT no_such FROM things"),
            ]
        )
    assert _ids(things) == [1, 2]


def test_a_later_write_sees_the_earlier_ones_of_its_transaction(things: SparkEngine) -> None:
    tables = {"t": THINGS, "o": OTHERS}
    things.write(
        [
            _added({"id": 1, "name": "a"}, {"id": 2, "name": None}, {"id": 3, "name": "c"}),
            statement("UPDATE {t} SET name = $name, at = $at WHERE id >= $id", tables=tables, name="x", at=AT, id=2),
            statement("DELETE FROM {t} WHERE name = 'a'", tables=tables),
            Statement("CREATE OR REPLACE TEMPORARY TABLE some AS SELECT id FROM things WHERE id < $top", {"top": 3}),
            statement("INSERT INTO {o} SELECT id * 10 FROM some", tables=tables),
            Statement("DROP TABLE some"),
        ]
    )
    asked = statement("SELECT t.id, name, at, o.id AS other FROM {t} AS t, {o} AS o ORDER BY t.id", tables=tables)
    assert things.query(asked).to_pylist() == [
        {"id": 2, "name": "x", "at": AT, "other": 20},
        {"id": 3, "name": "x", "at": AT, "other": 20},
    ]


def test_a_condition_that_is_missing_deletes_and_updates_nothing(things: SparkEngine) -> None:
    things.write([_added({"id": 1, "name": None})])
    things.write(
        [
            statement("UPDATE {t} SET name = 'x' WHERE name <> 'a'", tables={"t": THINGS}),
            statement("DELETE FROM {t} WHERE name <> 'a'", tables={"t": THINGS}),
        ]
    )
    found = things.query(statement("SELECT id, name FROM {t}", tables={"t": THINGS}))
    assert found.to_pylist() == [{"id": 1, "name": None}]


def test_replacing_reads_what_the_tables_held_before(things: SparkEngine) -> None:
    things.load(THINGS, pa.table({"id": [1, 2]}))
    things.load(OTHERS, pa.table({"id": [5]}))
    swap = {THINGS: statement("SELECT id FROM {o}", tables={"o": OTHERS})}
    swap[OTHERS] = statement("SELECT id FROM {t}", tables={"t": THINGS})
    things.replace(swap)
    assert _ids(things) == [5]
    assert sorted(things.query(Statement("SELECT id FROM others")).column("id").to_pylist()) == [1, 2]


def test_nothing_is_replaced_when_one_query_fails(things: SparkEngine) -> None:
    things.load(THINGS, pa.table({"id": [1]}))
    with pytest.raises(Exception, match="no_such"):
        things.replace({THINGS: Statement("SELECT id + 1 AS id FROM things"), OTHERS: Statement("SELECT no_such")})
    assert _ids(things) == [1]


def test_a_reader_keeps_what_it_started_with(things: SparkEngine, spark_master: str) -> None:
    root = things._tables.root
    reader = SparkEngine(root, master=spark_master)
    things.load(THINGS, pa.table({"id": [1]}))
    before = reader._tables.read()
    things.replace({THINGS: Statement("SELECT id + 1 AS id FROM things")})
    assert _ids(reader) == [2]
    assert reader._tables.read().number == before.number + 1
    reader.close()


def test_a_crash_before_the_manifest_is_renamed_leaves_the_old(things: SparkEngine) -> None:
    things.load(THINGS, pa.table({"id": [1]}))
    root = things._tables.root
    left = root / "tables" / "things" / "99999999-crashed"
    left.mkdir()
    (left / "part-0.parquet").write_bytes(b"half")
    (root / "manifest.json.draft").write_text('{"format"')
    assert _ids(things) == [1]
    things.load(THINGS, pa.table({"id": [2]}))
    assert _ids(things) == [1, 2]
    assert not left.exists()


def test_a_damaged_manifest_is_told(tmp_path: Path, spark_master: str) -> None:
    (tmp_path / "manifest.json").write_text(json.dumps({"format": 99}))
    made = SparkEngine(tmp_path, master=spark_master)
    with pytest.raises(UnavailableError) as raised:
        made.query(Statement("SELECT 1 AS a"))
    assert raised.value.code == "warehouse.cannot_open"
    made.close()


def test_two_writers_are_refused_at_once(things: SparkEngine) -> None:
    with things._tables.writing(), pytest.raises(ConflictError):
        things.load(THINGS, pa.table({"id": [1]}))


def test_values_never_become_sql(things: SparkEngine) -> None:
    hostile = "x' OR 1=1; DROP TABLE things --"
    things.write([_added({"id": 1, "name": hostile}, {"id": 2, "name": "x"})])
    asked = statement("SELECT id FROM {t} WHERE name = $name", tables={"t": THINGS}, name=hostile)
    assert things.query(asked).column("id").to_pylist() == [1]


def test_times_do_not_move_with_the_zone_of_the_process(things: SparkEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "TZ", "America/Santiago")
    time.tzset()
    try:
        found = things.query(Statement("SELECT $at AS at, epoch_us($at::TIMESTAMP) AS us", {"at": AT})).to_pylist()
    finally:
        monkeypatch.undo()
        time.tzset()
    assert found == [{"at": AT, "us": 1774747800000001}]


def test_nobody_answering_is_told_within_seconds(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError) as raised:
        SparkEngine(tmp_path, master="spark://127.0.0.1:9")
    assert raised.value.code == "warehouse.nobody_answers"
    assert "127.0.0.1:9" in raised.value.message("es")


def test_what_takes_long_can_be_stopped(things: SparkEngine) -> None:
    endless = "SELECT COUNT(*) AS n FROM RANGE(1000000000000) AS t WHERE SHA2(CAST(id AS STRING), 256) = 'x'"
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(things.query, Statement(endless, dialect="spark"))
        time.sleep(2)
        began = time.monotonic()
        things.interrupt()
        assert waiting.exception(30) is not None
        assert time.monotonic() - began < 10
    # the session is still good
    assert things.query(Statement("SELECT 1 AS a")).to_pylist() == [{"a": 1}]


def test_a_second_cluster_in_a_process_is_refused(tmp_path: Path, things: SparkEngine) -> None:
    with pytest.raises(UnavailableError) as raised:
        SparkEngine(tmp_path, master="local[1]")
    assert raised.value.code == "warehouse.other_cluster"
    assert things.query(statement("SELECT 1 AS one")).to_pylist() == [{"one": 1}]
