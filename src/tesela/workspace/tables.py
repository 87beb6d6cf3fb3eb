"""The tables that this room alone writes, on an engine beside the workspace."""

from __future__ import annotations

from tesela.base import Holding
from tesela.warehouse import Column, Table

SHIPMENTS = Table(
    name="shipments",
    grain="one table of the workspace that was shipped to the engine",
    key=("name",),
    holds=Holding("nobody", why="names and fingerprints of tables"),
    columns=(
        Column("name", "VARCHAR", "name of the table; `record` for the record as a whole"),
        Column("fingerprint", "VARCHAR", "of its contents when it was shipped"),
        Column("row_count", "BIGINT", "how many rows were shipped"),
    ),
)
"""What an engine beside the workspace holds; absent where the engine is the workspace's own file."""

ENGINE_CHECK = Table(
    name="engine_check",
    grain="one row that a check of the engine wrote; emptied again at once",
    key=("number",),
    holds=Holding("nobody", why="what a check wrote, and no person's"),
    columns=(
        Column("number", "BIGINT", "a large number"),
        Column("word", "VARCHAR", "a word with signs that are not ASCII"),
    ),
)
"""What `tesela engine check` tries the engine out with."""
