"""Where the time comes from: passed in, so that a test can stand still."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present moment as a naive UTC datetime."""

    def now(self) -> datetime:
        """Return the present moment in UTC, without zone type."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the machine's time in UTC."""
        return datetime.now(UTC).replace(tzinfo=None)


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that stands still, for tests and replays.

    Attributes:
        moment: The naive UTC moment that it always tells.
    """

    moment: datetime

    def now(self) -> datetime:
        """Return the fixed moment."""
        return self.moment
