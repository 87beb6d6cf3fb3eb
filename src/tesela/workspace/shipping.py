"""Ship what rules read from the workspace's own file to the engine that runs them.

The record, cleaning and identity stay in the workspace: its file is the loader. An engine beside it gets the
derived tables, each only when its contents have changed. They come in under other names first, piece by piece,
and then take their places together, all or nothing, with the note that says so.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING

from tesela import events, profiles
from tesela.warehouse import statement
from tesela.workspace.tables import SHIPMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pyarrow as pa

    from tesela.warehouse import Engine, Statement, Table

SHIPPED = (
    events.EVENTS,
    events.PRODUCTS,
    profiles.PROFILES,
    profiles.ATTRIBUTE_VALUES,
    profiles.IDENTIFIERS,
    profiles.CONSENTS,
    profiles.SUPPRESSIONS,
)
"""The tables that rules and figures read and that follow from the record."""

RECORD_MARK = "record"
HISTORY_MARK = "history"

# Changed when what is derived from the same record changes.
_DERIVATION = "2"
_ROWS_A_PIECE = 500_000

Mark = tuple[str, str, int]
"""Name, fingerprint and rows of what was shipped."""


def stamp_of(record: events.Record, *found: str) -> str:
    """Return a fingerprint of everything that the derived tables follow from.

    Args:
        record: The record.
        found: What tells by which identity and which cleaning it was derived, and what people allow.
    """
    told = hashlib.sha256(" ".join((_DERIVATION, *found)).encode())
    for load in record.manifest().sealed:
        told.update(f"{load.load_id} {load.kind} {load.source}".encode())
        for file in load.files:
            told.update(f"{file.role} {file.sha256}".encode())
    return told.hexdigest()


def shipped_marks(engine: Engine) -> dict[str, str]:
    """Return the fingerprint of everything that the engine was sent, by name."""
    rows = engine.query(statement("SELECT name, fingerprint FROM {marks}", tables={"marks": SHIPMENTS})).to_pylist()
    return {row["name"]: row["fingerprint"] for row in rows}


def ship_tables(loader: Engine, engine: Engine, stamp: str, tables: Iterable[Table], scratch: Path) -> None:
    """Bring the engine up to what the loader holds; a crash leaves what it had.

    Args:
        loader: The workspace's own file, with everything derived.
        engine: The engine that runs the rules.
        stamp: Of the record that the loader follows.
        tables: Which tables.
        scratch: Folder for files in the making, which the loader may write.
    """
    known = shipped_marks(engine)
    if known.get(RECORD_MARK) == stamp:
        return
    files: dict[Table, Path] = {}
    marks: list[Mark] = [(RECORD_MARK, stamp, 0)]
    for table in tables:
        mark = _fingerprint(loader, table)
        if known.get(table.name) != mark[1]:
            files[table] = write_out(loader, table, scratch)
            marks.append(mark)
    bring_in(engine, files, marks)


def write_out(loader: Engine, table: Table, folder: Path) -> Path:
    """Write a table of the loader into a Parquet file."""
    path = folder / f"{table.name}.parquet"
    target = str(path).replace("'", "''")
    copy = "COPY {table} TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    loader.write([statement(copy, tables={"table": table, "target": target})])
    return path


def fetch(engine: Engine, table: Table, folder: Path) -> Path:
    """Write a table of an engine into a Parquet file."""
    import pyarrow.parquet as pq

    path = folder / f"{table.name}.parquet"
    rows = engine.query(statement("SELECT * FROM {table}", tables={"table": table}))
    pq.write_table(rows, path, compression="zstd")
    return path


def bring_in(engine: Engine, files: Mapping[Table, Path], marks: Iterable[Mark]) -> None:
    """Let tables of an engine hold what files hold, all or nothing, and note it."""
    drafts = {table: replace(table, name=f"{table.name}_incoming") for table in files}
    engine.create(drafts.values())
    _clear(engine, drafts.values())
    for table, path in files.items():
        for rows in _pieces(path):
            engine.load(drafts[table], rows)
    contents = {table: statement("SELECT * FROM {draft}", tables={"draft": draft}) for table, draft in drafts.items()}
    engine.replace({**contents, SHIPMENTS: _noted(marks)})
    _clear(engine, drafts.values())


def _clear(engine: Engine, tables: Iterable[Table]) -> None:
    engine.write([statement("DELETE FROM {table}", tables={"table": table}) for table in tables])


def _pieces(path: Path) -> Iterator[pa.Table]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_ROWS_A_PIECE):
            yield pa.Table.from_batches([batch])


def _noted(marks: Iterable[Mark]) -> Statement:
    import pyarrow as pa

    names, fingerprints, rows = zip(*marks, strict=True)
    relation = pa.table(
        {"name": list(names), "fingerprint": list(fingerprints), "row_count": pa.array(list(rows), pa.int64())}
    )
    return statement(
        """
        SELECT name, fingerprint, row_count FROM {marks} WHERE name NOT IN (SELECT name FROM new_marks)
        UNION ALL SELECT name, fingerprint, row_count FROM new_marks
        """,
        tables={"marks": SHIPMENTS},
        relations={"new_marks": relation},
    )


def _fingerprint(loader: Engine, table: Table) -> Mark:
    """Return a fingerprint of a table's rows in any order."""
    columns = ", ".join(f't."{name}"' for name in table.column_names)
    told = loader.query(
        statement(
            f"""
            SELECT count(*) AS n, coalesce(bit_xor(hash({columns})), 0)::VARCHAR AS mixed,
                coalesce(sum(hash({columns})::HUGEINT), 0)::VARCHAR AS added
            FROM {{table}} AS t
            """,
            tables={"table": table},
        )
    ).to_pylist()[0]
    return table.name, f"{told['n']}-{told['mixed']}-{told['added']}", told["n"]
