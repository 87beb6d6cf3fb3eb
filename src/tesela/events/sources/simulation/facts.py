"""Turn a lot into the facts that segments are counted on: by profile and by true person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.identity import Roots, is_known, state
from tesela.events.sources.simulation.mail import DELIVERED, OPENED
from tesela.events.sources.simulation.orders import CANCELLED
from tesela.events.sources.simulation.people import SOURCES
from tesela.events.sources.simulation.truth import Facts

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tesela.events.sources.simulation.lot import Lot
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

# names of the sources of what is no contact, in the order of their imports
_OTHER_SOURCES = ("consents", "shop", "web", "mail", "survey")


def facts_by_profile(seasons: Seasons, lot: Lot, roots: Roots) -> Facts:
    """Return the facts of the profiles that Tesela's usual rules make of the records."""
    profiles = roots.profiles()
    known = is_known(profiles)

    def place(rows: Ints) -> Ints:
        found = roots.of(rows)
        return np.where(found >= 0, np.searchsorted(profiles, found), -1)

    written_to = np.isin(np.arange(len(lot.addresses.keys)), lot.mail.address)
    address_owner = place(state(len(written_to), email=np.where(written_to, lot.addresses.keys, -1)))
    contact_owner = np.concatenate([place(each.rows) for each in lot.contacts])
    first_source = _first_sources(lot, contact_owner, len(profiles))
    _name_the_rest(seasons, lot, place, address_owner, first_source, known)
    return _facts(
        seasons,
        lot,
        len(profiles),
        known,
        int((~known).sum()),
        first_source,
        place(lot.orders.rows),
        address_owner,
    )


def facts_by_person(seasons: Seasons, lot: Lot) -> Facts:
    """Return the facts of the true people, however many identifiers they use."""
    count = len(lot.people)
    told = [(each.rows >= 0).any(axis=1) for each in lot.contacts]
    identified = (lot.orders.rows >= 0).any(axis=1)
    is_person_known = np.zeros(count, bool)
    for each, rows in zip(lot.contacts, told, strict=True):
        is_person_known[each.places[rows]] = True
    is_person_known[lot.orders.places[identified]] = True
    owner = np.concatenate([np.where(rows, each.places, -1) for each, rows in zip(lot.contacts, told, strict=True)])
    first_source = _first_sources(lot, owner, count)
    first_source = [name or SOURCES[p] for name, p in zip(first_source, lot.people.primary.tolist(), strict=True)]
    visitors = lot.visits.places[lot.row_visits]
    strangers = len(np.unique(lot.visits.devices[lot.row_visits[visitors < 0]]))
    unknown = np.unique(visitors[visitors >= 0])
    anonymous = strangers + int((~is_person_known[unknown]).sum())
    buyers = np.where(identified, lot.orders.places, -1)
    return _facts(seasons, lot, count, is_person_known, anonymous, first_source, buyers, lot.addresses.owners)


def _facts(
    seasons: Seasons,
    lot: Lot,
    units: int,
    known: Flags,
    anonymous: int,
    first_source: list[str],
    order_owner: Ints,
    address_owner: Ints,
) -> Facts:
    mail, counts = lot.mail, lot.orders.status != CANCELLED
    opened = (mail.name == OPENED) & ~mail.is_machine
    return Facts(
        units=units,
        is_known=known,
        anonymous=anonymous,
        first_source=first_source,
        order_owner=order_owner[counts],
        order_at=seasons.to_utc(lot.orders.at[counts]),
        order_amount=lot.orders.total[counts],
        delivered_owner=address_owner[mail.address[mail.name == DELIVERED]],
        opened_owner=address_owner[mail.address[opened]],
        opened_at=seasons.to_utc(mail.at[opened]),
        refund_owner=order_owner,
        refund_amount=lot.orders.refunded,
    )


def _first_sources(lot: Lot, owner: Ints, units: int) -> list[str]:
    """Return through which source each unit came first: its earliest contact; "" where it has none."""
    since = np.concatenate([each.since for each in lot.contacts])
    source = np.concatenate([np.full(len(each.places), each.source) for each in lot.contacts])
    row = np.concatenate([np.arange(len(each.places)) for each in lot.contacts])
    order = np.lexsort((row, source, since, owner))
    order = order[owner[order] >= 0]
    who, first = np.unique(owner[order], return_index=True)
    names = [""] * units
    for unit, which in zip(who.tolist(), source[order][first].tolist(), strict=True):
        names[unit] = SOURCES[which]
    return names


def _name_the_rest(
    seasons: Seasons,
    lot: Lot,
    place: Callable[[Ints], Ints],
    address_owner: Ints,
    first_source: list[str],
    known: Flags,
) -> None:
    """Say of known profiles without any contact which import told of them first."""
    nameless = known & np.array([not name for name in first_source], bool)
    if not nameless.any():
        return
    told = (
        (place(lot.statements.rows), lot.statements.at),
        (place(lot.orders.rows), lot.orders.at),
        (place(lot.visit_rows), lot.web.at[lot.row_events]),
        (address_owner[lot.mail.address], lot.mail.at),
        (place(lot.orders.rows[lot.answers.order]), lot.answers.at),
    )
    owner = np.concatenate([who for who, _ in told])
    at = seasons.to_utc(np.concatenate([when for _, when in told]))
    through = np.concatenate([np.full(len(who), n) for n, (who, _) in enumerate(told)])
    rows = np.flatnonzero((owner >= 0) & nameless[owner])
    rows = rows[np.lexsort((through[rows], at[rows], owner[rows]))]
    who, first = np.unique(owner[rows], return_index=True)
    for unit, which in zip(who.tolist(), through[rows][first].tolist(), strict=True):
        first_source[unit] = _OTHER_SOURCES[which]
