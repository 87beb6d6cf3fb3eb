"""Scored traits of a workspace: RFM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela import segments
from tesela.base import ConflictError
from tesela.traits import rfm

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tesela.workspace.stores import Stores


class Scoring:
    """Scores people, and says why each has which score.

    Args:
        stores: The open stores.
        moment: Reads a moment as people write it; None is now.
    """

    def __init__(self, stores: Stores, moment: Callable[[str | datetime | None], datetime]) -> None:
        self._stores = stores
        self._moment = moment

    def run_rfm(self, as_of: str | datetime | None = None, *, refit: bool = False) -> rfm.RFMRun:
        """Score everyone of the base and keep the scores: the traits `rfm.r`, `rfm.segment`, ... of rules.

        Args:
            as_of: The moment of truth: a date or time as a person writes it, or naive UTC; now by default.
            refit: Make new cut points, whatever those of the run before are.

        Raises:
            ConflictError: when a run of a later moment is kept already.
        """
        stores = self._stores
        stores.refresh()
        found = rfm.run_rfm(
            stores.engine, stores.settings.rfm, as_of=self._moment(as_of), zone=stores.settings.zone, refit=refit
        )
        stores.save_history()
        return found

    def newest_rfm(self, as_of: str | datetime | None = None) -> rfm.RFMRun:
        """Return the newest run of RFM that is not later than a moment, by default now.

        Raises:
            NotFoundError: when there was none by then.
        """
        return rfm.find_run(self._stores.engine, self._moment(as_of))

    def explain_rfm(self, profile: str | int, as_of: str | datetime | None = None) -> rfm.RFMExplained:
        """Return why somebody has their scores: the figures, and between which values each score lies.

        Args:
            profile: E-mail, phone, customer id, loyalty card, or the profile's number (as text with a # before it).
            as_of: The newest run that is not later is told; by default the newest.

        Raises:
            NotFoundError: when nobody is known so, or there was no run by then.
        """
        stores = self._stores
        stores.refresh()
        number = profile if isinstance(profile, int) else segments.find_profile(stores.engine, profile)
        return rfm.explain_rfm(
            stores.engine, stores.settings.rfm, number, as_of=self._moment(as_of), zone=stores.settings.zone
        )

    def bring_up_to(self, moment: datetime) -> None:
        """Compute what the main job needs of scored traits; for a moment before the newest run nothing is written."""
        stores = self._stores
        try:
            rfm.run_rfm(stores.engine, stores.settings.rfm, as_of=moment, zone=stores.settings.zone)
        except ConflictError as refused:
            if refused.code != "traits.rfm.older_than_run":
                raise
