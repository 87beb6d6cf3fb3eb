"""Read what is packed, as a stream, and refuse what unpacks to something monstrous."""

from __future__ import annotations

import contextlib
import gzip
import io
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Protocol

from tesela.base import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Real exports shrink ten- to forty-fold; a bomb a thousandfold.
MAX_RATIO = 400
_FREE_BYTES = 64 * 2**20


class Bytes(Protocol):
    """A stream of bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """Return up to `size` bytes; empty at the end."""
        ...


@contextlib.contextmanager
def open_bytes(path: Path, member: str | None) -> Iterator[Bytes]:
    """Open a file for reading, unpacking `.gz`, `.zst` and a ZIP's member on the way.

    Raises:
        InputError: when it is cut short, broken, or unpacks to far more than it should.
    """
    try:
        with path.open("rb") as packed, _unpacked(path, packed, member) as stream:
            yield stream
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile) as cause:
        raise InputError("events.sources.reading.broken_archive", path=str(path), reason=str(cause)) from cause


@contextlib.contextmanager
def _unpacked(path: Path, packed: IO[bytes], member: str | None) -> Iterator[Bytes]:
    start = packed.read(4)
    packed.seek(0)
    if path.suffix.lower() == ".gz" or start[:2] == b"\x1f\x8b":
        with gzip.GzipFile(fileobj=packed) as unpacked:
            yield _Capped(unpacked, path)
    elif path.suffix.lower() in (".zst", ".zstd") or start == b"\x28\xb5\x2f\xfd":
        import zstandard

        try:
            with zstandard.ZstdDecompressor().stream_reader(packed, read_across_frames=True) as unpacked:
                yield _Capped(unpacked, path)
        except zstandard.ZstdError as cause:
            raise InputError("events.sources.reading.broken_archive", path=str(path), reason=str(cause)) from cause
    elif start == b"PK\x03\x04":
        with zipfile.ZipFile(packed) as archive, archive.open(_choose(archive, path, member)) as unpacked:
            yield _Capped(unpacked, path)
    else:
        yield packed


def _choose(archive: zipfile.ZipFile, path: Path, member: str | None) -> str:
    names = [info.filename for info in archive.infolist() if not info.is_dir()]
    if member in names:
        return str(member)
    if len(names) == 1 and member is None:
        return names[0]
    raise InputError("events.sources.reading.choose_member", path=str(path), members=", ".join(names))


class _Capped(io.RawIOBase):
    """Counts what comes out, and stops when it is absurd beside what went in."""

    def __init__(self, stream: Bytes, path: Path) -> None:
        self._stream = stream
        self._path = path
        self._out = 0
        self._most = max(path.stat().st_size * MAX_RATIO, _FREE_BYTES)

    def read(self, size: int = -1, /) -> bytes:
        content = self._stream.read(size)
        self._out += len(content)
        if self._out > self._most:
            raise InputError("events.sources.reading.archive_bomb", path=str(self._path), ratio=MAX_RATIO)
        return content
