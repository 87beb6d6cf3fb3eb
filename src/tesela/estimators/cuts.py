"""Cut points of a score: equal values get equal scores, whatever the order they come in."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class Cuts:
    """Where one score ends and the next begins.

    Attributes:
        points: In ascending order; the score of a value is 1 + how many of them it exceeds.
        is_fixed: Whether they are the fixed ones, because those of the data would not tell the scores apart.
    """

    points: tuple[int, ...]
    is_fixed: bool = False

    def score(self, value: int) -> int:
        """Return the score of a value, from 1 up.

        Example:
            >>> Cuts((1, 2, 4, 9)).score(3)
            3
        """
        return 1 + sum(value > point for point in self.points)

    def values_of(self, score: int) -> tuple[int | None, int | None]:
        """Return the smallest and the largest value that get a score; None where there is no bound.

        Where points are the same no value gets the score between them: the smallest is then above the largest.

        Example:
            >>> Cuts((1, 2, 4, 9)).values_of(3)
            (3, 4)
        """
        low = self.points[score - 2] + 1 if score > 1 else None
        return low, self.points[score - 1] if score <= len(self.points) else None


def fit_cuts(
    values: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int64],
    *,
    fixed: Sequence[int] | None = None,
    scores: int = 5,
) -> Cuts:
    """Return the points that cut some values into parts as equal as ties allow.

    Point k of n is the quantile k/n by nearest rank: the smallest value with at least that share at or under it. A
    value belongs above a point only when it exceeds it, so equal values are never parted (the minimum rank of ties).

    Args:
        values: Distinct whole values, in any order.
        counts: How often each came; above zero.
        fixed: Points to take instead when two of the data's are the same, or nothing exceeds the last: ties are
            then so many that a score would have nobody. None keeps the data's points whatever they are.
        scores: How many scores there are.

    Sources:
        Hyndman & Fan (1996), "Sample quantiles in statistical packages", Am. Stat. 50:361-365, definition 1.
    """
    import numpy as np

    if not len(values):
        return Cuts(tuple(fixed or (0,) * (scores - 1)), fixed is not None)
    order = np.argsort(values, kind="stable")
    ascending, reached = values[order], np.cumsum(counts[order])
    shares = np.arange(1, scores) * reached[-1]
    points = tuple(int(each) for each in ascending[np.searchsorted(scores * reached, shares, "left")])
    tells_apart = all(low < high for low, high in pairwise((*points, int(ascending[-1]))))
    return Cuts(points) if fixed is None or tells_apart else Cuts(tuple(fixed), is_fixed=True)
