"""Values by a person's own word, tags, and the fixes of audits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Let effects say whose word they are; create the tables of tags and fixes."""
    op.add_column("cleaning_effects", sa.Column("is_own", sa.Boolean, nullable=True))
    op.create_table(
        "audit_fixes",
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
    )
    op.create_table(
        "audit_fix_addresses",
        sa.Column("fix_id", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
    )


def downgrade() -> None:
    """Refuse: what was decided must not be forgotten."""
    raise NotImplementedError
