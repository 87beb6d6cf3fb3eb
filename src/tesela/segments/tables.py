"""The table of who is in a segment, written by this room alone."""

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
