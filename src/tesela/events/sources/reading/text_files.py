"""Stage CSV and its kin: every row readable, or set apart with its raw text; none lost, none invented."""

from __future__ import annotations

import contextlib
import re
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from tesela.events.sources.reading.dialect import Dialect, find_dialect
from tesela.events.sources.reading.encoding import Letters, find_letters, plain_blocks
from tesela.events.sources.reading.rows import Rows, divide_rows
from tesela.events.sources.reading.staged import STAGED, ReadingOptions, StagedTable
from tesela.events.sources.reading.staging import (
    RowWriter,
    check_width,
    describe_staged,
    drop_blank_rows,
    private_connection,
    set_repeated_headers_apart,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import Any

    from tesela.events.sources.reading.contents import Contents

    Progress = Callable[[int, int | None], None]

_SAMPLE_BYTES = 1 << 20
_LINE_END = re.compile(rb"\r\n|\r|\n")


@contextlib.contextmanager
def stage_text(
    contents: Contents, *, folder: Path, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> Iterator[StagedTable]:
    """Stage a delimited text file, packed or not. The file is read twice and never copied.

    Raises:
        InputError: when it is empty, binary, absurdly wide, or no table can be made out in it.
    """
    looking, reading = halves(progress, contents)
    letters = find_letters(contents, options.encoding, looking)
    dialect = find_dialect(
        _sample(contents, letters),
        delimiter=options.delimiter,
        quote=options.quote,
        has_header=options.has_header,
    )
    width = len(dialect.headers)
    check_width(width)
    with private_connection(folder, writable=scratch, memory_limit=options.memory_limit) as connection:
        _write_rows(connection, contents, letters, dialect, reading)
        set_repeated_headers_apart(connection, dialect.header, dialect.delimiter)
        notes = (*letters.notes, *dialect.notes, *drop_blank_rows(connection, width))
        yield describe_staged(connection, dialect.headers, notes, letters.accented)


def halves(
    progress: Progress | None, contents: Contents
) -> tuple[Callable[[int], None] | None, Callable[[int], None] | None]:
    """Return how to tell of the first and of the second reading of a file, as one way from its start to its end."""
    if progress is None:
        return None, None
    size = contents.path.stat().st_size
    return lambda done: progress(done // 2, size), lambda done: progress((size + done) // 2, size)


def _sample(contents: Contents, letters: Letters) -> str:
    """Return the first lines, whole ones where there are any."""
    start = b""
    for block in plain_blocks(contents, letters):
        start += block
        if len(start) >= _SAMPLE_BYTES:
            ends = [match.end() for match in _LINE_END.finditer(start)]
            start = start[: ends[-1]] if ends else start
            break
    return start.decode("utf-8", "replace")


def _write_rows(
    connection: Any, contents: Contents, letters: Letters, dialect: Dialect, progress: Callable[[int], None] | None
) -> None:
    import numpy as np
    import pyarrow as pa

    writer, last = RowWriter(connection, STAGED, len(dialect.headers)), 0
    for rows in _one_ahead(divide_rows(plain_blocks(contents, letters, progress), dialect, name=contents.path.name)):
        writer.write(pa.array(np.asarray(rows.places, np.int64) + last + 1), rows.columns)
        writer.set_apart([(last + 1 + place, raw, reason) for place, raw, reason in rows.odd])
        last += rows.count
    writer.finish()


def _one_ahead(rows: Iterator[Rows]) -> Iterator[Rows]:
    """Read the next rows while those before are being written."""
    with ThreadPoolExecutor(1, "reading") as reader:
        coming = reader.submit(next, rows, None)
        while (here := coming.result()) is not None:
            coming = reader.submit(next, rows, None)
            yield here
