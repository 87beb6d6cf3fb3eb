"""Links as numbers: which subjects carry each value, and what is found of each value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from tesela.profiles.resolution.sets import distinct

if TYPE_CHECKING:
    from numpy.typing import NDArray

_KIND_BITS = 48
_LARGEST_32 = np.iinfo(np.int32).max


class Verdict(IntEnum):
    """What a value does. From `BLOCKED` on it is blocked, by the block of that place in the rules.

    Values that do not merge are told from those that do before components are known, by `SHARED` and above;
    `DROPPED` and `PARTED` are found within a component.
    """

    MERGES = 0
    DROPPED = 1
    PARTED = 2
    SHARED = 3
    SILENT = 4
    BLOCKED = 100


@dataclass(frozen=True, slots=True, eq=False)
class Graph:
    """Values and the subjects that carry them.

    Attributes:
        subject_ids: Rising; shape (subjects,).
        value_ids: Rising; the kind's code is in the upper bits; shape (values,).
        offsets: Where the members of each value begin; shape (values + 1,).
        members: Places in `subject_ids`, rising within a value; shape (links,).
    """

    subject_ids: NDArray[np.int64]
    value_ids: NDArray[np.int64]
    offsets: NDArray[np.int64]
    members: NDArray[np.int32]

    @property
    def kinds(self) -> NDArray[np.int64]:
        """Codes of the values' kinds; shape (values,)."""
        return kind_codes(self.value_ids)

    def links_of(self, values: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Return the links of some values: their places in `values`, and the members."""
        places, links = spread(self.offsets, values)
        return places, self.members[links]

    def by_subject(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return where each subject's values begin, shape (subjects + 1,), and their places, rising."""
        ones = np.ones(len(self.members), np.int8)
        shape = (len(self.value_ids), len(self.subject_ids))
        # numbers of one size: SciPy would widen the members
        offsets = self.offsets.astype(np.int32) if len(self.members) < _LARGEST_32 else self.offsets
        turned = sparse.csr_array((ones, self.members, offsets), shape=shape).tocsc()
        return turned.indptr.astype(np.int64), turned.indices


def first_value_id(kind: int) -> int:
    """Return the smallest number of a value of the kind with that code."""
    return kind << _KIND_BITS


def kind_codes(value_ids: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the codes of the kinds of values."""
    return value_ids >> _KIND_BITS


def spread(offsets: NDArray[np.int64], rows: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the items of some rows of a list: for each item, the place of its row in `rows`, and its own place."""
    lengths = offsets[rows + 1] - offsets[rows]
    places = np.repeat(np.arange(len(rows)), lengths)
    ends = np.cumsum(lengths)
    items = np.arange(len(places)) + np.repeat(offsets[rows] - (ends - lengths), lengths)
    return places, items


def distinct_subjects(subjects: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the distinct subjects of links, rising."""
    if not _is_dense(subjects, len(subjects)):
        return distinct(subjects)
    low = int(subjects.min())
    is_there = np.zeros(int(subjects.max()) - low + 1, bool)
    is_there[subjects - low] = True
    return np.flatnonzero(is_there) + low


def index_subjects(subject_ids: NDArray[np.int64], subjects: NDArray[np.int64]) -> NDArray[np.int32]:
    """Return the place of each subject among the rising `subject_ids`, all of them there."""
    if not _is_dense(subject_ids, len(subjects)):
        return np.searchsorted(subject_ids, subjects).astype(np.int32)
    low = subject_ids[0]
    places = np.zeros(int(subject_ids[-1] - low) + 1, np.int32)
    places[subject_ids - low] = np.arange(len(subject_ids), dtype=np.int32)
    found: NDArray[np.int32] = places[subjects - low]
    return found


def _is_dense(subjects: NDArray[np.int64], rows: int) -> bool:
    """Return whether subjects are so close together that an array over their span is cheaper than a search.

    They are where the control store hands their numbers out.
    """
    return len(subjects) > 0 and int(subjects.max()) - int(subjects.min()) < 4 * rows
