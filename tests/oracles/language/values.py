"""Values over a profile's events."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import Any

from oracles.language.parts import told
from oracles.language.windows import back
from oracles.language.world import Rule, Selection, Span, World, compare


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


def distinct_anywhere(name: str) -> Rule:
    """Of all events of the profile, whatever their name, as they came."""

    def of(w: World, p: int) -> Any:
        found = (told(e, name) for e in w.events if e.profile == p and e.at < w.as_of)
        return Fraction(len({v for v in found if v is not None}))

    return Rule(f"distinct({name})", of)


def edge_time(function: str, s: Selection) -> Rule:
    """The earliest or latest time, said as that of a field."""

    def of(w: World, p: int) -> Any:
        times = [e.at for e in s.pick(w, p)]
        return {"min": min, "max": max}[function](times, default=None)

    return Rule(f"{function}({s.text('occurred_at')})", of)


def calculated(left: Rule, sign: str, right: Rule) -> Rule:
    def of(w: World, p: int) -> Any:
        a, b = left.of(w, p), right.of(w, p)
        if a is None or b is None or (sign == "/" and b == 0):
            return None
        return {"+": lambda: a + b, "-": lambda: a - b, "*": lambda: a * b, "/": lambda: a / b}[sign]()

    return Rule(f"({left.text} {sign} {right.text})", of)


def chosen(condition: Rule, then: Rule, otherwise: Rule) -> Rule:
    def of(w: World, p: int) -> Any:
        return then.of(w, p) if condition.of(w, p) is True else otherwise.of(w, p)

    return Rule(f"if({condition.text}, {then.text}, {otherwise.text})", of)


def extreme(function: str, *parts: Rule) -> Rule:
    def of(w: World, p: int) -> Any:
        found = [part.of(w, p) for part in parts]
        return None if None in found else {"least": min, "greatest": max}[function](found)

    return Rule(f"{function}({', '.join(part.text for part in parts)})", of)


def revenue(window: Span | None) -> Rule:
    def of(w: World, p: int) -> Any:
        paid, back = (
            sum(values(Selection(name, window=window), "amount", w, p), Fraction(0))
            for name in ("order_completed", "order_refunded")
        )
        return paid - back

    return Rule(f"revenue({window.text})" if window else "revenue", of)


def time_since(value: Rule, sign: str, number: int, unit: str) -> Rule:
    turned = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=", "!=": "!="}[sign]
    return Rule(
        f"time_since({value.text}) {sign} {number} {unit}s",
        lambda w, p: compare(turned, value.of(w, p), back(w, number, unit)),
    )
