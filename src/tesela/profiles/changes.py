"""Note about whom something has come in, so that what follows from profiles need not look at everybody.

The facts of every profile are summed up before new loads are worked in and after; who differs is noted, until
whoever asked has taken notice. So a merge, a corrected order and a late event are all found the same way.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS, PRODUCTS, SUBJECTS
from tesela.profiles.tables import ATTRIBUTE_VALUES, CHANGED_PROFILES, IDENTIFIERS, PROFILES
from tesela.warehouse import Engine, Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tesela.warehouse import Table

_BEFORE, SUBJECTS_BEFORE = "facts_before", "subjects_before"
_TABLES: dict[str, Table | str] = {
    "events": EVENTS,
    "subjects": SUBJECTS,
    "products": PRODUCTS,
    "changed": CHANGED_PROFILES,
    "before": _BEFORE,
    "subjects_before": SUBJECTS_BEFORE,
}

_SUMMED: tuple[tuple[Table, str], ...] = (
    # what loads brought themselves is found by the load
    (EVENTS, "WHERE load_id IS NULL"),
    (PROFILES, ""),
    (ATTRIBUTE_VALUES, ""),
    (IDENTIFIERS, ""),
)


def note_before() -> Iterator[Statement]:
    """Sum up the facts of every profile as they stand, for the length of a transaction."""
    yield statement(f"CREATE OR REPLACE TEMPORARY TABLE {_BEFORE} AS {_sums()}")
    yield statement(
        f"CREATE OR REPLACE TEMPORARY TABLE {SUBJECTS_BEFORE} AS SELECT subject_id, profile_id FROM {{subjects}}",
        tables=_TABLES,
    )


def note_changes(loads: Sequence[int]) -> Iterator[Statement]:
    """Note the profiles whose facts are not what they were.

    Args:
        loads: The loads that have been worked in.
    """
    yield statement(
        f"""
        INSERT INTO {{changed}}
        WITH now AS ({_sums()}),
        new_loads AS (SELECT unnest($loads::INTEGER[]) AS load_id),
        new_events AS (SELECT * FROM {{events}} WHERE load_id IN (SELECT load_id FROM new_loads)),
        touched AS (
            SELECT coalesce(b.profile_id, n.profile_id) AS profile_id
            FROM {{before}} AS b FULL JOIN now AS n ON n.profile_id = b.profile_id
            WHERE b.total IS DISTINCT FROM n.total
            UNION ALL
            SELECT profile_id FROM new_events
            UNION ALL
            -- what is said of an order is about whoever placed it
            SELECT o.profile_id FROM {{events}} AS o
            JOIN new_events AS e ON e.source = o.source AND e.order_id = o.order_id
            UNION ALL
            SELECT profile_id FROM {{events}} WHERE product_id IN (
                SELECT product_id FROM {{products}} WHERE load_id IN (SELECT load_id FROM new_loads)
            )
            UNION ALL
            SELECT unnest([b.profile_id, s.profile_id]) FROM {{subjects_before}} AS b
            JOIN {{subjects}} AS s ON s.subject_id = b.subject_id WHERE s.profile_id IS DISTINCT FROM b.profile_id
        )
        SELECT DISTINCT profile_id FROM touched
        WHERE profile_id IS NOT NULL AND profile_id NOT IN (SELECT profile_id FROM {{changed}})
        """,
        tables=_TABLES,
        loads=list(loads),
    )
    yield Statement(f"DROP TABLE {_BEFORE}")
    yield Statement(f"DROP TABLE {SUBJECTS_BEFORE}")


def read_changed(engine: Engine) -> list[int]:
    """Return the profiles about whom something has come in since it was last forgotten."""
    rows = engine.query(statement("SELECT profile_id FROM {changed}", tables=_TABLES))
    found: list[int] = rows.column("profile_id").to_pylist()
    return found


def forget_changes(engine: Engine) -> None:
    """Forget about whom something has come in: what follows from it has been published."""
    engine.write([statement("DELETE FROM {changed}", tables=_TABLES)])


def _sums() -> str:
    """Return the query of one number a profile that differs when any of its facts does."""
    each = (
        f"SELECT profile_id, '{table.name}' AS part, hash({', '.join(_told(table))}) AS code FROM {table.name} {where}"
        for table, where in _SUMMED
    )
    return (
        f"SELECT profile_id, sum(hash(part, code)::HUGEINT) AS total FROM ({' UNION ALL '.join(each)})"
        " WHERE profile_id IS NOT NULL GROUP BY profile_id"
    )


def _told(table: Table) -> list[str]:
    return [column.name for column in table.columns if column.name not in ("received_at", "load_id", "evidence")]
