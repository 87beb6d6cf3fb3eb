"""Tests on one value: what is written after it, and whether it holds. Texts are folded unless told exactly."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any, NamedTuple

from oracles.language.world import Rule, compare


class Test(NamedTuple):
    """A test on one value: how it is written behind the value, and what it says."""

    text: str
    holds: Callable[[Any], bool]


def quoted(text: str) -> str:
    """Return a text as rules write it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def folded(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c)[0] != "M")
    return bare.casefold()


def is_text(sign: str, other: str) -> Test:
    return Test(f"{sign} {quoted(other)}", lambda v: compare(sign, v, other))


def is_number(sign: str, other: Any, text: str) -> Test:
    return Test(f"{sign} {text}", lambda v: compare(sign, v, other))


def is_set(expected: bool, negated: bool = False) -> Test:
    """With `negated`, the same said with a not."""
    if negated:
        return Test(f"is not {'missing' if expected else 'set'}", lambda v: (v is not None) == expected)
    return Test(f"is {'set' if expected else 'missing'}", lambda v: (v is not None) == expected)


def one_of(values: list[str], negated: bool) -> Test:
    listed = ", ".join(quoted(v) for v in values)
    return Test(f"{'not ' if negated else ''}in ({listed})", lambda v: v is not None and (v in values) != negated)


TEXT_WORDS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda t, n: any(t[at : at + len(n)] == n for at in range(len(t) - len(n) + 1)),
    "starts with": lambda t, n: t[: len(n)] == n,
    "ends with": lambda t, n: t[len(t) - len(n) :] == n,
}
NEGATED = {"does not contain": "contains", "does not start with": "starts with", "does not end with": "ends with"}


def like(word: str, needle: str, exactly: bool) -> Test:
    test = TEXT_WORDS[NEGATED.get(word, word)]

    def holds(value: str | None) -> bool:
        if value is None:
            return False
        found = test(value, needle) if exactly else test(folded(value), folded(needle))
        return found != (word in NEGATED)

    return Test(f"{word}{' exactly' if exactly else ''} {quoted(needle)}", holds)


def matching(pattern: str, bare: str, exactly: bool, negated: bool) -> Test:
    """`bare` is the pattern with its letters folded; both are of the part that Python and RE2 share."""

    def holds(value: str | None) -> bool:
        if value is None:
            return False
        found = re.search(pattern, value) if exactly else re.search(bare, folded(value))
        return bool(found) != negated

    word = "does not match" if negated else "matches"
    return Test(f"{word}{' exactly' if exactly else ''} {quoted(pattern)}", holds)


def passes(value: Rule, test: Test) -> Rule:
    """The value, and a test on it."""
    return Rule(f"{value.text} {test.text}", lambda w, p: test.holds(value.of(w, p)))
