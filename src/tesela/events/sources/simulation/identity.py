"""Which records are one profile under Tesela's usual rules of identity, worked out on numbers and never on text.

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
    """Put records together that share an identifier, unless it stands with more customers or cards than one person has.

    A record belongs to the strongest identifier it carries. A profile's code is its smallest identifier's: the
    strongest kind's, of that kind the smallest number. No component of the simulation comes near the cap.
    """
    strongest = np.argmax(rows >= 0, axis=1)
    told = np.flatnonzero((rows >= 0).any(axis=1))
    row_subjects = _code(strongest[told], rows[told, strongest[told]])
    pairs = [
        np.stack([row_subjects[has], _code(kind, rows[told[has], kind])], axis=1)
        for kind in range(len(KINDS))
        if (has := np.flatnonzero(rows[told, kind] >= 0)).size
    ]
    links = np.unique(np.concatenate(pairs), axis=0) if pairs else np.empty((0, 2), np.int64)
    subjects, ones = np.unique(links[:, 0], return_inverse=True)
    identifiers, others = np.unique(links[:, 1], return_inverse=True)
    is_shared = np.zeros(len(identifiers), bool)
    for kind, most in _UNIQUE.items():
        is_shared |= _count_met(links, ones, others, kind, len(identifiers)) > most
    joins = ~is_shared[others]
    labels = _connect(ones[joins], others[joins], len(subjects), len(identifiers))
    roots = subjects[labels]
    kinds = subjects >> _SHIFT
    values = tuple(subjects[kinds == kind] & ((1 << _SHIFT) - 1) for kind in range(len(KINDS)))
    return Roots(values, tuple(roots[kinds == kind] for kind in range(len(KINDS))))


_UNIQUE = {CUSTOMER: 1, CARD: 3}
"""How many distinct ones of a kind an identifier may stand with."""


def _code(kind: Ints | int, values: Ints) -> Ints:
    return values | (np.asarray(kind, np.int64) << _SHIFT)


def _count_met(links: Ints, ones: Ints, others: Ints, kind: int, identifiers: int) -> Ints:
    """Return how many distinct identifiers of a kind the subjects of each identifier carry."""
    is_kind = links[:, 1] >> _SHIFT == kind
    # a subject may carry a few of the kind: every identifier it carries meets them all
    owners, carried = ones[is_kind], links[is_kind, 1]
    order = np.argsort(owners, kind="stable")
    owners, carried = owners[order], carried[order]
    begins, ends = np.searchsorted(owners, ones), np.searchsorted(owners, ones, side="right")
    lengths = ends - begins
    places = np.repeat(begins, lengths) + np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    met = np.unique(np.stack([np.repeat(others, lengths), carried[places]], axis=1), axis=0)
    return np.bincount(met[:, 0], minlength=identifiers)


def _connect(ones: Ints, others: Ints, subjects: int, identifiers: int) -> Ints:
    """Return the smallest subject that each subject is connected with, by handing smallest labels on."""
    labels = np.arange(subjects)
    while True:
        smallest = np.full(identifiers, subjects)
        np.minimum.at(smallest, others, labels[ones])
        next_labels = labels.copy()
        np.minimum.at(next_labels, ones, smallest[others])
        if (next_labels == labels).all():
            return labels
        labels = next_labels
