"""The ledger's table in the control store. Rows are only ever added."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

CONSENT_LEDGER = sa.Table(
    "consent_ledger",
    METADATA,
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
    sa.Index("consent_ledger_address", "address_kind", "address"),
    sqlite_autoincrement=True,
    info={"holds": Holding("identifier", ("address_kind", "address"))},
)
"""Grain: one thing that one address said once about one channel and purpose. Written by this room alone."""
