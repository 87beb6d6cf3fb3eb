"""The tables of who is in a segment, written by this room alone."""

from __future__ import annotations

from tesela.warehouse import Column, Table

MEMBERSHIPS = Table(
    name="memberships",
    grain="one stay of one profile in one segment",
    key=("segment", "profile_id", "entered_at"),
    columns=(
        Column("segment", "VARCHAR", "slug of the segment"),
        Column("fingerprint", "VARCHAR", "version of the rule under which the profile entered"),
        Column("profile_id", "BIGINT", "who"),
        Column("entered_at", "TIMESTAMP", "when they came in, UTC; missing: in since the first computation"),
        Column("left_at", "TIMESTAMP", "when they left, UTC; missing: still in"),
        Column("recorded_at", "TIMESTAMP", "as_of of the run that saw them enter, UTC"),
    ),
)
"""Who is in which segment, from when to when."""

SEGMENT_VERSIONS = Table(
    name="segment_versions",
    grain="one version of a segment's rule that was computed",
    key=("segment", "fingerprint"),
    columns=(
        Column("segment", "VARCHAR", "slug of the segment"),
        Column("fingerprint", "VARCHAR", "version of the rule"),
        Column("rule", "VARCHAR", "the rule as it was written"),
        Column("first_as_of", "TIMESTAMP", "as_of of the first run with it, UTC"),
        Column("last_as_of", "TIMESTAMP", "as_of of the newest run with it, UTC"),
    ),
)
"""Which rules were computed, and up to when: a segment with a row here has had its first computation."""

ALL_TABLES: tuple[Table, ...] = (MEMBERSHIPS, SEGMENT_VERSIONS)
