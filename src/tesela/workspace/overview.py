"""All segments at a glance: their newest sizes, how they went, what they are worth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela import measurement, segments
from tesela.base import NotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tesela.workspace.stores import Stores

_TREND = 30


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """One segment with its newest figures.

    Attributes:
        segment: Its definition.
        size: Members as published last; None when it never was.
        entered: Who came with that publication.
        left: Who went with it.
        trend: Sizes at the newest runs of the main job, the oldest first.
        kpis: What it was worth when the main job ran last; None when it was not there yet.
    """

    segment: segments.Segment
    size: int | None = None
    entered: int | None = None
    left: int | None = None
    trend: Sequence[int] = ()
    kpis: measurement.SegmentKPIs | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """All segments.

    Attributes:
        rows: The segments, in the order of their files.
        as_of: Moment of the newest publication; None when nothing was published.
        base: Known people of the base then.
        kpis: What the base was worth when the main job ran last.
    """

    rows: Sequence[SegmentLine]
    as_of: datetime | None = None
    base: int | None = None
    kpis: measurement.SegmentKPIs | None = None


def look_over(stores: Stores, defined: Sequence[segments.Segment], files: segments.SetFiles) -> Overview:
    """Return all segments with their newest figures; nothing is computed."""
    measured = measurement.read_kpis(stores.engine)
    trends = measurement.read_trend(stores.engine, "size", limit=_TREND)
    try:
        sets = files.load(stores.engine)
    except NotFoundError:
        return Overview([SegmentLine(each) for each in defined])
    # with the first publication everybody is new, and nobody came
    is_first = len(segments.list_publications(stores.engine)) == 1
    moved = {} if is_first else segments.history.count_moves(stores.engine, sets.publication.as_of)
    rows = []
    for each in defined:
        if each.slug not in sets.members:
            rows.append(SegmentLine(each))
            continue
        came, went = moved.get(each.slug, (0, 0))
        trend = [int(size) for size in trends.get(each.slug, ()) if size is not None]
        rows.append(SegmentLine(each, len(sets.members[each.slug]), came, went, trend, measured.get(each.slug)))
    return Overview(rows, sets.publication.as_of, len(sets.base), measured.get("base"))
