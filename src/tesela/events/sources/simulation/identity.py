"""Which records are one profile under Tesela's current rule, worked out on numbers and never on text.

Every identifier is a number of its kind: a customer, phone or card is the person's number, an address is five
times the person's number plus which of their addresses, a browser has a number of its own. A row of
*statements* has one column a kind, -1 where the record lacks it. An unreadable value is written in the files
and missing here: the simulation knows which it spoiled.

What makes this computable lot by lot: people share addresses and browsers only inside their lot, and every
other identifier is one person's alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

KINDS = ("customer_id", "email", "phone", "loyalty_card", "anonymous_id")
"""Kinds of identifier, the strongest first."""

CUSTOMER, EMAIL, PHONE, CARD, ANONYMOUS = range(len(KINDS))

NOBODY = np.int64(-1)
_SHIFT = 56


def state(count: int, **identifiers: Ints) -> Ints:
    """Return statements of `count` rows: identifiers by kind, the others missing."""
    rows = np.full((count, len(KINDS)), NOBODY, np.int64)
    for kind, values in identifiers.items():
        rows[:, KINDS.index(kind)] = values
    return rows


def is_known(roots: Ints) -> NDArray[np.bool_]:
    """Return which roots are more than an anonymous visitor."""
    found: NDArray[np.bool_] = (roots >= 0) & (roots >> _SHIFT != ANONYMOUS)
    return found


@dataclass(frozen=True, slots=True)
class Roots:
    """Which profile each identifier is that stood as the strongest on some record.

    Attributes:
        values: Per kind, the identifiers in order.
        roots: Per kind, the profile of each: a code that tells profiles apart.
    """

    values: tuple[Ints, ...]
    roots: tuple[Ints, ...]

    def of(self, rows: Ints) -> Ints:
        """Return the profile of each row of statements; -1 for a row that names nobody."""
        found = np.full(len(rows), NOBODY)
        open_rows = np.ones(len(rows), bool)
        for kind in range(len(KINDS)):
            column = rows[:, kind]
            here = open_rows & (column >= 0)
            if here.any():
                places = np.searchsorted(self.values[kind], column[here])
                found[here] = self.roots[kind][places]
                open_rows &= ~here
        return found

    def profiles(self) -> Ints:
        """Return every profile once, in order."""
        return np.unique(np.concatenate(self.roots))


def resolve(rows: Ints) -> Roots:
    """Point each identifier at the one stronger profile it stands with, if it is exactly one."""
    values: list[Ints] = []
    roots: list[Ints] = []
    strongest = np.argmax(rows >= 0, axis=1)
    row_root = np.full(len(rows), NOBODY)
    for kind in range(len(KINDS)):
        column = rows[:, kind]
        own = (strongest == kind) & (column >= 0)
        subjects = np.unique(column[own])
        found = subjects | (np.int64(kind) << _SHIFT)
        with_stronger = (column >= 0) & (strongest < kind)
        if with_stronger.any() and len(subjects):
            _follow(subjects, found, column[with_stronger], row_root[with_stronger])
        row_root[own] = found[np.searchsorted(subjects, column[own])]
        values.append(subjects)
        roots.append(found)
    return Roots(tuple(values), tuple(roots))


def _follow(subjects: Ints, found: Ints, carried: Ints, stronger: Ints) -> None:
    """Write into `found` the stronger profile of each subject that was carried with exactly one."""
    order = np.lexsort((stronger, carried))
    carried, stronger = carried[order], stronger[order]
    new_pair = np.ones(len(carried), bool)
    new_pair[1:] = (carried[1:] != carried[:-1]) | (stronger[1:] != stronger[:-1])
    carried, stronger = carried[new_pair], stronger[new_pair]
    each, first, times = np.unique(carried, return_index=True, return_counts=True)
    single = times == 1
    places = np.searchsorted(subjects, each[single]).clip(0, len(subjects) - 1)
    is_subject = subjects[places] == each[single]
    found[places[is_subject]] = stronger[first[single]][is_subject]
