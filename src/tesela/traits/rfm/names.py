"""The ten names of RFM, one for each pair of a recency and a frequency score, and the three tiers.

Names are stable slugs; what people read stands in `texts.toml`.
"""

from __future__ import annotations

from typing import Literal, get_args

Tier = Literal["high", "medium", "low"]

PROSPECT = "prospect"
"""Everyone of the base who has bought nothing."""

# By recency score (outer) and frequency score 1 to 5 (inner): the map that most RFM guides share, which leaves no
# pair out and names none twice. Often printed as regular expressions over "RF" ("seg_map").
_GRID: dict[int, tuple[str, str, str, str, str]] = {
    5: ("new", "potential_loyalist", "potential_loyalist", "champions", "champions"),
    4: ("promising", "potential_loyalist", "potential_loyalist", "loyal", "loyal"),
    3: ("about_to_sleep", "about_to_sleep", "need_attention", "loyal", "loyal"),
    2: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
    1: ("hibernating", "hibernating", "at_risk", "at_risk", "cant_lose"),
}

SEGMENTS = (
    "champions", "loyal", "potential_loyalist", "new", "promising",
    "need_attention", "about_to_sleep", "at_risk", "cant_lose", "hibernating", PROSPECT,
)  # fmt: skip
"""All names in the order in which people read them, from the best down; `prospect` last."""

TIERS: tuple[Tier, ...] = get_args(Tier)

HIGH_FROM = 12
"""Sum of the three scores, 3 to 15, from which a buyer is high."""

MEDIUM_FROM = 7
"""Sum of the three scores from which a buyer is medium."""


def name_of(r: int, f: int) -> str:
    """Return the name of a buyer by recency and frequency score.

    Example:
        >>> name_of(5, 1), name_of(1, 5)
        ('new', 'cant_lose')
    """
    return _GRID[r][f - 1]


def tier_of(total: int) -> Tier:
    """Return the tier of a buyer by the sum of the three scores.

    Example:
        >>> [tier_of(total) for total in (3, 7, 12)]
        ['low', 'medium', 'high']
    """
    if total >= HIGH_FROM:
        return "high"
    return "medium" if total >= MEDIUM_FROM else "low"
