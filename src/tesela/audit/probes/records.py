"""Orders that cannot be what they say, and rows that could not be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unheard, Unknown
from tesela.events import IDENTIFIER_KINDS, RECORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.audit.ground import Ground

_OF_ORDERS = ("orders_without_customer", "orders_cancelled", "zero_or_negative_amounts", "orders_in_future")
_TABLES = {"heads": RECORDS["orders"], "lines": RECORDS["order-lines"]}
_SAMPLES = 5
_NOBODY = " AND ".join(f"{kind} IS NULL" for kind in IDENTIFIER_KINDS)
_HEAD_OF_NOBODY = " AND ".join(f"h.{kind} IS NULL" for kind in IDENTIFIER_KINDS)

# a head without lines that asks for less than nothing is no order to Tesela: it is looked up where it came in
_PLACED = """
    WITH placed AS (
        SELECT source, order_id, profile_id, amount_e4, occurred_at, received_at FROM {events}
        WHERE name = 'order_completed'
    ),
    -- a credit note's number is its invoice's with a C in front
    credited AS (
        SELECT source, order_id FROM {lines} WHERE is_current AND regexp_full_match(order_id, 'C[0-9]+')
        UNION
        SELECT source, order_id FROM {heads} WHERE is_current AND regexp_full_match(order_id, 'C[0-9]+')
    ),
    cancelled AS (
        SELECT source, order_id FROM {events} WHERE name = 'order_cancelled' AND occurred_at < $as_of
        UNION
        SELECT source, order_id FROM credited
    ),
    worthless AS (
        SELECT source, order_id FROM placed WHERE amount_e4 <= 0
        UNION
        SELECT source, order_id FROM {heads}
        WHERE is_current AND amount <= 0 AND NOT coalesce(regexp_full_match(order_id, 'C[0-9]+'), false)
            AND refunded_amount IS NULL
    )"""


def probe_records(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer every check of the section records."""
    return {**_orders(ground), "rows_rejected": _rejected(ground), "impossible_durations": _durations(ground)}


def _orders(ground: Ground) -> Mapping[str, Found | Unknown]:
    row = ground.row(
        f"""
        {_PLACED}
        SELECT count(*) AS orders,
            count(*) FILTER (profile_id IS NULL) AS orders_without_customer,
            (SELECT count(*) FROM cancelled) AS orders_cancelled, (SELECT count(*) FROM credited) AS credited,
            (SELECT count(*) FROM worthless) AS zero_or_negative_amounts,
            -- a source that told of an order before it happened
            count(*) FILTER (occurred_at > received_at + INTERVAL 1 DAY) AS orders_in_future,
            (SELECT count(*) FROM {{lines}} WHERE is_current) AS lines,
            (SELECT count(*) FROM {{lines}} AS l WHERE is_current AND {_NOBODY} AND NOT EXISTS (
                SELECT 1 FROM {{heads}} AS h
                WHERE h.is_current AND h.source = l.source AND h.order_id = l.order_id AND NOT ({_HEAD_OF_NOBODY})
            )) AS lines_without_customer,
            (SELECT count(*) FROM {{lines}} WHERE is_current AND coalesce(unit_price, amount) <= 0)
                AS lines_without_price,
            (SELECT count(*) FROM {{lines}} WHERE is_current AND regexp_full_match(order_id, 'C[0-9]+'))
                AS lines_credited,
            (SELECT count(*) FROM {{lines}} WHERE is_current AND quantity < 0) AS lines_given_back
        FROM placed
        """,
        tables=_TABLES,
    )
    if not row["orders"]:
        return dict.fromkeys(_OF_ORDERS, Unheard(("order_completed",)))
    figures = {
        "orders_without_customer": {"lines_without_customer": row["lines_without_customer"]},
        "orders_cancelled": {name: row[name] for name in ("lines_credited", "lines_given_back")},
        "zero_or_negative_amounts": {"lines_without_price": row["lines_without_price"]},
    }
    # a figure of nothing says nothing
    told = {key: {name: n for name, n in figures.get(key, {}).items() if n} for key in _OF_ORDERS}
    return {
        key: Found(
            row[key],
            row["orders"] + row["credited"],
            samples=_samples(ground, key) if row[key] else (),
            figures=told[key],
        )
        for key in _OF_ORDERS
    }


_ALONE: Mapping[str, str] = {
    "orders_without_customer": "SELECT order_id FROM placed WHERE profile_id IS NULL",
    "orders_cancelled": "SELECT order_id FROM cancelled",
    "zero_or_negative_amounts": "SELECT order_id FROM worthless",
    "orders_in_future": "SELECT order_id FROM placed WHERE occurred_at > received_at + INTERVAL 1 DAY",
}


def _samples(ground: Ground, key: str) -> tuple[str, ...]:
    rows = ground.ask(
        f"{_PLACED} SELECT order_id FROM ({_ALONE[key]}) ORDER BY order_id LIMIT {_SAMPLES}", tables=_TABLES
    )
    return tuple(str(row["order_id"]) for row in rows)


def _durations(ground: Ground) -> Found | Unknown:
    """Count the events that last less than nothing, of those that last."""
    row = ground.row(
        "SELECT count(*) FILTER (duration_s < 0) AS n, count(*) AS whole, min(duration_s)::VARCHAR AS shortest"
        " FROM {events} WHERE duration_s IS NOT NULL AND occurred_at < $as_of"
    )
    if not row["whole"]:
        return Unknown("no_field", {"field": "duration_s"})
    return Found(row["n"], row["whole"], samples=(row["shortest"],) if row["n"] else ())


def _rejected(ground: Ground) -> Found | Unknown:
    """Count the rows that could not be used, of all that the imports received."""
    received = sum(load.received for load in ground.loads)
    if not received:
        return Unknown("nobody")
    spoilt = sorted((load for load in ground.loads if load.rejected), key=lambda load: -load.rejected)
    return Found(
        sum(load.rejected for load in spoilt),
        received,
        samples=tuple(f"{load.origin}: {load.rejected}" for load in spoilt[:_SAMPLES]),
        figures={"imports": len(spoilt)} if spoilt else {},
    )
