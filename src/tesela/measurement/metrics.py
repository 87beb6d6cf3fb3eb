"""The catalogue of metrics: what is measured of a segment, in which unit and over what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tesela.base import Language, text

Unit = Literal["profiles", "orders", "share", "per_profile", "money", "days"]


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; its words stand in `texts.toml` under its key.

    Attributes:
        key: Its name in code, in `measurements` and in JSON, and the field of `SegmentKPIs`.
        unit: `share` is 0 to 1; `money` is in the shop's currency; `per_profile` is orders per profile.
        grain: What one number is computed over; its count is `n` in `measurements`.
    """

    key: str
    unit: Unit
    grain: Literal["size", "buyers", "orders"]

    def name(self, language: Language) -> str:
        """Return what it is called."""
        return text(f"measurement.metric.{self.key}.name", language)

    def formula(self, language: Language) -> str:
        """Return how it is computed, in a line."""
        return text(f"measurement.metric.{self.key}.formula", language)

    def explanation(self, language: Language) -> str:
        """Return what it tells, and what it does not."""
        return text(f"measurement.metric.{self.key}.explanation", language)


METRICS: tuple[Metric, ...] = (
    Metric("size", "profiles", "size"),
    Metric("share_of_base", "share", "size"),
    Metric("buyers", "profiles", "size"),
    Metric("orders", "orders", "orders"),
    Metric("revenue", "money", "orders"),
    Metric("share_of_revenue", "share", "orders"),
    Metric("orders_per_profile", "per_profile", "size"),
    Metric("average_order_value", "money", "orders"),
    Metric("repeat_rate", "share", "buyers"),
    Metric("days_since_last_order", "days", "buyers"),
    Metric("revenue_per_profile", "money", "size"),
    Metric("net_revenue", "money", "orders"),
)
"""Every metric, in the order in which people read them."""
