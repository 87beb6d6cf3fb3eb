"""Stage a sheet of a workbook: xlsx, xlsb, xls, ods. Numbers and dates keep their types."""

from __future__ import annotations

import contextlib
import zipfile
from typing import TYPE_CHECKING, Any, TypeAlias

from tesela.base import InputError
from tesela.events.sources.reading.dialect import is_header, name_columns
from tesela.events.sources.reading.staged import Note, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import RowWriter, check_width, describe_staged, private_connection
from tesela.events.sources.reading.values import AS_TEXT, TypedColumn, show_typed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

_MAX_RATIO = 200
_FREE_BYTES = 256 * 2**20
_BATCH = 50_000
_LOOKED_AT = 100

Row: TypeAlias = "Sequence[object]"


@contextlib.contextmanager
def stage_sheet(
    path: Path, *, name: str, folder: Path, scratch: Path, options: ReadingOptions
) -> Iterator[StagedTable]:
    """Stage one sheet: the one named, else the first that has rows.

    Raises:
        InputError: when it is no workbook, unpacks to something monstrous, or has no such sheet.
    """
    sheet, rows = _read(path, name, options.sheet)
    rows = [row for row in rows if any(not _is_blank(cell) for cell in row)]
    if not rows:
        raise InputError("events.sources.reading.empty_file", path=name)
    start = _find_table(rows)
    width = max(len(row) for row in rows[start:])
    check_width(width)
    has_header = _has_header(rows[start:]) if options.has_header is None else options.has_header
    header = [_shown(cell) for cell in rows[start]] if has_header else []
    headers = name_columns(header, width)
    notes = [Note("events.sources.reading.sheet", {"sheet": sheet})]
    if start:
        notes.append(Note("events.sources.reading.preamble", {"lines": start}))
    if not has_header:
        notes.append(Note("events.sources.reading.no_header"))
    with private_connection(folder, writable=scratch, memory_limit=options.memory_limit) as connection:
        _write_rows(connection, rows[start + has_header :], header, width)
        yield describe_staged(connection, headers, notes)


def _write_rows(connection: Any, rows: Sequence[Row], header: Sequence[str], width: int) -> None:
    import pyarrow as pa

    writer = RowWriter(connection, AS_TEXT, width)
    columns = [TypedColumn() for _ in range(width)]
    for first in range(0, len(rows), _BATCH):
        kept: list[tuple[int, Row]] = []
        for number, row in enumerate(rows[first : first + _BATCH], first + 1):
            if header and [_shown(cell) for cell in row] == header:
                writer.set_apart([(number, "\t".join(header), "events.sources.reading.repeated_header")])
            else:
                kept.append((number, row))
        cells = [
            column.spell(None if n >= len(row) or _is_blank(row[n]) else row[n] for _, row in kept)
            for n, column in enumerate(columns)
        ]
        writer.write(pa.array([n for n, _ in kept], pa.int64()), [pa.array(each, pa.string()) for each in cells])
    writer.finish()
    show_typed(connection, columns)


def _read(path: Path, name: str, wanted: str | None) -> tuple[str, list[Row]]:
    import python_calamine as calamine

    _check_bomb(path, name)
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = book.sheet_names
        if wanted is not None and wanted not in sheets:
            raise InputError("events.sources.reading.unknown_sheet", sheet=wanted, sheets=", ".join(sheets))
        for sheet in [wanted] if wanted is not None else sheets:
            rows: Sequence[Row] = book.get_sheet_by_name(sheet).to_python(skip_empty_area=True)
            if rows:
                return sheet, list(rows)
    except (calamine.CalamineError, zipfile.BadZipFile) as cause:
        raise InputError("events.sources.reading.not_a_workbook", path=name, reason=str(cause)) from cause
    return sheets[0] if sheets else "", []


def _check_bomb(path: Path, name: str) -> None:
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
    if size > max(path.stat().st_size * _MAX_RATIO, _FREE_BYTES):
        raise InputError("events.sources.reading.archive_bomb", path=name, ratio=_MAX_RATIO)


def _find_table(rows: Sequence[Row]) -> int:
    """Return the place of the first row of the table: title lines above it fill one or two cells."""
    filled = [sum(not _is_blank(cell) for cell in row) for row in rows[:_LOOKED_AT]]
    return next(n for n, count in enumerate(filled) if count >= min(max(filled), 3))


def _has_header(rows: Sequence[Row]) -> bool:
    first = rows[0]
    if any(not isinstance(cell, str) for cell in first):
        return False
    below = [[_shown(cell) for cell in row] for row in rows[1:_LOOKED_AT]]
    return is_header([_shown(cell) for cell in first], below)


def _is_blank(cell: object) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _shown(cell: object) -> str:
    return TypedColumn().spell([cell])[0] or ""
