"""What a file holds once it is unpacked: a stream of bytes that can be read from the start again.

Nothing is unpacked to the disk unless a reader needs a file of its own, and what unpacks to something
monstrous is refused on the way.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal, Protocol

from tesela.base import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Progress = Callable[[int, int | None], None]

# Real exports shrink ten- to forty-fold; a bomb a thousandfold.
MAX_RATIO = 400
_FREE_BYTES = 64 * 2**20
_BLOCK = 1 << 20
_ADDED_BY_MACOS = re.compile(r"^__MACOSX/|(^|/)\.DS_Store$")
_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".ods")

Packing = Literal["gzip", "zstd", "zip"]


class _Bytes(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Contents:
    """A file as it is inside.

    Attributes:
        path: The file as it lies on the disk.
        packing: How it is packed; None when it is not.
        member: Name of the file inside a ZIP.
    """

    path: Path
    packing: Packing | None = None
    member: str | None = None

    @classmethod
    def of(cls, path: Path, member: str | None) -> Contents:
        """Find out how a file is packed.

        Args:
            path: The file.
            member: Which file of a ZIP is meant; needed when it holds several.

        Raises:
            InputError: when a ZIP holds several files and none, or another, was named.
        """
        with path.open("rb") as file:
            start = file.read(4)
        suffix = path.suffix.lower()
        if suffix == ".gz" or start[:2] == b"\x1f\x8b":
            return cls(path, "gzip")
        if suffix in (".zst", ".zstd") or start == b"\x28\xb5\x2f\xfd":
            return cls(path, "zstd")
        if suffix == ".zip" or (start == b"PK\x03\x04" and suffix not in _WORKBOOKS):
            with _explained(path), zipfile.ZipFile(path) as archive:
                return cls(path, "zip", _choose(archive, path, member))
        return cls(path)

    @property
    def suffix(self) -> str:
        """Ending of the name of what is inside, in small letters: `.csv` of `orders.csv.gz`."""
        if self.member is not None:
            return Path(self.member).suffix.lower()
        known = self.path.suffix.lower() in (".gz", ".zst", ".zstd", ".zip")
        return Path(self.path.stem if self.packing and known else self.path.name).suffix.lower()

    def start(self, size: int) -> bytes:
        """Return the first bytes."""
        with self._opened(None) as stream:
            return stream.read(size)

    def blocks(self, progress: Callable[[int], None] | None = None, *, size: int = _BLOCK) -> Iterator[bytes]:
        """Yield all bytes, in blocks.

        Args:
            progress: Called with the bytes read of the file as it lies on the disk.
            size: Of a block.

        Raises:
            InputError: when the file is cut short, broken, or unpacks to far more than it should.
        """
        with self._opened(progress) as stream:
            while block := stream.read(size):
                yield block

    def as_file(self, scratch: Path) -> Path:
        """Return a plain file: itself, or what it holds unpacked to the scratch folder."""
        if self.packing is None:
            return self.path
        target = scratch / f"unpacked{self.suffix}"
        with target.open("wb") as out:
            for block in self.blocks():
                out.write(block)
        return target

    @contextlib.contextmanager
    def _opened(self, progress: Callable[[int], None] | None) -> Iterator[_Bytes]:
        with _explained(self.path), self.path.open("rb") as packed, self._unpacked(packed) as stream:
            capped = stream if self.packing is None else _Capped(stream, self.path)
            yield capped if progress is None else _Watched(capped, packed, progress)

    def _unpacked(self, packed: IO[bytes]) -> contextlib.AbstractContextManager[_Bytes]:
        match self.packing:
            case "gzip":
                return gzip.GzipFile(fileobj=packed)
            case "zstd":
                import pyarrow as pa

                # unlike other readers, it notices a stream that is cut short
                stream: contextlib.AbstractContextManager[_Bytes] = pa.CompressedInputStream(
                    pa.PythonFile(packed, mode="r"), "zstd"
                )
                return stream
            case "zip":
                return _open_member(packed, str(self.member))
            case None:
                return contextlib.nullcontext(packed)


@contextlib.contextmanager
def _open_member(packed: IO[bytes], member: str) -> Iterator[_Bytes]:
    with zipfile.ZipFile(packed) as archive, archive.open(member) as stream:
        yield stream


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Say in our words that an archive is broken."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, zipfile.BadZipFile, NotImplementedError, RuntimeError) as cause:
        raise _broken(path, cause) from cause
    except OSError as cause:
        # what the zstd reader says has no number of the system
        if cause.errno is not None:
            raise
        raise _broken(path, cause) from cause


def _broken(path: Path, cause: Exception) -> InputError:
    return InputError("events.sources.reading.broken_archive", path=str(path), reason=str(cause))


def _choose(archive: zipfile.ZipFile, path: Path, member: str | None) -> str:
    names = [
        entry.filename
        for entry in archive.infolist()
        if not entry.is_dir() and not _ADDED_BY_MACOS.search(entry.filename)
    ]
    if member in names:
        return str(member)
    if len(names) == 1 and member is None:
        return names[0]
    raise InputError("events.sources.reading.choose_member", path=str(path), members=", ".join(names))


class _Capped(io.RawIOBase):
    """Counts what comes out, and stops when it is absurd beside what went in."""

    def __init__(self, stream: _Bytes, path: Path) -> None:
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


class _Watched(io.RawIOBase):
    """Tells how much of the file on the disk has been read."""

    def __init__(self, stream: _Bytes, packed: IO[bytes], progress: Callable[[int], None]) -> None:
        self._stream = stream
        self._packed = packed
        self._progress = progress

    def read(self, size: int = -1, /) -> bytes:
        content = self._stream.read(size)
        self._progress(self._packed.tell())
        return content
