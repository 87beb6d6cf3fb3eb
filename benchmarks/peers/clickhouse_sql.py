"""One query a segment on ClickHouse, in this process (chdb).

The tables are filled once from the Parquet files and kept for later runs. They are declared as ClickHouse's manual
advises: columns that are never null are not Nullable, text with few values is LowCardinality, and events lie in one
part in the order of name, profile and time.
"""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pyarrow.parquet as pq
from chdb.session import Session
from shop import CACHE

from peers.exported import apart, exported
from peers.templates import TEMPLATES, ClickHouseWords

if TYPE_CHECKING:
    from pathlib import Path

    from peers.listed import Entry

# stands in the folder when all tables are whole
FILLED = "filled"
FILES = {"events": "events/*.parquet", "profiles": "profiles.parquet"}
ORDERS = {"events": "name, profile_id, occurred_at", "profiles": "profile_id"}
NEVER_NULL = {"profile_id", "subject_id", "name", "occurred_at", "received_at", "source", "message_id", "is_known"}
FEW_VALUES = {"name", "source", "category", "brand", "coupon", "campaign_id", "channel", "sales_channel", "list"}
FEW_VALUES |= {"gender", "country", "region", "city", "language", "time_zone", "first_source"}
TYPES = {
    "int64": "Int64",
    "int32": "Int32",
    "bool": "Bool",
    "date32[day]": "Date32",
    "timestamp[us]": "DateTime64(6, 'UTC')",
    "decimal128(18, 4)": "Decimal(18, 4)",
}
# a side of a join without a match is null, as the SQL of the templates says; memory as DuckDB's
SETTINGS = {"join_use_nulls": 1, "max_memory_usage": 3_000_000_000}


class QueriesOnClickHouse:
    """Counts by one query a segment."""

    def __init__(self, events: int) -> None:
        folder = CACHE / f"{events}" / "clickhouse"
        if not (folder / FILLED).exists():
            apart(_fill, folder, exported(events))
        self._session: Any = Session(str(folder))
        for name, value in SETTINGS.items():
            self._session.query(f"SET {name} = {value}")

    def count(self, entries: list[Entry]) -> list[int]:
        """Return the size of each segment."""
        return [self._one(TEMPLATES[each.template].query(ClickHouseWords(), each.params)) for each in entries]

    def _one(self, query: str) -> int:
        return int(str(self._session.query(query, "TabSeparated")))


def _fill(folder: Path, files: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    session: Any = Session(str(folder))
    for table, pattern in FILES.items():
        schema = pq.read_schema(next(files.glob(pattern)))
        columns = ", ".join(f"{field.name} {_type(field.name, str(field.type))}" for field in schema)
        session.query(f"CREATE TABLE {table} ({columns}) ENGINE = MergeTree ORDER BY ({ORDERS[table]})")
        session.query(f"INSERT INTO {table} SELECT * FROM file('{files / pattern}', Parquet)")
        session.query(f"OPTIMIZE TABLE {table} FINAL")
    session.close()
    (folder / FILLED).touch()


def _type(name: str, of_file: str) -> str:
    plain = TYPES.get(of_file, "String")
    if name not in NEVER_NULL:
        plain = f"Nullable({plain})"
    return f"LowCardinality({plain})" if name in FEW_VALUES else plain
