"""Find out how a text file lays out its cells: delimiter, quote, lines above the header, header or none."""

from __future__ import annotations

import contextlib
import csv
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.sources.reading.staged import Note

if TYPE_CHECKING:
    from collections.abc import Sequence

BLANKS = " "
# of two that divide as well, the first: commas stand inside cells (amounts, addresses) more than any other
_DELIMITERS = ("\t", ";", "|", ",")
_SHOWN = {"\t": "TAB", BLANKS: "␠"}
_LOOKED_AT = 300
_LONGEST_ROW = 50
# str.splitlines would also split at letters that are no line ends in a file
LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+\Z")
_NUMBER = re.compile(r"[-+(]?[€$£]?\s?\d[\d.,']*\)?\s*(?:€|\$|£|%|EUR|USD)?", re.IGNORECASE)
_VALUE_SHAPES = (
    _NUMBER,
    re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*"),
    re.compile(r"\+?[\d\s().-]{7,}"),
    re.compile(r"https?://\S+"),
    re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32,64}", re.IGNORECASE),
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a text file.

    Attributes:
        delimiter: What stands between cells; a blank means runs of blanks.
        quote: What stands around cells that hold a delimiter or a line break.
        has_blanks: Whether blanks stand between a delimiter and a quote.
        skipped_lines: Physical lines above the first row (title lines, blank lines), the header included.
        header: Cells of the header line as they are in the file; empty where there is none.
        headers: Names of the columns, generated where the file has none.
        notes: What was decided.
    """

    delimiter: str
    quote: str
    has_blanks: bool
    skipped_lines: int
    header: tuple[str, ...]
    headers: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def find_dialect(sample: str, *, delimiter: str | None, quote: str | None, has_header: bool | None) -> Dialect:
    """Look at the beginning of a file.

    Args:
        sample: Its first lines, whole ones.
        delimiter: What the person says stands between cells.
        quote: What the person says stands around cells.
        has_header: What the person says about the header.

    Raises:
        InputError: when no row can be made out, or the delimiter or quote named is no single letter.
    """
    _check_letters(delimiter, quote)
    lines = LINES.findall(sample)[:_LOOKED_AT]
    around = quote or _find_quote(lines)
    between = delimiter or _find_delimiter(lines, around)
    has_blanks = between not in (BLANKS, "\t") and _has_blanks_before_quotes(lines, between, around)
    rows = split_rows(lines, between, around, has_blanks=has_blanks)
    if not rows:
        raise InputError("events.sources.reading.no_table")
    width = _width(rows)
    first = next(n for n, (_, cells) in enumerate(rows) if _fits(cells, width))
    start, cells = rows[first]
    below = [row for _, row in rows[first + 1 :] if len(row) == width]
    with_header = is_header(cells, below) if has_header is None else has_header
    notes = [Note("events.sources.reading.delimiter", {"delimiter": _SHOWN.get(between, between)})] if width > 1 else []
    if start:
        notes.append(Note("events.sources.reading.preamble", {"lines": start}))
    if not with_header:
        notes.append(Note("events.sources.reading.no_header"))
    end = rows[first + 1][0] if first + 1 < len(rows) else len(lines)
    return Dialect(
        delimiter=between,
        quote=around,
        has_blanks=has_blanks,
        skipped_lines=end if with_header else start,
        header=tuple(cells[:width]) if with_header else (),
        headers=name_columns(cells if with_header else (), width),
        notes=tuple(notes),
    )


def name_columns(cells: Sequence[str], width: int) -> tuple[str, ...]:
    """Return a name for each column: the header's, or `column 1`, ...; a repeated one gets its number."""
    taken = {_tidy(cell) for cell in cells}
    seen: set[str] = set()
    names = []
    for place in range(width):
        name = (_tidy(cells[place]) if place < len(cells) else "") or f"column {place + 1}"
        number, unique = 1, name
        while unique in seen or (number > 1 and unique in taken):
            number += 1
            unique = f"{name} ({number})"
        seen.add(unique)
        names.append(unique)
    return tuple(names)


def split_rows(
    lines: Sequence[str], delimiter: str, quote: str = '"', *, has_blanks: bool = False
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows among some lines, each with the number of lines above it; blank ones left out."""
    if delimiter == BLANKS:
        return [(n, tuple(line.split())) for n, line in enumerate(lines) if line.strip()]
    rows, at = [], 0
    while at < len(lines):
        cells, taken = lines[at].rstrip("\r\n").split(delimiter), 1
        if quote in lines[at]:
            reader = csv.reader(
                lines[at : at + _LONGEST_ROW],
                delimiter=delimiter,
                quotechar=quote,
                strict=True,
                skipinitialspace=has_blanks,
            )
            # a quote out of place, or one that never ends, must not swallow the lines below
            with contextlib.suppress(csv.Error):
                cells, taken = next(reader), reader.line_num
        if any(cell.strip() for cell in cells):
            rows.append((at, tuple(cells)))
        at += taken
    return rows


def is_header(cells: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether a row names columns.

    It does when no cell of it looks like a value; or when a column has words there and values all the way down.

    Args:
        cells: The row.
        below: Rows under it, as wide as it.
    """
    if not any(_is_value(cell) for cell in cells):
        return True
    return any(
        cell.strip() and not _is_value(cell) and _is_column_of_values([row[place] for row in below if place < len(row)])
        for place, cell in enumerate(cells)
    )


def _is_value(cell: str) -> bool:
    written = cell.strip()
    return any(shape.fullmatch(written) for shape in _VALUE_SHAPES)


def _is_column_of_values(cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell.strip()]
    return bool(filled) and all(_is_value(cell) for cell in filled)


def _tidy(cell: str) -> str:
    return " ".join(unicodedata.normalize("NFC", cell).replace("\ufeff", "").split()).strip('"')


def _check_letters(delimiter: str | None, quote: str | None) -> None:
    for letter in (delimiter, quote):
        if letter is not None and (len(letter) != 1 or letter in "\r\n\0" or not letter.isascii() or letter.isalnum()):
            raise InputError("events.sources.reading.not_a_delimiter", delimiter=letter)
    if delimiter is not None and delimiter == quote:
        raise InputError("events.sources.reading.not_a_delimiter", delimiter=delimiter)


def _find_quote(lines: Sequence[str]) -> str:
    text = "".join(lines)
    if '"' in text or text.count("'") < 2 * len(lines):
        return '"'
    quoted = sum(bool(re.search(r"(?:^|[,;|\t])'[^']*'(?:[,;|\t]|\s*$)", line)) for line in lines)
    return "'" if quoted > 0.8 * len(lines) else '"'


def _has_blanks_before_quotes(lines: Sequence[str], delimiter: str, quote: str) -> bool:
    """Whether the file is written `a, "b"`: a quote after a blank opens a cell then."""
    mark = re.escape(quote)
    opened = re.compile(rf"{re.escape(delimiter)} +{mark}[^{mark}]*{mark}(?: *{re.escape(delimiter)}|\s*$)")
    return any(opened.search(line) for line in lines)


def _find_delimiter(lines: Sequence[str], quote: str) -> str:
    """Return the delimiter under which most rows have the same number, above one, of cells."""
    best, best_share, is_table = "", 0.0, False
    for delimiter in _DELIMITERS:
        rows = [cells for _, cells in split_rows(lines, delimiter, quote)]
        widths = [1 if any(_is_half_quoted(cell, quote) for cell in cells) else len(cells) for cells in rows]
        wide = [width for width in widths if width > 1]
        if not wide:
            continue
        agreeing = Counter(wide).most_common(1)[0][1]
        if agreeing / len(widths) > best_share:
            best, best_share = delimiter, agreeing / len(widths)
            # title lines stand above a table; a comma in some lines of a single column does not make one
            is_table = len(wide) / (len(widths) - widths.index(wide[0])) > 0.5
    if is_table:
        return best
    return BLANKS if _divides_at_blanks(lines) else _absent(lines)


def _is_half_quoted(cell: str, quote: str) -> bool:
    """Whether a cell has one of a pair of quotes where a cell may begin or end: it was divided in the middle."""
    if not cell.count(quote) % 2:
        return False
    at = cell.index(quote)
    return at == 0 or cell[at - 1] in _DELIMITERS or cell[at + 1 : at + 2] in _DELIMITERS


def _divides_at_blanks(lines: Sequence[str]) -> bool:
    """Whether runs of blanks divide the lines alike, and not just words: some column is all numbers."""
    rows = [line.split() for line in lines if line.strip()] or [[]]
    width, agreeing = Counter(map(len, rows)).most_common(1)[0]
    if width < 2 or agreeing <= len(rows) / 2:
        return False
    body = [row for row in rows[1:] or rows if len(row) == width]
    return any(all(_NUMBER.fullmatch(row[place]) for row in body) for place in range(width))


def _absent(lines: Sequence[str]) -> str:
    """Return a delimiter for a file of a single column: one that does not occur in it."""
    text = "".join(lines)
    return next((delimiter for delimiter in (",", ";", "\t", "|") if delimiter not in text), "\x1f")


def _width(rows: Sequence[tuple[int, tuple[str, ...]]]) -> int:
    widths = [len(cells) for _, cells in rows]
    # of equally frequent ones the first in the file: a header and one odd row
    width = Counter([each for each in widths if each > 1] or widths).most_common(1)[0][0]
    # a delimiter at the end of every row but the header makes no column
    is_short = widths[0] == width - 1 > 1
    return width - 1 if is_short and not any(cells[-1].strip() for _, cells in rows if len(cells) == width) else width


def _fits(cells: tuple[str, ...], width: int) -> bool:
    """Whether a row is as wide as the table, but for delimiters at its end."""
    return len(cells) >= width and not any(cell.strip() for cell in cells[width:])
