"""Build everything that the report shows: figures and words, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.measurement.facts import BASE
from tesela.measurement.kpis import SegmentKPIs, compute_kpis
from tesela.measurement.report import figures

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.segments import Segment
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the report shows, in no language yet.

    Attributes:
        shop_name: What the shop is called.
        as_of: The moment of truth, naive UTC.
        zone: The shop's time zone.
        currency: ISO 4217 code of the shop's currency.
        segments: The segments, in their order.
        kpis: KPIs by scope: `base` and every slug.
        months: Growth and revenue by month, the oldest first.
        origins: Where the base came from, the largest first.
        ladder: How many of the base last opened an e-mail when.
        cells: Buyers by recency and frequency.
        anonymous: Anonymous visitors beside the base.
        reach: Who can be written to, by channel.
    """

    shop_name: str
    as_of: datetime
    zone: ZoneInfo
    currency: str
    segments: tuple[Segment, ...]
    kpis: Mapping[str, SegmentKPIs]
    months: tuple[figures.Month, ...]
    origins: tuple[figures.Origin, ...]
    ladder: Mapping[figures.Rung, int]
    cells: tuple[figures.Cell, ...]
    anonymous: int
    reach: tuple[figures.Reach, ...]

    @property
    def base(self) -> SegmentKPIs:
        """KPIs of the whole base."""
        return self.kpis[BASE]


def build_report(
    engine: Engine,
    *,
    segments: Sequence[Segment],
    as_of: datetime,
    zone: ZoneInfo,
    currency: str,
    shop_name: str,
    members: pa.Table | None = None,
) -> Report:
    """Compute the figures of the report at a moment; nothing is written.

    Args:
        engine: Where the events, profiles and memberships are.
        segments: The segments to show; their current members are meant.
        as_of: The moment of truth, naive UTC.
        zone: The shop's time zone: months begin in it.
        currency: ISO 4217 code of the shop's currency.
        shop_name: What the shop is called.
        members: Who is in the segments: rows of segment, profile_id, left_at; by default the current memberships.
    """
    return Report(
        shop_name=shop_name,
        as_of=as_of,
        zone=zone,
        currency=currency,
        segments=tuple(segments),
        kpis=compute_kpis(engine, [segment.slug for segment in segments], as_of=as_of, members=members),
        months=figures.find_months(engine, as_of=as_of, zone=zone),
        origins=figures.find_origins(engine, as_of=as_of),
        ladder=figures.find_ladder(engine, as_of=as_of),
        cells=figures.find_cells(engine, as_of=as_of),
        anonymous=figures.count_anonymous(engine, as_of=as_of),
        reach=figures.find_reach(engine, as_of=as_of),
    )
