"""Find the rules that describe a group of people, and show of each that it is no accident.

Half of the base finds rules; the other half, which had no say in finding them, says whether they hold. So however many
were tried, a rule that is returned is one of few that were verified, and its figures there are honest. By default
conditions about what the group's own rule asks are left out: they would only say it again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.estimators import find_subgroups, verify_subgroups
from tesela.language import dissect, parse
from tesela.segments.bitmaps import ids_of
from tesela.segments.discovery.conditions import Candidate, propose_conditions, subjects_of
from tesela.segments.sets import MemberSets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import numpy as np
    import numpy.typing as npt
    from pyroaring import BitMap64

    from tesela.estimators import Subgroup, Verified
    from tesela.segments.planning import Written
    from tesela.traits import Trait
    from tesela.warehouse import Engine

FEWEST = 20
"""A group, and the rest of the base, must have as many people for anything to be said."""

MOST_CONDITIONS = 4
SURE = 0.01
"""How seldom a rule may come by chance, corrected for all that were tried."""

# of one half so many look for rules: more would find the same ones later
_SEARCHING = 200_000
_CONDITIONS_A_PLAN = 150
_SHARE = 100


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that describes a group.

    Attributes:
        rule: In the language of the segments.
        conditions: What it is made of.
        size: How many of the base satisfy it.
        hits: How many of these are in the group.
        precision: Share of those who satisfy it that are in the group, 0 to 1.
        recall: Share of the group that satisfies it, 0 to 1.
        lift: How many times as large that share of the group is as in the base.
        held_size: How many of the half that had no say in finding it satisfy it.
        held_hits: How many of these are in the group.
        p_value: How often as many would be there by chance, corrected for all rules that were verified.
    """

    rule: str
    conditions: tuple[str, ...]
    size: int
    hits: int
    precision: float
    recall: float
    lift: float
    held_size: int
    held_hits: int
    p_value: float


@dataclass(frozen=True, slots=True)
class Discovery:
    """What describes a group.

    Attributes:
        as_of: The moment of truth, naive UTC.
        base: Profiles in the base.
        group: How many of them are in the group.
        findings: The rules, the most telling first.
        conditions: How many conditions there were to choose from.
        left_out: What the group's own rule is about: conditions about that were left out.
        tried: How many rules were looked at.
    """

    as_of: datetime
    base: int
    group: int
    findings: tuple[Finding, ...]
    conditions: int
    left_out: tuple[str, ...]
    tried: int


def discover_rules(
    engine: Engine,
    rules: Mapping[str, Written],
    asked: str,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
    more: Sequence[str] = (),
    own: bool = False,
    most: int = MOST_CONDITIONS,
    least: int | None = None,
    limit: int = 10,
    salt: int = 0,
) -> Discovery:
    """Return the rules that describe who is in a group.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        asked: Slug of the group's rule; the others are there to be named by `in segment`.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.
        more: Conditions of one's own to choose from beside the usual ones.
        own: Whether conditions about what the group's rule asks count too.
        most: How many conditions a rule may have, 1 to 4.
        least: How many of the base must satisfy a rule; by default one in a hundred, and 20 at least.
        limit: How many rules to return at most.
        salt: Parts the base in other halves.

    Raises:
        InputError: when the group or the rest of the base is too small, or a condition makes no sense.
    """
    if not 1 <= most <= MOST_CONDITIONS:
        raise InputError("segments.discovery.bad_most", most=most, limit=MOST_CONDITIONS)
    sets = MemberSets.at(engine, rules, as_of=as_of, zone=zone, traits=traits, asked=[asked])
    base, group = sets.base, sets.of(asked) & sets.base
    if min(len(group), len(base) - len(group)) < FEWEST:
        raise InputError("segments.discovery.too_few", group=len(group), base=len(base), least=FEWEST)
    enough = max(FEWEST, len(base) // _SHARE) if least is None else max(least, 1)
    subjects = frozenset[str]() if own else subjects_of(engine, rules, asked, as_of=as_of, zone=zone, traits=traits)
    chosen = [each for each in propose_conditions(engine, as_of=as_of, least=enough) if each.about not in subjects]
    chosen += [Candidate(text, "") for text in more]
    holds = _compute(engine, rules, chosen, as_of=as_of, zone=zone, traits=traits)
    findings, tried = describe_group(
        base, group, [each.text for each in chosen], holds, most=most, least=enough, limit=limit, salt=salt
    )
    return Discovery(as_of, len(base), len(group), tuple(findings), len(chosen), tuple(sorted(subjects)), tried)


def describe_group(
    base: BitMap64,
    group: BitMap64,
    conditions: Sequence[str],
    holds: Sequence[BitMap64],
    *,
    most: int = MOST_CONDITIONS,
    least: int = FEWEST,
    limit: int = 10,
    salt: int = 0,
) -> tuple[list[Finding], int]:
    """Return the rules made of some conditions that describe a group, and how many were tried.

    Args:
        base: Everybody.
        group: Who is to be described.
        conditions: What to choose from, as rules are written.
        holds: Who satisfies each.
        most: How many conditions a rule may have.
        least: How many of the base must satisfy a rule.
        limit: How many rules to return at most.
        salt: Parts the base in other halves.
    """
    halves = _Halves(base, group, salt)
    looking = halves.searching
    half = max(least * len(looking) // max(len(base), 1), 1)
    found = find_subgroups(
        halves.truths(holds, looking), halves.in_group(looking), most=most, least=half, limit=2 * limit
    )
    likely = [each for each in found.subgroups if _by_chance(each) * found.tried <= SURE]
    verified = _verified(halves, holds, likely)
    kept = [pair for pair in zip(likely, verified, strict=True) if pair[1].p_value <= SURE]
    findings = [_finding(each, there, conditions, holds, base, group) for each, there in kept]
    return [each for each in findings if each.size >= least][:limit], found.tried


def _verified(halves: _Halves, holds: Sequence[BitMap64], likely: Sequence[Subgroup]) -> list[Verified]:
    """Return what is left of the rules in the other half; only their own conditions are looked at there."""
    used = sorted({place for each in likely for place in each.conditions})
    own = [replace(each, conditions=tuple(map(used.index, each.conditions))) for each in likely]
    truths = halves.truths([holds[place] for place in used], halves.held)
    return verify_subgroups(truths, halves.in_group(halves.held), own)


def _compute(
    engine: Engine,
    rules: Mapping[str, Written],
    candidates: Sequence[Candidate],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None,
) -> list[BitMap64]:
    """Return who satisfies each condition, many of them in one plan."""
    found: list[BitMap64] = []
    for start in range(0, len(candidates), _CONDITIONS_A_PLAN):
        # names that no segment can have
        piece = {f"?{start + n}": each.text for n, each in enumerate(candidates[start : start + _CONDITIONS_A_PLAN])}
        sets = MemberSets.at(engine, {**rules, **piece}, as_of=as_of, zone=zone, traits=traits, asked=list(piece))
        found += [sets.of(name) for name in piece]
    return found


class _Halves:
    """The base in two halves at random, the same ones whenever they are made."""

    def __init__(self, base: BitMap64, group: BitMap64, salt: int) -> None:
        import numpy as np

        self._base, self._ids = base, ids_of(base).to_numpy()
        self._group = self._truth(group)
        drawn = _mixed(self._ids.astype(np.uint64), salt)
        order = np.argsort(drawn, kind="stable")
        middle = len(order) // 2
        self.searching, self.held = np.sort(order[: min(middle, _SEARCHING)]), np.sort(order[middle:])

    def truths(self, holds: Sequence[BitMap64], places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return of some of the base whether each condition holds: a row a condition."""
        import numpy as np

        rows = np.empty((len(holds), len(places)), np.bool_)
        for row, each in zip(rows, holds, strict=True):
            row[:] = self._truth(each)[places]
        return rows

    def in_group(self, places: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return of some of the base whether they are in the group."""
        return self._group[places]

    def _truth(self, profiles: BitMap64) -> npt.NDArray[np.bool_]:
        import numpy as np

        truth = np.zeros(len(self._ids), np.bool_)
        # both ascend: quicker than asking each of the base
        truth[np.searchsorted(self._ids, ids_of(profiles & self._base).to_numpy())] = True
        return truth


def _mixed(ids: npt.NDArray[np.uint64], salt: int) -> npt.NDArray[np.uint64]:
    """Return numbers that look drawn at random (the mixing of SplitMix64, by G. Steele, D. Lea and C. Flood, 2014)."""
    import numpy as np

    with np.errstate(over="ignore"):
        mixed = ids + np.uint64((salt + 1) * 0x9E3779B97F4A7C15 % 2**64)
        mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return mixed ^ (mixed >> np.uint64(31))


def _by_chance(each: Subgroup) -> float:
    from scipy.stats import norm

    return float(norm.sf(each.score))


def _finding(
    each: Subgroup,
    there: Verified,
    conditions: Sequence[str],
    holds: Sequence[BitMap64],
    base: BitMap64,
    group: BitMap64,
) -> Finding:
    inside = base.copy()
    for place in each.conditions:
        inside &= holds[place]
    texts = tuple(conditions[place] for place in each.conditions)
    size, hits = len(inside), len(inside & group)
    precision = hits / size if size else 0.0
    return Finding(
        rule=_joined(texts),
        conditions=texts,
        size=size,
        hits=hits,
        precision=precision,
        recall=hits / len(group),
        lift=precision * len(base) / len(group),
        held_size=there.size,
        held_hits=there.hits,
        p_value=there.p_value,
    )


def _joined(texts: Sequence[str]) -> str:
    """Return conditions as one rule; parts joined by other words than `and` keep together."""
    if len(texts) == 1:
        return texts[0]
    return " and ".join(each if dissect(parse(each)).join in ("one", "not", "all") else f"({each})" for each in texts)
