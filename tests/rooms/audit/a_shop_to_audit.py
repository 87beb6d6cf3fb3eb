"""A shop whose people a test draws by chance, written as files."""

from __future__ import annotations

import csv
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import tesela
from tesela.base import FixedClock

AS_OF = datetime(2026, 11, 1)
SLEEP_DAYS = 120
"""Of a shop whose rhythm nobody has measured."""

SOURCES = ("form", "sweepstake", "store", "")


@dataclass
class Person:
    """What a test knows of somebody."""

    number: int
    created: datetime
    source: str
    birth: str = ""
    email: str = ""
    consent: str = ""
    consent_at: datetime = AS_OF
    method: str = ""
    wording: str = ""
    sms: str = ""
    delivered: list[datetime] = field(default_factory=list)
    opened: list[datetime] = field(default_factory=list)
    machine: list[datetime] = field(default_factory=list)
    clicked: list[datetime] = field(default_factory=list)
    visited: list[datetime] = field(default_factory=list)
    orders: list[tuple[datetime, int]] = field(default_factory=list)
    bounced: datetime | None = None
    complained: datetime | None = None
    unsubscribed: datetime | None = None

    @property
    def phone(self) -> str:
        return f"+34600{self.number:06}"

    @property
    def sign(self) -> datetime | None:
        """Her last sign of life."""
        signs = [*self.opened, *self.clicked, *self.visited, *(at for at, _ in self.orders)]
        return max(signs, default=None)

    @property
    def is_aside(self) -> bool:
        return self.bounced is not None or self.complained is not None

    @property
    def says_yes(self) -> bool:
        """Whether her last word on e-mail is yes."""
        noes = [at for at in (self.unsubscribed, self.complained) if at is not None]
        noes += [self.consent_at] if self.consent == "no" else []
        return self.consent == "yes" and not any(at >= self.consent_at for at in noes)


def ago(days: float) -> datetime:
    return AS_OF - timedelta(days=days)


def draw_people(seed: int, count: int) -> list[Person]:
    """Draw people, about as many of each kind as checks need."""
    drawn = random.Random(seed)

    def some(most: int, oldest: float) -> list[datetime]:
        return [ago(drawn.uniform(1, oldest)) for _ in range(drawn.randint(0, most))]

    people = []
    for number in range(1, count + 1):
        created = ago(drawn.choice([drawn.uniform(400, 1500), drawn.uniform(1, 400)]))
        person = Person(number, created, drawn.choice(SOURCES))
        age = (AS_OF - created).days
        kind = drawn.random()
        local = "info" if kind < 0.04 else "persona"
        domain = drawn.choice(["10minutemail.com", "gmail.com", "hotmail.com", "gmail.com", "outlook.com", "yahoo.es"])
        person.email = f"{local}{number}@{domain}"
        person.birth = drawn.choice(["", "1980-05-06", "1999-01-02", "2015-03-04" if drawn.random() < 0.2 else ""])
        person.consent = drawn.choice(["yes", "yes", "yes", "no", ""])
        person.consent_at = created
        person.method, person.wording = drawn.choice([("form", "v1"), ("form", "v1"), ("import", "v1"), ("form", "")])
        person.sms = drawn.choice(["", "", "yes"])
        if drawn.random() < 0.7 and age > 3:
            person.delivered = some(6, min(age, 700))
        if person.delivered and drawn.random() < 0.5:
            person.opened = some(3, min(age, 700))
            person.clicked = some(1, min(age, 700))
        if person.delivered and drawn.random() < 0.3:
            person.machine = some(2, min(age, 200))
        if drawn.random() < 0.3 and age > 3:
            person.visited = some(2, min(age, 700))
        if drawn.random() < 0.45 and age > 3:
            person.orders = [(at, drawn.randint(5, 200)) for at in some(4, min(age, 1400))]
        if person.delivered and drawn.random() < 0.05:
            person.bounced = ago(drawn.uniform(1, min(age, 300)))
        if person.delivered and drawn.random() < 0.03:
            person.complained = ago(drawn.uniform(1, min(age, 300)))
        if person.delivered and drawn.random() < 0.08:
            person.unsubscribed = ago(drawn.uniform(1, min(age, 300)))
        people.append(person)
    return people


def write_files(people: list[Person]) -> dict[str, str]:
    """Return the files of the shop, by kind."""
    contacts = [
        {
            "customer_id": f"c{p.number}",
            "email": p.email,
            "phone": p.phone,
            "birth_date": p.birth,
            "created_at": p.created.isoformat(),
            "updated_at": p.created.isoformat(),
            "first_source": p.source,
        }
        for p in people
    ]
    consents: list[dict[str, Any]] = []
    mail: list[dict[str, Any]] = []
    web: list[dict[str, Any]] = []
    orders: list[dict[str, Any]] = []
    for p in people:
        who = {"customer_id": f"c{p.number}", "email": p.email, "phone": p.phone}
        said = {"occurred_at": p.consent_at.isoformat(), "method": p.method, "wording": p.wording}
        if p.consent:
            consents.append({**who, "channel": "email", "status": p.consent, **said})
        if p.sms:
            consents.append({**who, "channel": "sms", "status": p.sms, **said})
        for name, moments in (("email_delivered", p.delivered), ("email_link_clicked", p.clicked)):
            mail += [{**who, "event": name, "occurred_at": at.isoformat()} for at in moments]
        for moments, is_machine in ((p.opened, "false"), (p.machine, "true")):
            told = {**who, "event": "email_opened", "is_machine": is_machine}
            mail += [{**told, "occurred_at": at.isoformat()} for at in moments]
        for name, at in (("email_marked_as_spam", p.complained), ("unsubscribed", p.unsubscribed)):
            mail += [{**who, "event": name, "occurred_at": at.isoformat()}] if at else []
        if p.bounced:
            told = {**who, "event": "email_bounced", "bounce_type": "hard"}
            mail.append({**told, "occurred_at": p.bounced.isoformat()})
        web += [{**who, "event": "page_viewed", "occurred_at": at.isoformat()} for at in p.visited]
        orders += [
            {**who, "order_id": f"o{p.number}-{n}", "occurred_at": at.isoformat(), "amount": amount}
            for n, (at, amount) in enumerate(p.orders)
        ]
    files = {"contacts": contacts, "consents": consents, "orders": orders, "email-events": mail, "events": web}
    return {kind: _csv(rows) for kind, rows in files.items() if rows}


def open_shop(folder: Path, files: dict[str, str], settings: str = "") -> Any:
    """Make a workspace of files, at the moment of the audit; close it."""
    shop = tesela.init(folder, timezone="UTC", clock=FixedClock(AS_OF))
    for kind, rows in files.items():
        file = folder / f"{kind}.csv"
        file.write_text(rows, "utf-8")
        shop.imports.run(kind, file, name="shop")
    if settings:
        shop.close()
        with (folder / "tesela.toml").open("a", encoding="utf-8") as written:
            written.write(settings)
        return tesela.open(folder, clock=FixedClock(AS_OF))
    return shop


def _csv(rows: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    written = StringIO()
    writer = csv.DictWriter(written, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue()
