"""The control store's tables of suppression. Addresses stand in them as keyed hashes only."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

SUPPRESSION_KEYS = sa.Table(
    "suppression_keys",
    METADATA,
    sa.Column("fingerprint", sa.Text, primary_key=True),
    info={"holds": Holding("nobody", why="the key's fingerprint")},
)
"""Grain: the one key that addresses are hashed with, by its fingerprint."""

SUPPRESSION_ACTS = sa.Table(
    "suppression_acts",
    METADATA,
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
    sa.Index("suppression_acts_hash", "hash"),
    sqlite_autoincrement=True,
    info={"holds": Holding("hash", ("hash",))},
)
"""Grain: one `stop` of an address and channel for a reason, or one that was taken back (`lift`). Only added to."""

EXCLUSION_LISTS = sa.Table(
    "exclusion_lists",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("dated_on", sa.Date, nullable=False),
    sa.Column("binds_consented", sa.Boolean, nullable=False),
    sa.Column("addresses", sa.Integer, nullable=False),
    sa.Column("unreadable", sa.Integer, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("imported_at", sa.DateTime, nullable=False),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why="names and dates of lists")},
)
"""Grain: one version of a list of people who want no advertising. The newest of a name holds."""

EXCLUSION_LIST_MEMBERS = sa.Table(
    "exclusion_list_members",
    METADATA,
    sa.Column("list_id", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Index("exclusion_list_members_hash", "hash"),
    info={"holds": Holding("nobody", why="others' lists, as keyed hashes: they say nothing of this shop's people")},
)
"""Grain: one address and channel on the newest version of a list; those of older versions are gone."""
