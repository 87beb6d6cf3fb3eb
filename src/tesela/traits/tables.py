"""The table of stored traits, written by this room alone."""

from __future__ import annotations

from tesela.base import Holding
from tesela.warehouse import Column, Table

TRAIT_VALUES = Table(
    name="trait_values",
    grain="one value of one scored or predicted trait of one profile, at one moment",
    key=("profile_id", "trait", "as_of"),
    holds=Holding("profile", ("profile_id",), kept=True),
    columns=(
        Column("profile_id", "BIGINT", "whose"),
        Column("trait", "VARCHAR", "name of the trait"),
        Column("as_of", "TIMESTAMP", "moment it was computed for, UTC"),
        Column("value", "VARCHAR", "the value as text; dates and times in ISO 8601; missing: none"),
        Column("fingerprint", "VARCHAR", "version of its definition"),
    ),
)
"""Scores and predictions, each with the moment it is for."""

ALL_TABLES: tuple[Table, ...] = (TRAIT_VALUES,)
