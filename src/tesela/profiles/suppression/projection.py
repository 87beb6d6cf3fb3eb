"""Let the warehouse know which of the addresses it knows are suppressed.

Addresses are hashed once. New addresses and those of new stops are looked up by their hashes; all of them where
another exclusion list came. Whoever carries an address for which something differs is noted as changed. All of it
is one write; run again, it changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.events import SUBJECT_LINKS
from tesela.profiles.suppression.stops import Suppression, list_suppressions
from tesela.profiles.suppression.tables import EXCLUSION_LISTS, SUPPRESSION_ACTS
from tesela.profiles.tables import ADDRESS_HASHES, CHANGED_PROFILES, CONSENT_STATE, SUBJECT_PROFILES, SUPPRESSIONS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from tesela.control import ControlStore
    from tesela.profiles.suppression.key import HashKey
    from tesela.warehouse import Engine, Table

_BEFORE = "suppressions_before"
_TABLES: dict[str, Table | str] = {
    "suppressions": SUPPRESSIONS,
    "hashes": ADDRESS_HASHES,
    "state": CONSENT_STATE,
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "changed": CHANGED_PROFILES,
    "before": _BEFORE,
}
_NOT_LOOKED_UP = "anonymous_id"
_NOTHING = "0-0"


def project_suppressions(control: ControlStore, engine: Engine, key: HashKey) -> None:
    """Bring `suppressions` up to the control store and to the addresses known today, all or nothing."""
    engine.write(build_suppressions(control, engine, key))


def build_suppressions(control: ControlStore, engine: Engine, key: HashKey) -> list[Statement]:
    """Return the statements that do so, and note whom it concerns, for a transaction of the caller's."""
    state, before = _state_of(control), _read_state(engine)
    if state == _NOTHING and before in ("", _NOTHING):
        # what nobody stopped need not be hashed
        return list(_stamp(state))
    new = _hash(key, engine.query(statement(_NEW_ADDRESSES, tables=_TABLES)))
    asked = new.column("hash").to_pylist()
    if state != before:
        told = _told_since(control, before, state)
        known = engine.query(statement("SELECT hash FROM {hashes}", tables=_TABLES)) if told is None else None
        asked += known.column("hash").to_pylist() if known is not None else told or []
    if not asked:
        return list(_stamp(state))
    return [*_write(new, asked, _as_table(list_suppressions(control, asked))), *_stamp(state)]


# what only a visitor's browser carries is no address
_NEW_ADDRESSES = f"""
    SELECT l.kind, l.value
    FROM (SELECT DISTINCT kind, value FROM {{links}} WHERE kind <> '{_NOT_LOOKED_UP}') AS l
    LEFT JOIN {{hashes}} AS h ON h.kind = l.kind AND h.value = l.value
    WHERE h.hash IS NULL
"""


def _write(new: pa.Table, asked: list[str], found: pa.Table) -> Iterator[Statement]:
    """Let what was found take the place of what was known of the addresses asked about."""
    import pyarrow as pa

    yield statement(
        "INSERT INTO {hashes} BY NAME SELECT * FROM new_hashes", tables=_TABLES, relations={"new_hashes": new}
    )
    those = "(kind, value) IN (SELECT (kind, value) FROM {hashes} WHERE hash IN (SELECT hash FROM asked_hashes))"
    hashes = {"asked_hashes": pa.table({"hash": pa.array(asked, pa.string())})}
    yield statement(
        f"CREATE OR REPLACE TEMPORARY TABLE {{before}} AS SELECT * FROM {{suppressions}} WHERE {those}",
        tables=_TABLES,
        relations=hashes,
    )
    yield statement(f"DELETE FROM {{suppressions}} WHERE {those}", tables=_TABLES, relations=hashes)
    yield statement(
        """
        INSERT INTO {suppressions} BY NAME
        SELECT h.kind, h.value, f.channel, f.reason, f.list_name, f.occurred_at, f.binds_consented
        FROM {hashes} AS h JOIN found_suppressions AS f ON f.hash = h.hash
        """,
        tables=_TABLES,
        relations={"found_suppressions": found},
    )
    yield statement(
        f"""
        INSERT INTO {{changed}}
        WITH now AS (SELECT * FROM {{suppressions}} WHERE {those}),
        moved AS (
            (SELECT * FROM {{before}} EXCEPT SELECT * FROM now)
            UNION ALL (SELECT * FROM now EXCEPT SELECT * FROM {{before}})
        )
        SELECT DISTINCT o.profile_id
        FROM (SELECT DISTINCT kind, value FROM moved) AS m
        JOIN {{links}} AS l ON l.kind = m.kind AND l.value = m.value
        JOIN {{owners}} AS o ON o.subject_id = l.subject_id
        WHERE o.profile_id NOT IN (SELECT profile_id FROM {{changed}})
        """,
        tables=_TABLES,
        relations=hashes,
    )
    yield statement("DROP TABLE {before}", tables=_TABLES)


def _stamp(state: str) -> Iterator[Statement]:
    yield statement("INSERT INTO {state} BY NAME SELECT 0 AS load_id WHERE NOT EXISTS (FROM {state})", tables=_TABLES)
    yield statement("UPDATE {state} SET suppression = $state, is_outdated = false", tables=_TABLES, state=state)


def _read_state(engine: Engine) -> str:
    """Return which stops and lists the warehouse has been told of; empty for none."""
    rows = engine.query(statement("SELECT suppression FROM {state}", tables=_TABLES)).to_pylist()
    return str(rows[0]["suppression"] or "") if rows else ""


def _state_of(control: ControlStore) -> str:
    """Return what tells the stops and lists that hold from those of another time."""
    with control.transaction() as connection:
        acts = connection.execute(sa.select(sa.func.max(SUPPRESSION_ACTS.c.sequence))).scalar()
        lists = connection.execute(sa.select(sa.func.max(EXCLUSION_LISTS.c.id))).scalar()
    return f"{acts or 0}-{lists or 0}"


def _told_since(control: ControlStore, before: str, now: str) -> list[str] | None:
    """Return the hashes of the stops that came since; None when another list came or nothing is known of before."""
    told, _, listed = before.partition("-")
    if not before or listed != now.partition("-")[2]:
        return None
    acts = SUPPRESSION_ACTS
    with control.transaction() as connection:
        return list(connection.execute(sa.select(acts.c.hash).distinct().where(acts.c.sequence > int(told))).scalars())


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
