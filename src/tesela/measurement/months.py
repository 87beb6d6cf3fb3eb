"""The shop's own months, as bounds that an engine only compares with."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from tesela.base import InputError, add_months, start_of_day, to_local

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

MOST_MONTHS = 60
_BEFORE_ALL = datetime(1, 1, 1)  # noqa: DTZ001 moments inside Tesela are naive UTC


def first_days(as_of: datetime, zone: ZoneInfo, count: int) -> list[date]:
    """Return the first days of the last months, the last one being that of the last instant before `as_of`."""
    newest = to_local(as_of - timedelta(microseconds=1), zone).date().replace(day=1)
    return [add_months(newest, -back) for back in range(count - 1, -1, -1)]


def list_months(as_of: datetime, zone: ZoneInfo, count: int) -> list[tuple[datetime, datetime]]:
    """Return where each of the last months begins and ends, the oldest first; the last one ends at `as_of`.

    Raises:
        InputError: when so many months cannot be shown.
    """
    if not 1 <= count <= MOST_MONTHS:
        raise InputError("measurement.bad_months", months=count, most=MOST_MONTHS)
    starts = [start_of_day(day, zone) for day in first_days(as_of, zone, count)]
    return list(zip(starts, [*starts[1:], as_of], strict=True))


def month_bounds(firsts: list[date], end: datetime, zone: ZoneInfo) -> pa.Table:
    """Return rows of place, starts_at, ends_at: place 0 is all the time before, the months follow from 1 on."""
    import pyarrow as pa

    starts = [_BEFORE_ALL, *(start_of_day(day, zone) for day in firsts)]
    moment = pa.timestamp("us")
    return pa.table(
        {
            "place": pa.array(range(len(starts)), pa.int64()),
            "starts_at": pa.array(starts, moment),
            "ends_at": pa.array([*starts[1:], end], moment),
        }
    )


def is_over(first_day: date, as_of: datetime, zone: ZoneInfo) -> bool:
    """Tell whether a month had ended at a moment."""
    return start_of_day(add_months(first_day, 1), zone) <= as_of
