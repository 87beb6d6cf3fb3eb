"""What a table is: its columns with their meaning, its grain and its key.

Every room declares the tables it writes in its own `tables.py`, as values of these classes; nothing else
in the code spells a table's name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tesela.base import Holding

ColumnType = Literal[
    "BIGINT",
    "BOOLEAN",
    "DATE",
    "DECIMAL(18,4)",
    "INTEGER",
    "JSON",
    "TIMESTAMP",
    "VARCHAR",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes:
        name: Name in the warehouse.
        type: TIMESTAMP is UTC with microseconds and no zone type.
        meaning: What it says, with its unit, and what a missing value means.
        personal: Whether it can tell who a person is: erasure looks here.
    """

    name: str
    type: ColumnType
    meaning: str
    personal: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the warehouse, owned and written by one room.

    Attributes:
        name: Name in the warehouse.
        grain: What one row stands for.
        key: Columns that tell rows apart; empty when rows have no key of their own.
        columns: All columns, in order.
        holds: What it holds of people; every table that a room declares says it.
    """

    name: str
    grain: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    holds: Holding | None = None

    @property
    def column_names(self) -> tuple[str, ...]:
        """Names of the columns, in order."""
        return tuple(column.name for column in self.columns)
