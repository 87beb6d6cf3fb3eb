"""The consent ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the ledger."""
    op.create_table(
        "consent_ledger",
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("fingerprint", sa.Text, nullable=False, unique=True),
        sa.Column("address_kind", sa.Text, nullable=False),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("purpose", sa.Text, nullable=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("basis", sa.Text, nullable=True),
        sa.Column("method", sa.Text, nullable=True),
        sa.Column("wording", sa.Text, nullable=True),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("occurred_at", sa.DateTime, nullable=False),
        sa.Column("is_dated", sa.Boolean, nullable=False),
        sa.Column("is_firm", sa.Boolean, nullable=False),
        sa.Column("confirmed_at", sa.DateTime, nullable=True),
        sa.Column("evidence", sa.Text, nullable=True),
        sa.Column("load_id", sa.Integer, nullable=True),
        sa.Column("recorded_at", sa.DateTime, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("consent_ledger_address", "consent_ledger", ["address_kind", "address"])


def downgrade() -> None:
    """Refuse: what people allowed and forbade must not be forgotten."""
    raise NotImplementedError
