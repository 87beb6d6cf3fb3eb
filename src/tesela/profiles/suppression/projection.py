"""Let the warehouse know which of the addresses it knows are suppressed.

Addresses are hashed once. While the control store says nothing new, only new addresses are looked up; otherwise
all of them, by their hashes. All of it is one write; run again, it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.events import SUBJECT_LINKS
from tesela.profiles.suppression.stops import Suppression, list_suppressions
from tesela.profiles.suppression.tables import EXCLUSION_LISTS, SUPPRESSION_ACTS
from tesela.profiles.tables import ADDRESS_HASHES, SUPPRESSION_STATE, SUPPRESSIONS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from tesela.control import ControlStore
    from tesela.profiles.suppression.key import HashKey
    from tesela.warehouse import Engine, Table

_TABLES: dict[str, Table | str] = {
    "suppressions": SUPPRESSIONS,
    "hashes": ADDRESS_HASHES,
    "state": SUPPRESSION_STATE,
    "links": SUBJECT_LINKS,
}
_NOT_LOOKED_UP = "anonymous_id"


def project_suppressions(control: ControlStore, engine: Engine, key: HashKey) -> None:
    """Bring `suppressions` up to the control store and to the addresses known today, all or nothing."""
    engine.write(build_suppressions(control, engine, key))


def build_suppressions(control: ControlStore, engine: Engine, key: HashKey) -> list[Statement]:
    """Return the statements that do so, for a transaction of the caller's."""
    state = _state_of(control)
    new = _hash(key, engine.query(statement(_NEW_ADDRESSES, tables=_TABLES)))
    is_same = state in engine.query(statement("SELECT state FROM {state}", tables=_TABLES)).column(0).to_pylist()
    hashes = new.column("hash").to_pylist()
    if not is_same:
        known = engine.query(statement("SELECT hash FROM {hashes}", tables=_TABLES))
        hashes += known.column("hash").to_pylist()
    found = _as_table(list_suppressions(control, hashes)) if hashes else _as_table([])
    return list(_write(new, found, state, is_same=is_same))


# what only a visitor's browser carries is no address
_NEW_ADDRESSES = f"""
    SELECT l.kind, l.value
    FROM (SELECT DISTINCT kind, value FROM {{links}} WHERE kind <> '{_NOT_LOOKED_UP}') AS l
    LEFT JOIN {{hashes}} AS h ON h.kind = l.kind AND h.value = l.value
    WHERE h.hash IS NULL
"""


def _write(new: pa.Table, found: pa.Table, state: str, *, is_same: bool) -> Iterator[Statement]:
    yield statement(
        "INSERT INTO {hashes} BY NAME SELECT * FROM new_hashes", tables=_TABLES, relations={"new_hashes": new}
    )
    if not is_same:
        yield statement("DELETE FROM {suppressions}", tables=_TABLES)
        yield statement("DELETE FROM {state}", tables=_TABLES)
        yield statement("INSERT INTO {state} BY NAME SELECT $state::VARCHAR AS state", tables=_TABLES, state=state)
    yield statement(
        """
        INSERT INTO {suppressions} BY NAME
        SELECT h.kind, h.value, f.channel, f.reason, f.list_name, f.occurred_at, f.binds_consented
        FROM {hashes} AS h JOIN found_suppressions AS f ON f.hash = h.hash
        """,
        tables=_TABLES,
        relations={"found_suppressions": found},
    )


def _state_of(control: ControlStore) -> str:
    """Return what tells the stops and lists that hold from those of another time."""
    with control.transaction() as connection:
        acts = connection.execute(sa.select(sa.func.max(SUPPRESSION_ACTS.c.sequence))).scalar()
        lists = connection.execute(sa.select(sa.func.max(EXCLUSION_LISTS.c.id))).scalar()
    return f"{acts or 0}-{lists or 0}"


def _hash(key: HashKey, addresses: pa.Table) -> pa.Table:
    import pyarrow as pa

    kinds, values = (addresses.column(name).to_pylist() for name in ("kind", "value"))
    hashes = [key.hash(kind, value) for kind, value in zip(kinds, values, strict=True)]
    texts = {"kind": kinds, "value": values, "hash": hashes}
    return pa.table({name: pa.array(column, pa.string()) for name, column in texts.items()})


def _as_table(found: Iterable[Suppression]) -> pa.Table:
    import pyarrow as pa

    rows = list(found)
    texts = ("hash", "channel", "reason", "list_name")
    return pa.table(
        {
            **{name: pa.array([getattr(row, name) for row in rows], pa.string()) for name in texts},
            "occurred_at": pa.array([row.occurred_at for row in rows], pa.timestamp("us")),
            "binds_consented": pa.array([row.binds_consented for row in rows], pa.bool_()),
        }
    )
