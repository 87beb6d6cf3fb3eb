"""What each file of the shop says, column by column: one function a file, from a lot's numbers to texts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from tesela.events.sources.simulation import mail as mailing
from tesela.events.sources.simulation import web
from tesela.events.sources.simulation.catalogue import SITE
from tesela.events.sources.simulation.identity import CARD, CUSTOMER, EMAIL, PHONE
from tesela.events.sources.simulation.orders import COUPONS
from tesela.events.sources.simulation.people import SOURCES
from tesela.events.sources.simulation.places import SHOPS
from tesela.events.sources.simulation.spelling import ISO, SPANISH, coded, flags, hexes, moments, money
from tesela.events.sources.simulation.wording import EMAIL_VARIANTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.catalogue import Catalogue
    from tesela.events.sources.simulation.mail import Addresses, Campaigns, MailEvents, Statements
    from tesela.events.sources.simulation.orders import Orders
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons
    from tesela.events.sources.simulation.surveys import Answers
    from tesela.events.sources.simulation.wording import Wording

    Ints = NDArray[np.int64]
    Columns = dict[str, Any]

_STATUSES = ("Completado", "Cancelado", "Reembolsado")
_CHANNELS = ("Tienda física", "Online")
_WORDINGS = (
    "Acepto recibir novedades y ofertas por correo (v3)",
    "Confirmo mi suscripción al boletín (v2)",
    "Acepto las bases y la cesión al organizador (v1)",
    "Acepto recibir ofertas por SMS (v1)",
)

# each kind of record numbers its messages in a range of its own
_WEB_MESSAGES, _MAIL_MESSAGES, _SURVEY_MESSAGES, _BROWSERS, _VISITS = (np.int64(n) << 58 for n in range(1, 6))


class Tongue:
    """How one lot's numbers of identifiers are written."""

    def __init__(self, people: People, wording: Wording) -> None:
        self._first = int(people.ids[0])
        self._customers = pa.array(wording.customer_ids, pa.string())
        self._emails = pa.array(wording.emails, pa.string())
        self._phones = pa.array(wording.phones, pa.string())
        self._cards = pa.array(wording.cards, pa.string())

    def write(self, kind: int, numbers: Ints) -> Any:
        """Return the texts of identifiers of a kind; -1 as missing."""
        words = {CUSTOMER: self._customers, EMAIL: self._emails, PHONE: self._phones, CARD: self._cards}[kind]
        first = self._first * (EMAIL_VARIANTS if kind == EMAIL else 1)
        return coded(np.where(numbers >= 0, numbers - first, -1), words)


def products(catalogue: Catalogue) -> Columns:
    """Return the catalogue as the shop exports it."""
    every = np.arange(len(catalogue.ids))
    return {
        "product_id": coded(every, catalogue.ids),
        "name": coded(every, catalogue.names),
        "category": coded(every, catalogue.paths),
        "brand": coded(every, catalogue.brands),
        "price": money(catalogue.price),
        "cost": money(catalogue.cost),
        "url": coded(every, catalogue.urls),
        "image_url": coded(every, [f"{SITE}/img/{sku.lower()}.jpg" for sku in catalogue.ids]),
        "in_stock": coded(catalogue.in_stock.astype(np.int64), ("no", "yes")),
    }


def order_numbers(first: int, count: int) -> Any:
    """Return the numbers of orders as the shop writes them."""
    digits = pa.array(np.arange(first, first + count) + 10_000_000).cast(pa.string())
    return pa.compute.binary_join_element_wise("P", digits, "")


def orders(each: Orders, numbers: Any, tongue: Tongue) -> Columns:
    """Return orders, one row an order, with the decimal comma of a Spanish system."""
    given_back = each.refunded > 0
    return {
        "Número de pedido": numbers,
        "ID cliente": tongue.write(CUSTOMER, each.rows[:, CUSTOMER]),
        "Correo electrónico": tongue.write(EMAIL, each.rows[:, EMAIL]),
        "Tarjeta": tongue.write(CARD, each.rows[:, CARD]),
        "Fecha pedido": moments(each.at, SPANISH),
        "Estado": coded(each.status, _STATUSES),
        "Importe": money(each.total, decimal=","),
        "Envío": money(each.shipping, decimal=","),
        "Cupón": coded(each.coupon, COUPONS),
        "Canal de venta": coded(each.is_online.astype(np.int64), _CHANNELS),
        "Tienda": coded(each.shop, SHOPS),
        "Fecha de cancelación": moments(each.cancelled_at, SPANISH),
        "Importe devuelto": money(each.refunded, decimal=",", missing=~given_back),
        "Fecha de devolución": moments(each.refunded_at, SPANISH),
        "Actualizado": moments(each.updated_at, SPANISH),
    }


def order_lines(each: Orders, numbers: Any, catalogue: Catalogue) -> Columns:
    """Return the lines of orders; those of an order add up to its amount."""
    nth = np.arange(len(each.line_order)) - each.line_first[each.line_order] + 1
    return {
        "Número de pedido": coded(each.line_order, numbers),
        "Línea": pa.array(nth),
        "Fecha pedido": moments(each.at[each.line_order], SPANISH),
        "Referencia": coded(each.line_product, catalogue.ids),
        "Producto": coded(each.line_product, catalogue.names),
        "Cantidad": pa.array(each.line_quantity),
        "Precio unitario": money(each.line_price, decimal=","),
        "Descuento línea": money(each.line_discount, decimal=","),
        "Importe línea": money(each.line_amount, decimal=","),
    }


def consents(said: Statements, tongue: Tongue) -> Columns:
    """Return the history of consent, one row a statement."""
    wording = np.select([said.is_sms, said.source == 1, said.source == 2], [3, 1, 2], 0)
    return {
        "customer_id": tongue.write(CUSTOMER, said.rows[:, CUSTOMER]),
        "email": tongue.write(EMAIL, said.rows[:, EMAIL]),
        "phone": tongue.write(PHONE, said.rows[:, PHONE]),
        "channel": coded(said.is_sms.astype(np.int64), ("email", "sms")),
        "purpose": coded(np.zeros(len(said.at), np.int64), ("marketing",)),
        "status": coded(said.is_yes.astype(np.int64), ("no", "yes")),
        "consent_at": moments(said.at, ISO),
        "method": coded(said.method, mailing.METHODS),
        "wording": coded(np.where(said.is_yes, wording, -1), _WORDINGS),
        "collected_by": coded(said.source, SOURCES),
    }


def web_events(
    events: web.WebEvents, visits: web.Visits, words: WebWords, first_message: int, first_visit: int
) -> Columns:
    """Return web events but for their time, which text and Parquet write differently."""
    whose = np.where(events.is_known, events.visit, -1)
    return {
        "message_id": hexes(_WEB_MESSAGES + first_message + np.arange(len(events))),
        "event": coded(events.name, web.NAMES),
        "anonymous_id": _once_each(visits.devices, events.visit),
        "session_id": coded(events.visit, hexes(_VISITS + first_visit + np.arange(len(visits)))),
        "customer_id": words.tongue.write(CUSTOMER, np.where(whose >= 0, visits.customers[whose], -1)),
        "email": words.tongue.write(EMAIL, np.where(whose >= 0, visits.emails[whose], -1)),
        "url": coded(events.url, words.urls),
        "product_id": coded(events.product, words.products),
        "list": coded(events.list, web.LISTS),
        "duration_s": pa.array(events.duration_s, mask=events.duration_s < 0),
        "query": coded(events.search, web.SEARCHES),
        "form": coded(events.form, web.FORMS),
        "coupon": coded(events.coupon, COUPONS),
        "campaign_id": coded(visits.campaign[events.visit], words.campaigns),
    }


class WebWords:
    """The texts that web events choose from."""

    def __init__(self, urls: web.Urls, catalogue: Catalogue, campaigns: Campaigns, tongue: Tongue) -> None:
        self.urls = pa.array(urls.all)
        self.products = pa.array(catalogue.ids)
        self.campaigns = pa.array(campaigns.ids)
        self.tongue = tongue


def _once_each(devices: Ints, visit: Ints) -> Any:
    """Return the browser's id of each event, every browser written once."""
    each, places = np.unique(devices, return_inverse=True)
    return coded(places[visit], browser_ids(each))


def browser_ids(devices: Ints) -> Any:
    """Return the ids that the site's cookie gives to browsers."""
    return hexes(_BROWSERS + devices)


def mail_events(
    events: MailEvents, addresses: Addresses, campaigns: Campaigns, tongue: Tongue, first_message: int
) -> Columns:
    """Return what the e-mail tool exports, but for the time."""
    clicked, opened, bounced = (events.name == each for each in (mailing.CLICKED, mailing.OPENED, mailing.BOUNCED))
    return {
        "message_id": hexes(_MAIL_MESSAGES + first_message + np.arange(len(events))),
        "event": coded(events.name, mailing.NAMES),
        "email": tongue.write(EMAIL, addresses.keys[events.address]),
        "campaign_id": coded(events.campaign, campaigns.ids),
        "campaign_name": coded(events.campaign, campaigns.names),
        "url": coded(np.where(clicked, events.campaign, -1), campaigns.urls),
        "is_machine": flags(events.is_machine, opened),
        "bounce_type": coded(np.where(bounced, events.is_hard, -1), ("soft", "hard")),
    }


def answers(each: Answers, sold: Orders, numbers: Any, tongue: Tongue, first_message: int) -> Columns:
    """Return the answers to the survey, as events."""
    count = len(each)
    return {
        "message_id": hexes(_SURVEY_MESSAGES + first_message + np.arange(count)),
        "event": coded(np.zeros(count, np.int64), ("survey_answered",)),
        "timestamp": moments(each.at, SPANISH),
        "customer_id": tongue.write(CUSTOMER, sold.rows[each.order, CUSTOMER]),
        "email": tongue.write(EMAIL, sold.rows[each.order, EMAIL]),
        "loyalty_card": tongue.write(CARD, sold.rows[each.order, CARD]),
        "order_id": coded(each.order, numbers),
        "survey": coded(np.zeros(count, np.int64), ("NPS",)),
        "nps_score": pa.array(each.score),
    }


def timed(columns: Columns, at: Ints, seasons: Seasons, *, as_text: bool) -> Columns:
    """Add the time: local in a text, in UTC with its zone in Parquet."""
    if as_text:
        time = moments(at, ISO)
    else:
        micros = seasons.to_utc(at) * 1_000_000
        time = pa.array(micros.view("datetime64[us]"), pa.timestamp("us", tz="UTC"))
    names = list(columns)
    return {
        names[0]: columns[names[0]],
        names[1]: columns[names[1]],
        "timestamp": time,
        **{name: columns[name] for name in names[2:]},
    }
