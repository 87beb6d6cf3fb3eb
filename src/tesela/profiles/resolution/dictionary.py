"""Find the number of a text value: sorted runs of texts, looked up by halving, all texts at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

Run = tuple[pa.LargeStringArray, "NDArray[np.int64]"]
"""Distinct texts in byte order, and their numbers."""


@dataclass(frozen=True, slots=True, eq=False)
class Dictionary:
    """Numbers of the values of each kind.

    Attributes:
        runs: Runs of each kind by its code, the oldest first, no text in two of them.
    """

    runs: Mapping[int, tuple[Run, ...]]

    def find(self, kind: int, texts: pa.LargeStringArray) -> NDArray[np.int64]:
        """Return the number of each text, -1 where it has none."""
        found = np.full(len(texts), -1, np.int64)
        for there, ids in self.runs.get(kind, ()):
            missing = np.flatnonzero(found < 0)
            wanted = texts.take(pa.array(missing))
            places = _places(there, wanted)
            is_hit = places < len(there)
            is_hit[is_hit] = pc.equal(there.take(pa.array(places[is_hit])), wanted.filter(pa.array(is_hit))).to_numpy(
                zero_copy_only=False
            )
            found[missing[is_hit]] = ids[places[is_hit]]
        return found

    def count(self, kind: int) -> int:
        """Return how many values of a kind have a number."""
        return sum(len(ids) for _, ids in self.runs.get(kind, ()))

    def put(self, kind: int, texts: pa.LargeStringArray, ids: NDArray[np.int64]) -> Dictionary:
        """Return the dictionary with new texts of a kind, given in byte order."""
        if not len(texts):
            return self
        runs = [*self.runs.get(kind, ()), (texts, ids)]
        while len(runs) > 1 and len(runs[-2][1]) <= 2 * len(runs[-1][1]):
            above = runs.pop()
            merged = pa.concat_arrays([runs[-1][0], above[0]])
            order = pc.array_sort_indices(merged)
            runs[-1] = merged.take(order), np.concatenate([runs[-1][1], above[1]])[order.to_numpy()]
        return Dictionary({**self.runs, kind: tuple(runs)})


def _places(there: pa.LargeStringArray, wanted: pa.LargeStringArray) -> NDArray[np.int64]:
    """Return how many of the sorted texts come before each wanted one."""
    low = np.zeros(len(wanted), np.int64)
    high = np.full(len(wanted), len(there), np.int64)
    while (open_ := np.flatnonzero(low < high)).size:
        middle = (low[open_] + high[open_]) // 2
        is_before = pc.less(there.take(pa.array(middle)), wanted.take(pa.array(open_))).to_numpy(zero_copy_only=False)
        low[open_[is_before]] = middle[is_before] + 1
        high[open_[~is_before]] = middle[~is_before]
    return low
