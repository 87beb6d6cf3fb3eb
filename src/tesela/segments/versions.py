"""How two rules differ: in their words, piece by piece."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

Kind = Literal["same", "removed", "added"]

# A text in quotes is one word, and so is a number with its point.
_WORD = re.compile(r'"(?:[^"\\]|\\.)*"|[\w.]+|\s+|.', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of one rule, or of both.

    Attributes:
        kind: `same` in both, `removed`: only in the first, `added`: only in the second.
        text: Its words.
    """

    kind: Kind
    text: str


def compare_rules(before: str, after: str) -> list[Piece]:
    """Return the pieces that two rules have in common or alone, in the order of reading.

    Those that are not added make the first rule; those that are not removed make the second.

    Example:
        >>> [each.text for each in compare_rules("did a in last 3 months", "did a in last 6 months")]
        ['did a in last ', '3', '6', ' months']
    """
    return list(_pieces(_WORD.findall(before), _WORD.findall(after)))


def _pieces(before: list[str], after: list[str]) -> Iterator[Piece]:
    for what, start, end, other_start, other_end in SequenceMatcher(None, before, after, False).get_opcodes():
        if what == "equal":
            yield Piece("same", "".join(before[start:end]))
            continue
        if end > start:
            yield Piece("removed", "".join(before[start:end]))
        if other_end > other_start:
            yield Piece("added", "".join(after[other_start:other_end]))
