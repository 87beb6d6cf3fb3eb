"""A control store and a warehouse with a few people, and what they say."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pyarrow as pa

from tesela.control import ControlStore
from tesela.events import ALL_TABLES as EVENT_TABLES
from tesela.events import SUBJECT_LINKS
from tesela.profiles import ALL_TABLES, CONSENTS, IDENTIFIERS, PROFILES
from tesela.profiles.consent_ledger import Entry, append_entries, project_consents
from tesela.profiles.tables import SUBJECT_PROFILES
from tesela.warehouse import DuckDBEngine, Engine, Statement, Table, statement

NOON = datetime(2026, 6, 1, 12)
LATE = datetime(2026, 7, 1, 12)

Address = tuple[str, str]
ANA, ANAS_WORK, LUIS = ("email", "ana@x.es"), ("email", "ana@work.es"), ("email", "luis@x.es")
PHONE = ("phone", "+34600000001")


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


def an_entry(address: Address = ANA, status: str = "yes", *, day: float = 0, **told: Any) -> Entry:
    channel = "any" if status == "objection" else "email"
    given = {"channel": channel, "source": "web", "occurred_at": days(day), **told}
    return Entry(*address, status=status, **given)  # type: ignore[arg-type]


def imported(address: Address = ANA, status: str = "yes", *, day: float = 0, **told: Any) -> Entry:
    """A row of an import that tells everything, unless told otherwise."""
    return an_entry(address, status, day=day, **{"load_id": 1, "method": "form", "source": "crm", **told})


@dataclass
class Ledger:
    folder: Path
    engine: Engine

    def __post_init__(self) -> None:
        self.control = ControlStore(self.folder / "control.sqlite")
        self.engine.create([*EVENT_TABLES, *ALL_TABLES])

    @classmethod
    def in_duckdb(cls, folder: Path) -> Ledger:
        folder.mkdir(parents=True, exist_ok=True)
        return cls(folder, DuckDBEngine(folder / "shop.duckdb", memory_limit="300MB", threads=1))

    def say(self, *entries: Entry) -> int:
        return append_entries(self.control, entries, recorded_at=LATE)

    def people(self, people: Mapping[int, Iterable[Address]]) -> None:
        """Let there be just these people, each with the identifiers that her records carry."""
        links, owners, profiles = [], [], []
        # an identifier that several carry points at one of them
        pointed = {address: profile for profile in sorted(people, reverse=True) for address in people[profile]}
        identifiers = [{"kind": kind, "value": value, "profile_id": whose} for (kind, value), whose in pointed.items()]
        subjects = count(1)
        for profile, addresses in people.items():
            hers = sorted(addresses)
            for kind, value in hers:
                subject = next(subjects)
                links.append({"subject_id": subject, "kind": kind, "value": value, "load_id": 1})
                owners.append({"subject_id": subject, "profile_id": profile})
            postal_code = "28001" if any(kind == "customer_id" for kind, _ in hers) else None
            own = {kind: value for kind, value in reversed(hers) if kind in _OWN}
            profiles.append({"profile_id": profile, "is_known": True, "postal_code": postal_code, **own})
        self.engine.write(
            each
            for table, told in (
                *((SUBJECT_LINKS, links), (SUBJECT_PROFILES, owners)),
                *((IDENTIFIERS, identifiers), (PROFILES, profiles)),
            )
            for each in _replaced(table, told)
        )

    def project(self) -> int:
        return project_consents(self.control, self.engine)

    def consents(self, columns: str = "*", where: str = "true") -> list[dict[str, Any]]:
        asked = f"SELECT {columns} FROM {{table}} WHERE {where} ORDER BY ALL"
        return self.engine.query(statement(asked, tables={"table": CONSENTS})).to_pylist()

    def allows(self, profile: int, address: Address | None, channel: str = "email", at: datetime = LATE) -> bool:
        """What the projection says, read as the language reads it: the latest, of two at one time the no."""
        told = self.consents("*", f"profile_id = {profile} AND channel = '{channel}' AND purpose = 'marketing'")
        theirs = [r for r in told if r["occurred_at"] < at and (address is None or r["address"] == address[1])]
        last = max(theirs, key=lambda r: (r["occurred_at"], r["status"] == "no"), default=None)
        return last is not None and last["status"] == "yes"

    def close(self) -> None:
        self.engine.close()
        self.control.close()


_OWN = ("email", "phone")


def _replaced(table: Table, told: list[dict[str, Any]]) -> Iterator[Statement]:
    yield statement("DELETE FROM {table}", tables={"table": table})
    if told:
        names = sorted({name for row in told for name in row})
        rows = pa.table({name: [row.get(name) for row in told] for name in names})
        insert = "INSERT INTO {table} BY NAME SELECT * FROM rows_told"
        yield statement(insert, tables={"table": table}, relations={"rows_told": rows})
