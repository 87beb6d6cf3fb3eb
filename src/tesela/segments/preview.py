"""Show what another rule for a segment would do, before it is saved."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.language import answer, named_segments
from tesela.segments.bitmaps import bitmap, members_of
from tesela.segments.planning import Written, plan_rules, rule_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap64

    from tesela.traits import Trait
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class Difference:
    """What becomes of the members of one segment.

    Attributes:
        segment: Slug.
        before: How many are in by the present rule.
        after: How many would be.
        entering: Who would come in.
        leaving: Who would go.
    """

    segment: str
    before: int
    after: int
    entering: BitMap64
    leaving: BitMap64


@dataclass(frozen=True, slots=True)
class Preview:
    """What another rule would do.

    Attributes:
        as_of: The moment of truth, naive UTC.
        change: What becomes of the segment itself.
        dependents: What becomes of the segments that name it, directly or through others, by slug.
        is_new: Whether the segment is not defined yet.
    """

    as_of: datetime
    change: Difference
    dependents: tuple[Difference, ...]
    is_new: bool


def preview_change(
    engine: Engine,
    rules: Mapping[str, Written],
    segment: str,
    rule: Written,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> Preview:
    """Compute a segment and all that depend on it by the present rule and by another; nothing is written.

    Args:
        engine: Where the events and profiles are.
        rules: The present rules by slug.
        segment: Slug of the segment that is to change, or of one to be made.
        rule: Its other rule.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.

    Raises:
        InputError: where the rule cannot be read, or segments would wait for one another.
        NotFoundError: where the rule names what does not exist.
    """
    changed = {**rules, segment: rule}
    dependents = dependents_of(segment, changed)

    def members(written: Mapping[str, Written]) -> dict[str, BitMap64]:
        asked = [slug for slug in (segment, *dependents) if slug in written]
        if not asked or segment not in written:
            return {}
        plan = plan_rules(engine, written, as_of=as_of, zone=zone, asked=asked, traits=traits)
        return members_of(plan, answer(engine, plan))

    # the other one first: what is wrong with it should be told before anything is computed
    after, before = members(changed), members(rules)
    differences = [_difference(slug, before, after) for slug in (segment, *dependents)]
    return Preview(as_of, differences[0], tuple(differences[1:]), segment not in rules)


def dependents_of(segment: str, rules: Mapping[str, Written]) -> list[str]:
    """Return the slugs of the segments that name a segment, directly or through others, in the rules' order."""
    named = {slug: named_segments(rule_of(rule)) for slug, rule in rules.items()}
    found = {segment}
    grows = True
    while grows:
        more = {slug for slug, names in named.items() if names & found} - found
        found |= more
        grows = bool(more)
    return [slug for slug in rules if slug in found and slug != segment]


def _difference(slug: str, before: Mapping[str, BitMap64], after: Mapping[str, BitMap64]) -> Difference:
    old, new = before.get(slug, bitmap([])), after[slug]
    return Difference(slug, len(old), len(new), new - old, old - new)
