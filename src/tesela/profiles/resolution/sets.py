"""Sets of numbers as rising arrays: what numpy has for this hashes, which is slow on numbers that are nearly dense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ids = NDArray[np.int64]


def distinct(*arrays: Ids) -> Ids:
    """Return the numbers of all arrays once each, rising."""
    every = np.concatenate(arrays)
    every.sort()
    is_first = np.ones(len(every), bool)
    is_first[1:] = every[1:] != every[:-1]
    return every[is_first]


def is_among(asked: Ids, ids: Ids) -> NDArray[np.bool_]:
    """Return for each number whether it is one of the rising `ids`."""
    places = np.searchsorted(ids, asked)
    found = places < len(ids)
    found[found] = ids[places[found]] == asked[found]
    return found


def without(ids: Ids, gone: Ids) -> Ids:
    """Return the numbers that are not among the rising `gone`, in their order."""
    return ids[~is_among(ids, gone)]
