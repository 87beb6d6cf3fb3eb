"""When a membership turns by itself: the same question asked again at the instants at which it can turn.

Those are the instants at which a fact of the profile leaves a window or enters one, a date comes round, or a unit of
the calendar begins. Of facts only those count that the rule, and the segments and traits it names, ask for.
"""

from __future__ import annotations

from calendar import isleap
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError, add_months, start_of_day, step, to_local, to_utc
from tesela.events import EVENTS
from tesela.language import answer, find_clockwork, named_segments
from tesela.profiles import ATTRIBUTE_VALUES, CONSENTS, PROFILES
from tesela.segments.planning import Written, plan_rules, rule_of
from tesela.segments.tables import MEMBERSHIPS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.base import Unit
    from tesela.language import Clockwork, Plan
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Statement

# How many instants are tried to find out when membership turns.
_TRIES = 120
_MICROSECOND = timedelta(microseconds=1)
_DAY = timedelta(days=1)
_FIXED = ("second", "minute", "hour", "day", "week")
_UNITS: dict[str, int] = {"month": 1, "quarter": 3, "year": 12}
_SOURCES = """
    SELECT valid_from AS at FROM {values} WHERE profile_id = $profile AND valid_from < $as_of
    UNION SELECT occurred_at AS at FROM {consents} WHERE profile_id = $profile AND occurred_at < $as_of
    UNION SELECT created_at AS at FROM {profiles} WHERE profile_id = $profile AND created_at < $as_of
"""


@dataclass(frozen=True, slots=True)
class Asking:
    """The question whether one profile is a member, to be asked at several moments."""

    engine: Engine
    rules: Mapping[str, Written]
    asked: str
    profile: int
    zone: ZoneInfo
    traits: Mapping[str, Trait]

    def next_turn(self, as_of: datetime, *, is_member: bool) -> tuple[datetime | None, datetime | None]:
        """Return the first instant after a moment at which membership is another, if nothing new happens.

        Returns:
            The instant, None when there is none; and how far on was looked, where that was not to the end.
        """
        instants = self._instants(as_of)
        for instant in instants[:_TRIES]:
            if self._is_member(instant) != is_member:
                return instant, None
        return None, instants[_TRIES - 1] if len(instants) > _TRIES else None

    def _is_member(self, as_of: datetime) -> bool:
        plan = plan_rules(self.engine, self.rules, as_of=as_of, zone=self.zone, asked=[self.asked], traits=self.traits)
        row = row_of(self.engine, plan, self.profile)
        return bool(row[plan.columns[self.asked]]) and (row["is_known"] or self.asked in plan.everyone)

    # --- the instants -------------------------------------------------------------------------------------

    def _instants(self, as_of: datetime) -> list[datetime]:
        """Return the instants at which membership can turn, in order."""
        clockworks = self._clockworks()
        facts = self._times(clockworks, as_of)
        today = to_local(as_of, self.zone).date()
        found: set[datetime] = set()
        for source, kind, count, unit in {turn for each in clockworks for turn in each.turns}:
            found |= set(self._instants_of(kind, count, unit, facts.get(source, set()), today))
        for count, unit in {each for clockwork in clockworks for each in clockwork.calendar}:
            found |= {start_of_day(day, self.zone) for day in _beginnings(today, count, unit)}
        return sorted(instant for instant in found if instant > as_of)

    def _instants_of(self, kind: str, count: int, unit: Unit, times: set[datetime], today: date) -> Iterator[datetime]:
        if kind == "after":
            yield from (_past(time, count, unit, self.zone) for time in times)
        elif kind == "ahead" and unit in ("second", "minute", "hour"):
            yield from (step(time, -count, unit, self.zone) + _MICROSECOND for time in times)
            yield from (time + _MICROSECOND for time in times)
        else:
            days = _days_ahead if kind == "ahead" else _days_around
            for each in {to_local(time, self.zone).date() for time in times}:
                yield from (start_of_day(day, self.zone) for day in days(each, count, unit, today))

    def _clockworks(self) -> list[Clockwork]:
        """Return the clockwork of the rule, and of the segments and traits that it names."""
        found, waiting, seen = [], [rule_of(self.rules[self.asked])], {self.asked}
        while waiting:
            rule = waiting.pop()
            clockwork = find_clockwork(rule)
            found.append(clockwork)
            for name in (named_segments(rule) & set(self.rules)) - seen:
                seen.add(name)
                waiting.append(rule_of(self.rules[name]))
            for name in (clockwork.names & set(self.traits)) - seen:
                seen.add(name)
                waiting.append(self.traits[name].expression)
        return found

    # --- facts of the profile -----------------------------------------------------------------------------

    def _times(self, clockworks: Collection[Clockwork], as_of: datetime) -> dict[str | None, set[datetime]]:
        """Return the times that the rules ask for: of events by name; under no name, of the profile's facts."""
        events = {name: self._event_times(name, as_of) for name in {n for each in clockworks for n in each.events}}
        tables = {"values": ATTRIBUTE_VALUES, "consents": CONSENTS, "profiles": PROFILES}
        facts = self._read(statement(_SOURCES, tables=tables, profile=self.profile, as_of=as_of))
        for slug in {slug for each in clockworks for slug in each.segments}:
            for column in ("entered_at", "left_at", "recorded_at"):
                template = f"SELECT {column} AS at FROM {{stays}} WHERE profile_id = $profile AND segment = $slug"
                stays = {"stays": MEMBERSHIPS}
                facts |= self._read(statement(template, tables=stays, profile=self.profile, slug=slug))
        facts |= {at for value in self._values(as_of) if (at := _moment(value, self.zone)) is not None}
        # a trait's name stands for its expression, and that may be of events
        if any(each.names & set(self.traits) for each in clockworks):
            facts = facts.union(*events.values())
        return {**events, "": facts}

    def _event_times(self, name: str | None, as_of: datetime) -> set[datetime]:
        own = "" if name is None else "name = $name AND "
        named: dict[str, Any] = {} if name is None else {"name": name}
        template = f"SELECT occurred_at AS at FROM {{events}} WHERE {own}profile_id = $profile AND occurred_at < $as_of"
        return self._read(statement(template, tables={"events": EVENTS}, profile=self.profile, as_of=as_of, **named))

    def _read(self, asked: Statement) -> set[datetime]:
        return {at for at in self.engine.query(asked).column("at").to_pylist() if at is not None}

    def _values(self, as_of: datetime) -> list[str]:
        """Return the values of the profile's fields; some are times."""
        told = statement(
            "SELECT DISTINCT value FROM {values} WHERE profile_id = $profile AND valid_from < $as_of",
            tables={"values": ATTRIBUTE_VALUES},
            profile=self.profile,
            as_of=as_of,
        )
        return [value for value in self.engine.query(told).column("value").to_pylist() if value is not None]


def row_of(engine: Engine, plan: Plan, profile: int) -> dict[str, Any]:
    """Return the profile's row of the plan; figures of the population need everybody's."""

    def own(computed: Statement) -> Statement:
        return replace(computed, sql=f"SELECT * FROM ({computed.sql}) AS everybody WHERE profile_id = {profile:d}")

    if plan.asks_population:
        rows = answer(engine, plan, shape=own).to_pylist()
    else:
        rows = answer(engine, plan, among=[profile]).to_pylist()
    if not rows:
        raise NotFoundError("segments.not_seen_yet", profile=profile, as_of=f"{plan.as_of:%Y-%m-%d %H:%M} UTC")
    found: dict[str, Any] = rows[0]
    return found


def _moment(written: str, zone: ZoneInfo) -> datetime | None:
    try:
        return to_utc(datetime.fromisoformat(written.strip()), zone)
    except (ValueError, OverflowError):
        return None


def _beginnings(today: date, count: int, unit: Unit) -> Iterator[date]:
    """Yield the beginnings of the coming units of the calendar."""
    if unit in _UNITS:
        months = _UNITS[unit]
        first = date(today.year, (today.month - 1) // months * months + 1, 1)
        yield from (add_months(first, number * months) for number in range(1, count + 1))
        return
    first = today - timedelta(days=today.weekday() if unit == "week" else 0)
    yield from (first + timedelta(days=number * (7 if unit == "week" else 1)) for number in range(1, count + 1))


def _days_around(origin: date, days: int, unit: Unit, today: date) -> Iterator[date]:
    """Yield the first day on which a date comes round soon enough, and the day after it; of three years."""
    del unit
    for year in range(today.year, today.year + 3):
        is_kept_before = (origin.month, origin.day) == (2, 29) and not isleap(year)
        day = date(year, 2, 28) if is_kept_before else origin.replace(year=year)
        yield from (day - timedelta(days=days - 1), day + _DAY)


def _days_ahead(day: date, count: int, unit: Unit, today: date) -> Iterator[date]:
    """Yield the days from which the coming ones may reach so far as a day, and the one after it."""
    del today
    longest = count * {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[unit]
    spread = 0 if unit in _FIXED else 4 * count
    yield from (day - timedelta(days=longest - 1 - less) for less in range(spread + 1))
    yield day + _DAY


def _past(time: datetime, count: int, unit: Unit, zone: ZoneInfo) -> datetime:
    """Return the first instant at which a time lies longer ago than so many units."""
    near = step(time, count, unit, zone)
    if unit in _FIXED:
        return near + _MICROSECOND
    # months are clipped at their ends, so the way back is looked for, not computed
    low, high = near - timedelta(days=4), near + timedelta(days=4)
    while high - low > _MICROSECOND:
        middle = low + (high - low) / 2
        if step(middle, -count, unit, zone) > time:
            high = middle
        else:
            low = middle
    return high
