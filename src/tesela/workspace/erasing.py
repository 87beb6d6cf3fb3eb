"""Erase people from everything that a workspace holds: a job of steps that is finished, whatever happens meanwhile.

What tells which rows are theirs is noted first, on disk. Each step can be run again and then changes nothing; so a
job that was stopped is run from its beginning at the next opening, before anything else. The note goes last.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from tesela import profiles
from tesela.workspace.declared import load_declarations
from tesela.workspace.folder import scratch_folder
from tesela.workspace.own_files import files_that_name
from tesela.workspace.stores import HISTORY, OWN_HISTORY

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tesela.workspace.stores import Stores

    Progress = Callable[[str, int, int], None]

_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Erasure:
    """One erasure: personal data until it is finished.

    Attributes:
        traces: What tells whose rows go.
        at: When it was asked for, naive UTC.
        actor: Who asked.
        counts: Rows that were held, by table or place.
    """

    traces: profiles.erasure.Traces
    at: datetime
    actor: str
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ErasureSummary:
    """What an erasure did, or would do.

    Attributes:
        people: How many: profiles, and addresses that no profile has.
        counts: Rows of theirs, by table.
        shared: Identifiers of theirs that others carry too: they stay with those.
        own_files: Files of the shop's own in the workspace that name them: nobody but the shop may change those.
        erased_at: When, naive UTC; None where it was only looked at.
        was_before: Whether they had been erased before, so that there was nothing to do.
    """

    people: int
    counts: Mapping[str, int]
    shared: int
    own_files: tuple[str, ...]
    erased_at: datetime | None
    was_before: bool = False


@dataclass(frozen=True, slots=True)
class PastErasure:
    """One erasure that was finished; of whom, nobody knows.

    Attributes:
        erased_at: When it was asked for, naive UTC.
        actor: Who asked.
        people: How many.
        counts: Rows by table.
    """

    erased_at: datetime
    actor: str
    people: int
    counts: Mapping[str, int]


class ErasureJob:
    """Runs the steps.

    Args:
        stores: The open stores.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        load_declarations()
        self._steps: tuple[tuple[str, Callable[[Erasure], None]], ...] = (
            ("bar", self._bar),
            ("record", self._record),
            ("control", self._control),
            ("history", self._history),
            ("copies", self._copies),
            ("warehouse", self._warehouse),
            ("engine", self._engine),
            ("compact", self._compact),
        )

    @property
    def is_pending(self) -> bool:
        """Whether an erasure was begun and not finished."""
        return self._stores.layout.erasing.exists()

    def begin(self, erasure: Erasure) -> None:
        """Note what is to be erased; from now on it will be, whatever happens."""
        told = {
            "format": _FORMAT,
            "at": erasure.at.isoformat(),
            "actor": erasure.actor,
            "counts": dict(erasure.counts),
            "traces": erasure.traces.to_json(),
        }
        path = self._stores.layout.erasing
        draft = path.with_suffix(".part")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(told, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
        _sync(path.parent)

    def finish(self, progress: Progress | None = None) -> ErasureSummary:
        """Run all steps of what was begun, from the first.

        Args:
            progress: Called with the name of each step, steps done and steps in all.
        """
        told = progress or (lambda _step, _done, _total: None)
        erasure = self._read()
        for done, (name, step) in enumerate(self._steps):
            told(name, done, len(self._steps))
            step(erasure)
        told("done", len(self._steps), len(self._steps))
        layout = self._stores.layout
        summary = ErasureSummary(
            erasure.traces.people,
            erasure.counts,
            len(erasure.traces.shared),
            files_that_name(layout, erasure.traces),
            erasure.at,
        )
        layout.erasing.unlink()
        _sync(layout.erasing.parent)
        return summary

    def _read(self) -> Erasure:
        told = json.loads(self._stores.layout.erasing.read_text("utf-8"))
        at = datetime.fromisoformat(told["at"])
        return Erasure(profiles.erasure.Traces.from_json(told["traces"]), at, told["actor"], told["counts"])

    # --- steps --------------------------------------------------------------------------------------------

    def _bar(self, erasure: Erasure) -> None:
        """Keep out what comes in of them from now on."""
        self._stores.permissions.erased(self._stores.control).keep_out(erasure.traces, erasure.at)

    def _record(self, erasure: Erasure) -> None:
        """Take their rows out of the record."""
        stores = self._stores
        with scratch_folder(stores.layout) as scratch:
            erasure.traces.removal(stores.settings.country).run(stores.warehouse, stores.record, scratch=scratch)

    def _control(self, erasure: Erasure) -> None:
        """Take everything else of them out of the control store."""
        self._stores.permissions.erased(self._stores.control).forget(erasure.traces, erasure.at)

    def _history(self, erasure: Erasure) -> None:
        """Take them out of what runs have published, and of what is kept of that in files."""
        stores = self._stores
        profiles.erasure.take_out(stores.engine, HISTORY, erasure.traces)
        profiles.erasure.take_out(stores.warehouse, OWN_HISTORY, erasure.traces)
        stores.save_history()

    def _copies(self, _erasure: Erasure) -> None:
        """Throw away what only saves work."""
        self._stores.clear_copies()

    def _warehouse(self, _erasure: Erasure) -> None:
        """Make the warehouse again from what is left: a new file, in which nothing of them ever was."""
        self._stores.rebuild()
        self._stores.save_history()

    def _engine(self, _erasure: Erasure) -> None:
        """Remove at once what an engine beside the workspace still holds of earlier contents."""
        if self._stores.engine is not self._stores.warehouse:
            self._stores.engine.purge()

    def _compact(self, erasure: Erasure) -> None:
        """Leave nothing of deleted rows in the control store's file and log."""
        stores, people = self._stores, erasure.traces.people
        erased = stores.permissions.erased(stores.control)
        erased.note(people, erasure.counts, at=erasure.at, actor=erasure.actor)
        stores.control.compact()


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def finish_pending(stores: Stores, progress: Progress | None = None) -> ErasureSummary | None:
    """Finish an erasure that was stopped; None where there is none."""
    job = ErasureJob(stores)
    return job.finish(progress) if job.is_pending else None
