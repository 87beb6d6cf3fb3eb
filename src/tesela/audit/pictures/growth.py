"""How the base grew: who came and who went, by local month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import to_local
from tesela.measurement import list_months

if TYPE_CHECKING:
    from datetime import date

    from tesela.audit.ground import Ground

_SHOWN = 24


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


def find_months(ground: Ground) -> tuple[Month, ...]:
    """Return the last 24 months from the first with anybody on, the oldest first."""
    import pyarrow as pa

    spans = list_months(ground.as_of, ground.zone, _SHOWN)
    bounds = pa.table(
        {
            "place": pa.array(range(len(spans)), pa.int64()),
            "starts_at": pa.array([start for start, _ in spans], pa.timestamp("us")),
            "ends_at": pa.array([end for _, end in spans], pa.timestamp("us")),
        }
    )
    rows = ground.ask(
        """
        SELECT m.place,
            (SELECT count(*) FROM {people} WHERE arrived_at >= m.starts_at AND arrived_at < m.ends_at) AS arrived,
            (SELECT count(*) FROM {people} WHERE gone_at >= m.starts_at AND gone_at < m.ends_at) AS gone,
            (SELECT count(*) FROM {people} WHERE arrived_at < m.ends_at AND (gone_at IS NULL OR gone_at >= m.ends_at))
                AS base
        FROM audit_months AS m ORDER BY m.place
        """,
        relations={"audit_months": bounds},
    )
    months = [
        Month(to_local(start, ground.zone).date(), row["arrived"], row["gone"], row["base"])
        for (start, _), row in zip(spans, rows, strict=True)
    ]
    while months and not months[0].base and not months[0].arrived:
        months.pop(0)
    return tuple(months)
