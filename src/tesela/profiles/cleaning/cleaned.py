"""What cleaning found of one value: the original, what was made of it and by which rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Cleaned:
    """One value, cleaned.

    Attributes:
        original: As it came; never lost, so whatever was done can be undone.
        value: What the rules made of it; the original where none changed anything.
        rules: Names of the rules that changed it, in order; empty exactly when `value` is the original.
        flags: What is to be known of it, such as `role` or `invalid`, in alphabetical order. A flag changes nothing.
        suggestion: What was probably meant, for a person to confirm; None when there is nothing to propose.
    """

    original: str
    value: str
    rules: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    suggestion: str | None = None


@dataclass(slots=True)
class Draft:
    """A value while its rules are applied; a rule that is switched off does nothing to it."""

    original: str
    on: frozenset[str]
    value: str = field(init=False)
    rules: list[str] = field(init=False, default_factory=list)
    flags: set[str] = field(init=False, default_factory=set)
    suggestion: str | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.value = self.original

    def put(self, rule: str, value: str) -> None:
        """Let a rule give the value another form."""
        if rule in self.on and value != self.value:
            self.value = value
            if rule not in self.rules:
                self.rules.append(rule)

    def flag(self, rule: str, flag: str) -> None:
        """Let a rule say something about the value."""
        if rule in self.on:
            self.flags.add(flag)

    def suggest(self, rule: str, value: str | None) -> None:
        """Let a rule propose another value; the first proposal stands."""
        if rule in self.on and value is not None and value != self.value and self.suggestion is None:
            self.suggestion = value

    def done(self) -> Cleaned:
        """Return the finished value."""
        rules = tuple(self.rules) if self.value != self.original else ()
        return Cleaned(self.original, self.value, rules, tuple(sorted(self.flags)), self.suggestion)


# more rounds than any value of ours needs; one that still moves is left as it came
_ROUNDS = 4


def settle(read: Callable[[str], Cleaned], written: str) -> Cleaned:
    """Clean a value until its rules find nothing more to do, so that cleaning twice is cleaning once.

    A value that never comes to rest is left as it came.
    """
    first = read(written)
    if not first.rules:
        return first
    rules, last = list(first.rules), first
    for _ in range(_ROUNDS):
        again = read(last.value)
        if not again.rules:
            if last is first:
                return first
            return Cleaned(written, last.value, tuple(dict.fromkeys(rules)), last.flags, last.suggestion)
        rules += again.rules
        last = again
    return Cleaned(written, written, (), first.flags)
