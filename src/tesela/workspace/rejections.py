"""Rejected rows of an import: listed with their reasons, taken out as a file, imported again once they are mended."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import TYPE_CHECKING

from tesela import events
from tesela.base import InputError, Language, text
from tesela.workspace.folder import scratch_folder
from tesela.workspace.sheets import unguard, write_sheet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from tesela.workspace.imports import ImportResult, Imports
    from tesela.workspace.stores import Stores

# Columns of the file that are ours, and are read back by nobody.
_ROW, _REASON, _DETAIL, _RAW = "tesela_row", "tesela_reason", "tesela_detail", "tesela_raw"
_OWN = (_ROW, _REASON, _DETAIL, _RAW)


@dataclass(frozen=True, slots=True)
class RejectedPage:
    """Some of the rejected rows of an import: personal data.

    Attributes:
        load: The import.
        rows: The rows.
        total: How many there are on all pages.
        mapping: How the columns were read.
        replays: Imports that brought rejected rows of it in again, in order.
    """

    load: events.Load
    rows: Sequence[events.RejectedRow]
    total: int
    mapping: events.Mapping
    replays: Sequence[events.Load]


@dataclass(frozen=True, slots=True)
class Replay:
    """What became of rejected rows that were imported again.

    Attributes:
        result: The import that they made.
        left_out: Rows that cannot be imported again as they are: erased, kept no longer, or never told apart into
            columns; these need a corrected file.
    """

    result: ImportResult
    left_out: int


class Rejections:
    """The rejected rows of the imports that stand.

    Args:
        stores: The open stores.
        imports: Brings them in again.
    """

    def __init__(self, stores: Stores, imports: Imports) -> None:
        self._stores = stores
        self._imports = imports

    def list(self, load_id: int, *, offset: int = 0, limit: int = 50, reason: str | None = None) -> RejectedPage:
        """Return rejected rows of an import, in the source's order: personal data.

        Args:
            load_id: Number of the import.
            offset: How many to pass over.
            limit: How many at most.
            reason: Only those with this code.

        Raises:
            NotFoundError: when there is no such import, or it was undone.
        """
        self._stores.refresh()
        load = self._find(load_id)
        rows = load.rejected_rows(self._stores.engine, offset=offset, limit=limit, reason=reason)
        total = load.rejected if reason is None else load.reasons.get(reason, 0)
        origin = _origin(load_id)
        replays = [each for each in self._imports.list() if each.origin == origin and each.state != "undone"]
        return RejectedPage(load, rows, total, events.Mapping.from_yaml(load.mapping), replays)

    def sheet(self, load_id: int, language: Language) -> tuple[bytes, int]:
        """Return the rejected rows of an import as CSV that runs no formula, and how many there are: personal data.

        The columns are the file's own, then the row's number, the reason in words, the value at fault, and the line
        as it came where it could not be told apart into columns.

        Raises:
            NotFoundError: when there is no such import, or it was undone.
        """
        import pyarrow as pa

        self._stores.refresh()
        load = self._find(load_id)
        rows = load.rejected_rows(self._stores.engine)
        headers = _headers(rows, load)
        columns = {header: [(row.cells or {}).get(header) for row in rows] for header in headers}
        columns |= {
            _ROW: [str(row.row_number) for row in rows],
            _REASON: [text(row.reason, language) for row in rows],
            _DETAIL: [row.detail for row in rows],
            _RAW: [row.raw if row.cells is None else None for row in rows],
        }
        file = BytesIO()
        write_sheet(pa.table({name: pa.array(column, pa.string()) for name, column in columns.items()}), "csv", file)
        return file.getvalue(), len(rows)

    def replay(
        self,
        load_id: int,
        *,
        fields: Mapping[str, str | None] | None = None,
        file: str | Path | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> Replay:
        """Import the rejected rows of an import again, by a corrected mapping, or from a corrected file.

        What can be used now is stored once, however often this is done, as of the time at which it came in first; what
        cannot is rejected again, with its reason.

        Args:
            load_id: Number of the import.
            fields: Corrections to how its columns were read: headers to fields; None reads nothing.
            file: The rows, mended; by default as they came.
            progress: Called with units done and units in all (None when not known).

        Raises:
            NotFoundError: when there is no such import, or it was undone.
            InputError: when a correction makes no sense, the file cannot be read, or nothing is left to import.
        """
        self._stores.refresh()
        load = self._find(load_id)
        mapping = events.Mapping.from_yaml(load.mapping)
        for header, field in (fields or {}).items():
            mapping = mapping.with_field(header, field)
        with scratch_folder(self._stores.layout) as scratch:
            path = scratch / _origin(load_id)
            left_out = self._write_kept(load, path) if file is None else self._write_mended(file, path, scratch)
            result = self._imports.run(
                load.kind,
                path,
                mapping=mapping,
                name=load.source,
                reading=events.ReadingOptions(encoding="utf-8", delimiter=",", has_header=True),
                received_at=datetime.fromisoformat(load.received_at),
                progress=progress,
            )
        return Replay(result, left_out)

    def _find(self, load_id: int) -> events.Load:
        return self._stores.record.manifest().find(load_id)

    def _write_kept(self, load: events.Load, path: Path) -> int:
        """Write the rows as they came, and return how many cannot be."""
        rows = load.rejected_rows(self._stores.engine)
        usable = [row.cells for row in rows if row.cells is not None]
        if not usable:
            raise InputError("workspace.nothing_to_replay", load=load.load_id)
        headers = _headers(rows, load)
        _write(path, headers, ([cells.get(header) or "" for header in headers] for cells in usable))
        return len(rows) - len(usable)

    def _write_mended(self, file: str | Path, path: Path, scratch: Path) -> int:
        """Write the rows of a file without what the file of rejected rows has added."""
        with events.open_source(file, scratch=scratch) as staged:
            [(odd,)] = staged.connection.execute(f"SELECT count(*) FROM {staged.unreadable}").fetchall()
            if odd:
                raise InputError("workspace.unreadable_rows", rows=odd)
            headers = [unguard(header) for header in staged.headers]
            own = [place for place, header in enumerate(headers) if header not in _OWN]
            shown = ", ".join(f"c{place}::VARCHAR" for place in own)
            rows = staged.connection.execute(f"SELECT {shown} FROM {staged.relation} ORDER BY row_number")
            cells = ([unguard(cell or "") for cell in row] for row in iter(rows.fetchone, None))
            _write(path, [headers[place] for place in own], cells)
        return 0


def _origin(load_id: int) -> str:
    """Return what the file of an import's rejected rows is called: it tells whose they were."""
    return f"rejected-{load_id}.csv"


def _headers(rows: Sequence[events.RejectedRow], load: events.Load) -> Sequence[str]:
    for row in rows:
        if row.cells is not None:
            return list(row.cells)
    return [column.header for column in events.Mapping.from_yaml(load.mapping).columns]


def _write(path: Path, headers: Sequence[str], rows: Iterator[Sequence[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(headers)
        writer.writerows(rows)
