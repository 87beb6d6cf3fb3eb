"""What people decided about values, in the control store: acts, and what each changed. Only ever added to."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

CLEANING_ACTS = sa.Table(
    "cleaning_acts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("act", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("acted_at", sa.DateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("undoes", sa.Integer, nullable=True),
    info={"holds": Holding("nobody", why="who decided about values, and when")},
    sqlite_autoincrement=True,
)
"""Grain: one act (`accept`, `normalise`, `undo`) of one person about one or more values."""

CLEANING_EFFECTS = sa.Table(
    "cleaning_effects",
    METADATA,
    sa.Column("act_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("context", sa.Text, nullable=False),
    sa.Column("original", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=True),
    # missing in rows of before anybody could
    sa.Column("is_own", sa.Boolean, nullable=True),
    info={"holds": Holding("words", ("original", "value"))},
)
"""Grain: one value for which an act put another, or, where `value` is missing, took that back. Personal data."""
