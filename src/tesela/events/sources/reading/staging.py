"""The private connection that a source is staged in, and writing batches of rows into it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb

from tesela.base import InputError
from tesela.events.sources.reading.staged import STAGED, UNREADABLE, Note, StagedTable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

MAX_COLUMNS = 4_096


@contextlib.contextmanager
def private_connection(scratch: Path, *, readable: Sequence[Path] = (), memory_limit: str) -> Iterator[Any]:
    """Open a DuckDB file in the scratch folder that may touch that folder and the named files alone."""
    path = scratch / "staging.duckdb"
    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(scratch / "spill"),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET allowed_directories = $folders", {"folders": [str(scratch)]})
        connection.execute("SET allowed_paths = $paths", {"paths": [str(path) for path in readable]})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        connection.execute(f"CREATE TABLE {UNREADABLE} (row_number BIGINT, raw VARCHAR, reason VARCHAR)")
        yield connection
    finally:
        connection.close()


def check_width(columns: int) -> None:
    """Refuse tables that no shop exports.

    Raises:
        InputError: above 4,096 columns.
    """
    if columns > MAX_COLUMNS:
        raise InputError("events.sources.reading.too_many_columns", columns=columns, most=MAX_COLUMNS)


def stage_batches(connection: Any, batches: Iterable[pa.RecordBatch], columns: int) -> None:
    """Write batches of `row_number`, `c0`, ... (text) into the staged table."""
    import pyarrow as pa

    schema = pa.schema([("row_number", pa.int64()), *((f"c{n}", pa.string()) for n in range(columns))])
    incoming = pa.RecordBatchReader.from_batches(schema, batches)
    connection.register("incoming", incoming)
    connection.execute(f"CREATE TABLE {STAGED} AS SELECT * FROM incoming")
    connection.unregister("incoming")


def stage_unreadable(connection: Any, rows: Sequence[tuple[int, str, str]]) -> None:
    """Write rows that could not be read: number, raw text, reason."""
    import pyarrow as pa

    if not rows:
        return
    table = pa.table(
        {
            "row_number": pa.array([row[0] for row in rows], pa.int64()),
            "raw": pa.array([row[1] for row in rows], pa.string()),
            "reason": pa.array([f"events.sources.reading.{row[2]}" for row in rows], pa.string()),
        }
    )
    connection.register("incoming", table)
    connection.execute(f"INSERT INTO {UNREADABLE} SELECT * FROM incoming")
    connection.unregister("incoming")


def set_repeated_headers_apart(connection: Any, headers: Sequence[str]) -> None:
    """Move rows that repeat the header line (files put together from several) to the unreadable ones."""
    same = " AND ".join(f"c{n} IS NOT DISTINCT FROM ${n + 1}" for n in range(len(headers)))
    values = [header or None for header in headers]
    raw = "concat_ws(',', " + ", ".join(f"c{n}" for n in range(len(headers))) + ")"
    moved = connection.execute(
        f"INSERT INTO {UNREADABLE} SELECT row_number, {raw}, 'events.sources.reading.repeated_header' "
        f"FROM {STAGED} WHERE {same}",
        values,
    ).fetchall()
    if moved[0][0]:
        connection.execute(f"DELETE FROM {STAGED} WHERE {same}", values)


def describe_staged(connection: Any, headers: Sequence[str], notes: Sequence[Note]) -> StagedTable:
    """Count what is staged.

    Raises:
        InputError: when there is no row at all.
    """
    types = tuple(row[1] for row in connection.execute(f"DESCRIBE {STAGED}").fetchall())[1:]
    (readable,) = connection.execute(f"SELECT count(*) FROM {STAGED}").fetchall()[0]
    (unreadable,) = connection.execute(f"SELECT count(*) FROM {UNREADABLE}").fetchall()[0]
    if not readable and not unreadable:
        raise InputError("events.sources.reading.only_a_header", headers=", ".join(headers))
    return StagedTable(connection, tuple(headers), types, readable + unreadable, tuple(notes))
