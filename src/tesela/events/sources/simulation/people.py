"""The people of the shop: who they are, how they came, how much they buy and when they stop.

Buying follows the Pareto/NBD story: each buyer has an own rate, drawn from a gamma distribution, and an own
lifetime, exponential with a rate that is gamma distributed too; the seasons speed the process up and down.
Nothing here is what the shop knows: that is in the files that the other modules write.

Sources:
    Schmittlein, Morrison & Colombo (1987), "Counting your customers", Management Science 33(1). The shapes
    (0.55 and 0.61) are those of CDNOW in Fader, Hardie & Lee (2005), Marketing Science 24(2); its scales are
    stretched to a shop whose customers stay longer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.names import FAMILIES, MEN, WOMEN
from tesela.events.sources.simulation.places import ABROAD, PROVINCES
from tesela.events.sources.simulation.seasons import DAY_S, NEVER

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]
    Shares = NDArray[np.float64]

SOURCES = ("account", "form", "sweepstake", "co_registration", "social", "store", "bought")
ACCOUNT, FORM, SWEEPSTAKE, CO_REGISTRATION, SOCIAL, STORE, BOUGHT = range(7)

_RATE_SHAPE, _RATE_A_DAY = 0.55, 3.0 / 365
_DROPOUT_SHAPE, _DROPOUT_SCALE_DAYS = 0.61, 210.0
_OLD_SHARE = 0.38


@dataclass(frozen=True, slots=True)
class People:
    """Some people with consecutive numbers, one place an array each. Times are local seconds, or `NEVER`.

    Attributes:
        ids: Number of each person, from 0 over the whole shop.
        came: When each person came in through each source (person × source).
        primary: Source they came through first.
        rate: Orders a day on an average day, while they buy at all; 0 for those who never will.
        first_buy: When they start to buy; for old customers, the first day.
        churned: When they stop for ever.
        coupon_lover, in_store: How they buy: nearly always with a coupon; share of orders in a physical shop.
        favourite: Category they like best.
        engagement: How readily they open e-mails, 0 to 1.
        is_apple: Whether their mail programme opens every message by itself.
        partner: Place of the person whose things they share, or -1.
        woman, first_name, family_1, family_2, place, abroad: Who and where.
        born: Day of birth, days since 1970.
    """

    ids: Ints
    came: Ints
    primary: Ints
    rate: Shares
    first_buy: Ints
    churned: Ints
    coupon_lover: Flags
    in_store: Shares
    favourite: Ints
    engagement: Shares
    is_apple: Flags
    partner: Ints
    woman: Flags
    first_name: Ints
    family_1: Ints
    family_2: Ints
    place: Ints
    abroad: Ints
    born: Ints

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def joined(self) -> Ints:
        """When each person first came in."""
        found: Ints = self.came.min(axis=1)
        return found


def make_people(
    rng: np.random.Generator, first: int, count: int, seasons: Seasons, shares: Shares, health: Health
) -> People:
    """Make `count` people numbered from `first`.

    Args:
        rng: Source of all chance.
        first: Number of the first.
        count: How many.
        seasons: The days that are simulated.
        shares: How much each category of products is liked.
        health: What goes wrong, and what people are like.
    """
    primary = pick(rng, health.entrances, count)
    joined = _draw_joined(rng, count, seasons, health.oldest_days)
    buys = rng.random(count) < np.array(health.buys)[primary]
    drawn = rng.gamma(_RATE_SHAPE, _RATE_A_DAY / _RATE_SHAPE, count)
    rate = np.where(buys, np.maximum(drawn, health.least_rate_a_day), 0.0)
    first_buy = _draw_first_buy(rng, primary, joined, rate, seasons)
    if not health.is_ordinary:
        first_buy = np.where(rate > 0, np.maximum(joined + 60, seasons.first), NEVER)
    dropout = rng.gamma(_DROPOUT_SHAPE, 1 / _DROPOUT_SCALE_DAYS, count)
    lifetime_s = np.minimum(rng.exponential(1, count) / np.maximum(dropout, 1e-9) * DAY_S, 1e11).astype(np.int64)
    in_store = np.where(primary == STORE, 0.82, np.where(rng.random(count) < 0.2, 0.25, 0.0))
    woman = rng.random(count) < 0.62
    return People(
        ids=np.arange(first, first + count, dtype=np.int64),
        came=_draw_entrances(rng, primary, joined, first_buy, rate, in_store, seasons, health),
        primary=primary,
        rate=rate,
        first_buy=first_buy,
        churned=np.where((first_buy < NEVER) & health.is_ordinary, first_buy + lifetime_s + 3600, NEVER),
        coupon_lover=rng.random(count) < 0.09,
        in_store=in_store,
        favourite=pick(rng, tuple(shares), count),
        engagement=rng.beta(*health.eagerness, count) * np.where(primary == BOUGHT, 0.25, 1.0),
        is_apple=rng.random(count) < health.apple_share,
        partner=_pair_up(rng, count, 0.03 * health.ills),
        woman=woman,
        first_name=np.where(woman, _by_rank(rng, len(WOMEN), count), _by_rank(rng, len(MEN), count)),
        family_1=_by_rank(rng, len(FAMILIES), count),
        family_2=_by_rank(rng, len(FAMILIES), count),
        place=pick(rng, tuple(row[3] for row in PROVINCES), count),
        abroad=np.where(
            (rng.random(count) < 0.04 * health.ills) & (primary != STORE), rng.integers(0, len(ABROAD), count), -1
        ),
        born=_draw_births(rng, count, seasons, health),
    )


def pick(rng: np.random.Generator, shares: tuple[float, ...], count: int) -> Ints:
    """Draw `count` places of a list, each as often as its share says."""
    edges = np.cumsum(np.array(shares, float))
    found: Ints = np.searchsorted(edges, rng.random(count) * edges[-1], side="right").clip(0, len(shares) - 1)
    return found


def _by_rank(rng: np.random.Generator, names: int, count: int) -> Ints:
    return pick(rng, tuple(1 / (rank + 6) for rank in range(names)), count)


def _draw_joined(rng: np.random.Generator, count: int, seasons: Seasons, oldest_days: int) -> Ints:
    recent = seasons.draw(rng, np.full(count, seasons.first), np.full(count, seasons.stop))
    old = seasons.first - 1 - (rng.random(count) * oldest_days * DAY_S).astype(np.int64)
    return np.where(rng.random(count) < _OLD_SHARE, old, recent)


def _draw_first_buy(rng: np.random.Generator, primary: Ints, joined: Ints, rate: Shares, seasons: Seasons) -> Ints:
    """Draw when each starts to buy; who was there before the first day simply goes on buying."""
    count = len(joined)
    at_once = rng.random(count) < np.where((primary == ACCOUNT) | (primary == STORE), 0.6, 0.12)
    wait_days = np.where(at_once, rng.random(count) * 0.02, rng.exponential(55, count))
    begins = joined + (wait_days * DAY_S).astype(np.int64) + 60
    found = np.where(joined < seasons.first, seasons.first, begins)
    return np.where((rate > 0) & (found < seasons.stop), found, NEVER)


def _draw_entrances(
    rng: np.random.Generator,
    primary: Ints,
    joined: Ints,
    first_buy: Ints,
    rate: Shares,
    in_store: Shares,
    seasons: Seasons,
    health: Health,
) -> Ints:
    """Draw in which further sources each person shows up, and when."""
    count = len(joined)
    came = np.full((count, len(SOURCES)), NEVER, np.int64)

    def enter(source: int, share: Shares | float, at: Ints) -> None:
        enters = (rng.random(count) < share) & (primary != source) & (at < seasons.stop)
        came[enters, source] = at[enters]

    def some_day() -> Ints:
        return seasons.draw(rng, np.maximum(joined, seasons.first), np.full(count, seasons.stop))

    buyer, old = rate > 0, joined < seasons.first
    since_before = joined + (rng.random(count) * np.maximum(seasons.first - joined, 1)).astype(np.int64)
    at_checkout, at_till = first_buy - 45, np.maximum(joined, first_buy - 600)
    enter(ACCOUNT, np.where(buyer & (in_store < 0.5), 0.72, 0.05), np.where(old, since_before, at_checkout))
    enter(FORM, np.where(primary == ACCOUNT, 0.20, 0.09), some_day())
    enter(SWEEPSTAKE, 0.08 * health.ills, some_day())
    enter(CO_REGISTRATION, 0.02 * health.ills, some_day())
    enter(SOCIAL, 0.04, some_day())
    enter(STORE, np.where(buyer & (in_store > 0), 0.75, 0.01), np.where(old, since_before, at_till))
    came[np.arange(count), primary] = joined
    if health.all_have_accounts:
        came[:, ACCOUNT] = joined
    return came


def _draw_births(rng: np.random.Generator, count: int, seasons: Seasons, health: Health) -> Ints:
    age_years = np.clip(18 + rng.gamma(4.2, 5.9, count), 18, 92)
    born = (seasons.stop // DAY_S - age_years * 365.25).astype(np.int64)
    # whoever was born on the first day of computers' time looks like somebody who told no day
    return born if health.is_ordinary else np.where(born == 0, 1, born)


def _pair_up(rng: np.random.Generator, count: int, share: float) -> Ints:
    """Give a few people the one before them as partner; mostly, nobody is a link of two pairs."""
    paired = rng.random(count) < share
    paired[:1] = False
    return np.where(paired, np.arange(count) - 1, -1)
