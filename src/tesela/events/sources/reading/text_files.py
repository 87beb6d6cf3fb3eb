"""Stage CSV and its kin: every row readable, or set apart with its raw text; none lost, none invented."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.reading.dialect import BLANKS, Dialect, find_dialect
from tesela.events.sources.reading.encoding import to_plain_text
from tesela.events.sources.reading.staged import Note, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import (
    check_width,
    describe_staged,
    private_connection,
    set_repeated_headers_apart,
    stage_batches,
    stage_unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    Progress = Callable[[int, int | None], None]

_SAMPLE_BYTES = 1 << 20
_BLOCK_BYTES = 8 << 20
# one row may be as large as a block; beyond this it is no row of a shop's export
_LARGEST_ROW_BYTES = 64 << 20
_FEW_LINES = 50


def stage_text(
    path: Path, *, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> AbstractContextManager[StagedTable]:
    """Stage a delimited text file, packed or not.

    Raises:
        InputError: when it is empty, binary, absurdly wide, or no table can be made out in it.
    """
    from contextlib import contextmanager

    @contextmanager
    def staging() -> Iterator[StagedTable]:
        plain = to_plain_text(path, scratch=scratch, encoding=options.encoding, member=options.sheet, progress=progress)
        dialect = find_dialect(_sample(plain.path), delimiter=options.delimiter, has_header=options.has_header)
        check_width(len(dialect.headers))
        text = plain.path
        if dialect.delimiter == BLANKS:
            text, dialect = _join_blanks(plain.path, scratch / "tabbed.txt", dialect)
        with private_connection(scratch, memory_limit=options.memory_limit) as connection:
            rows = _Rows(text, dialect, progress)
            try:
                stage_batches(connection, rows.batches(), len(dialect.headers))
            except Exception as cause:
                raise rows.failure or cause from cause
            stage_unreadable(connection, rows.unreadable)
            set_repeated_headers_apart(connection, dialect.headers)
            notes = (*plain.notes, *dialect.notes, *rows.notes)
            yield describe_staged(connection, dialect.headers, notes)

    return staging()


def _sample(path: Path) -> str:
    with path.open("rb") as file:
        start = file.read(_SAMPLE_BYTES)
    if len(start) == _SAMPLE_BYTES:
        # up to the last whole line, where there is one
        start = start[: max(start.rfind(b"\n"), start.rfind(b"\r")) + 1] or start
    return start.decode("utf-8", "replace")


def _join_blanks(source: Path, target: Path, dialect: Dialect) -> tuple[Path, Dialect]:
    """Put one TAB for each run of blanks, which is what the fast reader can divide at."""
    with source.open(encoding="utf-8") as lines, target.open("w", encoding="utf-8") as out:
        for line in lines:
            out.write("\t".join(line.split()) + "\n")
    return target, Dialect("\t", dialect.skipped_lines, dialect.headers, dialect.notes)


class _Rows:
    """Reads the rows of a plain text file in order, and keeps the ones that do not fit apart.

    Attributes:
        unreadable: Row number, raw text and reason of each row that does not fit.
        notes: What was mended.
        failure: Why reading stopped, where it did: an engine that pulls the batches hides the reason.
    """

    def __init__(self, path: Path, dialect: Dialect, progress: Progress | None) -> None:
        self._path = path
        self._dialect = dialect
        self._progress = progress
        self._odd: dict[int, str] = {}
        self.unreadable: list[tuple[int, str, str]] = []
        self.notes: tuple[Note, ...] = ()
        self.failure: InputError | None = None

    def batches(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._read()
        except InputError as cause:
            self.failure = cause
            raise

    def _read(self) -> Iterator[pa.RecordBatch]:
        last, size = 0, self._path.stat().st_size
        with self._path.open("rb") as file:
            for batch in self._parsed(file, min(max(size, 1), _BLOCK_BYTES)):
                numbered, last = self._number(batch, last)
                yield numbered
                if self._progress:
                    self._progress(file.tell(), size)
        yield from self._mend(last)

    def _parsed(self, file: Any, block: int) -> Iterator[pa.RecordBatch]:
        import pyarrow as pa
        import pyarrow.csv as pc

        names = [f"c{n}" for n in range(len(self._dialect.headers))]
        yielded = False
        try:
            reader = pc.open_csv(
                file,
                read_options=pc.ReadOptions(
                    use_threads=False,
                    block_size=block,
                    skip_rows=self._dialect.skipped_lines,
                    column_names=names,
                ),
                parse_options=pc.ParseOptions(
                    delimiter=self._dialect.delimiter,
                    quote_char='"',
                    double_quote=True,
                    newlines_in_values=True,
                    ignore_empty_lines=True,
                    invalid_row_handler=self._keep_odd,
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False
                ),
            )
            for batch in reader:
                yielded = True
                yield batch
        except pa.ArrowInvalid as cause:
            if "Empty CSV" in str(cause):
                return
            if yielded or block >= _LARGEST_ROW_BYTES:
                raise InputError(
                    "events.sources.reading.broken_text", path=self._path.name, reason=str(cause)
                ) from cause
            file.seek(0)
            self._odd.clear()
            yield from self._parsed(file, _LARGEST_ROW_BYTES)

    def _keep_odd(self, row: Any) -> str:
        # counted by the reader from 1, the lines skipped at the top included
        self._odd[row.number - self._dialect.skipped_lines] = row.text
        return "skip"

    def _number(self, batch: pa.RecordBatch, last: int) -> tuple[pa.RecordBatch, int]:
        """Give the rows of a batch their numbers, leaving out those of rows set apart."""
        import numpy as np
        import pyarrow as pa

        candidates = np.arange(last + 1, last + 1 + batch.num_rows + len(self._odd), dtype=np.int64)
        if self._odd:
            candidates = candidates[~np.isin(candidates, np.fromiter(self._odd, np.int64))]
        numbers = candidates[: batch.num_rows]
        names = ["row_number", *batch.schema.names]
        numbered = pa.RecordBatch.from_arrays([pa.array(numbers), *batch.columns], names=names)
        return numbered, int(numbers[-1]) if batch.num_rows else last

    def _mend(self, last: int) -> Iterator[pa.RecordBatch]:
        """Read the odd rows once more: cells empty beyond the last column do no harm."""
        import pyarrow as pa

        width = len(self._dialect.headers)
        end = max([last, *self._odd], default=0)
        mended: list[tuple[int, list[str]]] = []
        for number, raw in sorted(self._odd.items()):
            if number == end and '"' in raw and ("\n" in raw or "\r" in raw):
                mended += self._reread_tail(number, raw)
                continue
            cells = self._cells(raw)
            if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
                mended.append((number, cells[:width]))
            else:
                reason = "too_many_cells" if len(cells) > width else "too_few_cells"
                self.unreadable.append((number, raw, reason))
        if mended:
            columns = [pa.array([cells[n] for _, cells in mended], pa.string()) for n in range(width)]
            names = ["row_number", *(f"c{n}" for n in range(width))]
            numbers = pa.array([number for number, _ in mended], pa.int64())
            yield pa.RecordBatch.from_arrays([numbers, *columns], names=names)

    def _reread_tail(self, number: int, raw: str) -> list[tuple[int, list[str]]]:
        """Read what a quote that never ends has swallowed, line by line."""
        width, read = len(self._dialect.headers), []
        for line in raw.splitlines():
            if not line.strip():
                continue
            cells = line.split(self._dialect.delimiter)
            if len(cells) == width:
                read.append((number, cells))
            else:
                self.unreadable.append((number, line, "open_quote"))
            number += 1
        self.notes = (Note("events.sources.reading.open_quote"),)
        return read

    def _cells(self, raw: str) -> list[str]:
        try:
            return next(csv.reader([raw], delimiter=self._dialect.delimiter), [])
        except csv.Error:
            return []
