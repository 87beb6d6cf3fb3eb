"""Find out how a text file spells its letters, and bring it to UTF-8 without NUL.

The rule: a byte order mark decides; else strict UTF-8 over the whole file; else the likeliest of the encodings
that Spanish shops really use. General guessers read Spanish Windows text as Central European.
"""

from __future__ import annotations

import codecs
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.sources.reading.compression import open_bytes
from tesela.events.sources.reading.staged import Note

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_BLOCK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LIKELY = ["cp1252", "mac_roman", "cp850"]
_BINARY_STARTS = (b"\x89PNG", b"%PDF", b"\xff\xd8\xff", b"GIF8", b"\x7fELF", b"MZ\x90", b"SQLite format 3", b"PAR1")


@dataclass(frozen=True, slots=True)
class PlainText:
    """A file of UTF-8 text without byte order mark or NUL.

    Attributes:
        path: Where it lies: the source itself where it needed nothing, else a copy in the scratch folder.
        notes: What was found and done.
    """

    path: Path
    notes: tuple[Note, ...]


def to_plain_text(
    path: Path,
    *,
    scratch: Path,
    encoding: str | None,
    member: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> PlainText:
    """Return a file's text as UTF-8; the file itself when it is that already.

    Raises:
        InputError: when the file is empty, no text at all, or the encoding named is not known.
    """
    packed = _is_packed(path)
    source = scratch / "unpacked" if packed else path
    if packed:
        _unpack(path, source, member)
    seen = _look_over(source)
    name = _check_name(encoding) or seen.encoding
    notes = [Note("events.sources.reading.encoding", {"encoding": name.removesuffix("-sig").upper()})]
    if name == "utf-8" and not seen.has_nul:
        return PlainText(source, () if encoding is None else tuple(notes))
    if seen.has_nul and not name.startswith(("utf-16", "utf-32")):
        notes.append(Note("events.sources.reading.nul_removed"))
    target = scratch / "plain.txt"
    _transcode(source, target, name, progress)
    return PlainText(target, tuple(notes))


@dataclass(frozen=True, slots=True)
class _Seen:
    encoding: str
    has_nul: bool


def _is_packed(path: Path) -> bool:
    with path.open("rb") as file:
        start = file.read(4)
    return path.suffix.lower() in (".gz", ".zst", ".zstd", ".zip") or start in (b"\x28\xb5\x2f\xfd", b"PK\x03\x04")


def _unpack(path: Path, target: Path, member: str | None) -> None:
    with open_bytes(path, member) as stream, target.open("wb") as out:
        while block := stream.read(_BLOCK):
            out.write(block)


def _look_over(path: Path) -> _Seen:
    """Read the whole file once: its mark, whether it is UTF-8, whether it has NUL, whether it is text at all."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    is_utf8, has_nul, start, nul_count, size = True, False, b"", 0, os.path.getsize(path)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            start = start or block
            nul_count += block.count(0)
            if is_utf8:
                try:
                    decoder.decode(block, final=file.tell() == size)
                except UnicodeDecodeError:
                    is_utf8 = False
    if not start.strip():
        raise InputError("events.sources.reading.empty_file", path=str(path.name))
    has_nul = nul_count > 0
    for mark, name in _MARKS:
        if start.startswith(mark):
            return _Seen(name, has_nul)
    if start.startswith(_BINARY_STARTS) or nul_count > size * 0.05:
        raise InputError("events.sources.reading.not_text", path=str(path.name))
    return _Seen("utf-8" if is_utf8 else _likeliest(start), has_nul)


def _likeliest(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(sample[: 1 << 18], cp_isolation=_LIKELY).best()
    return best.encoding if best is not None else "cp1252"


def _check_name(encoding: str | None) -> str | None:
    if encoding is None:
        return None
    try:
        name = codecs.lookup(encoding).name
    except LookupError as cause:
        raise InputError("events.sources.reading.unknown_encoding", encoding=encoding) from cause
    return "utf-8" if name == "utf-8" else name


def _transcode(source: Path, target: Path, encoding: str, progress: Callable[[int, int | None], None] | None) -> None:
    decoder = codecs.getincrementaldecoder(encoding)("tesela_as_is")
    size = source.stat().st_size
    with source.open("rb") as file, target.open("w", encoding="utf-8", newline="") as out:
        while block := file.read(_BLOCK):
            out.write(_clean(decoder.decode(block)))
            if progress:
                progress(file.tell(), size)
        out.write(_clean(decoder.decode(b"", final=True)))


def _clean(letters: str) -> str:
    return letters.replace("\0", "").encode("utf-8", "replace").decode("utf-8")


def _as_is(error: UnicodeError) -> tuple[str, int]:
    """Keep a byte that the encoding has no letter for as the control character of its number."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return "".join(map(chr, error.object[error.start : error.end])), error.end


codecs.register_error("tesela_as_is", _as_is)
