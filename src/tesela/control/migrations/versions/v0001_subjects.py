"""Numbers of subjects, handed out once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create the table of handed-out numbers."""
    op.create_table(
        "subject_numbers",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.UniqueConstraint("kind", "value"),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: numbers that were handed out must not be forgotten."""
    raise NotImplementedError
