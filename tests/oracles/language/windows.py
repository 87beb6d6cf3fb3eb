"""Times of the naive interpreter: zones, calendar units, windows."""

from __future__ import annotations

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from oracles.language.world import Span, World

HOURS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


MONTHS = {"month": 1, "quarter": 3, "year": 12}


DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


def months_on(local: datetime, months: int) -> datetime:
    index = local.year * 12 + local.month - 1 + months
    year, month = index // 12, index % 12 + 1
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise AssertionError


def back(world: World, number: int, unit: str) -> datetime:
    """The moment so long before the moment of truth."""
    if unit in HOURS:
        return world.as_of - timedelta(seconds=number * HOURS[unit])
    local = to_local(world.as_of, world.zone)
    return to_utc(months_on(local, -number * MONTHS[unit]), world.zone)


def midnight(day: date, world: World) -> datetime:
    return to_utc(datetime(day.year, day.month, day.day), world.zone)


def today(world: World) -> date:
    return to_local(world.as_of, world.zone).date()


def unit_start(day: date, unit: str) -> date:
    if unit == "day":
        return day
    if unit == "week":
        return day - timedelta(days=day.isoweekday() - 1)
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return date(day.year, {1: 1, 2: 4, 3: 7, 4: 10}[(day.month + 2) // 3], 1)
    return date(day.year, 1, 1)


def next_start(first: date, unit: str) -> date:
    days = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[unit]
    return unit_start(first + timedelta(days=days), unit)


def previous_start(first: date, unit: str) -> date:
    return unit_start(first - timedelta(days=1), unit)


def last(number: int, unit: str) -> Span:
    def bounds(world: World) -> tuple[datetime, datetime]:
        if unit in HOURS:
            return world.as_of - timedelta(seconds=number * HOURS[unit]), world.as_of
        local = to_local(world.as_of, world.zone)
        months = local.year * 12 + local.month - 1 - number * MONTHS[unit]
        year, month = months // 12, months % 12 + 1
        day = min(local.day, calendar.monthrange(year, month)[1])
        return to_utc(local.replace(year=year, month=month, day=day), world.zone), world.as_of

    return Span(f"in last {number} {unit}s", bounds)


def days(first: date, final: date) -> Span:
    def bounds(world: World) -> tuple[datetime, datetime]:
        start, end = (datetime.combine(d, datetime.min.time()) for d in (first, final + timedelta(days=1)))
        return to_utc(start, world.zone), to_utc(end, world.zone)

    return Span(f"between {first} and {final}", bounds)


def ago(near: int, far: int, unit: str) -> Span:
    return Span(f"between {near} and {far} {unit}s ago", lambda w: (back(w, far, unit), back(w, near, unit)))


def this(unit: str) -> Span:
    def bounds(w: World) -> tuple[datetime, datetime]:
        first = unit_start(today(w), unit)
        return midnight(first, w), midnight(next_start(first, unit), w)

    return Span("today" if unit == "day" else f"this {unit}", bounds)


def previous(number: int, unit: str) -> Span:
    def bounds(w: World) -> tuple[datetime, datetime]:
        end = first = unit_start(today(w), unit)
        for _ in range(number):
            first = previous_start(first, unit)
        return midnight(first, w), midnight(end, w)

    return Span(f"in previous {number} {unit}s" if number > 1 else f"previous {unit}", bounds)


def calendar_last(number: int, unit: str) -> Span:
    def bounds(w: World) -> tuple[datetime, datetime]:
        first = unit_start(today(w), unit)
        for _ in range(number - 1):
            first = previous_start(first, unit)
        return midnight(first, w), w.as_of

    return Span(f"in last {number} calendar {unit}s", bounds)


def one_day(word: str, day: date) -> Span:
    def bounds(w: World) -> tuple[datetime | None, datetime | None]:
        following = midnight(day + timedelta(days=1), w)
        return {"on": (midnight(day, w), following), "before": (None, midnight(day, w)), "after": (following, None)}[
            word
        ]

    return Span(f"{word} {day}", bounds)


def between_times(first: datetime, final: datetime) -> Span:
    """Both moments included, to the microsecond."""

    def bounds(w: World) -> tuple[datetime, datetime]:
        return to_utc(first, w.zone), to_utc(final, w.zone) + timedelta(microseconds=1)

    return Span(f"between {first.isoformat()} and {final.isoformat()}", bounds)


def one_time(word: str, moment: datetime) -> Span:
    def bounds(w: World) -> tuple[datetime | None, datetime | None]:
        at = to_utc(moment, w.zone)
        return (None, at) if word == "before" else (at + timedelta(microseconds=1), None)

    return Span(f"{word} {moment.isoformat()}", bounds)


def coming(number: int, unit: str = "day") -> Span:
    def bounds(w: World) -> tuple[datetime, datetime]:
        if unit == "hour":
            return w.as_of, w.as_of + timedelta(hours=number)
        if unit in HOURS:
            end = today(w) + timedelta(seconds=number * HOURS[unit])
        else:
            end = months_on(datetime(today(w).year, today(w).month, today(w).day), number * MONTHS[unit]).date()
        return midnight(today(w), w), midnight(end, w)

    return Span(f"in next {number} {unit}s", bounds)
