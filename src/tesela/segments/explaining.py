"""Say why a profile is in a segment or not: every condition with its values and the very events behind it.

The same plan as for counting, restricted to one profile: each condition and each value of the rule becomes a
column of it. When membership will turn by itself is found by asking again at the instants at which something
leaves or enters a window.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError, start_of_day, step, to_local
from tesela.events import EVENTS
from tesela.language import Part, answer, dissect, follows_calendar, lengths, parsed, read_evidence
from tesela.profiles import ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, PROFILES
from tesela.segments.planning import Written, plan_rules
from tesela.segments.segment import Segment
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.base import Unit
    from tesela.language import Plan, Rule
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Statement

Value = Decimal | str | bool | datetime | None

# How many instants are tried to find out when membership turns.
_TRIES = 60
_MICROSECOND = timedelta(microseconds=1)
_FIXED = ("second", "minute", "hour", "day", "week")


@dataclass(frozen=True, slots=True)
class ExplainedValue:
    """A value that a condition looked at.

    Attributes:
        text: Its expression.
        value: What it was; None is missing.
    """

    text: str
    value: Value


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the rule, as it stood for the profile.

    Attributes:
        text: As it was written.
        join: How `parts` come together: `all`, `any`, `either`, `some`, `not`; `one` is a single condition.
        holds: Whether it was true.
        parts: The conditions inside.
        values: What it looked at.
        events: The newest events behind it, newest first: rows of the events table.
        short: How far the first value is from turning the condition; None when that is no matter of a number.
        measure: What the number counts that the first value is held against: `events`, `money` or `number`.
        needed: With `some`: how many at least, how many at most.
    """

    text: str
    join: str
    holds: bool
    parts: tuple[Condition, ...] = ()
    values: tuple[ExplainedValue, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    short: Decimal | None = None
    measure: str | None = None
    needed: tuple[int | None, int | None] = (None, None)


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a profile is in a segment or not.

    Attributes:
        profile_id: Who.
        segment: Slug of the segment, or the rule that was asked.
        as_of: The moment of truth, naive UTC.
        is_member: Whether the profile is in.
        is_known: Whether it belongs to the base: anonymous visitors are in those segments only that ask everyone.
        condition: The whole rule as the tree of its conditions.
        turns_at: When membership will turn by itself, if nothing new happens; None when it will not.
    """

    profile_id: int
    segment: str
    as_of: datetime
    is_member: bool
    is_known: bool
    condition: Condition
    turns_at: datetime | None


def explain_membership(
    engine: Engine,
    rules: Mapping[str, Written],
    asked: str,
    profile: int,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> Explanation:
    """Return why a profile is in a segment at a moment, or not.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        asked: Slug of the rule asked about; the others are there to be named by `in segment`.
        profile: Who.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.

    Raises:
        NotFoundError: when nobody of that number was seen before the moment.
        InputError: where the rule makes no sense.
    """
    rule = _tree(rules[asked])
    whole = dissect(rule)
    conditions = dict(_numbered(whole, "c"))
    values = {f"{name}.{n}": each for name, part in conditions.items() for n, (_, each) in enumerate(part.values)}
    trees: dict[str, Written] = {**rules, **{name: part.rule for name, part in conditions.items()}}
    plan = plan_rules(engine, trees, as_of=as_of, zone=zone, asked=list(conditions), traits=traits, values=values)
    row = row_of(engine, plan, profile)
    tree = _condition(engine, plan, row, profile, whole, "c")
    is_member = tree.holds and (row["is_known"] or rule.everyone)
    asking = _Asking(engine, {**rules, asked: rule}, asked, profile, zone, traits)
    turns_at = asking.next_turn(as_of, is_member=is_member)
    return Explanation(profile, asked, as_of, is_member, row["is_known"], tree, turns_at)


def find_profile(engine: Engine, written: str) -> int:
    """Return the profile that a person means: by e-mail, phone, customer id, loyalty card, or `#` and its number.

    Raises:
        NotFoundError: when there is none.
    """
    name = written.strip()
    if not name.startswith("#"):
        found = engine.query(
            statement(
                "SELECT min(profile_id) AS profile_id FROM {identifiers} WHERE value = $name OR value = $lower",
                tables={"identifiers": IDENTIFIERS},
                name=name,
                lower=name.lower(),
            )
        ).column("profile_id")[0]
        if found.as_py() is not None:
            return int(found.as_py())
    number = name.removeprefix("#")
    if number.isdecimal() and _exists(engine, int(number)):
        return int(number)
    raise NotFoundError("segments.unknown_profile", profile=written)


def _exists(engine: Engine, profile: int) -> bool:
    asked = statement(
        "SELECT count(*) AS n FROM {profiles} WHERE profile_id = $profile",
        tables={"profiles": PROFILES},
        profile=profile,
    )
    return bool(engine.query(asked).column("n")[0].as_py())


def _tree(written: Written) -> Rule:
    return written.rule if isinstance(written, Segment) else parsed(written)


def _numbered(part: Part, name: str) -> Iterator[tuple[str, Part]]:
    """Yield a part and those inside it, each under a name that no segment can have."""
    yield f"?{name}", part
    for number, inner in enumerate(part.parts):
        yield from _numbered(inner, f"{name}.{number}")


def row_of(engine: Engine, plan: Plan, profile: int) -> dict[str, Any]:
    """Return the profile's row of the plan; figures of the population need everybody's."""

    def own(computed: Statement) -> Statement:
        return replace(computed, sql=f"SELECT * FROM ({computed.sql}) AS everybody WHERE profile_id = {profile:d}")

    if plan.asks_population:
        rows = answer(engine, plan, shape=own).to_pylist()
    else:
        rows = answer(engine, plan, among=[profile]).to_pylist()
    if not rows:
        raise NotFoundError("segments.not_seen_yet", profile=profile, as_of=plan.as_of)
    found: dict[str, Any] = rows[0]
    return found


# --- the tree ---------------------------------------------------------------------------------------------


def _condition(engine: Engine, plan: Plan, row: dict[str, Any], profile: int, part: Part, name: str) -> Condition:
    column = plan.columns[f"?{name}"]
    parts = tuple(
        _condition(engine, plan, row, profile, inner, f"{name}.{number}") for number, inner in enumerate(part.parts)
    )
    values = tuple(
        ExplainedValue(text, value_of(row, plan, f"?{name}.{number}")) for number, (text, _) in enumerate(part.values)
    )
    events = () if parts else tuple(read_evidence(engine, plan, column, profile))
    holds = bool(row[column])
    short = _shortfall(values[0].value, part, holds=holds) if values else None
    measure = part.target.measure if part.target else None
    return Condition(part.text, part.join, holds, parts, values, events, short, measure, part.needed)


def value_of(row: dict[str, Any], plan: Plan, name: str) -> Value:
    """Return a value that a plan tells, from the row of one profile."""
    columns = plan.values[name]
    found: Value = row[columns.column]
    if columns.kind != "number" or found is None:
        return found
    divisor = 1 if columns.divisor is None else row[columns.divisor]
    return None if divisor is None else Decimal(int(row[columns.column])) / Decimal(int(divisor)) / 10**columns.scale


def _shortfall(value: Value, part: Part, *, holds: bool) -> Decimal | None:
    """Return how far a number is from the one at which its condition turns."""
    target = part.target
    if target is None or not isinstance(value, Decimal) or target.operator == "!=":
        return None
    distance = abs(value - target.number)
    is_strict = target.operator in ("<", ">")
    # at the written number itself `>=` still holds and `>` does not yet: whole things turn one further on
    return distance + 1 if target.measure == "events" and holds != is_strict else distance


# --- when it turns ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asking:
    """The question whether one profile is a member, to be asked at several moments."""

    engine: Engine
    rules: Mapping[str, Written]
    asked: str
    profile: int
    zone: ZoneInfo
    traits: Mapping[str, Trait] | None

    def next_turn(self, as_of: datetime, *, is_member: bool) -> datetime | None:
        """Return the first instant after a moment at which membership is another, if nothing new happens."""
        for instant in self._instants(as_of)[:_TRIES]:
            if self._is_member(instant) != is_member:
                return instant
        return None

    def _is_member(self, as_of: datetime) -> bool:
        plan = plan_rules(self.engine, self.rules, as_of=as_of, zone=self.zone, asked=[self.asked], traits=self.traits)
        row = row_of(self.engine, plan, self.profile)
        return bool(row[plan.columns[self.asked]]) and (row["is_known"] or self.asked in plan.everyone)

    def _instants(self, as_of: datetime) -> list[datetime]:
        """Return the instants at which something leaves or enters a window, or a day begins that may matter."""
        rules = [_tree(each) for each in self.rules.values()] + [t.expression for t in (self.traits or {}).values()]
        times = self._times(as_of)
        found: set[datetime] = set()
        for count, unit in {length for rule in rules for length in lengths(rule)}:
            found |= {_past(time, count, unit, self.zone) for time in times}
        if any(follows_calendar(rule) for rule in rules):
            today = to_local(as_of, self.zone).date()
            found |= {start_of_day(today + timedelta(days=days), self.zone) for days in range(1, 32)}
        return sorted(instant for instant in found if instant > as_of)

    def _times(self, as_of: datetime) -> set[datetime]:
        """Return the times of everything that is known of the profile."""
        told = statement(
            """
            SELECT occurred_at AS at FROM {events} WHERE profile_id = $profile AND occurred_at < $as_of
            UNION SELECT valid_from AS at FROM {values} WHERE profile_id = $profile AND valid_from < $as_of
            UNION SELECT occurred_at AS at FROM {consents} WHERE profile_id = $profile AND occurred_at < $as_of
            UNION SELECT created_at AS at FROM {profiles} WHERE profile_id = $profile AND created_at < $as_of
            """,
            tables={"events": EVENTS, "values": ATTRIBUTE_VALUES, "consents": CONSENTS, "profiles": PROFILES},
            profile=self.profile,
            as_of=as_of,
        )
        return {at for at in self.engine.query(told).column("at").to_pylist() if at is not None}


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
