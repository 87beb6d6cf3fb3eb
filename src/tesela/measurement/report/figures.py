"""The figures of the report that are not KPIs: each is one statement, and a row of whole numbers.

Boundaries of months, of rungs and of buckets are computed here and bound as values; an engine only compares.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate, dropwhile
from typing import TYPE_CHECKING, Literal, get_args

from tesela.measurement.facts import ask
from tesela.measurement.months import first_days, is_over, month_bounds

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.warehouse import Engine

SHOWN_MONTHS = 36


@dataclass(frozen=True, slots=True)
class Month:
    """One local month.

    Attributes:
        first_day: Its first day.
        is_over: False for the last one when it had not ended at the moment of truth.
        arrived: Known profiles first seen in it.
        base: Size of the base at its end.
        orders: Orders of the base in it.
        revenue_e4: What they were worth, ten-thousandths of the shop's currency.
    """

    first_day: date
    is_over: bool
    arrived: int
    base: int
    orders: int
    revenue_e4: int


@dataclass(frozen=True, slots=True)
class Origin:
    """Where profiles of the base came from.

    Attributes:
        name: `first_source` as the sources told it; None when none did.
        size: Profiles of the base.
        buyers: Those with at least one order.
        revenue_e4: What their orders were worth, ten-thousandths of the shop's currency.
    """

    name: str | None
    size: int
    buyers: int
    revenue_e4: int


Rung = Literal["d7", "d30", "d60", "d90", "longer", "never_opened", "never_mailed"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
_RUNG_DAYS = (7, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A range of whole numbers, both ends included; no `last` means no end."""

    first: int
    last: int | None


RECENCY_DAYS = (Bucket(0, 29), Bucket(30, 59), Bucket(60, 89), Bucket(90, 179), Bucket(180, 364), Bucket(365, None))
FREQUENCY_ORDERS = (Bucket(1, 1), Bucket(2, 2), Bucket(3, 4), Bucket(5, 9), Bucket(10, None))


@dataclass(frozen=True, slots=True)
class Cell:
    """Buyers of one recency and one frequency.

    Attributes:
        recency: Days since their last order.
        frequency: How many orders they have.
        buyers: How many they are.
        revenue_e4: What all their orders were worth, ten-thousandths of the shop's currency.
    """

    recency: Bucket
    frequency: Bucket
    buyers: int
    revenue_e4: int


@dataclass(frozen=True, slots=True)
class Reach:
    """Who of the base can be written to through a channel, by their newest word on marketing.

    Attributes:
        channel: email, sms, ...
        yes: Profiles whose newest word, for some address of theirs, is yes.
        asked: Profiles that ever said yes or no.
    """

    channel: str
    yes: int
    asked: int


def find_months(engine: Engine, *, as_of: datetime, zone: ZoneInfo) -> tuple[Month, ...]:
    """Return growth and revenue by local month, the oldest first; at most the last 36 months, none when empty."""
    firsts = first_days(as_of, zone, SHOWN_MONTHS)
    months = {"months": month_bounds(firsts, as_of, zone)}
    found = engine.query(
        ask(
            """
            , arrived AS (
                SELECT place, count(*) AS arrived FROM months JOIN base
                ON first_seen_at >= starts_at AND first_seen_at < ends_at GROUP BY place
            ),
            sold AS (
                SELECT place, count(*) AS orders, sum(amount_e4)::BIGINT AS revenue_e4
                FROM (SELECT occurred_at, amount_e4 FROM orders JOIN base USING (profile_id)) AS o
                JOIN months ON occurred_at >= starts_at AND occurred_at < ends_at GROUP BY place
            )
            SELECT coalesce(arrived, 0) AS arrived, coalesce(orders, 0) AS orders,
                coalesce(revenue_e4, 0) AS revenue_e4
            FROM months LEFT JOIN arrived USING (place) LEFT JOIN sold USING (place) ORDER BY place
            """,
            *("base", "orders"),
            as_of=as_of,
            relations=months,
        )
    ).to_pylist()
    sizes = list(accumulate(row["arrived"] for row in found))
    rows = [
        Month(day, is_over(day, as_of, zone), base=size, **row)
        for day, size, row in zip(firsts, sizes[1:], found[1:], strict=True)
    ]
    return tuple(dropwhile(lambda month: not (month.base or month.orders), rows))


def find_origins(engine: Engine, *, as_of: datetime) -> tuple[Origin, ...]:
    """Return where the base came from, the largest origin first."""
    found = engine.query(
        ask(
            """
            SELECT first_source AS name, count(*) AS size, count(b.profile_id) AS buyers,
                coalesce(sum(b.revenue_e4), 0)::BIGINT AS revenue_e4
            FROM base AS p LEFT JOIN buyers AS b ON b.profile_id = p.profile_id
            GROUP BY first_source ORDER BY size DESC, name NULLS LAST
            """,
            *("base", "orders", "buyers"),
            as_of=as_of,
        )
    )
    return tuple(Origin(**row) for row in found.to_pylist())


def find_ladder(engine: Engine, *, as_of: datetime) -> dict[Rung, int]:
    """Return how many of the base stand on each rung: by their last open, each on one rung only."""
    since = {f"since_{days}": as_of - timedelta(days=days) for days in _RUNG_DAYS}
    found = engine.query(
        ask(
            """
            , standing AS (
                SELECT CASE
                    WHEN opened_at >= $since_7 THEN 'd7'
                    WHEN opened_at >= $since_30 THEN 'd30'
                    WHEN opened_at >= $since_60 THEN 'd60'
                    WHEN opened_at >= $since_90 THEN 'd90'
                    WHEN opened_at IS NOT NULL THEN 'longer'
                    WHEN m.profile_id IS NOT NULL THEN 'never_opened'
                    ELSE 'never_mailed' END AS rung
                FROM base AS b
                LEFT JOIN opens AS o ON o.profile_id = b.profile_id
                LEFT JOIN mailed AS m ON m.profile_id = b.profile_id
            )
            SELECT rung, count(*) AS size FROM standing GROUP BY rung
            """,
            *("base", "opens", "mailed"),
            as_of=as_of,
            relations=None,
            **since,
        )
    ).to_pylist()
    sizes = {row["rung"]: row["size"] for row in found}
    return {rung: sizes.get(rung, 0) for rung in RUNGS}


def find_cells(engine: Engine, *, as_of: datetime) -> tuple[Cell, ...]:
    """Return the buyers of the base by recency and frequency: every cell of the grid, empty ones too."""
    found = engine.query(
        ask(
            """
            SELECT r.place AS recency, f.place AS frequency, count(*) AS buyers,
                sum(revenue_e4)::BIGINT AS revenue_e4
            FROM buyers JOIN base USING (profile_id)
            JOIN recency_buckets AS r ON days >= r.first AND days <= r.last
            JOIN frequency_buckets AS f ON orders >= f.first AND orders <= f.last
            GROUP BY r.place, f.place
            """,
            *("base", "orders", "buyers"),
            as_of=as_of,
            relations={"recency_buckets": _edges(RECENCY_DAYS), "frequency_buckets": _edges(FREQUENCY_ORDERS)},
        )
    ).to_pylist()
    sums = {(row["recency"], row["frequency"]): (row["buyers"], row["revenue_e4"]) for row in found}
    return tuple(
        Cell(recency, frequency, *sums.get((i, j), (0, 0)))
        for i, recency in enumerate(RECENCY_DAYS)
        for j, frequency in enumerate(FREQUENCY_ORDERS)
    )


def count_anonymous(engine: Engine, *, as_of: datetime) -> int:
    """Return how many anonymous visitors there are beside the base."""
    found = engine.query(
        ask("SELECT count(*) AS n FROM {profiles} WHERE NOT is_known AND first_seen_at < $as_of", as_of=as_of)
    )
    return int(found.column("n").to_pylist()[0])


def find_reach(engine: Engine, *, as_of: datetime) -> tuple[Reach, ...]:
    """Return who said yes to marketing, by channel, the largest first; no channel without a statement."""
    found = engine.query(
        ask(
            """
            , newest AS (
                SELECT profile_id, channel, status, row_number() OVER (
                    PARTITION BY address, channel ORDER BY occurred_at DESC, status
                ) AS age
                FROM {consents}
                -- an objection to all channels is told by each channel's own row
                WHERE purpose = 'marketing' AND channel <> 'any' AND occurred_at < $as_of
            )
            SELECT channel, count(DISTINCT profile_id) FILTER (WHERE status = 'yes') AS yes,
                count(DISTINCT profile_id) AS asked
            FROM newest JOIN base USING (profile_id) WHERE age = 1
            GROUP BY channel ORDER BY yes DESC, channel
            """,
            "base",
            as_of=as_of,
        )
    )
    return tuple(Reach(**row) for row in found.to_pylist())


def _edges(buckets: tuple[Bucket, ...]) -> pa.Table:
    import pyarrow as pa

    no_end = 2**62
    return pa.table(
        {
            "place": pa.array(range(len(buckets)), pa.int64()),
            "first": pa.array([bucket.first for bucket in buckets], pa.int64()),
            "last": pa.array([no_end if bucket.last is None else bucket.last for bucket in buckets], pa.int64()),
        }
    )
