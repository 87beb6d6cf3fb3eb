"""Sums over people of what was counted (x) and what was told (y) of each: all that a rate and its interval need.

A rate is a ratio of two sums: opened messages over delivered ones, revenue over orders, revenue over people (x is 1
of everybody). People are independent of each other, their messages and orders are not, so the spread is taken over
people: of d = y - R x, whose sum is 0 (the ratio estimator; Cochran, 1977, "Sampling Techniques", eq. 6.13).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Moments:
    """Sums over people; numbers, or arrays of the same shape.

    Attributes:
        n: People of whom something was counted (x > 0).
        x: Sum of what was counted.
        y: Sum of what was told.
        xx: Sum of x squared.
        xy: Sum of x times y.
        yy: Sum of y squared.
        xxx: Sum of x cubed; like the three below only needed for means.
        xxy: Sum of x squared times y.
        xyy: Sum of x times y squared.
        yyy: Sum of y cubed.
    """

    n: Any
    x: Any
    y: Any
    xx: Any
    xy: Any
    yy: Any
    xxx: Any = np.nan
    xxy: Any = np.nan
    xyy: Any = np.nan
    yyy: Any = np.nan

    def __post_init__(self) -> None:
        for name in self.__slots__:
            object.__setattr__(self, name, np.asarray(getattr(self, name), np.float64))

    @classmethod
    def of(cls, x: Any, y: Any) -> Moments:
        """Return the sums over the last axis of what was counted and told of each person.

        Example:
            >>> Moments.of([1, 2], [0, 2]).ratio.round(3)
            np.float64(0.667)
        """
        x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
        powers = {"x" * i + "y" * j: (x**i * y**j).sum(-1) for i in range(4) for j in range(4) if 1 <= i + j <= 3}
        return cls(n=(x > 0).sum(-1), **powers)

    @property
    def ratio(self) -> Floats:
        """What was told over what was counted; missing where nothing was counted."""
        return _divided(self.y, self.x)

    @property
    def people(self) -> Floats:
        """How many people count, as one who counts more than others tells less: Kish's effective number."""
        return _divided(self.x**2, self.xx)

    @property
    def variance(self) -> Floats:
        """The variance of the ratio, people being drawn; missing where there are fewer than two.

        What a person leaves out of the spread by having a part in the ratio is given back, as the jackknife does:
        by (k / (k - 1))², k being how many people count.
        """
        whole = _divided(self.people, self.people - 1)
        return _divided(whole**2 * self._spread, self.x**2)

    @property
    def skewness(self) -> Floats:
        """The skewness of d over people; missing where all are the same."""
        ratio = self.ratio
        third = self.yyy - 3 * ratio * self.xyy + 3 * ratio**2 * self.xxy - ratio**3 * self.xxx
        second: Floats = _divided(self._spread, self.n)
        return _divided(_divided(third, self.n), second * np.sqrt(second))

    @property
    def _spread(self) -> Floats:
        ratio = self.ratio
        spread = self.yy - 2 * ratio * self.xy + ratio**2 * self.xx
        # what is left of numbers that cancel out is no spread
        size = np.maximum(np.maximum(self.yy, ratio**2 * self.xx), 1e-300)
        return np.where(spread > 1e-12 * size, spread, np.where(np.isnan(spread), np.nan, 0.0))

    def __sub__(self, part: Moments) -> Moments:
        """Return the sums over the people who are not in a part."""
        return Moments(*(getattr(self, name) - getattr(part, name) for name in self.__slots__))


def _divided(dividend: Any, divisor: Any) -> Floats:
    """Return a quotient that is missing where the divisor is not positive."""
    divisor = np.asarray(divisor, np.float64)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(divisor > 0, np.asarray(dividend) / np.where(divisor > 0, divisor, 1.0), np.nan)
