"""Which conditions describe a group: a beam search over conjunctions, each judged by what it adds.

A subgroup is what satisfies all of some conditions. It is scored by how far its share of the group lies above the
whole's, in standard errors of drawing that many at random without replacement (the normal approximation of the
hypergeometric distribution); so a large subgroup may be a little above, and a small one must be far above. Of the two
halves of the data one finds subgroups and the other says whether they are real: see `verify_subgroups`.

Method: subgroup discovery as of W. Klösgen (1996) and S. Wrobel (1997), with the binomial test as quality.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    import numpy.typing as npt

    Bits = npt.NDArray[np.uint64]

_WIDTH = 48
# what a condition must add inside the subgroup that it narrows, in standard errors
_ADDS = 3.0
# of its score that a subgroup keeps with every condition more, in the order in which they are shown
_SHORTER = 0.97


@dataclass(frozen=True, slots=True)
class Subgroup:
    """What satisfies all of some conditions.

    Attributes:
        conditions: Places of the conditions, ascending.
        size: How many satisfy all of them.
        hits: How many of these are in the group.
        score: Standard errors above the whole's share.
    """

    conditions: tuple[int, ...]
    size: int
    hits: int
    score: float


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        subgroups: The best first; none is nearly the same as one before it.
        tried: How many different subgroups were looked at.
    """

    subgroups: tuple[Subgroup, ...]
    tried: int


def find_subgroups(
    conditions: npt.NDArray[np.bool_],
    group: npt.NDArray[np.bool_],
    *,
    most: int = 4,
    least: int = 50,
    limit: int = 20,
    alike: float = 0.5,
) -> Found:
    """Return the subgroups in which a group is most over-represented.

    Args:
        conditions: One row a condition, one column a case: whether it holds. Shape (conditions, cases).
        group: Whether each case is in the group. Shape (cases,).
        most: How many conditions a subgroup may have.
        least: How many cases a subgroup must have.
        limit: How many to return.
        alike: Of two whose cases are the same to this share (Jaccard, 0 to 1) the better one is returned.

    Example:
        >>> import numpy as np
        >>> young, buys = np.arange(400) % 2 == 0, np.arange(400) % 3 == 0
        >>> find_subgroups(np.array([young, buys]), young & buys, least=10).subgroups[0].conditions
        (0, 1)
    """
    search = _Search(conditions, group, least)
    kept: dict[tuple[int, ...], Subgroup] = {}
    beam: list[tuple[Subgroup, Bits]] = []
    for place in range(most):
        found = search.first() if not place else search.narrowed(beam)
        kept |= {each.conditions: each for each, _ in found}
        beam = found
    # of two that tell nearly as much the shorter one is better to read
    ranked = sorted(kept.values(), key=lambda each: (-each.score * _SHORTER ** len(each.conditions), each.conditions))
    return Found(tuple(search.different(ranked, limit, alike)), search.tried)


class _Search:
    def __init__(self, conditions: npt.NDArray[np.bool_], group: npt.NDArray[np.bool_], least: int) -> None:
        import numpy as np

        self.conditions, self.group = _packed(conditions), _packed(group[np.newaxis])[0]
        self.cases, self.positives, self.least = group.size, int(group.sum()), least
        self.tried = 0
        self._known: set[tuple[int, ...]] = set()

    def first(self) -> list[tuple[Subgroup, Bits]]:
        """Return the conditions alone, the best first, as many as the beam is wide."""
        sizes, hits = self._counted(self.conditions)
        scores = _scores(sizes, hits, self.cases, self.positives)
        self.tried += len(scores)
        return self._best(
            (Subgroup((place,), int(sizes[place]), int(hits[place]), float(scores[place])), self.conditions[place])
            for place in range(len(scores))
            if self.least <= sizes[place] < self.cases and scores[place] > 0
        )

    def narrowed(self, beam: Sequence[tuple[Subgroup, Bits]]) -> list[tuple[Subgroup, Bits]]:
        """Return what becomes of subgroups with one condition more, where it adds something; the best first."""
        return self._best(each for parent, bits in beam for each in self._below(parent, bits))

    def _below(self, parent: Subgroup, bits: Bits) -> Iterator[tuple[Subgroup, Bits]]:
        both = self.conditions & bits
        sizes, hits = self._counted(both)
        scores = _scores(sizes, hits, self.cases, self.positives)
        adds = _scores(sizes, hits, parent.size, parent.hits)
        for place in range(len(scores)):
            if not self.least <= sizes[place] < parent.size:
                continue
            names = tuple(sorted({*parent.conditions, place}))
            if names in self._known:
                continue
            self._known.add(names)
            self.tried += 1
            if scores[place] > parent.score and adds[place] >= _ADDS and self._needs_all(names, both[place]):
                yield (
                    Subgroup(names, int(sizes[place]), int(hits[place]), float(scores[place])),
                    both[place],
                )

    def _needs_all(self, names: tuple[int, ...], bits: Bits) -> bool:
        """Return whether each condition adds something to all the others."""
        import numpy as np

        size, hits = self._counted(bits[np.newaxis])
        for left_out in names:
            wider = np.bitwise_and.reduce(self.conditions[[each for each in names if each != left_out]])
            wide_size, wide_hits = self._counted(wider[np.newaxis])
            if _scores(size, hits, int(wide_size[0]), int(wide_hits[0]))[0] < _ADDS:
                return False
        return True

    def _best(self, found: Iterator[tuple[Subgroup, Bits]]) -> list[tuple[Subgroup, Bits]]:
        """Return the best of them, of those with the same cases only the one with the fewest conditions."""
        ranked = sorted(found, key=lambda each: (-each[0].score, len(each[0].conditions), each[0].conditions))
        seen: set[bytes] = set()
        chosen = []
        for each, bits in ranked:
            told = bits.tobytes()
            if told not in seen:
                seen.add(told)
                chosen.append((each, bits))
            if len(chosen) == _WIDTH:
                break
        return chosen

    def different(self, ranked: Sequence[Subgroup], limit: int, alike: float) -> Iterator[Subgroup]:
        """Yield the best subgroups, none nearly the same as one before it."""
        import numpy as np

        chosen: list[Bits] = []
        for each in ranked:
            bits = np.bitwise_and.reduce(self.conditions[list(each.conditions)])
            if all(_likeness(bits, other) < alike for other in chosen):
                chosen.append(bits)
                yield each
            if len(chosen) == limit:
                return

    def _counted(self, bits: npt.NDArray[np.uint64]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """Return how many cases each row has, and how many of the group."""
        import numpy as np

        sizes = np.bitwise_count(bits).sum(axis=1, dtype=np.int64)
        return sizes, np.bitwise_count(bits & self.group).sum(axis=1, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Verified:
    """A subgroup in data that did not find it.

    Attributes:
        size: How many satisfy the conditions there.
        hits: How many of these are in the group.
        p_value: How often as many would be by chance, or more; corrected for all that were verified.
    """

    size: int
    hits: int
    p_value: float


def verify_subgroups(
    conditions: npt.NDArray[np.bool_], group: npt.NDArray[np.bool_], subgroups: Sequence[Subgroup]
) -> list[Verified]:
    """Return what is left of subgroups in other data: exact hypergeometric tests, corrected by Holm.

    Args:
        conditions: As of `find_subgroups`, of other cases.
        group: Whether each of these is in the group.
        subgroups: What was found.
    """
    from scipy.stats import hypergeom

    from tesela.estimators.comparing import adjust_holm

    counted = []
    for each in subgroups:
        inside = conditions[list(each.conditions)].all(axis=0)
        counted.append((int(inside.sum()), int((inside & group).sum())))
    raw = [float(hypergeom.sf(hits - 1, group.size, int(group.sum()), size)) for size, hits in counted]
    adjusted = adjust_holm(raw)
    return [Verified(size, hits, float(p)) for (size, hits), p in zip(counted, adjusted, strict=True)]


def _packed(rows: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint64]:
    """Return truths as bits, 64 to a number."""
    import numpy as np

    packed = np.packbits(rows, axis=1)
    short = -packed.shape[1] % 8
    return np.ascontiguousarray(np.pad(packed, ((0, 0), (0, short)))).view(np.uint64)


def _scores(
    sizes: npt.NDArray[np.int64], hits: npt.NDArray[np.int64], cases: int, positives: int
) -> npt.NDArray[np.float64]:
    """Return how many standard errors each share lies above the whole's; 0 where nothing can be said."""
    import numpy as np

    share = positives / cases if cases else 0.0
    variance = sizes * share * (1 - share) * (cases - sizes) / max(cases - 1, 1)
    spread = np.sqrt(np.maximum(variance, 0.0))
    return np.divide(hits - sizes * share, spread, out=np.zeros(len(sizes)), where=spread > 0)


def _likeness(one: Bits, other: Bits) -> float:
    """Return the share of the cases of either that both have."""
    import numpy as np

    both, either = (int(np.bitwise_count(bits).sum()) for bits in (one & other, one | other))
    return both / either if either else 1.0
