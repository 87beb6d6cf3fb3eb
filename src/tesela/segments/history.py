"""How memberships went over time: sizes at each publication, who came and went, who was in as recorded."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate, groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError
from tesela.profiles import PROFILES
from tesela.segments.counting import check_columns
from tesela.segments.listing import find_people
from tesela.segments.recorded import find_publication, list_publications, read_recorded, read_stretches
from tesela.segments.tables import MEMBERSHIPS, SEGMENT_VERSIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.segments.recorded import Publication, Version
    from tesela.warehouse import Engine, Table

_TABLES: dict[str, Table | str] = {"memberships": MEMBERSHIPS, "versions": SEGMENT_VERSIONS, "profiles": PROFILES}


@dataclass(frozen=True, slots=True)
class SizeThen:
    """How large a segment was when it was published.

    Attributes:
        as_of: The publication's moment, naive UTC.
        size: Members.
        entered: Who came since the publication before.
        left: Who went since then.
        fingerprint: Version of the rule.
    """

    as_of: datetime
    size: int
    entered: int
    left: int
    fingerprint: str


def sizes_over_time(engine: Engine, segment: str) -> list[SizeThen]:
    """Return how large a segment was at each publication that held it, the oldest first.

    Raises:
        NotFoundError: when the segment was never published.
    """
    return [size for size, _ in _published(engine, segment)]


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of a segment's rule, for a stretch of time during which it was published.

    Attributes:
        fingerprint: Of the rule.
        rule: As it was written.
        since: Moment of the first publication with it, naive UTC.
        until: Moment of the first publication without it; None while the newest one has it.
        first_size: Members at the first publication with it.
        last_size: Members at the last one with it.
    """

    fingerprint: str
    rule: str
    since: datetime
    until: datetime | None
    first_size: int
    last_size: int


def list_versions(engine: Engine, segment: str) -> list[InForce]:
    """Return the versions of a segment's rule with the stretches during which each was published, the newest first.

    Raises:
        NotFoundError: when the segment was never published.
    """
    moments = [each.as_of for each in list_publications(engine)]
    found = []
    for version, published in groupby(_published(engine, segment), key=itemgetter(1)):
        sizes = [size for size, _ in published]
        first, last = sizes[0], sizes[-1]
        until = next((at for at in moments if at > last.as_of), None)
        found.append(InForce(version.fingerprint, version.rule, first.as_of, until, first.size, last.size))
    return found[::-1]


def count_moves(engine: Engine, as_of: datetime) -> dict[str, tuple[int, int]]:
    """Return how many came into and went out of each segment with the publication of a moment, where any did."""
    counted = {
        moment: engine.query(
            statement(
                f"SELECT segment, count(*) AS n FROM {{memberships}} WHERE {moment} = $as_of GROUP BY segment",
                tables=_TABLES,
                as_of=as_of,
            )
        ).to_pylist()
        for moment in ("recorded_at", "left_recorded_at")
    }
    came, went = ({row["segment"]: row["n"] for row in rows} for rows in counted.values())
    return {slug: (came.get(slug, 0), went.get(slug, 0)) for slug in {*came, *went}}


def find_moves(
    engine: Engine,
    segment: str,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    columns: Sequence[str] = ("customer_id", "email"),
) -> pa.Table:
    """Return who entered and who left a segment, in the order in which it happened.

    Args:
        engine: Where the memberships are.
        segment: Slug.
        since: Only what was recorded at this moment or later.
        until: Only what was recorded before this moment.
        columns: Columns of `profiles` to bring along, with today's values.

    Returns:
        Rows of profile_id, the asked columns, moved (`entered` or `left`), moved_at (missing: in since the first
        computation), recorded_at, fingerprint and rule (the version under which it happened).

    Raises:
        NotFoundError: when the segment was never published.
        InputError: when a column does not exist.
    """
    check_columns(columns)
    _versions(engine, segment)
    shown = "".join(f', p."{column}"' for column in columns if column != "profile_id")
    bounds: dict[str, Any] = {"since": since, "until": until}
    given = {name: value for name, value in bounds.items() if value is not None}
    inside = "".join(f" AND recorded_at {'>=' if name == 'since' else '<'} ${name}" for name in given)
    return engine.query(
        statement(
            f"""
            WITH moves AS (
                SELECT profile_id, 'entered' AS moved, entered_at AS moved_at, recorded_at, fingerprint
                FROM {{memberships}} WHERE segment = $segment
                UNION ALL
                SELECT profile_id, 'left', left_at, coalesce(left_recorded_at, left_at), left_fingerprint
                FROM {{memberships}} WHERE segment = $segment AND left_at IS NOT NULL
            )
            SELECT m.profile_id AS profile_id{shown}, m.moved AS moved, m.moved_at AS moved_at,
                m.recorded_at AS recorded_at, m.fingerprint AS fingerprint, v.rule AS rule
            FROM moves AS m
            LEFT JOIN {{profiles}} AS p ON p.profile_id = m.profile_id
            LEFT JOIN (
                SELECT fingerprint, max(rule) AS rule FROM {{versions}} WHERE segment = $segment GROUP BY fingerprint
            ) AS v ON v.fingerprint = m.fingerprint
            WHERE true{inside.replace("recorded_at", "m.recorded_at")}
            ORDER BY m.recorded_at, coalesce(m.moved_at, m.recorded_at), m.profile_id, m.moved
            """,
            tables=_TABLES,
            segment=segment,
            **given,
        )
    )


def find_recorded_members(
    engine: Engine, segment: str, at: datetime, *, columns: Sequence[str] = ("customer_id", "email")
) -> tuple[Publication, pa.Table]:
    """Return who was in a segment as it was published then: rows of `profile_id` and the asked columns.

    Args:
        engine: Where the memberships are.
        segment: Slug.
        at: The newest publication that is not later is read.
        columns: Columns of `profiles` to bring along, with today's values.

    Raises:
        NotFoundError: when nothing, or no such segment, was published by then.
        InputError: when a column does not exist.
    """
    publication = find_publication(engine, at)
    if _version_at(_versions(engine, segment), publication.as_of) is None:
        raise NotFoundError("segments.not_published_then", segment=segment, as_of=publication.as_of)
    members = read_recorded(engine, publication, segment)[1][segment]
    return publication, find_people(engine, members, columns=columns)


def _published(engine: Engine, segment: str) -> list[tuple[SizeThen, Version]]:
    """Return each publication that held a segment, the oldest first, with the version of its rule."""
    versions = _versions(engine, segment)
    came, went = _moves(engine, segment, "recorded_at"), _moves(engine, segment, "left_recorded_at")
    moments = sorted({each.as_of for each in list_publications(engine)} | came.keys() | went.keys())
    sizes = accumulate(came.get(at, 0) - went.get(at, 0) for at in moments)
    told = []
    for at, size in zip(moments, sizes, strict=True):
        version = _version_at(versions, at)
        if version:
            then = SizeThen(at, size, came.get(at, 0), went.get(at, 0), version.fingerprint)
            told.append((then, version))
    return told


def _moves(engine: Engine, segment: str, moment: str) -> dict[datetime, int]:
    """Return how many stays were recorded to begin, or to end, at each moment."""
    recorded = "coalesce(left_recorded_at, left_at)" if moment == "left_recorded_at" else moment
    rows = engine.query(
        statement(
            f"SELECT {recorded} AS at, count(*) AS n FROM {{memberships}}"
            f" WHERE segment = $segment AND {recorded} IS NOT NULL GROUP BY {recorded}",
            tables=_TABLES,
            segment=segment,
        )
    )
    return {row["at"]: row["n"] for row in rows.to_pylist()}


def _versions(engine: Engine, segment: str) -> list[Version]:
    versions = read_stretches(engine)
    found = [each for each in versions if each.segment == segment]
    if not found:
        known = ", ".join(sorted({each.segment for each in versions})) or "-"
        raise NotFoundError("segments.not_published", segment=segment, known=known)
    return found


def _version_at(versions: Sequence[Version], at: datetime) -> Version | None:
    """Return the version that was published then: of several, the one that came in last."""
    then = [each for each in versions if each.first_as_of <= at <= each.last_as_of]
    return max(then, key=lambda each: (each.first_as_of, each.last_as_of), default=None)
