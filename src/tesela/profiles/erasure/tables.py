"""The control store's tables of erasure. Of who was erased nothing stands in them but keyed hashes."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

ERASED_IDENTIFIERS = sa.Table(
    "erased_identifiers",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("is_anywhere", sa.Boolean, nullable=False),
    sa.Column("erased_at", sa.DateTime, nullable=False),
    info={"holds": Holding("nobody", why="keyed hashes, which keep out who was erased")},
)
"""Grain: one identifier or order of somebody erased, by its keyed hash. `is_anywhere`: any row that carries it is
turned away; else others carry it too, and it bars only rows whose strongest identifier it is."""

ERASURES = sa.Table(
    "erasures",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("erased_at", sa.DateTime, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("counts", sa.Text, nullable=False),
    info={"holds": Holding("nobody", why="when, by whom and how many rows, not of whom")},
    sqlite_autoincrement=True,
)
"""Grain: one erasure that was finished. `counts`: rows by place, as JSON."""
