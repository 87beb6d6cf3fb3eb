"""Stage a table of a database, by SQLAlchemy URL."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, NotFoundError, UnavailableError
from tesela.events.sources.reading.dialect import name_columns
from tesela.events.sources.reading.staging import RowWriter, check_width, describe_staged, private_connection
from tesela.events.sources.reading.values import AS_TEXT, TypedColumn, show_typed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tesela.events.sources.reading.staged import ReadingOptions, StagedTable

    Progress = Callable[[int, int | None], None]

_BATCH = 20_000


@contextlib.contextmanager
def stage_database(
    url: str, *, folder: Path, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> Iterator[StagedTable]:
    """Stage one table, streamed in batches through a cursor of the server.

    Args:
        url: SQLAlchemy URL, its table perhaps after a `#`; its password is never shown.
        folder: Where files in the making go.
        scratch: The folder that the staged table's connection may write to.
        options: `table` names the table; a database with a single one needs no name.
        progress: Called with the rows read.

    Raises:
        InputError: when the URL makes no sense, or its driver is not installed.
        NotFoundError: when there is no such table; names those there are.
        UnavailableError: when the database cannot be reached.
    """
    address, _, fragment = url.partition("#")
    with private_connection(folder, writable=scratch, memory_limit=options.memory_limit) as connection:
        with _connected(address) as database:
            table = _find_table(database, options.table or fragment or None)
            names = [column.name for column in table.columns]
            check_width(len(names))
            _write_rows(connection, database, table, progress)
        yield describe_staged(connection, name_columns(names, len(names)), ())


@contextlib.contextmanager
def _connected(url: str) -> Iterator[Any]:
    import sqlalchemy as sa

    try:
        address = sa.make_url(url)
        engine = sa.create_engine(address)
    except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError, ModuleNotFoundError, ValueError) as cause:
        # what they say may quote the URL, and so a password
        raise InputError("events.sources.reading.bad_url", reason=type(cause).__name__) from None
    _check_exists(address)
    try:
        with engine.connect().execution_options(stream_results=True) as database:
            yield database
    except sa.exc.DBAPIError as cause:
        raise UnavailableError(
            "events.sources.reading.database_failed",
            url=address.render_as_string(hide_password=True),
            reason=_first_line(cause, address.password),
        ) from None
    finally:
        engine.dispose()


def _check_exists(address: Any) -> None:
    """Refuse a SQLite file that is not there: connecting would make it."""
    file = address.database
    if address.get_backend_name() == "sqlite" and file and file != ":memory:" and not Path(file).exists():
        raise NotFoundError("events.sources.reading.no_such_file", path=file)


def _find_table(database: Any, wanted: str | None) -> Any:
    import sqlalchemy as sa

    inspector = sa.inspect(database)
    schema, _, name = (wanted or "").rpartition(".")
    try:
        names = [*inspector.get_table_names(schema or None), *inspector.get_view_names(schema or None)]
    except sa.exc.OperationalError:
        # SQLite has no schema of that name
        names = []
    if wanted is None and len(names) == 1:
        name = names[0]
    if name not in names:
        raise NotFoundError("events.sources.reading.unknown_table", table=wanted or "", tables=", ".join(sorted(names)))
    return sa.Table(name, sa.MetaData(), schema=schema or None, autoload_with=database, resolve_fks=False)


def _write_rows(connection: Any, database: Any, table: Any, progress: Progress | None) -> None:
    import pyarrow as pa
    import sqlalchemy as sa

    columns = [TypedColumn() for _ in table.columns]
    writer, last = RowWriter(connection, AS_TEXT, len(columns)), 0
    for rows in database.execute(sa.select(table)).yield_per(_BATCH).partitions():
        cells = [column.spell(values) for column, values in zip(columns, zip(*rows, strict=True), strict=True)]
        numbers = pa.array(range(last + 1, last + 1 + len(rows)), pa.int64())
        writer.write(numbers, [pa.array(each, pa.string()) for each in cells])
        last += len(rows)
        if progress:
            progress(last, None)
    writer.finish()
    show_typed(connection, columns)


def _first_line(cause: Any, password: str | None) -> str:
    # the driver's own words; SQLAlchemy's would add the statement
    said = str(cause.orig or cause).strip().splitlines() or [type(cause).__name__]
    return said[0].replace(password, "***") if password else said[0]
