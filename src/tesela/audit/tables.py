"""What is kept of audits, in the control store: figures of many people together."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

AUDITS = sa.Table(
    "audits",
    METADATA,
    sa.Column("as_of", sa.DateTime, primary_key=True),
    sa.Column("audited_at", sa.DateTime, nullable=False),
    sa.Column("base", sa.Integer, nullable=False),
    sa.Column("score", sa.Text, nullable=True),
    sa.Column("score_version", sa.Integer, nullable=False),
    sa.Column("parts", sa.Text, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
    info={"holds": Holding("nobody", why="counts and scores of many people together")},
)
"""Grain: one audit, by its moment of truth. `parts` and `findings` are JSON: values by name, counts by check."""
