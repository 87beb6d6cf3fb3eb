"""The shop whose defects are planted: its sheets, the people that have none yet, and the register of what was done."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events.sources.simulation.contacts import FORMS, FileForm
from tesela.events.sources.simulation.defects.sheets import Sheet
from tesela.events.sources.simulation.names import FAMILIES, MEN, WOMEN, fold
from tesela.events.sources.simulation.people import ACCOUNT, BOUGHT, FORM, SOCIAL, STORE, SWEEPSTAKE
from tesela.events.sources.simulation.places import PROVINCES

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import numpy as np

    from tesela.events.sources.simulation.defects.sheets import Row

_REST = {
    "consents": FileForm("consents.csv", "consents"),
    "orders": FileForm("orders.csv", "shop", ";"),
    "lines": FileForm("order_lines.csv", "shop", ";"),
    "mail": FileForm("email_events.csv", "mail"),
    "web": FileForm("web_events.csv", "web"),
    "answers": FileForm("survey_answers.csv", "survey"),
}
_ISO, _SPANISH = "%Y-%m-%d %H:%M:%S", "%d/%m/%Y %H:%M:%S"
# of the people in the shop, those whom one kind of defect befalls
_SHARE, _FEWEST = 1 / 150, 4


@dataclass(slots=True)
class Planting:
    """A shop in the making.

    Attributes:
        stop: Local time at which the last day ends.
        rng: Source of all chance.
        accounts, form, sweepstake, social, store, bought: Sheets of contacts.
        consents, orders, lines, mail, web, answers: The other sheets.
        found: What an audit must find, by check: the keys of whom it is about.
        units: What is counted, by check.
        usual: How many people a defect befalls, unless it says otherwise.
    """

    stop: datetime
    rng: np.random.Generator
    accounts: Sheet
    form: Sheet
    sweepstake: Sheet
    social: Sheet
    store: Sheet
    bought: Sheet
    consents: Sheet
    orders: Sheet
    lines: Sheet
    mail: Sheet
    web: Sheet
    answers: Sheet
    found: dict[str, list[str]] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    usual: int = 0
    _free: list[Row] = field(default_factory=list)
    _newcomers: int = 0
    _messages: int = 0

    @classmethod
    def read(cls, folder: Path, stop: datetime, rng: np.random.Generator) -> Planting:
        """Read a healthy shop's files."""
        contacts = {
            "accounts": ACCOUNT,
            "form": FORM,
            "sweepstake": SWEEPSTAKE,
            "social": SOCIAL,
            "store": STORE,
            "bought": BOUGHT,
        }
        forms = {name: FORMS[source] for name, source in contacts.items()} | _REST
        sheets: dict[str, Any] = {name: Sheet.read(folder, form) for name, form in forms.items()}
        shop = cls(stop, rng, **sheets)
        elsewhere = {row["Correo electrónico"] for row in shop.form.rows} | {row["email"] for row in shop.social.rows}
        elsewhere |= {row["Correo"] for row in shop.store.rows}
        alone = [row for row in shop.accounts.rows if row["email"] not in elsewhere and row["country"] == "España"]
        shop._free = [alone[place] for place in rng.permutation(len(alone)).tolist()]
        shop.usual = max(_FEWEST, int(len(shop.accounts.rows) * _SHARE))
        return shop

    def write(self, folder: Path) -> dict[str, int]:
        """Write the files back, and return their rows by path."""
        contacts = (self.accounts, self.form, self.sweepstake, self.social, self.store, self.bought)
        sheets = (*contacts, self.consents, self.orders, self.lines, self.mail, self.web, self.answers)
        for sheet in sheets:
            sheet.write(folder)
        return {sheet.form.path: len(sheet.rows) for sheet in sheets}

    # -- whom defects befall

    def take(self, count: int | None = None, *, where: str = "", province: tuple[str, ...] = ()) -> list[Row]:
        """Return accounts of Spaniards who have no other record and no defect yet.

        Args:
            count: How many; as many as usual by default.
            where: Letters of which one must stand in the first name.
            province: Prefixes of postal codes of which one must be theirs.
        """
        wanted = self.usual if count is None else count
        fits = [
            row
            for row in self._free
            if (not where or any(letter in row["first_name"] for letter in where))
            and (not province or row["postal_code"].startswith(province))
        ][:wanted]
        if len(fits) < wanted:
            raise InputError("events.sources.simulation.too_few", what="profiles", value=len(self.accounts.rows))
        chosen = {id(row) for row in fits}
        self._free = [row for row in self._free if id(row) not in chosen]
        return fits

    def plant(self, check: str, who: Iterable[Row | str], *, unit: str = "people") -> None:
        """Register that a check must find some people (their customer ids, else addresses) or records (their ids)."""
        keys = [each if isinstance(each, str) else key_of(each) for each in who]
        self.found.setdefault(check, []).extend(key for key in keys if key not in self.found.get(check, ()))
        self.units[check] = unit

    # -- what the shop knows of them

    def rename(self, emails: dict[str, str]) -> None:
        """Let the shop know people by other addresses than before, everywhere."""
        for sheet in (self.accounts, self.consents, self.mail, self.web, self.answers):
            for row in sheet.rows:
                if row["email"] in emails:
                    row["email"] = emails[row["email"]]
        for row in self.orders.rows:
            if row["Correo electrónico"] in emails:
                row["Correo electrónico"] = emails[row["Correo electrónico"]]

    def forget(self, emails: Iterable[str]) -> None:
        """Let no file but that of the accounts know some addresses: they are neither written to nor asked."""
        gone = set(emails)
        self.consents.rows = [row for row in self.consents.rows if row["email"] not in gone]
        self.mail.rows = [row for row in self.mail.rows if row["email"] not in gone]
        for sheet, header in ((self.web, "email"), (self.answers, "email"), (self.orders, "Correo electrónico")):
            for row in sheet.rows:
                if row[header] in gone:
                    row[header] = ""

    def forget_phones(self, phones: Iterable[str]) -> None:
        """Let no file but that of the accounts know some phones."""
        gone = set(phones)
        self.consents.rows = [row for row in self.consents.rows if row["phone"] not in gone]

    def drop_mail(self, emails: Iterable[str], since: str = "") -> None:
        """Take away what was sent to some addresses, ever or since a time."""
        gone = set(emails)
        self.mail.rows = [row for row in self.mail.rows if row["email"] not in gone or row["timestamp"] < since]

    # -- who and what comes on top

    def add_account(self, days_ago: float, **cells: str) -> Row:
        """Add a person with an account, every field of it filled in."""
        self._newcomers += 1
        number = self._newcomers
        is_woman = bool(self.rng.random() < 0.62)
        first = str(self.rng.choice(WOMEN if is_woman else MEN))
        families = [str(name) for name in self.rng.choice(FAMILIES, 2)]
        prefix, province, town, _ = PROVINCES[int(self.rng.integers(len(PROVINCES)))]
        born = self.stop - timedelta(days=int(self.rng.integers(20 * 365, 60 * 365)))
        told = {
            "customer_id": f"C9{number:06d}",
            "email": f"{fold(first)}.{fold(families[0])}{900_000 + number}@gmail.com",
            "first_name": first,
            "last_name": " ".join(families),
            "phone": f"+3467{(number * 4_035_361 + 1_234_567) % 10**7:07d}",
            "birth_date": born.strftime("%Y-%m-%d"),
            "gender": "female" if is_woman else "male",
            "city": town,
            "province": province,
            "postal_code": f"{prefix}{int(self.rng.integers(1, 900)):03d}",
            "country": "España",
            "language": "es",
            "first_source": "account",
            "created_at": self.ago(days_ago),
            "updated_at": self.ago(days_ago),
        }
        return self.accounts.put(told | cells)

    def add_consent(self, email: str, days_ago: float, **cells: str) -> Row:
        """Add a yes to e-mail, given with proof unless told otherwise."""
        told = {
            "email": email,
            "channel": "email",
            "purpose": "marketing",
            "status": "yes",
            "consent_at": self.ago(days_ago),
            "method": "checkbox",
            "wording": "Acepto recibir novedades y ofertas por correo (v3)",
            "collected_by": "account",
        }
        return self.consents.put(told | cells)

    def add_mail(self, email: str, event: str, days_ago: float, **cells: str) -> Row:
        """Add something that happened to a message."""
        self._messages += 1
        campaign = self.ago(days_ago)[:10].replace("-", "")
        told = {
            "message_id": f"planted-{self._messages:08d}",
            "event": event,
            "timestamp": self.ago(days_ago),
            "email": email,
            "campaign_id": f"cmp-{campaign}",
        }
        return self.mail.put(told | cells)

    def send(
        self, email: str, days_ago: Iterable[float], *, opened: bool = False, by_machine: bool = False
    ) -> list[str]:
        """Add messages that were delivered, opened or not; return the ids of the opens."""
        opens = []
        for days in days_ago:
            self.add_mail(email, "sent", days)
            self.add_mail(email, "delivered", days)
            if opened or by_machine:
                told = {"is_machine": "true" if by_machine else "false"}
                opens.append(self.add_mail(email, "opened", days - 0.1, **told)["message_id"])
        return opens

    def add_order(self, who: Row | None, days_ago: float, amount: str = "49,90", **cells: str) -> Row:
        """Add an order without lines."""
        number = f"P9{len(self.orders.rows):07d}"
        told = {
            "Número de pedido": number,
            "ID cliente": who["customer_id"] if who else "",
            "Fecha pedido": self.ago(days_ago, _SPANISH),
            "Estado": "Completado",
            "Importe": amount,
            "Envío": "0,00",
            "Canal de venta": "Online",
            "Actualizado": self.ago(max(days_ago, 0.1), _SPANISH),
        }
        return self.orders.put(told | cells)

    def ago(self, days: float, form: str = _ISO) -> str:
        """Return a local time so many days before the end, as text; on the same clock time of its own each."""
        return (self.stop - timedelta(days=days)).strftime(form)


def key_of(row: Row) -> str:
    """Return what identifies a contact: its customer id, else its address."""
    return next(row[header] for header in ("customer_id", "email", "EMAIL", "Email") if row.get(header))
