"""Stage a table of a database, by SQLAlchemy URL."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, NotFoundError, UnavailableError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.staging import check_width, describe_staged, private_connection, stage_batches

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tesela.events.sources.reading.staged import ReadingOptions, StagedTable

_BATCH = 20_000


@contextlib.contextmanager
def stage_database(url: str, *, scratch: Path, options: ReadingOptions) -> Iterator[StagedTable]:
    """Stage one table, streamed in batches through a cursor of the server.

    Args:
        url: SQLAlchemy URL; its password is never shown.
        scratch: Folder for files in the making.
        options: `table` names the table; a database with a single one needs no name.

    Raises:
        InputError: when the URL makes no sense, or its driver is not installed.
        NotFoundError: when there is no such table; names those there are.
        UnavailableError: when the database cannot be reached.
    """
    import sqlalchemy as sa

    try:
        address = sa.make_url(url)
        shown = address.render_as_string(hide_password=True)
        engine = sa.create_engine(address)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError, ValueError) as cause:
        raise InputError("events.sources.reading.bad_url", reason=type(cause).__name__) from cause
    try:
        with engine.connect().execution_options(stream_results=True) as database:
            table = _find_table(database, options.table)
            width = len(table.columns)
            check_width(width)
            with private_connection(scratch, memory_limit=options.memory_limit) as connection:
                stage_batches(connection, _batches(database, table), width)
                yield describe_staged(connection, name_columns([c.name for c in table.columns], width), ())
    except sa.exc.DBAPIError as cause:
        raise UnavailableError(
            "events.sources.reading.database_failed", url=shown, reason=_first_line(cause)
        ) from cause
    finally:
        engine.dispose()


def _find_table(database: Any, wanted: str | None) -> Any:
    import sqlalchemy as sa

    inspector = sa.inspect(database)
    schema, _, name = (wanted or "").rpartition(".")
    names = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    if wanted is None and len(names) == 1:
        name = names[0]
    if name not in names:
        raise NotFoundError("events.sources.reading.unknown_table", table=wanted or "", tables=", ".join(sorted(names)))
    return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=database)


def _batches(database: Any, table: Any) -> Iterator[Any]:
    import pyarrow as pa
    import sqlalchemy as sa

    names = ["row_number", *(f"c{n}" for n in range(len(table.columns)))]
    number = 0
    for rows in database.execute(sa.select(table)).yield_per(_BATCH).partitions():
        numbers = pa.array(range(number + 1, number + 1 + len(rows)), pa.int64())
        columns = [pa.array([_as_text(row[n]) for row in rows], pa.string()) for n in range(len(names) - 1)]
        yield pa.RecordBatch.from_arrays([numbers, *columns], names=names)
        number += len(rows)


def _as_text(value: Any) -> str | None:
    match value:
        case None:
            return None
        case bool():
            return "true" if value else "false"
        case dt.datetime() | dt.date() | dt.time():
            return value.isoformat()
        case bytes() | memoryview():
            return bytes(value).hex()
        case dict() | list():
            import json

            return json.dumps(value, ensure_ascii=False, default=str)
        case _:
            return str(value).replace("\0", "")


def _first_line(cause: Any) -> str:
    # the driver's own words; SQLAlchemy's would add the statement
    return str(cause.orig or cause).strip().splitlines()[0]
