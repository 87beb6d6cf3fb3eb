"""Targets: what a metric of a segment should be, from files in the workspace, and whether it is."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

from tesela.base import InputError
from tesela.language import check_keys, load_definitions
from tesela.measurement.facts import BASE
from tesela.measurement.metrics import find_metric

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

    from tesela.measurement.metrics import Metric
    from tesela.measurement.scorecard import Measurement

Direction = Literal["at_least", "at_most"]
Status = Literal["met", "missed", "open", "unknown"]

_DIRECTIONS: tuple[Direction, ...] = ("at_least", "at_most")
_PERCENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Target:
    """What a metric of a segment, or of the base, should be: a KPI.

    Attributes:
        segment: Slug of the segment, or `base`.
        metric: Which metric.
        direction: Whether the value is the least or the most that it should be.
        value: In the metric's unit; shares are 0 to 1.
    """

    segment: str
    metric: Metric
    direction: Direction
    value: Decimal

    def judge(self, measured: Measurement) -> Status:
        """Tell whether it is met: `open` while the interval reaches to both sides, `unknown` without a value."""
        if measured.value is None:
            return "unknown"
        ends = (
            (measured.value, measured.value)
            if measured.low is None or measured.high is None
            else (measured.low, measured.high)
        )
        low, high = ends if self.direction == "at_least" else (-ends[1], -ends[0])
        wanted = self.value if self.direction == "at_least" else -self.value
        if low >= wanted:
            return "met"
        return "missed" if high < wanted else "open"


def load_targets(folder: Path, segments: Collection[str]) -> list[Target]:
    """Return the targets that the `*.yaml` files of a folder tell, in order; none when it is absent.

    A file has the slug of a segment, or `base`; under it names of metrics; under each `at_least` or `at_most` and a
    value, a number or a percentage:

        loyal:
          repeat_rate: {at_least: 60 %}

    Args:
        folder: Where the files are.
        segments: Slugs of the segments that there are.

    Raises:
        InputError: when a file cannot be read, or a target makes no sense, with file and line.
        NotFoundError: when there is no such segment or metric.
    """

    def read(slug: str, written: object) -> list[Target]:
        if slug != BASE and slug not in segments:
            raise InputError("measurement.target_of_nobody", segment=slug, known=", ".join((BASE, *segments)))
        if not isinstance(written, dict):
            raise InputError("measurement.bad_target", segment=slug, metric="", value=written)
        return [_target(slug, str(key), told) for key, told in written.items()]

    found: Mapping[str, list[Target]] = load_definitions(folder, read)
    return [target for targets in found.values() for target in targets]


def _target(slug: str, key: str, written: object) -> Target:
    metric = find_metric(key)
    told = check_keys(key, written, _DIRECTIONS, "at_least")
    if len(told) != 1:
        raise InputError("measurement.bad_target", segment=slug, metric=key, value=dict(told))
    [(direction, value)] = told.items()
    return Target(slug, metric, "at_least" if direction == "at_least" else "at_most", _number(slug, key, value))


def _number(slug: str, key: str, written: object) -> Decimal:
    is_number = isinstance(written, int | float | str) and not isinstance(written, bool)
    plain = str(written).strip()
    is_percent = plain.endswith("%")
    try:
        value = Decimal(plain.removesuffix("%").strip().replace(",", ".")) if is_number else Decimal("NaN")
    except ArithmeticError:
        value = Decimal("NaN")
    if not value.is_finite():
        raise InputError("measurement.bad_target", segment=slug, metric=key, value=written)
    return value * _PERCENT if is_percent else value
