"""What RFM counts of each buyer, as SQL: orders of the base that were not cancelled, before the moment of truth."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.events import EVENTS
from tesela.profiles import PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from tesela.traits.rfm.settings import Money
    from tesela.warehouse import Statement, Table

_DAY = 86_400_000_000
_TABLES: dict[str, Table | str] = {"events": EVENTS, "profiles": PROFILES}

_BASE = "base AS (SELECT profile_id FROM {profiles} WHERE is_known AND first_seen_at < $as_of)"
_ORDERS = """
    orders AS (
        SELECT o.profile_id AS profile_id, o.occurred_at AS occurred_at, coalesce(o.amount_e4, 0) AS amount_e4
        FROM {events} AS o JOIN base AS b ON b.profile_id = o.profile_id
        WHERE o.name = 'order_completed' AND o.occurred_at < $as_of
            AND NOT EXISTS (
                SELECT 1 FROM {events} AS c
                WHERE c.name = 'order_cancelled' AND c.occurred_at < $as_of
                    AND c.source = o.source AND c.order_id = o.order_id
            )
    )"""
_REFUNDED = """
    refunds AS (
        SELECT profile_id, sum(coalesce(amount_e4, 0)) AS amount_e4
        FROM {events} WHERE name = 'order_refunded' AND occurred_at < $as_of AND profile_id IS NOT NULL"""
_BOUGHT = f"""
    bought AS (
        SELECT profile_id,
            (epoch_us($as_of::TIMESTAMP) - epoch_us(max(occurred_at))) // {_DAY} AS days"""


@dataclass(frozen=True, slots=True)
class Counting:
    """What is counted.

    Attributes:
        as_of: The moment of truth, naive UTC.
        since: From when orders and money count; None when all do.
        money: Which money counts.
    """

    as_of: datetime
    since: datetime | None
    money: Money

    def ask(
        self, template: str, *, relations: dict[str, pa.Table] | None = None, begin: str = "", **parameters: object
    ) -> Statement:
        """Return a statement over `base` (profile_id) and `buyers` (profile_id, days, orders, amount_e4).

        Args:
            template: What follows them.
            relations: Arrow tables that it reads.
            begin: What stands before them.
            parameters: Further values bound to `$name`.
        """
        asked = parameters if self.since is None else {**parameters, "since": self.since}
        facts = ",".join((_BASE, _ORDERS, *self._money()))
        return statement(
            f"{begin} WITH {facts} {template}", tables=_TABLES, relations=relations, as_of=self.as_of, **asked
        )

    def _money(self) -> tuple[str, ...]:
        """Return what makes `buyers` of the orders."""
        inside = "" if self.since is None else " FILTER (WHERE occurred_at >= $since)"
        bought = f"""{_BOUGHT}, count(*){inside} AS orders, coalesce(sum(amount_e4){inside}, 0) AS amount_e4
            FROM orders GROUP BY profile_id
        )"""
        if self.money == "gross":
            return bought, "buyers AS (SELECT profile_id, days, orders, amount_e4::BIGINT AS amount_e4 FROM bought)"
        late = "" if self.since is None else " AND occurred_at >= $since"
        net = """
        buyers AS (
            SELECT o.profile_id AS profile_id, days, orders,
                (o.amount_e4 - coalesce(r.amount_e4, 0))::BIGINT AS amount_e4
            FROM bought AS o LEFT JOIN refunds AS r ON r.profile_id = o.profile_id
        )"""
        return bought, f"{_REFUNDED}{late} GROUP BY profile_id)", net


def count_values(counting: Counting) -> Statement:
    """Return the statement that counts how often each value of each axis came, among who bought within the window.

    Rows of axis, value, times. Recency is minus whole days, so that more is better everywhere.
    """
    axes = {"r": "0 - days", "f": "orders", "m": "amount_e4"}
    counted = " UNION ALL ".join(
        f"SELECT '{axis}' AS axis, value, count(*)::BIGINT AS times"
        f" FROM (SELECT ({value})::BIGINT AS value FROM buyers WHERE orders > 0) AS {axis}_values GROUP BY value"
        for axis, value in axes.items()
    )
    return counting.ask(counted)
