"""Scored pairs of people, and what is asked of that which scores them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of people with what speaks for their being one.

    Attributes:
        one, other: The profiles, the smaller number first; each pair once, in order.
        weight: Bits of evidence, all told: 0 is as likely as not, each further bit doubles the odds.
    """

    one: Ints
    other: Ints
    weight: Floats


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one field of two people says of their being one.

    Attributes:
        field: One of `FIELDS`.
        level: How the two values compare: `exact`, `near`, ..., `differs`, or `missing`.
        weight: Bits for it, or against where negative; rare values that agree say more than common ones.
    """

    field: str
    level: str
    weight: float


class PairScorer(Protocol):
    """Scores pairs of the people in a file (`write_people`); the same file gives the same scores."""

    def score(self) -> Pairs:
        """Return the pairs of people who have something in common, but those that are hardly one."""
        ...

    def score_within(self, profiles: Ints, groups: Ints) -> Pairs:
        """Return all pairs inside groups of people: each profile with the number of its group."""
        ...

    def explain(self, pairs: Sequence[tuple[int, int]]) -> list[tuple[Evidence, ...]]:
        """Return what each field says of pairs that were scored inside groups, in their order."""
        ...

    def close(self) -> None:
        """Let go of what was computed."""
        ...
