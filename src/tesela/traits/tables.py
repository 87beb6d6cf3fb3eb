"""The tables of stored traits and of the runs that made them, written by this room alone."""

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
"""Scores and predictions, each with the moment it is for; a value that stays as it was has no new row."""

RFM_RUNS = Table(
    name="rfm_runs",
    grain="one run of RFM",
    key=("as_of",),
    holds=Holding("nobody", kept=True, why="settings and cut points"),
    columns=(
        Column("as_of", "TIMESTAMP", "the moment of truth, UTC"),
        Column("fingerprint", "VARCHAR", "version of what was counted and of the cut points"),
        Column("fitted_at", "TIMESTAMP", "as_of of the run that made the cut points, UTC"),
        Column("fitted_buyers", "BIGINT", "from how many buyers they were made"),
        Column("counted_window", "VARCHAR", "how far back orders and money counted: `12 months`, `ever`"),
        Column("money", "VARCHAR", "which money counted: `gross` or `net`"),
        Column("cuts", "VARCHAR", "JSON: by axis the points that a value must exceed for scores 2 to 5, and if fixed"),
    ),
)
"""What each run of RFM counted, and by which cut points it scored."""

RFM_CELLS = Table(
    name="rfm_cells",
    grain="one combination of scores in one run of RFM",
    key=("as_of", "r", "f", "m"),
    holds=Holding("nobody", kept=True, why="how many people have the same scores"),
    columns=(
        Column("as_of", "TIMESTAMP", "as_of of the run, UTC"),
        Column("r", "BIGINT", "recency score 1 to 5; missing: prospects"),
        Column("f", "BIGINT", "frequency score 1 to 5; missing: prospects"),
        Column("m", "BIGINT", "money score 1 to 5; missing: prospects"),
        Column("profiles", "BIGINT", "how many of the base have them"),
    ),
)
"""How many people had which scores."""

LIFECYCLE_RHYTHMS = Table(
    name="lifecycle_rhythms",
    grain="one time that the shop's rhythm was measured",
    key=("measured_at",),
    holds=Holding("nobody", kept=True, why="quantiles of many people's gaps between orders"),
    columns=(
        Column("measured_at", "TIMESTAMP", "the moment of truth, UTC; the newest holds"),
        Column("active_days", "BIGINT", "up to so many days after an order one is active"),
        Column("cooling_days", "BIGINT", "up to so many one is cooling"),
        Column("dormant_days", "BIGINT", "up to so many one is dormant; longer is lapsed"),
        Column("origin", "VARCHAR", "`measured`; `too_few` gaps for it, and usual values"),
        Column("cases", "BIGINT", "how many gaps between orders there were"),
    ),
)
"""After how long without an order a buyer cools, sleeps and is lost."""

ALL_TABLES: tuple[Table, ...] = (TRAIT_VALUES, RFM_RUNS, RFM_CELLS, LIFECYCLE_RHYTHMS)
