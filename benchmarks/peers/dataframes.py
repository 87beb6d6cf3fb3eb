"""One query a segment on dataframes: Polars over files, pandas in memory.

Each brings only its own library into the process, so that the peak memory of one does not hold the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from peers.exported import exported

if TYPE_CHECKING:
    from peers.listed import Entry


class OnPolars:
    """Counts by one lazy query a segment, over Parquet files."""

    def __init__(self, events: int) -> None:
        from peers import polars_queries

        self._queries = polars_queries
        self._files = polars_queries.Files(exported(events))

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        return [self._queries.size_of(self._files, each.template, each.params) for each in entries]


class OnPandas:
    """Counts by one expression a segment, over frames loaded once."""

    def __init__(self, events: int) -> None:
        from peers import pandas_queries

        self._queries = pandas_queries
        self._frames = pandas_queries.Frames(exported(events))

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        return [self._queries.size_of(self._frames, each.template, each.params) for each in entries]
