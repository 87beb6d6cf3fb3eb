"""Take out what is older than it may be kept: from the record, so that everything made again is without it too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela import events
from tesela.warehouse import statement
from tesela.workspace.folder import scratch_folder
from tesela.workspace.retention_settings import ORDERS, REJECTED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tesela.workspace.stores import Stores

_EXPIRED = "events.expired"
_REJECTED_TABLES = tuple(table for table in events.ALL_TABLES if table.name.endswith("_rejected"))


@dataclass(frozen=True, slots=True)
class Expired:
    """How much of one kind and month is too old.

    Attributes:
        kind: Name of the event; `order_completed` for whole orders, `rejected` for texts of rejected rows.
        month: Year and month in UTC, `2025-03`.
        count: Events, orders or rejected rows.
    """

    kind: str
    month: str
    count: int


@dataclass(frozen=True, slots=True)
class RetentionSummary:
    """What a run of retention took out, or would take out.

    Attributes:
        as_of: The moment of truth, naive UTC.
        cutoffs: The moment before which each kind goes.
        expired: What is too old, by kind and month, in order.
        is_done: Whether it was taken out.
    """

    as_of: datetime
    cutoffs: Mapping[str, datetime]
    expired: Sequence[Expired]
    is_done: bool = False


def find_expired(stores: Stores, cutoffs: Mapping[str, datetime]) -> list[Expired]:
    """Return what is too old, by kind and month.

    Args:
        stores: The open stores, with everything derived.
        cutoffs: The moment before which each kind goes.
    """
    found: dict[tuple[str, str], int] = {}
    for kind, before in cutoffs.items():
        for month, count in _rows(stores, kind, before):
            found[kind, month] = found.get((kind, month), 0) + count
    return [Expired(*each, count) for each, count in sorted(found.items())]


def _rows(stores: Stores, kind: str, before: datetime) -> list[tuple[str, int]]:
    counted = "SELECT strftime({time}, '%Y-%m') AS month, count(*) AS n FROM {{table}} WHERE {which} GROUP BY month"
    if kind == REJECTED:
        which = "received_at < $before AND (raw IS NOT NULL OR detail IS NOT NULL)"
        asked = [
            statement(counted.format(time="received_at", which=which), tables={"table": table}, before=before)
            for table in _REJECTED_TABLES
        ]
    else:
        derived = "load_id IS NULL" if kind == ORDERS else "load_id IS NOT NULL"
        which = f"name = $name AND occurred_at < $before AND {derived}"
        sql = counted.format(time="occurred_at", which=which)
        asked = [statement(sql, tables={"table": events.EVENTS}, before=before, name=kind)]
    rows = [row for each in asked for row in stores.warehouse.query(each).to_pylist()]
    return [(row["month"], row["n"]) for row in rows]


def take_out_expired(stores: Stores, cutoffs: Mapping[str, datetime]) -> None:
    """Take it out of the record, and make the warehouse again; run again, it changes nothing.

    A crash leaves the record as it was, or without it; then the next opening makes the warehouse again.

    Args:
        stores: The open stores, with everything derived.
        cutoffs: The moment before which each kind goes.
    """
    removal = events.Removal(
        _EXPIRED,
        whole_orders=_old_orders(stores, cutoffs[ORDERS]) if ORDERS in cutoffs else (),
        before={kind: before for kind, before in cutoffs.items() if kind not in (ORDERS, REJECTED)},
        rejected_before=cutoffs.get(REJECTED),
        country=stores.settings.country,
    )
    with scratch_folder(stores.layout) as scratch:
        gone = removal.run(stores.warehouse, stores.record, scratch=scratch)
    if gone:
        stores.rebuild()
        stores.save_history()


def _old_orders(stores: Stores, before: datetime) -> tuple[tuple[str, str], ...]:
    rows = stores.warehouse.query(
        statement(
            """
            SELECT DISTINCT source, order_id FROM {events}
            WHERE name = $name AND load_id IS NULL AND occurred_at < $before ORDER BY source, order_id
            """,
            tables={"events": events.EVENTS},
            name=ORDERS,
            before=before,
        )
    ).to_pylist()
    return tuple((row["source"], row["order_id"]) for row in rows)
