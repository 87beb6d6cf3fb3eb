"""Sequences by nearest events, as `rendering.sequences` does it: only the last event before one is looked at.

Profiles are taken some at a time: their rows lie together, so what is searched fits in the processor's cache,
and a profile's place and a time fit together in one number of 64 bits.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import pairwise
from operator import and_
from typing import TYPE_CHECKING

import numpy as np

from tesela.language.columnar.aggregates import Found, microseconds
from tesela.language.columnar.profiles import Runs, in_order

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.language.columnar.profiles import Integers, Profiles, Truths
    from tesela.language.rendering import SequenceRows, Together

# Later than any time, in microseconds since 1970.
_NEVER = 2**62
_LARGEST = np.iinfo(np.int64).max
_NOT_BEGUN = np.iinfo(np.int64).min
# Events that are looked at together: they fit in the cache; fewer cost more to begin with than to search.
_MOST_AT_ONCE, _FEWEST_AT_ONCE = 50_000, 5_000
# There are fewer different values than rows that fit in memory.
_MOST_VALUES = 2**31


@dataclass(frozen=True)
class Events:
    """Events in order of profile and time.

    Attributes:
        place: Of the profile.
        moment: In microseconds since 1970.
        keys: Numbers that stand for values: equal ones for equal values, 0 where there is none.
        begun: When the latest way through the steps to an event began; of a first step, when it was.
        following: When the next event of a step that must not be comes, by its place.
    """

    place: Integers
    moment: Integers
    keys: tuple[Integers, ...]
    begun: Integers
    following: Mapping[int, Integers] = field(default_factory=dict)

    def __getitem__(self, chosen: slice | Truths | Integers) -> Events:
        """Return some of the events."""
        return Events(
            self.place[chosen],
            self.moment[chosen],
            tuple(each[chosen] for each in self.keys),
            self.begun[chosen],
            {place: each[chosen] for place, each in self.following.items()},
        )


def meet(
    rows: SequenceRows, read: Sequence[pa.Table], profiles: Profiles, as_of: datetime, check: Callable[[], None]
) -> dict[str, Found]:
    """Return which profiles meet sequences, a column for each; `check` raises when nobody waits for them any more."""
    latest = [np.full(len(profiles) + 1, _NOT_BEGUN, np.int64) for _ in rows.sequences]
    for some in _parted(_events(read, len(rows.sequences[0].keys), profiles, check), len(profiles)):
        check()
        nearest = _Nearest(some)
        for sequence, begun in zip(rows.sequences, latest, strict=True):
            reached = _Way(sequence, nearest, microseconds(as_of)).end()
            np.maximum.at(begun, reached.place, reached.begun)
    found = {}
    for sequence, begun in zip(rows.sequences, latest, strict=True):
        for name, start in sequence.starts.items():
            whole = start is None or start == sequence.bounds.start
            since = _NOT_BEGUN + 1 if whole or start is None else microseconds(start)
            found[name] = Found(begun[:-1] >= since, "truth")
    return found


def _events(read: Sequence[pa.Table], keys: int, profiles: Profiles, check: Callable[[], None]) -> list[Events]:
    """Return the events of each step."""
    codes = [_codes([table.column(f"key_{key}") for table in read]) for key in range(keys)]
    found = []
    for number, table in enumerate(read):
        check()
        place = Runs(table.column("profile_id").to_numpy(), profiles).per_row()
        moment, own = table.column("moment").to_numpy(), tuple(code[number] for code in codes)
        order = in_order(place, moment)
        if order is not None:
            place, moment, own = place[order], moment[order], tuple(each[order] for each in own)
        found.append(Events(place, moment, own, begun=moment))
    return found


def _codes(columns: Sequence[pa.ChunkedArray]) -> list[Integers]:
    """Return numbers from 1 that stand for the values of several columns, 0 where there is none."""
    import pyarrow as pa

    chunks = [chunk for column in columns for chunk in column.chunks]
    whole = pa.chunked_array(chunks, columns[0].type).combine_chunks().dictionary_encode()
    codes = whole.indices.fill_null(-1).to_numpy() + 1
    return np.split(codes, np.cumsum([len(column) for column in columns])[:-1])


def _parted(steps: Sequence[Events], profiles: int) -> Iterator[list[Events]]:
    """Yield the events of some profiles after another: as many as leave room for a time in 64 bits."""
    moments = [int(edge) for each in steps if len(each.moment) for edge in (each.moment.min(), each.moment.max())]
    span = max(moments, default=0) - min(moments, default=0) + 1
    size = min(max(_LARGEST // (2 * span), _FEWEST_AT_ONCE), _MOST_AT_ONCE)
    so_far = np.cumsum(sum(np.bincount(each.place, minlength=profiles + 1) for each in steps))
    ends = np.searchsorted(so_far, np.arange(size, int(so_far[-1]) + size, size))
    edges = np.unique(np.append(np.minimum(ends + 1, profiles), 0))
    bounds = [np.searchsorted(each.place, edges) for each in steps]
    for number in range(len(edges) - 1):
        yield [each[slice(cut[number], cut[number + 1])] for each, cut in zip(steps, bounds, strict=True)]


class _Nearest:
    """Looks for the nearest events of each step; sequences that differ only later look once.

    Args:
        events: Of each step.
    """

    def __init__(self, events: Sequence[Events]) -> None:
        self.events = events
        self._last: dict[tuple[object, ...], Integers] = {}
        self._next: dict[tuple[object, ...], Integers] = {}

    def last_before(self, step: int, earlier: Events, way: tuple[object, ...], shared: Sequence[int]) -> Integers:
        """Return for each event of a step which of those that came some way is the last before it; -1 is none."""
        key = step, way
        if key not in self._last:
            search = _Search(earlier, self.events[step], shared)
            self._last[key] = search.found(np.searchsorted(search.sought, search.asked, side="left") - 1)
        return self._last[key]

    def next_after(self, events: Events, way: tuple[object, ...], step: int, shared: Sequence[int]) -> Integers:
        """Return for each event that came some way when the next event of a step comes."""
        key = step, way
        if key not in self._next:
            later = self.events[step]
            search = _Search(later, events, shared)
            at = search.found(np.searchsorted(search.sought, search.asked, side="right"))
            moment = later.moment if len(later.moment) else np.array([_NEVER])
            self._next[key] = np.where(at >= 0, moment[at], _NEVER)
        return self._next[key]


class _Way:
    """The way of some profiles through the steps.

    Args:
        sequence: The steps.
        nearest: Their events.
        as_of: The moment of truth, in microseconds since 1970.
    """

    def __init__(self, sequence: Together, nearest: _Nearest, as_of: int) -> None:
        self._sequence = sequence
        self._nearest = nearest
        self._as_of = as_of

    def end(self) -> Events:
        """Return the events of the last step that were reached through all others."""
        positive = self._sequence.positive
        reached = self._nearest.events[positive[0]]
        for before, after in pairwise(positive):
            reached = self._onward(self._checked(reached, before, to_the_end=False), before, after)
        return self._checked(reached, positive[-1], to_the_end=True)

    def _onward(self, reached: Events, before: int, after: int) -> Events:
        """Return the events of a step that follow one of the step before in time."""
        events = self._nearest.events[after]
        at = self._nearest.last_before(after, reached, self._so_far(after), self._sequence.shared(after))
        if not len(reached.place):
            return events[:0]
        in_time = at >= 0
        within = self._sequence.steps[after].within_us
        if within is not None:
            in_time &= events.moment <= reached.moment[at] + within
        for each in self._sequence.forbidden_after(before):
            if self._sequence.steps[each].within_us is None:
                in_time &= reached.following[each][at] >= events.moment
        return replace(events[in_time], begun=reached.begun[at[in_time]])

    def _checked(self, reached: Events, place: int, *, to_the_end: bool) -> Events:
        """Leave the events that something forbidden followed; tell of the others when its next comes."""
        forbidden = self._sequence.forbidden_after(place)
        way = self._so_far(place + 1)
        following = {
            each: self._nearest.next_after(reached, way, each, self._sequence.shared(each)) for each in forbidden
        }
        over = []
        for each, upcoming in following.items():
            within = self._sequence.steps[each].within_us
            if within is not None:
                limit = reached.moment + within
                over.append((limit <= self._as_of) & (upcoming > limit))
            elif to_the_end:
                over.append(upcoming == _NEVER)
        told = replace(reached, following=following)
        return told[reduce(and_, over)] if over else told

    def _so_far(self, place: int) -> tuple[object, ...]:
        """Return in what the sequences that read the same events may differ before a step."""
        return tuple(step.within_us for step in self._sequence.steps[:place])


class _Search:
    """Looks for events among others with the same values, by time.

    Attributes:
        sought: The others' values and time as one number each, sorted.
        asked: The events', in the same way.
    """

    def __init__(self, others: Events, events: Events, shared: Sequence[int]) -> None:
        self._order: Integers | None = None
        theirs, own, moment = others.place, events.place, others.moment
        if shared:
            theirs, own = _groups(others, events, shared)
            self._order = np.argsort(theirs, kind="stable")
            theirs, moment = theirs[self._order], moment[self._order]
        if shared:
            theirs, own = _numbered(theirs, own)
        self._theirs, self._own = theirs, own
        self.sought, self.asked = _joined(theirs, own, moment, events.moment)

    def found(self, at: Integers) -> Integers:
        """Return which of the others was found; -1 where it has other values."""
        if not len(self._theirs):
            return np.full(len(at), -1, np.int64)
        inside = np.clip(at, 0, len(self._theirs) - 1)
        is_same = (inside == at) & (self._theirs[inside] == self._own)
        return np.where(is_same, inside if self._order is None else self._order[inside], -1)


def _numbered(theirs: Integers, own: Integers) -> tuple[Integers, Integers]:
    """Return groups by small numbers in the same order; theirs are sorted."""
    is_new = np.append(np.ones(min(len(theirs), 1), np.bool_), theirs[1:] != theirs[:-1])
    groups = theirs[is_new]
    at = np.searchsorted(groups, own)
    # one more number stands for a group that is none of theirs
    is_theirs = np.append(groups, -1)[at] == own
    return np.cumsum(is_new) - 1, np.where(is_theirs, at, len(groups))


def _groups(others: Events, events: Events, shared: Sequence[int]) -> tuple[Integers, Integers]:
    """Return numbers that are equal for events of one profile with the same values."""
    groups = np.concatenate((others.place, events.place))
    for number, key in enumerate(shared):
        if number:
            # place and value fill 64 bits: number the pairs before the next value
            groups = np.unique(groups, return_inverse=True)[1]
        groups = groups * _MOST_VALUES + np.concatenate((others.keys[key], events.keys[key]))
    return groups[: len(others.place)], groups[len(others.place) :]


def _joined(theirs: Integers, own: Integers, their_moment: Integers, moment: Integers) -> tuple[Integers, Integers]:
    """Return group and time as one number each, which sorts by group and then by time."""
    if not len(theirs) or not len(own):
        return theirs, own
    lowest = min(int(theirs.min()), int(own.min()))
    groups = max(int(theirs.max()), int(own.max())) - lowest + 1
    first = min(int(their_moment.min()), int(moment.min()))
    width = max(int(their_moment.max()), int(moment.max())) - first + 1
    if groups * width > _LARGEST:
        ranks = np.unique(np.concatenate((their_moment, moment)))
        their_moment, moment = np.searchsorted(ranks, their_moment), np.searchsorted(ranks, moment)
        first, width = 0, len(ranks) + 1
    return (theirs - lowest) * width + (their_moment - first), (own - lowest) * width + (moment - first)
