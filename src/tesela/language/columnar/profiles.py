"""Profiles in order of their number, each with a place; rows of events, cut where the profile changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]
    Truths = NDArray[np.bool_]

# With more of them rows are in another order altogether.
_MOST_STRETCHES = 2_000


class Profiles:
    """The profiles that are computed.

    Args:
        ids: Their numbers, sorted.

    Attributes:
        ids: The same.
        is_dense: Whether no number is left out between the first and the last.
    """

    def __init__(self, ids: Integers) -> None:
        self.ids = ids
        self._first = int(ids[0]) if len(ids) else 0
        self.is_dense = bool(len(ids)) and int(ids[-1]) - self._first + 1 == len(ids)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.ids)

    def places(self, profile: Integers) -> Integers:
        """Return the place of each profile; of one that is not computed, the place after the last."""
        if self.is_dense:
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
        self._profile, self._profiles = profile, profiles
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

    def per_row(self) -> Integers:
        """Return the place of each row's profile."""
        if self._profiles.is_dense:
            # taking off the first is cheaper than counting stretches
            return self._profiles.places(self._profile)
        return np.repeat(self.places, np.diff(self.heads, append=len(self._profile)))

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


def in_stretches(read: pa.Table) -> pa.Table:
    """Return rows with their stretches in order of profile: threads bring sorted pieces of a file in any order.

    A piece ends where the next profile has a smaller number, or one so much larger that another thread has read
    what lies between. Whether that gives an order is for those to look at who need one.
    """
    import pyarrow as pa

    profile = read.column("profile_id").to_numpy()
    jumps = np.diff(profile)
    ends = np.flatnonzero(jumps < 0) + 1
    if not 0 < len(ends) <= _MOST_STRETCHES:
        return read
    ends = np.flatnonzero((jumps < 0) | (jumps > (int(profile.max()) - int(profile.min())) // _MOST_STRETCHES)) + 1
    starts = np.concatenate(([0], ends))
    first = [profile[starts]]
    if "moment" in read.column_names:
        # one with so many events that a stretch is all hers
        first.insert(0, read.column("moment").take(starts).to_numpy())
    sizes = np.diff(starts, append=len(profile))
    return pa.concat_tables([read.slice(starts[each], sizes[each]) for each in np.lexsort(first)])


def in_order(place: Integers, moment: Integers) -> Integers | None:
    """Return the order of profile and time; None when rows have it, which mostly come in a few sorted stretches."""
    order = None
    if not (place[:-1] <= place[1:]).all():
        order = np.argsort(place, kind="stable")
        place, moment = place[order], moment[order]
    is_back = (place[:-1] == place[1:]) & (moment[:-1] > moment[1:])
    if not is_back.any():
        return order
    # where a stretch ended inside a profile: only that profile's events are out of order
    is_mixed = np.zeros(int(place[-1]) + 1, np.bool_)
    is_mixed[place[:-1][is_back]] = True
    mixed = np.flatnonzero(is_mixed[place])
    order = np.arange(len(place)) if order is None else order
    order[mixed] = order[mixed[np.lexsort((moment[mixed], place[mixed]))]]
    return order
