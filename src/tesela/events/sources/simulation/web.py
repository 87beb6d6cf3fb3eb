"""What people did on the web site: visits of anonymous browsers, some of whom say who they are.

A visit is a row; its events are drawn all at once, put in order by a place inside the visit, and timed by
how long each took. From a place on (`known_from`) the events of a visit carry who it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.catalogue import SITE
from tesela.events.sources.simulation.identity import NOBODY, state
from tesela.events.sources.simulation.mail import CLICKED
from tesela.events.sources.simulation.names import slug
from tesela.events.sources.simulation.people import ACCOUNT, FORM, STORE, SWEEPSTAKE
from tesela.events.sources.simulation.seasons import DAY_S

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tesela.events.sources.simulation.catalogue import Catalogue
    from tesela.events.sources.simulation.contacts import Contacts
    from tesela.events.sources.simulation.mail import Addresses, MailEvents
    from tesela.events.sources.simulation.orders import Orders
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NAMES = (
    "page_viewed", "products_searched", "product_viewed", "product_clicked", "logged_in", "product_added",
    "product_removed", "cart_viewed", "checkout_started", "coupon_applied", "form_submitted",
)  # fmt: skip
(
    PAGE_VIEWED, PRODUCTS_SEARCHED, PRODUCT_VIEWED, PRODUCT_CLICKED, LOGGED_IN, PRODUCT_ADDED,
    PRODUCT_REMOVED, CART_VIEWED, CHECKOUT_STARTED, COUPON_APPLIED, FORM_SUBMITTED,
) = range(len(NAMES))  # fmt: skip

LISTS = ("recommended", "best_sellers")
FORMS = ("registration", "newsletter", "sweepstake")
SEARCHES = (
    "botas", "vestido negro", "zapatillas blancas", "bolso", "sábanas 150", "cojines", "vaqueros", "abrigo hombre",
    "regalo", "collar", "vestido boda", "camisa lino", "botas agua niño", "rebajas", "talla grande", "vajilla",
)  # fmt: skip

VISITORS_A_PERSON = 0.55
"""Browsers that nobody ever identifies, for each person."""

DEVICES = 4
"""Numbers of browsers that each person has for their own."""

_VISITOR_FIRST = np.int64(1) << 44

# places inside a visit: 0 to 127
_LANDING, _FORM, _SEARCH, _LOGIN_EARLY, _BROWSE, _LOGIN, _ADD, _REMOVE, _CART, _COUPON, _CHECKOUT, _LAST = (
    0, 3, 5, 8, 12, 80, 90, 104, 108, 112, 116, 127,
)  # fmt: skip
_NOT_KNOWN = 128

_PAGES = (
    "",
    "/carrito",
    "/pedido",
    "/cuenta",
    "/newsletter",
    "/sorteo",
    "/sobre-nosotros",
    "/envios-y-devoluciones",
    "/tiendas",
)
_HOME, _CART_PAGE, _CHECKOUT_PAGE, _ACCOUNT_PAGE, _NEWSLETTER_PAGE, _SWEEPSTAKE_PAGE, _OTHER_PAGES = 0, 1, 2, 3, 4, 5, 6


class Urls:
    """Every address of the site, numbered: pages, categories, products, searches."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.all = [
            *(f"{SITE}{page or '/'}" for page in _PAGES),
            *catalogue.category_urls,
            *catalogue.urls,
            *(f"{SITE}/buscar?q={slug(term)}" for term in SEARCHES),
        ]
        self.first_category = len(_PAGES)
        self.first_product = self.first_category + len(catalogue.category_urls)
        self.first_search = self.first_product + len(catalogue.urls)


@dataclass(frozen=True, slots=True)
class Visits:
    """Visits to the site, one place an array each.

    Attributes:
        places: Place of the person in the lot; -1 for a browser that is nobody's.
        devices: Number of the browser.
        at: When the visit began, local seconds; of a visit that ends in an order, when it was placed.
        customers, emails: Who it is, once known; -1 for none.
        known_from: From which place inside the visit its events carry who it is.
        order: Place of the order it ends in, or -1.
        campaign: Place of the campaign that brought it, or -1.
        form: Place in `FORMS` of the form filled in, or -1.
    """

    places: Ints
    devices: Ints
    at: Ints
    customers: Ints
    emails: Ints
    known_from: Ints
    order: Ints
    campaign: Ints
    form: Ints

    def __len__(self) -> int:
        return len(self.at)


@dataclass(frozen=True, slots=True)
class WebEvents:
    """One lot's events, visit by visit; -1 is missing throughout.

    Attributes:
        visit: Place of the visit.
        name: Place in `NAMES`.
        at: Local seconds.
        is_known: Whether the event carries who it is.
        product, url, search, list, form, coupon: Places in their lists.
        duration_s: How long a product was looked at.
    """

    visit: Ints
    name: Ints
    at: Ints
    is_known: Flags
    product: Ints
    url: Ints
    search: Ints
    list: Ints
    form: Ints
    coupon: Ints
    duration_s: Ints

    def __len__(self) -> int:
        return len(self.at)


def draw_visits(
    rng: np.random.Generator,
    people: People,
    orders: Orders,
    mail: MailEvents,
    addresses: Addresses,
    contacts: list[Contacts],
    account_emails: Ints,
    seasons: Seasons,
) -> Visits:
    """Draw every visit of one lot: for orders, from e-mails, to fill in a form, to look around, by strangers."""
    kinds = [
        _order_visits(rng, orders),
        _mail_visits(rng, mail, addresses, people),
        *(_form_visits(each, people, seasons) for each in contacts if each.source in (ACCOUNT, FORM, SWEEPSTAKE)),
        _browsing(rng, people, account_emails, seasons),
        _strangers(rng, people, seasons),
    ]
    columns = {name: np.concatenate([kind[name] for kind in kinds]) for name in Visits.__slots__}
    whose = columns["places"] >= 0
    columns["devices"][whose] = _draw_devices(rng, columns["places"][whose], people)
    return Visits(**columns)


def _visits(count: int, **told: Ints) -> dict[str, Ints]:
    """Return columns of visits in which everything that is not told is missing."""
    missing = np.full(count, NOBODY)
    return {**dict.fromkeys(Visits.__slots__, missing), "known_from": np.full(count, _NOT_KNOWN), **told}


def _draw_devices(rng: np.random.Generator, places: Ints, people: People) -> Ints:
    """Draw which browser each visit used: mostly the first of three, now and then the partner's."""
    partner = people.partner[places]
    owner = np.where((partner >= 0) & (rng.random(len(places)) < 0.35), partner, places)
    which = np.searchsorted([0.68, 0.93], rng.random(len(places)))
    return people.ids[owner] * DEVICES + which


def _order_visits(rng: np.random.Generator, orders: Orders) -> dict[str, Ints]:
    which = np.flatnonzero(orders.is_online)
    has_account = orders.rows[which, 0] >= 0
    known = np.where(rng.random(len(which)) < 0.55, _LANDING, _LOGIN)
    return _visits(
        len(which),
        places=orders.places[which],
        at=orders.at[which],
        customers=orders.rows[which, 0],
        emails=orders.rows[which, 1],
        known_from=np.where(has_account, known, _CHECKOUT),
        order=which,
    )


def _mail_visits(rng: np.random.Generator, mail: MailEvents, addresses: Addresses, people: People) -> dict[str, Ints]:
    clicks = np.flatnonzero((mail.name == CLICKED) & (rng.random(len(mail)) < 0.85))
    owners = addresses.owners[mail.address[clicks]]
    at = mail.at[clicks] + 3
    # the link says which address was clicked in; the browser may refuse to tell
    told = rng.random(len(clicks)) < 0.7
    has_account = told & (people.came[owners, ACCOUNT] <= at) & (rng.random(len(clicks)) < 0.4)
    return _visits(
        len(clicks),
        places=owners,
        at=at,
        customers=np.where(has_account, people.ids[owners], NOBODY),
        emails=np.where(told, addresses.keys[mail.address[clicks]], NOBODY),
        known_from=np.where(told, _LANDING, _NOT_KNOWN),
        campaign=mail.campaign[clicks],
    )


def _form_visits(contacts: Contacts, people: People, seasons: Seasons) -> dict[str, Ints]:
    """Return the visits in which people gave their data, as far as those lie inside the days."""
    at = people.came[contacts.places, contacts.source]
    rows = np.flatnonzero((at >= seasons.first) & (contacts.rows[:, 1] >= 0))
    _, first = np.unique(contacts.places[rows], return_index=True)
    rows = rows[first]
    return _visits(
        len(rows),
        places=contacts.places[rows],
        at=at[rows] - 40,
        customers=contacts.rows[rows, 0],
        emails=contacts.rows[rows, 1],
        known_from=np.full(len(rows), _FORM),
        form=np.full(len(rows), {ACCOUNT: 0, FORM: 1, SWEEPSTAKE: 2}[contacts.source]),
    )


def _browsing(rng: np.random.Generator, people: People, account_emails: Ints, seasons: Seasons) -> dict[str, Ints]:
    """Draw the visits of people who look around, the more the more they buy, until they lose interest."""
    joined = people.joined
    start = np.clip(joined - 5 * DAY_S, seasons.first, seasons.stop)
    interest = (rng.exponential(140, len(people)) * DAY_S).astype(np.int64)
    stop = np.minimum(np.where(people.rate > 0, people.churned + 10 * DAY_S, start + interest), seasons.stop)
    keenness = rng.gamma(0.7, 0.010 / 0.7, len(people)) * np.where(people.primary == STORE, 0.3, 1.0)
    expected = (keenness + 1.7 * people.rate) * np.maximum(seasons.mass_at(stop) - seasons.mass_at(start), 0)
    places = np.repeat(np.arange(len(people)), rng.poisson(expected))
    at = seasons.draw(rng, start[places], stop[places])
    draw = rng.random(len(places))
    has_account = people.came[places, ACCOUNT] <= at
    logs_in = has_account & (draw >= 0.38) & (draw < 0.48)
    is_known = (has_account & (draw < 0.38)) | logs_in
    return _visits(
        len(places),
        places=places,
        at=at,
        customers=np.where(is_known, people.ids[places], NOBODY),
        emails=np.where(logs_in, account_emails[places], NOBODY),
        known_from=np.select([logs_in, is_known], [_LOGIN_EARLY, _LANDING], _NOT_KNOWN),
    )


def _strangers(rng: np.random.Generator, people: People, seasons: Seasons) -> dict[str, Ints]:
    count = int(len(people) * VISITORS_A_PERSON)
    visits = rng.geometric(0.72, count)
    which = np.repeat(np.arange(count), visits)
    at = seasons.draw(rng, np.full(len(which), seasons.first), np.full(len(which), seasons.stop))
    return _visits(len(which), at=at, devices=_VISITOR_FIRST + people.ids[0] * DEVICES + which)


def make_web_events(
    rng: np.random.Generator,
    visits: Visits,
    orders: Orders,
    people: People,
    catalogue: Catalogue,
    urls: Urls,
    seasons: Seasons,
) -> WebEvents:
    """Draw what happened in each visit, and when."""
    drawn = _Drawing(rng, visits, orders, people, catalogue, urls)
    columns = {
        name: np.concatenate(parts) for name, parts in zip(_DRAWN, zip(*drawn.events(), strict=True), strict=True)
    }
    order = np.argsort(columns["visit"] * 128 + columns["place"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    at = _time(rng, visits, columns["visit"], columns["duration_s"], seasons)
    kept = (at >= seasons.first) & (at < seasons.stop)
    is_known = columns.pop("place") >= visits.known_from[columns["visit"]]
    return WebEvents(at=at[kept], is_known=is_known[kept], **{name: column[kept] for name, column in columns.items()})


_DRAWN = ("visit", "place", "name", "product", "url", "search", "list", "form", "coupon", "duration_s")


def _time(rng: np.random.Generator, visits: Visits, visit: Ints, duration_s: Ints, seasons: Seasons) -> Ints:
    """Put the events of each visit one after the other; a visit for an order ends just before the order."""
    if not len(visit):
        return visit
    step = np.where(duration_s > 0, duration_s, rng.integers(4, 40, len(visit)))
    passed = np.cumsum(step)
    first = np.searchsorted(visit, np.arange(len(visits)))
    last = np.append(first[1:], len(visit)) - 1
    before = passed[first] - step[first]
    start = np.where(visits.order >= 0, visits.at - (passed[last] - before) - 15, visits.at)
    # a visit that began at the very end may not reach into the next day, nor before the first
    start = np.maximum(start, np.minimum(seasons.first, visits.at))
    found: Ints = start[visit] + passed - step - before[visit]
    return found


class _Drawing:
    """The events of some visits, kind by kind."""

    def __init__(
        self, rng: np.random.Generator, visits: Visits, orders: Orders, people: People, catalogue: Catalogue, urls: Urls
    ) -> None:
        self.rng, self.visits, self.orders, self.catalogue, self.urls = rng, visits, orders, catalogue, urls
        self.count = len(visits)
        self.buys = visits.order >= 0
        stranger = rng.integers(0, len(catalogue.category_share), self.count)
        self.favourite = np.where(visits.places >= 0, people.favourite[visits.places], stranger)

    def events(self) -> Iterator[tuple[Ints, ...]]:
        every = np.arange(self.count)
        yield self._event(every, _LANDING, PAGE_VIEWED, url=self._landing_pages())
        yield from self._looking()
        yield from self._saying_who()
        yield from self._buying()
        yield from self._abandoning()

    def _event(self, visit: Ints, place: Ints | int, name: int, **told: Ints) -> tuple[Ints, ...]:
        columns = {
            **dict.fromkeys(_DRAWN, np.full(len(visit), NOBODY)),
            "visit": visit,
            "place": np.broadcast_to(place, len(visit)),
            "name": np.full(len(visit), name),
            **told,
        }
        return tuple(columns[each] for each in _DRAWN)

    def _landing_pages(self) -> Ints:
        category = self.urls.first_category + self.favourite
        url = np.where(self.rng.random(self.count) < 0.45, _HOME, category)
        forms = np.array([_ACCOUNT_PAGE, _NEWSLETTER_PAGE, _SWEEPSTAKE_PAGE, 0])
        found: Ints = np.where(self.visits.form >= 0, forms[self.visits.form], url)
        return found

    def _often(self, share: float) -> Ints:
        return np.flatnonzero(self.rng.random(self.count) < share)

    def _looking(self) -> Iterator[tuple[Ints, ...]]:
        searching = self._often(0.2)
        term = self.rng.integers(0, len(SEARCHES), len(searching))
        yield self._event(searching, _SEARCH, PRODUCTS_SEARCHED, search=term, url=self.urls.first_search + term)
        reading = np.repeat(np.arange(self.count), self.rng.poisson(0.35, self.count))
        pages = self.rng.integers(_OTHER_PAGES, self.urls.first_product, len(reading))
        yield self._event(reading, self._somewhere(len(reading)), PAGE_VIEWED, url=pages)
        seeing = np.repeat(np.arange(self.count), self.rng.geometric(0.45, self.count) - 1)
        yield self._view(seeing, self.catalogue.draw(self.rng, self.favourite[seeing]))
        clicking = self._often(0.13)
        product = self.catalogue.draw(self.rng, self.favourite[clicking])
        which = (self.rng.random(len(clicking)) < 0.2).astype(np.int64)
        place, url = self._somewhere(len(clicking)), self.urls.first_product + product
        yield self._event(clicking, place, PRODUCT_CLICKED, product=product, list=which, url=url)

    def _somewhere(self, count: int) -> Ints:
        return self.rng.integers(_BROWSE, _LOGIN, count)

    def _view(self, visit: Ints, product: Ints) -> tuple[Ints, ...]:
        seconds = np.clip(24 * np.exp(self.rng.normal(0, 0.9, len(visit))), 2, 900).astype(np.int64)
        url = self.urls.first_product + product
        return self._event(
            visit, self._somewhere(len(visit)), PRODUCT_VIEWED, product=product, url=url, duration_s=seconds
        )

    def _saying_who(self) -> Iterator[tuple[Ints, ...]]:
        for place in (_LOGIN_EARLY, _LOGIN):
            visit = np.flatnonzero(self.visits.known_from == place)
            yield self._event(visit, place, LOGGED_IN, url=self._at(_ACCOUNT_PAGE, len(visit)))
        visit = np.flatnonzero(self.visits.form >= 0)
        yield self._event(visit, _FORM, FORM_SUBMITTED, form=self.visits.form[visit], url=self._landing_pages()[visit])

    def _buying(self) -> Iterator[tuple[Ints, ...]]:
        buying = np.flatnonzero(self.buys)
        order = self.visits.order[buying]
        first, size = self.orders.line_first[order], self.orders.line_first[order + 1] - self.orders.line_first[order]
        visit = np.repeat(buying, size)
        nth = np.arange(len(visit)) - np.repeat(np.cumsum(size) - size, size)
        product = self.orders.line_product[np.repeat(first, size) + nth]
        yield self._view(visit, product)
        yield self._event(visit, _ADD + nth, PRODUCT_ADDED, product=product, url=self.urls.first_product + product)
        yield self._event(buying, _CART, CART_VIEWED, url=self._at(_CART_PAGE, len(buying)))
        using = buying[self.orders.coupon[order] >= 0]
        coupon = self.orders.coupon[self.visits.order[using]]
        yield self._event(using, _COUPON, COUPON_APPLIED, coupon=coupon, url=self._at(_CART_PAGE, len(using)))
        yield self._event(buying, _CHECKOUT, CHECKOUT_STARTED, url=self._at(_CHECKOUT_PAGE, len(buying)))

    def _abandoning(self) -> Iterator[tuple[Ints, ...]]:
        """Fill carts that nobody pays for; some get as far as the checkout."""
        filling = np.flatnonzero(~self.buys & (self.rng.random(self.count) < 0.11))
        product = self.catalogue.draw(self.rng, self.favourite[filling])
        yield self._event(filling, _ADD, PRODUCT_ADDED, product=product, url=self.urls.first_product + product)
        draw = self.rng.random(len(filling))
        emptied = draw < 0.12
        yield self._event(filling[emptied], _REMOVE, PRODUCT_REMOVED, product=product[emptied])
        looking, going = filling[draw > 0.4], filling[draw > 0.72]
        yield self._event(looking, _CART, CART_VIEWED, url=self._at(_CART_PAGE, len(looking)))
        yield self._event(going, _CHECKOUT, CHECKOUT_STARTED, url=self._at(_CHECKOUT_PAGE, len(going)))

    def _at(self, page: int, count: int) -> Ints:
        return np.full(count, page)


def identify(visits: Visits, events: WebEvents) -> tuple[Ints, Ints, Ints]:
    """Return what the events of each visit say about who it was.

    One statement is for those that carry a person, one for the anonymous ones before them.

    Returns:
        The statements, the place of the visit of each, and the place of the first of its events.
    """
    by_state = events.visit * 2 + events.is_known
    # visits are in order, and inside a visit the anonymous events come first
    states, first = np.unique(by_state, return_index=True)
    which, told = states // 2, states % 2 == 1
    rows = state(
        len(which),
        customer_id=np.where(told, visits.customers[which], NOBODY),
        email=np.where(told, visits.emails[which], NOBODY),
        anonymous_id=visits.devices[which],
    )
    return rows, which, first
