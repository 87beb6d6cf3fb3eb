"""Divide the text of a file into rows, exactly: each is readable, or kept apart as it came; none is lost.

A block whose quotes are all in place and whose rows all fit is read by a fast parser. One in which anything is odd
(too many or too few cells, a quote out of place) is read with care, line by line.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.reading.dialect import BLANKS, LINES, Dialect

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    import numpy as np
    import pyarrow as pa

_BLOCK_BYTES = 8 << 20
# a line beyond this is no row of a shop's export, and so much must fit in memory several times
_LARGEST_ROW_BYTES = 64 << 20
_MOST_LINES = 10_000
_LONG_ROW_BYTES = 1 << 20
# a cell with so many whole rows in it was never meant: a stray quote swallows them
_SWALLOWED_LINES = 3
_LONGEST_RAW = 1 << 20


@dataclass(slots=True)
class Rows:
    """Some rows that follow one another.

    Attributes:
        columns: Cells of the readable rows, column by column.
        places: Which of the rows those are, counted from 0.
        odd: Place, raw text and reason (key of a text) of the others.
        count: How many rows there are in all.
    """

    columns: Sequence[pa.Array]
    places: Sequence[int]
    count: int
    odd: list[tuple[int, str, str]] = field(default_factory=list)


def divide_rows(blocks: Iterable[bytes], dialect: Dialect, *, name: str) -> Iterator[Rows]:
    """Yield all rows of a text below its header, in order.

    Args:
        blocks: The text, UTF-8 without byte order mark or NUL.
        dialect: How it is laid out.
        name: Of the file, for what may be wrong with it.

    Raises:
        InputError: when a single line is larger than any row can be.
    """
    csv.field_size_limit(max(csv.field_size_limit(), _LARGEST_ROW_BYTES * 2))
    reader = _Reader(dialect)
    rest, skipped = b"", dialect.skipped_lines
    for block, is_last in _mark_last(_gather(blocks)):
        content = rest + block
        if skipped:
            skipped, content = _skip_lines(content, skipped, is_last=is_last)
            if skipped:
                rest = content
                continue
        cut = len(content) if is_last else _last_line_end(content)
        if not cut and len(content) > _LARGEST_ROW_BYTES:
            raise InputError("events.sources.reading.giant_line", path=name, size=_LARGEST_ROW_BYTES >> 20)
        rows, left = reader.read(content[:cut], is_last=is_last or cut > _LARGEST_ROW_BYTES)
        rest = left + content[cut:]
        yield rows


class _Reader:
    """Reads whole lines as a dialect lays them out."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._width = len(dialect.headers)
        self._delimiter = dialect.delimiter
        self._quote = None if dialect.delimiter == BLANKS else dialect.quote

    def read(self, content: bytes, *, is_last: bool) -> tuple[Rows, bytes]:
        """Return the rows of some whole lines, and the beginning of a row that goes on after them."""
        end = self._end_of_rows(content, is_last=is_last)
        rows = self._read_fast(content[:end]) if end else None
        return (rows, content[end:]) if rows else self._read_carefully(content, is_last=is_last)

    # -- fast

    def _end_of_rows(self, content: bytes, *, is_last: bool) -> int:
        """Return where the last whole row ends; 0 when a quote is out of place, or a row suspiciously long.

        A quote opens a cell after a delimiter or line end, closes it before one, and is doubled inside: what is
        so all through can be read in one way only.
        """
        if self._dialect.has_blanks or not content:
            return 0
        if self._quote is None or self._quote.encode() not in content:
            return len(content)
        import numpy as np

        letters = np.frombuffer(b"\n" + content + b"\n", np.uint8)
        at = np.flatnonzero(letters == ord(self._quote))
        is_edge = np.zeros(256, bool)
        is_edge[[ord(self._delimiter), ord("\n"), ord("\r")]] = True
        # every other quote opens, or is the second of a pair; those between close, or are the first of one
        opens, closes = at[::2], at[1::2]
        if not (is_edge[letters[opens - 1]] | (letters[opens - 1] == ord(self._quote))).all():
            return 0
        if not (is_edge[letters[closes + 1]] | (letters[closes + 1] == ord(self._quote))).all():
            return 0
        if self._may_swallow(letters, opens[: len(closes)], closes):
            return 0
        if len(opens) == len(closes):
            return len(content)
        end = _last_line_end(content[: at[-1] - 1])
        return 0 if is_last or len(content) - end > _LONG_ROW_BYTES else end

    def _may_swallow(self, letters: np.ndarray, opens: np.ndarray, closes: np.ndarray) -> bool:
        """Whether a quoted cell holds enough line ends and delimiters for several rows."""
        import numpy as np

        def held(letter: str) -> np.ndarray:
            at = np.flatnonzero(letters == ord(letter))
            return np.searchsorted(at, closes) - np.searchsorted(at, opens)

        lines = held("\n")
        is_long = lines > _SWALLOWED_LINES
        if not is_long.any():
            return False
        inner = (lines - 1) * (self._width - 1)
        return bool((held(self._delimiter)[is_long] >= 0.8 * inner[is_long]).any())

    def _read_fast(self, content: bytes) -> Rows | None:
        """Parse whole rows; None when one that does not fit needs a closer look."""
        import pyarrow as pa
        import pyarrow.csv as pc

        odd: dict[int, str] = {}

        def keep_odd(row: Any) -> str:
            # counted from 1, blank lines left out
            odd[row.number - 1] = row.text
            return "skip"

        names = [f"c{n}" for n in range(self._width)]
        try:
            table = pc.read_csv(
                pa.BufferReader(content if self._quote else _join_blanks(content)),
                # rows are numbered only when one thread reads; another one writes meanwhile
                read_options=pc.ReadOptions(use_threads=False, block_size=2 * len(content) + 2, column_names=names),
                parse_options=pc.ParseOptions(
                    delimiter=self._delimiter if self._quote else "\t",
                    quote_char=self._quote or False,
                    newlines_in_values=self._quote is not None and self._quote.encode() in content,
                    invalid_row_handler=keep_odd,
                ),
                convert_options=pc.ConvertOptions(
                    column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
                ),
            )
        except pa.ArrowInvalid:
            return None
        return self._sort_odd(table, odd)

    def _sort_odd(self, table: pa.Table, odd: dict[int, str]) -> Rows | None:
        """Put rows that did not fit apart, and those back that are only empty beyond the last column."""
        import numpy as np
        import pyarrow as pa

        if not odd:
            return Rows(table.columns, range(table.num_rows), table.num_rows)
        if self._quote is None or any(not raw.strip() or "\n" in raw or "\r" in raw for raw in odd.values()):
            return None
        apart, mended = [], {}
        for place, raw in odd.items():
            cells, reason = self._read_line(raw)
            if reason:
                apart.append((place, raw[:_LONGEST_RAW], reason))
            else:
                mended[place] = cells
        count = table.num_rows + len(odd)
        places = np.setdiff1d(np.arange(count), np.fromiter(odd, np.int64), assume_unique=True)
        columns = [
            pa.chunked_array([*column.chunks, pa.array([cells[n] for cells in mended.values()], pa.string())])
            for n, column in enumerate(table.columns)
        ]
        return Rows(columns, [*places, *mended], count, apart)

    # -- careful

    def _read_carefully(self, content: bytes, *, is_last: bool) -> tuple[Rows, bytes]:
        import pyarrow as pa

        lines: list[str] = LINES.findall(content.decode("utf-8", "replace"))
        good: list[list[str]] = []
        places: list[int] = []
        odd: list[tuple[int, str, str]] = []
        at, count, left = 0, 0, ""
        while at < len(lines):
            if not lines[at].strip():
                at += 1
                continue
            taken, cells, reason = self._read_row(lines, at, is_last=is_last)
            if not taken:
                left = "".join(lines[at:])
                break
            if reason is None:
                good.append(cells)
                places.append(count)
            else:
                odd.append((count, "".join(lines[at : at + taken]).rstrip("\r\n")[:_LONGEST_RAW], reason))
            at += taken
            count += 1
        columns = [pa.array([cells[n] for cells in good], pa.string()) for n in range(self._width)]
        return Rows(columns, places, count, odd), left.encode()

    def _read_row(self, lines: list[str], at: int, *, is_last: bool) -> tuple[int, list[str], str | None]:
        """Return how many lines a row takes (0: more than there are), its cells, and what is wrong with it."""
        line = lines[at]
        if self._quote is None or self._quote not in line:
            return 1, *self._read_line(line)
        taken, cells = self._read_quoted(map(lines.__getitem__, range(at, min(at + _MOST_LINES, len(lines)))))
        if cells is None and taken == len(lines) - at and not is_last and taken < _MOST_LINES:
            return 0, [], None
        if cells is None:
            return 1, *self._read_loose(line)
        fitted, reason = self._fit(cells)
        if self._swallows(lines[at + 1 : at + taken - 1], fits=reason is None):
            return 1, *self._read_loose(line)
        return taken, fitted, reason

    def _read_line(self, line: str) -> tuple[list[str], str | None]:
        """Read a row that is one line, by the book if it can be."""
        bare = line.rstrip("\r\n")
        if self._quote is None:
            return self._fit(bare.split())
        if self._quote not in bare:
            return self._fit(bare.split(self._delimiter))
        _, cells = self._read_quoted([bare])
        return self._read_loose(bare) if cells is None else self._fit(cells)

    def _read_quoted(self, lines: Iterable[str]) -> tuple[int, list[str] | None]:
        """Read one row by the book; the cells are None where a quote is out of place or never closed."""
        reader = csv.reader(
            lines,
            delimiter=self._delimiter,
            quotechar=self._quote,
            strict=True,
            skipinitialspace=self._dialect.has_blanks,
        )
        try:
            cells = next(reader)
        except csv.Error as cause:
            # a quote out of place ends the reading at once: no further line would mend it
            return (reader.line_num if "end of data" in str(cause) else 1), None
        return reader.line_num, cells

    def _swallows(self, lines: Sequence[str], *, fits: bool) -> bool:
        """Whether the inner lines of a row are rows of their own, which a stray quote has swallowed.

        Of a row that fits, several must be so and nearly all of them.
        """
        if self._width == 1 or len(lines) < (_SWALLOWED_LINES if fits else 1):
            return False
        alone = 0
        for line in lines:
            _, cells = self._read_quoted([line])
            alone += cells is not None and len(cells) == self._width
        return alone > len(lines) * (0.8 if fits else 0.5)

    def _read_loose(self, line: str) -> tuple[list[str], str | None]:
        """Read a line whose quotes are out of place: one ends a cell only where a delimiter follows."""
        cells = [
            match[1].replace(str(self._quote) * 2, str(self._quote)) if match[1] is not None else match[2]
            for match in self._loose.finditer(line.rstrip("\r\n"))
        ]
        if any(cell.lstrip().startswith(str(self._quote)) for cell in cells):
            return cells, "events.sources.reading.open_quote"
        return self._fit(cells)

    @cached_property
    def _loose(self) -> re.Pattern[str]:
        mark, between = re.escape(str(self._quote)), re.escape(self._delimiter)
        return re.compile(
            rf"(?:^|(?<={between}))(?:{mark}((?:[^{mark}]|{mark}(?!{between}|$))*){mark}|([^{between}]*))(?={between}|$)"
        )

    def _fit(self, cells: list[str]) -> tuple[list[str], str | None]:
        """Cut cells that are empty beyond the last column, and tell rows that do not fit."""
        if len(cells) > self._width and not any(cell.strip() for cell in cells[self._width :]):
            cells = cells[: self._width]
        if len(cells) == self._width:
            return cells, None
        reason = "too_many_cells" if len(cells) > self._width else "too_few_cells"
        return cells, f"events.sources.reading.{reason}"


def _join_blanks(content: bytes) -> bytes:
    """Put one TAB for each run of blanks, which is what the fast parser can divide at."""
    return b"".join(b"\t".join(line.split()) + b"\n" for line in content.splitlines())


def _gather(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Put small blocks together: a parser's start costs more than a block's reading."""
    parts: list[bytes] = []
    size = 0
    for block in blocks:
        parts.append(block)
        size += len(block)
        if size >= _BLOCK_BYTES:
            yield b"".join(parts)
            parts, size = [], 0
    if parts:
        yield b"".join(parts)


def _mark_last(blocks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    before: bytes | None = None
    for block in blocks:
        if before is not None:
            yield before, False
        before = block
    if before is not None:
        yield before, True


def _skip_lines(content: bytes, count: int, *, is_last: bool) -> tuple[int, bytes]:
    """Return how many lines are still to be skipped, and what follows those that were."""
    end, skipped = 0, 0
    for match in re.finditer(rb"\r\n|\r|\n", content):
        if skipped == count or (not is_last and match.end() == len(content) and match[0] == b"\r"):
            break
        end, skipped = match.end(), skipped + 1
    if is_last and skipped < count:
        return 0, b""
    return count - skipped, content[end:]


def _last_line_end(content: bytes) -> int:
    """Return where the last whole line ends; 0 when there is none."""
    if end := content.rfind(b"\n") + 1:
        return end
    # the line feed of a pair may be the next block's first byte
    return content.rfind(b"\r", 0, -1) + 1
