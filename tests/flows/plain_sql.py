"""Rules of the catalogue as plain SQL, written by hand: a check that shares nothing with the compiler."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

_FACTS = """
WITH person AS (SELECT profile_id FROM profiles WHERE is_known AND first_seen_at < $as_of),
cancelled AS (
    SELECT source, order_id FROM events
    WHERE name = 'order_cancelled' AND occurred_at < $as_of AND order_id IS NOT NULL
),
bought AS (
    SELECT e.* FROM events e JOIN person USING (profile_id)
    LEFT JOIN cancelled c ON c.source = e.source AND c.order_id = e.order_id
    WHERE e.name = 'order_completed' AND e.occurred_at < $as_of AND c.order_id IS NULL
),
line AS (
    SELECT e.* FROM events e JOIN person USING (profile_id)
    WHERE e.name = 'product_purchased' AND e.occurred_at < $as_of
)
SELECT count(*) AS n FROM ("""

QUESTIONS = {
    "known": "SELECT profile_id FROM person",
    "buyers": "SELECT DISTINCT profile_id FROM bought",
    "non_buyers": "SELECT profile_id FROM person WHERE profile_id NOT IN (SELECT profile_id FROM bought)",
    "one_time_buyers": "SELECT profile_id FROM bought GROUP BY profile_id HAVING count(*) = 1",
    "new_buyers": "SELECT profile_id FROM bought GROUP BY profile_id HAVING min(occurred_at) >= $days_30",
    "frequent_buyers_30d": (
        "SELECT profile_id FROM bought WHERE occurred_at >= $days_30 GROUP BY profile_id HAVING count(*) > 1"
    ),
    "loyal_6m": "SELECT profile_id FROM bought WHERE occurred_at >= $months_6 GROUP BY profile_id HAVING count(*) > 4",
    "cooling": (
        "SELECT profile_id FROM bought GROUP BY profile_id"
        " HAVING max(occurred_at) >= $months_6 AND max(occurred_at) < $months_3"
    ),
    "lost": "SELECT profile_id FROM bought GROUP BY profile_id HAVING max(occurred_at) < $months_12",
    "returned": (
        "SELECT DISTINCT profile_id FROM ("
        "SELECT profile_id, occurred_at, lag(occurred_at) OVER (PARTITION BY profile_id ORDER BY occurred_at) AS before"
        " FROM bought) WHERE occurred_at >= $days_180 AND before < $days_180"
        " AND occurred_at - before >= INTERVAL 180 DAY"
    ),
    "coupon_only": (
        "SELECT profile_id FROM bought GROUP BY profile_id"
        " HAVING count(*) >= 2 AND 10 * count(nullif(trim(coupon), '')) >= 8 * count(*)"
    ),
    "full_price_buyers": (
        "SELECT profile_id FROM bought GROUP BY profile_id HAVING count(*) >= 2 AND count(nullif(trim(coupon), '')) = 0"
    ),
    "big_spenders": (
        "SELECT profile_id FROM bought GROUP BY profile_id HAVING"
        " sum(amount_e4) * (SELECT count(amount_e4) FROM bought)"
        " > (SELECT sum(amount_e4) FROM bought) * count(amount_e4)"
    ),
    "vip": (
        "SELECT profile_id FROM (SELECT *, rank() OVER (ORDER BY spent DESC) AS place, count(*) OVER () AS everyone"
        " FROM (SELECT profile_id, count(*) AS orders, sum(coalesce(amount_e4, 0)) AS spent FROM bought"
        " WHERE occurred_at >= $months_12 GROUP BY profile_id)) WHERE orders >= 3 AND 10 * (place - 1) < everyone"
    ),
    "category_fans": (
        "SELECT DISTINCT profile_id FROM (SELECT profile_id FROM line"
        " WHERE occurred_at >= $months_12 AND trim(category) <> '' GROUP BY profile_id, category HAVING count(*) >= 5)"
    ),
    "both_channels": (
        "SELECT profile_id FROM bought GROUP BY profile_id"
        " HAVING bool_or(sales_channel = 'online') AND bool_or(sales_channel = 'store')"
    ),
    "refund_heavy": (
        "SELECT r.profile_id FROM (SELECT profile_id, count(*) AS refunds, sum(amount_e4) AS back FROM events"
        " WHERE name = 'order_refunded' AND occurred_at < $as_of GROUP BY profile_id) r"
        " JOIN (SELECT profile_id, sum(amount_e4) AS paid FROM bought GROUP BY profile_id) b USING (profile_id)"
        " WHERE refunds >= 2 AND paid > 0 AND 10 * back >= 3 * paid"
    ),
    "abandoned_cart": (
        "SELECT c.profile_id FROM (SELECT profile_id, max(occurred_at) AS added FROM events"
        " JOIN person USING (profile_id) WHERE name = 'product_added' AND occurred_at < $as_of GROUP BY profile_id) c"
        " LEFT JOIN (SELECT profile_id, max(occurred_at) AS paid FROM bought GROUP BY profile_id) b USING (profile_id)"
        " WHERE added >= $days_7 AND added < $hours_1 AND (paid IS NULL OR paid <= added)"
    ),
}
"""Who is in each, for the values that the catalogue has by default."""


def count_by_hand(workspace: Any, slug: str, as_of: datetime) -> int:
    """Return how many are in a segment by plain SQL."""
    question = f"{_FACTS}{QUESTIONS[slug]})"
    values = {name: value for name, value in _moments(as_of, workspace.settings.zone).items() if f"${name}" in question}
    return int(workspace._stores.warehouse.query(Statement(question, values)).to_pylist()[0]["n"])


def _moments(as_of: datetime, zone: ZoneInfo) -> Mapping[str, datetime]:
    local = as_of.replace(tzinfo=UTC).astimezone(zone)
    months = {}
    for count in (3, 6, 12):
        year, month = divmod(local.year * 12 + local.month - 1 - count, 12)
        assert local.day <= 28, "a day that every month has"
        months[f"months_{count}"] = local.replace(year=year, month=month + 1).astimezone(UTC).replace(tzinfo=None)
    days = {f"days_{count}": as_of - timedelta(days=count) for count in (7, 30, 180)}
    return {"as_of": as_of, "hours_1": as_of - timedelta(hours=1), **days, **months}
