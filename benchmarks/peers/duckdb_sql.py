"""One query a segment on DuckDB."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
from shop import shop_file

from peers.templates import TEMPLATES, Words

if TYPE_CHECKING:
    from peers.listed import Entry


class QueriesOnDuckDB:
    """Counts by one query a segment; the events lie in the order of a layout."""

    def __init__(self, events: int, layout: str) -> None:
        path = shop_file(events, layout)
        self._connection = duckdb.connect(str(path), read_only=True, config={"memory_limit": "3000MB"})
        self._connection.execute("SET enable_progress_bar = false")

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        return [self._one(TEMPLATES[each.template].query(Words(), each.params)) for each in entries]

    def _one(self, query: str) -> int:
        row = self._connection.execute(query).fetchone()
        return int(row[0]) if row else 0
