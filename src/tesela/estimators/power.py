"""How many people it takes to see a change, with two equal groups."""

from __future__ import annotations

import math

from tesela.estimators.intervals import LEVEL

POWER = 0.8
"""How likely a change that is there is seen."""


def needed_for_share(share: float, change: float) -> int | None:
    """Return how many people each of two groups needs for a change of a share to be seen.

    Args:
        share: What it is without the change, 0 to 1.
        change: Relative: 0.2 is from 5 % to 6 %.

    Returns:
        People in each group; None where the change cannot be (a share of 0, or of more than 1 afterwards).

    Example:
        >>> needed_for_share(0.10, 0.2)
        3841

    Sources:
        Fleiss, Levin & Paik (2003), "Statistical Methods for Rates and Proportions", eq. 4.14, without correction.
    """
    other = share * (1 + change)
    if not 0 < share < 1 or not 0 <= other <= 1 or other == share:
        return None
    surely, likely = _quantiles()
    middle = (share + other) / 2
    same = surely * math.sqrt(2 * middle * (1 - middle))
    apart = likely * math.sqrt(share * (1 - share) + other * (1 - other))
    return math.ceil(((same + apart) / (other - share)) ** 2)


def needed_for_mean(mean: float, spread: float, change: float) -> int | None:
    """Return how many people each of two groups needs for a change of a mean to be seen.

    Args:
        mean: What it is without the change.
        spread: Standard deviation over people.
        change: Relative.

    Returns:
        People in each group; None where there is no mean, no spread or no change.
    """
    if not mean or not spread > 0 or not change:
        return None
    return math.ceil(2 * (sum(_quantiles()) * spread / (mean * change)) ** 2)


def _quantiles() -> tuple[float, float]:
    from scipy import stats

    return float(stats.norm.ppf((1 + LEVEL) / 2)), float(stats.norm.ppf(POWER))
