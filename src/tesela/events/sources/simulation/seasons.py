"""When things happen: the shop's calendar with its peaks, weekdays and hours, in local time.

Every time in the simulation is a whole second of the shop's local time, counted from 1970. A process runs on
*mass*: the expected number of orders up to a time, for one order on an average day. Drawing evenly over mass
gives times with the right seasons, and `mass_at` and `time_of` undo each other.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from tesela.base import local_spans, start_of_day, step, to_local

if TYPE_CHECKING:
    from typing import Literal
    from zoneinfo import ZoneInfo

    from numpy.typing import NDArray

    Seconds = NDArray[np.int64]

DAY_S = 86_400

NEVER = np.int64(2**62)
"""A time that does not come."""

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive on purpose: local time

# Monday to Sunday, and each hour of the day: more on Sunday evenings, least at four in the morning
_WEEKDAYS = (1.08, 1.02, 0.98, 0.97, 0.94, 0.90, 1.11)
_HOURS = (
    1.2, 0.6, 0.35, 0.25, 0.2, 0.3, 0.7, 1.6, 2.6, 3.7, 4.6, 5.0,
    5.2, 5.1, 4.8, 4.7, 4.9, 5.4, 5.9, 6.4, 7.0, 7.6, 6.4, 3.4,
)  # fmt: skip


def local_seconds(moment: datetime) -> int:
    """Return a naive local time as seconds since 1970."""
    return int((moment - _EPOCH).total_seconds())


def black_friday(year: int) -> date:
    """Return the day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    return first + timedelta(days=(3 - first.weekday()) % 7 + 22)


def _weight(day: date) -> float:
    weight = _WEEKDAYS[day.weekday()]
    to_black_friday = (black_friday(day.year) - day).days
    if -3 <= to_black_friday <= 4:
        weight *= 3.4 if to_black_friday in (0, -3) else 1.9
    elif day.month == 12:
        weight *= 2.0 if day.day <= 23 else 0.7
    elif day.month == 1:
        weight *= 2.3 if 7 <= day.day <= 14 else (1.5 if day.day <= 31 and day.day > 14 else 1.2)
    elif day.month == 7:
        weight *= 1.35
    elif day.month == 8:
        weight *= 0.75
    return weight


class Seasons:
    """The days that are simulated.

    Attributes:
        first: First local second.
        stop: First local second after the last day.
        as_of: `stop` as a UTC moment: the moment of truth.
        total_mass: Expected orders of one order a day, about the number of days.
    """

    def __init__(self, *, days: int, end: date, zone: ZoneInfo) -> None:
        start = end - timedelta(days=days - 1)
        self.start, self.end, self.zone = start, end, zone
        self.first = local_seconds(datetime.combine(start, datetime.min.time()))
        self.stop = self.first + days * DAY_S
        self.as_of = start_of_day(end + timedelta(days=1), zone)
        weights = np.array([_weight(start + timedelta(days=n)) for n in range(days)])
        self._mass = np.concatenate([[0.0], np.cumsum(weights)])
        self.total_mass = float(self._mass[-1])
        self._hour_share = np.concatenate([[0.0], np.cumsum(_HOURS)]) / sum(_HOURS)
        spans = local_spans(zone, start.year - 6, end.year + 2)
        self._turns = np.array([local_seconds(span.local_from) for span in spans], np.int64)
        self._offsets = np.array([int(span.offset.total_seconds()) for span in spans], np.int64)

    def mass_at(self, times: Seconds) -> NDArray[np.float64]:
        """Return the mass up to each time; times outside the days count as their nearest end."""
        inside = np.clip(times, self.first, self.stop) - self.first
        day, second = np.divmod(inside, DAY_S)
        share = np.interp(second / 3600, np.arange(25), self._hour_share)
        padded = np.append(np.diff(self._mass), 0.0)
        found: NDArray[np.float64] = self._mass[day] + padded[day] * share
        return found

    def time_of(self, mass: NDArray[np.float64]) -> Seconds:
        """Return the time at which each mass is reached."""
        last = len(self._mass) - 2
        day = np.clip(np.searchsorted(self._mass, mass, side="right") - 1, 0, last)
        share = np.clip((mass - self._mass[day]) / np.diff(self._mass)[day], 0, 1)
        second = np.minimum((np.interp(share, self._hour_share, np.arange(25)) * 3600).astype(np.int64), DAY_S - 1)
        found: Seconds = self.first + day * DAY_S + second
        return found

    def draw(self, rng: np.random.Generator, start: Seconds, stop: Seconds) -> Seconds:
        """Draw one time for each pair of bounds, by the seasons."""
        low, high = self.mass_at(start), self.mass_at(stop)
        drawn = self.time_of(low + rng.random(len(low)) * (high - low))
        found: Seconds = np.clip(drawn, np.maximum(start, self.first), np.maximum(stop - 1, start))
        return found

    def to_utc(self, times: Seconds) -> Seconds:
        """Return local seconds as UTC seconds: a skipped time moves forward, a doubled one is the first."""
        span = np.searchsorted(self._turns, times, side="right") - 1
        found: Seconds = times - self._offsets[span]
        return found

    def before(self, count: int, unit: Literal["day", "month"]) -> int:
        """Return the UTC second that lies `count` units before the moment of truth."""
        return local_seconds(step(self.as_of, -count, unit, self.zone))

    def day_of(self, utc: datetime) -> date:
        """Return the local date of a UTC moment."""
        return to_local(utc, self.zone).date()
