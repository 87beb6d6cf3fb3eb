"""What the segments of a workspace are worth, together and over time: KPIs, coverage, overlap, movement, retention."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from tesela import measurement, segments
from tesela.base import PERIOD_WORDS, InputError, NotFoundError, parse_period, step, to_local

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tesela.workspace.memberships import Memberships
    from tesela.workspace.stores import Stores

WINDOW = "90 days"
"""The window when none is told."""

ALL_TIME = ("all", "todo")
"""Words for no window."""

CHANGE = 0.2
"""The relative change that a segment should be large enough to show, when none is told."""

REMAINDER = "remainder"
"""The scope of the people who are in none of the segments asked about."""


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """What some segments cover, and what those look like whom they leave out.

    Attributes:
        as_of: The moment of truth, naive UTC.
        coverage: How much of the base is in at least one of them.
        fits: Whether each segment's size is one with which something can be learned, by slug.
        change: The relative change of the conversion that should show.
        conversion: Share of the base that bought in the window: what is to change; None when nobody is there.
        scorecard: KPIs of the remainder, against those of the others; its scopes are `base` and `remainder`.
    """

    as_of: datetime
    coverage: segments.together.Coverage
    fits: Mapping[str, segments.together.Fit]
    change: float
    conversion: float | None
    scorecard: measurement.Scorecard


@dataclass(frozen=True, slots=True)
class Movements:
    """How people moved between segments from one moment to another.

    Attributes:
        start: The first moment, naive UTC.
        end: The second one.
        movement: Who was where.
    """

    start: datetime
    end: datetime
    movement: segments.together.Movement


class Measuring:
    """Measures segments by their rules as they are, at any moment; nothing is published.

    Args:
        stores: The open stores.
        segmentation: Gives the segments, the traits and the moment meant.
    """

    def __init__(self, stores: Stores, segmentation: Memberships) -> None:
        self._stores = stores
        self._segmentation = segmentation

    def kpis(
        self,
        asked: Sequence[str] = (),
        *,
        window: str = WINDOW,
        as_of: str | datetime | None = None,
        against: measurement.Against | None = None,
        metrics: Sequence[str] = (),
        rules: Mapping[str, str] | None = None,
    ) -> measurement.Scorecard:
        """Return what the base and segments were worth in a window, with intervals.

        Args:
            asked: Slugs; by default all segments that are defined.
            window: How long before the moment, such as `90 days`, `3 months`; `all` for all time.
            as_of: The moment of truth; now by default.
            against: `base`: each segment against the rest of the base; `previous`: against the window before.
            metrics: Names of metrics; by default the whole catalogue.
            rules: Rules that are being written, by slugs that `asked` may hold.

        Raises:
            NotFoundError: when there is no such segment or metric.
            InputError: when the window makes no sense, or there is none before all time.
        """
        chosen = [measurement.find_metric(key) for key in dict.fromkeys(metrics)] or measurement.CATALOGUE
        moment = self._segmentation.moment(as_of)
        since = self._since(window, moment)
        if against == "previous" and since is None:
            raise InputError("measurement.nothing_before")
        now = self._sets(asked, moment, rules=rules)
        before = None
        if since is not None and (against == "previous" or any(metric.kind == "growth" for metric in chosen)):
            then = self._sets(asked, since, rules=rules)
            before = _period(then, self._since(window, since), since)
        return measurement.measure_kpis(
            self._stores.engine, _period(now, since, moment), before, metrics=chosen, against=against
        )

    def targets(self) -> list[measurement.Target]:
        """Return the targets told in the workspace's `targets/` folder.

        Raises:
            InputError, NotFoundError: when one makes no sense, with file and line.
        """
        slugs = [segment.slug for segment in self._segmentation.list()]
        return measurement.load_targets(self._stores.layout.targets, slugs)

    def check_targets(
        self, *, window: str = WINDOW, as_of: str | datetime | None = None
    ) -> list[tuple[measurement.Target, measurement.Measurement, measurement.Status]]:
        """Return every target with what was measured, and whether it is met.

        Args:
            window: As in `kpis`.
            as_of: The moment of truth; now by default.

        Raises:
            InputError, NotFoundError: when a target makes no sense, with file and line.
        """
        told = self.targets()
        if not told:
            return []
        asked = [target.segment for target in told if target.segment != "base"]
        card = self.kpis(asked, window=window, as_of=as_of, metrics=[target.metric.key for target in told])
        checked = ((target, card.of(target.segment, target.metric.key)) for target in told)
        return [(target, measured, target.judge(measured)) for target, measured in checked]

    def by_month(
        self,
        asked: Sequence[str] = (),
        *,
        metrics: Sequence[str] = (),
        months: int = 12,
        as_of: str | datetime | None = None,
    ) -> list[measurement.Scorecard]:
        """Return what the base and segments were worth in each of the last months, by their rules as they are now.

        Args:
            asked: Slugs; by default all segments that are defined.
            metrics: Names of metrics; by default the whole catalogue.
            months: How many months back, the running one included.
            as_of: The moment of truth; now by default.

        Returns:
            One scorecard a month, the oldest first; members are those of the month's end.

        Raises:
            NotFoundError: when there is no such segment or metric.
            InputError: when so many months cannot be shown.
        """
        chosen = [measurement.find_metric(key) for key in dict.fromkeys(metrics)] or measurement.CATALOGUE
        spans = measurement.list_months(self._segmentation.moment(as_of), self._stores.settings.zone, months)
        first = _period(self._sets(asked, spans[0][0]), None, spans[0][0])
        cards = []
        for since, until in spans:
            now = _period(self._sets(asked, until), since, until)
            cards.append(measurement.measure_kpis(self._stores.engine, now, first, metrics=chosen))
            first = now
        return cards

    def coverage(
        self,
        asked: Sequence[str] = (),
        *,
        as_of: str | datetime | None = None,
        window: str = WINDOW,
        change: float = CHANGE,
    ) -> CoverageReport:
        """Return how much of the base some segments cover, and what the others look like.

        Args:
            asked: Slugs; by default all segments that are defined.
            as_of: The moment of truth; now by default.
            window: Of the KPIs of the remainder, and of the conversion that should show a change.
            change: The relative change of the conversion that a segment should be large enough to show.

        Raises:
            NotFoundError: when there is no such segment.
            InputError: when the window or the change makes no sense.
        """
        if not 0 < change <= 10:
            raise InputError("workspace.bad_change", change=change)
        moment = self._segmentation.moment(as_of)
        sets = self._sets(asked, moment)
        slugs = list(sets.members)
        coverage = segments.together.find_coverage(sets, slugs)
        period = measurement.Period(
            since=self._since(window, moment), as_of=moment, base=sets.base, members={REMAINDER: coverage.remainder}
        )
        scorecard = measurement.measure_kpis(self._stores.engine, period, against="base")
        value = scorecard.of("base", "conversion").value
        conversion = None if value is None else float(value)
        needed = measurement.needed_people(conversion, change)
        fits = {slug: segments.together.judge_size(coverage.sizes[slug], coverage.base, needed) for slug in slugs}
        return CoverageReport(moment, coverage, fits, change, conversion, scorecard)

    def movement(
        self, asked: Sequence[str] = (), *, start: str | datetime | None = None, end: str | datetime | None = None
    ) -> Movements:
        """Return how people moved between segments, by the rules as they are now.

        Args:
            asked: Slugs; by default all segments that are defined.
            start: The first moment; a month before the second by default.
            end: The second moment; now by default.

        Raises:
            NotFoundError: when there is no such segment.
            InputError: when the first moment is not before the second.
        """
        last, zone = self._segmentation.moment(end), self._stores.settings.zone
        first = (
            step(last, -1, "month", self._stores.settings.zone) if start is None else self._segmentation.moment(start)
        )
        if first >= last:
            raise InputError("workspace.not_before", start=to_local(first, zone), end=to_local(last, zone))
        before, after = self._sets(asked, first), self._sets(asked, last)
        return Movements(first, last, segments.together.find_movement(before, after, list(after.members)))

    def retention(
        self, segment: str | None = None, *, as_of: str | datetime | None = None, months: int = 12
    ) -> tuple[datetime, Sequence[measurement.Cohort]]:
        """Return how many of those who first bought in a month bought again in the months after.

        Args:
            segment: Slug: only of its members; by default of the base.
            as_of: The moment of truth; now by default.
            months: How many months back.

        Returns:
            The moment of truth, and the cohorts, the oldest first.

        Raises:
            NotFoundError: when there is no such segment.
            InputError: when so many months cannot be shown.
        """
        moment = self._segmentation.moment(as_of)
        sets = self._sets([segment] if segment else [], moment, only_base=segment is None)
        people = sets.of(segment) if segment else sets.base
        zone = self._stores.settings.zone
        return moment, measurement.find_retention(self._stores.engine, people, as_of=moment, zone=zone, months=months)

    def _sets(
        self,
        asked: Sequence[str],
        moment: datetime,
        *,
        only_base: bool = False,
        rules: Mapping[str, str] | None = None,
    ) -> segments.MemberSets:
        """Return who was in segments at a moment, by the rules as they are now."""
        self._stores.refresh()
        defined = {segment.slug: segment for segment in self._segmentation.list()}
        defined |= {slug: segments.Segment(slug, rule) for slug, rule in (rules or {}).items()}
        for slug in asked:
            if slug not in defined:
                raise NotFoundError("segments.not_defined", segment=slug, known=", ".join(defined))
        chosen = list(dict.fromkeys(asked)) or ([] if only_base else list(defined))
        return segments.MemberSets.at(
            self._stores.engine,
            defined,
            as_of=moment,
            zone=self._stores.settings.zone,
            traits=self._segmentation.traits(),
            asked=chosen,
        )

    def _since(self, window: str, moment: datetime) -> datetime | None:
        if window.strip().lower() in ALL_TIME:
            return None
        found = parse_period(window)
        if found is None:
            raise InputError("base.not_a_period", value=window)
        count, unit = found
        if unit is None:
            word = window.split()[1]
            near = get_close_matches(word, list(PERIOD_WORDS), 2) or ["days", "weeks", "months", "years"]
            raise InputError("workspace.bad_window_unit", window=window, unit=word, near=", ".join(near))
        return step(moment, -count, unit, self._stores.settings.zone)


def _period(sets: segments.MemberSets, since: datetime | None, as_of: datetime) -> measurement.Period:
    return measurement.Period(since=since, as_of=as_of, base=sets.base, members=sets.members)
