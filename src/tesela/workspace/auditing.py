"""The audit of a workspace: how healthy its base is, what that costs, what to do; and the audits before."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from tesela import audit, profiles
from tesela.base import InputError
from tesela.workspace.fixing import Fixing

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from tesela.base import Clock
    from tesela.workspace.memberships import Memberships
    from tesela.workspace.stores import Stores


class Auditing:
    """Audits the base, and remembers what it found.

    Attributes:
        fixes: Mends what an audit found, and takes that back.
        turn: Held by whoever audits.

    Args:
        stores: The open stores.
        clock: Tells the present.
        segmentation: Gives the segments, the traits and the moment meant.
    """

    def __init__(self, stores: Stores, clock: Clock, segmentation: Memberships) -> None:
        self._stores = stores
        self._clock = clock
        self._segmentation = segmentation
        self.fixes = Fixing(stores, clock, self, self._again)
        # audits stand on a table that all their probes share: one of them at a time has it
        self.turn = threading.RLock()
        self._newest: audit.Audit | None = None

    def forget(self) -> None:
        """Let go of the newest audit: what it said is no longer so."""
        self._newest = None

    def newest(self) -> audit.Audit:
        """Return the newest audit of now that this process made; before the first, and after a fix, look anew.

        Whoever only looks leaves no audit behind for others to be compared with: `run` does.

        Raises:
            InputError, NotFoundError: as of `run`.
        """
        with self.turn:
            if self._newest is None:
                self._newest = audit.examine(self.asked())
            return self._newest

    def run(
        self,
        as_of: str | datetime | None = None,
        *,
        only: Collection[str] | None = None,
        progress: Callable[[str, int, int], None] | None = None,
    ) -> audit.Audit:
        """Look at the base, and keep what was found for the next time.

        Args:
            as_of: The moment of truth; now by default.
            only: Keys of the checks to ask; all by default. Of some nothing is kept, and the score is of those alone.
            progress: Called with the name of each step, steps done and steps in all.

        Raises:
            InputError, NotFoundError: when a check of the shop's own makes no sense, with file and line.
        """
        with self.turn:
            found = audit.examine(self.asked(as_of, only=only), progress)
            if only is None:
                audit.keep_audit(self._stores.control, found, self._clock.now())
                self._newest = found if as_of is None else self._newest
            return found

    def asked(self, as_of: str | datetime | None = None, *, only: Collection[str] | None = None) -> audit.Asked:
        """Return what an audit is asked, and of whom; arguments as of `run`."""
        stores, moment = self._stores, self._segmentation.moment(as_of)
        stores.refresh()
        if stores.settings.warehouse.tables:
            raise InputError("workspace.audit_of_mapped_tables", tables=", ".join(stores.settings.warehouse.tables))
        checks = self.checks()
        for key in only or ():
            audit.find_check(checks, key)
        before = [each for each in self.history() if each.as_of < moment]
        return audit.Asked(
            engine=stores.warehouse,
            control=stores.control,
            cleaning=stores.cleaning,
            as_of=moment,
            zone=stores.settings.zone,
            country=stores.settings.country,
            settings=stores.settings.audit,
            checks={key: check for key, check in checks.items() if only is None or key in only},
            segments={segment.slug: segment for segment in self._segmentation.list()},
            traits=self._segmentation.traits(),
            merged=sorted(profiles.decisions_of(stores.identity.acts(stores.control)).together),
            loads=stores.record.manifest().sealed,
            sleep_days=stores.rhythm().cooling_days,
            lists=stores.permissions.lists(stores.control),
            is_whole=only is None,
            before=before[-1] if before else None,
        )

    def _again(self, stores: Stores) -> Auditing:
        """Return the same of other stores."""
        return Auditing(stores, self._clock, type(self._segmentation)(stores, self._clock))

    def checks(self) -> Mapping[str, audit.Check]:
        """Return all checks by key: ours, then those of the workspace's `checks/` folder.

        Raises:
            InputError: when one of the shop's own makes no sense, with file and line.
        """
        return {**audit.load_checks(), **audit.load_own_checks(self._stores.layout.checks)}

    def check(self, key: str) -> audit.Check:
        """Return a check.

        Raises:
            NotFoundError: when there is none, with keys near to it.
        """
        return audit.find_check(self.checks(), key)

    def history(self) -> list[audit.PastAudit]:
        """Return the audits that were kept, the oldest first: counts and scores only."""
        return audit.list_audits(self._stores.control)
