"""Keep who is in each segment, from when to when.

A refresh compares what the rules say now with what was published, and publishes the differences in one
transaction. The first computation of a segment enters its members without an entry time: they are in, but
nobody joined. A new version of a rule closes nobody who is still in.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tesela.base import ConflictError
from tesela.language import prepare
from tesela.segments.planning import plan_rules
from tesela.segments.tables import MEMBERSHIPS, SEGMENT_VERSIONS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.language import Plan
    from tesela.segments.segment import Segment
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Table

_COMPUTED = "memberships_computed"
_TABLES: dict[str, Table | str] = {"memberships": MEMBERSHIPS, "versions": SEGMENT_VERSIONS, "computed": _COMPUTED}


def publish_memberships(
    engine: Engine,
    segments: Mapping[str, Segment],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> None:
    """Compute all segments at a moment and publish who came and who left, all or nothing.

    Raises:
        ConflictError: when memberships of a later moment are published already.
        InputError, NotFoundError: where a rule cannot be used.
    """
    published = newest_publication(engine)
    if published is not None and as_of < published:
        raise ConflictError("segments.older_than_published", published=published, as_of=as_of)
    if segments:
        plan = plan_rules(engine, segments, as_of=as_of, zone=zone, traits=traits)
        engine.write(refresh_memberships(segments, plan, prepare(engine, plan)))


def newest_publication(engine: Engine) -> datetime | None:
    """Return the moment of the newest published memberships; None when there are none."""
    newest = engine.query(statement("SELECT max(last_as_of) AS at FROM {versions}", tables=_TABLES))
    found: datetime | None = newest.column("at").to_pylist()[0]
    return found


def refresh_memberships(segments: Mapping[str, Segment], plan: Plan, computed: Statement) -> list[Statement]:
    """Return the statements that bring `memberships` up to what a plan says; running them twice changes nothing.

    Args:
        segments: The segments of the plan, by slug.
        plan: Their plan.
        computed: The plan's statement: one row per profile.
    """
    # the house's only table that lives for one transaction
    first = replace(computed, sql=f"CREATE OR REPLACE TEMPORARY TABLE {_COMPUTED} AS {computed.sql}")
    each = (write for slug, segment in segments.items() for write in _refresh(segment, plan, plan.columns[slug]))
    return [first, *each, Statement(f"DROP TABLE {_COMPUTED}")]


def _refresh(segment: Segment, plan: Plan, column: str) -> Iterator[Statement]:
    is_member = column if segment.slug in plan.everyone else f"is_known AND {column}"
    of_segment = {"segment": segment.slug, "as_of": plan.as_of}
    yield statement(
        f"""
        UPDATE {{memberships}} SET left_at = $as_of
        WHERE segment = $segment AND left_at IS NULL
          AND profile_id NOT IN (SELECT profile_id FROM {{computed}} WHERE {is_member})
        """,
        tables=_TABLES,
        relations=None,
        **of_segment,
    )
    yield statement(
        f"""
        INSERT INTO {{memberships}} BY NAME
        SELECT $segment AS segment, $fingerprint AS fingerprint, profile_id,
            CASE WHEN EXISTS (SELECT 1 FROM {{versions}} WHERE segment = $segment) THEN $as_of END AS entered_at,
            $as_of AS recorded_at
        FROM {{computed}}
        WHERE {is_member} AND profile_id NOT IN (
            SELECT profile_id FROM {{memberships}} WHERE segment = $segment AND left_at IS NULL
        )
        """,
        tables=_TABLES,
        relations=None,
        fingerprint=segment.fingerprint,
        **of_segment,
    )
    yield from _record_version(segment, plan.as_of)


def _record_version(segment: Segment, as_of: datetime) -> Iterator[Statement]:
    version = {"segment": segment.slug, "fingerprint": segment.fingerprint, "as_of": as_of}
    yield statement(
        "UPDATE {versions} SET last_as_of = greatest(last_as_of, $as_of)"
        " WHERE segment = $segment AND fingerprint = $fingerprint",
        tables=_TABLES,
        relations=None,
        **version,
    )
    yield statement(
        """
        INSERT INTO {versions}
        SELECT $segment, $fingerprint, $rule, $as_of, $as_of
        WHERE NOT EXISTS (SELECT 1 FROM {versions} WHERE segment = $segment AND fingerprint = $fingerprint)
        """,
        tables=_TABLES,
        relations=None,
        rule=segment.when,
        **version,
    )
