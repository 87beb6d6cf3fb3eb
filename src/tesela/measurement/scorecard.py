"""What was measured of the base and of segments in one window, and who they were."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from decimal import Decimal

    from pyroaring import BitMap64

    from tesela.measurement.metrics import Metric

Against = Literal["base", "previous"]
Caution = Literal["few", "too_few"]

SURE = 0.05
"""A difference is told as one when its p-value, corrected for all segments asked, is below this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """Who was in the segments when a window ended, and the window.

    Attributes:
        since: Where it begins, naive UTC; None for all time.
        as_of: Where it ends: the moment of truth.
        base: Everybody in the base then.
        members: Who was in each segment then.
    """

    since: datetime | None
    as_of: datetime
    base: BitMap64
    members: Mapping[str, BitMap64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A figure beside another one of the same metric.

    Attributes:
        other: The other figure: of the rest of the base, or of the period before; None when undefined.
        change: How much larger it is, relative to the other; None when there is nothing to be relative to.
        p_value: How likely a difference as large is between people who do not differ, corrected for all segments
            asked (Holm); None where it cannot be told.
    """

    other: Decimal | None
    change: Decimal | None
    p_value: float | None

    @property
    def is_sure(self) -> bool:
        """Whether the difference is more than chance would make it."""
        return self.p_value is not None and self.p_value < SURE


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One metric of one segment, or of the base, in a window.

    Attributes:
        metric: Which metric.
        scope: Slug of the segment, or `base`.
        value: In the metric's unit; None where it is undefined: a rate of nothing.
        low: Lower end of the 95 % interval; None where there is none.
        high: Upper end.
        n: How many were counted, by the metric's grain: messages, orders, people.
        people: How many people stand behind what is told: buyers, of money.
        caution: `few`: so few people that one of them moves it; `too_few`: too few for the interval to be trusted.
        against: The figure that it is compared with, when one is.
    """

    metric: Metric
    scope: str
    value: Decimal | None
    low: Decimal | None = None
    high: Decimal | None = None
    n: int
    people: int
    caution: Caution | None = None
    against: Comparison | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values."""
        told: dict[str, Any] = {"value": self.value, "low": self.low, "high": self.high, "n": self.n}
        told |= {"people": self.people, "caution": self.caution}
        if self.against is not None:
            told["against"] = {
                "value": self.against.other,
                "change": self.against.change,
                "p_value": self.against.p_value,
                "is_sure": self.against.is_sure,
            }
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """What was measured.

    Attributes:
        since: Where the window begins, naive UTC; None for all time.
        as_of: Where it ends.
        against: What it is compared with.
        base: How many people are in the base.
        metrics: Which metrics, in their order.
        scopes: `base` and the segments, in their order.
        measurements: By scope and the metric's name.
    """

    since: datetime | None
    as_of: datetime
    against: Against | None
    base: int
    metrics: tuple[Metric, ...]
    scopes: tuple[str, ...]
    measurements: Mapping[tuple[str, str], Measurement] = field(repr=False)

    def of(self, scope: str, metric: str) -> Measurement:
        """Return one measurement."""
        return self.measurements[scope, metric]
