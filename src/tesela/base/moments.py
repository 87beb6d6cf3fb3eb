"""Moments, calendar arithmetic and time zones: all of it here, none of it in an engine.

Inside Tesela a moment is a naive `datetime` in UTC with microseconds (the warehouse's TIMESTAMP). People
speak of local dates and times; both directions are computed here from the zone database, so that every
engine gets literal bounds and the same answer (LANGUAGE.md, Time).
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tesela.base.errors import InputError

Unit = Literal["second", "minute", "hour", "day", "week", "month", "quarter", "year"]

_FIXED: dict[str, timedelta] = {
    "second": timedelta(seconds=1),
    "minute": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(weeks=1),
}
_MONTHS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}


PERIOD_UNITS: dict[str, Unit] = {
    "day": "day", "days": "day", "día": "day", "días": "day", "dia": "day", "dias": "day",
    "week": "week", "weeks": "week", "semana": "week", "semanas": "week",
    "month": "month", "months": "month", "mes": "month", "meses": "month",
    "year": "year", "years": "year", "año": "year", "años": "year",
}  # fmt: skip
"""Units of periods as people write them."""

_PERIOD = re.compile(r"\s*([1-9]\d{0,4})\s+(\w+)\s*")


def load_zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name such as `Europe/Madrid`.

    Raises:
        InputError: when there is no zone of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as cause:
        raise InputError("base.unknown_zone", zone=name) from cause


def parse_moment(written: str, zone: ZoneInfo) -> datetime:
    """Return the UTC moment that a person wrote.

    A bare date means its first instant in the zone. A time without an offset is local to the zone; one with
    an offset (`Z`, `+02:00`) is taken as it is.

    Raises:
        InputError: when it is neither a date nor a time in ISO 8601.
    """
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError as cause:
        raise InputError("base.not_a_moment", value=written) from cause
    return to_utc(moment, zone)


def parse_period(written: str) -> tuple[int, str]:
    """Return the number and the unit, as it is written, of a period such as `90 days` or `3 meses`.

    Raises:
        InputError: when it is no number and a word.
    """
    match = _PERIOD.fullmatch(written)
    if match is None:
        raise InputError("base.not_a_period", value=written)
    return int(match[1]), match[2].lower()


def to_utc(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a local or aware time as a naive UTC moment.

    A local time that the zone skips moves forward by the gap; one that it has twice is the first.

    Example:
        >>> to_utc(datetime(2026, 3, 29, 2, 30), load_zone("Europe/Madrid"))
        datetime.datetime(2026, 3, 29, 1, 30)
    """
    aware = moment if moment.tzinfo else moment.replace(tzinfo=zone, fold=0)
    return aware.astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return a UTC moment as a naive local time of the zone."""
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the first instant of a local date, in UTC."""
    return to_utc(datetime.combine(day, time()), zone)


def add_months(day: date, months: int) -> date:
    """Return the date some months on, its day clipped to the month's end.

    Example:
        >>> add_months(date(2026, 8, 31), -6)
        datetime.date(2026, 2, 28)
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def step(moment: datetime, count: int, unit: Unit, zone: ZoneInfo) -> datetime:
    """Return the UTC moment `count` units after another (before it, when negative).

    Seconds to weeks are elapsed time (a day is 24 hours); months, quarters and years step by the calendar
    of the zone, the day clipped to the month's end (LANGUAGE.md, Time).

    Raises:
        InputError: when the result lies outside the years 1 to 9999.
    """
    try:
        if unit in _FIXED:
            return moment + count * _FIXED[unit]
        local = to_local(moment, zone)
        day = add_months(local.date(), count * _MONTHS[unit])
        return to_utc(datetime.combine(day, local.time()), zone)
    except (OverflowError, ValueError) as cause:
        raise InputError("base.moment_out_of_range", count=count, unit=unit) from cause


@dataclass(frozen=True, slots=True)
class ZoneSpan:
    """A stretch of local time with one UTC offset.

    Attributes:
        local_from: First local time of the stretch, naive.
        offset: What to subtract from a local time of the stretch to get UTC.
    """

    local_from: datetime
    offset: timedelta


def local_spans(zone: ZoneInfo, first_year: int = 1970, last_year: int = 2100) -> list[ZoneSpan]:
    """Return the zone's offsets over local time, in order, for turning whole columns into UTC.

    A skipped local time lies in the span before the gap and so moves forward by it; a time that occurs
    twice lies in the first of the two: the same answers as `to_utc`.
    """
    offsets = utc_offsets(zone, datetime(first_year, 1, 1), datetime(last_year, 1, 1))  # noqa: DTZ001 naive on purpose
    spans = [ZoneSpan(datetime(1, 1, 1), offsets[0][1])]  # noqa: DTZ001
    for (_, before), (turn, after) in pairwise(offsets):
        spans.append(ZoneSpan(max(turn + before, turn + after), after))
    return spans


def utc_offsets(zone: ZoneInfo, start: datetime, end: datetime) -> list[tuple[datetime, timedelta]]:
    """Return the zone's offsets between two UTC moments: since when, and what to add to UTC to get local time.

    Example:
        >>> year = datetime(2026, 1, 1), datetime(2027, 1, 1)
        >>> [(str(since), str(offset)) for since, offset in utc_offsets(load_zone("Europe/Madrid"), *year)][1]
        ('2026-03-29 01:00:00', '2:00:00')
    """
    found = [(start, _offset(start, zone))]
    for year in range(start.year, end.year + 1):
        found += [(turn, offset) for turn, offset in _turns(zone, year) if start < turn <= end]
    return found


@lru_cache(maxsize=4096)
def _turns(zone: ZoneInfo, year: int) -> tuple[tuple[datetime, timedelta], ...]:
    """Return when the zone's offset changes in a year, and to what.

    No zone has changed it twice within so few days since 1970.
    """
    found = []
    moment, end = datetime(year, 1, 1), datetime(min(year, 9998) + 1, 1, 1)  # noqa: DTZ001 naive UTC
    while moment < end:
        following = min(moment + timedelta(days=4), end)
        before, after = _offset(moment, zone), _offset(following, zone)
        if before != after:
            found.append((_bisect(moment, following, before, zone), after))
        moment = following
    return tuple(found)


def _offset(utc: datetime, zone: ZoneInfo) -> timedelta:
    offset = utc.replace(tzinfo=UTC).astimezone(zone).utcoffset()
    return offset if offset is not None else timedelta()


def _bisect(low: datetime, high: datetime, before: timedelta, zone: ZoneInfo) -> datetime:
    """Return the first UTC second in (low, high] whose offset is no longer `before`."""
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        middle = middle.replace(microsecond=0)
        if _offset(middle, zone) == before:
            low = middle
        else:
            high = middle
    return high
