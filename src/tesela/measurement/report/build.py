"""Build everything that the report shows: figures and words, no drawing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.measurement.kpis import SegmentKPIs, compute_kpis

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

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
    """

    shop_name: str
    as_of: datetime
    zone: ZoneInfo
    currency: str
    segments: tuple[Segment, ...]
    kpis: Mapping[str, SegmentKPIs]


def build_report(
    engine: Engine,
    *,
    segments: Sequence[Segment],
    as_of: datetime,
    zone: ZoneInfo,
    currency: str,
    shop_name: str,
) -> Report:
    """Compute the figures of the report at a moment; nothing is written.

    Args:
        engine: Where the events, profiles and memberships are.
        segments: The segments to show; their current members are meant.
        as_of: The moment of truth, naive UTC.
        zone: The shop's time zone: months begin in it.
        currency: ISO 4217 code of the shop's currency.
        shop_name: What the shop is called.
    """
    return Report(
        shop_name=shop_name,
        as_of=as_of,
        zone=zone,
        currency=currency,
        segments=tuple(segments),
        kpis=compute_kpis(engine, [segment.slug for segment in segments], as_of=as_of),
    )
