"""Comparisons and logic."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from oracles.language.world import Rule, Selection, Span, World, compare


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


def within(value: Rule, window: Span) -> Rule:
    def of(w: World, p: int) -> bool:
        at, (start, end) = value.of(w, p), window.of(w)
        return at is not None and (start is None or start <= at) and (end is None or at < end)

    return Rule(f"{value.text} {window.text}", of)


def sampled(percent: str, salt: str) -> Rule:
    def of(w: World, p: int) -> bool:
        digest = hashlib.md5(f"{salt}:{p}".encode(), usedforsecurity=False).digest()
        return int.from_bytes(digest[:4], "big") < Fraction(percent) / 100 * 2**32

    return Rule(f'sample({percent}%, "{salt}")', of)


def opposite(rule: Rule) -> Rule:
    return Rule(f"not ({rule.text})", lambda w, p: not rule.of(w, p))


def joined(left: Rule, word: str, right: Rule) -> Rule:
    return Rule(f"({left.text} {word} {right.text})", TWO[word](left, right))


Meaning = Callable[[World, int], Any]
TWO: dict[str, Callable[[Rule, Rule], Meaning]] = {
    "and": lambda a, b: lambda w, p: bool(a.of(w, p)) and bool(b.of(w, p)),
    "xor": lambda a, b: lambda w, p: bool(a.of(w, p)) != bool(b.of(w, p)),
    "or": lambda a, b: lambda w, p: bool(a.of(w, p)) or bool(b.of(w, p)),
    "except": lambda a, b: lambda w, p: bool(a.of(w, p)) and not b.of(w, p),
}


def chain(rules: list[Rule], words: list[str]) -> Rule:
    """Rules in a row without parentheses: `and` binds before `xor`, that before `or`, that before `except`."""
    text = rules[0].text + "".join(f" {word} {rule.text}" for word, rule in zip(words, rules[1:], strict=True))
    waiting, left = list(words), list(rules)
    for word in TWO:
        while word in waiting:
            at = waiting.index(word)
            left[at : at + 2] = [Rule("", TWO[word](left[at], left[at + 1]))]
            del waiting[at]
    return Rule(f"({text})", left[0].of)


def negated(rule: Rule) -> Rule:
    """`not` without parentheses: of the one test that follows."""
    return Rule(f"not {rule.text}", lambda w, p: not rule.of(w, p))


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


def or_missing(value: Rule, comparison: Rule) -> Rule:
    return Rule(f"({comparison.text} or missing)", lambda w, p: comparison.of(w, p) or value.of(w, p) is None)


def of_everyone(rule: Rule) -> Rule:
    """A whole rule that asks anonymous visitors too; they are of the base then."""
    return Rule(f"{rule.text} among everyone", lambda w, p: rule.of(w.with_everyone(), p))


def in_segment(slug: str, rule: Rule) -> Rule:
    """Another rule of the same plan, over the base that it asks."""

    def of(w: World, p: int) -> bool:
        seen = w.inner or w
        if w.inner is not None and p not in seen.known and not rule.text.endswith("among everyone"):
            return False
        return bool(rule.of(seen, p))

    return Rule(f"in segment {slug}", of)
