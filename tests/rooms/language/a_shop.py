"""A warehouse with the few events and profiles that a test is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tesela.base import to_e4
from tesela.events import ALL_TABLES as EVENT_TABLES
from tesela.events import EVENTS, PRODUCTS
from tesela.profiles import ALL_TABLES as PROFILE_TABLES
from tesela.profiles import ATTRIBUTE_VALUES, CONSENTS, IDENTIFIERS, PROFILES, SUPPRESSIONS
from tesela.segments import ALL_TABLES as SEGMENT_TABLES
from tesela.segments import MEMBERSHIPS, find_members
from tesela.traits import ALL_TABLES as TRAIT_TABLES
from tesela.traits import TRAIT_VALUES
from tesela.warehouse import DuckDBEngine, Table, statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tesela.warehouse import Engine

AS_OF = datetime.fromisoformat("2026-11-22 12:00")
LONG_AGO = datetime.fromisoformat("2000-01-01")
MADRID = ZoneInfo("Europe/Madrid")

_TYPES = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR": pa.string(),
    "JSON": pa.string(),
    "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
    "DECIMAL(18,4)": pa.decimal128(18, 4),
}
_numbers = count(1)

Row = dict[str, Any]


def an_event(
    name: str, *, profile: int | None = 1, days_ago: float = 1, at: datetime | None = None, **told: Any
) -> Row:
    """Return one event; `amount` is money in the shop's currency."""
    if "amount" in told:
        amount = told.pop("amount")
        told["amount_e4"] = None if amount is None else to_e4(amount)
    for number in ("quantity", "duration_s"):
        if number in told:
            told[number] = Decimal(told[number])
    given = {"profile_id": profile, "name": name, "occurred_at": at or AS_OF - timedelta(days=days_ago)}
    return {"source": "shop", "message_id": f"m{next(_numbers):06}"} | given | told


def an_order(*, profile: int | None = 1, days_ago: float = 1, amount: str | None = "10", **told: Any) -> Row:
    """Return one completed order."""
    told.setdefault("order_id", f"o{next(_numbers)}")
    return an_event("order_completed", profile=profile, days_ago=days_ago, amount=amount, **told)


@dataclass
class AShop:
    """A warehouse of one test.

    Attributes:
        engine: Where it is.
        as_of: The moment that rules are asked at, unless told otherwise.
    """

    engine: Engine
    as_of: datetime = AS_OF
    zone: ZoneInfo = field(default=MADRID)

    @classmethod
    def open(cls, folder: Path) -> AShop:
        """Make an empty warehouse in a folder."""
        return cls.on(DuckDBEngine(folder / "shop.duckdb", memory_limit="500MB", threads=1))

    @classmethod
    def on(cls, engine: Engine) -> AShop:
        """Make an empty warehouse on any engine."""
        engine.create([*EVENT_TABLES, *PROFILE_TABLES, *TRAIT_TABLES, *SEGMENT_TABLES])
        return cls(engine)

    def clear(self) -> None:
        """Forget everything."""
        tables = (
            EVENTS,
            PROFILES,
            ATTRIBUTE_VALUES,
            IDENTIFIERS,
            CONSENTS,
            SUPPRESSIONS,
            MEMBERSHIPS,
            PRODUCTS,
            TRAIT_VALUES,
        )
        self.engine.write(statement("DELETE FROM {t}", tables={"t": table}) for table in tables)

    def with_people(self, *known: int, anonymous: Sequence[int] = (), seen: datetime = LONG_AGO) -> AShop:
        """Add profiles."""
        people = [(each, True) for each in known] + [(each, False) for each in anonymous]
        rows = [{"profile_id": each, "is_known": is_known, "first_seen_at": seen} for each, is_known in people]
        return self.add(PROFILES, rows)

    def with_events(self, *events: Row) -> AShop:
        """Add events."""
        return self.add(EVENTS, events)

    def with_attribute(self, profile: int, name: str, value: str | None, since: datetime = LONG_AGO) -> AShop:
        """Say what a field of a profile was from some time on."""
        return self.with_attributes((profile, name, value, since))

    def with_attributes(self, *told: tuple[int, str, str | None, datetime]) -> AShop:
        """Say what fields of profiles were: profile, name, value, since."""
        names = ("profile_id", "field", "value", "valid_from")
        return self.add(ATTRIBUTE_VALUES, [dict(zip(names, each, strict=True), load_id=1) for each in told])

    def with_identifier(self, profile: int, kind: str, value: str, since: datetime = LONG_AGO) -> AShop:
        """Say that a profile's records carry an identifier, from some time on."""
        return self.add(IDENTIFIERS, [{"profile_id": profile, "kind": kind, "value": value, "since": since}])

    def with_consents(self, *statements: Any) -> AShop:
        """Add what addresses said, in order: profile, address, channel, purpose, at, status, source, and its basis."""
        names = ("profile_id", "address", "channel", "purpose", "occurred_at", "status", "source", "basis")
        told = [dict(zip(names, each, strict=False)) for each in statements]
        return self.add(CONSENTS, [{**each, "sequence": number} for number, each in enumerate(told, 1)])

    def with_stops(self, *stops: Any) -> AShop:
        """Add stops of addresses: kind, value, channel, since, reason, whether it stops who consented too."""
        names = ("kind", "value", "channel", "occurred_at", "reason", "binds_consented")
        told = [dict(zip(names, each, strict=True)) for each in stops]
        return self.add(SUPPRESSIONS, [{**each, "list_name": "Robinson"} for each in told])

    def with_stays(self, *stays: Any) -> AShop:
        """Add recorded stays: segment, profile, entered, left, recorded, leaving recorded."""
        names = ("segment", "profile_id", "entered_at", "left_at", "recorded_at", "left_recorded_at")
        return self.add(MEMBERSHIPS, [dict(zip(names, each, strict=True)) for each in stays])

    def with_scores(self, *scores: Any) -> AShop:
        """Add stored values of traits: profile, trait, moment, value."""
        names = ("profile_id", "trait", "as_of", "value")
        return self.add(TRAIT_VALUES, [dict(zip(names, each, strict=True)) for each in scores])

    def with_products(self, *versions: Any) -> AShop:
        """Add versions of products: source, product, since, what is told."""
        rows = []
        for source, product, since, told in versions:
            money = {
                f"{k}_e4": None if v is None else int(v * 10_000) for k, v in told.items() if k in ("margin", "price")
            }
            texts = {k: v for k, v in told.items() if k not in ("margin", "price")}
            rows.append({"source": source, "product_id": product, "valid_from": since} | money | texts)
        return self.add(PRODUCTS, rows)

    def members(self, rule: str, *, as_of: datetime | None = None, **segments: str) -> list[int]:
        """Return who satisfies a rule."""
        found = find_members(
            self.engine, {**segments, "asked": rule}, "asked", as_of=as_of or self.as_of, zone=self.zone, columns=()
        )
        return found.column("profile_id").to_pylist()

    def add(self, table: Table, rows: Sequence[Row]) -> AShop:
        """Add rows to any table."""
        if rows:
            schema = pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])
            arrow = pa.Table.from_pylist(list(rows), schema=schema)
            self.engine.load(table, arrow)
        return self
