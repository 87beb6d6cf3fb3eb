"""The control store's tables of access. They hold the shop's own staff, nobody of its customers."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

_STAFF = "the shop's own staff, who are no contacts of it"

USERS = sa.Table(
    "users",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("sees_personal", sa.Boolean, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("password", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why=_STAFF)},
)
"""Grain: one person who may sign in. The password is an argon2id hash."""

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("hash", sa.Text, primary_key=True),
    sa.Column("user_id", sa.Integer, sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    info={"holds": Holding("nobody", why=_STAFF)},
)
"""Grain: one session of a browser, by the SHA-256 of what its cookie holds."""

API_KEYS = sa.Table(
    "api_keys",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("hash", sa.Text, nullable=False, unique=True),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("made_by", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("used_at", sa.DateTime, nullable=True),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why="keys of programs, as hashes")},
)
"""Grain: one key for programs, by the SHA-256 of what the program sends."""

TAKEN_OUT = sa.Table(
    "taken_out",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("people", sa.Integer, nullable=False),
    sa.Column("is_raw", sa.Boolean, nullable=False),
    sa.Column("channel", sa.Text, nullable=True),
    sa.Column("purpose", sa.Text, nullable=True),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("taken_at", sa.DateTime, nullable=False),
    sqlite_autoincrement=True,
    info={"holds": Holding("nobody", why="who took how many people of which segment out, not whom")},
)
"""Grain: one list of people that somebody took out of Tesela. Only added to."""
