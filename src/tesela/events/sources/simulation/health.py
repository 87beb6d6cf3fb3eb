"""How well the shop keeps its contacts: the ordinary shop has its dirt and its losses, the healthy one has none.

What is drawn is the same, whatever the health: shares of what goes wrong are taken times `ills`, and a few habits of
people are others. So the ordinary shop's bytes do not depend on there being a healthy one.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Health:
    """What differs between shops.

    Attributes:
        ills: 1 where everything goes wrong that does in shops, 0 where nothing does: broken values, records that come
            twice, shared addresses, bounces, complaints, cancellations, people without consent.
        entrances: Share of people by the source they came through first.
        all_have_accounts: Whether everybody opens an account at once, and every field of it is filled in.
        buys: Share of those who ever buy, by source of entrance.
        least_rate_a_day: Orders a day of whoever buys least.
        oldest_days: How long before the first day the first people came.
        eagerness: Shapes of the beta distribution of how readily people open e-mails.
        apple_share: People whose mail programme opens every message by itself.
    """

    ills: float
    entrances: tuple[float, ...]
    all_have_accounts: bool
    buys: tuple[float, ...]
    least_rate_a_day: float
    oldest_days: int
    eagerness: tuple[float, float]
    apple_share: float

    @property
    def is_ordinary(self) -> bool:
        """Whether things go wrong."""
        return self.ills > 0


ORDINARY = Health(
    ills=1.0,
    entrances=(0.31, 0.22, 0.14, 0.08, 0.08, 0.12, 0.05),
    all_have_accounts=False,
    buys=(0.80, 0.40, 0.07, 0.05, 0.18, 0.96, 0.02),
    least_rate_a_day=0.0,
    oldest_days=3 * 365,
    eagerness=(1.1, 2.6),
    apple_share=0.27,
)

HEALTHY = Health(
    ills=0.0,
    entrances=(0.60, 0.20, 0.0, 0.0, 0.08, 0.12, 0.0),
    all_have_accounts=True,
    buys=(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    least_rate_a_day=0.006,
    oldest_days=180,
    eagerness=(40.0, 4.0),
    apple_share=0.0,
)
