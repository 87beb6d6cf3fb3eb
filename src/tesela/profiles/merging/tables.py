"""What people decided about who is who, in the control store: acts, and what each changed. Only ever added to."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

IDENTITY_ACTS = sa.Table(
    "identity_acts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("one", sa.Integer, nullable=False),
    sa.Column("other", sa.Integer, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("acted_at", sa.DateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, nullable=True),
    sqlite_autoincrement=True,
    info={"holds": Holding("subject", ("one", "other"))},
)
"""Grain: one act (`merge`, `unmerge`, `undo`) of one person about two subjects."""

IDENTITY_EFFECTS = sa.Table(
    "identity_effects",
    METADATA,
    sa.Column("act_id", sa.Integer, nullable=False),
    sa.Column("pairing", sa.Text, nullable=False),
    sa.Column("one", sa.Integer, nullable=False),
    sa.Column("other", sa.Integer, nullable=False),
    sa.Column("holds", sa.Boolean, nullable=False),
    info={"holds": Holding("subject", ("one", "other"))},
)
"""Grain: one pair of subjects that an act has put `together` or `apart`, or has taken that back (`holds` false)."""
