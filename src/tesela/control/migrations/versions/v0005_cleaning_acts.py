"""What people decided about values of contacts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the acts about values, and what each changed."""
    op.create_table(
        "cleaning_acts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("act", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("acted_at", sa.DateTime, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("undoes", sa.Integer, nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cleaning_effects",
        sa.Column("act_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("context", sa.Text, nullable=False),
        sa.Column("original", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=True),
    )


def downgrade() -> None:
    """Refuse: decisions must not be forgotten."""
    raise NotImplementedError
