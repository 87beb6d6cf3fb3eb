"""One lot of people and everything that happened to them: the order in which the simulation draws."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.contacts import FORMS, Contacts, write_contacts
from tesela.events.sources.simulation.identity import state
from tesela.events.sources.simulation.mail import (
    Addresses,
    Campaigns,
    MailEvents,
    Statements,
    list_addresses,
    make_statements,
    send_campaigns,
)
from tesela.events.sources.simulation.orders import Orders, make_orders
from tesela.events.sources.simulation.people import ACCOUNT, People, make_people
from tesela.events.sources.simulation.surveys import Answers, draw_answers
from tesela.events.sources.simulation.web import Urls, Visits, WebEvents, draw_visits, identify, make_web_events
from tesela.events.sources.simulation.wording import Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.catalogue import Catalogue
    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]


class Chance:
    """Sources of chance: one for each subject of each lot, so that none depends on what others drew."""

    def __init__(self, seed: int, lot: int) -> None:
        self._seed, self._lot, self._next = seed, lot, 0

    def next(self) -> np.random.Generator:
        """Return a fresh source."""
        self._next += 1
        sequence = np.random.SeedSequence(self._seed, spawn_key=(self._lot, self._next))
        return np.random.Generator(np.random.PCG64(sequence))


@dataclass(frozen=True, slots=True)
class Setting:
    """What all lots share.

    Attributes:
        seed: Of everything.
        seasons: The days that are simulated.
        catalogue, campaigns, urls: What is sold, what is written to people, and the pages of the site.
        health: What goes wrong.
    """

    seed: int
    seasons: Seasons
    catalogue: Catalogue
    campaigns: Campaigns
    urls: Urls
    health: Health


@dataclass(frozen=True, slots=True)
class Lot:
    """Everything that happened to some people.

    Attributes:
        visit_rows: What the web events of each visit say about who it was, as statements.
        row_visits, row_events: Visit, and first event, of each of those.
    """

    people: People
    wording: Wording
    contacts: list[Contacts]
    orders: Orders
    addresses: Addresses
    mail: MailEvents
    statements: Statements
    visits: Visits
    web: WebEvents
    answers: Answers
    visit_rows: Ints = field(repr=False)
    row_visits: Ints = field(repr=False)
    row_events: Ints = field(repr=False)


def draw_lot(setting: Setting, number: int, first: int, count: int) -> Lot:
    """Draw everything about `count` people numbered from `first`."""
    chance, seasons, health = Chance(setting.seed, number), setting.seasons, setting.health
    people = make_people(chance.next(), first, count, seasons, setting.catalogue.category_share, health)
    wording = Wording(people, chance.next())
    contacts = [write_contacts(chance.next(), source, people, wording, seasons, health) for source in FORMS]
    account_emails = np.full(count, -1, np.int64)
    accounts = contacts[ACCOUNT]
    account_emails[accounts.places] = accounts.rows[:, 1]
    orders = make_orders(chance.next(), people, account_emails, setting.catalogue, seasons, health)
    addresses = list_addresses(chance.next(), contacts, people, health)
    mail = send_campaigns(chance.next(), addresses, setting.campaigns, people, seasons, health)
    statements = make_statements(chance.next(), addresses, mail, contacts, seasons)
    answers = draw_answers(chance.next(), orders, people, seasons)
    visits = draw_visits(chance.next(), people, orders, mail, addresses, contacts, account_emails, seasons)
    web = make_web_events(chance.next(), visits, orders, people, setting.catalogue, setting.urls, seasons)
    return Lot(
        people, wording, contacts, orders, addresses, mail, statements, visits, web, answers, *identify(visits, web)
    )


def state_all(lot: Lot) -> Ints:
    """Return the statements of every record that is written."""
    mailed = np.unique(lot.mail.address)
    about_mail = state(len(mailed), email=lot.addresses.keys[mailed])
    parts = [*(each.rows for each in lot.contacts), lot.statements.rows, lot.orders.rows, lot.visit_rows, about_mail]
    return np.concatenate(parts)
