"""The score: seven parts, each the weighted mean of the marks of its checks, and the whole that of its parts.

The mark of a check is 100 where nothing is found and 0 from its anchor on, in a straight line between. What is counted
of people is counted of the whole base, those set aside and merged by hand included, so that no fix makes a share
grow: mending a finding never lowers the score. Of the same base at the same moment the score is the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TYPE_CHECKING

from tesela.audit.found import Found

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tesela.audit.check import Check
    from tesela.audit.finding import Finding
    from tesela.audit.found import Unknown

VERSION = 1
"""Raised when the same base would get another score: scores of different versions are not compared."""

WEIGHTS: Mapping[str, int] = {
    "reachable": 20,
    "engaged": 20,
    "lawful": 20,
    "valid": 15,
    "unique": 10,
    "complete": 10,
    "growing": 5,
}
"""What each part weighs in the whole; why stands in `audit.part.NAME.why`."""

_WHOLE = Decimal(100)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score.

    Attributes:
        key: Its name.
        weight: What it weighs in the whole.
        value: 0 to 100; None where none of its checks could be answered.
        known: How much of the weight of its checks could be answered, 0 to 1.
    """

    key: str
    weight: int
    value: Decimal | None
    known: Decimal


@dataclass(frozen=True, slots=True)
class Score:
    """How healthy a base is.

    Attributes:
        value: 0 to 100; None where no part is known.
        parts: The parts, in the order of their weights.
        version: Of the way in which it is computed.
    """

    value: Decimal | None
    parts: tuple[Part, ...]
    version: int = VERSION

    @property
    def points(self) -> int | None:
        """The score as it is shown: a whole number."""
        return None if self.value is None else int(self.value.quantize(Decimal(1), ROUND_HALF_UP))

    @property
    def known(self) -> Decimal:
        """How much of the weight of all parts is known, 0 to 1."""
        whole = sum(part.weight for part in self.parts)
        return sum((part.weight * part.known for part in self.parts), Decimal(0)) / whole


def give_mark(check: Check, answer: Found | Unknown, people: int) -> Decimal | None:
    """Return the mark of a check: 0 to 100; None where it does not count or is unknown.

    Args:
        check: The check.
        answer: What was found.
        people: How many people the score counts findings of.
    """
    if check.part is None or not isinstance(answer, Found):
        return None
    of = answer.marked_of or (people if check.unit == "people" else answer.of)
    if not of:
        return None
    count = answer.count if answer.marked is None else answer.marked
    return _WHOLE * (1 - min(Decimal(count) / of / check.anchor, Decimal(1)))


def give_score(findings: Iterable[Finding], checks: Iterable[Check]) -> Score:
    """Return the score of what was found.

    Args:
        findings: With their marks.
        checks: All checks that were asked, for how much of each part is known.
    """
    marks = {finding.check.key: finding.mark for finding in findings}
    asked = [check for check in checks if check.part is not None]
    parts = tuple(_part(key, weight, [c for c in asked if c.part == key], marks) for key, weight in WEIGHTS.items())
    known = [(part.value, part.weight) for part in parts if part.value is not None]
    return Score(_mean(known), parts)


def _part(key: str, weight: int, checks: list[Check], marks: Mapping[str, Decimal | None]) -> Part:
    known = [(told, check.weight) for check in checks if (told := marks.get(check.key)) is not None]
    whole = sum(check.weight for check in checks)
    share = Decimal(sum(each for _, each in known)) / whole if whole else Decimal(0)
    return Part(key, weight, _mean(known), share)


def _mean(weighed: list[tuple[Decimal, int]]) -> Decimal | None:
    """Return the weighted mean; the weight of what is unknown is shared out among what is known."""
    whole = sum(weight for _, weight in weighed)
    return sum((value * weight for value, weight in weighed), Decimal(0)) / whole if whole else None
