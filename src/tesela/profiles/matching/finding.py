"""Find people who are probably one: the same person under another spelling."""

from __future__ import annotations

import contextlib
import hashlib
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.profiles.matching.opening import open_scorer
from tesela.profiles.matching.people import read_owners, read_people, write_people
from tesela.profiles.matching.proposals import MatchProposal

if TYPE_CHECKING:
    from collections.abc import Iterable, Set
    from datetime import datetime
    from pathlib import Path

    from tesela.profiles.matching.grouping import Link
    from tesela.profiles.matching.pairs import Evidence, PairScorer
    from tesela.warehouse import Engine

MORE_LIKELY_THAN_NOT = 0.5
"""From which probability people are proposed to be one, unless told otherwise."""


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a search found.

    Attributes:
        proposals: The most probable first; accepting all those above a probability makes groups without
            contradictions.
        pairs: How many pairs of people were looked at closely.
        crowded: People who hang together with so many that none of them is proposed: a value that stands for nothing.
    """

    proposals: tuple[MatchProposal, ...]
    pairs: int
    crowded: int


def find_duplicates(
    engine: Engine,
    scratch: Path,
    *,
    memory_limit: str,
    at: datetime,
    apart: Iterable[tuple[int, int]] = (),
    decided: Iterable[MatchProposal] = (),
    least: float = MORE_LIKELY_THAN_NOT,
) -> Found:
    """Find the people who are probably one. The same data give the same proposals.

    Args:
        engine: The workspace's own warehouse; profiles must be up to date.
        scratch: Folder for files in the making, which the engine may write and read.
        memory_limit: How much memory scoring may use before it spills to disk.
        at: When it is looked, naive UTC.
        apart: Pairs of subjects that people put apart.
        decided: Proposals that were decided on: as long as the data are the same, the pair does not come back.
        least: From which probability, in (0, 1).

    Raises:
        InputError: when `least` is no such share.
        UnavailableError: when the extra `match` is not installed.
    """
    if not 0 < least < 1:
        raise InputError("profiles.matching.bad_probability", value=least)
    file = scratch / "people.parquet"
    write_people(engine, file)
    with contextlib.closing(open_scorer(file, scratch, memory_limit=memory_limit)) as scorer:
        # brings SciPy
        from tesela.profiles.matching.grouping import group_pairs

        pairs = scorer.score()
        kept_apart = _apart(engine, apart, decided)
        links, crowded = group_pairs(pairs, scorer.score_within, apart=kept_apart, least=math.log2(least / (1 - least)))
        return Found(tuple(_proposals(engine, scorer, links, at)), len(pairs.one), crowded)


def fingerprint_of(one: str, other: str) -> str:
    """Return what tells the values of two people from what they were, from the digests of each."""
    return hashlib.sha256(f"{one}|{other}".encode()).hexdigest()[:16]


def _apart(engine: Engine, apart: Iterable[tuple[int, int]], decided: Iterable[MatchProposal]) -> Set[tuple[int, int]]:
    """Return the pairs of profiles that are two people: put apart by hand, or decided on and the same since."""
    put, told = list(apart), list(decided)
    subjects = [end for pair in put for end in pair] + [end for each in told for end in (each.one, each.other)]
    owners = read_owners(engine, subjects)
    people = read_people(engine, [owners[end] for each in told for end in (each.one, each.other) if end in owners])
    found = {_pair(owners[one], owners[other]) for one, other in put if one in owners and other in owners}
    for each in told:
        pair = _pair(owners.get(each.one, -1), owners.get(each.other, -1))
        if all(end in people for end in pair):
            digests = [people[end]["digest"] for end in pair]
            if fingerprint_of(*digests) == each.fingerprint:
                found.add(pair)
    return found


def _proposals(engine: Engine, scorer: PairScorer, links: list[Link], at: datetime) -> list[MatchProposal]:
    told: list[tuple[Evidence, ...]] = scorer.explain([(link.one, link.other) for link in links])
    people = read_people(engine, [end for link in links for end in (link.one, link.other)])
    return [
        MatchProposal(
            link.one,
            link.other,
            round(1 / (1 + 2**-link.weight), 6),
            link.weight,
            evidence,
            fingerprint_of(people[link.one]["digest"], people[link.other]["digest"]),
            at,
        )
        for link, evidence in zip(links, told, strict=True)
    ]


def _pair(one: int, other: int) -> tuple[int, int]:
    return (one, other) if one < other else (other, one)
