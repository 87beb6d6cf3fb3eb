"""What buyers answered when they were asked how likely they are to recommend the shop (NPS)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.orders import COMPLETED
from tesela.events.sources.simulation.seasons import DAY_S

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.orders import Orders
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]

_ANSWERED_SHARE = 0.11
_LEAVING_DAYS = 90


@dataclass(frozen=True, slots=True)
class Answers:
    """One lot's answers, in order of time.

    Attributes:
        order: Place of the order that was asked about.
        at: Local seconds.
        score: 0 to 10.
    """

    order: Ints
    at: Ints
    score: Ints

    def __len__(self) -> int:
        return len(self.at)


def draw_answers(rng: np.random.Generator, orders: Orders, people: People, seasons: Seasons) -> Answers:
    """Draw who answers, a week or so after an order; those about to leave for ever say so in their scores."""
    asked = (orders.status == COMPLETED) & (orders.rows >= 0).any(axis=1)
    order = np.flatnonzero(asked & (rng.random(len(orders)) < _ANSWERED_SHARE))
    at = orders.at[order] + 6 * DAY_S + (rng.exponential(2, len(order)) * DAY_S).astype(np.int64)
    leaving = people.churned[orders.places[order]] < at + _LEAVING_DAYS * DAY_S
    refunded = orders.refunded[order] > 0
    mean = np.where(leaving, 6.1, 8.9) - np.where(refunded, 2.0, 0.0)
    score = np.clip(np.rint(rng.normal(mean, 1.7)), 0, 10).astype(np.int64)
    sequence = np.argsort(at, kind="stable")
    sequence = sequence[at[sequence] < seasons.stop]
    return Answers(order[sequence], at[sequence], score[sequence])
