"""Writing lists of members for other programs: CSV that no spreadsheet runs, Parquet, JSON."""

from __future__ import annotations

import contextlib
import csv
import json
import sys
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

from tesela.base import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa

# A cell that starts so may be run as a formula by Excel, LibreOffice or Google Sheets.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def write_sheet(rows: pa.Table, form: Literal["csv", "parquet", "json"], target: Path | None) -> None:
    """Write rows to a file, or to standard output when none is named.

    Args:
        rows: What to write.
        form: `csv` has a header and guards formulas with a leading '; `json` is one list of objects.
        target: File; replaced as a whole when it exists.

    Raises:
        InputError: when Parquet would go to a terminal.
        UnavailableError: when the file cannot be written.
    """
    if target is None:
        if form == "parquet" and sys.stdout.isatty():
            raise InputError("interfaces.cli.parquet_needs_a_file")
        _WRITERS[form](rows, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    try:
        with _replacing(target) as file:
            _WRITERS[form](rows, file)
    except OSError as cause:
        raise UnavailableError(
            "interfaces.cli.cannot_write", path=str(target), reason=cause.strerror or str(cause)
        ) from cause


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a draft that takes the target's place only when it is whole."""
    draft = target.with_name(f".{target.name}.draft")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _write_csv(rows: pa.Table, file: BinaryIO) -> None:
    lines = _Lines(file)
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerow(rows.column_names)
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


_WRITERS = {"csv": _write_csv, "json": _write_json, "parquet": _write_parquet}


class _Lines:
    """Gives the csv module, which writes text, a binary file to write to."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, line: str) -> int:
        return self._file.write(line.encode())


def _guard(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_STARTS) else cell
