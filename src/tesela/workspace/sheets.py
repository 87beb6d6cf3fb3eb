"""Lists of people as files for other programs: CSV and Excel that run no formula, Parquet, JSON."""

from __future__ import annotations

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from tesela.base import InputError

if TYPE_CHECKING:
    import pyarrow as pa

SheetForm = Literal["csv", "xlsx", "parquet", "json"]

# A cell that starts so may be run as a formula by Excel, LibreOffice or Google Sheets.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_MOST_ROWS_OF_EXCEL = 1_048_575
# Excel keeps 15 digits: a longer number, such as an id, is written as text
_EXACT_IN_EXCEL = 10**15


def write_sheet(rows: pa.Table, form: SheetForm, file: BinaryIO) -> None:
    """Write rows to an open file.

    Args:
        rows: What to write.
        form: `csv` has a header and guards formulas with a leading '; `xlsx` has texts as texts; `json` is one list
            of objects.
        file: Where to.

    Raises:
        InputError: when Excel takes no so many rows.
    """
    _WRITERS[form](rows, file)


def unguard(cell: str) -> str:
    """Return a cell of such a CSV without what guards it, as it was before.

    Example:
        >>> unguard("'+34 600 000 000"), unguard("'tis")
        ('+34 600 000 000', "'tis")
    """
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_STARTS) else cell


def _write_csv(rows: pa.Table, file: BinaryIO) -> None:
    lines = _Lines(file)
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(map(_guard, rows.column_names))
    for batch in rows.to_batches():
        writer.writerows(zip(*(map(_guard, column.to_pylist()) for column in batch.columns), strict=True))


def _write_json(rows: pa.Table, file: BinaryIO) -> None:
    separator = b"["
    for batch in rows.to_batches():
        for row in batch.to_pylist():
            file.write(separator + json.dumps(row, ensure_ascii=False, default=str).encode())
            separator = b",\n"
    file.write(b"]\n" if separator != b"[" else b"[]\n")


def _write_parquet(rows: pa.Table, file: BinaryIO) -> None:
    from pyarrow import parquet

    parquet.write_table(rows, file)


def _write_xlsx(rows: pa.Table, file: BinaryIO) -> None:
    import xlsxwriter

    if rows.num_rows > _MOST_ROWS_OF_EXCEL:
        raise InputError("workspace.too_many_for_excel", rows=rows.num_rows, most=_MOST_ROWS_OF_EXCEL)
    told = {"constant_memory": True, "in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, {**told, "strings_to_numbers": False}) as book:
        sheet, heading = book.add_worksheet(), book.add_format({"bold": True})
        sheet.freeze_panes(1, 0)
        for place, name in enumerate(rows.column_names):
            sheet.write_string(0, place, name, heading)
        number = 0
        for batch in rows.to_batches():
            for row in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                number += 1
                for place, cell in enumerate(row):
                    _write_cell(sheet, number, place, cell)


def _write_cell(sheet: Any, row: int, column: int, cell: Any) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float | Decimal) and -_EXACT_IN_EXCEL < cell < _EXACT_IN_EXCEL:
        sheet.write_number(row, column, cell)
    else:
        sheet.write_string(row, column, cell.isoformat() if isinstance(cell, datetime | date) else str(cell))


_WRITERS = {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet, "xlsx": _write_xlsx}


class _Lines:
    """Gives the csv module, which writes text, a binary file to write to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.encode())


def _guard(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
