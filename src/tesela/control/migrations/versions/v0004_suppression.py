"""Suppression: the key's fingerprint, stops, exclusion lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the tables of suppression."""
    op.create_table("suppression_keys", sa.Column("fingerprint", sa.Text, primary_key=True))
    op.create_table(
        "suppression_acts",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("suppression_acts_hash", "suppression_acts", ["hash"])
    op.create_table(
        "exclusion_lists",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("dated_on", sa.Date, nullable=False),
        sa.Column("binds_consented", sa.Boolean, nullable=False),
        sa.Column("addresses", sa.Integer, nullable=False),
        sa.Column("unreadable", sa.Integer, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("imported_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exclusion_list_members",
        sa.Column("list_id", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
    )
    op.create_index("exclusion_list_members_hash", "exclusion_list_members", ["hash"])


def downgrade() -> None:
    """Refuse: who must not be written to must not be forgotten."""
    raise NotImplementedError
