"""The probable duplicates of one workspace: looked for, shown with their values, decided on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.profiles.matching.fields import FIELDS
from tesela.profiles.matching.finding import MORE_LIKELY_THAN_NOT, find_duplicates
from tesela.profiles.matching.people import read_owners, read_people
from tesela.profiles.matching.proposals import decide, find_proposals, list_proposals, replace_open

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime
    from pathlib import Path

    from tesela.control import ControlStore
    from tesela.profiles.matching.finding import Found
    from tesela.profiles.matching.proposals import MatchProposal, State
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class Duplicates:
    """Who is probably one person under another spelling.

    Attributes:
        engine: The workspace's own warehouse; profiles must be up to date.
        control: Keeps proposals and what was decided on them.
    """

    engine: Engine
    control: ControlStore

    def find(
        self,
        scratch: Path,
        *,
        memory_limit: str,
        at: datetime,
        apart: Iterable[tuple[int, int]],
        least: float = MORE_LIKELY_THAN_NOT,
    ) -> tuple[Found, int, int]:
        """Look for duplicates; what is found takes the place of the open proposals.

        Returns what was found, how many proposals are new, and how many that were open have gone.

        Args:
            scratch: Folder for files in the making, which the engine may write and read.
            memory_limit: How much memory it may use before it spills to disk.
            at: When it is looked, naive UTC.
            apart: Pairs of subjects that people put apart.
            least: From which probability, in (0, 1).

        Raises:
            InputError: when `least` is no such share.
            UnavailableError: when the extra `match` is not installed.
        """
        decided = [each for each in list_proposals(self.control) if each.state != "open"]
        found = find_duplicates(
            self.engine, scratch, memory_limit=memory_limit, at=at, apart=apart, decided=decided, least=least
        )
        return found, *replace_open(self.control, found.proposals)

    def show(self, *, state: State = "open", least: float = 0.0, limit: int | None = None) -> list[MatchProposal]:
        """Return proposals with the values that were compared, the most probable first: personal data."""
        listed = list_proposals(self.control, state=state, least=least, limit=limit)
        owners = self.owners(listed)
        people = read_people(self.engine, owners.values())
        ends = [(owners.get(each.one, each.one), owners.get(each.other, each.other)) for each in listed]
        return [
            replace(each, profiles=both, values=_values(people, both)) for each, both in zip(listed, ends, strict=True)
        ]

    def known(self) -> list[MatchProposal]:
        """Return every proposal, whatever was decided on it, the most probable first."""
        return list_proposals(self.control)

    def choose(self, numbers: Sequence[int], above: float | None) -> list[MatchProposal]:
        """Return the proposals meant: those of some numbers whatever was decided, and open ones above a probability.

        Raises:
            InputError: when neither is given, or the probability is none.
            NotFoundError: when there is no proposal of a number.
        """
        if not numbers and above is None:
            raise InputError("profiles.matching.nothing_chosen")
        if above is not None and not 0 < above < 1:
            raise InputError("profiles.matching.bad_probability", value=above)
        named = find_proposals(self.control, numbers)
        rest = [] if above is None else list_proposals(self.control, state="open", least=above)
        return named + [each for each in rest if each.number not in set(numbers)]

    def owners(self, proposals: Iterable[MatchProposal]) -> dict[int, int]:
        """Return today's profiles of the people that proposals are about; who is gone is missing."""
        return read_owners(self.engine, [end for each in proposals for end in (each.one, each.other)])

    def owners_of(self, subjects: Iterable[int]) -> dict[int, int]:
        """Return today's profiles of subjects; who is gone is missing."""
        return read_owners(self.engine, list(subjects))

    def keep(self, decided: Iterable[MatchProposal]) -> None:
        """Write down what was decided."""
        decide(self.control, decided)


def _values(people: dict[int, dict[str, Any]], ends: tuple[int, int]) -> dict[str, tuple[str | None, str | None]]:
    one, other = (people.get(end, {}) for end in ends)
    return {
        field: (one.get(field), other.get(field))
        for field in FIELDS
        if one.get(field) is not None or other.get(field) is not None
    }
