"""What RFM counts in a shop: the table `[rfm]` of `tesela.toml`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, parse_period, step, write_period

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.base import Unit

Money = Literal["gross", "net"]
MONEY: tuple[Money, ...] = get_args(Money)

EVER = "ever"
"""Window of all orders; as `refit_after`: cut points are kept until somebody asks for others."""


@dataclass(frozen=True, slots=True)
class RFMSettings:
    """What RFM counts, and how long its cut points are kept.

    Attributes:
        window: How far back orders and money count, such as `12 months`; `ever` counts all. How recent the last order
            is counts however long ago it was.
        money: `gross` is what was paid for goods after discounts; `net` has refunds taken off, each at its own time.
        refit_after: After how long cut points are made anew, such as `3 months`; `ever` keeps them until asked.
    """

    window: str = EVER
    money: Money = "gross"
    refit_after: str = "3 months"

    def __post_init__(self) -> None:
        for key in ("window", "refit_after"):
            _period(key, getattr(self, key))
        _require("money", self.money, self.money in MONEY, ", ".join(MONEY))

    @property
    def counts(self) -> tuple[str, Money]:
        """What decides the cut points: the window, as it is written in the language, and the money."""
        found = _period("window", self.window)
        return write_period(*found) if found else EVER, self.money

    def since(self, as_of: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the moment from which orders and money count; None when all do."""
        return _before("window", self.window, as_of, zone)

    def stale_before(self, as_of: datetime, zone: ZoneInfo) -> datetime | None:
        """Return the moment before which cut points are too old; None when none are."""
        return _before("refit_after", self.refit_after, as_of, zone)

    def written(self) -> str:
        """Return the table as TOML; empty when nothing differs from what is usual."""
        usual = asdict(RFMSettings())
        own = {key: value for key, value in asdict(self).items() if value != usual[key]}
        lines = (f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in own.items())
        return "\n".join(("", "[rfm]", *lines)) + "\n" if own else ""

    @classmethod
    def read(cls, told: Any) -> RFMSettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a setting is unknown or makes no sense.
        """
        known = ", ".join(asdict(cls()))
        _require("rfm", told, isinstance(told, dict), known)
        for key in told:
            _require(key, told[key], key in asdict(cls()), known)
        return cls(**told)


def _before(key: str, written: str, as_of: datetime, zone: ZoneInfo) -> datetime | None:
    found = _period(key, written)
    return step(as_of, -found[0], found[1], zone) if found else None


def _period(key: str, written: object) -> tuple[int, Unit] | None:
    if written == EVER:
        return None
    count, unit = parse_period(written) or (0, None)
    if unit is None:
        raise InputError("traits.rfm.bad_setting", key=key, value=written, allowed=f"{EVER}, 12 months, 90 days, ...")
    return count, unit


def _require(key: str, value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise InputError("traits.rfm.bad_setting", key=key, value=value, allowed=allowed)
