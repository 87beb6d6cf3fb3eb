"""The tables of who is in a segment, written by this room alone."""

from __future__ import annotations

from tesela.base import Holding
from tesela.warehouse import Column, Table

MEMBERSHIPS = Table(
    name="memberships",
    grain="one stay of one profile in one segment",
    key=("segment", "profile_id", "entered_at"),
    holds=Holding("profile", ("profile_id",), kept=True),
    columns=(
        Column("segment", "VARCHAR", "slug of the segment"),
        Column("fingerprint", "VARCHAR", "version of the rule under which the profile entered"),
        Column("profile_id", "BIGINT", "who"),
        Column("entered_at", "TIMESTAMP", "when they came in, UTC; missing: in since the first computation"),
        Column("left_at", "TIMESTAMP", "when they left, UTC; missing: still in"),
        Column("recorded_at", "TIMESTAMP", "as_of of the run that saw them enter, UTC"),
        Column("left_recorded_at", "TIMESTAMP", "as_of of the run that saw them leave, UTC; missing: still in"),
        Column("left_fingerprint", "VARCHAR", "version of the rule under which they left; missing: still in"),
    ),
)
"""Who is in which segment, from when to when."""

SEGMENT_VERSIONS = Table(
    name="segment_versions",
    grain="one stretch of time during which a segment was computed by one version of its rule",
    key=("segment", "fingerprint", "first_as_of"),
    holds=Holding("words", ("rule",), kept=True),
    columns=(
        Column("segment", "VARCHAR", "slug of the segment"),
        Column("fingerprint", "VARCHAR", "version of the rule"),
        Column("rule", "VARCHAR", "the rule as it was written"),
        Column("first_as_of", "TIMESTAMP", "as_of of the first run of the stretch, UTC"),
        Column("last_as_of", "TIMESTAMP", "as_of of the newest run of the stretch, UTC"),
        Column("meaning", "VARCHAR", "fingerprint of the rule, all it names and the zone, as of that run"),
    ),
)
"""Which rules were computed, and up to when: a segment with a row here has had its first computation."""

SEGMENT_PUBLICATIONS = Table(
    name="segment_publications",
    grain="one publication of the memberships of all segments",
    key=("number",),
    holds=Holding("nobody", kept=True, why="how many came and went"),
    columns=(
        Column("number", "BIGINT", "place among all publications, from 1"),
        Column("as_of", "TIMESTAMP", "the moment of truth, UTC"),
        Column("computed", "BIGINT", "profiles that were computed; missing: all"),
        Column("entered_count", "BIGINT", "stays that began, over all segments"),
        Column("left_count", "BIGINT", "stays that ended, over all segments"),
    ),
)
"""When memberships were published, and how much moved."""

ALL_TABLES: tuple[Table, ...] = (MEMBERSHIPS, SEGMENT_VERSIONS, SEGMENT_PUBLICATIONS)
