"""Stage Parquet: one file or a folder of parts, read in place with their own types."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.staged import STAGED, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import check_width, describe_staged, private_connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_SIMPLE = (
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DECIMAL",
    "DOUBLE",
    "FLOAT",
    "HUGEINT",
    "INTEGER",
    "SMALLINT",
    "TIME",
    "TINYINT",
)
_SIMPLE_TOO = ("TIMESTAMP", "UBIGINT", "UINTEGER", "USMALLINT", "UTINYINT", "UUID", "VARCHAR")


@contextlib.contextmanager
def stage_parquet(parts: Sequence[Path], *, scratch: Path, options: ReadingOptions) -> Iterator[StagedTable]:
    """Stage Parquet files that have the same columns, in the order given.

    Raises:
        InputError: when one is not Parquet, or its columns are others than the first's.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        described = [pq.read_schema(part) for part in parts]
        sizes = [pq.read_metadata(part).num_rows for part in parts]
    except (pa.ArrowInvalid, OSError) as cause:
        raise InputError("events.sources.reading.not_parquet", path=str(parts[0]), reason=str(cause)) from cause
    for part, schema in zip(parts, described, strict=True):
        if schema.names != described[0].names:
            raise InputError("events.sources.reading.parts_differ", path=str(part), first=str(parts[0]))
    names = described[0].names
    check_width(len(names))
    with private_connection(scratch, readable=parts, memory_limit=options.memory_limit) as connection:
        _create_view(connection, parts, sizes, len(names))
        yield describe_staged(connection, name_columns(names, len(names)), ())


def _create_view(connection: Any, parts: Sequence[Path], sizes: Sequence[int], width: int) -> None:
    columns = ", ".join(f"c{n}" for n in range(width))
    place = (
        "SELECT {start} + file_row + 1 AS row_number, {columns} "
        "FROM read_parquet('{path}', file_row_number = true) AS part({columns}, file_row)"
    )
    views, start = [], 0
    for part, size in zip(parts, sizes, strict=True):
        # a view takes no bound value: the path of the file that the person named is quoted
        views.append(place.format(start=start, columns=columns, path=str(part).replace("'", "''")))
        start += size
    connection.execute(f"CREATE VIEW raw_parts AS {' UNION ALL '.join(views)}")
    types = {row[0]: row[1] for row in connection.execute("DESCRIBE raw_parts").fetchall()}
    listed = ", ".join(_as_column(f"c{n}", types[f"c{n}"]) for n in range(width))
    connection.execute(f"CREATE VIEW {STAGED} AS SELECT row_number, {listed} FROM raw_parts")


def _as_column(name: str, kind: str) -> str:
    if kind.endswith(("]", ")")) and not kind.startswith("DECIMAL"):
        return f"to_json({name})::VARCHAR AS {name}"
    return name if kind.startswith((*_SIMPLE, *_SIMPLE_TOO)) else f"{name}::VARCHAR AS {name}"
