"""Scores of a workspace's people: RFM and the shop's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela import segments
from tesela.base import ConflictError, NotFoundError
from tesela.traits import Trait, load_traits, rfm, scores

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tesela.language import Rule
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

    def list_scores(self) -> list[Trait]:
        """Return the shop's own scores, as its files in `traits/` define them, in order.

        Raises:
            InputError: when a definition makes no sense, naming the file and the place.
        """
        return [trait for trait in self._defined().values() if trait.score is not None]

    def find_score(self, name: str) -> Trait:
        """Return one of the shop's own scores.

        Raises:
            NotFoundError: when there is none of that name.
        """
        return self._score(name)[0]

    def explain_score(
        self, profile: str | int, name: str, as_of: str | datetime | None = None
    ) -> scores.ScoreExplained:
        """Return which award gave somebody how many points of a score.

        Args:
            profile: Who, as in `explain_rfm`.
            name: Short name of the score.
            as_of: The moment of truth; now by default.

        Raises:
            NotFoundError: when nobody is known so, or there is no such score.
        """
        stores = self._stores
        stores.refresh()
        _, score = self._score(name)
        number = profile if isinstance(profile, int) else segments.find_profile(stores.engine, profile)
        return scores.explain_score(
            stores.engine,
            score,
            number,
            as_of=self._moment(as_of),
            zone=stores.settings.zone,
            traits=self._expressions(),
        )

    def spread_score(self, name: str, as_of: str | datetime | None = None) -> scores.ScoreSpread:
        """Return how many people of the base have how many points of a score.

        Raises:
            NotFoundError: when there is no such score.
        """
        stores = self._stores
        stores.refresh()
        _, score = self._score(name)
        return scores.spread_score(
            stores.engine, score, as_of=self._moment(as_of), zone=stores.settings.zone, traits=self._expressions()
        )

    def _score(self, name: str) -> tuple[Trait, scores.Score]:
        known = self.list_scores()
        for trait in known:
            if trait.slug == name and trait.score is not None:
                return trait, trait.score
        raise NotFoundError(
            "traits.scores.unknown_score", name=name, known=", ".join(trait.slug for trait in known) or "–"
        )

    def _defined(self) -> dict[str, Trait]:
        return load_traits(self._stores.layout.traits)

    def _expressions(self) -> dict[str, Rule]:
        return {slug: trait.expression for slug, trait in self._defined().items()}

    def bring_up_to(self, moment: datetime) -> None:
        """Compute what the main job needs of scored traits; for a moment before the newest run nothing is written."""
        stores = self._stores
        try:
            rfm.run_rfm(stores.engine, stores.settings.rfm, as_of=moment, zone=stores.settings.zone)
        except ConflictError as refused:
            if refused.code != "traits.rfm.older_than_run":
                raise
