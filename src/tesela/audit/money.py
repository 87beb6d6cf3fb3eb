"""The money at stake: counted from the shop's own figures, or the reason why it is not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import text, to_e4

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyroaring import BitMap64

    from tesela.audit.found import Found
    from tesela.audit.ground import Ground
    from tesela.base import Language

Kind = Literal["cost", "spent", "asleep"]

_AMONG = "audit_among"
_FEWEST = 30
_BUCKETS = ((0, 365), (365, 730), (730, 36_500))


@dataclass(frozen=True, slots=True)
class Money:
    """An amount, and how it came about.

    Attributes:
        kind: `cost`: what mailing them has cost in a year; `spent`: what they spent in the year up to their last
            order; `asleep`: what of that can be expected back.
        amount_e4: Ten-thousandths of the shop's currency; None where it cannot be told.
        low_e4: The lower end of its 95 % interval; None where it is a count and no estimate.
        high_e4: The upper end.
        how: Which text of `audit.money` says how it was computed, or why it was not.
        facts: What stands in its places.
    """

    kind: str
    amount_e4: int | None = None
    low_e4: int | None = None
    high_e4: int | None = None
    how: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    def said(self, language: Language, **written: object) -> str:
        """Return how it was computed, or why it was not.

        Args:
            language: Of the words.
            written: Facts as the language writes them, in the place of plain ones.
        """
        return text(f"audit.money.{self.how}", language, **{**self.facts, **written})


def count_money(kind: str, ground: Ground, found: Found) -> Money:
    """Return the money at stake in what was found.

    Args:
        kind: How it is counted: `cost`, `spent` or `asleep`.
        ground: What the audit stands on.
        found: With its people.
    """
    if found.people is None:
        return Money(kind, how="no_people")
    return _WAYS[kind](ground, found.people)


def _cost(ground: Ground, people: BitMap64) -> Money:
    """Count what mailing them has cost in a year: messages that were delivered times the price of one."""
    if ground.settings.cost_per_thousand is None:
        return Money("cost", how="no_price")
    price_e4 = to_e4(ground.settings.cost_per_thousand)
    messages = _sum(ground, people, "sum(p.delivered_365)")["n"]
    facts = {"messages": messages, "price": ground.settings.cost_per_thousand}
    return Money("cost", messages * price_e4 // 1000, how="cost", facts=facts)


def _spent(ground: Ground, people: BitMap64) -> Money:
    """Add up what they spent in the year up to their last order: a fact, and no promise."""
    if "order_completed" not in ground.events:
        return Money("spent", how="no_orders")
    sums = _sum(ground, people, "sum(p.year_e4)", "count(*) FILTER (p.orders > 0)")
    return Money("spent", sums["n"], how="spent", facts={"buyers": sums["m"]})


def _asleep(ground: Ground, people: BitMap64) -> Money:
    """Estimate what of the value of sleeping buyers comes back in a year.

    Value: what each spent in the year up to her last order. Return rate: of those who were just as long without an
    order a year ago, the share that bought in the year since. By length of sleep, each with its interval.
    """
    if "order_completed" not in ground.events:
        return Money("asleep", how="no_orders")
    from tesela.estimators import Moments, share_interval

    total = low = high = 0.0
    value_e4 = 0
    cohort = returned = left_out = 0
    shortest = _least_sleep(ground, people)
    for first, last in _BUCKETS:
        start = max(first, shortest)
        if start >= last:
            continue
        bounds = {"first": start, "last": last}
        now = ground.row(
            f"""
            SELECT coalesce(sum(p.year_e4), 0)::BIGINT AS value_e4, count(*) AS buyers
            FROM {{people}} AS p JOIN {_AMONG} AS a ON a.profile_id = p.profile_id
            WHERE {_DAYS.format(at="$as_of", order="p.last_order_at")}
            """,
            relations=_among(people),
            **bounds,
        )
        if not now["buyers"]:
            continue
        then = ground.row(
            f"""
            SELECT count(*) AS n, count(*) FILTER (orders_since > 0) AS back
            FROM {{people}} WHERE {_DAYS.format(at="$d365", order="order_then_at")}
            """,
            **bounds,
        )
        if then["n"] < _FEWEST:
            left_out += now["buyers"]
            continue
        n, k = float(then["n"]), float(then["back"])
        ends = share_interval(Moments(n=[n], x=[n], y=[k], xx=[n], xy=[k], yy=[k]))
        value_e4 += now["value_e4"]
        total += now["value_e4"] * k / n
        low += now["value_e4"] * float(ends.low[0])
        high += now["value_e4"] * float(ends.high[0])
        cohort, returned = cohort + then["n"], returned + then["back"]
    if not cohort:
        return Money("asleep", how="too_few_slept", facts={"fewest": _FEWEST})
    facts = {
        "cohort": cohort,
        "returned": returned,
        "left_out": left_out,
        "value_e4": value_e4,
    }
    return Money("asleep", round(total), round(low), round(high), "asleep_without" if left_out else "asleep", facts)


_DAYS = (
    "epoch_us({at}::TIMESTAMP) - epoch_us({order}) >= $first::BIGINT * 86400000000"
    " AND epoch_us({at}::TIMESTAMP) - epoch_us({order}) < $last::BIGINT * 86400000000"
)


def _least_sleep(ground: Ground, people: BitMap64) -> int:
    """Return after how many days without an order those asleep begin."""
    row = ground.row(
        f"""
        SELECT coalesce(min((epoch_us($as_of::TIMESTAMP) - epoch_us(p.last_order_at)) // 86400000000), 0) AS days
        FROM {{people}} AS p JOIN {_AMONG} AS a ON a.profile_id = p.profile_id
        """,
        relations=_among(people),
    )
    return int(row["days"])


def _sum(ground: Ground, people: BitMap64, first: str, second: str = "count(*)") -> dict[str, int]:
    row = ground.row(
        f"SELECT coalesce({first}, 0)::BIGINT AS n, coalesce({second}, 0)::BIGINT AS m"
        f" FROM {{people}} AS p JOIN {_AMONG} AS a ON a.profile_id = p.profile_id",
        relations=_among(people),
    )
    return {name: int(value) for name, value in row.items()}


def _among(people: BitMap64) -> dict[str, Any]:
    import numpy as np
    import pyarrow as pa

    return {_AMONG: pa.table({"profile_id": pa.array(np.asarray(people.to_array(), np.int64))})}


_WAYS: dict[str, Callable[[Ground, BitMap64], Money]] = {"cost": _cost, "spent": _spent, "asleep": _asleep}
