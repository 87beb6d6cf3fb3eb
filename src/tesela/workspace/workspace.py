"""A workspace: one shop's folder, opened by one process. Handles and namespaces, no rules."""

from __future__ import annotations

import importlib
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from tesela.base import Clock, ConflictError, Language, SystemClock, UnavailableError
from tesela.workspace.access import Gate
from tesela.workspace.announcing import announce
from tesela.workspace.auditing import Auditing
from tesela.workspace.background import Background
from tesela.workspace.background_kinds import kinds_of
from tesela.workspace.backup import restore
from tesela.workspace.cleaning import Cleaning
from tesela.workspace.configuring import Configuring
from tesela.workspace.consents import Consents
from tesela.workspace.erasing import finish_pending
from tesela.workspace.erasing_again import erase_again
from tesela.workspace.folder import Layout
from tesela.workspace.imports import Imports
from tesela.workspace.jobs import Jobs
from tesela.workspace.matching import Matching
from tesela.workspace.measuring import Measuring
from tesela.workspace.memberships import Memberships
from tesela.workspace.people import People
from tesela.workspace.privacy import Privacy
from tesela.workspace.rejections import Rejections
from tesela.workspace.scoring import Scoring
from tesela.workspace.settings import Settings, create_folder
from tesela.workspace.stores import Stores
from tesela.workspace.suppression import Suppression
from tesela.workspace.uploads import Uploads

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager
    from types import TracebackType


class Workspace:
    """An open workspace. Use it in a `with` block, or close it.

    Attributes:
        imports: Bring records in, list them, take them back.
        rejected: Rows that could not be used: listed with their reasons, taken out, imported again.
        segments: Count, list members, explain; who was in and who moved; definitions.
        traits: Scores of people, and why each has which.
        cleaning: What the rules of cleaning found; accepting what they suggest.
        profiles: Everything that is known of one person; merges and unmerges by hand.
        consents: What people allow: the ledger.
        suppression: Who must not be written to: stops and exclusion lists.
        privacy: The rights of the person: erasure, access; how long events are kept.
        matching: The same person under another spelling: found, reviewed, accepted or rejected.
        measurement: What segments are worth: KPIs, targets, coverage, overlap, movement, retention.
        audit: How healthy the base is, what that costs, what to do.
        jobs: The main job; making the warehouse again.
        access: Who may come in through a server: people and keys.
        configuration: The settings one by one: shown, changed.
        uploads: Files that were uploaded and wait to be imported.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self.imports = Imports(stores, clock)
        self.rejected = Rejections(stores, self.imports)
        self.segments = Memberships(stores, clock)
        self.traits = Scoring(stores, self.segments.moment)
        self.cleaning = Cleaning(stores, clock)
        self.profiles = People(stores, clock, self.segments)
        self.consents = Consents(stores, clock)
        self.suppression = Suppression(stores, clock)
        self.privacy = Privacy(stores, clock, self.profiles, self.segments)
        self.matching = Matching(stores, clock)
        self.measurement = Measuring(stores, self.segments)
        self.audit = Auditing(stores, clock, self.segments)
        self.jobs = Jobs(stores, self.segments, self.traits)
        self.access = Gate(stores, clock)
        self.configuration = Configuring(stores, clock)
        self.uploads = Uploads(stores)

    def background(self) -> Background:
        """Return a queue for work beside whoever asks; `start` begins it."""
        return Background(
            self._stores, self._clock, kinds_of(self.jobs, self.imports, self.rejected, self.uploads, self.audit)
        )

    @staticmethod
    def warm_up() -> None:
        """Load the libraries that answers of a page need, so that the first one does not wait for them."""
        # Language: SQL of rules; estimators: intervals of figures
        for name in ("sqlglot", "scipy.stats", "pyroaring"):
            importlib.import_module(name)

    def announce(self, address: str) -> AbstractContextManager[str]:
        """Say to commands of this machine where the workspace is served, and return the secret that opens it."""
        return announce(self._stores.layout, address)

    @property
    def settings(self) -> Settings:
        """What `tesela.toml` says."""
        return self._stores.settings

    @property
    def folder(self) -> Path:
        """The workspace's folder."""
        return self._stores.layout.root

    def close(self) -> None:
        """Let go of the stores; closing twice is harmless."""
        self._stores.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_workspace(folder: str | Path, *, clock: Clock | None = None) -> Workspace:
    """Open a workspace for this process alone; an erasure that was stopped is finished first.

    Raises:
        NotFoundError: when the folder is no workspace.
        ConflictError: at once, when another process has it open.
    """
    root = Path(folder)
    told = clock or SystemClock()
    stores = Stores.open(Layout(root), Settings.load(root), told)
    try:
        finish_pending(stores)
    except BaseException:
        stores.close()
        raise
    return Workspace(stores, told)


def init_workspace(
    folder: str | Path,
    *,
    timezone: str = "Europe/Madrid",
    currency: str = "EUR",
    country: str = "ES",
    language: Language = "es",
    name: str = "",
    clock: Clock | None = None,
) -> Workspace:
    """Make a folder a workspace with the starter segments, and open it.

    Raises:
        InputError: when a setting makes no sense.
        ConflictError: when the folder is a workspace already.
    """
    from tesela import segments

    root = Path(folder)
    settings = Settings(name=name, timezone=timezone, currency=currency, country=country, language=language)
    create_folder(root, settings)
    segments.catalogue.write_starter(Layout(root).segments)
    return open_workspace(root, clock=clock)


def rebuild_workspace(folder: str | Path, *, progress: Callable[[int, int], None] | None = None) -> Workspace:
    """Make a workspace's warehouse again from its record and control store, and open it.

    A warehouse that cannot even be opened is set aside as `warehouse.damaged`.

    Raises:
        UnavailableError: when a file of the record is missing or altered.
    """
    layout = Layout(Path(folder))
    try:
        workspace = open_workspace(folder)
    except UnavailableError as cause:
        if cause.code != "warehouse.cannot_open":
            raise
        layout.warehouse.replace(layout.warehouse.with_suffix(".damaged"))
        layout.warehouse.with_name(layout.warehouse.name + ".wal").unlink(missing_ok=True)
        return open_workspace(folder)
    workspace.jobs.rebuild(progress)
    return workspace


def restore_workspace(source: str | Path, folder: str | Path, *, erased: str | Path | None = None) -> Workspace:
    """Unpack a backup into a new folder, make its warehouse again, and open it.

    Args:
        source: The backup.
        folder: Where; it must not exist, or be empty.
        erased: A workspace, or what is left of one, that knows who was erased after the backup was made: they are
            erased again before the restored workspace has its name, so that nobody can ask it about them.

    Raises:
        ConflictError: when the folder has something in it.
        InputError: when the file is no backup.
        NotFoundError: when that workspace knows nothing of erasures.
    """
    root = Path(folder)
    if erased is None:
        return open_workspace(restore(Path(source), root))
    if root.exists() and any(root.iterdir()):
        raise ConflictError("workspace.folder_not_empty", path=str(root))
    clock = SystemClock()
    draft = root.resolve().parent / f".{root.name}-{os.getpid()}"
    try:
        restore(Path(source), draft)
        stores = Stores.open(Layout(draft), Settings.load(draft), clock)
        try:
            erase_again(stores, Layout(Path(erased)), clock.now())
        finally:
            stores.close()
        if root.exists():
            root.rmdir()
        draft.replace(root)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return open_workspace(root)
