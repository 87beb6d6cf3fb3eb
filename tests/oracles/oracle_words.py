"""More words of the naive interpreter, written from LANGUAGE.md and docs/reference/language.md alone."""

from __future__ import annotations

import json
import math
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oracles.language_oracle import (
    HOURS,
    MONTHS,
    Happening,
    Part,
    Rule,
    Selection,
    Span,
    World,
    birthday_in,
    compare,
    fact,
    folded,
    others,
    to_local,
    to_utc,
    told,
    values,
)

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


# --- logic ------------------------------------------------------------------------------------------------


def xor(left: Rule, right: Rule) -> Rule:
    return Rule(f"({left.text}) xor ({right.text})", lambda w, p: bool(left.of(w, p)) != bool(right.of(w, p)))


def these(word: str, rules: list[Rule]) -> Rule:
    listed = ", ".join(rule.text for rule in rules)
    tests = {"all": all, "any": any, "none": lambda found: not any(found)}
    return Rule(f"{word} of ({listed})", lambda w, p: tests[word]([bool(rule.of(w, p)) for rule in rules]))


def so_many(word: str, number: int, rules: list[Rule]) -> Rule:
    listed = ", ".join(rule.text for rule in rules)

    def of(w: World, p: int) -> bool:
        held = sum(bool(rule.of(w, p)) for rule in rules)
        return {"at least": held >= number, "at most": held <= number, "exactly": held == number}[word]

    return Rule(f"{word} {number} of ({listed})", of)


def without(left: Rule, right: Rule) -> Rule:
    return Rule(f"(({left.text}) except ({right.text}))", lambda w, p: bool(left.of(w, p)) and not right.of(w, p))


def or_missing(value: Rule, comparison: Rule) -> Rule:
    return Rule(f"({comparison.text} or missing)", lambda w, p: comparison.of(w, p) or value.of(w, p) is None)


# --- windows ----------------------------------------------------------------------------------------------


def back(world: World, number: int, unit: str) -> datetime:
    """The moment so long before the moment of truth."""
    if unit in HOURS:
        return world.as_of - timedelta(seconds=number * HOURS[unit])
    local = to_local(world.as_of, world.zone)
    return to_utc(months_on(local, -number * MONTHS[unit]), world.zone)


def months_on(local: datetime, months: int) -> datetime:
    index = local.year * 12 + local.month - 1 + months
    year, month = index // 12, index % 12 + 1
    for day in (local.day, 30, 29, 28):
        try:
            return local.replace(year=year, month=month, day=day)
        except ValueError:
            continue
    raise AssertionError


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


def coming(number: int) -> Span:
    def bounds(w: World) -> tuple[datetime, datetime]:
        return midnight(today(w), w), midnight(today(w) + timedelta(days=number), w)

    return Span(f"in next {number} days", bounds)


# --- clocks of events -------------------------------------------------------------------------------------


def clock(word: str, world: World, event: Happening) -> Any:
    zone = world.zone
    if word.startswith("local.") and event.profile is not None:
        name = fact("time_zone").of(world, event.profile)
        try:
            zone = ZoneInfo(name) if name else zone
        except (ZoneInfoNotFoundError, ValueError):
            zone = world.zone
    local = to_local(event.at, zone)
    return Fraction(local.hour) if word.endswith("hour") else DAYS[local.isoweekday() - 1]


def hour_is(word: str, sign: str, hour: int) -> Part:
    return Part(f"{word}hour {sign} {hour}", lambda w, e: compare(sign, clock(f"{word}hour", w, e), Fraction(hour)))


def weekday_in(word: str, days: list[str]) -> Part:
    listed = ", ".join(f'"{day}"' for day in days)
    return Part(f"{word}weekday in ({listed})", lambda w, e: clock(f"{word}weekday", w, e) in days)


# --- things around an event -------------------------------------------------------------------------------


def product_value(world: World, event: Happening, name: str) -> Any:
    product = event.told.get("product_id")
    known = [v for v in world.products if v.product == product is not None and v.since < world.as_of]
    if not known:
        return None
    sources = {v.source for v in known}
    source = event.source if event.source in sources else min(sources)
    return max((v for v in known if v.source == source), key=lambda v: v.since).told.get(name)


def product_is(name: str, sign: str, value: Any, text: str) -> Part:
    def of(w: World, e: Happening) -> bool:
        found = product_value(w, e, name)
        return compare(sign, None if isinstance(found, str) and not found.strip() else found, value)

    return Part(f"product.{name} {sign} {text}", of)


def related(word: str, name: str, where: Part | None, window: Span | None) -> Part:
    def of(w: World, e: Happening) -> bool:
        key = e.told.get("order_id")
        found = [
            o for o in w.everyones(name) if key is not None and o.told.get("order_id") == key and o.source == e.source
        ]
        if window:
            start, end = window.of(w)
            found = [o for o in found if (start is None or start <= o.at) and (end is None or o.at < end)]
        held = [where is None or bool(where.of(w, o)) for o in found]
        return {"any": any(held), "all": bool(held) and all(held), "none": not any(held)}[word]

    return Part(f"{word}({Selection(name, where, window).text()})", of)


# --- values over events -----------------------------------------------------------------------------------


def middle(found: list[Any]) -> Any:
    if not found:
        return None
    ordered = sorted(found)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def median(s: Selection, name: str) -> Rule:
    return Rule(f"median({s.text(name)})", lambda w, p: middle(values(s, name, w, p)))


def mode(s: Selection, name: str) -> Rule:
    def of(w: World, p: int) -> Any:
        times = Counter(values(s, name, w, p))
        return min((v for v in times if times[v] == max(times.values())), default=None)

    return Rule(f"mode({s.text(name)})", of)


def time_since(value: Rule, sign: str, number: int, unit: str) -> Rule:
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}[sign]
    return Rule(
        f"time_since({value.text}) {sign} {number} {unit}s",
        lambda w, p: compare(turned, value.of(w, p), back(w, number, unit)),
    )


def anniversary(value: Rule, number: int) -> Rule:
    def of(w: World, p: int) -> bool:
        at = value.of(w, p)
        if at is None:
            return False
        origin = to_local(at, w.zone).date()
        days = [today(w) + timedelta(days=n) for n in range(number)]
        return any(1 <= day.year - origin.year <= 100 and birthday_in(origin, day.year) == day for day in days)

    return Rule(f"anniversary({value.text}) in next {number} days", of)


# --- sequences and rhythm ---------------------------------------------------------------------------------


class Step:
    """One step of a sequence, tried out in every way."""

    def __init__(self, s: Selection, negated: bool, within: tuple[int, str] | None, same: str | None) -> None:
        self.s, self.negated, self.same = s, negated, same
        self.within = within
        self.length = timedelta(seconds=within[0] * HOURS[within[1]]) if within else None

    @property
    def text(self) -> str:
        written = ("no " if self.negated else "") + self.s.name
        written += f" where ({self.s.where.text})" if self.s.where else ""
        written += f" with same {self.same}" if self.same else ""
        return written + (f" within {self.within[0]} {self.within[1]}s" if self.within else "")

    def fits(self, before: Happening, event: Happening) -> bool:
        if self.same is None:
            return True
        return told(event, self.same) is not None and told(event, self.same) == told(before, self.same)


def sequence(steps: list[Step], window: Span | None) -> Rule:
    def holds(w: World, p: int, at: int, before: Happening | None, waiting: list[Step]) -> bool:
        if at == len(steps):
            return all(_kept(w, p, before, step, None) for step in waiting)
        step = steps[at]
        if step.negated:
            return holds(w, p, at + 1, before, [*waiting, step])
        start, end = window.of(w) if window else (None, None)
        for event in step.s.pick(w, p):
            if (start is not None and event.at < start) or (end is not None and event.at >= end):
                continue
            if before is not None:
                late = step.length is not None and event.at > before.at + step.length
                if event.at <= before.at or late or not step.fits(before, event):
                    continue
                if not all(_kept(w, p, before, each, event) for each in waiting):
                    continue
            elif step.same is not None and told(event, step.same) is None:
                continue
            if holds(w, p, at + 1, event, []):
                return True
        return False

    listed = ", ".join(step.text for step in steps)
    return Rule(f"sequence({listed})" + (f" {window.text}" if window else ""), lambda w, p: holds(w, p, 0, None, []))


def _kept(w: World, p: int, before: Happening, step: Step, following: Happening | None) -> bool:
    """Nothing forbidden came in the step's stretch, and the stretch is over."""
    events = [e for e in step.s.pick(w, p) if e.at > before.at and step.fits(before, e)]
    if step.length is not None:
        end = before.at + step.length
        return end <= w.as_of and not any(e.at <= end for e in events)
    return not any(following is None or e.at < following.at for e in events)


def regularly(s: Selection, wanted: int, number: int, unit: str, calendar: bool) -> Rule:
    def of(w: World, p: int) -> bool:
        if calendar:
            edges = [unit_start(today(w), unit)]
            for _ in range(number):
                edges.append(previous_start(edges[-1], unit))
            moments = [midnight(edge, w) for edge in edges]
        else:
            moments = [back(w, n, unit) for n in range(number + 1)]
        events = s.pick(w, p)
        return sum(any(start <= e.at < end for e in events) for end, start in pairwise(moments)) >= wanted

    word = "previous" if calendar else "last"
    return Rule(f"regularly({s.text()}, {wanted} of {word} {number} {unit}s)", of)


def stopped(s: Selection, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        times = [e.at for e in s.pick(w, p)]
        edge = back(w, number, unit)
        return any(at < edge for at in times) and not any(at >= edge for at in times)

    return Rule(f"stopped({s.text()}, {number} {unit}s)", of)


def resumed(s: Selection, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        times = [e.at for e in s.pick(w, p)]
        edge = back(w, number, unit)
        recent, earlier = [at for at in times if at >= edge], [at for at in times if at < edge]
        return bool(recent and earlier) and min(recent) - max(earlier) >= timedelta(seconds=number * HOURS[unit])

    return Rule(f"resumed({s.text()}, {number} {unit}s)", of)


# --- history of the profile -------------------------------------------------------------------------------


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


def held(name: str, sign: str, value: str, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        rows, start = history(name, w, p), back(w, number, unit)
        before = [v for at, v in rows if at <= start][-1:]
        return bool(before) and all(compare(sign, v, value) for v in [*before, *(v for at, v in rows if at > start)])

    return Rule(f'held {name} {sign} "{value}" for {number} {unit}s', of)


# --- lists, places, numbers and times in own fields -------------------------------------------------------


def items(text: str) -> list[str]:
    found: list[Any] = []
    if text.lstrip()[:1] == "[":
        try:
            found = json.loads(text)
        except ValueError:
            found = []
    if not found:
        found = text.split(";") if ";" in text else text.split(",")
    return [v.strip() for v in found if isinstance(v, str) and v.strip()]


def has(value: Rule, word: str, wanted: list[str]) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        if text is None:
            return False
        inside = [each in items(text) for each in wanted]
        return {"any": any(inside), "all": all(inside), "none": not any(inside)}[word]

    listed = ", ".join(f'"{each}"' for each in wanted)
    return Rule(f"{value.text} has {word} of ({listed})", of)


def has_containing(value: Rule, word: str, needle: str) -> Rule:
    def of(w: World, p: int) -> bool:
        text = value.of(w, p)
        if text is None:
            return False
        passing = [folded(needle) in folded(each) for each in items(text)]
        return {"any": any(passing), "all": all(passing), "none": not any(passing)}[word]

    return Rule(f'{value.text} has {word} containing "{needle}"', of)


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


def own_number(value: Rule, sign: str, number: str) -> Rule:
    def of(w: World, p: int) -> bool:
        try:
            return compare(sign, Fraction((value.of(w, p) or "").strip()), Fraction(number))
        except ValueError:
            return False

    return Rule(f"{value.text} {sign} {number}", of)


def own_time(value: Rule) -> Rule:
    """The text as a time, to be put into a window."""

    def of(w: World, p: int) -> Any:
        try:
            at = datetime.fromisoformat((value.of(w, p) or "").strip())
        except ValueError:
            return None
        return to_utc(at, w.zone) if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)

    return Rule(value.text, of)


# --- peers ------------------------------------------------------------------------------------------------


def peers(w: World, p: int, name: str) -> list[int]:
    own = fact(name).of(w, p)
    return [each for each in w.known if own is not None and fact(name).of(w, each) == own]


def standing(word: str, value: Rule, name: str | None, percent: int = 10) -> Rule:
    def of(w: World, p: int) -> Any:
        own = value.of(w, p)
        if own is None or (name and fact(name).of(w, p) is None):
            return None if word != "top" else False
        chosen = World(w.as_of, w.zone, peers(w, p, name) if name else w.known, [], w.events, w.facts)
        rest = others(value, chosen, None)
        smaller, larger = sum(v < own for v in rest), sum(v > own for v in rest)
        if word == "rank":
            return Fraction(1 + larger)
        if word == "top":
            return larger < Fraction(percent, 100) * len(rest)
        if not rest:
            return None
        return (
            Fraction(100 * smaller, len(rest))
            if word == "percentile"
            else min(10, Fraction(1 + 10 * smaller // len(rest)))
        )

    per = f" per {name}" if name else ""
    return Rule(f"top {percent}% by {value.text}{per}" if word == "top" else f"{word}({value.text}{per})", of)


def population(function: str, value: Rule, where: Rule | None, name: str | None) -> Rule:
    def of(w: World, p: int) -> Any:
        if name and fact(name).of(w, p) is None:
            return None
        chosen = [each for each in (peers(w, p, name) if name else w.known) if where is None or where.of(w, each)]
        found = [v for v in (value.of(w, each) for each in chosen) if v is not None]
        if function == "median":
            return middle(found)
        if function in ("count", "sum"):
            return Fraction(len(found)) if function == "count" else sum(found, Fraction(0))
        if not found:
            return None
        return {"avg": sum(found) / Fraction(len(found)), "min": min(found), "max": max(found)}[function]

    condition = (f" where ({where.text})" if where else "") + (f" per {name}" if name else "")
    return Rule(f"population.{function}({value.text}{condition})", of)


def store_median(s: Selection, name: str) -> Rule:
    return Rule(
        f"store.median({s.text(name)})", lambda w, p: middle([v for each in w.known for v in values(s, name, w, each)])
    )


# --- segments and consents --------------------------------------------------------------------------------


def stay(word: str, slug: str, window: Span | None) -> Rule:
    def of(w: World, p: int) -> bool:
        start, end = window.of(w) if window else (None, None)
        end = min(end, w.as_of) if end else w.as_of
        for r in (each.seen(w.as_of) for each in w.stays):
            if r.segment != slug or r.profile != p or r.recorded > w.as_of:
                continue
            if word == "ever in":
                met = (r.entered is None or r.entered < end) and (r.left is None or start is None or r.left > start)
            else:
                at = r.entered if word == "joined" else r.left
                met = at is not None and (start is None or start <= at) and at < end
            if met:
                return True
        return False

    return Rule(f"{word} {slug}" + (f" {window.text}" if window else ""), of)


def in_for(slug: str, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        start = back(w, number, unit)
        return any(
            r.segment == slug and r.profile == p and r.recorded <= w.as_of
            and (r.entered is None or r.entered <= start) and (r.left is None or r.left >= w.as_of)
            for r in (each.seen(w.as_of) for each in w.stays)
        )  # fmt: skip

    return Rule(f"in segment {slug} for {number} {unit}s", of)


def consent(channel: str, purpose: str, part: str) -> Rule:
    def of(w: World, p: int) -> Any:
        field = {"email": "email", "sms": "phone"}.get(channel)
        address = fact(field).of(w, p) if field else None
        said = [
            s for s in w.consents
            if s.profile == p and s.channel == channel and s.purpose == purpose and s.at < w.as_of
            and (field is None or s.address == address)
        ]  # fmt: skip
        if not said:
            return None
        newest = max(s.at for s in said)
        latest = min((s for s in said if s.at == newest), key=lambda s: (s.status, s.source))
        return {"": latest.status, ".at": latest.at, ".source": latest.source}[part]

    return Rule(f'consent({channel}, "{purpose}"){part}', of)


def can_receive(channel: str, purpose: str) -> Rule:
    status = consent(channel, purpose, "")
    return Rule(f'can_receive({channel}, "{purpose}")', lambda w, p: status.of(w, p) == "yes")
