"""95 % intervals of shares, means and medians.

Chosen by what they cover when it is tried (`docs/results`, decision 15): the plain Wilson and t intervals fall under
94 % in many cells of that grid, for discreteness the one and for skewness the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from tesela.estimators.moments import Floats, Moments

LEVEL = 0.95

_GAMMA = 0.75
_UNSEEN = 6
_FEWEST_FOR_A_MEDIAN = 6

FEW = 100
"""Under so many people with something to tell, a single one moves a mean."""

TOO_FEW = 10
"""Under so many, intervals of means were seen to hold the truth less often than they say."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a figure lies, by what was seen of it; both ends are missing where that cannot be said.

    Attributes:
        low: The lower end.
        high: The upper end.
    """

    low: Floats
    high: Floats

    def within(self, least: float, most: float = np.inf) -> Interval:
        """Return the part of it that is possible."""
        return Interval(np.clip(self.low, least, most), np.clip(self.high, least, most))

    def holds(self, value: Any) -> Any:
        """Tell whether a value lies in it."""
        return (self.low <= value) & (value <= self.high)


def share_interval(moments: Moments) -> Interval:
    """Return the interval of a share: the score interval with continuity correction, of as many as count.

    Where people count several times (messages, orders), the number of independent observations is what was counted
    over the design effect: the variance over people relative to that of independent ones. Nothing seen, or nothing
    missed, tells no such effect; then everything of one person is taken for one observation.

    Args:
        moments: y is how many of the x counted had it; y <= x of everybody.

    Sources:
        Newcombe (1998), "Two-sided confidence intervals for the single proportion", Stat. Med. 17:857-872, method 4;
        Korn & Graubard (1998), "Confidence intervals for proportions with small expected number of positive counts
        estimated from survey data", Survey Methodology 24:193-201 (effective size, t of the people).

    Example:
        >>> from tesela.estimators import Moments
        >>> whole = share_interval(Moments.of([1] * 30, [1] * 3 + [0] * 27))
        >>> round(float(whole.low), 3), round(float(whole.high), 3)
        (0.026, 0.277)
    """
    size, quantile = effective_size(moments)
    share = moments.ratio
    square = quantile**2
    with np.errstate(invalid="ignore", divide="ignore"):
        middle, width = 2 * size * share + square, 2 * (size + square)
        inner = square - 1 / size
        down = quantile * np.sqrt(np.maximum(inner - 2 + 4 * share * (size * (1 - share) + 1), 0))
        up = quantile * np.sqrt(np.maximum(inner + 2 + 4 * share * (size * (1 - share) - 1), 0))
        low, high = (middle - 1 - down) / width, (middle + 1 + up) / width
    low = np.where(share <= 0, 0.0, np.clip(low, 0, 1))
    high = np.where(share >= 1, 1.0, np.clip(high, 0, 1))
    missing = np.isnan(share)
    return Interval(np.where(missing, np.nan, low), np.where(missing, np.nan, high))


def mean_interval(moments: Moments) -> Interval:
    """Return the interval of a mean, such as money over orders or over people: Student's t, made for skewed values.

    Hall's cubic transformation takes the skewness out of the statistic. How far the variance itself can be trusted
    is told by the degrees of freedom, (n - 1) / (1 + 3/4 skewness²): those of values whose fourth moment is that of
    a gamma distribution of the same skewness. Few people show less skewness than there is: what they show is
    enlarged by 1 + 6 / n, which was found by trying. Missing with fewer than two people, or when all are the same.

    Sources:
        Hall (1992), "On the removal of skewness by transformation", J. R. Stat. Soc. B 54:221-228, eq. 2.3;
        degrees of freedom: 2 E(s²)² / Var(s²) = 2 n / (kurtosis - 1), after Satterthwaite (1946), Biometrics 2:110-114.
    """
    from scipy import stats

    with np.errstate(invalid="ignore", divide="ignore"):
        n = moments.people
        skewness = moments.skewness * (1 + _UNSEEN / n)
        freedom = np.maximum((n - 1) / (1 + _GAMMA * skewness**2), 1)
        quantile = stats.t.ppf((1 + LEVEL) / 2, freedom)
        slant = skewness / np.sqrt(n)
        error = np.sqrt(moments.variance)
        low = moments.ratio - _unskewed(quantile, slant) * error
        high = moments.ratio - _unskewed(-quantile, slant) * error
    is_known = error > 0
    return Interval(np.where(is_known, low, np.nan), np.where(is_known, high, np.nan))


def median_interval(values: Any, counts: Any) -> tuple[float, Interval]:
    """Return the lower median of values that were counted, and its interval by order statistics.

    Args:
        values: Different values, ascending.
        counts: How often each was seen.

    Returns:
        The median, missing where nothing was seen; its interval is missing where fewer than six were.

    Sources:
        Thompson (1936), Ann. Math. Stat. 7:122-128: ranks of the binomial distribution.
    """
    from scipy import stats

    reached = np.cumsum(np.asarray(counts, np.int64))
    n = int(reached[-1]) if len(reached) else 0
    if not n:
        return np.nan, Interval(np.float64(np.nan), np.float64(np.nan))  # type: ignore[arg-type]  # a number is an array

    def at(rank: int) -> float:
        return float(values[np.searchsorted(reached, rank)])

    low = int(stats.binom.ppf((1 - LEVEL) / 2, n, 0.5))
    ends = (at(low), at(n + 1 - low)) if n >= _FEWEST_FOR_A_MEDIAN else (np.nan, np.nan)
    return at((n + 1) // 2), Interval(*(np.float64(end) for end in ends))  # type: ignore[arg-type]  # as above


def effective_size(moments: Moments) -> tuple[Floats, Floats]:
    """Return how many independent observations there are, and the quantile that goes with so many people.

    The design effect that was seen is trusted as far as people show it: with k of them (Kish's effective number, of
    those who had it or of those who had it not), 1 / (1 + k) of the largest effect possible is added.
    """
    from scipy import stats

    share = moments.ratio
    normal = float(stats.norm.ppf((1 + LEVEL) / 2))
    is_repeated = moments.xx > moments.x
    with np.errstate(invalid="ignore", divide="ignore"):
        largest = moments.xx / moments.x
        seen = moments.variance * moments.x / (share * (1 - share))
        missed = (moments.x - moments.y) ** 2 / (moments.xx - 2 * moments.xy + moments.yy)
        people = np.minimum(moments.y**2 / moments.yy, missed)
        effect = np.clip(seen, 1, None) + (largest - 1) / (1 + people)
        effect = np.where(np.isfinite(effect), effect, largest)
        student = stats.t.ppf((1 + LEVEL) / 2, np.maximum(moments.n - 1, 1))
    size = moments.x / np.where(is_repeated, effect, 1.0)
    return np.maximum(size, 1.0), np.where(is_repeated, student, normal)


def _unskewed(value: Floats, slant: Floats) -> Floats:
    """Return where the statistic stands when its transform stands at a value; slant is skewness / sqrt(n)."""
    turned = np.where(np.abs(slant) < 1e-6, 1e-6, slant)
    told: Floats = (np.cbrt(1 + turned * (value - turned / 6)) - 1) * 3 / turned
    return told
