"""Who is proposed to be one person, in the control store: what was decided on it must never be lost."""

from __future__ import annotations

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA

MATCH_PROPOSALS = sa.Table(
    "match_proposals",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("one", sa.Integer, nullable=False),
    sa.Column("other", sa.Integer, nullable=False),
    sa.Column("probability", sa.Float, nullable=False),
    sa.Column("weight", sa.Float, nullable=False),
    sa.Column("evidence", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("found_at", sa.DateTime, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("decided_at", sa.DateTime, nullable=True),
    sa.Column("actor", sa.Text, nullable=True),
    sa.Column("note", sa.Text, nullable=True),
    sa.Column("act_id", sa.Integer, nullable=True),
    sa.UniqueConstraint("one", "other", "fingerprint"),
    sqlite_autoincrement=True,
    info={"holds": Holding("subject", ("one", "other"))},
)
"""Grain: one pair of people, as their data were: `open`, `accepted` (`act_id` is the merge) or `rejected`.

`one` and `other` are subjects: the profiles' numbers when the pair was found, the smaller first. `evidence` is JSON:
each field with its level and weight, and no value. `fingerprint` is a hash of the values that were compared.
"""
