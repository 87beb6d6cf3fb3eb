"""What people bought: orders with their lines, coupons, cancellations and refunds, online and in the shops."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.identity import NOBODY, state
from tesela.events.sources.simulation.people import ACCOUNT, STORE
from tesela.events.sources.simulation.seasons import DAY_S, NEVER
from tesela.events.sources.simulation.wording import EMAIL_VARIANTS, MAIN

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.catalogue import Catalogue
    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

COUPONS = ("BIENVENIDA10", "VUELVE15", "AMIGA20", "CUMPLE10", "BLACK20")
_COUPON_PERCENT = np.array([10, 15, 20, 10, 20], np.int64)

_CANCELLED_SHARE, _REFUNDED_SHARE, _PARTLY_REFUNDED_SHARE = 0.03, 0.025, 0.035
_SHOP_OPENS_S, _SHOP_OPEN_S = 10 * 3600, 11 * 3600
_MOST_LINES = 9
_LATELY_DAYS = 40

COMPLETED, CANCELLED, REFUNDED = range(3)


@dataclass(frozen=True, slots=True)
class Orders:
    """One lot's orders, in order of time, and their lines, in order of order. Money is in cents.

    Attributes:
        places: Place of the person who bought, in the lot.
        at: When, local seconds.
        rows: Statements of the orders: what the shop knew of who bought.
        is_online: Bought in the online shop, not in a physical one.
        shop: Which physical shop, -1 online.
        status: COMPLETED, CANCELLED or REFUNDED (completely).
        coupon: Place in `COUPONS`, -1 for none.
        total: Sum of the lines.
        shipping: Shipping paid, not part of the total.
        cancelled_at, refunded_at, updated_at: Local seconds; `NEVER` where it did not happen.
        refunded: Given back so far.
        line_first: Place of each order's first line, and at the end the number of lines.
        line_order: Place of each line's order.
        line_product, line_quantity, line_price, line_discount, line_amount: Of each line.
    """

    places: Ints
    at: Ints
    rows: Ints
    is_online: Flags
    shop: Ints
    status: Ints
    coupon: Ints
    total: Ints
    shipping: Ints
    cancelled_at: Ints
    refunded_at: Ints
    updated_at: Ints
    refunded: Ints
    line_first: Ints
    line_order: Ints
    line_product: Ints
    line_quantity: Ints
    line_price: Ints
    line_discount: Ints
    line_amount: Ints

    def __len__(self) -> int:
        return len(self.at)


def make_orders(
    rng: np.random.Generator,
    people: People,
    account_emails: Ints,
    catalogue: Catalogue,
    seasons: Seasons,
    health: Health,
) -> Orders:
    """Let people buy.

    Args:
        rng: Source of all chance.
        people: Who.
        account_emails: Number of the address on each person's account, -1 for none.
        catalogue: What there is.
        seasons: The days that are simulated.
        health: Whether orders are cancelled, and whether some buy in a shop without saying who they are.
    """
    places, at = _draw_times(rng, people, seasons, health)
    count = len(places)
    is_online = rng.random(count) >= people.in_store[places]
    second = at % DAY_S
    at = np.where(is_online, at, at - second + _SHOP_OPENS_S + second * _SHOP_OPEN_S // DAY_S)
    order = np.lexsort((places, at))
    places, at, is_online = places[order], at[order], is_online[order]
    coupon = _draw_coupons(rng, people.coupon_lover[places])
    lines = _draw_lines(rng, people.favourite[places], coupon, at, catalogue)
    total = np.add.reduceat(lines["amount"], lines["first"][:-1]) if count else np.zeros(0, np.int64)
    fate = _draw_fates(rng, at, total, seasons, health)
    return Orders(
        places=places,
        at=at,
        rows=_identify(rng, people, places, at, is_online, account_emails, health),
        is_online=is_online,
        shop=np.where(is_online, -1, people.ids[places] % 5),
        coupon=coupon,
        total=total,
        shipping=np.where(is_online & (total < 5000), 395, 0),
        line_first=lines["first"],
        line_order=lines["order"],
        line_product=lines["product"],
        line_quantity=lines["quantity"],
        line_price=lines["price"],
        line_discount=lines["discount"],
        line_amount=lines["amount"],
        **fate,
    )


def _draw_times(rng: np.random.Generator, people: People, seasons: Seasons, health: Health) -> tuple[Ints, Ints]:
    """Draw who buys when: a first order where buying starts inside the days, and a Poisson process after it."""
    buyers = np.flatnonzero(people.first_buy < seasons.stop)
    start = people.first_buy[buyers]
    stop = np.minimum(people.churned[buyers], seasons.stop)
    new = people.joined[buyers] >= seasons.first
    expected = people.rate[buyers] * (seasons.mass_at(stop) - seasons.mass_at(start))
    further = rng.poisson(np.maximum(expected, 0))
    repeated = np.repeat(np.arange(len(buyers)), further)
    at = seasons.draw(rng, start[repeated], stop[repeated])
    places, times = [buyers[new], buyers[repeated]], [start[new], at]
    if not health.is_ordinary:
        # in a healthy shop nobody sleeps
        lately = np.maximum(seasons.stop - _LATELY_DAYS * DAY_S, start)
        places, times = [*places, buyers], [*times, seasons.draw(rng, lately, stop)]
    return np.concatenate(places), np.concatenate(times)


def _draw_coupons(rng: np.random.Generator, lover: Flags) -> Ints:
    used = rng.random(len(lover)) < np.where(lover, 0.94, 0.13)
    return np.where(used, rng.integers(0, len(COUPONS), len(lover)), -1)


def _draw_lines(
    rng: np.random.Generator, favourite: Ints, coupon: Ints, at: Ints, catalogue: Catalogue
) -> dict[str, Ints]:
    size = np.minimum(1 + rng.poisson(0.85, len(favourite)), _MOST_LINES)
    first = np.concatenate([[0], np.cumsum(size)]).astype(np.int64)
    order = np.repeat(np.arange(len(favourite)), size)
    product = catalogue.draw(rng, favourite[order])
    draw = rng.random(len(order))
    quantity = np.select([draw < 0.86, draw < 0.96], [1, 2], 3).astype(np.int64)
    price = catalogue.price[product]
    month = (at.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64) % 12 + 1)[order]
    # the sales of January and July take a fifth off
    percent = np.where(coupon[order] >= 0, _COUPON_PERCENT[coupon[order]], 0) + np.where(
        (month == 1) | (month == 7), 20, 0
    )
    discount = (price * quantity * percent + 50) // 100
    return {
        "first": first,
        "order": order,
        "product": product,
        "quantity": quantity,
        "price": price,
        "discount": discount,
        "amount": price * quantity - discount,
    }


def _draw_fates(rng: np.random.Generator, at: Ints, total: Ints, seasons: Seasons, health: Health) -> dict[str, Ints]:
    """Draw which orders are cancelled or given back; what would happen after the last day has not happened."""
    draw = rng.random(len(at))
    edges = np.cumsum([_CANCELLED_SHARE * health.ills, _REFUNDED_SHARE, _PARTLY_REFUNDED_SHARE])
    fate = np.searchsorted(edges, draw, side="right")
    cancelled_at = at + 600 + (rng.exponential(0.8, len(at)) * DAY_S).astype(np.int64)
    refunded_at = at + 4 * DAY_S + (rng.exponential(8, len(at)) * DAY_S).astype(np.int64)
    cancelled = (fate == 0) & (cancelled_at < seasons.stop)
    given_back = ((fate == 1) | (fate == 2)) & (refunded_at < seasons.stop)
    part = np.maximum((total * rng.integers(20, 80, len(at)) + 50) // 100, 1)
    packed_at = np.minimum(at + rng.integers(900, 3 * DAY_S, len(at)), seasons.stop - 1)
    return {
        "status": np.select([cancelled, given_back & (fate == 1)], [CANCELLED, REFUNDED], COMPLETED),
        "cancelled_at": np.where(cancelled, cancelled_at, NEVER),
        "refunded_at": np.where(given_back, refunded_at, NEVER),
        "refunded": np.select([given_back & (fate == 1), given_back], [total, part], 0),
        "updated_at": np.select([cancelled, given_back], [cancelled_at, refunded_at], np.maximum(packed_at, at)),
    }


def _identify(
    rng: np.random.Generator,
    people: People,
    places: Ints,
    at: Ints,
    is_online: Flags,
    account_emails: Ints,
    health: Health,
) -> Ints:
    """Say what the shop knew: the account online, an address for a guest, the card or nothing in a shop."""
    ids = people.ids[places]
    draw = rng.random(len(places))
    has_account = (is_online | (not health.is_ordinary)) & (people.came[places, ACCOUNT] <= at)
    shows_card = ~is_online & (people.came[places, STORE] <= at) & (draw < 0.93)
    mails_receipt = ~is_online & ~shows_card & (draw > 0.6)
    own = ids * EMAIL_VARIANTS + MAIN
    gives_address = (is_online & ~has_account) | mails_receipt | (not health.is_ordinary)
    return state(
        len(places),
        customer_id=np.where(has_account, ids, NOBODY),
        email=np.where(has_account, account_emails[places], np.where(gives_address, own, NOBODY)),
        loyalty_card=np.where(shows_card, ids, NOBODY),
    )
