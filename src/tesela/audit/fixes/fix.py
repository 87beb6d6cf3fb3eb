"""The fix: what it would do to whom, before anything is done."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from tesela.audit.probes.duplicates import SURE
from tesela.base import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.profiles import cleaning

Kind = Literal["accept_typos", "normalise", "merge_duplicates", "suppress", "tag", "ask_permission"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""What a fix does: accepts what cleaning suggests, writes the standard name, makes people one, stops e-mails to
them, or puts a tag on them: to look at, or to ask for permission again."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a person chooses about a fix.

    Attributes:
        words: For `normalise`: what a value means, by the value as it is written.
        above: For proposals of duplicates: the probability from which they are accepted, in (0, 1); those that the
            check does not count are never accepted.
        tag: For `tag` and `ask_permission`: the tag; by default the check's key.
    """

    words: Mapping[str, str] = field(default_factory=dict)
    above: float = SURE
    tag: str = ""

    def __post_init__(self) -> None:
        if not 0 < self.above < 1:
            raise InputError("audit.fixes.bad_probability", value=self.above)


@dataclass(frozen=True, slots=True)
class Change:
    """What happens to one person: personal data.

    Attributes:
        profile_id: Who.
        known_as: How she is known.
        what: The field that changes, `stop`, `merge` or `tag`.
        before: What there is.
        after: What there will be.
    """

    profile_id: int
    known_as: str
    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FixPlan:
    """Exactly what a fix would do.

    Attributes:
        check: Key of the check.
        kind: What it does.
        changes: Whom it changes, and how: personal data.
        count_after: How many the check would find afterwards.
        accepted: Values that others take the place of.
        pairs: People who are made one, by the numbers of their profiles.
        proposals: Numbers of the proposals of duplicates that are accepted.
        addresses: Kind and value of the addresses that are stopped or tagged.
        tag: The tag.
        left: Whom it leaves as they are, by reason (`audit.fixes.left.REASON`).
    """

    check: str
    kind: Kind
    changes: tuple[Change, ...] = ()
    count_after: int = 0
    accepted: tuple[cleaning.Accepted, ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    proposals: tuple[int, ...] = ()
    addresses: tuple[tuple[str, str], ...] = ()
    tag: str = ""
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def people(self) -> int:
        """How many people it changes."""
        return len({change.profile_id for change in self.changes})
