"""What each source of contacts wrote down about people: seven files, each in its own shape and with its own dirt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tesela.events.sources.simulation.identity import NOBODY, state
from tesela.events.sources.simulation.names import spoil
from tesela.events.sources.simulation.people import ACCOUNT, BOUGHT, CO_REGISTRATION, FORM, SOCIAL, STORE, SWEEPSTAKE
from tesela.events.sources.simulation.places import ABROAD, PROVINCES, SHOPS
from tesela.events.sources.simulation.seasons import DAY_S, NEVER
from tesela.events.sources.simulation.spelling import DASHED_DAY, ISO, ISO_DAY, SPANISH, SPANISH_DAY, moments
from tesela.events.sources.simulation.wording import DISPOSABLE, EMAIL_VARIANTS, MAIN, ROLE, SECOND, TYPO

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons
    from tesela.events.sources.simulation.wording import Wording

    Ints = NDArray[np.int64]
    Columns = dict[str, list[str]]

DIRT = (
    "wrong_email",
    "typo_domain",
    "mixed_case",
    "second_address",
    "disposable_address",
    "role_address",
    "shared_address",
    "mojibake",
    "bad_phone",
    "bad_birth_date",
    "bad_created_at",
    "repeated",
)
"""Kinds of dirt; a record's are the bits of one number, in this order."""


@dataclass(frozen=True, slots=True)
class FileForm:
    """The shape of one file of contacts.

    Attributes:
        path: Inside the shop's folder.
        source: Name of the system, as it is told to the import.
        delimiter, encoding, line_end: How the text is written.
        quotes_all: Whether every value stands in quotes.
    """

    path: str
    source: str
    delimiter: str = ","
    encoding: str = "utf-8"
    line_end: str = "\n"
    quotes_all: bool = False


FORMS: dict[int, FileForm] = {
    ACCOUNT: FileForm("contacts/shop_accounts.csv", "shop"),
    FORM: FileForm("contacts/newsletter_form.csv", "newsletter", ";", "cp1252", "\r\n"),
    SWEEPSTAKE: FileForm("contacts/sweepstake.csv", "sweepstake", ",", "utf-8-sig", "\r\n", quotes_all=True),
    CO_REGISTRATION: FileForm("contacts/coregistration.csv", "co_registration", "\t"),
    SOCIAL: FileForm("contacts/social.csv", "social", ",", quotes_all=True),
    STORE: FileForm("contacts/loyalty_cards.csv", "store", ";", "cp1252", "\r\n"),
    BOUGHT: FileForm("contacts/bought_list.csv", "bought", ";"),
}
"""The files, in the order in which they are imported."""

# share of records by what is odd about their address; of shared ones, of those who have a partner
_ODD = ("wrong", "typo", "case", "second", "disposable", "role", "shared")
_ODDS: dict[int, tuple[float, ...]] = {
    ACCOUNT: (0.004, 0.006, 0.05, 0.02, 0.002, 0.004, 0.25),
    FORM: (0.015, 0.02, 0.10, 0.08, 0.006, 0.01, 0.2),
    SWEEPSTAKE: (0.03, 0.03, 0.12, 0.12, 0.05, 0.003, 0.3),
    CO_REGISTRATION: (0.02, 0.02, 0.05, 0.10, 0.04, 0.005, 0.1),
    SOCIAL: (0.002, 0.004, 0.02, 0.15, 0.004, 0.0, 0.0),
    STORE: (0.03, 0.035, 0.30, 0.05, 0.0, 0.0, 0.0),
    BOUGHT: (0.06, 0.03, 0.15, 0.05, 0.01, 0.12, 0.0),
}
_ODD_VARIANTS = {
    "typo_domain": TYPO,
    "second_address": SECOND,
    "disposable_address": DISPOSABLE,
    "role_address": ROLE,
}
_EMAIL_SHARE = {STORE: 0.40}
_PHONE_SHARE = {ACCOUNT: 0.72, SWEEPSTAKE: 0.55, CO_REGISTRATION: 0.4, SOCIAL: 0.5, STORE: 0.86}
_REPEATED_SHARE = {FORM: 0.05, SWEEPSTAKE: 0.04}
# exports of these write the day only
_DAY_ONLY = frozenset({FORM, CO_REGISTRATION, STORE, BOUGHT})

_ORIGINS: dict[int, tuple[str, ...]] = {
    ACCOUNT: ("account", "checkout", "registration"),
    FORM: ("Formulario web", "Popup", "Newsletter"),
    SWEEPSTAKE: ("Sorteo",),
    CO_REGISTRATION: ("co-registration",),
    SOCIAL: ("facebook", "instagram", "tiktok"),
    STORE: ("Tienda física",),
    BOUGHT: ("Lista comprada",),
}
_BROKEN: tuple[Callable[[str], str], ...] = (
    lambda email: email.replace("@", "@@"),
    lambda email: email.replace("@", ""),
    lambda email: email.replace("@", " @"),
    lambda email: email.rpartition(".")[0],
    lambda email: email.replace("@", ".@"),
    lambda _: "no tiene",
)
_CASED: tuple[Callable[[str], str], ...] = (str.upper, str.title, lambda email: f" {email.capitalize()} ")
_NO_DAYS = ("31/02/1985", "00/00/0000", "1899-13-45", "99/99/9999")
_NO_PHONES = ("600 12", "no tiene", "123456789", "000000000")


@dataclass(frozen=True, slots=True)
class Contacts:
    """One lot's rows of one file.

    Attributes:
        source: Which source.
        places: Place of each row's person in the lot.
        rows: Statements of the rows, for identity.
        since: Since when each record holds, local seconds, as the file tells it.
        dirt: What is wrong with each row, bits of `DIRT`.
        columns: What is written, by header.
    """

    source: int
    places: Ints
    rows: Ints
    since: Ints
    dirt: Ints
    columns: Columns


def write_contacts(
    rng: np.random.Generator, source: int, people: People, wording: Wording, seasons: Seasons, health: Health
) -> Contacts:
    """Write down the people who came in through one source."""
    return _Writer(rng, source, people, wording, seasons, health).write()


class _Writer:
    """Rows of one file in the making: who stands on them, then what, then how it looks."""

    def __init__(
        self,
        rng: np.random.Generator,
        source: int,
        people: People,
        wording: Wording,
        seasons: Seasons,
        health: Health,
    ) -> None:
        self.rng, self.source, self.people, self.wording = rng, source, people, wording
        self.ills, self.is_full = health.ills, health.all_have_accounts
        self.places, self.created, repeated = self._choose_rows(seasons)
        self.count = len(self.places)
        self.stop = seasons.stop
        self.since = self.created
        self.dirt = np.zeros(self.count, np.int64)
        self._mark("repeated", repeated)

    def _choose_rows(self, seasons: Seasons) -> tuple[Ints, Ints, NDArray[np.bool_]]:
        """Return whose rows there are, in order of time; some people fill in the same form twice."""
        came = self.people.came[:, self.source]
        places = np.flatnonzero(came < seasons.stop)
        created = came[places]
        again = np.flatnonzero(self.rng.random(len(places)) < _REPEATED_SHARE.get(self.source, 0.0) * self.ills)
        later = created[again] + (1 + self.rng.exponential(60, len(again)).astype(np.int64)) * DAY_S
        in_time = later < seasons.stop
        again, later = again[in_time], later[in_time]
        repeated = np.concatenate([np.zeros(len(places), bool), np.ones(len(again), bool)])
        places, created = np.concatenate([places, places[again]]), np.concatenate([created, later])
        if self.source in _DAY_ONLY:
            created -= created % DAY_S
        order = np.lexsort((places, repeated, created))
        return places[order], created[order], repeated[order]

    def _filled(self, share: float) -> float:
        """Return the share of rows that tell something which they need not."""
        return 1.0 if self.is_full else share

    def _mark(self, dirt: str, rows: NDArray[np.bool_]) -> None:
        self.dirt[rows] |= 1 << DIRT.index(dirt)

    def write(self) -> Contacts:
        self.emails, email_keys = self._addresses()
        self.phones, phone_keys = self._phones()
        self.first, self.family = self._names()
        ids = self.people.ids[self.places]
        card_keys = self._cards()
        self.cards = [
            self.wording.cards[place] if key >= 0 else ""
            for place, key in zip(self.places.tolist(), card_keys.tolist(), strict=True)
        ]
        rows = state(
            self.count,
            customer_id=ids if self.source == ACCOUNT else np.full(self.count, NOBODY),
            email=email_keys,
            phone=phone_keys,
            loyalty_card=card_keys,
        )
        columns = _LAYOUTS[self.source](self)
        return Contacts(self.source, self.places, rows, self.since, self.dirt, columns)

    def _cards(self) -> Ints:
        """Return whose card stands on each row: all in the shops, some on accounts that were linked to it."""
        ids = self.people.ids[self.places]
        if self.source == STORE:
            return ids
        linked = (self.rng.random(self.count) < 0.3) & (self.people.came[self.places, STORE] < self.stop)
        return np.where(linked & (self.source == ACCOUNT), ids, NOBODY)

    # -- what stands on a row

    def _addresses(self) -> tuple[list[str], Ints]:
        """Return the addresses as written and their numbers: -1 for none, or for one that is no address."""
        odds = {what: share * self.ills for what, share in zip(_ODD, _ODDS[self.source], strict=True)}
        repeated = self.dirt > 0
        draw = self.rng.random(self.count)
        edges = np.cumsum([odds[name] for name in ("typo", "second", "disposable", "role")])
        variant = np.searchsorted(edges, draw, side="right")
        variant = np.array([TYPO, SECOND, DISPOSABLE, ROLE, MAIN])[variant]
        # who comes again gives the same address, whatever else was odd
        variant[repeated] = MAIN
        owner = self.places.copy()
        partner = self.people.partner[self.places]
        shared = (partner >= 0) & (self.rng.random(self.count) < odds["shared"]) & (variant == MAIN) & ~repeated
        owner[shared] = partner[shared]
        wrong = (self.rng.random(self.count) < odds["wrong"]) & ~repeated
        cased = (self.rng.random(self.count) < odds["case"]) & ~wrong
        absent = self.rng.random(self.count) >= self._filled(_EMAIL_SHARE.get(self.source, 1.0))
        style = self.rng.integers(0, 60, self.count).tolist()
        written = [self.wording.email_of(o, v) for o, v in zip(owner.tolist(), variant.tolist(), strict=True)]
        for row in np.flatnonzero(cased).tolist():
            written[row] = _CASED[style[row] % len(_CASED)](written[row])
        for row in np.flatnonzero(wrong).tolist():
            written[row] = _BROKEN[style[row] % len(_BROKEN)](written[row])
        for row in np.flatnonzero(absent).tolist():
            written[row] = ""
        keys = np.where(wrong | absent, NOBODY, self.people.ids[owner] * EMAIL_VARIANTS + variant)
        told = ~absent
        self._mark("wrong_email", wrong & told)
        self._mark("mixed_case", cased & told)
        self._mark("shared_address", shared & ~wrong & told)
        for dirt, kind in _ODD_VARIANTS.items():
            self._mark(dirt, (variant == kind) & ~wrong & told)
        return written, keys

    def _phones(self) -> tuple[list[str], Ints]:
        """Return the phones as written, in many forms, and whose they are."""
        told = self.rng.random(self.count) < self._filled(_PHONE_SHARE.get(self.source, 0.0))
        bad = told & (self.rng.random(self.count) < 0.03 * self.ills)
        style = self.rng.integers(0, 60, self.count).tolist()
        written = [""] * self.count
        places = self.places.tolist()
        for row in np.flatnonzero(told & ~bad).tolist():
            phone = self.wording.phones[places[row]]
            written[row] = _spell_phone(phone, style[row]) if self.ills else phone
        for row in np.flatnonzero(bad).tolist():
            written[row] = _NO_PHONES[style[row] % len(_NO_PHONES)]
        self._mark("bad_phone", bad)
        return written, np.where(told & ~bad, self.people.ids[self.places], NOBODY)

    def _names(self) -> tuple[list[str], list[str]]:
        spoilt = self.rng.random(self.count) < (0.02 if self.source != BOUGHT else 0.15) * self.ills
        style = self.rng.integers(0, 40, self.count).tolist()
        first = [self.wording.first_names[p] for p in self.places.tolist()]
        family = [self.wording.family_names[p] for p in self.places.tolist()]
        odd = np.zeros(self.count, bool)
        for row in np.flatnonzero(spoilt).tolist():
            before = first[row], family[row]
            first[row], family[row] = spoil(first[row]), spoil(family[row])
            odd[row] = before != (first[row], family[row])
        for row, how in enumerate(style):
            if how == 0 and not odd[row] and self.ills:
                first[row], family[row] = first[row].upper(), family[row].upper()
        self._mark("mojibake", odd)
        return first, family

    def _births(self, form: str, share: float) -> list[str]:
        told = self.rng.random(self.count) < self._filled(share)
        days = np.where(told, self.people.born[self.places] * DAY_S, NEVER)
        written: list[str] = moments(days, form).fill_null("").to_pylist()
        bad = told & (self.rng.random(self.count) < 0.012 * self.ills)
        style = self.rng.integers(0, len(_NO_DAYS), self.count).tolist()
        for row in np.flatnonzero(bad).tolist():
            written[row] = _NO_DAYS[style[row]]
        self._mark("bad_birth_date", bad)
        return written

    def _created(self, form: str) -> list[str]:
        written: list[str] = moments(self.created, form).to_pylist()
        return written

    def _origins(self) -> list[str]:
        words = _ORIGINS[self.source]
        return [words[n] for n in self.rng.integers(0, len(words), self.count).tolist()]

    def _homes(self) -> list[tuple[str, str, str, str]]:
        """Return country, region, city and postal code of each row's person."""
        ends = self.rng.integers(1, 900, self.count).tolist()
        places = self.people.place[self.places].tolist()
        abroad = self.people.abroad[self.places].tolist()
        return [
            ABROAD[out][:4] if out >= 0 else ("España", *PROVINCES[at][1:3], f"{PROVINCES[at][0]}{end:03d}")
            for at, out, end in zip(places, abroad, ends, strict=True)
        ]

    def _words(self, words: tuple[str, ...], shares: tuple[float, ...]) -> list[str]:
        return [words[n] for n in self.rng.choice(len(words), self.count, p=shares).tolist()]

    # -- how each file looks

    def as_accounts(self) -> Columns:
        homes = self._homes()
        created = self._created(ISO)
        updated_at = self.created + (self.rng.random(self.count) ** 3 * (self.stop - 1 - self.created)).astype(np.int64)
        # the moment a record came is told twice, so a broken one does not lose it
        bad = self.rng.random(self.count) < 0.004 * self.ills
        for row in np.flatnonzero(bad).tolist():
            created[row] = "0000-00-00 00:00:00"
        self._mark("bad_created_at", bad)
        self.since = np.where(bad, updated_at, self.created)
        woman = self.people.woman[self.places].tolist()
        return {
            "customer_id": [self.wording.customer_ids[p] for p in self.places.tolist()],
            "email": self.emails,
            "first_name": self.first,
            "last_name": self.family,
            "phone": self.phones,
            "birth_date": self._births(ISO_DAY, 0.6),
            "gender": ["female" if w else "male" for w in woman],
            "city": [home[2] for home in homes],
            "province": [home[1] for home in homes],
            "postal_code": [home[3] for home in homes],
            "country": [home[0] for home in homes],
            "language": self._words(("es", "ca", "en", "gl"), (0.9, 0.06, 0.025, 0.015)),
            "loyalty_card": self.cards,
            "first_source": self._origins(),
            "created_at": created,
            "updated_at": moments(updated_at, ISO).to_pylist(),
        }

    def as_form(self) -> Columns:
        homes = self._homes()
        return {
            "Correo electrónico": self.emails,
            "Nombre": self.first,
            "Apellidos": self.family,
            "Fecha de alta": self._created(SPANISH_DAY),
            "Fecha de nacimiento": self._births(SPANISH_DAY, 0.3),
            "Código postal": [home[3] for home in homes],
            "Provincia": [home[1] for home in homes],
            "Origen": self._origins(),
        }

    def as_sweepstake(self) -> Columns:
        return {
            "Email": self.emails,
            "Nombre y apellidos": [f"{a} {b}" for a, b in zip(self.first, self.family, strict=True)],
            "Teléfono móvil": self.phones,
            "Fecha de nacimiento": self._births(SPANISH_DAY, 0.95),
            "Fecha de registro": self._created(SPANISH),
            "Sorteo": self._words(("Viaje a Menorca", "Vale de 500 €", "Un año de zapatillas"), (0.5, 0.3, 0.2)),
            "Procedencia": self._origins(),
        }

    def as_co_registration(self) -> Columns:
        homes = self._homes()
        return {
            "email": self.emails,
            "full_name": [f"{a} {b}" for a, b in zip(self.first, self.family, strict=True)],
            "phone": self.phones,
            "zip": [home[3] for home in homes],
            "signup_date": self._created(DASHED_DAY),
            "partner": self._words(("ofertas-del-dia", "encuestas-premio", "club-ahorro"), (0.4, 0.35, 0.25)),
            "lead_source": self._origins(),
        }

    def as_social(self) -> Columns:
        return {
            "created_at": self._created(ISO),
            "full_name": [f"{a} {b}" for a, b in zip(self.first, self.family, strict=True)],
            "email": self.emails,
            "phone_number": self.phones,
            "ad_name": self._words(("Otoño - vídeo", "Rebajas - carrusel", "Lookalike 1 %"), (0.4, 0.35, 0.25)),
            "lead_source": self._origins(),
        }

    def as_loyalty(self) -> Columns:
        homes = self._homes()
        woman = self.people.woman[self.places].tolist()
        return {
            "Tarjeta": self.cards,
            "Nombre": self.first,
            "Apellidos": self.family,
            "Sexo": ["Mujer" if w else "Hombre" for w in woman],
            "Teléfono": self.phones,
            "Correo": self.emails,
            "Fecha nacimiento": self._births(SPANISH_DAY, 0.7),
            "CP": [home[3] for home in homes],
            "Población": [home[2] for home in homes],
            "Tienda de alta": self._words(SHOPS, (0.3, 0.22, 0.16, 0.14, 0.1, 0.08)),
            "Fecha de alta": self._created(SPANISH_DAY),
            "Origen": self._origins(),
        }

    def as_bought(self) -> Columns:
        homes = self._homes()
        return {
            "EMAIL": self.emails,
            "NOMBRE": self.first,
            "APELLIDOS": self.family,
            "PROVINCIA": [home[1] for home in homes],
            "FECHA ALTA": self._created(SPANISH_DAY),
            "FUENTE": self._origins(),
        }


_LAYOUTS: dict[int, Callable[[_Writer], Columns]] = {
    ACCOUNT: _Writer.as_accounts,
    FORM: _Writer.as_form,
    SWEEPSTAKE: _Writer.as_sweepstake,
    CO_REGISTRATION: _Writer.as_co_registration,
    SOCIAL: _Writer.as_social,
    STORE: _Writer.as_loyalty,
    BOUGHT: _Writer.as_bought,
}


def _spell_phone(phone: str, style: int) -> str:
    if not phone.startswith("+34"):
        return f"{phone[:3]} {phone[3:]}" if style % 2 else phone
    n = phone[3:]
    return (
        n,
        f"{n[:3]} {n[3:6]} {n[6:]}",
        f"{n[:3]}.{n[3:6]}.{n[6:]}",
        f"{n[:3]}-{n[3:6]}-{n[6:]}",
        f"+34 {n[:3]} {n[3:6]} {n[6:]}",
        f"0034{n}",
        phone,
        f"(+34) {n[:3]} {n[3:5]} {n[5:7]} {n[7:]}",
        f"{n[:3]} {n[3:5]} {n[5:7]} {n[7:]}",
    )[style % 9]
