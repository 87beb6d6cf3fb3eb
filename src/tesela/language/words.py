"""The words of the language: those that work, and those that are agreed and not available yet."""

from __future__ import annotations

from typing import get_args

from tesela.base import Unit
from tesela.language.nodes import AggregateFunction, PopulationFunction

UNITS: dict[str, Unit] = {name: unit for unit in get_args(Unit) for name in (unit, f"{unit}s")}

AGGREGATES: tuple[AggregateFunction, ...] = get_args(AggregateFunction)
POPULATION_FUNCTIONS: tuple[PopulationFunction, ...] = get_args(PopulationFunction)

FUNCTIONS = frozenset({*AGGREGATES, "percentile", "rank", "sample"})
"""What is followed by a parenthesis."""

STARTERS = frozenset(
    {*FUNCTIONS, "did", "never", "not", "top", "in segment", "birthday", "revenue", "store", "population", "age"}
)
"""What an expression may start with, for near names."""

LATER_FUNCTIONS = frozenset(
    {
        "any",
        "all",
        "can_receive",
        "changed",
        "decile",
        "distance",
        "hour",
        "median",
        "none",
        "one",
        "previous",
        "regularly",
        "resumed",
        "sequence",
        "stopped",
        "time_since",
        "weekday",
        "xor",
    }
)
"""Agreed functions that are not available yet."""

LATER_PREFIXES = frozenset({"joined", "left", "ever", "held"})
"""Agreed words before a name that are not available yet."""

LATER_TRAITS = frozenset({"rfm", "clv_12m", "tier"})
"""Traits that other rooms will bring."""

LATER_OPERATORS = frozenset({"xor"})

EVENTS = frozenset(
    {
        "order_completed",
        "order_refunded",
        "order_cancelled",
        "product_purchased",
        "product_viewed",
        "product_added",
        "product_removed",
        "product_clicked",
        "product_list_viewed",
        "product_reviewed",
        "cart_viewed",
        "checkout_started",
        "coupon_applied",
        "products_searched",
        "promotion_viewed",
        "promotion_clicked",
        "page_viewed",
        "screen_viewed",
        "form_submitted",
        "survey_answered",
        "email_sent",
        "email_delivered",
        "email_opened",
        "email_link_clicked",
        "email_bounced",
        "email_marked_as_spam",
        "unsubscribed",
    }
)
"""Events with an agreed name and meaning; a shop's own come beside them."""

ANY_OPEN = "email_opened_any"
"""Opens by a machine included."""
