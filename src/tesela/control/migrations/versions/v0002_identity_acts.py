"""What people decided about who is who."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the tables of acts and of what each changed."""
    op.create_table(
        "identity_acts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("other", sa.Integer, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("acted_at", sa.DateTime, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "identity_effects",
        sa.Column("act_id", sa.Integer, nullable=False),
        sa.Column("pairing", sa.Text, nullable=False),
        sa.Column("one", sa.Integer, nullable=False),
        sa.Column("other", sa.Integer, nullable=False),
        sa.Column("holds", sa.Boolean, nullable=False),
    )


def downgrade() -> None:
    """Refuse: what people decided must not be forgotten."""
    raise NotImplementedError
