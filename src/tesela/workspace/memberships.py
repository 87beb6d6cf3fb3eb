"""Published memberships of a workspace: set questions, history, what a change would do, how it is computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

from tesela import segments
from tesela.base import NotFoundError
from tesela.workspace.catalog import SegmentCatalog
from tesela.workspace.overview import Overview, look_over
from tesela.workspace.segmentation import Segmentation
from tesela.workspace.sheets import SheetForm, write_sheet
from tesela.workspace.versions import SegmentVersions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pyarrow as pa
    from pyroaring import BitMap64

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ExportedSheet:
    """A list of people as a file.

    Attributes:
        content: The bytes.
        people: How many are in it.
    """

    content: bytes
    people: int


class Memberships(Segmentation):
    """Answers questions about segments, those about what was published included."""

    @property
    def catalog(self) -> SegmentCatalog:
        """Segments ready to use: what is possible with the shop's data, and adding them to its files."""
        return SegmentCatalog(self._stores, self.moment)

    @property
    def versions(self) -> SegmentVersions:
        """The versions of segments' rules: listed, compared, restored."""
        return SegmentVersions(self._stores, self)

    @property
    def set_files(self) -> segments.SetFiles:
        """The bitmaps of the newest publications."""
        return segments.SetFiles(self._stores.layout.sets)

    def overview(self) -> Overview:
        """Return all segments with their newest sizes, how they went, and what they were worth; nothing is computed."""
        return look_over(self._stores, self.list(), self.set_files)

    def members_page(self, segment: str, **page: Any) -> tuple[datetime, segments.listing.People]:
        """Return a page of a segment's members as published last: personal data.

        Args:
            segment: Slug.
            page: `search`, `sort`, `descending`, `offset`, `limit`, as of `tesela.segments.listing.list_people`.

        Returns:
            The publication's moment, and the page.

        Raises:
            NotFoundError: when nothing, or no such segment, was published.
            InputError: when the page makes no sense.
        """
        sets = self.sets()
        found = segments.listing.list_people(self._stores.warehouse, sets.of(segment), **page)
        return sets.publication.as_of, found

    def export(
        self, segment: str, form: SheetForm, *, reachable: str | None, purpose: str = "marketing"
    ) -> ExportedSheet:
        """Return a segment as a file: who can receive by a channel, or everybody: personal data.

        Args:
            segment: Slug of a defined segment.
            form: `csv`, `xlsx`, `parquet` or `json`.
            reachable: A channel; None takes everybody, whatever they allow.
            purpose: What they would be written to for.

        Raises:
            NotFoundError: when there is no such segment or channel.
        """
        self.find(segment)
        rows = self.members(segment, reachable=reachable, purpose=purpose)
        file = BytesIO()
        write_sheet(rows, form, file)
        return ExportedSheet(file.getvalue(), rows.num_rows)

    def overlap(self, asked: Sequence[str] = ()) -> tuple[segments.MemberSets, segments.together.Overlap]:
        """Return how segments share people as published last, with the sets.

        Args:
            asked: Slugs; by default all segments that are defined and were published.

        Raises:
            NotFoundError: when nothing, or no such segment, was published.
        """
        sets = self.sets()
        slugs = list(asked) or [each.slug for each in self.list() if each.slug in sets.members]
        return sets, segments.together.find_overlap(sets, slugs)

    def sets(self, as_recorded: str | datetime | None = None) -> segments.MemberSets:
        """Return who was in each segment as it was published last, or last before or at a moment.

        Raises:
            NotFoundError: when nothing was published by then.
        """
        at = None if as_recorded is None else self.moment(as_recorded)
        return self.set_files.load(self._stores.engine, at)

    def sets_before(self, now: segments.MemberSets, since: str | datetime | None = None) -> segments.MemberSets:
        """Return the sets that others are compared with: those of a day before, or of a moment.

        Raises:
            NotFoundError: when nothing was published by then.
        """
        at = now.publication.as_of - _DAY if since is None else self.moment(since)
        return self.set_files.load(self._stores.engine, at)

    def recorded_members(self, segment: str, at: str | datetime) -> tuple[datetime, pa.Table]:
        """Return who was in a segment as it was published then, with their identifiers: personal data.

        Args:
            segment: Slug.
            at: The newest publication that is not later is read.

        Returns:
            The publication's moment, and rows of profile_id, customer_id, email, ordered by profile_id.

        Raises:
            NotFoundError: when nothing, or no such segment, was published by then.
        """
        publication, members = segments.find_recorded_members(self._stores.engine, segment, self.moment(at))
        return publication.as_of, members

    def sizes(self, segment: str) -> list[segments.history.SizeThen]:
        """Return how large a segment was at each publication, the oldest first.

        Raises:
            NotFoundError: when the segment was never published.
        """
        return segments.history.sizes_over_time(self._stores.engine, segment)

    def moves(self, segment: str, since: str | datetime | None = None, until: str | datetime | None = None) -> pa.Table:
        """Return who entered and who left a segment, with their identifiers: personal data.

        Args:
            segment: Slug.
            since: Only what was recorded at this moment or later.
            until: Only what was recorded before this moment.

        Returns:
            Rows as of `tesela.segments.history.find_moves`.
        """
        return segments.history.find_moves(
            self._stores.engine,
            segment,
            since=None if since is None else self.moment(since),
            until=None if until is None else self.moment(until),
        )

    def preview(self, segment: str, rule: str, as_of: str | datetime | None = None) -> segments.Preview:
        """Return what another rule for a segment would do, before it is saved.

        Args:
            segment: Slug of the segment that is to change, or of one to be made.
            rule: Its other rule.
            as_of: The moment of truth, as in `count`.

        Raises:
            InputError: when the rule makes no sense, with the position.
        """
        self._stores.refresh()
        defined: dict[str, segments.Segment | str] = {each.slug: each for each in self.list()}
        return segments.preview_change(
            self._stores.engine,
            defined,
            segment,
            rule,
            as_of=self.moment(as_of),
            zone=self._stores.settings.zone,
            traits=self.traits(),
        )

    def plan(
        self, asked: Sequence[str] = (), as_of: str | datetime | None = None, engine: str | None = None
    ) -> segments.PlanSummary:
        """Return how segments are computed: what is read, what is shared, the SQL.

        Args:
            asked: Slugs; by default all that are defined.
            as_of: The moment of truth, as in `count`.
            engine: Engine to write SQL for; by default the workspace's.

        Raises:
            NotFoundError: when there is no such segment.
        """
        self._stores.refresh()
        defined = {each.slug: each for each in self.list()}
        for slug in asked:
            if slug not in defined:
                raise NotFoundError("segments.not_defined", segment=slug, known=", ".join(defined))
        return segments.describe_plan(
            self._stores.engine,
            defined,
            as_of=self.moment(as_of),
            zone=self._stores.settings.zone,
            asked=asked or None,
            traits=self.traits(),
            dialect=engine,
        )

    def people(self, profiles: BitMap64, limit: int | None = None) -> pa.Table:
        """Return profile_id, customer_id and email of some profiles, or of the first of them: personal data."""
        return segments.listing.find_people(self._stores.engine, profiles, limit=limit)
