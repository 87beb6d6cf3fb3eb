"""The shop's own files in a workspace's folder: looked through for somebody's identifiers, and never changed."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tesela.profiles import erasure
    from tesela.workspace.folder import Layout

_AT_ONCE = 1 << 24


def files_that_name(layout: Layout, traces: erasure.Traces) -> tuple[str, ...]:
    """Return the files outside Tesela's own folder in which an identifier or the whole name of somebody stands.

    Text of one byte or of two a sign is read, also compressed by gzip. Short numbers mean too much else and are not
    looked for; what is inside spreadsheets, Parquet files and archives is not seen.

    Args:
        layout: Where things lie.
        traces: Who.
    """
    words = {word.lower() for word in traces.words}
    # a phone is mostly written without its prefix
    words |= {value[-9:] for kind, value in traces.identifiers if kind == "phone"}
    wanted = [each for word in words for each in (word.encode(), word.encode("utf-16-le"))]
    if not wanted:
        return ()
    return tuple(
        path.relative_to(layout.root).as_posix() for path in _own_files(layout) if _holds(_pieces(path), wanted)
    )


def _own_files(layout: Layout) -> Iterator[Path]:
    for path in sorted(layout.root.rglob("*")):
        if path.is_file() and not path.is_symlink() and not path.is_relative_to(layout.record.parent):
            yield path


def _holds(pieces: Iterable[bytes], wanted: list[bytes]) -> bool:
    longest = max(map(len, wanted))
    before = b""
    for piece in pieces:
        text = (before + piece).lower()
        if any(each in text for each in wanted):
            return True
        before = text[-longest:]
    return False


def _pieces(path: Path) -> Iterator[bytes]:
    try:
        with path.open("rb") as plain:
            is_packed = plain.read(2) == b"\x1f\x8b"
        with gzip.open(path) if is_packed else path.open("rb") as file:
            while piece := file.read(_AT_ONCE):
                yield piece
    except (OSError, EOFError):  # what cannot be read names nobody as far as anyone can tell
        return
