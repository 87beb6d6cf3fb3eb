"""Whether two figures of different people differ, and what is left of that when many are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from tesela.estimators.intervals import effective_size

if TYPE_CHECKING:
    from tesela.estimators.moments import Floats, Moments


def compare_shares(one: Moments, other: Moments) -> Floats:
    """Return the two-sided p-value of two shares being the same: the score test with effective sizes.

    Missing where one of them is undefined, or both are 0 or both 1.
    """
    from scipy import stats

    sizes = [effective_size(each)[0] for each in (one, other)]
    with np.errstate(invalid="ignore", divide="ignore"):
        pooled = sum(size * each.ratio for size, each in zip(sizes, (one, other), strict=True)) / sum(sizes)
        error = np.sqrt(pooled * (1 - pooled) * (1 / sizes[0] + 1 / sizes[1]))
        told: Floats = 2 * stats.norm.sf(np.abs(one.ratio - other.ratio) / error)
    return np.where(error > 0, told, np.nan)


def compare_means(one: Moments, other: Moments) -> Floats:
    """Return the two-sided p-value of two means being the same: Welch's t, of people.

    Missing where one of them has fewer than two people, or no spread in either.

    Sources:
        Welch (1947), Biometrika 34:28-35.
    """
    from scipy import stats

    one_part, other_part = one.variance, other.variance
    with np.errstate(invalid="ignore", divide="ignore"):
        whole = one_part + other_part
        freedom = whole**2 / (one_part**2 / (one.n - 1) + other_part**2 / (other.n - 1))
        told: Floats = 2 * stats.t.sf(np.abs(one.ratio - other.ratio) / np.sqrt(whole), freedom)
    return np.where(whole > 0, told, np.nan)


def adjust_holm(p_values: Any) -> Floats:
    """Return p-values corrected for asking them all: that any true equality is called a difference stays unlikely.

    Missing ones were not asked and stay missing.

    Example:
        >>> adjust_holm([0.01, 0.04, 0.03]).tolist()
        [0.03, 0.06, 0.06]

    Sources:
        Holm (1979), "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6:65-70.
    """
    told = np.array(p_values, np.float64)
    asked = np.flatnonzero(~np.isnan(told))
    order = asked[np.argsort(told[asked], kind="stable")]
    steps = told[order] * (len(order) - np.arange(len(order)))
    told[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return told
