"""The shop in the making: lots drawn one after the other, written to its files and added up."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.events.sources.simulation import register, tables
from tesela.events.sources.simulation.catalogue import SITE, make_catalogue
from tesela.events.sources.simulation.contacts import FORMS
from tesela.events.sources.simulation.facts import facts_by_person, facts_by_profile
from tesela.events.sources.simulation.identity import resolve
from tesela.events.sources.simulation.lot import Chance, Lot, Setting, draw_lot, state_all
from tesela.events.sources.simulation.mail import make_campaigns
from tesela.events.sources.simulation.truth import Sizes
from tesela.events.sources.simulation.web import Urls

if TYPE_CHECKING:
    from tesela.events.sources.simulation.files import Files
    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.seasons import Seasons

LOT = 20_000
"""People of a lot: changing it changes what is drawn."""

# what all lots share is drawn as if it were one
_SHARED_LOT = 2**32 - 1


class Shop:
    """A shop that grows lot by lot.

    Attributes:
        by_profile, by_person: Sizes of the segments so far.
        events: Written so far: of the web, of e-mails and of surveys, and orders with their lines.
    """

    def __init__(self, *, seed: int, seasons: Seasons, files: Files, events_as_text: bool, health: Health) -> None:
        catalogue = make_catalogue(Chance(seed, _SHARED_LOT).next())
        self._setting = Setting(seed, seasons, catalogue, make_campaigns(seasons, SITE), Urls(catalogue), health)
        self._files, self._events_as_text = files, events_as_text
        self.by_profile, self.by_person = Sizes(seasons), Sizes(seasons)
        self.events = 0
        self._orders = self._web = self._mail = self._visits = self._answers = 0
        files.write_text("products.csv", tables.products(catalogue))

    def add_lot(self, number: int, first: int, count: int) -> None:
        """Draw `count` people numbered from `first`, write their rows and count what must come out."""
        setting = self._setting
        lot = draw_lot(setting, number, first, count)
        roots = resolve(state_all(lot))
        self.by_profile.add(facts_by_profile(setting.seasons, lot, roots))
        self.by_person.add(facts_by_person(setting.seasons, lot))
        self._write_contacts(lot)
        self._write_orders(lot)
        self._write_events(lot)
        self._files.write_parquet("truth/people.parquet", register.people(setting.seasons, lot, setting.catalogue))
        self._files.write_parquet("truth/identifiers.parquet", register.identifiers(lot, roots))
        self._count(lot)

    def _write_contacts(self, lot: Lot) -> None:
        for each in lot.contacts:
            before = self._files.write_contacts(FORMS[each.source], each.columns)
            self._files.write_parquet("truth/records.parquet", register.records(lot, each, before))
        self._files.write_text("consents.csv", tables.consents(lot.statements, tables.Tongue(lot.people, lot.wording)))

    def _write_orders(self, lot: Lot) -> None:
        tongue, catalogue = tables.Tongue(lot.people, lot.wording), self._setting.catalogue
        numbers = tables.order_numbers(self._orders, len(lot.orders))
        self._files.write_text("orders.csv", tables.orders(lot.orders, numbers, tongue), delimiter=";")
        self._files.write_text("order_lines.csv", tables.order_lines(lot.orders, numbers, catalogue), delimiter=";")
        answers = tables.answers(lot.answers, lot.orders, numbers, tongue, self._answers)
        self._files.write_text("survey_answers.csv", answers)

    def _write_events(self, lot: Lot) -> None:
        setting = self._setting
        tongue = tables.Tongue(lot.people, lot.wording)
        words = tables.WebWords(setting.urls, setting.catalogue, setting.campaigns, tongue)
        web = tables.web_events(lot.web, lot.visits, words, self._web, self._visits)
        mail = tables.mail_events(lot.mail, lot.addresses, setting.campaigns, tongue, self._mail)
        for name, columns, at in (("web_events", web, lot.web.at), ("email_events", mail, lot.mail.at)):
            timed: dict[str, Any] = tables.timed(columns, at, setting.seasons, as_text=self._events_as_text)
            if self._events_as_text:
                self._files.write_text(f"{name}.csv", timed)
            else:
                self._files.write_pieces(name, timed)

    def _count(self, lot: Lot) -> None:
        self._orders += len(lot.orders)
        self._web += len(lot.web)
        self._mail += len(lot.mail)
        self._visits += len(lot.visits)
        self._answers += len(lot.answers)
        self.events += len(lot.web) + len(lot.mail) + len(lot.answers) + len(lot.orders) + len(lot.orders.line_order)
