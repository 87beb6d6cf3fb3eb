"""How the base grew: who came and who went, by local month."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from tesela.base import to_local
from tesela.measurement import list_months

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    import pyarrow as pa

    from tesela.audit.ground import Ground

_SHOWN, _BY_SOURCE, _SOURCES = 24, 12, 6


@dataclass(frozen=True, slots=True)
class Month:
    """One local month.

    Attributes:
        first_day: Its first day.
        arrived: People of the base who came in it.
        gone: People who unsubscribed, bounced for good or complained in it, and can be written to no more.
        base: People who had come and not gone at its end.
    """

    first_day: date
    arrived: int
    gone: int
    base: int

    @property
    def decay(self) -> Decimal | None:
        """Who went, as a share of who was there when the month began; None when nobody was."""
        return _decay(self.arrived, self.gone, self.base)


@dataclass(frozen=True, slots=True)
class SourceMonth:
    """One local month of one source of people.

    Attributes:
        source: How people came; empty where that is not told.
        first_day: Of the month.
        arrived: People who came so in it.
        gone: People who had come so and went in it.
        base: People who had come so and not gone at its end.
    """

    source: str
    first_day: date
    arrived: int
    gone: int
    base: int

    @property
    def decay(self) -> Decimal | None:
        """Who went, as a share of who was there when the month began; None when nobody was."""
        return _decay(self.arrived, self.gone, self.base)


def find_source_months(ground: Ground) -> tuple[SourceMonth, ...]:
    """Return the last twelve months of the largest sources, those largest first and the oldest month first."""
    if not ground.base:
        return ()
    spans = list_months(ground.as_of, ground.zone, _BY_SOURCE)
    rows = ground.ask(
        """
        WITH largest AS (
            SELECT coalesce(first_source, '') AS source, count(*) AS people FROM {people}
            GROUP BY coalesce(first_source, '') ORDER BY people DESC, source LIMIT $most
        ),
        moves AS (
            SELECT coalesce(first_source, '') AS source, arrived_at AS at, 1 AS arrived, 0 AS gone FROM {people}
            UNION ALL
            SELECT coalesce(first_source, ''), gone_at, 0, 1 FROM {people} WHERE gone_at IS NOT NULL
        )
        SELECT l.source, m.place, coalesce(sum(v.arrived) FILTER (v.at >= m.starts_at), 0)::BIGINT AS arrived,
            coalesce(sum(v.gone) FILTER (v.at >= m.starts_at), 0)::BIGINT AS gone,
            coalesce(sum(v.arrived - v.gone), 0)::BIGINT AS base
        FROM largest AS l CROSS JOIN audit_months AS m
        LEFT JOIN moves AS v ON v.source = l.source AND v.at < m.ends_at
        GROUP BY l.source, l.people, m.place ORDER BY l.people DESC, l.source, m.place
        """,
        relations={"audit_months": _bounds(spans)},
        most=_SOURCES,
    )
    return tuple(
        SourceMonth(
            row["source"],
            to_local(spans[row["place"]][0], ground.zone).date(),
            row["arrived"],
            row["gone"],
            row["base"],
        )
        for row in rows
    )


def find_months(ground: Ground) -> tuple[Month, ...]:
    """Return the last 24 months from the first with anybody on, the oldest first."""
    spans = list_months(ground.as_of, ground.zone, _SHOWN)
    rows = ground.ask(
        """
        SELECT m.place,
            (SELECT count(*) FROM {people} WHERE arrived_at >= m.starts_at AND arrived_at < m.ends_at) AS arrived,
            (SELECT count(*) FROM {people} WHERE gone_at >= m.starts_at AND gone_at < m.ends_at) AS gone,
            (SELECT count(*) FROM {people} WHERE arrived_at < m.ends_at AND (gone_at IS NULL OR gone_at >= m.ends_at))
                AS base
        FROM audit_months AS m ORDER BY m.place
        """,
        relations={"audit_months": _bounds(spans)},
    )
    months = [
        Month(to_local(start, ground.zone).date(), row["arrived"], row["gone"], row["base"])
        for (start, _), row in zip(spans, rows, strict=True)
    ]
    while months and not months[0].base and not months[0].arrived:
        months.pop(0)
    return tuple(months)


def _decay(arrived: int, gone: int, base: int) -> Decimal | None:
    before = base - arrived + gone
    return Decimal(gone) / before if before > 0 else None


def _bounds(spans: Sequence[tuple[datetime, datetime]]) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "place": pa.array(range(len(spans)), pa.int64()),
            "starts_at": pa.array([start for start, _ in spans], pa.timestamp("us")),
            "ends_at": pa.array([end for _, end in spans], pa.timestamp("us")),
        }
    )
