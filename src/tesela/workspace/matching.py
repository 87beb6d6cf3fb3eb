"""Probable duplicates of a workspace: who is one person under another spelling, for people to decide."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela import profiles
from tesela.base import ConflictError, NotFoundError
from tesela.workspace.folder import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

_BATCH = 20


@dataclass(frozen=True, slots=True)
class MatchSummary:
    """What a search for duplicates came to.

    Attributes:
        waiting: Proposals that wait for a decision now.
        new: Of them, those that were not there before.
        gone: Proposals that were open before and are no more: their people are not alike any longer, or are one.
        pairs: How many pairs of people were looked at closely.
        crowded: People who hang together with so many that none of them is proposed: a value that stands for nothing.
    """

    waiting: int
    new: int
    gone: int
    pairs: int
    crowded: int


class Matching:
    """Finds people who are probably one, and merges those that somebody accepts.

    Args:
        stores: The open stores.
        clock: Tells the present.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def find(self, *, least: float = 0.5) -> MatchSummary:
        """Look for the same person under another spelling; what is found waits for a decision.

        The same data give the same proposals. A pair that was decided on comes back only when its data changed.

        Args:
            least: From which probability, in (0, 1).

        Raises:
            InputError: when `least` is no such share.
            UnavailableError: when the extra `match` is not installed.
        """
        stores = self._stores
        stores.refresh()
        decisions = profiles.decisions_of(stores.identity.acts(stores.control))
        with scratch_folder(stores.layout) as scratch:
            found, new, gone = self._duplicates().find(
                scratch,
                memory_limit=stores.settings.memory_limit,
                at=self._clock.now(),
                apart=decisions.apart,
                least=least,
            )
        return MatchSummary(len(found.proposals), new, gone, found.pairs, found.crowded)

    def review(self, limit: int = _BATCH, *, least: float = 0.0) -> list[profiles.MatchProposal]:
        """Return a batch of open proposals with the values of both people, the most probable first: personal data.

        Args:
            limit: How many.
            least: Only those at least so probable.
        """
        self._stores.refresh()
        return self._duplicates().show(least=least, limit=limit)

    def accept(
        self, numbers: Sequence[int] = (), *, above: float | None = None, actor: str, note: str = ""
    ) -> list[profiles.MatchProposal]:
        """Merge the people of proposals: of some numbers, and of all open ones above a probability.

        Each merge is an act of its own, which `ws.profiles.undo` takes back; who is one person already stays so.

        Args:
            numbers: Of the proposals; one that was rejected can still be accepted.
            above: The probability, in (0, 1).
            actor: Who decides.
            note: Why.

        Raises:
            InputError: when neither numbers nor a probability are given, or it is none.
            NotFoundError: when there is no proposal of a number, or its people are gone.
            ConflictError: when what was decided by hand since contradicts it.
        """
        stores = self._stores
        stores.refresh()
        duplicates = self._duplicates()
        chosen = duplicates.choose(numbers, above)
        owners = duplicates.owners(chosen)
        self._require_there([each for each in chosen if each.number in set(numbers)], owners)
        merging = [each for each in chosen if _are_two(each, owners)]
        acts = stores.decide_all(self._merges(merging, actor, note)) if merging else []
        by_number = {each.number: act.number for each, act in zip(merging, acts, strict=True)}
        made = [
            each.decided("accepted", at=self._clock.now(), actor=actor, note=note, act=act)
            for each in chosen
            if (act := by_number.get(each.number)) is not None or _are_one(each, owners)
        ]
        duplicates.keep(made)
        return made

    def reject(self, numbers: Sequence[int], *, actor: str, note: str = "") -> list[profiles.MatchProposal]:
        """Say that the people of proposals are two: the pair comes back only when its data changed.

        Args:
            numbers: Of the proposals.
            actor: Who decides.
            note: Why.

        Raises:
            InputError: when no number is given.
            NotFoundError: when there is no proposal of a number.
            ConflictError: when they were merged after it; that must be undone first.
        """
        self._stores.refresh()
        duplicates = self._duplicates()
        chosen = duplicates.choose(numbers, None)
        owners = duplicates.owners(chosen)
        for each in chosen:
            if each.act is not None and _are_one(each, owners):
                raise ConflictError("profiles.matching.merged_already", number=each.number, act=each.act)
        made = [each.decided("rejected", at=self._clock.now(), actor=actor, note=note) for each in chosen]
        duplicates.keep(made)
        return made

    def _duplicates(self) -> profiles.Duplicates:
        return profiles.Duplicates(self._stores.warehouse, self._stores.control)

    def _merges(self, merging: Sequence[profiles.MatchProposal], actor: str, note: str) -> list[profiles.Act]:
        stores, now = self._stores, self._clock.now()
        with scratch_folder(stores.layout) as scratch:
            resolution = stores.identity.current(stores.warehouse, stores.control, scratch)
        acts = [
            profiles.Act(
                "merge",
                *(each.one, each.other, actor, now, note),
                stores.identity.plan("merge", resolution, each.one, each.other),
            )
            for each in merging
        ]
        # refused here where it contradicts what was decided before
        profiles.decisions_of([*stores.identity.acts(stores.control), *acts])
        return acts

    @staticmethod
    def _require_there(named: Iterable[profiles.MatchProposal], owners: dict[int, int]) -> None:
        for each in named:
            if each.one not in owners or each.other not in owners:
                raise NotFoundError("profiles.matching.people_gone", number=each.number)


def _are_two(proposal: profiles.MatchProposal, owners: dict[int, int]) -> bool:
    ends = owners.get(proposal.one), owners.get(proposal.other)
    return None not in ends and ends[0] != ends[1]


def _are_one(proposal: profiles.MatchProposal, owners: dict[int, int]) -> bool:
    return proposal.one in owners and owners[proposal.one] == owners.get(proposal.other)
