"""Stage a sheet of a workbook: xlsx, xls, xlsb, ods."""

from __future__ import annotations

import contextlib
import datetime as dt
import zipfile
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.sources.reading.dialect import find_dialect, name_columns
from tesela.events.sources.reading.staged import Note, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import (
    check_width,
    describe_staged,
    private_connection,
    set_repeated_headers_apart,
    stage_batches,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_MAX_RATIO = 200
_FREE_BYTES = 256 * 2**20
_BATCH = 50_000
_LOOKED_AT = 100


@contextlib.contextmanager
def stage_sheet(path: Path, *, scratch: Path, options: ReadingOptions) -> Iterator[StagedTable]:
    """Stage one sheet: the one named, else the first that has rows. Dates come as ISO text.

    Raises:
        InputError: when it is no workbook, unpacks to something monstrous, or has no such sheet.
    """
    import pyarrow as pa

    sheet, rows = _read(path, options.sheet)
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if not rows:
        raise InputError("events.sources.reading.empty_file", path=path.name)
    start, headers, has_header = _find_header(rows, options)
    check_width(len(headers))
    notes = [Note("events.sources.reading.sheet", {"sheet": sheet})]
    if start:
        notes.append(Note("events.sources.reading.preamble", {"lines": start}))
    if not has_header:
        notes.append(Note("events.sources.reading.no_header"))
    body = rows[start + has_header :]
    width = len(headers)

    def batches() -> Iterator[pa.RecordBatch]:
        for first in range(0, len(body), _BATCH):
            part = body[first : first + _BATCH]
            columns = [pa.array([row[n] if n < len(row) else "" for row in part], pa.string()) for n in range(width)]
            numbers = pa.array(range(first + 1, first + 1 + len(part)), pa.int64())
            yield pa.RecordBatch.from_arrays(
                [numbers, *columns], names=["row_number", *(f"c{n}" for n in range(width))]
            )

    with private_connection(scratch, memory_limit=options.memory_limit) as connection:
        stage_batches(connection, batches(), width)
        set_repeated_headers_apart(connection, headers)
        yield describe_staged(connection, headers, notes)


def _read(path: Path, wanted: str | None) -> tuple[str, list[list[str]]]:
    import python_calamine as calamine

    _check_bomb(path)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        names = book.sheet_names
        if wanted is not None and wanted not in names:
            raise InputError("events.sources.reading.unknown_sheet", sheet=wanted, sheets=", ".join(names))
        for name in [wanted] if wanted is not None else names:
            rows = book.get_sheet_by_name(name).to_python(skip_empty_area=True)
            if rows:
                return name, [[_as_text(cell) for cell in row] for row in rows]
    except calamine.CalamineError as cause:
        raise InputError("events.sources.reading.not_a_workbook", path=path.name, reason=str(cause)) from cause
    return names[0] if names else "", []


def _check_bomb(path: Path) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(info.file_size for info in archive.infolist())
    if size > max(path.stat().st_size * _MAX_RATIO, _FREE_BYTES):
        raise InputError("events.sources.reading.archive_bomb", path=path.name, ratio=_MAX_RATIO)


def _find_header(rows: list[list[str]], options: ReadingOptions) -> tuple[int, tuple[str, ...], bool]:
    """Return the place of the first row of the table, its headers, and whether that row holds them."""
    width = max(len(row) for row in rows)
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:_LOOKED_AT]]
    # title lines above a table fill one or two cells of it
    start = next(n for n, count in enumerate(filled) if count >= min(max(filled), 3) or count == max(filled))
    sample = "\t".join(cell.replace("\t", " ").replace("\n", " ") or "-" for cell in rows[start]) + "\n"
    if options.has_header is None:
        dialect = find_dialect(sample, delimiter="\t", has_header=None)
        has_header = all(note.key != "events.sources.reading.no_header" for note in dialect.notes)
    else:
        has_header = options.has_header
    return start, name_columns(rows[start] if has_header else [], width), has_header


def _as_text(cell: object) -> str:
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case float() if cell.is_integer() and abs(cell) < 1e15:
            return str(int(cell))
        case float():
            return repr(cell)
        case dt.datetime():
            return cell.isoformat(sep=" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell).replace("\0", "")
