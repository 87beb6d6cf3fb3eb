"""What passed between two moments: which facts can have turned which segment, whose they are, and when."""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property
from typing import TYPE_CHECKING

from tesela.language import Sweep, find_sweeps
from tesela.segments.bitmaps import bitmap
from tesela.segments.facts import read_facts

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import datetime

    from pyroaring import BitMap64

    from tesela.segments.facts import Facts
    from tesela.segments.planning import Planner

# How often membership is computed again to tell which of several instants turned it.
_TRIES = 16


class Passage:
    """The time between two moments, for some rules.

    Args:
        planner: Plans the rules.
        since: The earlier moment, naive UTC.
        until: The later one.
    """

    def __init__(self, planner: Planner, since: datetime, until: datetime) -> None:
        self._planner = planner
        self.since = since
        self.until = until

    @cached_property
    def sweeps(self) -> Mapping[str, frozenset[Sweep] | None]:
        """The facts that can have turned each segment; None where nothing less than all profiles will do."""
        plan = self._planner.plan
        found = find_sweeps(plan(self.since), plan(self.until))
        if any(each is not None for each in found.values()):
            return found
        # two windows that meet at one of the moments are one column there: each segment by itself
        return {slug: find_sweeps(plan(self.since, [slug]), plan(self.until, [slug]))[slug] for slug in found}

    @cached_property
    def facts(self) -> Facts:
        """The facts themselves."""
        known = (sweeps for sweeps in self.sweeps.values() if sweeps is not None)
        return read_facts(self._planner.engine, frozenset[Sweep]().union(*known))

    def touched(self, slugs: Iterable[str]) -> BitMap64:
        """Return the profiles that can have entered or left some segments, whose sweeps must be known."""
        sweeps = frozenset[Sweep]().union(*(self.sweeps[slug] or () for slug in slugs))
        return self.facts.touched(sweeps)

    def turns(self, moved: Mapping[str, BitMap64], entered: Mapping[str, BitMap64]) -> dict[str, dict[int, datetime]]:
        """Return when profiles that moved did so: the own time of a fact, or the edge of a window over it.

        Where several instants come into question membership is computed again just before the later ones, a
        limited number of times; then the latest stands for all. Without a fact in this time it was one that has
        come in since, about an earlier time: the earlier moment stands for it.

        Args:
            moved: Who came or went, by slug.
            entered: Who of them came.
        """
        found: dict[str, dict[int, datetime]] = defaultdict(dict)
        unclear: dict[tuple[str, int], list[datetime]] = {}
        for slug, profiles in moved.items():
            sweeps = self.sweeps.get(slug)
            if sweeps is None or not profiles:
                continue
            instants = self.facts.instants(sweeps, profiles, self.since, self.until)
            for profile in profiles:
                own = instants.get(profile, set())
                if own is None:
                    continue
                found[slug][profile] = max(own, default=self.since)
                if len(own) > 1:
                    unclear[slug, profile] = sorted(own)
        self._settle(found, unclear, entered)
        return found

    def _settle(
        self,
        found: Mapping[str, dict[int, datetime]],
        unclear: dict[tuple[str, int], list[datetime]],
        entered: Mapping[str, BitMap64],
    ) -> None:
        for _ in range(_TRIES):
            waiting: dict[datetime, list[tuple[str, int]]] = defaultdict(list)
            for pair, instants in unclear.items():
                waiting[instants[-1]].append(pair)
            if not waiting:
                return
            instant, pairs = max(waiting.items(), key=lambda each: (len(each[1]), each[0]))
            before = self._members(instant, pairs)
            for slug, profile in pairs:
                if (profile in before[slug]) != (profile in entered[slug]):
                    # it was otherwise just before: this is when it turned
                    del unclear[slug, profile]
                    continue
                unclear[slug, profile].pop()
                found[slug][profile] = unclear[slug, profile][-1]
                if len(unclear[slug, profile]) == 1:
                    del unclear[slug, profile]

    def _members(self, as_of: datetime, pairs: Collection[tuple[str, int]]) -> Mapping[str, BitMap64]:
        slugs = list(dict.fromkeys(slug for slug, _ in pairs))
        return self._planner.compute(as_of, slugs, bitmap([profile for _, profile in pairs])).members
