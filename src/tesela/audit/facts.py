"""What is known of each person of the base, in one table that all probes share: a pass per kind of event.

The table lives as long as the connection and is made anew by each audit. Facts count when they happened before
`as_of`; an order counts unless it was cancelled before; an open is a person's unless a machine did it (LANGUAGE.md).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from tesela.events import EVENTS
from tesela.profiles import CONSENTS, IDENTIFIERS, PROFILES, SUPPRESSIONS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tesela.warehouse import Table

PEOPLE = "audit_people"
"""The table of the people of the base, one row each."""

ORDERS = "audit_orders"
"""The orders that count."""

VISITS = (
    *("page_viewed", "product_viewed", "product_clicked", "product_added", "product_removed", "cart_viewed"),
    *("checkout_started", "coupon_applied", "products_searched", "promotion_clicked", "form_submitted"),
    *("product_reviewed", "survey_answered", "logged_in"),
)
"""Events that say that somebody was there herself."""

SIGNS = ("email_opened", "email_link_clicked", "order_completed", *VISITS)
"""Events that are a sign of life; opens by machines are none."""

_PARTS = ("purchases", "delivered", "opened", "clicked", "bounced", "complained", "unsubscribed", "visited")
_MORE = ("consented", "aside")

TABLES: dict[str, Table | str] = {
    **{"events": EVENTS, "profiles": PROFILES, "consents": CONSENTS},
    **{"identifiers": IDENTIFIERS, "suppressions": SUPPRESSIONS},
    **{"people": PEOPLE, "orders": ORDERS},
    **{part: f"audit_{part}" for part in (*_PARTS, *_MORE)},
}

_WINDOWS = {"d30": 30, "d90": 90, "d180": 180, "d365": 365, "d730": 730}
_MINE = "occurred_at < $as_of AND profile_id IS NOT NULL"

_ORDERS = """
    WITH cancelled AS (
        SELECT DISTINCT source, order_id FROM {events} WHERE name = 'order_cancelled' AND occurred_at < $as_of
    )
    SELECT o.profile_id, o.occurred_at, coalesce(o.amount_e4, 0) AS amount_e4
    FROM {events} AS o LEFT JOIN cancelled AS c ON c.source = o.source AND c.order_id = o.order_id
    WHERE o.name = 'order_completed' AND o.occurred_at < $as_of AND o.profile_id IS NOT NULL AND c.order_id IS NULL"""

# the value of a year is that of the year up to the last order: of those asleep too
_PURCHASES = """
    WITH ends AS (
        SELECT profile_id, count(*) AS orders, sum(amount_e4)::BIGINT AS revenue_e4, min(occurred_at) AS first_order_at,
            max(occurred_at) AS last_order_at,
            max(occurred_at) FILTER (occurred_at < $d365) AS order_then_at,
            count(*) FILTER (occurred_at >= $d365) AS orders_since
        FROM {orders} GROUP BY profile_id
    )
    SELECT e.*, y.year_e4
    FROM ends AS e JOIN (
        SELECT o.profile_id, sum(o.amount_e4)::BIGINT AS year_e4
        FROM {orders} AS o JOIN ends AS e ON e.profile_id = o.profile_id
        WHERE o.occurred_at > e.last_order_at - INTERVAL 365 DAY GROUP BY o.profile_id
    ) AS y ON y.profile_id = e.profile_id"""

_DELIVERED = f"""
    SELECT profile_id, count(*) AS delivered, min(occurred_at) AS first_delivered_at,
        max(occurred_at) AS last_delivered_at,
        count(*) FILTER (occurred_at >= $d90) AS delivered_90, count(*) FILTER (occurred_at >= $d365) AS delivered_365,
        count(*) FILTER (occurred_at >= $d180 AND occurred_at < $d90) AS delivered_before_90
    FROM {{events}} WHERE name = 'email_delivered' AND {_MINE} GROUP BY profile_id"""

_OPENED = f"""
    SELECT profile_id, max(occurred_at) FILTER (is_machine IS NOT TRUE) AS opened_at,
        max(occurred_at) FILTER (is_machine IS TRUE) AS machine_opened_at,
        count(*) FILTER (is_machine IS TRUE AND occurred_at >= $d90) AS machine_opens_90,
        count(*) FILTER (occurred_at >= $d90) AS all_opens_90
    FROM {{events}} WHERE name = 'email_opened' AND {_MINE} GROUP BY profile_id"""

_CLICKED = f"""
    SELECT profile_id, max(occurred_at) AS clicked_at
    FROM {{events}} WHERE name = 'email_link_clicked' AND is_machine IS NOT TRUE AND {_MINE} GROUP BY profile_id"""

_BOUNCED = f"""
    SELECT profile_id, max(occurred_at) FILTER (is_hard) AS hard_bounced_at,
        min(occurred_at) FILTER (is_hard) AS first_hard_bounce_at,
        count(*) FILTER (is_hard AND occurred_at >= $d90) AS hard_bounces_90,
        count(*) FILTER (NOT is_hard AND occurred_at >= $d90) AS soft_bounces_90
    FROM (
        SELECT profile_id, occurred_at,
            coalesce(json_extract_string(properties, '$.bounce_type'), '') = 'hard' AS is_hard
        FROM {{events}} WHERE name = 'email_bounced' AND {_MINE}
    ) GROUP BY profile_id"""

_COMPLAINED = f"""
    SELECT profile_id, max(occurred_at) AS complained_at, count(*) FILTER (occurred_at >= $d90) AS complaints_90
    FROM {{events}} WHERE name = 'email_marked_as_spam' AND {_MINE} GROUP BY profile_id"""

_UNSUBSCRIBED = f"""
    SELECT profile_id, max(occurred_at) AS unsubscribed_at,
        count(*) FILTER (occurred_at >= $d90) AS unsubscribed_90,
        count(*) FILTER (occurred_at >= $d180 AND occurred_at < $d90) AS unsubscribed_before_90
    FROM {{events}} WHERE name = 'unsubscribed' AND coalesce(channel, 'email') = 'email' AND {_MINE}
    GROUP BY profile_id"""

_VISITED = f"""
    SELECT profile_id, max(occurred_at) AS visited_at
    FROM {{events}} WHERE name IN ({", ".join(f"'{name}'" for name in VISITS)}) AND {_MINE} GROUP BY profile_id"""

# what each address of a person said last about marketing by e-mail, and by any channel
_CONSENTED = """
    WITH newest AS (
        SELECT profile_id, address, channel, status, occurred_at, basis, evidence, is_objection, source,
            row_number() OVER (PARTITION BY profile_id, address, channel ORDER BY occurred_at DESC, status) AS place
        FROM {consents} WHERE purpose = 'marketing' AND occurred_at < $as_of
    )
    SELECT profile_id, bool_or(status = 'yes' AND channel <> 'any') AS has_yes,
        bool_or(status = 'yes' AND channel = 'email') AS has_email_yes,
        max(occurred_at) FILTER (status = 'yes' AND channel = 'email') AS email_yes_at,
        max(occurred_at) FILTER (status = 'no' AND channel IN ('email', 'any')) AS email_no_at,
        -- one yes that proves nothing is enough
        bool_or(status = 'yes' AND channel = 'email' AND (basis IN ('unproven', 'other') OR (
            coalesce(basis, 'consent') = 'consent' AND json_extract_string(evidence, '$.confirmed_at') IS NULL AND (
                json_extract_string(evidence, '$.wording') IS NULL
                OR coalesce(json_extract_string(evidence, '$.method'), 'import') ILIKE 'import%'
            )
        ))) AS is_unproved
    FROM newest WHERE place = 1 GROUP BY profile_id"""

# any address that was set aside: a person merged of two counts as either
_ASIDE = """
    SELECT DISTINCT i.profile_id
    FROM {suppressions} AS s JOIN {identifiers} AS i ON i.kind = s.kind AND i.value = s.value
    WHERE s.channel = 'email' AND s.occurred_at < $as_of AND i.profile_id IS NOT NULL"""

_WHOLE = """
    SELECT p.profile_id, least(coalesce(p.created_at, p.first_seen_at), p.first_seen_at) AS arrived_at,
        p.first_source, p.email IS NOT NULL AS has_email, p.phone IS NOT NULL AS has_phone,
        coalesce(b.orders, 0) AS orders, coalesce(b.revenue_e4, 0) AS revenue_e4, b.first_order_at, b.last_order_at,
        b.order_then_at, coalesce(b.orders_since, 0) AS orders_since, coalesce(b.year_e4, 0) AS year_e4,
        coalesce(d.delivered, 0) AS delivered, d.first_delivered_at, d.last_delivered_at,
        coalesce(d.delivered_90, 0) AS delivered_90, coalesce(d.delivered_365, 0) AS delivered_365,
        coalesce(d.delivered_before_90, 0) AS delivered_before_90,
        o.opened_at, o.machine_opened_at, coalesce(o.machine_opens_90, 0) AS machine_opens_90,
        coalesce(o.all_opens_90, 0) AS all_opens_90,
        k.clicked_at, h.hard_bounced_at, h.first_hard_bounce_at, coalesce(h.hard_bounces_90, 0) AS hard_bounces_90,
        coalesce(h.soft_bounces_90, 0) AS soft_bounces_90,
        s.complained_at, coalesce(s.complaints_90, 0) AS complaints_90,
        u.unsubscribed_at, coalesce(u.unsubscribed_90, 0) AS unsubscribed_90,
        coalesce(u.unsubscribed_before_90, 0) AS unsubscribed_before_90, v.visited_at,
        greatest(o.opened_at, k.clicked_at, v.visited_at, b.last_order_at) AS sign_at,
        coalesce(c.has_yes, false) AS has_yes, coalesce(c.has_email_yes, false) AS has_email_yes,
        c.email_yes_at, c.email_no_at, coalesce(c.is_unproved, false) AS is_unproved,
        a.profile_id IS NOT NULL AS is_aside,
        -- whoever came back, and says yes again, is not gone
        CASE WHEN a.profile_id IS NOT NULL OR NOT coalesce(c.has_email_yes, false)
            THEN least(u.unsubscribed_at, h.first_hard_bounce_at, s.complained_at) END AS gone_at
    FROM {profiles} AS p
    LEFT JOIN {purchases} AS b ON b.profile_id = p.profile_id
    LEFT JOIN {delivered} AS d ON d.profile_id = p.profile_id
    LEFT JOIN {opened} AS o ON o.profile_id = p.profile_id
    LEFT JOIN {clicked} AS k ON k.profile_id = p.profile_id
    LEFT JOIN {bounced} AS h ON h.profile_id = p.profile_id
    LEFT JOIN {complained} AS s ON s.profile_id = p.profile_id
    LEFT JOIN {unsubscribed} AS u ON u.profile_id = p.profile_id
    LEFT JOIN {visited} AS v ON v.profile_id = p.profile_id
    LEFT JOIN {consented} AS c ON c.profile_id = p.profile_id
    LEFT JOIN {aside} AS a ON a.profile_id = p.profile_id
    WHERE p.is_known AND p.first_seen_at < $as_of"""

_STEPS = {
    **{"orders": _ORDERS, "purchases": _PURCHASES, "delivered": _DELIVERED, "opened": _OPENED, "clicked": _CLICKED},
    **{"bounced": _BOUNCED, "complained": _COMPLAINED, "unsubscribed": _UNSUBSCRIBED, "visited": _VISITED},
    **{"consented": _CONSENTED, "aside": _ASIDE, "people": _WHOLE},
}

STEPS = len(_STEPS)
"""How many statements make the table."""


def gather_facts(as_of: datetime) -> Iterator[Statement]:
    """Yield the statements that make the table of the base, one after another.

    Args:
        as_of: The moment of truth, naive UTC.
    """
    moments = windows(as_of)
    for name, query in _STEPS.items():
        bound: dict[str, Any] = {key: value for key, value in moments.items() if f"${key}" in query}
        yield statement(f"CREATE OR REPLACE TEMPORARY TABLE {{{name}}} AS {query}", tables=TABLES, **bound)


def forget_facts() -> list[Statement]:
    """Return the statements that drop what an audit has gathered."""
    return [statement(f"DROP TABLE IF EXISTS {{{name}}}", tables=TABLES) for name in _STEPS]


def windows(as_of: datetime) -> dict[str, datetime]:
    """Return the moments that facts are counted from, by the name they are bound to."""
    return {"as_of": as_of, **{name: as_of - timedelta(days=days) for name, days in _WINDOWS.items()}}
