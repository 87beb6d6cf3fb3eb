"""Derive the events of orders from their current records (DESIGN.md 3).

`product_purchased`, one a line; `order_completed`, one an order: its time is the earliest line's, its amount
the lines' sum, its coupon set if any line's is; `order_cancelled`; `order_refunded`, with a positive amount.
A line that gives something back (negative quantity or amount, or an order number with a C in front) is part
of a refund and of no order. An order that was told without lines counts with its own amount and time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.fields import IDENTIFIER_KINDS
from tesela.events.tables import EVENTS, PRODUCTS, RECORDS, SUBJECTS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

# A credit note's number is its invoice's with a C in front; `Casa-12` is not one.
_CREDIT_NOTE = "coalesce(regexp_full_match(order_id, 'C[0-9]+'), false)"

# A coupon that left a discount but no code is still a coupon.
_COUPON = "coalesce(coupon, CASE WHEN coupon_discount <> 0 THEN 'unnamed' END)"

_LINES = f"""
    lines AS (
        SELECT * EXCLUDE (order_id, coupon), coalesce(order_id, key) AS order_id, {_COUPON} AS coupon,
            coalesce(quantity < 0, false) OR amount < 0 OR {_CREDIT_NOTE} AS is_return
        FROM {{order_lines}} WHERE is_current
    )"""

# What is told of the whole order, by its own record or by any of its lines.
_TOLD = (
    "status",
    "sales_channel",
    "store",
    "cancelled_at",
    "refunded_amount",
    "refunded_at",
    "updated_at",
    *IDENTIFIER_KINDS,
)

_NEWEST = ", ".join(
    f"arg_max({field}, (own_time, load_id, -row_number)) FILTER ({field} IS NOT NULL) AS {field}" for field in _TOLD
)

_STRONGEST = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"

_ORDERS = f"""
    told AS (
        SELECT source, order_id, coalesce(source_time, received_at) AS own_time, load_id, row_number, {", ".join(_TOLD)}
        FROM {{orders}} WHERE is_current
        UNION ALL
        SELECT source, order_id, coalesce(source_time, received_at), load_id, row_number, {", ".join(_TOLD)}
        FROM lines
    ),
    newest AS (SELECT source, order_id, {_NEWEST} FROM told GROUP BY source, order_id),
    about AS (
        SELECT n.*, s.subject_id,
            CASE WHEN store IS NOT NULL THEN json_object('store', store) END AS properties
        FROM (SELECT *, {_STRONGEST} AS kind, coalesce({", ".join(IDENTIFIER_KINDS)}) AS value FROM newest) AS n
        LEFT JOIN {{subjects}} AS s ON s.kind = n.kind AND s.value = n.value
    )"""

_PLACED = f"""
    sold AS (
        SELECT source, order_id, min(occurred_at) AS occurred_at, sum(amount)::BIGINT AS amount,
            sum(quantity)::DECIMAL(18,4) AS quantity, max(coupon) AS coupon, min(received_at) AS received_at
        FROM lines WHERE NOT is_return GROUP BY source, order_id
    ),
    returned AS (
        SELECT source, order_id, min(occurred_at) AS occurred_at, sum(abs(amount))::BIGINT AS amount,
            min(received_at) AS received_at
        FROM lines WHERE is_return GROUP BY source, order_id
    ),
    headed AS (
        SELECT source, order_id, occurred_at, amount, quantity, {_COUPON} AS coupon, received_at,
            amount < 0 OR {_CREDIT_NOTE} AS is_return
        FROM {{orders}} WHERE is_current
    ),
    -- an order whose lines were told is what its lines say; its own record adds no second one
    lineless AS (
        SELECT * FROM headed AS h
        WHERE NOT EXISTS (SELECT 1 FROM lines AS l WHERE l.source = h.source AND l.order_id = h.order_id)
    ),
    placed AS (
        SELECT s.* REPLACE (coalesce(s.coupon, h.coupon) AS coupon)
        FROM sold AS s LEFT JOIN headed AS h USING (source, order_id)
        UNION ALL BY NAME
        SELECT * EXCLUDE (is_return) FROM lineless WHERE NOT is_return
    ),
    completed AS (
        SELECT * FROM placed JOIN about USING (source, order_id) WHERE status IS DISTINCT FROM 'open'
    ),
    given_back AS (
        SELECT source, order_id, occurred_at, amount, received_at FROM returned
        UNION ALL BY NAME
        SELECT source, order_id, occurred_at, abs(amount) AS amount, received_at FROM lineless WHERE is_return
    )"""


def derive_order_events() -> Iterator[Statement]:
    """Make the events of all orders anew from the current records."""
    yield statement("DELETE FROM {events} WHERE load_id IS NULL", tables={"events": EVENTS})
    yield _insert_events()


_PURCHASES = """
    SELECT 'product_purchased' AS name, l.key AS message_id, l.occurred_at, l.received_at, l.source, l.order_id,
        coalesce(l.product_id, l.product_name) AS product_id, coalesce(l.category, p.category) AS category,
        coalesce(l.brand, p.brand) AS brand, l.quantity, l.amount AS amount_e4, l.coupon, a.subject_id,
        a.sales_channel, a.properties
    FROM lines AS l
    JOIN about AS a USING (source, order_id)
    LEFT JOIN (
        SELECT product_id, any_value(category) AS category, any_value(brand) AS brand
        FROM {products} WHERE is_current GROUP BY product_id
    ) AS p ON p.product_id = l.product_id
    WHERE NOT l.is_return AND a.status IS DISTINCT FROM 'open'
"""

_ORDER_EVENTS = """
    SELECT 'order_completed' AS name, occurred_at, amount AS amount_e4, quantity, coupon,
        received_at, source, order_id, subject_id, sales_channel, properties
    FROM completed
    UNION ALL BY NAME
    SELECT 'order_cancelled' AS name, amount AS amount_e4,
        greatest(occurred_at, coalesce(cancelled_at, updated_at, occurred_at)) AS occurred_at,
        received_at, source, order_id, subject_id, sales_channel, properties
    FROM completed WHERE status = 'cancelled' OR cancelled_at IS NOT NULL
    UNION ALL BY NAME
    SELECT 'order_refunded' AS name, coalesce(nullif(abs(refunded_amount), 0), amount) AS amount_e4,
        greatest(occurred_at, coalesce(refunded_at, updated_at, occurred_at)) AS occurred_at,
        received_at, source, order_id, subject_id, sales_channel, properties
    FROM completed WHERE status = 'refunded' OR refunded_amount <> 0
    UNION ALL BY NAME
    SELECT 'order_refunded' AS name, g.amount AS amount_e4, g.occurred_at, g.received_at, source, order_id,
        a.subject_id, a.sales_channel, a.properties, 'order_refunded:lines:' || order_id AS message_id
    FROM given_back AS g JOIN about AS a USING (source, order_id)
"""


def _insert_events() -> Statement:
    return statement(
        f"""
        INSERT INTO {{events}} BY NAME
        WITH {_LINES}, {_ORDERS}, {_PLACED}, derived AS ({_PURCHASES} UNION ALL BY NAME {_ORDER_EVENTS})
        SELECT d.* REPLACE (coalesce(d.message_id, d.name || ':' || d.order_id) AS message_id),
            coalesce(s.profile_id, d.subject_id) AS profile_id
        FROM derived AS d LEFT JOIN {{subjects}} AS s USING (subject_id)
        ORDER BY name, profile_id, occurred_at
        """,
        tables={
            "events": EVENTS,
            "subjects": SUBJECTS,
            "products": PRODUCTS,
            "orders": RECORDS["orders"],
            "order_lines": RECORDS["order-lines"],
        },
    )
