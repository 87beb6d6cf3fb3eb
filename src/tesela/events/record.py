"""The record: every input record ever accepted, in immutable Parquet files, one folder per load.

The manifest lists the loads with the checksums of their files. Swapping it is the one moment at which a load
comes to exist: whatever a crash leaves outside the manifest is rubbish and is swept at the next opening. The
warehouse is derived from the record and may be thrown away.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import ConflictError, NotFoundError, UnavailableError
from tesela.events.rejections import list_rejected

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tesela.events.fields import Kind
    from tesela.events.rejections import RejectedRow
    from tesela.warehouse import Engine

FileRole = Literal["accepted", "rejected", "duplicates"]
MANIFEST = "manifest.json"
_FORMAT = 1


@dataclass(frozen=True, slots=True)
class RecordFile:
    """One sealed file of a load.

    Attributes:
        name: Path below the record's folder.
        role: Rows accepted, rows rejected, or fingerprints of the duplicates met.
        rows: How many rows it has.
        sha256: Checksum of its bytes, hexadecimal.
    """

    name: str
    role: FileRole
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Load:
    """One import, as the manifest tells it. received = stored + duplicate + rejected, exactly.

    Attributes:
        load_id: Number of the load, from 1; never used again, even when it is undone.
        kind: Kind of its records.
        source: Name of the source whose records they are.
        origin: File name or table it was read from.
        received: Rows received.
        stored: Rows that said something new.
        duplicate: Rows that were known already.
        rejected: Rows that could not be used.
        reasons: Rejected rows per reason.
        received_at: When, ISO 8601 in UTC.
        state: `sealed`, or `undone` once it has been taken back.
        files: Its sealed files.
        mapping: The mapping it was read with, as YAML.
    """

    load_id: int
    kind: Kind
    source: str
    origin: str
    received: int
    stored: int
    duplicate: int
    rejected: int
    reasons: dict[str, int]
    received_at: str
    state: Literal["sealed", "undone"] = "sealed"
    files: tuple[RecordFile, ...] = ()
    mapping: str = ""

    @property
    def fingerprint(self) -> str:
        """What tells the load's files from those that it had before something left them."""
        told = " ".join(f"{file.role}:{file.sha256}" for file in self.files)
        return hashlib.sha256(told.encode()).hexdigest()[:32]

    def paths(self, role: FileRole) -> tuple[str, ...]:
        """Return the names of the load's files of a role, in order."""
        return tuple(file.name for file in self.files if file.role == role)

    def rejected_rows(
        self, engine: Engine, *, offset: int = 0, limit: int | None = None, reason: str | None = None
    ) -> list[RejectedRow]:
        """Return the load's rejected rows in the source's order: personal data.

        Args:
            engine: The warehouse that has applied the load.
            offset: How many to pass over.
            limit: How many at most; None is all.
            reason: Only those with this code.
        """
        return list_rejected(engine, self.load_id, self.kind, offset=offset, limit=limit, reason=reason)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the record holds at one moment.

    Attributes:
        next_load: Number of the next load.
        loads: All loads ever sealed, the undone ones included, in order.
    """

    next_load: int = 1
    loads: tuple[Load, ...] = field(default=())

    @property
    def sealed(self) -> tuple[Load, ...]:
        """The loads that count."""
        return tuple(load for load in self.loads if load.state == "sealed")

    def find(self, load_id: int) -> Load:
        """Return a sealed load by its number.

        Raises:
            NotFoundError: when there is none, or it has been undone.
        """
        for load in self.sealed:
            if load.load_id == load_id:
                return load
        known = ", ".join(str(load.load_id) for load in self.sealed) or "-"
        raise NotFoundError("events.unknown_load", load=load_id, known=known)

    def to_json(self) -> str:
        """Return the manifest as text."""
        body = {"format": _FORMAT, "next_load": self.next_load, "loads": [asdict(load) for load in self.loads]}
        return json.dumps(body, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, written: str) -> Manifest:
        """Read a manifest back.

        Raises:
            ConflictError: when a newer Tesela wrote it.
        """
        body: dict[str, Any] = json.loads(written)
        if body["format"] > _FORMAT:
            raise ConflictError("events.record_is_newer", format=body["format"], known=_FORMAT)
        loads = tuple(
            Load(**{**load, "files": tuple(RecordFile(**file) for file in load["files"])}) for load in body["loads"]
        )
        return cls(body["next_load"], loads)


class Record:
    """The record of one workspace.

    Args:
        folder: Where it lives; created when absent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def manifest(self) -> Manifest:
        """Read what the record holds now.

        Raises:
            UnavailableError: when the manifest cannot be read or makes no sense.
        """
        path = self.folder / MANIFEST
        try:
            return Manifest.from_json(path.read_text("utf-8")) if path.exists() else Manifest()
        except (OSError, ValueError, KeyError, TypeError) as cause:
            if isinstance(cause, ConflictError):
                raise
            raise UnavailableError("events.record_unreadable", path=str(path), reason=str(cause)) from cause

    def path(self, name: str) -> Path:
        """Return where a sealed file lies."""
        return self.folder / name

    def seal(self, load: Load, files: Mapping[FileRole, Sequence[Path]]) -> Load:
        """Make a load part of the record: after this it counts, and before it nothing of it does.

        Args:
            load: What the manifest will tell, without files; its number must be the manifest's next.
            files: Finished Parquet files of each role, on the same disk; they are moved.

        Returns:
            The load with its sealed files.
        """
        manifest = self.manifest()
        folder = self.folder / f"{load.load_id:06d}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        named = [(role, path, place) for role, paths in files.items() for place, path in enumerate(paths, 1)]
        sealed = replace(load, files=tuple(self._move(path, folder, role, place) for role, path, place in named))
        _sync_folder(folder)
        self.swap(Manifest(load.load_id + 1, (*manifest.loads, sealed)))
        return sealed

    def add_file(self, load_id: int, path: Path, role: FileRole, name: str) -> RecordFile:
        """Move one more finished file beside a load's own; it counts once the manifest names it."""
        target = self.folder / f"{load_id:06d}" / name
        os.replace(path, target)
        _sync_file(target)
        _sync_folder(target.parent)
        return self._describe(target, role)

    def swap(self, manifest: Manifest) -> None:
        """Replace the manifest in one step that survives a crash."""
        path = self.folder / MANIFEST
        draft = path.with_suffix(".draft")
        draft.write_text(manifest.to_json(), "utf-8")
        _sync_file(draft)
        os.replace(draft, path)
        _sync_folder(self.folder)

    def sweep(self) -> None:
        """Remove what a crash or an undone load left outside the manifest."""
        named = {file.name for load in self.manifest().sealed for file in load.files}
        for path in sorted(self.folder.glob("*/*")):
            if str(path.relative_to(self.folder)) not in named:
                path.unlink()
        for folder in self.folder.glob("*/"):
            if not any(folder.iterdir()):
                folder.rmdir()

    def verify(self) -> None:
        """Compare every sealed file with its checksum.

        Raises:
            UnavailableError: naming the first file that is missing or altered.
        """
        for load in self.manifest().sealed:
            for file in load.files:
                path = self.path(file.name)
                if not path.exists() or checksum(path) != file.sha256:
                    raise UnavailableError("events.record_damaged", path=str(path), load=load.load_id)

    def _move(self, path: Path, folder: Path, role: FileRole, place: int) -> RecordFile:
        target = folder / (f"{role}.parquet" if place == 1 else f"{role}-{place}.parquet")
        os.replace(path, target)
        _sync_file(target)
        return self._describe(target, role)

    def _describe(self, path: Path, role: FileRole) -> RecordFile:
        import pyarrow.parquet as pq

        rows = pq.read_metadata(path).num_rows
        return RecordFile(str(path.relative_to(self.folder)), role, rows, checksum(path))


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_file(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
