"""What was published: read from the tables as it was then, whatever is known now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError
from tesela.profiles import PROFILES
from tesela.segments.bitmaps import bitmap, bitmaps_by
from tesela.segments.tables import MEMBERSHIPS, SEGMENT_PUBLICATIONS, SEGMENT_VERSIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from pyroaring import BitMap64

    from tesela.warehouse import Engine, Table

_TABLES: dict[str, Table | str] = {
    "memberships": MEMBERSHIPS,
    "versions": SEGMENT_VERSIONS,
    "publications": SEGMENT_PUBLICATIONS,
    "profiles": PROFILES,
}

# A stay that was seen to begin by then, and not yet seen to end.
RECORDED_THEN = "recorded_at <= $as_of AND (left_at IS NULL OR coalesce(left_recorded_at, left_at) > $as_of)"
"""Condition on `memberships`, with `$as_of`: the stay was on record then."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One publication of the memberships of all segments.

    Attributes:
        number: Place among all, from 1.
        as_of: The moment of truth, naive UTC.
        computed: How many profiles were computed; None is all.
        entered: How many stays began, over all segments.
        left: How many stays ended, over all segments.
    """

    number: int
    as_of: datetime
    computed: int | None = None
    entered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Version:
    """One stretch of time during which a segment was computed by one version of its rule.

    Attributes:
        segment: Slug.
        fingerprint: Of the rule.
        rule: As it was written.
        first_as_of: Moment of the stretch's first publication.
        last_as_of: Moment of its newest one.
        meaning: Fingerprint of the rule with all it names, as of the newest one.
    """

    segment: str
    fingerprint: str
    rule: str
    first_as_of: datetime
    last_as_of: datetime
    meaning: str | None = None

    def follows(self, known: Mapping[tuple[str, str], Version], published: datetime) -> bool:
        """Tell whether the newest publication held the segment, and the rule means what it meant then."""
        before = known.get((self.segment, self.fingerprint))
        return before is not None and before.last_as_of == published and before.meaning == self.meaning


def read_stretches(engine: Engine) -> list[Version]:
    """Return all stretches of all rules' versions, the oldest first."""
    rows = engine.query(
        statement(
            "SELECT segment, fingerprint, rule, first_as_of, last_as_of, meaning FROM {versions}"
            " ORDER BY first_as_of, last_as_of",
            tables=_TABLES,
        )
    )
    return [Version(**row) for row in rows.to_pylist()]


def read_versions(engine: Engine) -> dict[tuple[str, str], Version]:
    """Return the newest stretch of each version of each rule, by slug and fingerprint."""
    return {(each.segment, each.fingerprint): each for each in read_stretches(engine)}


def list_publications(engine: Engine) -> list[Publication]:
    """Return all publications, the oldest first."""
    rows = engine.query(
        statement(
            "SELECT number, as_of, computed, entered_count, left_count FROM {publications} ORDER BY number",
            tables=_TABLES,
        )
    ).to_pylist()
    if rows:
        return [Publication(*row.values()) for row in rows]
    # memberships of a workspace that published before publications were numbered
    last = [each.last_as_of for each in read_versions(engine).values()]
    return [Publication(0, max(last))] if last else []


def find_publication(engine: Engine, at: datetime | None = None) -> Publication:
    """Return the newest publication, or the newest one of a moment that is not later than another.

    Raises:
        NotFoundError: when there is none.
    """
    published = [each for each in list_publications(engine) if at is None or each.as_of <= at]
    if not published:
        if at is None:
            raise NotFoundError("segments.never_published")
        raise NotFoundError("segments.nothing_published", at=f"{at:%Y-%m-%d %H:%M} UTC")
    return published[-1]


def read_recorded(
    engine: Engine, publication: Publication, segment: str | None = None
) -> tuple[BitMap64, dict[str, BitMap64]]:
    """Return the base and the members of each segment, or of one, as they were published.

    Args:
        engine: Where the memberships are.
        publication: Which publication.
        segment: Slug; by default all segments that were published then.
    """
    then: dict[str, Any] = {"as_of": publication.as_of}
    base = engine.query(
        statement("SELECT profile_id FROM {profiles} WHERE is_known AND first_seen_at < $as_of", tables=_TABLES, **then)
    )
    slugs = [segment] if segment else published_segments(engine, publication)
    only = "AND segment = $segment" if segment else ""
    asked = {**then, "segment": segment} if segment else then
    stays = engine.query(
        statement(
            f"SELECT segment, profile_id FROM {{memberships}} WHERE {RECORDED_THEN} {only}",
            tables=_TABLES,
            **asked,
        )
    )
    found = bitmaps_by(stays.column("segment"), stays.column("profile_id"))
    return bitmap(base.column("profile_id")), {slug: found[slug] if slug in found else bitmap([]) for slug in slugs}


def open_stays(engine: Engine, slugs: Sequence[str]) -> dict[str, BitMap64]:
    """Return who is in each of some segments by its newest publication, whenever that was."""
    import pyarrow as pa

    stays = engine.query(
        statement(
            "SELECT segment, profile_id FROM {memberships}"
            " WHERE left_at IS NULL AND segment IN (SELECT segment FROM segments_asked)",
            tables=_TABLES,
            relations={"segments_asked": pa.table({"segment": pa.array(slugs, pa.string())})},
        )
    )
    return bitmaps_by(stays.column("segment"), stays.column("profile_id"))


def published_segments(engine: Engine, publication: Publication) -> list[str]:
    """Return the slugs of the segments that a publication holds."""
    rows = engine.query(
        statement(
            "SELECT DISTINCT segment FROM {versions} WHERE first_as_of <= $as_of AND last_as_of >= $as_of",
            tables=_TABLES,
            as_of=publication.as_of,
        )
    )
    return sorted(rows.column("segment").to_pylist())
