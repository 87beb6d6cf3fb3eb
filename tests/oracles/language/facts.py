"""The profile's own fields and their history, lists, places, numbers and times in them."""

from __future__ import annotations

import calendar
import json
import math
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

from oracles.language.texts import Test, quoted
from oracles.language.windows import back, to_local, to_utc, today
from oracles.language.world import Rule, Span, World, compare


def fact(name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        history = [(since, value) for since, value in w.facts.get(p, {}).get(name, []) if since < w.as_of]
        value = max(history)[1] if history else None
        return value if value and value.strip() else None

    return Rule(name, of)


def born_on(w: World, p: int) -> date | None:
    """What is no date is missing."""
    try:
        return date.fromisoformat(fact("birth_date").of(w, p) or "")
    except ValueError:
        return None


def age() -> Rule:
    def of(w: World, p: int) -> Any:
        born, today = born_on(w, p), to_local(w.as_of, w.zone).date()
        if born is None or born > today:
            return None
        birthday = birthday_in(born, today.year)
        return Fraction(today.year - born.year - (today < birthday))

    return Rule("age", of)


def birthday_in(born: date, year: int) -> date:
    if (born.month, born.day) == (2, 29) and not calendar.isleap(year):
        return date(year, 2, 28)
    return born.replace(year=year)


def birthday(number: int) -> Rule:
    def of(w: World, p: int) -> bool:
        born = born_on(w, p)
        if born is None:
            return False
        today = to_local(w.as_of, w.zone).date()
        coming = [today + timedelta(days=n) for n in range(number)]
        return any(birthday_in(born, day.year) == day for day in coming)

    return Rule(f"birthday in next {number} days", of)


def anniversary(value: Rule, number: int) -> Rule:
    def of(w: World, p: int) -> bool:
        at = value.of(w, p)
        if at is None:
            return False
        origin = to_local(at, w.zone).date()
        days = [today(w) + timedelta(days=n) for n in range(number)]
        return any(1 <= day.year - origin.year <= 100 and birthday_in(origin, day.year) == day for day in days)

    return Rule(f"anniversary({value.text}) in next {number} days", of)


def history(name: str, w: World, p: int) -> list[tuple[datetime, str | None]]:
    rows = sorted((since, v) for since, v in w.facts.get(p, {}).get(name, []) if since < w.as_of)
    return [(since, v if v and v.strip() else None) for since, v in rows]


def changed(name: str, window: Span | None) -> Rule:
    def of(w: World, p: int) -> bool:
        start, end = window.of(w) if window else (None, None)
        times = [at for (_, old), (at, new) in pairwise(history(name, w, p)) if old != new]
        return any((start is None or start <= at) and (end is None or at < end) for at in times)

    return Rule(f"changed({name}{' ' + window.text if window else ''})", of)


def previous_value(name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        found = [old for (_, old), (_, new) in pairwise(history(name, w, p)) if old != new]
        return found[-1] if found else None

    return Rule(f"previous({name})", of)


def held(name: str, test: Test, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        rows, start = history(name, w, p), back(w, number, unit)
        before = [v for at, v in rows if at <= start][-1:]
        return bool(before) and all(test.holds(v) for v in [*before, *(v for at, v in rows if at > start)])

    return Rule(f"held {name} {test.text} for {number} {unit}s", of)


def items(text: str) -> list[str]:
    try:
        told = json.loads(text)
    except ValueError:
        told = None
    if not isinstance(told, list) or not all(isinstance(v, str) for v in told):
        told = text.split(";") if ";" in text else text.split(",")
    return [v.strip() for v in told if v.strip()]


def has(value: Rule, word: str, wanted: list[str]) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        if text is None:
            return False
        inside = [each in items(text) for each in wanted]
        return {"any": any(inside), "all": all(inside), "none": not any(inside)}[word]

    listed = ", ".join(quoted(each) for each in wanted)
    return Rule(f"{value.text} has {word} of ({listed})", of)


def has_one(value: Rule, wanted: str) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        return text is not None and wanted in items(text)

    return Rule(f"{value.text} has {quoted(wanted)}", of)


def has_passing(value: Rule, word: str, test: Test) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        if text is None:
            return False
        passing = [test.holds(each) for each in items(text)]
        return {"any": any(passing), "all": all(passing), "none": not any(passing)}[word]

    written = test.text.replace("contains", "containing").replace("starts", "starting").replace("ends", "ending")
    return Rule(f"{value.text} has {word} {written}", of)


def length(value: Rule, sign: str, number: int) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        return text is not None and compare(sign, len(items(text)), number)

    return Rule(f"length({value.text}) {sign} {number}", of)


def near(value: Rule, km: int, point: tuple[float, float]) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        try:
            here = [float(part) for part in (text or "").split(",")]
        except ValueError:
            return False
        if len(here) != 2 or abs(here[0]) > 90 or abs(here[1]) > 180:
            return False
        (a, b), (c, d) = ([math.radians(v) for v in each] for each in (here, point))
        # the law of cosines on vectors: another formula than the one of the compiler
        dot = math.sin(a) * math.sin(c) + math.cos(a) * math.cos(c) * math.cos(b - d)
        return 6371.0088 * math.acos(max(-1.0, min(1.0, dot))) <= km

    return Rule(f"{value.text} within {km} km of ({point[0]}, {point[1]})", of)


def inside(value: Rule, corners: list[tuple[str, str]]) -> Rule:
    points = [(Fraction(a), Fraction(b)) for a, b in corners]
    sides = list(zip(points, [*points[1:], points[0]], strict=True))

    def on_side(y: Fraction, x: Fraction) -> bool:
        return any(
            (b - y) * (c - x) == (d - x) * (a - y) and min(a, b) <= y <= max(a, b) and min(c, d) <= x <= max(c, d)
            for (a, c), (b, d) in sides
        )

    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        try:
            y, x = (Fraction(part.strip()) for part in (text or "").split(","))
        except ValueError:
            return False
        if abs(y) > 90 or abs(x) > 180:
            return False
        crossed = [x < c + (y - a) * (d - c) / (b - a) for (a, c), (b, d) in sides if (a > y) != (b > y)]
        return on_side(y, x) or sum(crossed) % 2 == 1

    return Rule(f"{value.text} inside ({', '.join(f'({a}, {b})' for a, b in corners)})", of)


def own_number(value: Rule) -> Rule:
    """The text as a number, to be compared with one."""

    def of(w: World, p: int) -> Any:
        try:
            return Fraction((value.of(w, p) or "").strip())
        except ValueError:
            return None

    return Rule(value.text, of)


def own_time(value: Rule, *, utc: bool = False) -> Rule:
    """The text as a time, to be put into a window: of the shop's zone, but times that Tesela writes are of UTC."""

    def of(w: World, p: int) -> Any:
        try:
            at = datetime.fromisoformat((value.of(w, p) or "").strip())
        except ValueError:
            return None
        if utc:
            return at
        return to_utc(at, w.zone) if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)

    return Rule(value.text, of)
