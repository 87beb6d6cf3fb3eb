"""What a shop may set about its audit: the table `[audit]` of `tesela.toml`."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Any

from tesela.base import InputError

_ALLOWED = {
    "cost_per_thousand": '"0.80"',
    "consent_years": "1, 2, 3, ... 100",
    "exclusion_list_days": "30, 60, 90, ... 9999",
}
# beyond these a number is a slip of the hand, or leaves the calendar
_MOST = {"consent_years": 100, "exclusion_list_days": 9_999}
_DEAREST = 100_000


@dataclass(frozen=True, slots=True)
class AuditSettings:
    """What a shop sets about its audit; none of it changes the score of another shop.

    Attributes:
        cost_per_thousand: What a thousand e-mails cost, in the shop's currency; None: not told, and no cost is counted.
        consent_years: How old a consent may be of somebody who has given no sign since.
        exclusion_list_days: How old an exclusion list may be.
    """

    cost_per_thousand: Decimal | None = None
    consent_years: int = 3
    exclusion_list_days: int = 60

    def written(self) -> str:
        """Return the table as TOML; empty when nothing differs from what is usual."""
        usual = AuditSettings()
        told = [
            f"{each.name} = {json.dumps(str(value)) if isinstance(value, Decimal) else value}"
            for each in fields(self)
            if (value := getattr(self, each.name)) != getattr(usual, each.name)
        ]
        return "\n".join(("", "[audit]", *told)) + "\n" if told else ""

    @classmethod
    def read(cls, told: Any) -> AuditSettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a setting is unknown or makes no sense.
        """
        if not isinstance(told, dict):
            raise InputError("audit.bad_setting", key="audit", value=told, allowed="[audit]")
        found: dict[str, Any] = {}
        for key, value in told.items():
            if key not in _ALLOWED:
                raise InputError("audit.unknown_setting", key=key, known=", ".join(_ALLOWED))
            found[key] = _cost(value) if key == "cost_per_thousand" else value
            is_whole = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _MOST.get(key, 0)
            if found[key] is None or not (key == "cost_per_thousand" or is_whole):
                raise InputError("audit.bad_setting", key=key, value=value, allowed=_ALLOWED[key])
        return cls(**found)


def _cost(value: object) -> Decimal | None:
    try:
        cost = Decimal(str(value).replace(",", "."))
    except ArithmeticError:
        return None
    return cost if not isinstance(value, bool) and cost.is_finite() and 0 <= cost <= _DEAREST else None
