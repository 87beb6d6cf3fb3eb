"""Lengths of time as people write them in settings and definitions: `3 months`, `3 meses`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.base.moments import Unit

PERIOD_WORDS: dict[str, Unit] = {
    "day": "day", "days": "day", "día": "day", "días": "day", "dia": "day", "dias": "day",
    "week": "week", "weeks": "week", "semana": "week", "semanas": "week",
    "month": "month", "months": "month", "mes": "month", "meses": "month",
    "year": "year", "years": "year", "año": "year", "años": "year",
}  # fmt: skip
"""Units as they are written, in both languages."""

_PERIOD = re.compile(r"\s*([1-9]\d{0,4})\s+(\w+)\s*")


def parse_period(written: object) -> tuple[int, Unit | None] | None:
    """Return how many of which unit a person wrote; the unit is None when it is unknown.

    Returns:
        None when it is no number with a word after it.

    Example:
        >>> parse_period("3 meses"), parse_period("3 moons"), parse_period("soon")
        ((3, 'month'), (3, None), None)
    """
    match = _PERIOD.fullmatch(written) if isinstance(written, str) else None
    return None if match is None else (int(match[1]), PERIOD_WORDS.get(match[2].lower()))


def write_period(count: int, unit: Unit) -> str:
    """Return a length of time as the language of the segments writes it.

    Example:
        >>> write_period(1, "month"), write_period(30, "day")
        ('1 month', '30 days')
    """
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
