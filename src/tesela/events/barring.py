"""Turn away what comes in of people who were erased: such rows are counted, and nothing of them is kept."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from tesela.events.fields import FIELDS, IDENTIFIER_KINDS
from tesela.events.mentions import ORDER, Mentions, Named
from tesela.events.parquet import IN_THE_MAKING
from tesela.events.removal import STRONGEST_KIND, STRONGEST_VALUE
from tesela.warehouse import Engine, statement

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    import pyarrow as pa

    from tesela.events.incoming import Intake

ERASED = "events.erased"
"""Reason of a row that was turned away."""


class Bar(Protocol):
    """Knows who was erased, by keyed hashes alone."""

    def find(self, asked: Collection[Named]) -> dict[Named, bool]:
        """Return those of the identifiers that are barred; True where they are on any row, not as its strongest."""
        ...

    def add_orders(self, orders: Collection[str]) -> None:
        """Bar more orders, each as `source/order`: later rows of theirs may carry no identifier."""
        ...


def turn_away(engine: Engine, intake: Intake, bar: Bar, *, scratch: Path) -> Intake:
    """Return what comes in without the rows of those who were erased, which are among the rejected instead.

    Args:
        engine: Runs the reading and writing of files.
        intake: What comes in.
        bar: Who was erased.
        scratch: Folder for files in the making.
    """
    own = [kind for kind in IDENTIFIER_KINDS if kind in {field.name for field in FIELDS[intake.kind]}]
    if not own:
        return intake
    has_orders = "order_id" in {field.name for field in FIELDS[intake.kind]}
    barred = bar.find(_carried(engine, intake, own, has_orders=has_orders))
    rejected = _without_texts(engine, intake, bar, scratch)
    if not barred:
        return replace(intake, rejected=rejected)
    gone = _gone(engine, intake, own, barred, has_orders=has_orders)
    if has_orders:
        bar.add_orders({f"{intake.source}/{order}" for order in gone.column("order_id").to_pylist() if order})
    return _split(engine, intake, gone, rejected, scratch)


def _carried(engine: Engine, intake: Intake, own: list[str], *, has_orders: bool) -> set[Named]:
    """Return the identifiers and orders of all rows."""
    found: set[Named] = set()
    for kind in [*own, *([ORDER] if has_orders else [])]:
        asked = f"SELECT DISTINCT {kind} AS value FROM read_parquet($accepted) WHERE {kind} IS NOT NULL"
        values = engine.query(statement(asked, accepted=str(intake.accepted))).column("value").to_pylist()
        found |= {(kind, f"{intake.source}/{value}" if kind == ORDER else value) for value in values}
    return found


def _gone(engine: Engine, intake: Intake, own: list[str], barred: dict[Named, bool], *, has_orders: bool) -> pa.Table:
    """Return number and order of the rows that are turned away."""
    import pyarrow as pa

    def listed(rows: list[Named]) -> pa.Table:
        return pa.table(
            {name: pa.array([row[n] for row in rows], pa.string()) for n, name in enumerate(("kind", "value"))}
        )

    prefix = len(intake.source) + 1
    orders = [(kind, value[prefix:]) for kind, value in barred if kind == ORDER]
    anywhere = " OR ".join(f"{kind} IN (SELECT value FROM barred_anywhere WHERE kind = '{kind}')" for kind in own)
    order = "order_id" if has_orders else "NULL::VARCHAR"
    return engine.query(
        statement(
            f"""
            WITH r AS (
                SELECT row_number, {order} AS order_id, {STRONGEST_VALUE} IS NULL AS is_nameless,
                    coalesce({anywhere}, false)
                    OR coalesce(({STRONGEST_KIND}, {STRONGEST_VALUE}) IN (SELECT (kind, value) FROM alone), false)
                    AS is_gone
                FROM read_parquet($accepted)
            )
            SELECT row_number, order_id FROM r WHERE is_gone
            UNION ALL
            SELECT row_number, order_id FROM r
            WHERE NOT is_gone AND is_nameless AND order_id IS NOT NULL
              AND (order_id IN (SELECT value FROM barred_orders) OR order_id IN (SELECT order_id FROM r WHERE is_gone))
            """,
            relations={
                "barred_anywhere": listed([each for each, is_anywhere in barred.items() if is_anywhere]),
                "alone": listed([each for each, is_anywhere in barred.items() if not is_anywhere]),
                "barred_orders": listed(orders),
            },
            accepted=str(intake.accepted),
        )
    )


def _split(engine: Engine, intake: Intake, gone: pa.Table, rejected: Path, scratch: Path) -> Intake:
    accepted, turned = scratch / "accepted.barred.parquet", scratch / "rejected.barred.parquet"
    relations = {"gone_rows": gone.select(["row_number"])}
    copy = f"COPY ({{query}}) TO '{{target}}' {IN_THE_MAKING}"
    rest = "SELECT * FROM read_parquet($file) WHERE row_number NOT IN (SELECT row_number FROM gone_rows)"
    apart = (
        "SELECT row_number, raw, reason, detail FROM read_parquet($file) UNION ALL "
        f"SELECT row_number, NULL, '{ERASED}', NULL FROM gone_rows ORDER BY row_number"
    )
    engine.write(
        statement(
            copy,
            tables={"query": query, "target": str(target).replace("'", "''")},
            relations=relations,
            file=str(source),
        )
        for query, target, source in ((rest, accepted, intake.accepted), (apart, turned, rejected))
    )
    return replace(intake, accepted=accepted, rejected=turned)


def _without_texts(engine: Engine, intake: Intake, bar: Bar, scratch: Path) -> Path:
    """Return the file of rows that could not be used, in which no text names anybody erased."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rows = engine.query(
        statement("SELECT row_number, raw, reason, detail FROM read_parquet($file)", file=str(intake.rejected))
    )
    mentions = Mentions(intake.mapping, intake.source, intake.country)
    named = [
        mentions.identifiers(*texts)
        for texts in zip(rows.column("raw").to_pylist(), rows.column("detail").to_pylist(), strict=True)
    ]
    barred = bar.find({each for row in named for each in row})
    if not barred:
        return intake.rejected
    told = rows.to_pylist()
    for row, names in zip(told, named, strict=True):
        if any(each in barred for each in names):
            row |= {"raw": None, "detail": None, "reason": ERASED}
    path = scratch / "rejected.nameless.parquet"
    pq.write_table(pa.Table.from_pylist(told, rows.schema), path)
    return path
