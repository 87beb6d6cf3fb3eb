"""Keep who is in each segment, from when to when.

A publication compares what the rules say now with what was published, and writes the differences in one
transaction. The first computation of a segment enters its members without an entry time: they are in, but
nobody joined. A new version of a rule closes nobody who is still in.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError
from tesela.segments.bitmaps import bitmap, stays_table
from tesela.segments.passing import Passage
from tesela.segments.planning import Planner, meanings
from tesela.segments.recorded import (
    Publication,
    Version,
    list_publications,
    open_stays,
    read_recorded,
    read_versions,
)
from tesela.segments.refreshing import FEW, compute_now
from tesela.segments.sets import MemberSets
from tesela.segments.tables import MEMBERSHIPS, SEGMENT_PUBLICATIONS, SEGMENT_VERSIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.segments.segment import Segment
    from tesela.segments.sets import SetFiles
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Statement, Table

_TABLES: dict[str, Table | str] = {
    "memberships": MEMBERSHIPS,
    "versions": SEGMENT_VERSIONS,
    "publications": SEGMENT_PUBLICATIONS,
}
_STAYS_A_STATEMENT = 5_000_000


@dataclass(frozen=True, slots=True)
class Changes:
    """What a publication changes.

    Attributes:
        segments: All segments that it holds, by slug.
        entered: Who came, by slug.
        left: Who went, by slug.
        new: Segments that were never computed before: their members are in, but nobody joined.
        moments: When profiles came or went, by slug, where it is not the moment of the publication.
    """

    segments: Mapping[str, Segment]
    entered: Mapping[str, BitMap64]
    left: Mapping[str, BitMap64]
    new: frozenset[str] = frozenset()
    moments: Mapping[str, Mapping[int, datetime]] = field(default_factory=dict)

    def moved(self, slugs: Iterable[str]) -> dict[str, BitMap64]:
        """Return who came or went in some of the segments."""
        return {slug: self.entered[slug] | self.left[slug] for slug in slugs}

    @property
    def count(self) -> int:
        """How many stays begin or end."""
        return self.entered_count + self.left_count

    @property
    def entered_count(self) -> int:
        """How many stays begin."""
        return sum(map(len, self.entered.values()))

    @property
    def left_count(self) -> int:
        """How many stays end."""
        return sum(map(len, self.left.values()))


def publish_memberships(
    engine: Engine,
    segments: Mapping[str, Segment],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
    files: SetFiles | None = None,
    changed: Collection[int] | None = None,
    few: float = FEW,
) -> Publication | None:
    """Compute segments at a moment and publish who came and who left, all or nothing.

    Args:
        engine: Where the events, profiles and memberships are.
        segments: Segments by slug.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.
        files: Where bitmaps of the members are kept.
        changed: Profiles about whom something has come in since the newest publication, of whatever time. Given,
            only these and those over whose facts the edge of a window has passed are computed, as far as rules
            allow; the members are the same. None computes all.
        few: Share of the base up to which some profiles are computed rather than all.

    Returns:
        The publication, or the one before when nothing is different; None when there are no segments.

    Raises:
        ConflictError: when memberships of a later moment are published already.
        InputError, NotFoundError: where a rule cannot be used.
    """
    newest = _newest(engine, as_of)
    if not segments:
        return newest
    planner = Planner(engine, segments, zone, traits)
    known = read_versions(engine)
    versions = current_versions(segments, meanings(segments, traits, zone), known, as_of)
    last = published_sets(engine, newest, segments, files)
    steady = {slug for (slug, _), each in versions.items() if newest and each.follows(known, newest.as_of)}
    passage = Passage(planner, newest.as_of, as_of) if newest else None
    now = compute_now(planner, as_of, last=last, passage=passage, steady=steady, changed=changed, few=few)
    changes = compare(segments, last.members if last else {}, now.members, {slug for slug, _ in known})
    if newest and not changes.count and all(known.get(key) == version for key, version in versions.items()):
        return newest
    if passage is not None:
        changes = replace(changes, moments=passage.turns(changes.moved(steady), changes.entered))
    publication = Publication(
        (newest.number if newest else 0) + 1, as_of, now.computed, changes.entered_count, changes.left_count
    )
    engine.write(refresh_memberships(changes, publication, versions.values()))
    if files is not None:
        files.save(MemberSets(publication, now.base, now.members))
    return publication


def _newest(engine: Engine, as_of: datetime) -> Publication | None:
    published = list_publications(engine)
    newest = published[-1] if published else None
    if newest is not None and as_of < newest.as_of:
        raise ConflictError("segments.older_than_published", published=newest.as_of, as_of=as_of)
    return newest


def published_sets(
    engine: Engine, newest: Publication | None, slugs: Iterable[str], files: SetFiles | None
) -> MemberSets | None:
    """Return who is on record as a member of each segment; one that was left out for a while included."""
    if newest is None:
        return None
    found = files.load(engine) if files is not None else MemberSets(newest, *read_recorded(engine, newest))
    absent = [slug for slug in slugs if slug not in found.members]
    return replace(found, members={**found.members, **open_stays(engine, absent)}) if absent else found


def current_versions(
    segments: Mapping[str, Segment],
    meaning: Mapping[str, str],
    before: Mapping[tuple[str, str], Version],
    as_of: datetime,
) -> dict[tuple[str, str], Version]:
    """Return the versions of some segments as they stand after a publication, by slug and fingerprint.

    A version that the newest publication did not hold, since there was another one or none, begins anew: so each row
    is one stretch of time, and a rule that was restored has several.

    Args:
        segments: Segments by slug.
        meaning: Fingerprint of all that each one means, by slug.
        before: The newest stretch of each version on record.
        as_of: The publication's moment.
    """
    found: dict[tuple[str, str], Version] = {}
    newest = max((each.last_as_of for each in before.values()), default=None)
    for slug, each in segments.items():
        key = slug, each.fingerprint
        goes_on = key in before and before[key].last_as_of == newest
        first = before[key].first_as_of if goes_on else as_of
        found[key] = Version(*key, each.when, first, as_of, meaning[slug])
    return found


def compare(
    segments: Mapping[str, Segment],
    before: Mapping[str, BitMap64],
    now: Mapping[str, BitMap64],
    computed: Collection[str],
) -> Changes:
    """Return what must change for what was published to become what is so now.

    Args:
        segments: Segments by slug.
        before: Who was in each, as published.
        now: Who is in each.
        computed: Slugs of the segments that have had their first computation.
    """
    nobody = bitmap([])
    return Changes(
        segments,
        {slug: now[slug] - before.get(slug, nobody) for slug in segments},
        {slug: before.get(slug, nobody) - now[slug] for slug in segments},
        frozenset(segments) - frozenset(computed),
    )


def refresh_memberships(changes: Changes, publication: Publication, versions: Iterable[Version]) -> Iterator[Statement]:
    """Yield the statements that publish changes; they must run in one transaction.

    Args:
        changes: Who came and who went.
        publication: Which publication it is.
        versions: Version of each segment's rule, as it stands after the publication.
    """
    of_run: dict[str, Any] = {"as_of": publication.as_of}
    # few of many stays change: whose they are is looked at before pairs, which takes less than half as long
    for stays in _batches(changes.left, changes.segments):
        yield statement(
            """
            INSERT INTO {memberships} BY NAME
            SELECT m.segment AS segment, m.fingerprint AS fingerprint, m.profile_id AS profile_id,
                m.entered_at AS entered_at, m.recorded_at AS recorded_at, c.moved_at AS left_at,
                $as_of AS left_recorded_at, c.fingerprint AS left_fingerprint
            FROM {memberships} AS m
            JOIN stays_changed AS c ON c.segment = m.segment AND c.profile_id = m.profile_id
            WHERE m.left_at IS NULL AND m.profile_id IN (SELECT profile_id FROM stays_changed)
            """,
            tables=_TABLES,
            relations={"stays_changed": _moved(stays, changes, publication, is_entry=False)},
            **of_run,
        )
        yield statement(
            """
            DELETE FROM {memberships}
            WHERE left_at IS NULL AND profile_id IN (SELECT profile_id FROM stays_changed)
                AND (segment, profile_id) IN (SELECT segment, profile_id FROM stays_changed)
            """,
            tables=_TABLES,
            relations={"stays_changed": stays},
        )
    for stays in _batches(changes.entered, changes.segments):
        yield statement(
            """
            INSERT INTO {memberships} BY NAME
            SELECT segment, fingerprint, profile_id, moved_at AS entered_at, $as_of AS recorded_at FROM stays_changed
            """,
            tables=_TABLES,
            relations={"stays_changed": _moved(stays, changes, publication, is_entry=True)},
            **of_run,
        )
    yield from _record_versions(versions)
    yield statement(
        "INSERT INTO {publications} VALUES ($number, $as_of, $computed, $entered, $left)",
        tables=_TABLES,
        number=publication.number,
        computed=publication.computed,
        entered=publication.entered,
        left=publication.left,
        **of_run,
    )


def _batches(changed: Mapping[str, BitMap64], slugs: Iterable[str]) -> Iterator[pa.Table]:
    """Yield the changed stays in tables of a size that an engine takes well; none when there are none."""
    waiting: list[str] = []
    size = 0
    for slug in slugs:
        if changed[slug]:
            waiting.append(slug)
            size += len(changed[slug])
        if size >= _STAYS_A_STATEMENT:
            yield stays_table(changed, waiting)
            waiting, size = [], 0
    if waiting:
        yield stays_table(changed, waiting)


def _moved(stays: pa.Table, changes: Changes, publication: Publication, *, is_entry: bool) -> pa.Table:
    """Add to changed stays when they changed and under which version of the rule."""
    import pyarrow as pa
    import pyarrow.compute as pc

    slugs = stays.column("segment").combine_chunks().dictionary_encode()
    names = slugs.dictionary.to_pylist()
    versions = pa.array([changes.segments[slug].fingerprint for slug in names], pa.string())
    usual = [None if is_entry and slug in changes.new else publication.as_of for slug in names]
    moments = pa.array(usual, pa.timestamp("us")).take(slugs.indices)
    exact = [slug for slug in names if changes.moments.get(slug)]
    if exact:
        told = zip(stays.column("segment").to_pylist(), stays.column("profile_id").to_pylist(), strict=True)
        own = [changes.moments.get(slug, {}).get(profile) for slug, profile in told]
        moments = pc.coalesce(pa.array(own, pa.timestamp("us")), moments)
    return stays.append_column("moved_at", moments).append_column("fingerprint", versions.take(slugs.indices))


def _record_versions(versions: Iterable[Version]) -> Iterator[Statement]:
    import pyarrow as pa

    kinds = [pa.string(), pa.string(), pa.string(), pa.timestamp("us"), pa.timestamp("us"), pa.string()]
    names = [each.name for each in fields(Version)]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    told = {"versions_told": pa.Table.from_pylist([asdict(each) for each in versions], schema=schema)}
    yield statement(
        "DELETE FROM {versions} WHERE (segment, fingerprint, first_as_of)"
        " IN (SELECT segment, fingerprint, first_as_of FROM versions_told)",
        tables=_TABLES,
        relations=told,
    )
    yield statement("INSERT INTO {versions} BY NAME SELECT * FROM versions_told", tables=_TABLES, relations=told)
