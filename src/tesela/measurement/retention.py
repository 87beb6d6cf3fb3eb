"""How many of those who first bought in a month bought again in the months after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import to_local
from tesela.measurement.facts import BASE
from tesela.measurement.months import is_over, list_months, month_bounds
from tesela.measurement.tallies import EVER, MEMBERS, ORDERS, TABLES, as_rows
from tesela.warehouse import statement

if TYPE_CHECKING:
    from datetime import date, datetime
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap64

    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class Retained:
    """How many of a cohort bought in one month.

    Attributes:
        buyers: How many.
        share: Of the cohort, 0 to 1; None where the cohort is empty.
        low: Lower end of the 95 % interval.
        high: Upper end.
        is_over: False for a month that had not ended at the moment of truth.
    """

    buyers: int
    share: float | None
    low: float | None
    high: float | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those whose first order was in one month.

    Attributes:
        first_day: First day of the month, in the shop's zone.
        size: How many they are.
        months: How many bought in that month, the one after, and so on: the first is everybody.
    """

    first_day: date
    size: int
    months: tuple[Retained, ...]


def find_retention(
    engine: Engine, people: BitMap64, *, as_of: datetime, zone: ZoneInfo, months: int = 12
) -> tuple[Cohort, ...]:
    """Return the cohorts of the last months, the oldest first; months before the first one that anybody began in go.

    Args:
        engine: Where the events are.
        people: Of whom: the base, or the members of a segment.
        as_of: The moment of truth, naive UTC.
        zone: The shop's time zone: months begin in it.
        months: How many months back, the running one included.

    Raises:
        InputError: when so many months cannot be shown.
    """
    firsts = [to_local(start, zone).date() for start, _ in list_months(as_of, zone, months)]
    rows = engine.query(
        statement(
            f"""
            WITH {ORDERS},
            active AS (
                SELECT DISTINCT o.profile_id AS profile_id, m.place AS place
                FROM orders AS o
                JOIN {MEMBERS} AS s ON s.profile_id = o.profile_id
                JOIN months AS m ON o.occurred_at >= m.starts_at AND o.occurred_at < m.ends_at
            ),
            begun AS (SELECT profile_id, min(place) AS cohort FROM active GROUP BY profile_id)
            SELECT b.cohort AS cohort, a.place AS place, count(*) AS buyers
            FROM active AS a JOIN begun AS b ON b.profile_id = a.profile_id
            WHERE b.cohort > 0 GROUP BY b.cohort, a.place
            """,
            tables=TABLES,
            relations={MEMBERS: as_rows({BASE: people}), "months": month_bounds(firsts, as_of, zone)},
            since=EVER,
            as_of=as_of,
        )
    )
    buyers = {(row["cohort"], row["place"]): int(row["buyers"]) for row in rows.to_pylist()}
    begun = [place for place in range(1, months + 1) if (place, place) in buyers]
    return tuple(
        _cohort(place, firsts, buyers, as_of, zone) for place in range(min(begun, default=months + 1), months + 1)
    )


def _cohort(
    place: int, firsts: list[date], buyers: dict[tuple[int, int], int], as_of: datetime, zone: ZoneInfo
) -> Cohort:
    import numpy as np

    from tesela.estimators import Moments, share_interval

    size = buyers.get((place, place), 0)
    seen = np.array([buyers.get((place, later), 0) for later in range(place, len(firsts) + 1)], np.float64)
    interval = share_interval(Moments(size, size, seen, size, seen, seen))
    ends = zip(interval.low.tolist(), interval.high.tolist(), strict=True)
    months = tuple(
        Retained(
            int(count),
            share=count / size if size else None,
            low=low if size else None,
            high=high if size else None,
            is_over=is_over(day, as_of, zone),
        )
        for count, (low, high), day in zip(seen.tolist(), ends, firsts[place - 1 :], strict=True)
    )
    return Cohort(firsts[place - 1], size, months)
