"""The jobs of a workspace: the main job, and making the warehouse again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela import measurement, segments

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    import pyarrow as pa

    from tesela.workspace.memberships import Memberships
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


class Jobs:
    """Runs what takes long; every plan of the main job runs here.

    Args:
        stores: The open stores.
        segmentation: Gives the segments and the moment meant.
    """

    def __init__(self, stores: Stores, segmentation: Memberships) -> None:
        self._stores = stores
        self._segmentation = segmentation

    def run(
        self, as_of: str | datetime | None = None, *, progress: Callable[[str, int, int], None] | None = None
    ) -> RunSummary:
        """Run the main job: events to profiles to segments to KPIs.

        Running it twice for the same moment changes nothing.

        Args:
            as_of: The moment of truth; now by default.
            progress: Called with the name of each step, steps done and steps in all.
        """
        told = progress or (lambda _step, _done, _total: None)
        stores, moment = self._stores, self._segmentation.moment(as_of)
        defined = self._segmentation.list()
        told("profiles", 0, 4)
        stores.refresh()
        told("segments", 1, 4)
        by_slug = {segment.slug: segment for segment in defined}
        members = self._publish(by_slug, moment)
        told("kpis", 2, 4)
        if members is None:
            measurement.measure_segments(stores.engine, list(by_slug), as_of=moment)
        told("report", 3, 4)
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
        told("report", 4, 4)
        return RunSummary(moment, report.kpis, report, members is None)

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
            return segments.list_members(stores.engine, defined, **asked)
        segments.publish_memberships(stores.engine, defined, files=self._segmentation.set_files, **asked)
        return None

    def rebuild(self, progress: Callable[[int, int], None] | None = None) -> None:
        """Make the warehouse again from the record and the control store: same profiles, same numbers."""
        self._stores.rebuild(progress)
