"""Measure segments and the base: all of them in two queries, however many there are."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, from_e4
from tesela.measurement.facts import BASE, ask, slug_relation
from tesela.measurement.metrics import METRICS
from tesela.measurement.tables import MEASUREMENTS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.warehouse import Engine

_PLACES = Decimal("0.0001")
_WHOLE = frozenset({"size", "buyers", "orders", "days_since_last_order"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentKPIs:
    """What a segment, or the base, was worth at a moment.

    Ratios are rounded to four decimals, as they stand in `measurements`. A value is None where it is
    undefined: an average without orders, a share of nothing.

    Attributes:
        scope: Slug of the segment, or `base`.
        as_of: The moment of truth, naive UTC.
        size: Profiles in it.
        share_of_base: Size as a share of the base, 0 to 1.
        buyers: Profiles with at least one order.
        orders: Their orders, without the cancelled.
        revenue: Sum of these orders in the shop's currency, before refunds.
        share_of_revenue: Revenue as a share of the base's, 0 to 1.
        orders_per_profile: Orders over profiles, those without orders included.
        average_order_value: Revenue over orders, shop's currency.
        repeat_rate: Profiles with two or more orders as a share of buyers, 0 to 1.
        days_since_last_order: Median of the buyers, whole days of 24 hours; the lower one of two.
        revenue_per_profile: Revenue over profiles, shop's currency.
        net_revenue: Revenue minus refunds, each counted at its own time, shop's currency.
    """

    scope: str
    as_of: datetime
    size: int
    share_of_base: Decimal | None
    buyers: int
    orders: int
    revenue: Decimal
    share_of_revenue: Decimal | None
    orders_per_profile: Decimal | None
    average_order_value: Decimal | None
    repeat_rate: Decimal | None
    days_since_last_order: int | None
    revenue_per_profile: Decimal | None
    net_revenue: Decimal

    def to_dict(self) -> dict[str, int | Decimal | None]:
        """Return the value of every metric by its key."""
        return {metric.key: getattr(self, metric.key) for metric in METRICS}


def measure_segments(engine: Engine, slugs: Sequence[str], *, as_of: datetime) -> dict[str, SegmentKPIs]:
    """Measure the base and segments at a moment, and keep the figures in `measurements`, all or nothing.

    Measuring twice for the same moment changes nothing.

    Args:
        engine: Where the events, profiles and memberships are.
        slugs: Which segments; their current members are meant.
        as_of: The moment of truth, naive UTC.

    Returns:
        KPIs by scope: `base` first, then the slugs in their order.

    Raises:
        InputError: when a segment is called `base`.
    """
    measured = compute_kpis(engine, slugs, as_of=as_of)
    engine.write(_record(measured.values(), as_of))
    return measured


def read_kpis(engine: Engine) -> dict[str, SegmentKPIs]:
    """Return the newest figures that were kept of the base and of each segment; empty before the first."""
    rows = engine.query(
        statement(
            "SELECT metric, scope, as_of, value FROM {measurements}"
            " WHERE as_of = (SELECT max(as_of) FROM {measurements})",
            tables={"measurements": MEASUREMENTS},
        )
    ).to_pylist()
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        value = row["value"]
        whole = value is not None and row["metric"] in _WHOLE
        told = found.setdefault(row["scope"], {"scope": row["scope"], "as_of": row["as_of"]})
        told[row["metric"]] = int(value) if whole else value
    return {scope: SegmentKPIs(**told) for scope, told in found.items()}


def read_trend(engine: Engine, metric: str, *, limit: int) -> dict[str, list[Decimal | None]]:
    """Return how a metric went at the newest moments that figures were kept of, the oldest first, by scope."""
    rows = engine.query(
        statement(
            "SELECT scope, list(value ORDER BY as_of) AS went FROM {measurements} WHERE metric = $metric AND as_of IN"
            " (SELECT DISTINCT as_of FROM {measurements} ORDER BY as_of DESC LIMIT $limit) GROUP BY scope",
            tables={"measurements": MEASUREMENTS},
            metric=metric,
            limit=limit,
        )
    )
    return {row["scope"]: row["went"] for row in rows.to_pylist()}


def compute_kpis(
    engine: Engine, slugs: Sequence[str], *, as_of: datetime, members: pa.Table | None = None
) -> dict[str, SegmentKPIs]:
    """Return the KPIs of the base and of segments, writing nothing.

    Args:
        engine: Where the events, profiles and memberships are.
        slugs: Which segments.
        as_of: The moment of truth, naive UTC.
        members: Who is in them: rows of segment, profile_id, left_at; by default the current memberships.

    Raises:
        InputError: when a segment is called `base`.
    """
    if BASE in slugs:
        raise InputError("measurement.reserved_slug", slug=BASE)
    relations = slug_relation(slugs, members)
    sums = {row["scope"]: row for row in engine.query(_sums(as_of, relations)).to_pylist()}
    days = {row["scope"]: row["days"] for row in engine.query(_median_days(as_of, relations)).to_pylist()}
    base = sums.get(BASE, _NOTHING)
    return {scope: _kpis(scope, sums.get(scope, _NOTHING), base, days.get(scope), as_of) for scope in (BASE, *slugs)}


_NOTHING: dict[str, int] = dict.fromkeys(("size", "buyers", "repeat_buyers", "orders", "revenue_e4", "refunded_e4"), 0)


def _sums(as_of: datetime, relations: dict[str, Any]) -> Statement:
    return ask(
        """
        SELECT scope, count(*) AS size, count(b.profile_id) AS buyers,
            count(*) FILTER (WHERE b.orders >= 2) AS repeat_buyers,
            coalesce(sum(b.orders), 0)::BIGINT AS orders,
            coalesce(sum(b.revenue_e4), 0)::BIGINT AS revenue_e4,
            coalesce(sum(r.refunded_e4), 0)::BIGINT AS refunded_e4
        FROM members AS m
        LEFT JOIN buyers AS b ON b.profile_id = m.profile_id
        LEFT JOIN refunds AS r ON r.profile_id = m.profile_id
        GROUP BY scope
        """,
        *("base", "members", "orders", "buyers", "refunds"),
        as_of=as_of,
        relations=relations,
    )


def _median_days(as_of: datetime, relations: dict[str, Any]) -> Statement:
    """Return the lower median by rank: the first day count that half of the buyers have reached."""
    return ask(
        """
        , counted AS (
            SELECT scope, days, count(*) AS buyers
            FROM members JOIN buyers USING (profile_id) GROUP BY scope, days
        ),
        ranked AS (
            SELECT scope, days,
                sum(buyers) OVER (PARTITION BY scope ORDER BY days) AS reached,
                sum(buyers) OVER (PARTITION BY scope) AS total
            FROM counted
        )
        SELECT scope, min(days) AS days FROM ranked WHERE 2 * reached >= total GROUP BY scope
        """,
        *("base", "members", "orders", "buyers"),
        as_of=as_of,
        relations=relations,
    )


def _kpis(scope: str, sums: dict[str, int], base: dict[str, int], days: int | None, as_of: datetime) -> SegmentKPIs:
    size, buyers, orders, revenue_e4 = sums["size"], sums["buyers"], sums["orders"], sums["revenue_e4"]
    return SegmentKPIs(
        scope=scope,
        as_of=as_of,
        size=size,
        share_of_base=_ratio(size, base["size"]),
        buyers=buyers,
        orders=orders,
        revenue=from_e4(revenue_e4),
        share_of_revenue=_ratio(revenue_e4, base["revenue_e4"]),
        orders_per_profile=_ratio(orders, size),
        average_order_value=_money_per(revenue_e4, orders),
        repeat_rate=_ratio(sums["repeat_buyers"], buyers),
        days_since_last_order=days,
        revenue_per_profile=_money_per(revenue_e4, size),
        net_revenue=from_e4(revenue_e4 - sums["refunded_e4"]),
    )


def _ratio(part: int, whole: int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(_PLACES, ROUND_HALF_EVEN) if whole else None


def _money_per(amount_e4: int, count: int) -> Decimal | None:
    return (from_e4(amount_e4) / count).quantize(_PLACES, ROUND_HALF_EVEN) if count else None


def _record(measured: Iterable[SegmentKPIs], as_of: datetime) -> list[Statement]:
    import pyarrow as pa

    rows = [
        {
            "metric": metric.key,
            "scope": kpis.scope,
            "as_of": as_of,
            "value": None if (value := getattr(kpis, metric.key)) is None else Decimal(value),
            "n": getattr(kpis, metric.grain),
        }
        for kpis in measured
        for metric in METRICS
    ]
    schema = pa.schema(
        [
            ("metric", pa.string()),
            ("scope", pa.string()),
            ("as_of", pa.timestamp("us")),
            ("value", pa.decimal128(18, 4)),
            ("n", pa.int64()),
        ]
    )
    figures = {"figures": pa.Table.from_pylist(rows, schema=schema)}
    tables = {"measurements": MEASUREMENTS}
    return [
        statement(
            "DELETE FROM {measurements} WHERE as_of = $as_of AND scope IN (SELECT scope FROM figures)",
            tables=tables,
            relations=figures,
            as_of=as_of,
        ),
        statement("INSERT INTO {measurements} BY NAME SELECT * FROM figures", tables=tables, relations=figures),
    ]
