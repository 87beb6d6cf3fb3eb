"""What is kept of an audit: counts and scores, and nothing of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class PastAudit:
    """What is kept of an audit.

    Attributes:
        as_of: The moment of truth, naive UTC.
        audited_at: When it was made, naive UTC.
        base: How many people there were.
        score: 0 to 100; None where nothing was known.
        version: Of the way in which the score was computed.
        parts: The parts of the score that were known, by name.
        counts: How many each check found, by key; those that could not be answered are left out.
        totals: Of how many, by key.
    """

    as_of: datetime
    audited_at: datetime
    base: int
    score: Decimal | None
    version: int
    parts: Mapping[str, Decimal]
    counts: Mapping[str, int]
    totals: Mapping[str, int]
