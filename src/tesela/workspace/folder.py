"""Where things lie in a workspace, and the lock that keeps a second process out."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tesela.base import ConflictError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator


SETTINGS_FILE = "tesela.toml"


@dataclass(frozen=True, slots=True)
class Layout:
    """The paths of a workspace.

    Attributes:
        root: The workspace's folder.
    """

    root: Path

    @property
    def hidden(self) -> Path:
        """Everything that Tesela writes for itself."""
        return self.root / ".tesela"

    @property
    def settings(self) -> Path:
        """What the workspace is about, in lines that a person can read."""
        return self.root / SETTINGS_FILE

    @property
    def lock(self) -> Path:
        """Locked by the process that has the workspace; its number stands in it."""
        return self.hidden / "lock"

    @property
    def record(self) -> Path:
        """The record's folder."""
        return self.hidden / "record"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file."""
        return self.hidden / "warehouse.duckdb"

    @property
    def clickhouse(self) -> Path:
        """The tables of a ClickHouse that runs in this process, unless the settings name another folder."""
        return self.hidden / "clickhouse"

    @property
    def spark(self) -> Path:
        """The tables of Spark, unless the settings name another folder."""
        return self.hidden / "spark"

    @property
    def control(self) -> Path:
        """The control store's SQLite file."""
        return self.hidden / "control.sqlite"

    @property
    def suppression_key(self) -> Path:
        """The key that suppressed addresses are hashed with; without it nobody is found among them any more."""
        return self.hidden / "suppression.key"

    @property
    def history(self) -> Path:
        """What runs have published and no input can bring back: memberships and measurements."""
        return self.hidden / "history"

    @property
    def sets(self) -> Path:
        """Bitmaps of published members: a quicker copy of what the memberships say."""
        return self.hidden / "sets"

    @property
    def identity(self) -> Path:
        """What was found of the graph of identifiers: a copy of what the records say, kept for the next import."""
        return self.hidden / "identity"

    @property
    def scratch(self) -> Path:
        """Files in the making; swept at every opening."""
        return self.hidden / "tmp"

    @property
    def uploads(self) -> Path:
        """Files that were uploaded and wait to be imported."""
        return self.hidden / "uploads"

    @property
    def server(self) -> Path:
        """Where the workspace is served, and what opens that to commands; there only while it is."""
        return self.hidden / "server.json"

    @property
    def erasing(self) -> Path:
        """What is being erased: whose rows go. It is there only until an erasure is finished."""
        return self.hidden / "erasing.json"

    @property
    def traits(self) -> Path:
        """The definitions of computed traits."""
        return self.root / "traits"

    @property
    def segments(self) -> Path:
        """Definitions of segments, for people and git."""
        return self.root / "segments"

    @property
    def targets(self) -> Path:
        """What metrics of segments should be."""
        return self.root / "targets"

    @property
    def checks(self) -> Path:
        """The shop's own checks of the audit."""
        return self.root / "checks"

    @property
    def mappings(self) -> Path:
        """Confirmed mappings of imports, for people and git."""
        return self.root / "mappings"

    @property
    def rates(self) -> Path:
        """Exchange rates: date, currency, rate."""
        return self.root / "rates.csv"


@dataclass(frozen=True, slots=True)
class Place:
    """One place of a workspace, and what an erasure does with it.

    Attributes:
        name: Of the property of `Layout` that says where it is.
        erasure: `rewritten` without her; `remade` from what was rewritten; `compacted`, her rows deleted; `cleared`,
            as it only saves work; `removed` at its end; `searched`, as it is the shop's own: what names her is told,
            and left; `nothing`, as it can hold nothing of anybody.
        inside: What lies there, as a pattern below it; empty where it is one file.
    """

    name: str
    erasure: Literal["rewritten", "remade", "compacted", "cleared", "searched", "removed", "nothing"]
    inside: str = ""


PLACES = (
    Place("settings", "searched"),
    Place("segments", "searched", "**/*"),
    Place("traits", "searched", "**/*"),
    Place("targets", "searched", "**/*"),
    Place("checks", "searched", "**/*"),
    Place("mappings", "searched", "**/*"),
    Place("rates", "nothing"),
    Place("lock", "nothing"),
    Place("record", "rewritten", "**/*"),
    Place("history", "rewritten", "**/*"),
    Place("control", "compacted"),
    Place("suppression_key", "nothing"),
    Place("warehouse", "remade"),
    Place("clickhouse", "rewritten", "**/*"),
    Place("spark", "rewritten", "**/*"),
    Place("identity", "cleared", "*"),
    Place("sets", "cleared", "**/*"),
    Place("scratch", "cleared", "**/*"),
    Place("uploads", "cleared", "**/*"),
    Place("server", "nothing"),
    Place("erasing", "removed"),
)
"""The erasure registry of files: every file of a workspace lies in one of these, and a test fails when one does not.

Databases have files of their own beside them, named after them (`-wal`, `.wal`, `.tmp`). Tables say in their
declarations what they hold (`tesela.base.Holding`).
"""


@contextlib.contextmanager
def hold_lock(layout: Layout) -> Iterator[None]:
    """Hold the workspace for this process alone.

    The lock dies with the process, so a crash leaves nothing to clean up.

    Raises:
        ConflictError: at once, when another process holds it.
    """
    try:
        layout.hidden.mkdir(parents=True, exist_ok=True)
        handle = os.open(layout.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as cause:
        raise UnavailableError("workspace.cannot_write", path=str(layout.hidden), reason=cause.strerror) from cause
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as cause:
            owner = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
            raise ConflictError("workspace.in_use", path=str(layout.root), owner=owner) from cause
        os.ftruncate(handle, 0)
        os.pwrite(handle, str(os.getpid()).encode(), 0)
        yield
    finally:
        os.close(handle)


@contextlib.contextmanager
def scratch_folder(layout: Layout) -> Iterator[Path]:
    """Make a folder for files in the making, removed at the end whatever happens."""
    layout.scratch.mkdir(parents=True, exist_ok=True)
    path = Path(tempfile.mkdtemp(dir=layout.scratch))
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def clear_copies(layout: Layout) -> None:
    """Remove everything that only saves work, and what databases that were set aside have left."""
    for place in PLACES:
        if place.erasure == "cleared":
            shutil.rmtree(getattr(layout, place.name), ignore_errors=True)
    for left in layout.hidden.glob(f"{layout.warehouse.stem}.*"):
        if left.name not in (layout.warehouse.name, f"{layout.warehouse.name}.wal"):
            shutil.rmtree(left) if left.is_dir() else left.unlink()
    layout.scratch.mkdir(parents=True, exist_ok=True)


def sweep_scratch(layout: Layout) -> None:
    """Remove what a crash left in the making."""
    shutil.rmtree(layout.scratch, ignore_errors=True)
    layout.scratch.mkdir(parents=True, exist_ok=True)
