"""The words of the language that more than one stage knows."""

from __future__ import annotations

from typing import get_args

from tesela.base import Unit
from tesela.language.nodes import AggregateFunction, PopulationFunction

UNITS: dict[str, Unit] = {name: unit for unit in get_args(Unit) for name in (unit, f"{unit}s")}

AGGREGATES: tuple[AggregateFunction, ...] = get_args(AggregateFunction)
POPULATION_FUNCTIONS: tuple[PopulationFunction, ...] = get_args(PopulationFunction)

LATER_TRAITS = frozenset({"clv_12m", "tier"})
"""Traits that other rooms will bring."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

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
