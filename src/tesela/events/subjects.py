"""Number the subjects of records: an identifier gets a dense number once, and keeps it for ever.

The control store hands the numbers out, so that a warehouse made again from the record gets the same ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.base import Holding
from tesela.control import METADATA, ControlStore
from tesela.events.tables import EVENTS, SUBJECTS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

SUBJECT_NUMBERS = sa.Table(
    "subject_numbers",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("value", sa.Text, nullable=False),
    sa.UniqueConstraint("kind", "value"),
    sqlite_autoincrement=True,
    info={"holds": Holding("identifier", ("kind", "value"))},
)
"""Grain: one identifier that ever was a record's strongest. Written here alone."""

_ASKED = sa.Table(
    "asked_subjects",
    sa.MetaData(),
    sa.Column("kind", sa.Text),
    sa.Column("value", sa.Text),
    prefixes=["TEMPORARY"],
)


def number_subjects(control: ControlStore, identifiers: pa.Table) -> pa.Table:
    """Return the number of each identifier, handing out new ones where there is none.

    Args:
        control: Where numbers are kept; they are durable when this returns.
        identifiers: Distinct rows of `kind`, `value`.

    Returns:
        Rows of `subject_id`, `kind`, `value`; empty for an empty input.
    """
    import pyarrow as pa

    rows = identifiers.to_pylist()
    found: list[tuple[int, str, str]] = []
    if rows:
        with control.transaction() as connection:
            _ASKED.create(connection)
            connection.execute(sa.insert(_ASKED), rows)
            asked = sa.select(_ASKED.c.kind, _ASKED.c.value)
            known = sa.exists().where(
                SUBJECT_NUMBERS.c.kind == _ASKED.c.kind, SUBJECT_NUMBERS.c.value == _ASKED.c.value
            )
            new = asked.where(~known).order_by(_ASKED.c.kind, _ASKED.c.value)
            connection.execute(sa.insert(SUBJECT_NUMBERS).from_select(["kind", "value"], new))
            numbers = sa.select(SUBJECT_NUMBERS.c.id, SUBJECT_NUMBERS.c.kind, SUBJECT_NUMBERS.c.value).join(
                _ASKED,
                sa.and_(SUBJECT_NUMBERS.c.kind == _ASKED.c.kind, SUBJECT_NUMBERS.c.value == _ASKED.c.value),
            )
            found = [(row.id, row.kind, row.value) for row in connection.execute(numbers)]
            _ASKED.drop(connection)
    return pa.table(
        {
            "subject_id": pa.array([row[0] for row in found], pa.int64()),
            "kind": pa.array([row[1] for row in found], pa.string()),
            "value": pa.array([row[2] for row in found], pa.string()),
        }
    )


def assign_profiles(moved: pa.Table) -> Iterator[Statement]:
    """Give subjects and their events the profile that identity resolution found.

    Args:
        moved: Rows of `subject_id`, `profile_id`; only what is another one than before is written.
    """
    for table in (SUBJECTS, EVENTS):
        yield statement(
            """
            UPDATE {table} SET profile_id = o.profile_id FROM moved AS o
            WHERE o.subject_id = {table}.subject_id AND {table}.profile_id IS DISTINCT FROM o.profile_id
            """,
            tables={"table": table},
            relations={"moved": moved},
        )
