"""Who was erased, by keyed hashes; and when something was erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the tables of erasure."""
    op.create_table(
        "erased_identifiers",
        sa.Column("hash", sa.Text, primary_key=True),
        sa.Column("is_anywhere", sa.Boolean, nullable=False),
        sa.Column("erased_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("erased_at", sa.DateTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("people", sa.Integer, nullable=False),
        sa.Column("counts", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    """Refuse: who was erased must not come back."""
    raise NotImplementedError
