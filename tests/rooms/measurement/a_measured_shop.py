"""A warehouse whose profiles, events and memberships a test says one by one."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from tesela.base import to_e4
from tesela.events import ALL_TABLES as EVENT_TABLES
from tesela.events import EVENTS
from tesela.measurement import ALL_TABLES, Report, SegmentKPIs, build_report, measure_segments
from tesela.profiles import ALL_TABLES as PROFILE_TABLES
from tesela.profiles import CONSENTS, PROFILES
from tesela.segments import ALL_TABLES as SEGMENT_TABLES
from tesela.segments import MEMBERSHIPS, Segment
from tesela.warehouse import DuckDBEngine, Statement, Table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

AS_OF = datetime(2026, 11, 22, 12, 0)
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


@dataclass
class AMeasuredShop:
    """A warehouse of one test; every method returns it again."""

    engine: DuckDBEngine
    numbers: count[int] = field(default_factory=lambda: count(1))

    @classmethod
    def open(cls, folder: Path) -> AMeasuredShop:
        engine = DuckDBEngine(folder / "shop.duckdb", memory_limit="500MB", threads=1)
        engine.create([*EVENT_TABLES, *PROFILE_TABLES, *SEGMENT_TABLES, *ALL_TABLES])
        return cls(engine)

    def people(
        self, *ids: int, known: bool = True, seen: datetime = datetime(2026, 1, 15, 10), source: str | None = "form"
    ) -> AMeasuredShop:
        return self.add(
            PROFILES,
            [{"profile_id": i, "is_known": known, "first_seen_at": seen, "first_source": source} for i in ids],
        )

    def event(
        self,
        name: str,
        profile: int | None,
        *,
        days_ago: float = 1,
        at: datetime | None = None,
        amount: str | None = None,
        **told: Any,
    ) -> AMeasuredShop:
        row = {
            "profile_id": profile,
            "name": name,
            "occurred_at": at or AS_OF - timedelta(days=days_ago),
            "source": "shop",
            "message_id": f"m{next(self.numbers)}",
            "amount_e4": None if amount is None else to_e4(amount),
        }
        return self.add(EVENTS, [row | told])

    def order(self, profile: int | None, amount: str | None = "10", **told: Any) -> AMeasuredShop:
        told.setdefault("order_id", f"o{next(self.numbers)}")
        return self.event("order_completed", profile, amount=amount, **told)

    def members(self, slug: str, *ids: int, left_at: datetime | None = None) -> AMeasuredShop:
        return self.add(
            MEMBERSHIPS,
            [{"segment": slug, "fingerprint": "f", "profile_id": i, "left_at": left_at} for i in ids],
        )

    def consent(self, profile: int, channel: str, status: str, *, days_ago: float = 5, **told: Any) -> AMeasuredShop:
        row = {
            "profile_id": profile,
            "address": f"a{profile}",
            "channel": channel,
            "purpose": "marketing",
            "status": status,
            "occurred_at": AS_OF - timedelta(days=days_ago),
        }
        return self.add(CONSENTS, [row | told])

    def measure(self, *slugs: str, as_of: datetime = AS_OF) -> dict[str, SegmentKPIs]:
        return measure_segments(self.engine, slugs, as_of=as_of)

    def report(
        self, *segments: Segment, as_of: datetime = AS_OF, name: str = "Mi tienda", zone: ZoneInfo = MADRID
    ) -> Report:
        return build_report(self.engine, segments=segments, as_of=as_of, zone=zone, currency="EUR", shop_name=name)

    def rows(self, table: Table) -> list[dict[str, Any]]:
        order = ", ".join(table.key)
        return self.engine.query(Statement(f"SELECT * FROM {table.name} ORDER BY {order}")).to_pylist()

    def add(self, table: Table, rows: Iterable[dict[str, Any]]) -> AMeasuredShop:
        schema = pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])
        added = pa.Table.from_pylist(list(rows), schema=schema)
        self.engine.write([Statement(f"INSERT INTO {table.name} BY NAME SELECT * FROM added", {}, {"added": added})])
        return self


def a_segment(slug: str, *, es: str = "", en: str = "") -> Segment:
    name = {key: words for key, words in (("es", es), ("en", en)) if words}
    return Segment(slug, "did order_completed", name)


def slugs(segments: Sequence[Segment]) -> list[str]:
    return [segment.slug for segment in segments]
