"""Add up over segments what is counted and told of each person in a window: one query a kind of facts.

Facts count when they happened in the window, its end left out; what belongs to nobody counts nowhere; an order
counts unless it was cancelled before the window's end; an open is a person's unless a machine did it (LANGUAGE.md,
Orders and Opens). Of the messages of one campaign to one person as many are opened, clicked, complained about or
answered by leaving as were delivered, at most: what came of messages of before the window does not count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from tesela.events import EVENTS
from tesela.measurement.surveys import read_answers
from tesela.profiles import CONSENTS, Receiving
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.measurement.metrics import Metric
    from tesela.warehouse import Engine, Table

TABLES: dict[str, Table | str] = {"events": EVENTS, "consents": CONSENTS}
MEMBERS = "scope_members"
_ANSWERS = "answers_given"
EVER = datetime(1900, 1, 1)  # noqa: DTZ001 UTC, as every moment in the warehouse
_MICROSECONDS_A_SECOND = 1_000_000
_MICROSECONDS_A_DAY = 86_400 * _MICROSECONDS_A_SECOND

ORDERS = """
    cancelled AS (
        SELECT DISTINCT source, order_id FROM {events} WHERE name = 'order_cancelled' AND occurred_at < $as_of
    ),
    given AS (
        SELECT DISTINCT source, order_id FROM {events} WHERE name = 'order_refunded' AND occurred_at < $as_of
    ),
    orders AS (
        SELECT o.profile_id AS profile_id, o.occurred_at AS occurred_at, coalesce(o.amount_e4, 0) AS amount_e4,
            CASE WHEN o.coupon IS NULL THEN 0 ELSE 1 END AS with_coupon,
            CASE WHEN g.order_id IS NULL THEN 0 ELSE 1 END AS given_back,
            o.quantity AS pieces, coalesce(o.sales_channel, 'online') AS sold
        FROM {events} AS o
        LEFT JOIN cancelled AS c ON c.source = o.source AND c.order_id = o.order_id
        LEFT JOIN given AS g ON g.source = o.source AND g.order_id = o.order_id
        WHERE o.name = 'order_completed' AND o.occurred_at >= $since AND o.occurred_at < $as_of
            AND o.profile_id IS NOT NULL AND c.order_id IS NULL
    )"""

_HAPPENED = "occurred_at >= $since AND occurred_at < $as_of AND profile_id IS NOT NULL"

_BUYING = f"""{ORDERS},
    facts AS (
        SELECT profile_id, 1 AS bought, CASE WHEN count(*) >= 2 THEN 1 ELSE 0 END AS repeated,
            count(*) AS orders, sum(amount_e4)::BIGINT AS revenue_e4,
            sum(with_coupon)::BIGINT AS with_coupon, sum(given_back)::BIGINT AS given_back,
            count(pieces) AS sized_orders, coalesce(sum(pieces) * 10000, 0)::BIGINT AS pieces_e4,
            count(*) - 1 AS gaps,
            (epoch_us(max(occurred_at)) - epoch_us(min(occurred_at))) // {_MICROSECONDS_A_SECOND} AS gap_s
        FROM orders GROUP BY profile_id
    )"""

_REFUNDS = f"""
    facts AS (
        SELECT profile_id, sum(coalesce(amount_e4, 0))::BIGINT AS refunded_e4
        FROM {{events}} WHERE name = 'order_refunded' AND {_HAPPENED} GROUP BY profile_id
    )"""

_MAIL_EVENTS = {
    "delivered": "name = 'email_delivered'",
    "bounced": "name = 'email_bounced'",
    "seen": "name = 'email_opened' AND is_machine IS NOT TRUE",
    "scanned": "name = 'email_opened' AND is_machine IS TRUE",
    "clicked": "name = 'email_link_clicked'",
    "complained": "name = 'email_marked_as_spam'",
    "unsubscribed": "name = 'unsubscribed' AND coalesce(channel, 'email') = 'email'",
}
_MAIL_NAMES = (
    "'email_delivered', 'email_bounced', 'email_opened', 'email_link_clicked', 'email_marked_as_spam', 'unsubscribed'"
)
_MAIL_COUNTS = ", ".join(
    f"sum(CASE WHEN {condition} THEN 1 ELSE 0 END)::BIGINT AS {name}" for name, condition in _MAIL_EVENTS.items()
)

_MAIL = f"""{ORDERS},
    spent AS (SELECT profile_id, sum(amount_e4)::BIGINT AS amount_e4 FROM orders GROUP BY profile_id),
    campaigns AS (
        SELECT profile_id, campaign_id, {_MAIL_COUNTS}
        FROM {{events}} WHERE name IN ({_MAIL_NAMES}) AND {_HAPPENED}
        GROUP BY profile_id, campaign_id
    ),
    mailed AS (
        SELECT profile_id, sum(delivered)::BIGINT AS delivered, sum(bounced)::BIGINT AS bounced,
            sum(least(delivered, seen))::BIGINT AS opened,
            sum(least(delivered - least(delivered, seen), scanned))::BIGINT AS machine_opened,
            sum(least(delivered, clicked))::BIGINT AS clicked,
            sum(least(delivered, seen, clicked))::BIGINT AS opened_clicked,
            sum(least(delivered, complained))::BIGINT AS complained,
            sum(least(delivered, unsubscribed))::BIGINT AS unsubscribed
        FROM campaigns GROUP BY profile_id
    ),
    facts AS (
        SELECT m.profile_id AS profile_id, m.delivered AS delivered, m.bounced AS bounced,
            m.delivered + m.bounced AS sent, m.opened AS opened, m.machine_opened AS machine_opened,
            m.clicked AS clicked, m.opened_clicked AS opened_clicked, m.complained AS complained,
            m.unsubscribed AS unsubscribed,
            CASE WHEN m.delivered > 0 THEN coalesce(s.amount_e4, 0) ELSE 0 END AS mailed_revenue_e4
        FROM mailed AS m LEFT JOIN spent AS s ON s.profile_id = m.profile_id
    )"""

# A visit with something put into the cart, or all of a day where no visit is told; a day's time to become an order.
_CARTS = f"""{ORDERS},
    visits AS (
        SELECT profile_id, coalesce(session_id, CAST(CAST(occurred_at AS DATE) AS VARCHAR)) AS visit,
            epoch_us(min(occurred_at)) AS began, epoch_us(max(occurred_at)) AS ended
        FROM {{events}} WHERE name = 'product_added' AND {_HAPPENED}
        GROUP BY profile_id, coalesce(session_id, CAST(CAST(occurred_at AS DATE) AS VARCHAR))
    ),
    paid AS (
        SELECT v.profile_id AS profile_id, v.visit AS visit,
            max(CASE WHEN epoch_us(o.occurred_at) >= v.began
                AND epoch_us(o.occurred_at) < v.ended + {_MICROSECONDS_A_DAY} THEN 1 ELSE 0 END) AS is_paid
        FROM visits AS v
        LEFT JOIN (SELECT profile_id, occurred_at FROM orders WHERE sold <> 'store') AS o
            ON o.profile_id = v.profile_id
        WHERE v.ended < epoch_us($as_of::TIMESTAMP) - {_MICROSECONDS_A_DAY}
        GROUP BY v.profile_id, v.visit
    ),
    facts AS (
        SELECT profile_id, count(*) AS carts, sum(1 - is_paid)::BIGINT AS abandoned FROM paid GROUP BY profile_id
    )"""

_VIEWS = f"""{ORDERS},
    looked AS (
        SELECT profile_id, min(occurred_at) AS first_at
        FROM {{events}} WHERE name = 'product_viewed' AND {_HAPPENED} GROUP BY profile_id
    ),
    newest AS (SELECT profile_id, max(occurred_at) AS last_at FROM orders GROUP BY profile_id),
    facts AS (
        SELECT l.profile_id AS profile_id, 1 AS viewed,
            CASE WHEN n.last_at >= l.first_at THEN 1 ELSE 0 END AS viewed_bought
        FROM looked AS l LEFT JOIN newest AS n ON n.profile_id = l.profile_id
    )"""

_SURVEYS = f"facts AS (SELECT profile_id, answers, nps_points, rated, satisfied FROM {_ANSWERS})"

_KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "buying": (
        _BUYING,
        frozenset(
            {"bought", "repeated", "orders", "revenue_e4", "with_coupon", "given_back"}
            | {"sized_orders", "pieces_e4", "gaps", "gap_s"}
        ),
    ),
    "refunds": (_REFUNDS, frozenset({"refunded_e4"})),
    "mail": (
        _MAIL,
        frozenset(
            {"delivered", "bounced", "sent", "opened", "machine_opened", "clicked", "opened_clicked"}
            | {"complained", "unsubscribed", "mailed_revenue_e4"}
        ),
    ),
    "carts": (_CARTS, frozenset({"carts", "abandoned"})),
    "views": (_VIEWS, frozenset({"viewed", "viewed_bought"})),
    "surveys": (_SURVEYS, frozenset({"answers", "nps_points", "rated", "satisfied"})),
}

_LAST_ORDERS = f"""
    {ORDERS},
    newest AS (
        SELECT profile_id, (epoch_us($as_of::TIMESTAMP) - epoch_us(max(occurred_at))) // {_MICROSECONDS_A_DAY} AS days
        FROM orders GROUP BY profile_id
    )"""


@dataclass(frozen=True, slots=True)
class Tallies:
    """What was added up over each of some groups of people.

    Attributes:
        sizes: How many people, by scope.
        sums: Whole sums of facts by scope and fact; what is not there is 0.
        moments: Sums of products of facts by scope and product, such as `orders*orders`; of `k*` facts, how many
            people have any.
        days: How many people bought last how many days ago, by scope; ascending.
    """

    sizes: Mapping[str, int]
    sums: Mapping[str, Mapping[str, int]]
    moments: Mapping[str, Mapping[str, float]]
    days: Mapping[str, Sequence[tuple[int, int]]] = field(default_factory=dict)

    def sum(self, scope: str, fact: str) -> int:
        """Return the sum of a fact over a scope; an empty name counts the people themselves."""
        if not fact:
            return self.sizes[scope]
        if fact == "net_revenue_e4":
            return self.sum(scope, "revenue_e4") - self.sum(scope, "refunded_e4")
        return self.sums.get(scope, {}).get(fact, 0)

    def moment(self, scope: str, *facts: str) -> float:
        """Return the sum over a scope of the product of facts; an empty name is 1 of everybody."""
        factors = [fact for fact in facts if fact]
        if not factors:
            return float(self.sizes[scope])
        return float(self.moments.get(scope, {}).get("*".join(sorted(factors)), 0.0))

    def rest(self, whole: str, part: str) -> Tallies:
        """Return what was added up over the people of a scope who are not in a part of it; its scope is the part's."""
        facts = self.sums[whole].keys() | self.sums[part].keys()
        products = self.moments[whole].keys() | self.moments[part].keys()
        theirs = dict(self.days.get(part, ()))
        left = [(days, people - theirs.get(days, 0)) for days, people in self.days.get(whole, ())]
        return Tallies(
            {part: self.sizes[whole] - self.sizes[part]},
            {part: {fact: self.sums[whole].get(fact, 0) - self.sums[part].get(fact, 0) for fact in facts}},
            {part: {each: self.moments[whole].get(each, 0) - self.moments[part].get(each, 0) for each in products}},
            {part: [(days, people) for days, people in left if people]},
        )

    def people(self, scope: str, fact: str) -> int:
        """Return of how many people of a scope a fact is not 0."""
        return int(self.moments.get(scope, {}).get(f"k*{fact}", 0)) if fact else self.sizes[scope]


def tally(
    engine: Engine,
    members: Mapping[str, BitMap64],
    metrics: Iterable[Metric],
    *,
    since: datetime | None,
    as_of: datetime,
    purpose: str = "marketing",
) -> Tallies:
    """Add up what some metrics need over groups of people: as many queries as kinds of facts, however many groups.

    Args:
        engine: Where the events are.
        members: Who is in each group.
        metrics: What is asked for.
        since: Where the window begins, naive UTC; None for all time.
        as_of: Where it ends: the moment of truth.
        purpose: What people would be written to for, of those who can be reached.
    """
    asked = list(metrics)
    scopes = list(members)
    window: dict[str, Any] = {"since": since or EVER, "as_of": as_of}
    listed = {MEMBERS: as_rows(members)}
    sums: dict[str, dict[str, int]] = {scope: {} for scope in scopes}
    moments: dict[str, dict[str, float]] = {scope: {} for scope in scopes}
    for kind, (chain, known) in _KINDS.items():
        facts, products = _needed(asked, known)
        if not facts:
            continue
        relations = listed | ({_ANSWERS: read_answers(engine, **window)} if kind == "surveys" else {})
        for row in engine.query(_adding(chain, facts, products, relations, window)).to_pylist():
            scope = scopes[row.pop("scope")]
            sums[scope] |= {name: int(row.pop(f"s_{name}")) for name in facts}
            moments[scope] |= {product: float(row.pop(f"m{place}")) for place, product in enumerate(products)}
    for channel in dict.fromkeys(metric.channel for metric in asked if metric.channel):
        fact, reachable = f"reachable_{channel}", _reachable(engine, channel, purpose, as_of)
        for scope, own in members.items():
            sums[scope][fact] = own.intersection_cardinality(reachable) if reachable is not None else 0
            same = ("k*" + fact, fact, f"{fact}*{fact}")
            moments[scope] |= dict.fromkeys(same, float(sums[scope][fact]))
    days = _days(engine, scopes, listed, as_of) if any(metric.kind == "median" for metric in asked) else {}
    return Tallies({scope: len(own) for scope, own in members.items()}, sums, moments, days)


def _needed(metrics: Iterable[Metric], known: frozenset[str]) -> tuple[list[str], list[str]]:
    """Return which facts of a kind are added up, and which products of them."""
    facts: dict[str, None] = {}
    products: dict[str, None] = {}
    for metric in metrics:
        told: tuple[str, ...] = (
            ("revenue_e4", "refunded_e4") if metric.told == "net_revenue_e4" else (metric.told, metric.counted)
        )
        # what is summed up over orders is told with their number
        told = (*told, "orders") if metric.grain == "orders" else told
        own = [fact for fact in told if fact in known]
        facts |= dict.fromkeys(own)
        if own and metric.kind in ("share", "mean"):
            powers = _POWERS[metric.kind]
            pairs = ([metric.counted] * x + [metric.told] * y for x, y in powers)
            products |= dict.fromkeys("*".join(sorted(filter(None, pair))) for pair in pairs if any(pair))
            products |= dict.fromkeys(f"k*{fact}" for fact in own)
    return list(facts), list(products)


_SQUARES = ((2, 0), (1, 1), (0, 2))
_POWERS = {"share": _SQUARES, "mean": (*_SQUARES, (3, 0), (2, 1), (1, 2), (0, 3))}


def _adding(
    chain: str, facts: Sequence[str], products: Sequence[str], relations: Mapping[str, pa.Table], window: dict[str, Any]
) -> Statement:
    """Return the statement of whole sums of facts and of sums of products, which may be large, as floating numbers."""
    columns = [f"sum(f.{fact})::BIGINT AS s_{fact}" for fact in facts]
    columns += [f"{_written(product)} AS m{place}" for place, product in enumerate(products)]
    # a window is read only by those that have one
    return statement(
        f"WITH {chain} SELECT m.scope AS scope, {', '.join(columns)}"
        f" FROM {MEMBERS} AS m JOIN facts AS f ON f.profile_id = m.profile_id GROUP BY m.scope",
        tables=TABLES,
        relations=relations,
        **(window if "$since" in chain else {}),
    )


def _written(product: str) -> str:
    if product.startswith("k*"):
        return f"sum(CASE WHEN f.{product.removeprefix('k*')} <> 0 THEN 1 ELSE 0 END)"
    return f"sum({' * '.join(f'CAST(f.{fact} AS DOUBLE)' for fact in product.split('*'))})"


def _days(
    engine: Engine, scopes: Sequence[str], listed: Mapping[str, pa.Table], as_of: datetime
) -> dict[str, list[tuple[int, int]]]:
    """Return how many people of each scope bought last how many days ago; a window has no part in that."""
    rows = engine.query(
        statement(
            f"WITH {_LAST_ORDERS} SELECT m.scope AS scope, n.days AS days, count(*) AS people"
            f" FROM {MEMBERS} AS m JOIN newest AS n ON n.profile_id = m.profile_id GROUP BY m.scope, n.days",
            tables=TABLES,
            relations=listed,
            since=EVER,
            as_of=as_of,
        )
    )
    found: dict[str, list[tuple[int, int]]] = {scope: [] for scope in scopes}
    for row in rows.to_pylist():
        found[scopes[row["scope"]]].append((int(row["days"]), int(row["people"])))
    return {scope: sorted(days) for scope, days in found.items()}


def _reachable(engine: Engine, channel: str, purpose: str, as_of: datetime) -> BitMap64 | None:
    """Return who can be written to on a channel; None where nobody ever agreed to it."""
    from pyroaring import BitMap64

    agreed = statement(
        "SELECT count(*) AS n FROM {consents} WHERE channel = $channel AND status = 'yes'",
        tables=TABLES,
        channel=channel,
    )
    if not engine.query(agreed).to_pylist()[0]["n"]:
        return None
    can = Receiving.find(engine, channel, purpose, as_of=as_of).column("profile_id")
    return BitMap64(can.to_numpy().astype("uint64"))


def as_rows(members: Mapping[str, BitMap64]) -> pa.Table:
    """Return rows of scope, by its place, and profile_id."""
    import numpy as np
    import pyarrow as pa

    ids = [np.asarray(own.to_array(), np.int64) for own in members.values()]
    places = np.repeat(np.arange(len(ids), dtype=np.int32), [len(each) for each in ids])
    whose = np.concatenate(ids) if ids else np.empty(0, np.int64)
    return pa.table({"scope": pa.array(places, pa.int32()), "profile_id": pa.array(whose, pa.int64())})
