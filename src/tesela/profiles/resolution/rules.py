"""The rules by which subjects are found to be one person, and what people decided by hand."""

from __future__ import annotations

from dataclasses import dataclass, field

from tesela.base import ConflictError, InputError
from tesela.events import IDENTIFIER_KINDS
from tesela.profiles.resolution.blocking import DEFAULT_BLOCKS, Block

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Limit:
    """How many distinct values of a kind that is unique per person a value may stand with before it is shared.

    Attributes:
        unique: The kind that is unique per person, without its source; each source is counted apart.
        most: How many distinct ones are still one person's, at least 1.
        kind: For values of this kind alone, instead of the limit for all; None for all kinds.
    """

    unique: str
    most: int = 1
    kind: str | None = None

    def __post_init__(self) -> None:
        if self.most < 1:
            raise InputError("profiles.resolution.limit_too_small", unique=self.unique, most=self.most)


DEFAULT_LIMITS: tuple[Limit, ...] = (
    # Two accounts of one source are two people until somebody says otherwise: to show one person's orders and
    # consents to another is worse than to miss a duplicate, which matching proposes and a person confirms.
    Limit("customer_id", 1),
    Limit("member_id", 1),
    # Cards are lost and replaced: a person has a few over the years, a till has hundreds.
    Limit("loyalty_card", 3),
)


@dataclass(frozen=True, slots=True)
class Decisions:
    """What people decided by hand, as it stands now; the history is kept elsewhere.

    Attributes:
        together: Pairs of subjects that are one person; chains join.
        apart: Pairs of subjects that are not, whatever their identifiers say.

    Raises:
        ConflictError: when `together` alone joins a pair of `apart`.
        InputError: when a pair is one subject.
    """

    together: frozenset[Pair] = frozenset()
    apart: frozenset[Pair] = frozenset()

    def __post_init__(self) -> None:
        for name in ("together", "apart"):
            pairs: frozenset[Pair] = getattr(self, name)
            for one, other in pairs:
                if one == other:
                    raise InputError("profiles.resolution.same_subject", subject=one)
            object.__setattr__(self, name, frozenset((min(pair), max(pair)) for pair in pairs))
        root = _roots(self.together)
        for one, other in sorted(self.apart):
            if root.get(one, one) == root.get(other, other):
                raise ConflictError("profiles.resolution.contradiction", one=one, other=other)


def _roots(pairs: frozenset[Pair]) -> dict[int, int]:
    """Return the smallest subject that the pairs join each subject with."""
    parent: dict[int, int] = {}

    def find(subject: int) -> int:
        while (above := parent.setdefault(subject, subject)) != subject:
            parent[subject] = parent[above]
            subject = above
        return subject

    for pair in pairs:
        low, high = sorted(map(find, pair))
        parent[high] = low
    return {subject: find(subject) for subject in parent}


@dataclass(frozen=True, slots=True)
class IdentityRules:
    """When subjects are one person.

    A kind may stand with its source, `customer_id:shop`: rules name it without (`customer_id`), and values of
    different sources are different values. Kinds that no rule names merge nobody.

    Attributes:
        merging: Kinds that merge, the strongest first.
        limits: Kinds that are unique per person, with their limits.
        largest: How many subjects a component may have; a larger one loses its weakest kinds until it fits. The
            default is out of reach for a person (a browser that forgets her every week makes 52 subjects a year).
        blocks: Values that merge nobody.
        decisions: What people decided by hand; neither limits nor `largest` stop it.
    """

    merging: tuple[str, ...] = IDENTIFIER_KINDS
    limits: tuple[Limit, ...] = DEFAULT_LIMITS
    largest: int = 1_000
    blocks: tuple[Block, ...] = DEFAULT_BLOCKS
    decisions: Decisions = field(default_factory=Decisions)

    def __post_init__(self) -> None:
        if self.largest < 1:
            raise InputError("profiles.resolution.component_too_small", largest=self.largest)
        if len(set(self.merging)) < len(self.merging):
            raise InputError("profiles.resolution.kind_twice", kinds=", ".join(self.merging))
        asked = [(limit.unique, limit.kind) for limit in self.limits]
        if len(set(asked)) < len(asked):
            raise InputError("profiles.resolution.limit_twice", kinds=", ".join(unique for unique, _ in asked))

    def rank(self, kind: str) -> int | None:
        """Return the place of a kind, 0 the strongest; None when it merges nobody."""
        name = base_kind(kind)
        return self.merging.index(name) if name in self.merging else None

    def most(self, kind: str, unique: str) -> int | None:
        """Return how many distinct values of `unique` a value of `kind` may stand with; None for any number."""
        limits = {limit.kind: limit.most for limit in self.limits if limit.unique == base_kind(unique)}
        return limits.get(base_kind(kind), limits.get(None))

    def is_unique(self, kind: str) -> bool:
        """Return whether some limit counts the values of a kind."""
        return any(limit.unique == base_kind(kind) for limit in self.limits)


def base_kind(kind: str) -> str:
    """Return a kind without its source.

    Example:
        >>> base_kind("customer_id:shop")
        'customer_id'
    """
    return kind.partition(":")[0]
