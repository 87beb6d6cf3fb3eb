"""Proposals that two people are one."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Create the table of proposals."""
    op.create_table(
        "match_proposals",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("other", sa.Integer, nullable=False),
        sa.Column("probability", sa.Float, nullable=False),
        sa.Column("weight", sa.Float, nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("found_at", sa.DateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("decided_at", sa.DateTime, nullable=True),
        sa.Column("actor", sa.Text, nullable=True),
        sa.Column("note", sa.Text, nullable=True),
        sa.Column("act_id", sa.Integer, nullable=True),
        sa.UniqueConstraint("one", "other", "fingerprint"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: what was decided must not be lost."""
    raise NotImplementedError
