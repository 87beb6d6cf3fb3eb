"""Conditions on one event."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from oracles.language.facts import fact
from oracles.language.texts import Test
from oracles.language.windows import DAYS, to_local
from oracles.language.world import Happening, Part, Selection, Span, World, compare


def told(event: Happening, name: str) -> Any:
    value = event.told.get(name)
    if isinstance(value, str) and not value.strip():
        return None
    return Fraction(value) if isinstance(value, Decimal) else value


def field(name: str, test: Test) -> Part:
    """A test on a field of the event."""
    return Part(f"{name} {test.text}", lambda w, e: test.holds(told(e, name)))


def is_machine(sign: str, expected: bool) -> Part:
    written = "true" if expected else "false"
    return Part(f"is_machine {sign} {written}", lambda w, e: compare(sign, e.told.get("is_machine"), expected))


def own_property(name: str, test: Test) -> Part:
    """A field that only the source knows: a text."""

    def of(w: World, e: Happening) -> bool:
        value = json.loads(e.told["properties"]).get(name)
        return test.holds(value if value and value.strip() else None)

    return Part(f"properties.`{name}` {test.text}", of)


def happened(window: Span) -> Part:
    def of(w: World, e: Happening) -> bool:
        start, end = window.of(w)
        return (start is None or start <= e.at) and (end is None or e.at < end)

    return Part(f"occurred_at {window.text}", of)


def part_not(part: Part) -> Part:
    return Part(f"not ({part.text})", lambda w, e: not part.of(w, e))


def part_both(left: Part, word: str, right: Part) -> Part:
    if word == "and":
        return Part(f"({left.text} and {right.text})", lambda w, e: left.of(w, e) and right.of(w, e))
    return Part(f"({left.text} or {right.text})", lambda w, e: left.of(w, e) or right.of(w, e))


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


def hour_is(word: str, test: Test) -> Part:
    return Part(f"{word}hour {test.text}", lambda w, e: test.holds(clock(f"{word}hour", w, e)))


def weekday_is(word: str, test: Test) -> Part:
    return Part(f"{word}weekday {test.text}", lambda w, e: test.holds(clock(f"{word}weekday", w, e)))


def product_value(world: World, event: Happening, name: str) -> Any:
    product = event.told.get("product_id")
    known = [v for v in world.products if v.product == product is not None and v.since < world.as_of]
    if not known:
        return None
    sources = {v.source for v in known}
    source = event.source if event.source in sources else min(sources)
    return max((v for v in known if v.source == source), key=lambda v: v.since).told.get(name)


def product_is(name: str, test: Test) -> Part:
    def of(w: World, e: Happening) -> bool:
        found = product_value(w, e, name)
        return test.holds(None if isinstance(found, str) and not found.strip() else found)

    return Part(f"product.{name} {test.text}", of)


def related(word: str, s: Selection, by: str | None) -> Part:
    """Other events of the same order and source, or of the same field, whoever's."""

    def of(w: World, e: Happening) -> bool:
        key = told(e, by or "order_id")
        found = [
            o
            for o in w.everyones(s.name)
            if key is not None and told(o, by or "order_id") == key and (by or o.source == e.source)
        ]
        if s.window:
            start, end = s.window.of(w)
            found = [o for o in found if (start is None or start <= o.at) and (end is None or o.at < end)]
        held = [s.where is None or bool(s.where.of(w, o)) for o in found]
        return {"any": any(held), "all": bool(held) and all(held), "none": not any(held)}[word]

    return Part(f"{word}({s.text()}{f' by {by}' if by else ''})", of)
