"""Find out how a text file lays out its cells: delimiter, lines above the header, header or none."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass, field

from tesela.base import InputError
from tesela.events.sources.reading.staged import Note

_DELIMITERS = (",", ";", "\t", "|")
BLANKS = " "
_LOOKED_AT = 300
# str.splitlines would also split at letters that are no line ends in a file
_LINES = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$")
_VALUE_SHAPES = re.compile(
    r"[-+(]?[\d.,]+\)?\s*(€|\$|EUR|USD)?|[^@\s]+@[^@\s]+\.[^@\s]+|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read a text file.

    Attributes:
        delimiter: What stands between cells; a blank means runs of blanks.
        skipped_lines: Physical lines above the first row (title lines, blank lines), the header included.
        headers: Names of the columns, generated where the file has none.
        notes: What was decided.
    """

    delimiter: str
    skipped_lines: int
    headers: tuple[str, ...]
    notes: tuple[Note, ...] = field(default=())


def find_dialect(sample: str, *, delimiter: str | None, has_header: bool | None) -> Dialect:
    """Look at the beginning of a file.

    Args:
        sample: Its first lines, whole ones.
        delimiter: What the person says stands between cells.
        has_header: What the person says about the header.

    Raises:
        InputError: when no row can be made out.
    """
    lines = _LINES.findall(sample)[:_LOOKED_AT]
    chosen = delimiter or _find_delimiter(lines)
    rows = split_rows(lines, chosen)
    width = _width(rows)
    first = next((n for n, (_, cells) in enumerate(rows) if _fits(cells, width, rows)), None)
    if first is None:
        raise InputError("events.sources.reading.no_table")
    start, cells = rows[first]
    with_header = _is_header(cells) if has_header is None else has_header
    notes = [Note("events.sources.reading.delimiter", {"delimiter": _SHOWN.get(chosen, chosen)})]
    if start:
        notes.append(Note("events.sources.reading.preamble", {"lines": start}))
    if not with_header:
        notes.append(Note("events.sources.reading.no_header"))
    end = rows[first + 1][0] if first + 1 < len(rows) else len(lines)
    headers = name_columns(cells if with_header else (), width)
    return Dialect(chosen, end if with_header else start, headers, tuple(notes))


def name_columns(cells: tuple[str, ...] | list[str], width: int) -> tuple[str, ...]:
    """Return a name for each column: the header's, or `column 1`, ...; a repeated one gets its number."""
    import unicodedata

    seen: Counter[str] = Counter()
    names = []
    for place in range(width):
        written = unicodedata.normalize("NFC", cells[place]).strip().strip("\ufeff") if place < len(cells) else ""
        name = written or f"column {place + 1}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def split_rows(lines: list[str], delimiter: str) -> list[tuple[int, tuple[str, ...]]]:
    """Return the rows among some lines, each with the number of lines above it; blank ones left out."""
    if delimiter == BLANKS:
        return [(n, tuple(line.split())) for n, line in enumerate(lines) if line.strip()]
    rows, above = [], 0
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((above, tuple(cells)))
            above = reader.line_num
    except csv.Error:
        # a cell larger than the csv module allows: what came before it is enough to look at
        pass
    return rows


_SHOWN = {"\t": "TAB", BLANKS: "␠"}


def _find_delimiter(lines: list[str]) -> str:
    """Return the delimiter under which most rows have the same number, above one, of cells."""
    best, best_score = ",", 0.0
    for delimiter in (*_DELIMITERS, BLANKS):
        rows = split_rows(lines, delimiter)
        counts = Counter(len(cells) for _, cells in rows)
        counts.pop(1, None)
        if not counts:
            continue
        width, agreeing = max(counts.items(), key=lambda item: (item[1], item[0]))
        score = agreeing / len(rows)
        # blanks stand inside cells too: they divide a file only where nothing else does
        if delimiter == BLANKS and (best_score > 0 or agreeing < len(rows)):
            continue
        # of two that agree as well, the one that makes more columns
        score += min(width, 100) / 10_000
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _width(rows: list[tuple[int, tuple[str, ...]]]) -> int:
    if not rows:
        raise InputError("events.sources.reading.no_table")
    counts = Counter(len(cells) for _, cells in rows)
    # of equally frequent widths the first in the file: a header and one odd row
    return max(counts, key=lambda width: counts[width])


def _fits(cells: tuple[str, ...], width: int, rows: list[tuple[int, tuple[str, ...]]]) -> bool:
    """Whether a row is of the table: as wide as it, or a header above rows that all end in a delimiter."""
    if len(cells) == width:
        return True
    return len(cells) == width - 1 > 1 and all(not row[-1] for _, row in rows if len(row) == width)


def _is_header(cells: tuple[str, ...]) -> bool:
    """Whether a row names columns: no cell of it looks like a value."""
    return not any(_VALUE_SHAPES.fullmatch(cell.strip()) for cell in cells)
