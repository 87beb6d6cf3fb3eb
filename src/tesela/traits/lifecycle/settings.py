"""Thresholds of the lifecycle that are set by hand: the table `[lifecycle]` of `tesela.toml`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from tesela.base import InputError, parse_period, write_period
from tesela.traits.lifecycle.rhythm import Rhythm

_KEYS = ("active", "cooling", "dormant")
_DAYS = {"day": 1, "week": 7}


@dataclass(frozen=True, slots=True)
class LifecycleSettings:
    """Thresholds that are set by hand.

    Attributes:
        rhythm: They; None has them measured from the shop's own orders.
    """

    rhythm: Rhythm | None = None

    def written(self) -> str:
        """Return the table as TOML; empty when nothing is set."""
        if self.rhythm is None:
            return ""
        lines = (f"{key} = {json.dumps(write_period(getattr(self.rhythm, f'{key}_days'), 'day'))}" for key in _KEYS)
        return "\n".join(("", "[lifecycle]", *lines)) + "\n"

    @classmethod
    def read(cls, told: Any) -> LifecycleSettings:
        """Read the table as TOML tells it: all three thresholds, or none.

        Raises:
            InputError: when a setting is unknown, makes no sense or is missing, or they are not in order.
        """
        if not isinstance(told, dict) or (told and set(told) != set(_KEYS)):
            raise InputError("traits.lifecycle.bad_settings", told=told)
        if not told:
            return cls()
        active, cooling, dormant = (_days(key, told[key]) for key in _KEYS)
        if not active < cooling < dormant:
            raise InputError("traits.lifecycle.not_in_order", active=active, cooling=cooling, dormant=dormant)
        return cls(Rhythm(active, cooling, dormant, "given"))


def _days(key: str, written: object) -> int:
    count, unit = parse_period(written) or (0, None)
    if unit not in _DAYS:
        raise InputError("traits.lifecycle.bad_setting", key=key, value=written)
    return count * _DAYS[unit]
