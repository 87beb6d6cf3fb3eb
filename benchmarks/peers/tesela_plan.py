"""Tesela itself: all segments in one statement."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shop import AS_OF, ZONE, shop_file

from tesela.language import plan_segments, prepare
from tesela.segments import count_segments
from tesela.warehouse import DuckDBEngine

if TYPE_CHECKING:
    from peers.listed import Entry


class TeselaOnDuckDB:
    """Counts by the front door that the CLI and the page use."""

    def __init__(self, events: int, layout: str) -> None:
        self.engine = DuckDBEngine(shop_file(events, layout), memory_limit="3000MB")

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        rules = {each.slug: each.when for each in entries}
        sizes = count_segments(self.engine, rules, as_of=AS_OF, zone=ZONE)
        return [int(sizes[each.slug]) for each in entries]


class TeselaMembers(TeselaOnDuckDB):
    """Brings the members out of the engine, as a refresh does, and counts those."""

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        plan = plan_segments({each.slug: each.when for each in entries}, as_of=AS_OF, zone=ZONE)
        rows = self.engine.query(prepare(self.engine, plan))
        sums = {column: rows.column(column).to_numpy().sum() for column in set(plan.columns.values())}
        return [int(sums[plan.columns[each.slug]]) for each in entries]
