"""Keep who is in each segment, from when to when.

A publication compares what the rules say now with what was published, and writes the differences in one
transaction. The first computation of a segment enters its members without an entry time: they are in, but
nobody joined. A new version of a rule closes nobody who is still in.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import ConflictError
from tesela.language import prepare
from tesela.segments.bitmaps import bitmap, members_of, stays_table
from tesela.segments.planning import meanings, plan_rules
from tesela.segments.recorded import Publication, list_publications, read_recorded
from tesela.segments.sets import MemberSets
from tesela.segments.tables import MEMBERSHIPS, SEGMENT_PUBLICATIONS, SEGMENT_VERSIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
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
        new: Segments that were never computed before.
    """

    segments: Mapping[str, Segment]
    entered: Mapping[str, BitMap64]
    left: Mapping[str, BitMap64]
    new: frozenset[str]

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
) -> Publication | None:
    """Compute all segments at a moment and publish who came and who left, all or nothing.

    Args:
        engine: Where the events, profiles and memberships are.
        segments: Segments by slug.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.
        files: Where bitmaps of the members are kept.

    Returns:
        The publication; None when there are no segments.

    Raises:
        ConflictError: when memberships of a later moment are published already.
        InputError, NotFoundError: where a rule cannot be used.
    """
    published = list_publications(engine)
    newest = published[-1] if published else None
    if newest is not None and as_of < newest.as_of:
        raise ConflictError("segments.older_than_published", published=newest.as_of, as_of=as_of)
    if not segments:
        return None
    plan = plan_rules(engine, segments, as_of=as_of, zone=zone, traits=traits)
    now = members_of(plan, engine.query(prepare(engine, plan)))
    before = _published(engine, newest, files)
    changes = compare(segments, before, now, computed_before(engine))
    publication = Publication(
        (newest.number if newest else 0) + 1, as_of, None, changes.entered_count, changes.left_count
    )
    engine.write(refresh_memberships(changes, publication, meanings(segments, traits, zone)))
    if files is not None:
        files.save(MemberSets(publication, read_recorded(engine, publication, "")[0], now))
    return publication


def _published(engine: Engine, newest: Publication | None, files: SetFiles | None) -> Mapping[str, BitMap64]:
    if newest is None:
        return {}
    return files.load(engine).members if files is not None else read_recorded(engine, newest)[1]


def computed_before(engine: Engine) -> frozenset[str]:
    """Return the slugs of the segments that have had their first computation."""
    rows = engine.query(statement("SELECT DISTINCT segment FROM {versions}", tables=_TABLES))
    return frozenset(rows.column("segment").to_pylist())


def compare(
    segments: Mapping[str, Segment],
    before: Mapping[str, BitMap64],
    now: Mapping[str, BitMap64],
    computed: frozenset[str],
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
        frozenset(segments) - computed,
    )


def refresh_memberships(
    changes: Changes, publication: Publication, told: Mapping[str, str]
) -> Iterator[Statement]:
    """Yield the statements that publish changes; they must run in one transaction.

    Args:
        changes: Who came and who went.
        publication: Which publication it is.
        told: Fingerprint of all that each segment means, by slug.
    """
    of_run = {"as_of": publication.as_of}
    for stays in _batches(changes.left, changes.segments):
        yield statement(
            """
            INSERT INTO {memberships} BY NAME
            SELECT m.segment AS segment, m.fingerprint AS fingerprint, m.profile_id AS profile_id,
                m.entered_at AS entered_at, m.recorded_at AS recorded_at, c.moved_at AS left_at,
                $as_of AS left_recorded_at, c.fingerprint AS left_fingerprint
            FROM {memberships} AS m
            JOIN stays_changed AS c ON c.segment = m.segment AND c.profile_id = m.profile_id
            WHERE m.left_at IS NULL
            """,
            tables=_TABLES,
            relations={"stays_changed": _moved(stays, changes, publication)},
            **of_run,
        )
        yield statement(
            """
            DELETE FROM {memberships}
            WHERE left_at IS NULL AND (segment, profile_id) IN (SELECT segment, profile_id FROM stays_changed)
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
            relations={"stays_changed": _moved(stays, changes, publication)},
            **of_run,
        )
    yield from _record_versions(changes.segments, publication, told)
    yield statement(
        "INSERT INTO {publications} VALUES ($number, $as_of, $computed, $entered, $left)",
        tables=_TABLES,
        number=publication.number,
        computed=publication.computed,
        entered=publication.entered,
        left=publication.left,
        **of_run,
    )
