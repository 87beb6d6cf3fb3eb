"""Builders of converted files, as the mapping leaves them, and of the stores they go into."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tesela import events, profiles
from tesela.control import ControlStore
from tesela.events.fields import FIELDS
from tesela.warehouse import DuckDBEngine, Table, statement

_ARROW = {
    "text": pa.string(),
    "email": pa.string(),
    "phone": pa.string(),
    "country": pa.string(),
    "language": pa.string(),
    "moment": pa.timestamp("us"),
    "date": pa.date32(),
    "money": pa.int64(),
    "number": pa.decimal128(18, 4),
    "boolean": pa.bool_(),
}

NOON = datetime(2026, 6, 1, 12)


def a_line(order: str | None = "A1", *, day: int = 0, amount: int = 10, **fields: Any) -> dict[str, Any]:
    return {"order_id": order, "occurred_at": NOON + timedelta(days=day), "amount": amount * 10_000, **fields}


def an_order(order: str = "A1", *, day: int = 0, amount: int = 10, **fields: Any) -> dict[str, Any]:
    return a_line(order, day=day, amount=amount, **fields)


@dataclass
class Shop:
    folder: Path
    day: int = 0
    settings: profiles.IdentitySettings = field(default_factory=profiles.IdentitySettings)
    engine: DuckDBEngine = field(init=False)
    record: events.Record = field(init=False)
    control: ControlStore = field(init=False)

    def __post_init__(self) -> None:
        self.scratch = self.folder / "tmp"
        self.scratch.mkdir(parents=True)
        self.record = events.Record(self.folder / "record")
        self.control = ControlStore(self.folder / "control.sqlite")
        self.engine = self.open_warehouse("warehouse.duckdb")
        self.graph = profiles.IdentityGraph(self.folder / "identity", self.settings)

    def open_warehouse(self, name: str) -> DuckDBEngine:
        engine = DuckDBEngine(self.folder / name, folders=[self.folder], memory_limit="300MB")
        engine.create([*events.ALL_TABLES, *profiles.ALL_TABLES])
        return engine

    def receive(self, kind: events.Kind, rows: list[dict[str, Any]], *, source: str = "shop") -> events.Load:
        self.day += 1
        accepted, rejected = self.scratch / "accepted.parquet", self.scratch / "rejected.parquet"
        columns = {f.name: pa.array([row.get(f.name) for row in rows], _ARROW[f.type]) for f in FIELDS[kind]}
        numbers = pa.array(range(1, len(rows) + 1), pa.int64())
        properties = pa.array([row.get("properties") for row in rows], pa.string())
        pq.write_table(pa.table({"row_number": numbers, **columns, "properties": properties}), accepted)
        text = pa.array([], pa.string())
        nothing = {"row_number": pa.array([], pa.int64()), "raw": text, "reason": text, "detail": text}
        pq.write_table(pa.table(nothing), rejected)
        intake = events.Intake(
            kind, source, "file.csv", accepted, rejected, len(rows), datetime(2026, 11, 1) + timedelta(days=self.day)
        )
        load = events.seal_intake(self.engine, self.record, intake, scratch=self.scratch)
        assert load.received == load.stored + load.duplicate + load.rejected
        events.follow_record(self.engine, lambda: self.control, self.record)
        return load

    def derive(self, engine: DuckDBEngine | None = None) -> None:
        chosen = engine or self.engine
        graph = self.graph if engine is None else profiles.IdentityGraph(self.folder / "other", self.settings)
        permissions = profiles.Permissions(self.folder / "suppression.key")
        permissions.take_in(self.control, chosen, at=datetime(2026, 11, 1) + timedelta(days=self.day))
        loads = events.following.underived_loads(chosen)
        identity = graph.resolve(chosen, self.control, self.scratch, loads)
        moved = None if identity.loads is None else identity.moved
        chosen.write(
            [
                *profiles.note_before(),
                *events.derive_order_events(),
                *graph.write(identity, at=datetime(2026, 11, 1) + timedelta(days=self.day), cause="import"),
                *profiles.build_profiles(self.settings, moved=moved, loads=loads),
                *permissions.build(self.control, chosen),
                *profiles.note_changes(loads),
                events.following.mark_derived(),
            ]
        )
        graph.keep()

    def rows(
        self, table: Table, columns: str = "*", where: str = "true", engine: DuckDBEngine | None = None
    ) -> list[dict[str, Any]]:
        asked = statement(f"SELECT {columns} FROM {{table}} WHERE {where} ORDER BY ALL", tables={"table": table})
        return (engine or self.engine).query(asked).to_pylist()

    def orders(self) -> list[tuple[str, int]]:
        """Order ids with amounts in whole units, of completed orders."""
        self.derive()
        rows = self.rows(events.EVENTS, "order_id, amount_e4", "name = 'order_completed'")
        return [(row["order_id"], row["amount_e4"] // 10_000) for row in rows]

    def close(self) -> None:
        self.engine.close()
        self.control.close()
