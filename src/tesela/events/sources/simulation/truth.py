"""The truth: who is whom, each person's true state, and how large every segment must come out.

Sizes are counted here from the simulation's own numbers, twice: by profile, as Tesela's usual rules of
identity put records together (`identity.py`), and by true person. Nothing of Tesela's SQL is used.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tesela.events.sources.simulation.people import SOURCES
from tesela.events.sources.simulation.seasons import DAY_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

OPEN_DAYS = (7, 30, 60, 90)

RULES = {
    "buyers": "did order_completed",
    "non_buyers": "never order_completed",
    "one_time_buyers": "count(order_completed) = 1",
    "frequent_buyers_30d": "count(order_completed in last 30 days) >= 2",
    "five_or_more_orders_6m": "count(order_completed in last 6 months) >= 5",
    "bought_6m_not_3m": "did order_completed in last 6 months and not did order_completed in last 3 months",
    "lost": "did order_completed and not did order_completed in last 12 months",
    "big_spenders": "avg(order_completed.amount) > store.avg(order_completed.amount)",
    **{f"openers_{days}d": f"did email_opened in last {days} days" for days in OPEN_DAYS},
    "never_opened": "did email_delivered and never email_opened",
}
"""Segments whose sizes are told, each with its rule; `leads_<source>` come on top."""


def lead_rule(source: str) -> str:
    """Return the rule of the people who came through a source and have not bought."""
    return f'never order_completed and first_source = "{source}"'


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts, of one lot. `owner` is a place among the lot's units (profiles, or people), -1 for nobody.

    Attributes:
        units: How many units there are.
        is_known: Which are known by more than a browser.
        anonymous: How many browsers there are that are nobody known.
        first_source: Of each unit, how it came: a text, "" where it does not matter.
        order_owner, order_at, order_amount: Orders that were not cancelled; UTC seconds, cents.
        delivered_owner: Whose each delivered message was.
        opened_owner, opened_at: Opens by people; UTC seconds.
        refund_owner, refund_amount: Money given back.
    """

    units: int
    is_known: Flags
    anonymous: int
    first_source: list[str]
    order_owner: Ints
    order_at: Ints
    order_amount: Ints
    delivered_owner: Ints
    opened_owner: Ints
    opened_at: Ints
    refund_owner: Ints
    refund_amount: Ints


@dataclass(slots=True)
class Sizes:
    """Sizes of the segments, added up lot by lot; big spenders wait for the average of all."""

    seasons: Seasons
    base: int = 0
    anonymous: int = 0
    orders: int = 0
    revenue_cents: int = 0
    refunded_cents: int = 0
    segments: dict[str, int] = field(default_factory=lambda: dict.fromkeys(RULES, 0))
    _spent: list[Ints] = field(default_factory=list)
    _bought: list[Ints] = field(default_factory=list)

    def add(self, facts: Facts) -> None:
        """Count one lot."""
        as_of = self.seasons.before(0, "day")
        owned = facts.order_owner >= 0
        owner, at = facts.order_owner[owned], facts.order_at[owned]
        amount = facts.order_amount[owned]
        units, known = facts.units, facts.is_known

        def orders_since(start: int) -> Ints:
            return np.bincount(owner[at >= start], minlength=units)

        ever = np.bincount(owner, minlength=units)
        spent = np.zeros(units, np.int64)
        np.add.at(spent, owner, amount)
        opened = facts.opened_owner >= 0
        opens = np.bincount(facts.opened_owner[opened], minlength=units)
        delivered = np.bincount(facts.delivered_owner[facts.delivered_owner >= 0], minlength=units)
        half, quarter = orders_since(self.seasons.before(6, "month")), orders_since(self.seasons.before(3, "month"))
        year = orders_since(self.seasons.before(12, "month"))
        members: dict[str, Flags] = {
            "buyers": ever > 0,
            "non_buyers": ever == 0,
            "one_time_buyers": ever == 1,
            "frequent_buyers_30d": orders_since(as_of - 30 * DAY_S) >= 2,
            "five_or_more_orders_6m": half >= 5,
            "bought_6m_not_3m": (half > 0) & (quarter == 0),
            "lost": (ever > 0) & (year == 0),
            "never_opened": (delivered > 0) & (opens == 0),
        }
        for days in OPEN_DAYS:
            lately = opened & (facts.opened_at >= as_of - days * DAY_S)
            members[f"openers_{days}d"] = np.bincount(facts.opened_owner[lately], minlength=units) > 0
        for name, chosen in members.items():
            self.segments[name] += int((chosen & known).sum())
        self._add_leads(facts, ever)
        self.base += int(known.sum())
        self.anonymous += facts.anonymous
        self.orders += len(owner)
        self.revenue_cents += int(amount.sum())
        self.refunded_cents += int(facts.refund_amount[facts.refund_owner >= 0].sum())
        buyers = ever > 0
        self._spent.append(spent[buyers])
        self._bought.append(ever[buyers])

    def _add_leads(self, facts: Facts, ever: Ints) -> None:
        for unit in np.flatnonzero(facts.is_known & (ever == 0)).tolist():
            name = f"leads_{facts.first_source[unit]}"
            self.segments[name] = self.segments.get(name, 0) + 1

    def told(self) -> dict[str, Any]:
        """Return everything as plain values. An average is compared as sum against count, in whole numbers."""
        spent = np.concatenate(self._spent) if self._spent else np.zeros(0, np.int64)
        bought = np.concatenate(self._bought) if self._bought else np.zeros(0, np.int64)
        # Python's integers do not overflow: cents of a person times orders of the shop
        above = sum(
            s * self.orders > self.revenue_cents * n for s, n in zip(spent.tolist(), bought.tolist(), strict=True)
        )
        segments = {**self.segments, "big_spenders": above}
        return {
            "base": self.base,
            "anonymous": self.anonymous,
            "orders": self.orders,
            "revenue_gross": _euros(self.revenue_cents),
            "refunded": _euros(self.refunded_cents),
            "revenue": _euros(self.revenue_cents - self.refunded_cents),
            "segments": {
                name: {"rule": RULES.get(name) or lead_rule(name.removeprefix("leads_")), "size": size}
                for name, size in sorted(segments.items(), key=_place_of)
            },
        }


def _place_of(segment: tuple[str, int]) -> tuple[int, str]:
    order = [*RULES, *(f"leads_{source}" for source in SOURCES)]
    return (order.index(segment[0]), "") if segment[0] in order else (len(order), segment[0])


def _euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"
