"""Audits: counts and scores."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table of audits."""
    op.create_table(
        "audits",
        sa.Column("as_of", sa.DateTime, primary_key=True),
        sa.Column("audited_at", sa.DateTime, nullable=False),
        sa.Column("base", sa.Integer, nullable=False),
        sa.Column("score", sa.Text, nullable=True),
        sa.Column("score_version", sa.Integer, nullable=False),
        sa.Column("parts", sa.Text, nullable=False),
        sa.Column("findings", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Refuse: what was found must not be lost."""
    raise NotImplementedError
