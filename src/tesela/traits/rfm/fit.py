"""The cut points of RFM in a shop, and when they are made anew."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, get_args

from tesela.estimators import Cuts, fit_cuts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    import pyarrow as pa

    from tesela.traits.rfm.settings import Money

Axis = Literal["r", "f", "m"]

AXES: tuple[Axis, ...] = get_args(Axis)
"""Recency: minus whole days since the last order. Frequency: orders. Money: ten-thousandths of the currency."""

# Where the data's own points would not tell the scores apart, because most people bought once, or all on one day.
# Frequency: 1, 2, 3 to 4, 5 to 9, 10 orders and more. Recency: up to 30, 90, 180, 365 days and longer.
_FIXED: Mapping[Axis, tuple[int, ...] | None] = {
    "r": (-366, -181, -91, -31),
    "f": (1, 2, 4, 9),
    "m": None,
}
# So many times more or fewer buyers than cut points were made from, and they say little about the shop.
_OTHER_SHOP = 2


@dataclass(frozen=True, slots=True)
class RFMFit:
    """Cut points, with what they were made from.

    Attributes:
        cuts: By axis.
        fitted_at: The moment of truth they were made at, naive UTC.
        buyers: How many buyers they were made from: those who bought within the window.
        window: How far back orders and money count; `ever` counts all.
        money: Which money counts.
    """

    cuts: Mapping[Axis, Cuts]
    fitted_at: datetime
    buyers: int
    window: str
    money: Money

    @property
    def fingerprint(self) -> str:
        """What tells these cut points, and what they count, from others."""
        told = json.dumps([self.window, self.money, *(self.cuts[axis].points for axis in AXES)])
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def is_outdated(self, buyers: int, stale_before: datetime | None) -> bool:
        """Return whether they should be made anew: too old, or of a shop of quite another size.

        Args:
            buyers: How many bought within the window now.
            stale_before: From before when they are too old; None when age does not matter.
        """
        is_other = buyers >= _OTHER_SHOP * self.buyers or self.buyers >= _OTHER_SHOP * buyers
        return (is_other and buyers != self.buyers) or (stale_before is not None and self.fitted_at < stale_before)

    def days_of(self, score: int) -> tuple[int, int | None]:
        """Return the fewest and the most whole days since the last order that get a recency score."""
        low, high = self.cuts["r"].values_of(score)
        return 0 if high is None else -high, None if low is None else -low


def fit_rfm(histogram: pa.Table, *, fitted_at: datetime, window: str, money: Money) -> RFMFit:
    """Return the cut points of some buyers.

    Args:
        histogram: Rows of axis, value, times: how often each value of each axis came.
        fitted_at: The moment of truth, naive UTC.
        window: How far back orders and money count.
        money: Which money counts.
    """
    import numpy as np
    import pyarrow.compute as pc

    cuts: dict[Axis, Cuts] = {}
    buyers = 0
    for axis in AXES:
        rows = histogram.filter(pc.equal(histogram.column("axis"), axis))
        values, times = (rows.column(name).to_numpy().astype(np.int64) for name in ("value", "times"))
        cuts[axis] = fit_cuts(values, times, fixed=_FIXED[axis])
        buyers = int(times.sum())
    return RFMFit(cuts, fitted_at, buyers, window, money)
