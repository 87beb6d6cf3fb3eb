"""The table of what was measured, written by this room alone."""

from __future__ import annotations

from tesela.base import Holding
from tesela.warehouse import Column, Table

MEASUREMENTS = Table(
    name="measurements",
    grain="one metric of one segment, or of the base, at one moment",
    key=("metric", "scope", "as_of"),
    holds=Holding("nobody", kept=True, why="figures of many people together"),
    columns=(
        Column("metric", "VARCHAR", "key of the metric in the catalogue: size, revenue, repeat_rate, ..."),
        Column("scope", "VARCHAR", "slug of the segment, or `base`"),
        Column("as_of", "TIMESTAMP", "the moment of truth, UTC"),
        Column("value", "DECIMAL(18,4)", "in the metric's unit, money in the shop's currency; missing: undefined"),
        Column("n", "BIGINT", "how many profiles or orders the value was computed over"),
    ),
)
"""What each segment was worth, and when."""

ALL_TABLES: tuple[Table, ...] = (MEASUREMENTS,)
