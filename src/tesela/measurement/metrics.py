"""The catalogue of metrics: what is measured of a segment, in which unit, over what, and where it comes from.

A rate is a ratio of two sums over people: of what is counted of each (delivered messages) and of what is told of
that (how many of them she opened). `tallies.py` says how both are read from the events.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Literal

from tesela.base import Language, NotFoundError, text
from tesela.profiles import Receiving

Unit = Literal["profiles", "orders", "share", "per_profile", "pieces", "money", "days", "points"]
Grain = Literal["size", "buyers", "orders", "messages", "openings", "carts", "viewers", "answers", "pauses"]
Kind = Literal["size", "sum", "part", "share", "mean", "median", "growth"]

_E4 = Decimal("0.0001")
_SECONDS = 1 / Decimal(86_400)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """One metric; its words stand in `texts.toml` under its key.

    Attributes:
        key: Its name in code, in `measurements` and in JSON, and the field of `SegmentKPIs` where it has one.
        unit: `share` is 0 to 1; `money` is in the shop's currency; `per_profile` is orders per person; `points`
            go from -100 to 100.
        grain: What one number is computed over.
        kind: `size` counts people; `sum` adds up; `part` is a sum relative to the base's; `share` is how many of what
            is counted; `mean` is a sum over what is counted; `median`, of people; `growth`, relative to the window's
            beginning.
        told: Fact of a person that is summed up; of a median, the one in the middle.
        counted: Fact of a person that it is divided by; empty: the person herself.
        scale: What the quotient is multiplied by, for the unit.
        source: What it is read from: names of events, and tables.
        channel: Channel of a message, of metrics that every channel has.
        is_better: Whether more of it is better for the shop; None where that cannot be said.
    """

    key: str
    unit: Unit
    grain: Grain
    kind: Kind
    told: str = ""
    counted: str = ""
    scale: Decimal = Decimal(1)
    source: tuple[str, ...] = ()
    channel: str = ""
    is_better: bool | None = True

    def name(self, language: Language) -> str:
        """Return what it is called."""
        return self._say("name", language)

    def formula(self, language: Language) -> str:
        """Return how it is computed, in a line."""
        return self._say("formula", language)

    def explanation(self, language: Language) -> str:
        """Return what it tells."""
        return self._say("explanation", language)

    def wrong_use(self, language: Language) -> str:
        """Return a reading of it that is known to be wrong."""
        return self._say("wrong_use", language)

    def _say(self, what: str, language: Language) -> str:
        key = "reachable" if self.channel else self.key
        shown = text(f"measurement.channel.{self.channel}", language) if self.channel else ""
        return text(f"measurement.metric.{key}.{what}", language, channel=shown)


_ORDERS = ("order_completed", "order_cancelled")
_OPENED = ("email_delivered", "email_opened")


def _sized(key: str, unit: Unit, grain: Grain, kind: Kind, told: str, *, source: tuple[str, ...]) -> Metric:
    scale = _E4 if unit == "money" else Decimal(1)
    return Metric(key=key, unit=unit, grain=grain, kind=kind, told=told, scale=scale, source=source)


def _share(
    key: str, grain: Grain, told: str, counted: str = "", *, source: tuple[str, ...], is_better: bool | None = True
) -> Metric:
    return Metric(
        key=key,
        unit="share",
        grain=grain,
        kind="share",
        told=told,
        counted=counted,
        source=source,
        is_better=is_better,
    )


def _money(key: str, grain: Grain, told: str, counted: str = "", *, source: tuple[str, ...] = _ORDERS) -> Metric:
    return Metric(key=key, unit="money", grain=grain, kind="mean", told=told, counted=counted, scale=_E4, source=source)


CATALOGUE: tuple[Metric, ...] = (
    Metric(key="size", unit="profiles", grain="size", kind="size", source=("profiles",), is_better=None),
    Metric(key="share_of_base", unit="share", grain="size", kind="part", source=("profiles",), is_better=None),
    Metric(key="growth", unit="share", grain="size", kind="growth", source=("profiles",), is_better=None),
    *(
        Metric(
            key=f"reachable_{channel}",
            unit="share",
            grain="size",
            kind="share",
            told=f"reachable_{channel}",
            source=("consents", "suppressions", "profiles"),
            channel=channel,
        )
        for channel in Receiving.channels
    ),
    _share("delivery_rate", "messages", "delivered", "sent", source=("email_delivered", "email_bounced")),
    _share("open_rate", "messages", "opened", "delivered", source=_OPENED),
    _share("machine_open_rate", "messages", "machine_opened", "delivered", source=_OPENED, is_better=None),
    _share("click_rate", "messages", "clicked", "delivered", source=("email_delivered", "email_link_clicked")),
    _share("click_to_open_rate", "openings", "opened_clicked", "opened", source=(*_OPENED, "email_link_clicked")),
    _share(
        "unsubscribe_rate",
        "messages",
        "unsubscribed",
        "delivered",
        source=("email_delivered", "unsubscribed"),
        is_better=False,
    ),
    _share("bounce_rate", "messages", "bounced", "sent", source=("email_delivered", "email_bounced"), is_better=False),
    _share(
        "complaint_rate",
        "messages",
        "complained",
        "delivered",
        source=("email_delivered", "email_marked_as_spam"),
        is_better=False,
    ),
    _sized("buyers", "profiles", "size", "sum", "bought", source=_ORDERS),
    _share("conversion", "size", "bought", source=_ORDERS),
    _sized("orders", "orders", "orders", "sum", "orders", source=_ORDERS),
    _sized("revenue", "money", "orders", "sum", "revenue_e4", source=_ORDERS),
    _sized("net_revenue", "money", "orders", "sum", "net_revenue_e4", source=(*_ORDERS, "order_refunded")),
    _sized("share_of_revenue", "share", "orders", "part", "revenue_e4", source=_ORDERS),
    _money("average_order_value", "orders", "revenue_e4", "orders"),
    Metric(
        key="items_per_order",
        unit="pieces",
        grain="orders",
        kind="mean",
        told="pieces_e4",
        counted="sized_orders",
        scale=_E4,
        source=_ORDERS,
    ),
    Metric(key="orders_per_profile", unit="per_profile", grain="size", kind="mean", told="orders", source=_ORDERS),
    Metric(
        key="orders_per_buyer",
        unit="per_profile",
        grain="buyers",
        kind="mean",
        told="orders",
        counted="bought",
        source=_ORDERS,
    ),
    Metric(
        key="days_between_orders",
        unit="days",
        grain="pauses",
        kind="mean",
        told="gap_s",
        counted="gaps",
        scale=_SECONDS,
        source=_ORDERS,
        is_better=False,
    ),
    Metric(
        key="days_since_last_order",
        unit="days",
        grain="buyers",
        kind="median",
        told="days",
        source=_ORDERS,
        is_better=False,
    ),
    _share("repeat_rate", "buyers", "repeated", "bought", source=_ORDERS),
    _share("coupon_share", "orders", "with_coupon", "orders", source=_ORDERS, is_better=None),
    _share("refund_share", "orders", "given_back", "orders", source=(*_ORDERS, "order_refunded"), is_better=False),
    _share("cart_abandonment", "carts", "abandoned", "carts", source=("product_added", *_ORDERS), is_better=False),
    _share("browse_to_buy", "viewers", "viewed_bought", "viewed", source=("product_viewed", *_ORDERS)),
    _money("revenue_per_profile", "size", "revenue_e4"),
    _money("revenue_per_email", "messages", "mailed_revenue_e4", "delivered", source=("email_delivered", *_ORDERS)),
    Metric(
        key="nps",
        unit="points",
        grain="answers",
        kind="mean",
        told="nps_points",
        counted="answers",
        scale=Decimal(100),
        source=("survey_answered",),
    ),
    _share("satisfaction", "answers", "satisfied", "rated", source=("survey_answered",)),
)
"""Every metric, in the order in which people read them."""

_OF_A_REPORT = (
    *("size", "share_of_base", "buyers", "orders", "revenue", "share_of_revenue", "orders_per_profile"),
    *("average_order_value", "repeat_rate", "days_since_last_order", "revenue_per_profile", "net_revenue"),
)

METRICS: tuple[Metric, ...] = tuple(next(metric for metric in CATALOGUE if metric.key == key) for key in _OF_A_REPORT)
"""The metrics that every run keeps in `measurements` and shows on the report, over all time."""


def find_metric(key: str) -> Metric:
    """Return the metric of a name.

    Raises:
        NotFoundError: when there is none, with near names.
    """
    known = {metric.key: metric for metric in CATALOGUE}
    if key not in known:
        near = get_close_matches(key, known, 3) or list(known)
        raise NotFoundError("measurement.unknown_metric", metric=key, near=", ".join(near))
    return known[key]
