"""The templates of the benchmark's segments: the rule in Tesela's language, and the query a careful analyst writes.

The queries are SQL that DuckDB and ClickHouse both run. They count; each reads only the events it needs, in the
window it needs. Everyone in the benchmark's shop is known, so no query has to ask for that.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
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

    def day(self, day: date) -> str:
        """Return a date."""
        return f"DATE '{day}'"

    def later(self, moment: str, seconds: int) -> str:
        """Return a time some seconds later."""
        return f"{moment} + to_seconds({seconds})"


class ClickHouseWords(Words):
    """ClickHouse's own."""

    def moment(self, moment: datetime) -> str:
        """Return a time."""
        return f"toDateTime64('{moment}', 6, 'UTC')"

    def day(self, day: date) -> str:
        """Return a date; its plain dates begin in 1970, and earlier ones become that without a word."""
        return f"toDate32('{day}')"

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


# --- the richer list: order of events, different values, the population, properties ------------------------

_DAY = 86_400


def _abandoned(words: Words, p: Params) -> str:
    # the next order later than the cart; the 24 hours must be over
    over = words.moment(AS_OF - timedelta(days=1))
    added = f"SELECT profile_id, occurred_at FROM events WHERE {events(words, 'product_added', p['days'])}"
    orders = f"SELECT profile_id, occurred_at FROM events WHERE {events(words, 'order_completed', p['days'])}"
    return f"""SELECT count(DISTINCT a.profile_id) FROM ({added} AND occurred_at <= {over}) AS a
        ASOF LEFT JOIN ({orders}) AS o ON a.profile_id = o.profile_id AND a.occurred_at < o.occurred_at
        WHERE o.occurred_at IS NULL OR o.occurred_at > {words.later("a.occurred_at", _DAY)}
            OR o.occurred_at <= a.occurred_at"""


def _viewed_bought(words: Words, p: Params) -> str:
    columns = "profile_id, product_id, occurred_at"
    viewed = f"SELECT {columns} FROM events WHERE {events(words, 'product_viewed', p['days'])}"
    bought = f"SELECT {columns} FROM events WHERE {events(words, 'product_purchased', p['days'])}"
    return f"""SELECT count(DISTINCT v.profile_id) FROM ({viewed} AND product_id IS NOT NULL) AS v
        JOIN ({bought} AND product_id IS NOT NULL) AS b ON v.profile_id = b.profile_id AND v.product_id = b.product_id
        WHERE b.occurred_at > v.occurred_at AND b.occurred_at <= {words.later("v.occurred_at", p["within"] * _DAY)}"""


def _opened_ordered(words: Words, p: Params) -> str:
    # the last open before each order is the one that decides
    opened = f"SELECT profile_id, occurred_at FROM events WHERE {events(words, 'email_opened', p['days'])}"
    orders = f"SELECT profile_id, occurred_at FROM events WHERE {events(words, 'order_completed', p['days'])}"
    return f"""SELECT count(DISTINCT o.profile_id) FROM ({orders}) AS o
        ASOF JOIN ({opened}) AS m ON o.profile_id = m.profile_id AND o.occurred_at > m.occurred_at
        WHERE o.occurred_at <= {words.later("m.occurred_at", p["within"] * _DAY)}"""


def _funnel(words: Words, p: Params) -> str:
    # a cart counts when the last view before it is near enough; then the last such cart before each order decides
    def step(name: str) -> str:
        return f"SELECT profile_id, occurred_at FROM events WHERE {events(words, name, p['days'])}"

    carts = f"""SELECT a.profile_id AS profile_id, a.occurred_at AS occurred_at FROM ({step("product_added")}) AS a
        ASOF JOIN ({step("product_viewed")}) AS v ON a.profile_id = v.profile_id AND a.occurred_at > v.occurred_at
        WHERE a.occurred_at <= {words.later("v.occurred_at", _DAY)}"""
    return f"""SELECT count(DISTINCT o.profile_id) FROM ({step("order_completed")}) AS o
        ASOF JOIN ({carts}) AS c ON o.profile_id = c.profile_id AND o.occurred_at > c.occurred_at
        WHERE o.occurred_at <= {words.later("c.occurred_at", p["within"] * _DAY)}"""


def _spent_by_all(words: Words, p: Params) -> str:
    """Return the query of everyone's spending, nothing being zero."""
    spent = f"""SELECT profile_id, sum(amount_e4) AS spent FROM events
        WHERE {events(words, "order_completed", p["days"])} GROUP BY profile_id"""
    return f"""SELECT p.profile_id AS profile_id, coalesce(s.spent, 0) AS spent FROM profiles AS p
        LEFT JOIN ({spent}) AS s ON s.profile_id = p.profile_id"""


def _top(words: Words, p: Params) -> str:
    ranked = f"""SELECT rank() OVER (ORDER BY spent DESC) AS place, count(*) OVER () AS size
        FROM ({_spent_by_all(words, p)}) AS s"""
    return f"SELECT count(*) FROM ({ranked}) AS r WHERE (place - 1) * 100 < {p['share']} * size"


def _percentile(words: Words, p: Params) -> str:
    viewed = f"""SELECT profile_id, count(*) AS views FROM events
        WHERE {events(words, "page_viewed", p["days"])} GROUP BY profile_id"""
    everyone = f"""SELECT coalesce(s.views, 0) AS views FROM profiles AS p
        LEFT JOIN ({viewed}) AS s ON s.profile_id = p.profile_id"""
    ranked = f"SELECT rank() OVER (ORDER BY views) AS place, count(*) OVER () AS size FROM ({everyone}) AS s"
    return f"SELECT count(*) FROM ({ranked}) AS r WHERE (place - 1) * 100 >= {p['percentile']} * size"


def _above_store(words: Words, p: Params) -> str:
    orders = f"SELECT profile_id, amount_e4 FROM events WHERE {events(words, 'order_completed', p['days'])}"
    own = f"SELECT profile_id, sum(amount_e4) AS total, count(amount_e4) AS n FROM ({orders}) AS o GROUP BY profile_id"
    return f"""SELECT count(*) FROM ({own}) AS mine
        CROSS JOIN (SELECT sum(amount_e4) AS total, count(amount_e4) AS n FROM ({orders}) AS o) AS store
        WHERE CAST(mine.total AS {_WIDE}) * store.n > CAST(store.total AS {_WIDE}) * mine.n"""


def _above_mean(words: Words, p: Params) -> str:
    own = f"""SELECT profile_id, sum(amount_e4) AS spent FROM events
        WHERE {events(words, "order_completed", p["days"])} GROUP BY profile_id"""
    return f"""SELECT count(*) FROM ({own}) AS mine
        CROSS JOIN (SELECT sum(spent) AS total, count(*) AS n FROM ({own}) AS s) AS store
        WHERE CAST(mine.spent AS {_WIDE}) * store.n >= {p["times"]} * CAST(store.total AS {_WIDE})"""


_WIDE = "DECIMAL(38, 0)"


def _aged(words: Words, p: Params) -> str:
    # whole years on the local date of the moment of truth
    first = AS_OF.replace(year=AS_OF.year - p["old"] - 1).date()
    last = AS_OF.replace(year=AS_OF.year - p["young"]).date()
    return counted(of_everyone(f"birth_date > {words.day(first)} AND birth_date <= {words.day(last)}"))


def _place(words: Words, p: Params) -> str:
    bought = who(events(words, "order_completed", p["days"]))
    return counted(of_everyone(f"country = '{p['country']}' AND profile_id IN ({bought})"))


def _city(words: Words, p: Params) -> str:
    opened = who(events(words, "email_opened", p["days"]))
    some = ", ".join(f"'{each}'" for each in p["cities"])
    return counted(of_everyone(f"city IN ({some}) AND profile_id NOT IN ({opened})"))


def _gender(words: Words, p: Params) -> str:
    viewed = who(events(words, "product_viewed", p["days"], f"brand = '{p['brand']}'"))
    return counted(of_everyone(f"gender = '{p['gender']}' AND profile_id IN ({viewed})"))


def _distinct(name: str, field: str) -> Callable[[Words, Params], str]:
    return lambda w, p: counted(who(events(w, name, p["days"]), f"count(DISTINCT {field}) >= {p['n']}"))


def _regular(words: Words, p: Params) -> str:
    weeks = [
        f"max(CASE WHEN occurred_at >= {words.moment(AS_OF - timedelta(days=7 * (week + 1)))}"
        f" AND occurred_at < {words.moment(AS_OF - timedelta(days=7 * week))} THEN 1 ELSE 0 END)"
        for week in range(p["of"])
    ]
    return counted(who(events(words, "page_viewed", 7 * p["of"]), f"{' + '.join(weeks)} >= {p['weeks']}"))


def _expensive(words: Words, p: Params) -> str:
    large = events(words, "order_completed", p["days"], f"amount_e4 > {p['amount'] * 10_000}", "coupon IS NOT NULL")
    return counted(who(large))


SEQUENCES: dict[str, Template] = {
    "abandoned": Template(
        "sequence(product_added, no order_completed within 24 hours) in last {days} days", _abandoned
    ),
    "viewed_bought": Template(
        "sequence(product_viewed, product_purchased with same product_id within {within} days) in last {days} days",
        _viewed_bought,
    ),
    "opened_ordered": Template(
        "sequence(email_opened, order_completed within {within} days) in last {days} days", _opened_ordered
    ),
    "funnel": Template(
        "sequence(product_viewed, product_added within 1 day, order_completed within {within} days)"
        " in last {days} days",
        _funnel,
    ),
}

DISTINCT: dict[str, Template] = {
    "categories": Template(
        "distinct(product_viewed.category in last {days} days) >= {n}", _distinct("product_viewed", "category")
    ),
    "campaigns": Template(
        "distinct(email_opened.campaign_id in last {days} days) >= {n}", _distinct("email_opened", "campaign_id")
    ),
    "brands": Template(
        "distinct(product_purchased.brand in last {days} days) >= {n}", _distinct("product_purchased", "brand")
    ),
}

POPULATION: dict[str, Template] = {
    "top": Template("top {share}% by sum(order_completed.amount in last {days} days)", _top),
    "percentile": Template("percentile(count(page_viewed in last {days} days)) >= {percentile}", _percentile),
    "above_store": Template(
        "avg(order_completed.amount in last {days} days) > store.avg(order_completed.amount in last {days} days)",
        _above_store,
    ),
    "above_mean": Template(
        "sum(order_completed.amount in last {days} days) >= {times} * population.avg("
        "sum(order_completed.amount in last {days} days) where did order_completed in last {days} days)",
        _above_mean,
    ),
}

PROPERTIES: dict[str, Template] = {
    "country": Template('country = "{country}" and did order_completed in last {days} days', _place),
    "cities": Template('city in ("{cities[0]}", "{cities[1]}") and never email_opened in last {days} days', _city),
    "aged": Template("age between {young} and {old}", _aged),
    "gender": Template(
        'gender = "{gender}" and did product_viewed in last {days} days where brand = "{brand}"', _gender
    ),
    "expensive": Template(
        "did order_completed in last {days} days where (amount > {amount} and coupon is set)", _expensive
    ),
}

RHYTHM: dict[str, Template] = {"regular": Template("regularly(page_viewed, {weeks} of last {of} weeks)", _regular)}

TEMPLATES: dict[str, Template] = {**SIMPLE, **SEQUENCES, **DISTINCT, **POPULATION, **PROPERTIES, **RHYTHM}
