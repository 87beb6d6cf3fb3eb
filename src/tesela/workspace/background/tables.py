"""The control store's table of background work."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

BACKGROUND_JOBS = sa.Table(
    "background_jobs",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("asked", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("started_at", sa.DateTime, nullable=True),
    sa.Column("ended_at", sa.DateTime, nullable=True),
    sa.Column("result", sa.Text, nullable=True),
    sa.Column("error", sa.Text, nullable=True),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why="which work was done for whom of the staff, and how many rows it was")},
)
"""Grain: one piece of work. `asked`, `result` and `error` are JSON: files, numbers and codes, no contacts."""
