"""Tables as Parquet files in a folder, named by one manifest: publishing is the renaming of that manifest.

A table is the list of files that the manifest names for it, and a file is never changed once it is named. A
writer makes new files beside the old ones, then puts a new manifest in the old one's place in one step; so a
crash at any point leaves the old contents of all tables or the new. Readers read the manifest once and then
only files that it names. Files that no manifest names any more are removed later, when no reader can still be
at them. No metastore and no table format is needed, only a folder that every machine of the cluster sees.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import time
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from tesela.warehouse.tables import Column

_MANIFEST = "manifest.json"
_FORMAT = 1
_ROWS_A_GROUP = 200_000


@dataclass(frozen=True, slots=True)
class StoredTable:
    """What the manifest says of one table.

    Attributes:
        columns: Name and type of each column, in order.
        files: Its files, relative to the root.
    """

    columns: tuple[tuple[str, str], ...]
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One publication: all tables at one moment.

    Attributes:
        number: Of the publication, one more than the one before.
        tables: Tables by name.
        retired: When folders went out of use, in seconds since 1970.
    """

    number: int = 0
    tables: Mapping[str, StoredTable] = field(default_factory=dict)
    retired: Mapping[str, float] = field(default_factory=dict)


class TableFolder:
    """The folder of the tables.

    Args:
        root: Where; made when absent.
        keep_seconds: How long files out of use stay, for readers that are still at them.

    Raises:
        UnavailableError: when the folder cannot be used.
    """

    def __init__(self, root: Path, *, keep_seconds: float = 3600) -> None:
        self.root = root.resolve()
        self._keep_seconds = keep_seconds
        try:
            self.root.mkdir(parents=True, exist_ok=True)
        except OSError as cause:
            raise UnavailableError("warehouse.cannot_open", path=str(root), reason=cause.strerror) from cause

    def read(self) -> Manifest:
        """Return the newest publication.

        Raises:
            UnavailableError: when the manifest makes no sense.
        """
        path = self.root / _MANIFEST
        try:
            told = json.loads(path.read_text("utf-8"))
            if told["format"] != _FORMAT:
                raise ValueError(f"format {told['format']}")
            tables = {
                name: StoredTable(tuple((column, kind) for column, kind in each["columns"]), tuple(each["files"]))
                for name, each in told["tables"].items()
            }
            return Manifest(told["publication"], tables, told["retired"])
        except FileNotFoundError:
            return Manifest()
        except (OSError, ValueError, KeyError, TypeError) as cause:
            raise UnavailableError("warehouse.cannot_open", path=str(path), reason=str(cause)) from cause

    @contextlib.contextmanager
    def writing(self) -> Iterator[Draft]:
        """Hold the folder for writing, and publish the draft at the end unless something was raised.

        Raises:
            ConflictError: at once, when another process is writing.
        """
        with self._locked():
            draft = Draft(self, self.read())
            self._sweep(draft.manifest, self._keep_seconds)
            try:
                yield draft
                self._publish(draft)
            except BaseException:
                draft.drop()
                raise

    def purge(self) -> None:
        """Remove every folder that the newest publication does not name.

        Raises:
            ConflictError: at once, when another process is writing.
        """
        with self._locked():
            self._sweep(self.read(), 0)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        handle = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as cause:
            raise ConflictError("warehouse.in_use", path=str(self.root), owner="?") from cause
        finally:
            os.close(handle)

    def _publish(self, draft: Draft) -> None:
        before = self.read()
        if draft.manifest.tables == before.tables:
            return
        named = _folders(draft.manifest.tables)
        gone = _folders(before.tables) - named
        known = {folder: at for folder, at in before.retired.items() if (self.root / folder).exists()}
        retired = {**known, **dict.fromkeys(gone, time.time())}
        tables = {name: {"columns": each.columns, "files": each.files} for name, each in draft.manifest.tables.items()}
        told = {"format": _FORMAT, "publication": before.number + 1, "tables": tables, "retired": retired}
        waiting = self.root / f"{_MANIFEST}.draft"
        waiting.write_text(json.dumps(told, ensure_ascii=False, indent=1), "utf-8")
        for folder in draft.made:
            _sync_folder(self.root / folder)
        _sync(waiting)
        waiting.replace(self.root / _MANIFEST)
        _sync(self.root)

    def _sweep(self, manifest: Manifest, keep_seconds: float) -> None:
        """Remove what nobody can be reading: folders long out of use, and what a crash left in the making."""
        named = _folders(manifest.tables)
        now = time.time()
        for each in self.root.glob("tables/*/*"):
            folder = str(each.relative_to(self.root))
            retired_at = manifest.retired.get(folder)
            if folder not in named and (retired_at is None or now - retired_at >= keep_seconds):
                shutil.rmtree(each, ignore_errors=True)


class Draft:
    """The next publication in the making.

    Attributes:
        manifest: What would be published now.
        made: Folders made for it, relative to the root.
    """

    def __init__(self, folder: TableFolder, manifest: Manifest) -> None:
        self._folder = folder
        self.manifest = manifest
        self.made: list[str] = []

    def declare(self, name: str, columns: Sequence[Column]) -> None:
        """Add a table without rows, unless it is there."""
        if name not in self.manifest.tables:
            self._set(name, StoredTable(tuple((column.name, column.type) for column in columns)))

    def new_folder(self, table: str) -> Path:
        """Return a new folder for files of a table; what it will hold is published by `add` or `put`."""
        folder = f"tables/{table}/{self.manifest.number + 1:08}-{uuid.uuid4().hex[:8]}"
        self.made.append(folder)
        return self._folder.root / folder

    def add(self, table: str, folder: Path) -> None:
        """Append the files of a new folder to a table."""
        stored = self.manifest.tables[table]
        self._set(table, replace(stored, files=(*stored.files, *self._files(folder))))

    def put(self, table: str, folder: Path) -> None:
        """Let the files of a new folder be the whole contents of a table."""
        self._set(table, replace(self.manifest.tables[table], files=self._files(folder)))

    def empty(self, table: str) -> None:
        """Let a table hold nothing."""
        self._set(table, replace(self.manifest.tables[table], files=()))

    def write_arrow(self, table: str, rows: pa.Table | pa.RecordBatchReader) -> Path:
        """Write rows into a new folder of a table, and return it."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        folder = self.new_folder(table)
        folder.mkdir(parents=True)
        schema = arrow_schema(self.manifest.tables[table].columns)
        batches = rows.to_batches() if isinstance(rows, pa.Table) else rows
        with pq.ParquetWriter(folder / "part-0.parquet", schema, compression="zstd") as writer:
            for batch in batches:
                fitted = _fitted(pa.Table.from_batches([batch]), schema)
                writer.write_table(fitted, row_group_size=_ROWS_A_GROUP)
        return folder

    def drop(self) -> None:
        """Remove what was made."""
        for folder in self.made:
            shutil.rmtree(self._folder.root / folder, ignore_errors=True)

    def _set(self, name: str, table: StoredTable) -> None:
        self.manifest = replace(self.manifest, tables={**self.manifest.tables, name: table})

    def _files(self, folder: Path) -> tuple[str, ...]:
        return tuple(str(path.relative_to(self._folder.root)) for path in sorted(folder.glob("*.parquet")))


def arrow_schema(columns: Sequence[tuple[str, str]]) -> pa.Schema:
    """Return the Arrow schema of declared columns."""
    import pyarrow as pa

    types: dict[str, Any] = {
        "BIGINT": pa.int64(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "DECIMAL(18,4)": pa.decimal128(18, 4),
        "INTEGER": pa.int32(),
        "TIMESTAMP": pa.timestamp("us"),
    }
    return pa.schema([(name, types.get(kind, pa.string())) for name, kind in columns])


def _fitted(rows: pa.Table, schema: pa.Schema) -> pa.Table:
    """Bring rows to a schema by the names of its columns; one that is absent is missing everywhere."""
    import pyarrow as pa

    columns = [
        rows.column(each.name).cast(each.type) if each.name in rows.column_names else pa.nulls(rows.num_rows, each.type)
        for each in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _folders(tables: Mapping[str, StoredTable]) -> set[str]:
    return {str(Path(file).parent) for each in tables.values() for file in each.files}


def _sync_folder(folder: Path) -> None:
    for path in folder.glob("*"):
        _sync(path)
    if folder.is_dir():
        _sync(folder)
        _sync(folder.parent)
        _sync(folder.parent.parent)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
