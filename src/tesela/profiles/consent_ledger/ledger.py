"""Append to the ledger and read it. What an append has written is durable when it returns, and never changes."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tesela.profiles.consent_ledger.entry import Entry
from tesela.profiles.consent_ledger.tables import CONSENT_LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    import pyarrow as pa

    from tesela.control import ControlStore

TOLD = tuple(
    column.name for column in CONSENT_LEDGER.columns if column.name not in ("sequence", "recorded_at", "actor")
)
"""Columns that say what was said."""

_TOLD_NOW = sa.Table(
    "consents_told",
    sa.MetaData(),
    sa.Column("place", sa.Integer, primary_key=True),
    *(sa.Column(column.name, column.type) for column in CONSENT_LEDGER.columns if column.name != "sequence"),
    prefixes=["TEMPORARY"],
)
_ROWS_AT_ONCE = 50_000


def append_entries(control: ControlStore, entries: Iterable[Entry], *, recorded_at: datetime) -> int:
    """Append what was not said before, all or nothing, and return how many entries that were.

    Args:
        control: Where the ledger is.
        entries: In the order in which they get their sequence.
        recorded_at: The present moment, naive UTC.
    """
    rows = (
        {**{name: getattr(entry, name) for name in TOLD}, "actor": entry.actor, "recorded_at": recorded_at}
        for entry in entries
    )
    return append_rows(control, rows)


def append_rows(control: ControlStore, rows: Iterable[Mapping[str, object]]) -> int:
    """Append rows with all columns but `sequence`; those whose fingerprint is known are passed over."""
    columns = [column.name for column in _TOLD_NOW.columns if column.name != "place"]
    told = enumerate(rows)
    first = sa.select(sa.func.min(_TOLD_NOW.c.place)).group_by(_TOLD_NOW.c.fingerprint)
    is_known = sa.exists().where(CONSENT_LEDGER.c.fingerprint == _TOLD_NOW.c.fingerprint)
    unknown = sa.select(*(_TOLD_NOW.c[name] for name in columns)).where(_TOLD_NOW.c.place.in_(first), ~is_known)
    with control.transaction() as connection:
        _TOLD_NOW.create(connection)
        while piece := [{"place": place, **row} for place, row in islice(told, _ROWS_AT_ONCE)]:
            connection.execute(sa.insert(_TOLD_NOW), piece)
        in_order = unknown.order_by(_TOLD_NOW.c.place)
        added = connection.execute(sa.insert(CONSENT_LEDGER).from_select(columns, in_order)).rowcount
        _TOLD_NOW.drop(connection)
    return int(added)


def last_sequence(control: ControlStore) -> int:
    """Return the sequence of the newest entry; 0 when there is none."""
    with control.transaction() as connection:
        return int(connection.execute(sa.select(sa.func.max(CONSENT_LEDGER.c.sequence))).scalar() or 0)


def count_ignored(control: ControlStore, *, since: int) -> int:
    """Return how many entries after a sequence are yeses without proof where there is a no: they do not count."""
    table, other = CONSENT_LEDGER, CONSENT_LEDGER.alias()
    is_no = sa.or_(
        sa.and_(other.c.status == "no", other.c.channel == table.c.channel),
        other.c.status == "objection",
    )
    same = (other.c[name] == table.c[name] for name in ("address_kind", "address", "purpose"))
    said_no = sa.exists().where(*same, is_no, other.c.occurred_at <= table.c.occurred_at)
    of_new = (table.c.sequence > since, table.c.status == "yes", sa.not_(table.c.is_firm))
    with control.transaction() as connection:
        return int(
            connection.execute(sa.select(sa.func.count()).select_from(table).where(*of_new, said_no)).scalar() or 0
        )


def list_entries(control: ControlStore, addresses: Iterable[tuple[str, str]]) -> list[Entry]:
    """Return what some addresses ever said, in the order of the ledger.

    Args:
        control: Where the ledger is.
        addresses: Kind and normal form of each.
    """
    wanted = list(addresses)
    if not wanted:
        return []
    table = CONSENT_LEDGER
    is_theirs = sa.or_(*(sa.and_(table.c.address_kind == kind, table.c.address == value) for kind, value in wanted))
    with control.transaction() as connection:
        rows = connection.execute(sa.select(table).where(is_theirs).order_by(table.c.sequence)).mappings().all()
    kept = (*(name for name in TOLD if name not in ("fingerprint", "is_firm")), "actor", "sequence")
    return [Entry(**{name: row[name] for name in kept}) for row in rows]


def read_entries(control: ControlStore, *, since: int = 0) -> pa.Table:
    """Return the entries after a sequence, in order, as the warehouse's copy of the ledger holds them."""
    import pyarrow as pa

    table = CONSENT_LEDGER
    columns = [table.c[name] for name in entry_schema().names]
    with control.transaction() as connection:
        found = connection.execute(sa.select(*columns).where(table.c.sequence > since).order_by(table.c.sequence))
        batches = list(_batches(found))
    return pa.Table.from_batches(batches, entry_schema())


def _batches(found: sa.CursorResult[Any]) -> Iterator[pa.RecordBatch]:
    import pyarrow as pa

    schema = entry_schema()
    for rows in found.partitions(_ROWS_AT_ONCE):
        columns = zip(*rows, strict=True)
        yield pa.record_batch(
            [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
        )


def entry_schema() -> pa.Schema:
    """Return the columns of `read_entries`."""
    import pyarrow as pa

    texts = ("address_kind", "address", "channel", "purpose", "status", "basis", "method", "wording", "source")
    return pa.schema(
        [
            ("sequence", pa.int64()),
            *((name, pa.string()) for name in texts),
            ("occurred_at", pa.timestamp("us")),
            ("is_dated", pa.bool_()),
            ("is_firm", pa.bool_()),
            ("confirmed_at", pa.timestamp("us")),
            ("evidence", pa.string()),
            ("load_id", pa.int32()),
        ]
    )
