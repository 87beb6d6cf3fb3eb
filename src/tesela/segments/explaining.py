"""Say why a profile is in a segment or not: every condition with its values and the very events behind it.

The same plan as for counting, restricted to one profile: each condition and each value of the rule becomes a
column of it. When membership will turn by itself is found by asking again at the instants at which something
leaves or enters a window.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import LANGUAGES, NotFoundError
from tesela.language import Part, dissect, read_evidence
from tesela.profiles import IDENTIFIERS, PROFILES
from tesela.segments.planning import Written, plan_rules, rule_of
from tesela.segments.turning import Asking, row_of
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.base import Language
    from tesela.language import Plan
    from tesela.traits import Trait
    from tesela.warehouse import Engine

Value = Decimal | str | bool | datetime | None
Way = Literal["more", "less"] | None


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
        said: It in plain words, by language.
        join: How `parts` come together: `all`, `any`, `either`, `some`, `not`; `one` is a single condition.
        holds: Whether it was true.
        parts: The conditions inside.
        values: What it looked at.
        events: The newest events behind it, newest first: rows of the events table.
        short: How far the first value is from turning the condition; None when that is no matter of a number.
        way: Which way the first value must go to turn it: `more`, `less`, or None when either does.
        measure: What the number counts that the first value is held against: `events`, `money` or `number`.
        so_many: With `events`: `short` of them in words, by language.
        needed: With `some`: how many at least, how many at most.
    """

    text: str
    said: Mapping[Language, str]
    join: str
    holds: bool
    parts: tuple[Condition, ...] = ()
    values: tuple[ExplainedValue, ...] = ()
    events: tuple[Mapping[str, Any], ...] = ()
    short: Decimal | None = None
    way: Way = None
    measure: str | None = None
    so_many: Mapping[Language, str] = field(default_factory=dict)
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
        looked_until: How far on was looked, where there was too much to look at to the end; None when it was not.
        asks_others: Whether what others do can turn it too, so that `turns_at` is only what time does.
    """

    profile_id: int
    segment: str
    as_of: datetime
    is_member: bool
    is_known: bool
    condition: Condition
    turns_at: datetime | None
    looked_until: datetime | None = None
    asks_others: bool = False


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
    rule = rule_of(rules[asked])
    whole = dissect(rule)
    conditions = dict(_numbered(whole, "c"))
    values = {f"{name}.{n}": each for name, part in conditions.items() for n, (_, each) in enumerate(part.values)}
    trees: dict[str, Written] = {**rules, **{name: part.rule for name, part in conditions.items()}}
    plan = plan_rules(engine, trees, as_of=as_of, zone=zone, asked=list(conditions), traits=traits, values=values)
    row = row_of(engine, plan, profile)
    tree = _condition(engine, plan, row, profile, whole, "c")
    is_member = tree.holds and (row["is_known"] or rule.everyone)
    asking = Asking(engine, {**rules, asked: rule}, asked, profile, zone, traits or {})
    turns_at, looked_until = asking.next_turn(as_of, is_member=is_member)
    return Explanation(
        profile, asked, as_of, is_member, row["is_known"], tree, turns_at, looked_until, plan.asks_population
    )


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


def _numbered(part: Part, name: str) -> Iterator[tuple[str, Part]]:
    """Yield a part and those inside it, each under a name that no segment can have."""
    yield f"?{name}", part
    for number, inner in enumerate(part.parts):
        yield from _numbered(inner, f"{name}.{number}")


# --- the tree ---------------------------------------------------------------------------------------------


def _condition(engine: Engine, plan: Plan, row: dict[str, Any], profile: int, part: Part, name: str) -> Condition:
    column = plan.columns[f"?{name}"]
    parts = tuple(
        _condition(engine, plan, row, profile, inner, f"{name}.{number}") for number, inner in enumerate(part.parts)
    )
    values = tuple(
        ExplainedValue(text, plan.value(row, f"?{name}.{number}")) for number, (text, _) in enumerate(part.values)
    )
    events = () if parts else tuple(read_evidence(engine, plan, column, profile))
    holds = bool(row[column])
    said: dict[Language, str] = {each: part.said(each) for each in LANGUAGES}
    measure = part.target.measure if part.target else None
    told = Condition(part.text, said, part.join, holds, parts, values, events, measure=measure, needed=part.needed)
    value = values[0].value if values else None
    short = _shortfall(value, part, holds=holds)
    if short is None or not isinstance(value, Decimal):
        return told
    counted = LANGUAGES if measure == "events" else ()
    so_many: dict[Language, str] = {each: part.so_many(short, each) for each in counted}
    return replace(told, short=short, way=part.way(value, holds=holds), so_many=so_many)


def _shortfall(value: Value, part: Part, *, holds: bool) -> Decimal | None:
    """Return how far a number is from the one at which its condition turns."""
    target = part.target
    if target is None or not isinstance(value, Decimal) or target.operator == "!=":
        return None
    distance = abs(value - target.number)
    is_strict = target.operator in ("<", ">")
    # at the written number itself `>=` still holds and `>` does not yet: whole things turn one further on
    return distance + 1 if target.measure == "events" and holds != is_strict else distance
