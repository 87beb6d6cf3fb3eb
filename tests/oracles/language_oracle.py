"""A naive interpreter of the segment language, written from LANGUAGE.md alone.

It shares nothing with the compiler: a rule is built together with its text and with a plain function over lists
of events, so there is no parser, no plan and no SQL here. Numbers are fractions, missing is None.
"""

from __future__ import annotations

import calendar
import hashlib
import unicodedata
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

HOURS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
MONTHS = {"month": 1, "quarter": 3, "year": 12}


class Happening(NamedTuple):
    """One event of one profile."""

    profile: int | None
    name: str
    at: datetime
    source: str
    message: str
    told: dict[str, Any]


class Statement(NamedTuple):
    """What an address said about a channel and purpose."""

    profile: int
    address: str
    channel: str
    purpose: str
    at: datetime
    status: str
    source: str


class Recorded(NamedTuple):
    """A recorded stay in a segment."""

    segment: str
    profile: int
    entered: datetime | None
    left: datetime | None
    recorded: datetime
    left_recorded: datetime | None

    def seen(self, moment: datetime) -> Recorded:
        """Return the stay as it was known at a moment."""
        was_seen = self.left_recorded is not None and self.left_recorded <= moment
        return self if was_seen else self._replace(left=None)


class Version(NamedTuple):
    """What a source told of a product since a time."""

    source: str
    product: str
    since: datetime
    told: dict[str, Any]


@dataclass
class World:
    """Everything there is, and the moment it is looked at."""

    as_of: datetime
    zone: ZoneInfo
    known: list[int] = field(default_factory=list)
    anonymous: list[int] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)
    facts: dict[int, dict[str, list[tuple[datetime, str]]]] = field(default_factory=dict)
    consents: list[Statement] = field(default_factory=list)
    stays: list[Recorded] = field(default_factory=list)
    products: list[Version] = field(default_factory=list)

    def mine(self, profile: int, name: str) -> list[Happening]:
        """Return a profile's events of a name, in their order, as rules mean the name."""
        return [e for e in self.everyones(name) if e.profile == profile]

    def everyones(self, name: str) -> list[Happening]:
        """Return all events of a name before the moment, nobody's included, in their order."""
        stored = "email_opened" if name == "email_opened_any" else name
        found = [e for e in self.events if e.name == stored and e.at < self.as_of]
        if name == "email_opened":
            found = [e for e in found if e.told.get("is_machine") is not True]
        if name == "order_completed":
            found = [e for e in found if not self._is_cancelled(e)]
        return sorted(found, key=lambda e: (e.at, e.source, e.message))

    def _is_cancelled(self, order: Happening) -> bool:
        return any(
            e.name == "order_cancelled"
            and e.at < self.as_of
            and e.source == order.source
            and e.told.get("order_id") == order.told.get("order_id") is not None
            for e in self.events
        )


class Rule(NamedTuple):
    """A part of a rule: its text, and what it means for a profile of a world."""

    text: str
    of: Callable[[World, int], Any]


class Part(NamedTuple):
    """A part of a condition on one event: its text, and what it means for an event of a world."""

    text: str
    of: Callable[[World, Happening], Any]


class Span(NamedTuple):
    """A window: its text, and its half-open bounds in a world."""

    text: str
    of: Callable[[World], tuple[datetime | None, datetime | None]]


class Selection(NamedTuple):
    """Which events."""

    name: str
    where: Part | None = None
    window: Span | None = None
    since: Rule | None = None

    def text(self, value: str = "", by: str = "") -> str:
        written = self.name + (f".{value}" if value else "") + (f" by {by}" if by else "")
        written += f" where ({self.where.text})" if self.where else ""
        written += f" {self.window.text}" if self.window else ""
        return written + (f" since {self.since.text}" if self.since else "")

    def pick(self, world: World, profile: int) -> list[Happening]:
        found = world.mine(profile, self.name)
        if self.window:
            start, end = self.window.of(world)
            found = [e for e in found if (start is None or start <= e.at) and (end is None or e.at < end)]
        if self.since:
            since = self.since.of(world, profile)
            found = [e for e in found if since is not None and e.at > since]
        return [e for e in found if self.where is None or self.where.of(world, e)]


# --- time -------------------------------------------------------------------------------------------------


def to_utc(local: datetime, zone: ZoneInfo) -> datetime:
    return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)


def to_local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)


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


# --- conditions on one event ------------------------------------------------------------------------------


def told(event: Happening, name: str) -> Any:
    value = event.told.get(name)
    if isinstance(value, str) and not value.strip():
        return None
    return value


def field_is(name: str, sign: str, value: Any, text: str) -> Part:
    return Part(f"{name} {sign} {text}", lambda w, e: compare(sign, told(e, name), value))


def field_set(name: str, expected: bool) -> Part:
    return Part(f"{name} is {'set' if expected else 'missing'}", lambda w, e: (told(e, name) is not None) == expected)


def field_in(name: str, values: list[str], negated: bool) -> Part:
    listed = ", ".join(f'"{v}"' for v in values)
    return Part(
        f"{name} {'not ' if negated else ''}in ({listed})",
        lambda w, e: told(e, name) is not None and (told(e, name) in values) != negated,
    )


def folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M")
    return bare.casefold()


def field_text(name: str, word: str, needle: str) -> Part:
    tests = {
        "contains": lambda t, n: n in t,
        "starts with": lambda t, n: t[: len(n)] == n,
        "ends with": lambda t, n: t[len(t) - len(n) :] == n,
        "does not contain": lambda t, n: n not in t,
    }
    return Part(
        f'{name} {word} "{needle}"',
        lambda w, e: told(e, name) is not None and tests[word](folded(told(e, name)), folded(needle)),
    )


def part_not(part: Part) -> Part:
    return Part(f"not ({part.text})", lambda w, e: not part.of(w, e))


def part_both(left: Part, word: str, right: Part) -> Part:
    if word == "and":
        return Part(f"({left.text} and {right.text})", lambda w, e: left.of(w, e) and right.of(w, e))
    return Part(f"({left.text} or {right.text})", lambda w, e: left.of(w, e) or right.of(w, e))


# --- values -----------------------------------------------------------------------------------------------


def written(value: Fraction, text: str) -> Rule:
    return Rule(text, lambda w, p: value)


def counted(s: Selection) -> Rule:
    return Rule(f"count({s.text()})", lambda w, p: Fraction(len(s.pick(w, p))))


def values(s: Selection, name: str, w: World, p: int) -> list[Any]:
    return [told(e, name) for e in s.pick(w, p) if told(e, name) is not None]


def aggregate(function: str, s: Selection, name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        found = values(s, name, w, p)
        if function == "sum":
            return sum(found, Fraction(0))
        if function == "distinct":
            return Fraction(len(set(found)))
        if not found:
            return None
        return {"avg": lambda: sum(found) / Fraction(len(found)), "min": lambda: min(found), "max": lambda: max(found)}[
            function
        ]()

    return Rule(f"{function}({s.text(name)})", of)


def edge(function: str, s: Selection) -> Rule:
    def of(w: World, p: int) -> Any:
        found = s.pick(w, p)
        return found[0 if function == "first" else -1].at if found else None

    return Rule(f"{function}({s.text()})", of)


def edge_field(function: str, s: Selection, name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        found = s.pick(w, p)
        return told(found[0 if function == "first" else -1], name) if found else None

    return Rule(f"{function}({s.text()}).{name}", of)


def share(s: Selection, name: str = "") -> Rule:
    whole = s._replace(where=None)

    def of(w: World, p: int) -> Any:
        if name:
            part, total = (sum(values(each, name, w, p), Fraction(0)) for each in (s, whole))
        else:
            part, total = (Fraction(len(each.pick(w, p))) for each in (s, whole))
        return part / total if total else None

    return Rule(f"share({s.text(name)})", of)


def most(s: Selection, name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        groups = Counter(values(s, name, w, p))
        return Fraction(max(groups.values())) if groups else None

    return Rule(f"most({s.text(by=name)})", of)


def scaled(factor: Fraction, text: str, value: Rule) -> Rule:
    def of(w: World, p: int) -> Any:
        found = value.of(w, p)
        return None if found is None else factor * found

    return Rule(f"{text} * {value.text}", of)


def revenue(window: Span | None) -> Rule:
    def of(w: World, p: int) -> Any:
        paid, back = (
            sum(values(Selection(name, window=window), "amount", w, p), Fraction(0))
            for name in ("order_completed", "order_refunded")
        )
        return paid - back

    return Rule(f"revenue({window.text})" if window else "revenue", of)


def fact(name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        history = [(since, value) for since, value in w.facts.get(p, {}).get(name, []) if since < w.as_of]
        value = max(history)[1] if history else None
        return value if value and value.strip() else None

    return Rule(name, of)


def age() -> Rule:
    def of(w: World, p: int) -> Any:
        text = fact("birth_date").of(w, p)
        if text is None:
            return None
        born, today = date.fromisoformat(text), to_local(w.as_of, w.zone).date()
        if born > today:
            return None
        birthday = birthday_in(born, today.year)
        return Fraction(today.year - born.year - (today < birthday))

    return Rule("age", of)


def birthday_in(born: date, year: int) -> date:
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return born.replace(year=year)


# --- values over people -----------------------------------------------------------------------------------


def fold_figures(function: str, found: list[Any]) -> Any:
    if function == "count":
        return Fraction(len(found))
    if function == "sum":
        return sum(found, Fraction(0))
    if not found:
        return None
    if function == "avg":
        return sum(found) / Fraction(len(found))
    return min(found) if function == "min" else max(found)


def store(function: str, s: Selection, name: str = "") -> Rule:
    def of(w: World, p: int) -> Any:
        if not name:
            return Fraction(sum(len(s.pick(w, each)) for each in w.known))
        return fold_figures(function, [v for each in w.known for v in values(s, name, w, each)])

    return Rule(f"store.{function}({s.text(name)})", of)


def population(function: str, value: Rule, where: Rule | None) -> Rule:
    def of(w: World, p: int) -> Any:
        chosen = [each for each in w.known if where is None or where.of(w, each)]
        found = [v for v in (value.of(w, each) for each in chosen) if v is not None]
        return fold_figures(function, found)

    condition = f" where ({where.text})" if where else ""
    return Rule(f"population.{function}({value.text}{condition})", of)


def others(value: Rule, w: World, among: Rule | None) -> list[Any]:
    chosen = [each for each in w.known if among is None or among.of(w, each)]
    return [v for v in (value.of(w, each) for each in chosen) if v is not None]


def percentile(value: Rule, among: Rule | None) -> Rule:
    def of(w: World, p: int) -> Any:
        own, rest = value.of(w, p), others(value, w, among)
        return Fraction(100 * sum(v < own for v in rest), len(rest)) if own is not None and rest else None

    return Rule(f"percentile({value.text}{_among(among)})", of)


def rank(value: Rule, among: Rule | None) -> Rule:
    def of(w: World, p: int) -> Any:
        own = value.of(w, p)
        return None if own is None else Fraction(1 + sum(v > own for v in others(value, w, among)))

    return Rule(f"rank({value.text}{_among(among)})", of)


def top(percent: int, value: Rule, among: Rule | None) -> Rule:
    def of(w: World, p: int) -> bool:
        own, rest = value.of(w, p), others(value, w, among)
        return own is not None and sum(v > own for v in rest) < Fraction(percent, 100) * len(rest)

    return Rule(f"top {percent}% by {value.text}{_among(among)}", of)


def _among(rule: Rule | None) -> str:
    return f" among ({rule.text})" if rule else ""


# --- conditions -------------------------------------------------------------------------------------------


def compare(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]


def compared(left: Rule, sign: str, right: Rule) -> Rule:
    return Rule(f"{left.text} {sign} {right.text}", lambda w, p: compare(sign, left.of(w, p), right.of(w, p)))


def between(value: Rule, low: Rule, high: Rule, negated: bool) -> Rule:
    def of(w: World, p: int) -> bool:
        v, a, b = (each.of(w, p) for each in (value, low, high))
        return None not in (v, a, b) and (a <= v <= b) != negated

    return Rule(f"{value.text} {'not ' if negated else ''}between {low.text} and {high.text}", of)


def did(s: Selection) -> Rule:
    return Rule(f"did {s.text()}", lambda w, p: bool(s.pick(w, p)))


def never(s: Selection) -> Rule:
    return Rule(f"never {s.text()}", lambda w, p: not s.pick(w, p))


def presence(value: Rule, expected: bool) -> Rule:
    word = "set" if expected else "missing"
    return Rule(f"{value.text} is {word}", lambda w, p: (value.of(w, p) is not None) == expected)


def text_is(value: Rule, sign: str, other: str) -> Rule:
    return Rule(f'{value.text} {sign} "{other}"', lambda w, p: compare(sign, value.of(w, p), other))


def within(value: Rule, window: Span) -> Rule:
    def of(w: World, p: int) -> bool:
        at, (start, end) = value.of(w, p), window.of(w)
        return at is not None and (start is None or start <= at) and (end is None or at < end)

    return Rule(f"{value.text} {window.text}", of)


def birthday(number: int) -> Rule:
    def of(w: World, p: int) -> bool:
        text = fact("birth_date").of(w, p)
        if text is None:
            return False
        today = to_local(w.as_of, w.zone).date()
        coming = [today + timedelta(days=n) for n in range(number)]
        return any(birthday_in(date.fromisoformat(text), day.year) == day for day in coming)

    return Rule(f"birthday in next {number} days", of)


def sampled(percent: int, salt: str) -> Rule:
    def of(w: World, p: int) -> bool:
        digest = hashlib.md5(f"{salt}:{p}".encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big") < Fraction(percent, 100) * 2**32

    return Rule(f'sample({percent}%, "{salt}")', of)


def opposite(rule: Rule) -> Rule:
    return Rule(f"not ({rule.text})", lambda w, p: not rule.of(w, p))


def joined(left: Rule, word: str, right: Rule) -> Rule:
    if word == "and":
        return Rule(f"({left.text} and {right.text})", lambda w, p: left.of(w, p) and right.of(w, p))
    return Rule(f"({left.text} or {right.text})", lambda w, p: left.of(w, p) or right.of(w, p))
