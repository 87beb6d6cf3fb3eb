"""The jobs of a workspace: the main job, and making the warehouse again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela import measurement, profiles, segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pyarrow as pa

    from tesela.workspace.memberships import Memberships
    from tesela.workspace.scoring import Scoring
    from tesela.workspace.stores import Stores


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What one run of the main job found.

    Attributes:
        as_of: The moment of truth, naive UTC.
        kpis: KPIs of the base and of each segment.
        report: Everything the report shows; `tesela.measurement.render_html` draws it.
        is_published: Whether memberships and KPIs were published: a run for a moment before the newest
            publication computes and reports, and publishes nothing.
    """

    as_of: datetime
    kpis: Mapping[str, measurement.SegmentKPIs]
    report: measurement.Report
    is_published: bool = True


@dataclass(frozen=True, slots=True)
class RefreshSummary:
    """What bringing memberships up to date found.

    Attributes:
        as_of: The moment of truth, naive UTC.
        computed: How many profiles were computed; None is all.
        entered: How many stays began, over all segments.
        left: How many stays ended, over all segments.
    """

    as_of: datetime
    computed: int | None
    entered: int
    left: int


class Jobs:
    """Runs what takes long; every plan of the main job runs here.

    Args:
        stores: The open stores.
        segmentation: Gives the segments and the moment meant.
        scoring: Scores people, so that segments may ask for it.
    """

    def __init__(self, stores: Stores, segmentation: Memberships, scoring: Scoring) -> None:
        self._stores = stores
        self._scoring = scoring
        self._segmentation = segmentation

    def run(
        self, as_of: str | datetime | None = None, *, progress: Callable[[str, int, int], None] | None = None
    ) -> RunSummary:
        """Run the main job: events to profiles to traits to segments to KPIs.

        Running it twice for the same moment changes nothing.

        Args:
            as_of: The moment of truth; now by default.
            progress: Called with the name of each step, steps done and steps in all.
        """
        told = progress or (lambda _step, _done, _total: None)
        stores, moment = self._stores, self._segmentation.moment(as_of)
        defined = self._segmentation.list()
        told("profiles", 0, 5)
        stores.refresh()
        told("traits", 1, 5)
        self._scoring.bring_up_to(moment)
        told("segments", 2, 5)
        by_slug = {segment.slug: segment for segment in defined}
        members = self._publish(by_slug, moment)
        told("kpis", 3, 5)
        if members is None:
            measurement.measure_segments(stores.engine, list(by_slug), as_of=moment)
        told("report", 4, 5)
        report = measurement.build_report(
            stores.engine,
            segments=defined,
            as_of=moment,
            zone=stores.settings.zone,
            currency=stores.settings.currency,
            shop_name=stores.settings.name or stores.layout.root.resolve().name,
            members=members,
        )
        stores.save_history()
        told("report", 5, 5)
        return RunSummary(moment, report.kpis, report, members is None)

    def refresh(self, as_of: str | datetime | None = None) -> RefreshSummary:
        """Bring memberships up to date by computing the profiles that can have come or gone; no KPIs, no report.

        The members are those of a whole run. All profiles are computed where that is as quick, where a rule asks
        for it (values of the whole population, a new day for rules of the calendar, a changed rule), and where
        the shop's own tables are read: nobody notes what comes into those.

        Args:
            as_of: The moment of truth; now by default.

        Raises:
            ConflictError: when memberships of a later moment are published already.
        """
        stores, moment = self._stores, self._segmentation.moment(as_of)
        stores.refresh()
        is_noted = not stores.settings.warehouse.tables
        before = segments.list_publications(stores.engine)
        published = segments.publish_memberships(
            stores.engine,
            {each.slug: each for each in self._segmentation.list()},
            as_of=moment,
            zone=stores.settings.zone,
            traits=self._segmentation.traits(),
            files=self._segmentation.set_files,
            changed=profiles.read_changed(stores.warehouse) if is_noted else None,
        )
        profiles.forget_changes(stores.warehouse)
        stores.save_history()
        if published is None or before[-1:] == [published]:
            return RefreshSummary(moment, 0, 0, 0)
        return RefreshSummary(moment, published.computed, published.entered, published.left)

    def _publish(self, defined: Mapping[str, segments.Segment], moment: datetime) -> pa.Table | None:
        """Publish the memberships; for a moment before the newest publication return them instead."""
        stores = self._stores
        asked: dict[str, Any] = {
            "as_of": moment,
            "zone": stores.settings.zone,
            "traits": self._segmentation.traits(),
        }
        published = segments.list_publications(stores.engine)
        if published and moment < published[-1].as_of:
            return segments.MemberSets.at(stores.engine, defined, **asked).stays()
        segments.publish_memberships(stores.engine, defined, files=self._segmentation.set_files, **asked)
        profiles.forget_changes(stores.warehouse)
        return None

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the warehouse again from the record and the control store: same profiles, same numbers."""
        self._stores.rebuild(progress)
