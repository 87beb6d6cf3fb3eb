"""What is kept of fixes, in the control store: enough to take each back."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

AUDIT_FIXES = sa.Table(
    "audit_fixes",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("check_key", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("applied_at", sa.DateTime, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("acts", sa.Text, nullable=False),
    sa.Column("tag", sa.Text, nullable=False),
    sa.Column("undone_at", sa.DateTime, nullable=True),
    sa.Column("undone_by", sa.Text, nullable=True),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why="who mended which finding, when, and numbers of acts")},
)
"""Grain: one fix that was applied. `acts` is JSON: numbers of the acts about values or identity that it made."""

AUDIT_FIX_ADDRESSES = sa.Table(
    "audit_fix_addresses",
    METADATA,
    sa.Column("fix_id", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    info={"holds": Holding("identifier", ("kind", "value"))},
)
"""Grain: one identifier that a fix stopped or tagged. Personal data."""
