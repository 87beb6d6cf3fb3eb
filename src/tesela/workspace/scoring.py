"""Scores and stages of a workspace's people: RFM, the shop's own scores, the lifecycle."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tesela import segments
from tesela.base import ConflictError, InputError, NotFoundError, step
from tesela.traits import Trait, lifecycle, load_traits, rfm, scores

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tesela.language import Rule
    from tesela.workspace.stores import Stores


_RECENT_DAYS = 30
_THRESHOLDS = ("active", "cooling", "dormant")


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

    def rfm_movement(self, as_of: str | datetime | None = None, since: str | datetime | None = None) -> rfm.RFMMovement:
        """Return who went from which name of RFM to which since a moment, by the cut points of the newest run for both.

        Args:
            as_of: The moment of truth; by default that of the newest run.
            since: The earlier moment; 30 days before by default.

        Raises:
            NotFoundError: when RFM was never run.
            InputError: when the earlier moment is not earlier.
        """
        stores, run = self._stores, self.newest_rfm()
        moment = run.as_of if as_of is None else self._moment(as_of)
        stores.refresh()
        before = step(moment, -_RECENT_DAYS, "day", stores.settings.zone) if since is None else self._moment(since)
        if before >= moment:
            raise InputError("workspace.since_not_before", since=before, as_of=moment)
        return rfm.count_movement(stores.engine, run.fit, since=before, as_of=moment, zone=stores.settings.zone)

    def rfm_revenue(self, as_of: str | datetime | None = None) -> rfm.RFMRevenue:
        """Return what the buyers of each cell of RFM bring, as of the newest run that is not later than a moment.

        Raises:
            NotFoundError: when there was none by then.
        """
        stores, run = self._stores, self.newest_rfm(as_of)
        stores.refresh()
        return rfm.count_revenue(stores.engine, run.fit, as_of=run.as_of, zone=stores.settings.zone)

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
        return rfm.explain_rfm(stores.engine, number, as_of=self._moment(as_of), zone=stores.settings.zone)

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
        stage = lifecycle.stage_trait(self._stores.rhythm())
        return {slug: trait.expression for slug, trait in {**self._defined(), stage.slug: stage}.items()}

    def bring_up_to(self, moment: datetime) -> None:
        """Compute what the main job needs of scored traits; for a moment before the newest run nothing is written."""
        stores = self._stores
        try:
            found = rfm.run_rfm(stores.engine, stores.settings.rfm, as_of=moment, zone=stores.settings.zone)
        except ConflictError as refused:
            if refused.code != "traits.rfm.older_than_run":
                raise
            return
        is_measured = lifecycle.find_rhythm(stores.engine).measured_at is not None
        # what cut points are made of is what a rhythm is made of
        if found.fit.fitted_at == moment or not is_measured:
            self._measure_rhythm(moment)

    def measure_rhythm(self, as_of: str | datetime | None = None) -> lifecycle.Rhythm:
        """Measure after how long without an order the shop's buyers cool, sleep and are lost, and keep it.

        It is what rules mean by `lifecycle.stage` from then on, unless thresholds are set by hand.

        Args:
            as_of: Only orders from before count; now by default.
        """
        self._stores.refresh()
        rhythm = self._measure_rhythm(self._moment(as_of))
        self._stores.save_history()
        return rhythm

    def _measure_rhythm(self, moment: datetime) -> lifecycle.Rhythm:
        """Measure by the very quantiles that the catalogue's segments of activity are made of."""
        figures, entries = segments.catalogue.Figures(self._stores.engine, moment), segments.catalogue.load_catalogue()
        chosen: dict[str, segments.catalogue.Chosen] = {}
        for name in ("activity_active", "activity_dormant"):
            chosen |= segments.catalogue.choose_values(entries.entries[name], {}, figures)
        active, cooling, dormant = (int(str(chosen[name].value).split()[0]) for name in _THRESHOLDS)
        origin: Literal["measured", "too_few"] = "measured" if chosen["active"].origin == "measured" else "too_few"
        rhythm = lifecycle.Rhythm(active, cooling, dormant, origin, chosen["active"].cases, moment)
        lifecycle.keep_rhythm(self._stores.engine, rhythm)
        return rhythm

    def count_lifecycle(
        self, as_of: str | datetime | None = None, since: str | datetime | None = None
    ) -> lifecycle.LifecycleMoves:
        """Return how many are in each stage of the lifecycle, and who moved from where to where since a moment.

        Args:
            as_of: The moment of truth; now by default.
            since: The earlier moment; a month before by default.

        Raises:
            InputError: when it is not earlier.
        """
        stores, moment = self._stores, self._moment(as_of)
        stores.refresh()
        before = step(moment, -1, "month", stores.settings.zone) if since is None else self._moment(since)
        if before >= moment:
            raise InputError("workspace.since_not_before", since=before, as_of=moment)
        return lifecycle.count_moves(
            stores.engine, stores.rhythm(), since=before, as_of=moment, zone=stores.settings.zone
        )
