"""Compute who is in each segment now: all profiles, or those alone who can have come or gone."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tesela.segments.bitmaps import bitmap

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from pyroaring import BitMap64

    from tesela.segments.passing import Passage
    from tesela.segments.planning import Planner
    from tesela.segments.sets import MemberSets

FEW = 0.2
"""Share of the base above which computing all profiles is as quick."""


class Now(NamedTuple):
    """Who is in each segment.

    Attributes:
        members: Profiles by slug.
        base: Known profiles.
        computed: How many profiles were computed; None is all.
    """

    members: dict[str, BitMap64]
    base: BitMap64
    computed: int | None


def compute_now(
    planner: Planner,
    as_of: datetime,
    *,
    last: MemberSets | None,
    passage: Passage | None,
    steady: Collection[str],
    changed: Collection[int] | None,
    few: float = FEW,
) -> Now:
    """Return who is in each segment at a moment.

    Args:
        planner: Plans the segments.
        as_of: The moment of truth, naive UTC.
        last: Who was in, by the newest publication.
        passage: The time since then.
        steady: Segments that were published then and mean the same now.
        changed: Profiles about whom something has come in since; None when that is not known.
        few: Share of the base up to which some profiles are computed rather than all.
    """
    if last is None or passage is None or changed is None:
        return _all(planner, as_of)
    swept = [slug for slug in planner.slugs if slug in steady and passage.sweeps[slug] is not None]
    touched = (passage.touched(swept) | bitmap(list(changed))) if swept else bitmap([])
    if not swept or len(touched) > few * len(last.base):
        return _all(planner, as_of)
    some = planner.compute(as_of, swept, touched)
    members = {slug: (last.members[slug] - touched) | some.members[slug] for slug in swept}
    rest = [slug for slug in planner.slugs if slug not in members]
    if rest:
        whole = planner.compute(as_of, rest)
        return Now({**members, **whole.members}, whole.base, None)
    return Now(members, (last.base - touched) | some.base, len(touched))


def _all(planner: Planner, as_of: datetime) -> Now:
    computed = planner.compute(as_of)
    return Now(computed.members, computed.base, None)
