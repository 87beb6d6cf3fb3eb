"""Stage Parquet: one file or a folder of parts, read in place with their own types."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb

from tesela.base import InputError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.staged import STAGED, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import check_width, describe_staged, private_connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_INTEGERS = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT")
_NATIVE = frozenset({"BOOLEAN", "DATE", "DOUBLE", "FLOAT", *_INTEGERS, *(f"U{name}" for name in _INTEGERS)})


@contextlib.contextmanager
def stage_parquet(
    parts: Sequence[Path], *, folder: Path, scratch: Path, options: ReadingOptions
) -> Iterator[StagedTable]:
    """Stage Parquet files that have the same columns, in the order given.

    Raises:
        InputError: when one is not Parquet or is damaged, or its columns are others than the first's.
    """
    names, sizes = _look_over(parts)
    check_width(len(names))
    with private_connection(folder, writable=scratch, readable=parts, memory_limit=options.memory_limit) as connection:
        try:
            _create_view(connection, parts, sizes, len(names))
            # damage in the middle of a file shows only when it is read
            shown = ", ".join(f"count(c{n})" for n in range(len(names)))
            connection.execute(f"SELECT {shown} FROM {STAGED}").fetchall()
        except duckdb.Error as cause:
            if "No space left" in str(cause) or isinstance(cause, duckdb.OutOfMemoryException):
                raise
            raise _unreadable(parts[0], cause) from cause
        yield describe_staged(connection, name_columns(names, len(names)), ())


def _look_over(parts: Sequence[Path]) -> tuple[list[str], list[int]]:
    """Return the names of the columns, and how many rows each part has."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    names: list[str] = []
    sizes = []
    for part in parts:
        try:
            with pq.ParquetFile(part) as file:
                found, size = list(file.schema_arrow.names), int(file.metadata.num_rows)
        except pa.ArrowException as cause:
            raise _unreadable(part, cause) from cause
        except OSError as cause:
            if cause.errno is not None:
                raise
            raise _unreadable(part, cause) from cause
        names = names or found
        if found != names:
            raise InputError("events.sources.reading.parts_differ", path=str(part), first=str(parts[0]))
        sizes.append(size)
    return names, sizes


def _unreadable(part: Path, cause: Exception) -> InputError:
    reason = str(cause).splitlines()[0]
    return InputError("events.sources.reading.not_parquet", path=str(part), reason=reason)


def _create_view(connection: Any, parts: Sequence[Path], sizes: Sequence[int], width: int) -> None:
    columns = ", ".join(f"c{n}" for n in range(width))
    views, start = [], 0
    for part, size in zip(parts, sizes, strict=True):
        # a view takes no bound value: the path of the file that the person named is quoted
        path = str(part).replace("'", "''")
        views.append(
            f"SELECT {start} + file_row + 1 AS row_number, {columns} "
            f"FROM read_parquet('{path}', file_row_number = true) AS part({columns}, file_row)"
        )
        start += size
    connection.execute(f"CREATE VIEW raw_parts AS {' UNION ALL '.join(views)}")
    types = {row[0]: row[1] for row in connection.execute("DESCRIBE raw_parts").fetchall()}
    listed = ", ".join(_as_column(f"c{n}", types[f"c{n}"]) for n in range(width))
    connection.execute(f"CREATE VIEW {STAGED} AS SELECT row_number, {listed} FROM raw_parts")


def _as_column(name: str, kind: str) -> str:
    if kind in _NATIVE or kind.startswith(("DECIMAL", "TIMESTAMP")):
        return name
    if kind.endswith("]") or kind.startswith(("STRUCT", "MAP", "UNION")):
        return f"to_json({name})::VARCHAR AS {name}"
    return f"replace({name}::VARCHAR, chr(0), '') AS {name}"
