"""Profiles in order of their number, each with a place; rows of events, cut where the profile changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]


class Profiles:
    """The profiles that are computed.

    Args:
        ids: Their numbers, sorted.
    """

    def __init__(self, ids: Integers) -> None:
        self.ids = ids
        self._first = int(ids[0]) if len(ids) else 0
        self._is_dense = bool(len(ids)) and int(ids[-1]) - self._first + 1 == len(ids)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def places(self, profile: Integers) -> Integers:
        """Return the place of each profile; of one that is not computed, the place after the last."""
        if self._is_dense:
            places = profile - self._first
            known = (places >= 0) & (places < len(self))
        else:
            places = np.searchsorted(self.ids, profile)
            known = places < len(self)
            known[known] = self.ids[places[known]] == profile[known]
        return places if known.all() else np.where(known, places, len(self))


class Runs:
    """Rows in stretches of one profile: a profile may have several, when rows came in another order.

    Args:
        profile: Of each row.
        profiles: Those that are computed.
    """

    def __init__(self, profile: Integers, profiles: Profiles) -> None:
        changes = np.flatnonzero(profile[1:] != profile[:-1]) + 1
        self.heads = np.concatenate(([0], changes)) if len(profile) else changes
        self.places = profiles.places(profile[self.heads])
        self._size = len(profiles)
        self._is_once = bool((self.places[1:] > self.places[:-1]).all())

    def total(self, numbers: NDArray[Any]) -> Integers:
        """Return the sum of each profile's rows; truths are counted."""
        return self._by_profile(numbers, np.add, 0)

    def largest(self, numbers: Integers, none: int) -> Integers:
        """Return the largest number of each profile's rows, `none` for one without rows."""
        return self._by_profile(numbers, np.maximum, none)

    def smallest(self, numbers: Integers, none: int) -> Integers:
        """Return the smallest number of each profile's rows, `none` for one without rows."""
        return self._by_profile(numbers, np.minimum, none)

    def per_row(self, rows: int) -> Integers:
        """Return the place of each row's profile."""
        return np.repeat(self.places, np.diff(self.heads, append=rows))

    def _by_profile(self, numbers: NDArray[Any], function: np.ufunc, none: int) -> Integers:
        # one place more, for those that are not computed
        found = np.full(self._size + 1, none, np.int64)
        if len(self.heads):
            of_runs: Callable[..., Any] = function.reduceat
            parts = of_runs(numbers, self.heads, dtype=np.int64)
            if self._is_once:
                found[self.places] = parts
            else:
                function.at(found, self.places, parts)
        return found[:-1]
