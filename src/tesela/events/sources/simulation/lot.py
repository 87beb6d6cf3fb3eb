"""One lot of people, from the first draw to the last row: what a million people and a hundred have in common."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tesela.events.sources.simulation import tables
from tesela.events.sources.simulation.catalogue import SITE, Catalogue, make_catalogue
from tesela.events.sources.simulation.contacts import DIRT, FORMS, Contacts, write_contacts
from tesela.events.sources.simulation.identity import ANONYMOUS, KINDS, Roots, is_known, resolve
from tesela.events.sources.simulation.mail import (
    DELIVERED,
    OPENED,
    Addresses,
    MailEvents,
    Statements,
    list_addresses,
    make_campaigns,
    make_statements,
    send_campaigns,
)
from tesela.events.sources.simulation.orders import CANCELLED, Orders, make_orders
from tesela.events.sources.simulation.people import ACCOUNT, SOURCES, People, make_people
from tesela.events.sources.simulation.seasons import DAY_S, NEVER
from tesela.events.sources.simulation.surveys import Answers, draw_answers
from tesela.events.sources.simulation.truth import Facts, Sizes
from tesela.events.sources.simulation.web import Urls, Visits, WebEvents, draw_visits, identify, make_web_events
from tesela.events.sources.simulation.wording import EMAIL_VARIANTS, Wording

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.files import Files
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

LOT = 20_000
"""People of a lot: changing it changes what is drawn."""

_DORMANT_DAYS = 180
STATES = ("active", "dormant", "lost", "never_bought")
"""True states at the end: buys now and then, has not bought for half a year but may, has stopped, never did."""

# sources by the order of their imports: contacts, consents, orders, web, mail, survey
_LINKED = ("consents", "shop", "web", "mail", "survey")


class Chance:
    """Sources of chance: one for each subject of each lot, so that none depends on what others drew."""

    def __init__(self, seed: int, lot: int) -> None:
        self._seed, self._lot, self._next = seed, lot, 0

    def next(self) -> np.random.Generator:
        """Return a fresh source."""
        self._next += 1
        sequence = np.random.SeedSequence(self._seed, spawn_key=(self._lot, self._next))
        return np.random.Generator(np.random.PCG64(sequence))


class Shop:
    """What all lots share, and what they add up to.

    Attributes:
        by_profile, by_person: Sizes so far.
        orders, web_events, mail_events, visits, answers: How many were written.
    """

    def __init__(self, *, seed: int, seasons: Seasons, files: Files, events_as_text: bool) -> None:
        self.seed, self.seasons, self.files, self.events_as_text = seed, seasons, files, events_as_text
        self.catalogue: Catalogue = make_catalogue(Chance(seed, -1 % 2**32).next())
        self.campaigns = make_campaigns(seasons, SITE)
        self.urls = Urls(self.catalogue)
        self.by_profile, self.by_person = Sizes(seasons), Sizes(seasons)
        self.orders = self.web_events = self.mail_events = self.visits = self.answers = 0


@dataclass(slots=True)
class Lot:
    """Everything that happened to some people."""

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


def simulate_lot(shop: Shop, number: int, first: int, count: int) -> int:
    """Draw one lot, write its rows to the shop's files and add up its truth.

    Returns:
        How many events were written: of the web, of e-mails and of surveys, and orders with their lines.
    """
    lot = _draw(shop, number, first, count)
    roots = resolve(_all_rows(lot))
    contact_rows = _write(shop, lot)
    shop.by_profile.add(_facts_by_profile(shop.seasons, lot, roots))
    shop.by_person.add(_facts_by_person(shop.seasons, lot))
    _write_truth(shop, lot, roots, contact_rows)
    shop.orders += len(lot.orders)
    shop.web_events += len(lot.web)
    shop.mail_events += len(lot.mail)
    shop.visits += len(lot.visits)
    shop.answers += len(lot.answers)
    return len(lot.web) + len(lot.mail) + len(lot.answers) + len(lot.orders) + len(lot.orders.line_order)


def _draw(shop: Shop, number: int, first: int, count: int) -> Lot:
    chance, seasons = Chance(shop.seed, number), shop.seasons
    people = make_people(chance.next(), first, count, seasons, shop.catalogue.category_share)
    wording = Wording(people, chance.next())
    contacts = [write_contacts(chance.next(), source, people, wording, seasons) for source in FORMS]
    account_emails = np.full(count, -1, np.int64)
    accounts = contacts[ACCOUNT]
    account_emails[accounts.places] = accounts.rows[:, 1]
    orders = make_orders(chance.next(), people, account_emails, shop.catalogue, seasons)
    addresses = list_addresses(chance.next(), contacts, people)
    mail = send_campaigns(chance.next(), addresses, shop.campaigns, people, seasons)
    statements = make_statements(chance.next(), addresses, mail, contacts, seasons)
    answers = draw_answers(chance.next(), orders, people, seasons)
    visits = draw_visits(chance.next(), people, orders, mail, addresses, contacts, account_emails, seasons)
    web = make_web_events(chance.next(), visits, orders, people, shop.catalogue, shop.urls, seasons)
    return Lot(
        people, wording, contacts, orders, addresses, mail, statements, visits, web, answers, *identify(visits, web)
    )


def _all_rows(lot: Lot) -> Ints:
    """Return the statements of every record that is written."""
    mailed = np.unique(lot.mail.address)
    about_mail = np.full((len(mailed), len(KINDS)), -1, np.int64)
    about_mail[:, 1] = lot.addresses.keys[mailed]
    parts = [*(each.rows for each in lot.contacts), lot.statements.rows, lot.orders.rows, lot.visit_rows, about_mail]
    return np.concatenate(parts)


# -- files


def _write(shop: Shop, lot: Lot) -> list[int]:
    """Write the lot's rows; return how many rows each file of contacts had before."""
    files, seasons, as_text = shop.files, shop.seasons, shop.events_as_text
    tongue = tables.Tongue(lot.people, lot.wording)
    before = [files.write_contacts(FORMS[each.source], each.columns) for each in lot.contacts]
    files.write_text("consents.csv", tables.consents(lot.statements, tongue))
    numbers = tables.order_numbers(shop.orders, len(lot.orders))
    files.write_text("orders.csv", tables.orders(lot.orders, numbers, tongue), delimiter=";")
    files.write_text("order_lines.csv", tables.order_lines(lot.orders, numbers, shop.catalogue), delimiter=";")
    words = tables.WebWords(shop.urls, shop.catalogue, shop.campaigns, tongue)
    web = tables.web_events(lot.web, lot.visits, words, shop.web_events, shop.visits)
    _write_events(shop, "web_events", tables.timed(web, lot.web.at, seasons, as_text=as_text))
    mail = tables.mail_events(lot.mail, lot.addresses, shop.campaigns, tongue, shop.mail_events)
    _write_events(shop, "email_events", tables.timed(mail, lot.mail.at, seasons, as_text=as_text))
    files.write_text("survey_answers.csv", tables.answers(lot.answers, lot.orders, numbers, tongue, shop.answers))
    return before


def _write_events(shop: Shop, name: str, columns: dict[str, Any]) -> None:
    if shop.events_as_text:
        shop.files.write_text(f"{name}.csv", columns)
    else:
        shop.files.write_pieces(name, columns)


# -- truth


def _facts_by_profile(seasons: Seasons, lot: Lot, roots: Roots) -> Facts:
    profiles = roots.profiles()
    known = is_known(profiles)

    def place(rows: Ints) -> Ints:
        found = roots.of(rows)
        return np.where(found >= 0, np.searchsorted(profiles, found), -1)

    address_rows = np.full((len(lot.addresses.keys), len(KINDS)), -1, np.int64)
    address_rows[:, 1] = np.where(np.isin(np.arange(len(address_rows)), lot.mail.address), lot.addresses.keys, -1)
    contact_owner = np.concatenate([place(each.rows) for each in lot.contacts])
    first_source = _first_sources(lot, contact_owner, len(profiles))
    _name_the_rest(seasons, lot, place, place(address_rows), first_source, known)
    return _facts(
        seasons,
        lot,
        len(profiles),
        known,
        int((~known).sum()),
        first_source,
        place(lot.orders.rows),
        place(address_rows),
    )


def _facts_by_person(seasons: Seasons, lot: Lot) -> Facts:
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
    seasons: Seasons, lot: Lot, place: Any, address_owner: Ints, first_source: list[str], known: Flags
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
        first_source[unit] = _LINKED[which]


def _write_truth(shop: Shop, lot: Lot, roots: Roots, contact_rows: list[int]) -> None:
    files = shop.files
    files.write_parquet("truth/people.parquet", _people(shop.seasons, lot))
    files.write_parquet("truth/identifiers.parquet", _identifiers(lot, roots))
    for each, before in zip(lot.contacts, contact_rows, strict=True):
        files.write_parquet("truth/records.parquet", _records(lot, each, before))


def _people(seasons: Seasons, lot: Lot) -> dict[str, Any]:
    people, orders = lot.people, lot.orders
    counted = orders.status != CANCELLED
    bought = np.bincount(orders.places[counted], minlength=len(people))
    last = np.full(len(people), -1, np.int64)
    np.maximum.at(last, orders.places[counted], orders.at[counted])
    spent = np.zeros(len(people), np.int64)
    np.add.at(spent, orders.places[counted], orders.total[counted])
    churned = people.churned < seasons.stop
    dormant = last < seasons.stop - _DORMANT_DAYS * DAY_S
    truth = np.select([bought == 0, churned, dormant], [3, 2, 1], 0)
    joined = people.joined
    return {
        "person_id": pa.array(people.ids),
        "state": tables.coded(truth, STATES),
        "joined_at": _moments(seasons, joined),
        "churned_at": _moments(seasons, np.where(churned, people.churned, NEVER)),
        "last_order_at": _moments(seasons, np.where(last >= 0, last, NEVER)),
        "orders": pa.array(bought),
        "spent_cents": pa.array(spent),
        "orders_a_year": pa.array(people.rate * 365),
        "is_coupon_lover": pa.array(people.coupon_lover),
        "in_store_share": pa.array(people.in_store),
        "favourite_category": tables.coded(people.favourite, _categories(lot)),
        "first_source": tables.coded(people.primary, SOURCES),
        "has_machine_opens": pa.array(people.is_apple),
        "first_name": pa.array(lot.wording.first_names),
        "last_name": pa.array(lot.wording.family_names),
    }


def _categories(lot: Lot) -> list[str]:
    return [str(n) for n in range(int(lot.people.favourite.max()) + 1)]


def _moments(seasons: Seasons, local: Ints) -> Any:
    told = local < NEVER
    utc = np.where(told, seasons.to_utc(np.where(told, local, 0)), 0)
    return pa.array((utc * 1_000_000).view("datetime64[us]"), pa.timestamp("us"), mask=~told)


def _identifiers(lot: Lot, roots: Roots) -> dict[str, Any]:
    """List every identifier that stands somewhere, in normal form, with its true owner and its profile."""
    rows = _all_rows(lot)
    tongue = tables.Tongue(lot.people, lot.wording)
    count, first = len(lot.people), int(lot.people.ids[0])
    kinds, values, owners, profiles = [], [], [], []
    for kind in range(len(KINDS)):
        each = np.unique(rows[rows[:, kind] >= 0, kind])
        single = np.full((len(each), len(KINDS)), -1, np.int64)
        single[:, kind] = np.where(np.isin(each, roots.values[kind]), each, -1)
        divisor = {1: EMAIL_VARIANTS, ANONYMOUS: 4}.get(kind, 1)
        owner = each // divisor
        owner = np.where((owner >= first) & (owner < first + count), owner, -1)
        kinds.append(np.full(len(each), kind))
        text = tables.browser_ids(each) if kind == ANONYMOUS else tongue.write(kind, each).cast(pa.string())
        values.append(text)
        owners.append(owner)
        profiles.append(roots.of(single))
    owner, profile = np.concatenate(owners), np.concatenate(profiles)
    return {
        "kind": tables.coded(np.concatenate(kinds), KINDS),
        "value": pa.concat_arrays(values),
        "person_id": pa.array(owner, mask=owner < 0),
        "profile": pa.array(profile, mask=profile < 0),
    }


def _records(lot: Lot, each: Contacts, before: int) -> dict[str, Any]:
    """Say whose each record is and what is wrong with it."""
    combinations, places = np.unique(each.dirt, return_inverse=True)
    names = [",".join(name for bit, name in enumerate(DIRT) if dirt >> bit & 1) for dirt in combinations.tolist()]
    count = len(each.places)
    return {
        "file": tables.coded(np.zeros(count, np.int64), [FORMS[each.source].path]),
        "row": pa.array(np.arange(before + 1, before + count + 1)),
        "person_id": pa.array(lot.people.ids[each.places]),
        "dirt": tables.coded(places, names),
    }
