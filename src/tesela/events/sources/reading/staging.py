"""The private connection that a source is staged in, and writing rows into it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

import duckdb

from tesela.base import InputError
from tesela.events.sources.reading.staged import STAGED, UNREADABLE, Note, StagedTable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import pyarrow as pa

# DuckDB keeps a block of 256 KB for each while it writes
MAX_COLUMNS = 1_024
_FEW_ROWS = 10_000
_BLANKS = "".join(letter for letter in map(chr, range(0x3100)) if letter.isspace())


@contextlib.contextmanager
def private_connection(
    folder: Path, *, writable: Path, readable: Sequence[Path] = (), memory_limit: str
) -> Iterator[Any]:
    """Open a DuckDB file of our own.

    Args:
        folder: Where the file stands, and what does not fit in memory.
        writable: The one folder whose files statements may read and write.
        readable: Further files that they may read.
        memory_limit: Such as `700MB`.
    """
    connection = duckdb.connect(
        str(folder / "staging.duckdb"),
        config={
            "memory_limit": memory_limit,
            "temp_directory": str(folder / "spill"),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        },
    )
    try:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET allowed_directories = $folders", {"folders": [str(writable)]})
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
        InputError: above 1,024 columns.
    """
    if columns > MAX_COLUMNS:
        raise InputError("events.sources.reading.too_many_columns", columns=columns, most=MAX_COLUMNS)


class RowWriter:
    """Writes rows of text into a table, all of them in one transaction, and odd ones beside them.

    Args:
        connection: The private connection.
        table: Name of the table to make, with `row_number`, `c0`, `c1`, ...
        width: How many columns it has.
    """

    def __init__(self, connection: Any, table: str, width: int) -> None:
        self._connection = connection
        self._table = table
        self._names = ["row_number", *(f"c{n}" for n in range(width))]
        self._odd: list[tuple[int, str, str]] = []
        connection.execute("BEGIN TRANSACTION")
        listed = ", ".join(["row_number BIGINT", *(f"{name} VARCHAR" for name in self._names[1:])])
        connection.execute(f"CREATE TABLE {table} ({listed})")

    def widen(self, width: int) -> None:
        """Add columns, empty in the rows written before, until there are so many."""
        for n in range(len(self._names) - 1, width):
            self._connection.execute(f"ALTER TABLE {self._table} ADD COLUMN c{n} VARCHAR")
            self._names.append(f"c{n}")

    def write(self, numbers: pa.Array, columns: Sequence[pa.Array | pa.ChunkedArray]) -> None:
        """Write rows with their numbers, column by column."""
        import pyarrow as pa

        if len(numbers):
            self._insert(self._table, pa.table([numbers, *columns], names=self._names))

    def set_apart(self, rows: Sequence[tuple[int, str, str]]) -> None:
        """Keep rows that could not be read: number, raw text, reason (key of a text)."""
        self._odd += rows
        if len(self._odd) >= _FEW_ROWS:
            self._flush()

    def finish(self) -> None:
        """Make all of it last."""
        self._flush()
        self._connection.execute("COMMIT")

    def _flush(self) -> None:
        import pyarrow as pa

        if not self._odd:
            return
        numbers, raws, reasons = zip(*self._odd, strict=True)
        columns = [pa.array(numbers, pa.int64()), pa.array(raws, pa.string()), pa.array(reasons, pa.string())]
        self._insert(UNREADABLE, pa.table(columns, names=["row_number", "raw", "reason"]))
        self._odd = []

    def _insert(self, table: str, rows: pa.Table) -> None:
        # a registered table would stay in memory until the transaction ends, and so would the whole file
        self._connection.from_arrow(rows).insert_into(table)


def drop_blank_rows(connection: Any, width: int) -> tuple[Note, ...]:
    """Remove rows without a single value, as spreadsheets leave them below a table."""
    blank = " AND ".join(f"trim(c{n}, $blanks) = ''" for n in range(width))
    (count,) = connection.execute(f"DELETE FROM {STAGED} WHERE {blank}", {"blanks": _BLANKS}).fetchall()[0]
    return (Note("events.sources.reading.blank_rows", {"rows": count}),) if count else ()


def set_repeated_headers_apart(connection: Any, header: Sequence[str], delimiter: str) -> None:
    """Move rows that repeat the header line (files put together from several) to the unreadable ones.

    Args:
        connection: The private connection.
        header: Cells of the header as they are in the file; empty where it has none.
        delimiter: What stands between them.
    """
    if not header:
        return
    # a file put after another may bring its byte order mark along
    same = " AND ".join(f"trim(c{n}, $mark) = $h{n}" for n in range(len(header)))
    values = {f"h{n}": cell.strip(" \ufeff") for n, cell in enumerate(header)} | {"mark": " \ufeff"}
    found = connection.execute(f"SELECT row_number FROM {STAGED} WHERE {same}", values).fetchall()
    if not found:
        return
    raw = "concat_ws($delimiter, " + ", ".join(f"c{n}" for n in range(len(header))) + ")"
    connection.execute(
        f"INSERT INTO {UNREADABLE} SELECT row_number, {raw}, 'events.sources.reading.repeated_header' "
        f"FROM {STAGED} WHERE {same}",
        values | {"delimiter": delimiter},
    )
    connection.execute(f"DELETE FROM {STAGED} WHERE {same}", values)


def describe_staged(
    connection: Any, headers: Sequence[str], notes: Sequence[Note], accented: Sequence[str] = ()
) -> StagedTable:
    """Count what is staged.

    Raises:
        InputError: when there is no row at all.
    """
    types = tuple(row[1] for row in connection.execute(f"DESCRIBE {STAGED}").fetchall())[1:]
    (readable,) = connection.execute(f"SELECT count(*) FROM {STAGED}").fetchall()[0]
    (unreadable,) = connection.execute(f"SELECT count(*) FROM {UNREADABLE}").fetchall()[0]
    if not readable and not unreadable:
        raise InputError("events.sources.reading.only_a_header", headers=", ".join(headers))
    return StagedTable(connection, tuple(headers), types, readable + unreadable, tuple(notes), tuple(accented))
