"""The register of the truth: people, their identifiers and the records that are theirs, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tesela.events.sources.simulation import tables
from tesela.events.sources.simulation.contacts import DIRT, FORMS
from tesela.events.sources.simulation.identity import ANONYMOUS, EMAIL, KINDS, Roots
from tesela.events.sources.simulation.lot import state_all
from tesela.events.sources.simulation.orders import CANCELLED
from tesela.events.sources.simulation.people import SOURCES
from tesela.events.sources.simulation.seasons import DAY_S, NEVER
from tesela.events.sources.simulation.spelling import coded
from tesela.events.sources.simulation.web import DEVICES
from tesela.events.sources.simulation.wording import EMAIL_VARIANTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.catalogue import Catalogue
    from tesela.events.sources.simulation.contacts import Contacts
    from tesela.events.sources.simulation.lot import Lot
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]

_DORMANT_DAYS = 180
STATES = ("active", "dormant", "lost", "never_bought")
"""True states at the end: buys now and then, has not bought for half a year but may, has stopped, never did."""


def people(seasons: Seasons, lot: Lot, catalogue: Catalogue) -> dict[str, Any]:
    """Say who each person is, in what state they truly are, and what they are like."""
    who, orders = lot.people, lot.orders
    counted = orders.status != CANCELLED
    bought = np.bincount(orders.places[counted], minlength=len(who))
    last = np.full(len(who), -1, np.int64)
    np.maximum.at(last, orders.places[counted], orders.at[counted])
    spent = np.zeros(len(who), np.int64)
    np.add.at(spent, orders.places[counted], orders.total[counted])
    churned = who.churned < seasons.stop
    dormant = last < seasons.stop - _DORMANT_DAYS * DAY_S
    truth = np.select([bought == 0, churned, dormant], [3, 2, 1], 0)
    joined = who.joined
    return {
        "person_id": pa.array(who.ids),
        "state": coded(truth, STATES),
        "joined_at": _moments(seasons, joined),
        "churned_at": _moments(seasons, np.where(churned, who.churned, NEVER)),
        "last_order_at": _moments(seasons, np.where(last >= 0, last, NEVER)),
        "orders": pa.array(bought),
        "spent_cents": pa.array(spent),
        "orders_a_year": pa.array(who.rate * 365),
        "is_coupon_lover": pa.array(who.coupon_lover),
        "in_store_share": pa.array(who.in_store),
        "favourite_category": coded(who.favourite, catalogue.category_paths),
        "first_source": coded(who.primary, SOURCES),
        "has_machine_opens": pa.array(who.is_apple),
        "first_name": pa.array(lot.wording.first_names),
        "last_name": pa.array(lot.wording.family_names),
    }


def _moments(seasons: Seasons, local: Ints) -> Any:
    told = local < NEVER
    utc = np.where(told, seasons.to_utc(np.where(told, local, 0)), 0)
    return pa.array((utc * 1_000_000).view("datetime64[us]"), pa.timestamp("us"), mask=~told)


def identifiers(lot: Lot, roots: Roots) -> dict[str, Any]:
    """List every identifier that stands somewhere, in normal form, with its true owner and its profile."""
    rows = state_all(lot)
    tongue = tables.Tongue(lot.people, lot.wording)
    count, first = len(lot.people), int(lot.people.ids[0])
    kinds, values, owners, profiles = [], [], [], []
    for kind in range(len(KINDS)):
        each = np.unique(rows[rows[:, kind] >= 0, kind])
        single = np.full((len(each), len(KINDS)), -1, np.int64)
        single[:, kind] = np.where(np.isin(each, roots.values[kind]), each, -1)
        divisor = {EMAIL: EMAIL_VARIANTS, ANONYMOUS: DEVICES}.get(kind, 1)
        owner = each // divisor
        owner = np.where((owner >= first) & (owner < first + count), owner, -1)
        kinds.append(np.full(len(each), kind))
        text = tables.browser_ids(each) if kind == ANONYMOUS else tongue.write(kind, each).cast(pa.string())
        values.append(text)
        owners.append(owner)
        profiles.append(roots.of(single))
    owner, profile = np.concatenate(owners), np.concatenate(profiles)
    return {
        "kind": coded(np.concatenate(kinds), KINDS),
        "value": pa.concat_arrays(values),
        "person_id": pa.array(owner, mask=owner < 0),
        "profile": pa.array(profile, mask=profile < 0),
    }


def records(lot: Lot, each: Contacts, before: int) -> dict[str, Any]:
    """Say whose each record is and what is wrong with it."""
    combinations, places = np.unique(each.dirt, return_inverse=True)
    names = [",".join(name for bit, name in enumerate(DIRT) if dirt >> bit & 1) for dirt in combinations.tolist()]
    count = len(each.places)
    return {
        "file": coded(np.zeros(count, np.int64), [FORMS[each.source].path]),
        "row": pa.array(np.arange(before + 1, before + count + 1)),
        "person_id": pa.array(lot.people.ids[each.places]),
        "dirt": coded(places, names),
    }
