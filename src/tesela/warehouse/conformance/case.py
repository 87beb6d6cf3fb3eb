"""One question of a check."""

from __future__ import annotations

from typing import NamedTuple


class Case(NamedTuple):
    """What a check asked.

    Attributes:
        asked: What, in short.
        expected: The answer that there must be.
        given: The engine's.
    """

    asked: str
    expected: object
    given: object
