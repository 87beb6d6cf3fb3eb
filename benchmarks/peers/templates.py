"""The templates of the benchmark's segments: the rule in Tesela's language, and the query a careful analyst writes.

The queries are SQL that DuckDB and ClickHouse both run. They count; each reads only the events it needs, in the
window it needs. Everyone in the benchmark's shop is known, so no query has to ask for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from shop import AS_OF

if TYPE_CHECKING:
    from collections.abc import Callable

Params = dict[str, Any]


class Words:
    """What engines write differently."""

    def moment(self, moment: datetime) -> str:
        """Return a time."""
        return f"TIMESTAMP '{moment}'"

    def later(self, moment: str, seconds: int) -> str:
        """Return a time some seconds later."""
        return f"{moment} + to_seconds({seconds})"


class ClickHouseWords(Words):
    """ClickHouse's own."""

    def moment(self, moment: datetime) -> str:
        """Return a time."""
        return f"toDateTime64('{moment}', 6, 'UTC')"

    def later(self, moment: str, seconds: int) -> str:
        """Return a time some seconds later."""
        return f"{moment} + toIntervalSecond({seconds})"


@dataclass(frozen=True)
class Template:
    """A kind of segment: its rule and its query, both of the same parameters."""

    rule: str
    query: Callable[[Words, Params], str]

    def when(self, params: Params) -> str:
        """Return the rule with its parameters."""
        return self.rule.format(**params)


# --- parts of queries -------------------------------------------------------------------------------------


def during(words: Words, days: int) -> str:
    """Return the condition that an event lies in the last days."""
    start = words.moment(AS_OF - timedelta(days=days))
    return f"occurred_at >= {start} AND occurred_at < {words.moment(AS_OF)}"


def events(words: Words, name: str, days: int | None, *more: str) -> str:
    """Return the conditions of events of a name: opens by machines and cancelled orders are none."""
    window = during(words, days) if days else f"occurred_at < {words.moment(AS_OF)}"
    conditions = [f"name = '{name}'", window, *more]
    if name == "email_opened":
        conditions.append("is_machine IS NOT TRUE" if type(words) is Words else "not ifNull(is_machine, false)")
    if name == "order_completed":
        conditions.append(
            "(source, order_id) NOT IN (SELECT source, order_id FROM events WHERE name = 'order_cancelled'"
            f" AND occurred_at < {words.moment(AS_OF)} AND order_id IS NOT NULL)"
        )
    return " AND ".join(conditions)


def who(conditions: str, having: str = "") -> str:
    """Return the query of the profiles with such events."""
    query = f"SELECT profile_id FROM events WHERE {conditions} GROUP BY profile_id"
    return f"{query} HAVING {having}" if having else query


def counted(query: str) -> str:
    """Return the query of how many rows a query has."""
    return f"SELECT count(*) FROM ({query}) AS q"


def but_not(query: str, others: str) -> str:
    """Return the query of the profiles of one query that are not in the other."""
    return f"SELECT profile_id FROM ({query}) AS a WHERE profile_id NOT IN ({others})"


def of_everyone(condition: str) -> str:
    """Return the query of the profiles with a condition."""
    return f"SELECT profile_id FROM profiles WHERE {condition}"


# --- the thirteen simple templates ------------------------------------------------------------------------


def _avg(words: Words, p: Params) -> str:
    having = f"sum(amount_e4) > {p['amount'] * 10_000} * count(amount_e4)"
    return who(events(words, "order_completed", p["days"]), having)


SIMPLE: dict[str, Template] = {
    "opened": Template(
        "did email_opened in last {days} days", lambda w, p: counted(who(events(w, "email_opened", p["days"])))
    ),
    "never_opened": Template(
        "never email_opened in last {days} days",
        lambda w, p: counted(but_not(of_everyone("true"), who(events(w, "email_opened", p["days"])))),
    ),
    "orders": Template(
        "count(order_completed in last {days} days) >= {n}",
        lambda w, p: counted(who(events(w, "order_completed", p["days"]), f"count(*) >= {p['n']}")),
    ),
    "lapsed": Template(
        "did order_completed and never order_completed in last {days} days",
        lambda w, p: counted(
            who(events(w, "order_completed", None), f"max(occurred_at) < {w.moment(AS_OF - timedelta(days=p['days']))}")
        ),
    ),
    "coupon_only": Template(
        "did order_completed in last {days} days and never order_completed in last {days} days where coupon is missing",
        lambda w, p: counted(who(events(w, "order_completed", p["days"]), "count(*) = count(coupon)")),
    ),
    "average_order": Template(
        "avg(order_completed.amount in last {days} days) > {amount}", lambda w, p: counted(_avg(w, p))
    ),
    "pages": Template(
        "count(page_viewed in last {days} days) >= {n}",
        lambda w, p: counted(who(events(w, "page_viewed", p["days"]), f"count(*) >= {p['n']}")),
    ),
    "category": Template(
        'count(product_viewed in last {days} days where category = "{category}") >= {n}',
        lambda w, p: counted(
            who(events(w, "product_viewed", p["days"], f"category = '{p['category']}'"), f"count(*) >= {p['n']}")
        ),
    ),
    "spend": Template(
        "sum(order_completed.amount in last {days} days) >= {amount}",
        lambda w, p: counted(who(events(w, "order_completed", p["days"]), f"sum(amount_e4) >= {p['amount'] * 10_000}")),
    ),
    "campaign": Template(
        'did email_opened where campaign_id = "{campaign}"'
        ' and never email_link_clicked where campaign_id = "{campaign}"',
        lambda w, p: counted(
            but_not(
                who(events(w, "email_opened", None, f"campaign_id = '{p['campaign']}'")),
                who(events(w, "email_link_clicked", None, f"campaign_id = '{p['campaign']}'")),
            )
        ),
    ),
    "clicked_not_bought": Template(
        "did email_link_clicked in last {days} days and never order_completed in last {days} days",
        lambda w, p: counted(
            but_not(who(events(w, "email_link_clicked", p["days"])), who(events(w, "order_completed", p["days"])))
        ),
    ),
    "cart_not_bought": Template(
        "did product_added in last {days} days and never order_completed in last {days} days",
        lambda w, p: counted(
            but_not(who(events(w, "product_added", p["days"])), who(events(w, "order_completed", p["days"])))
        ),
    ),
    "recency": Template(
        "last(order_completed) between {near} and {days} days ago",
        lambda w, p: counted(
            who(
                events(w, "order_completed", None),
                f"max(occurred_at) >= {w.moment(AS_OF - timedelta(days=p['days']))}"
                f" AND max(occurred_at) < {w.moment(AS_OF - timedelta(days=p['near']))}",
            )
        ),
    ),
}

TEMPLATES: dict[str, Template] = {**SIMPLE}
