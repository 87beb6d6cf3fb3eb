"""What counts as a fact when something is measured: the queries that every figure starts from.

Facts count when they happened before `as_of`; what belongs to nobody counts nowhere; an order counts unless
it was cancelled before `as_of`; an open counts unless a machine did it (LANGUAGE.md, Orders and Opens).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS
from tesela.profiles import CONSENTS, PROFILES
from tesela.segments import MEMBERSHIPS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    import pyarrow as pa

    from tesela.warehouse import Table

BASE = "base"
"""The scope of the whole base, beside the slugs of segments."""

MICROSECONDS_A_DAY = 86_400_000_000

_READ: dict[str, Table | str] = {
    "events": EVENTS,
    "profiles": PROFILES,
    "consents": CONSENTS,
    "memberships": MEMBERSHIPS,
}

_GIVEN = "given_memberships"

_BASE = (
    "base AS (SELECT profile_id, first_seen_at, first_source FROM {profiles} WHERE is_known AND first_seen_at < $as_of)"
)

_ORDERS = """
    orders AS (
        SELECT profile_id, occurred_at, coalesce(amount_e4, 0) AS amount_e4
        FROM {events} AS o
        WHERE name = 'order_completed' AND occurred_at < $as_of AND profile_id IS NOT NULL
            AND NOT EXISTS (
                SELECT 1 FROM {events} AS c
                WHERE c.name = 'order_cancelled' AND c.occurred_at < $as_of
                    AND c.source = o.source AND c.order_id = o.order_id
            )
    )"""

_BUYERS = f"""
    buyers AS (
        SELECT profile_id, count(*) AS orders, sum(amount_e4)::BIGINT AS revenue_e4,
            (epoch_us($as_of::TIMESTAMP) - epoch_us(max(occurred_at))) // {MICROSECONDS_A_DAY} AS days
        FROM orders GROUP BY profile_id
    )"""

_REFUNDS = """
    refunds AS (
        SELECT profile_id, sum(coalesce(amount_e4, 0))::BIGINT AS refunded_e4
        FROM {events}
        WHERE name = 'order_refunded' AND occurred_at < $as_of AND profile_id IS NOT NULL
        GROUP BY profile_id
    )"""

_MEMBERS = f"""
    members AS (
        SELECT DISTINCT segment AS scope, profile_id
        FROM {{memberships}} WHERE left_at IS NULL AND segment IN (SELECT slug FROM measured_slugs)
        UNION ALL
        SELECT '{BASE}', profile_id FROM base
    )"""

_OPENS = """
    opens AS (
        SELECT profile_id, max(occurred_at) AS opened_at
        FROM {events}
        WHERE name = 'email_opened' AND is_machine IS NOT TRUE AND occurred_at < $as_of AND profile_id IS NOT NULL
        GROUP BY profile_id
    )"""

_MAILED = """
    mailed AS (
        SELECT DISTINCT profile_id
        FROM {events} WHERE name = 'email_delivered' AND occurred_at < $as_of AND profile_id IS NOT NULL
    )"""

_CHAIN = {
    "base": _BASE,
    "orders": _ORDERS,
    "buyers": _BUYERS,
    "refunds": _REFUNDS,
    "members": _MEMBERS,
    "opens": _OPENS,
    "mailed": _MAILED,
}


def ask(
    question: str,
    *facts: str,
    as_of: datetime,
    relations: Mapping[str, pa.Table] | None = None,
    **parameters: object,
) -> Statement:
    """Return a reading statement over named facts.

    Args:
        question: SQL text of ours that reads the facts by name and has `$as_of`.
        facts: Which facts it starts from, each after those it needs: `base`, `orders`, `buyers`, ...
        as_of: The moment of truth, naive UTC.
        relations: Arrow tables that it reads.
        parameters: Further values bound to `$name`.
    """
    read = {**_READ, "memberships": _GIVEN} if relations and _GIVEN in relations else _READ
    chain = f"WITH {', '.join(_CHAIN[fact] for fact in facts)}" if facts else ""
    return statement(f"{chain} {question}", tables=read, relations=relations, as_of=as_of, **parameters)


def slug_relation(slugs: Sequence[str], members: pa.Table | None = None) -> dict[str, pa.Table]:
    """Return the relations that the fact `members` reads: which segments are meant, and who is in them.

    Args:
        slugs: Which segments.
        members: Rows of segment, profile_id, left_at that stand for the current memberships, when given.
    """
    import pyarrow as pa

    asked = {"measured_slugs": pa.table({"slug": pa.array(list(slugs), pa.string())})}
    return asked if members is None else {**asked, _GIVEN: members}
