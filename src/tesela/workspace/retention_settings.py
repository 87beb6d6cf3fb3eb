"""How long what happened is kept: the table `[retention]` of `tesela.toml`, a time for each kind of event."""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.base import PERIOD_UNITS, InputError, step

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.base import Unit

REJECTED = "rejected"
"""Stands for the texts of rows that could not be used."""

ORDERS = "order_completed"
"""Stands for orders with all that belongs to them."""

_PARTS_OF_ORDERS = ("product_purchased", "order_cancelled", "order_refunded")
_SHOWN = ("days", "weeks", "months", "years")
_PERIOD = re.compile(r"\s*([1-9]\d{0,4})\s+(\w+)\s*")
_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class RetentionSettings:
    """How long what happened is kept.

    Attributes:
        periods: Number and unit by the event's name; `rejected` for the texts of rows that could not be used.
    """

    periods: Mapping[str, tuple[int, Unit]] = field(default_factory=dict)

    def cutoffs(self, as_of: datetime, zone: ZoneInfo) -> dict[str, datetime]:
        """Return the moment before which each kind goes.

        Args:
            as_of: The moment of truth, naive UTC.
            zone: The workspace's zone: months and years step by its calendar.
        """
        return {name: step(as_of, -count, unit, zone) for name, (count, unit) in self.periods.items()}

    def written(self) -> str:
        """Return the table as TOML; empty when everything is kept."""
        if not self.periods:
            return ""
        told = (f"{name} = {json.dumps(f'{count} {unit}s')}" for name, (count, unit) in self.periods.items())
        return "\n".join(("", "[retention]", *told)) + "\n"

    @classmethod
    def read(cls, told: Any) -> RetentionSettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a name or a time makes no sense.
        """
        if not isinstance(told, dict):
            raise InputError("workspace.bad_retention", name="retention", value=told)
        return cls({name: _period(name, value) for name, value in told.items()})


def _period(name: str, told: object) -> tuple[int, Unit]:
    if name in _PARTS_OF_ORDERS:
        raise InputError("workspace.retention_of_a_part", name=name, whole=ORDERS)
    match = _PERIOD.fullmatch(told) if isinstance(told, str) and _NAME.fullmatch(name) else None
    if match is None:
        raise InputError("workspace.bad_retention", name=name, value=told)
    unit = PERIOD_UNITS.get(match[2].lower())
    if unit is None:
        near = difflib.get_close_matches(match[2].lower(), list(PERIOD_UNITS), 1) or list(_SHOWN)
        raise InputError("workspace.bad_retention_unit", name=name, unit=match[2], near=", ".join(near))
    return int(match[1]), unit
