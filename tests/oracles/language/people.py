"""Values over the people of the base."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from oracles.language.facts import fact
from oracles.language.values import middle, values
from oracles.language.world import Rule, Selection, World


def fold(function: str, found: list[Any]) -> Any:
    if function == "count":
        return Fraction(len(found))
    if function == "sum":
        return sum(found, Fraction(0))
    if not found:
        return None
    return {"avg": lambda: sum(found) / Fraction(len(found)), "median": lambda: middle(found),
            "min": lambda: min(found), "max": lambda: max(found)}[function]()  # fmt: skip


def store(function: str, s: Selection, name: str = "") -> Rule:
    def of(w: World, p: int) -> Any:
        if not name:
            return Fraction(sum(len(s.pick(w, each)) for each in w.known))
        return fold(function, [v for each in w.known for v in values(s, name, w, each)])

    return Rule(f"store.{function}({s.text(name)})", of)


def figures(w: World, p: int, value: Rule, among: Rule | None, per: str | None) -> list[Any]:
    """The values of those of the base that are asked, as many as have one."""
    chosen = [each for each in w.known if among is None or among.of(w, each)]
    if per:
        own = fact(per).of(w, p)
        chosen = [each for each in chosen if fact(per).of(w, each) == own]
    return [v for v in (value.of(w, each) for each in chosen) if v is not None]


def population(function: str, value: Rule, where: Rule | None, per: str | None = None) -> Rule:
    def of(w: World, p: int) -> Any:
        if per and fact(per).of(w, p) is None:
            return None
        return fold(function, figures(w, p, value, where, per))

    condition = (f" where ({where.text})" if where else "") + (f" per {per}" if per else "")
    return Rule(f"population.{function}({value.text}{condition})", of)


def standing(word: str, value: Rule, among: Rule | None, per: str | None, percent: int = 10) -> Rule:
    """Where the profile stands among others: percentile, decile, rank or top."""

    def of(w: World, p: int) -> Any:
        own = value.of(w, p)
        if own is None or (per and fact(per).of(w, p) is None):
            return None
        rest = figures(w, p, value, among, per)
        smaller, larger = sum(v < own for v in rest), sum(v > own for v in rest)
        if word == "rank":
            return Fraction(1 + larger)
        if word == "top":
            return larger < Fraction(percent, 100) * len(rest)
        if not rest:
            return None
        return Fraction(100 * smaller, len(rest)) if word == "percentile" else decile(smaller, len(rest))

    peers = (f" per {per}" if per else "") + (f" among ({among.text})" if among else "")
    return Rule(f"top {percent}% by {value.text}{peers}" if word == "top" else f"{word}({value.text}{peers})", of)


def decile(smaller: int, size: int) -> Fraction:
    """One and the whole tenths; who is not among them may be larger than all."""
    return Fraction(min(10, 1 + 10 * smaller // size))
