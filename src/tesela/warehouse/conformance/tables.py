"""What an engine must do with tables: keep what it is given, all of it or none."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.warehouse.conformance.case import Case
from tesela.warehouse.statement import Statement, statement
from tesela.warehouse.tables import Column, Table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from tesela.warehouse.engine import Engine

KINDS = Table(
    "conformance_kinds",
    "a row of the check",
    ("id",),
    (
        Column("id", "BIGINT", "place"),
        Column("whole", "BIGINT", "any"),
        Column("small", "INTEGER", "any"),
        Column("truth", "BOOLEAN", "any"),
        Column("day", "DATE", "any"),
        Column("exact", "DECIMAL(18,4)", "any"),
        Column("moment", "TIMESTAMP", "any"),
        Column("text", "VARCHAR", "any"),
        Column("document", "JSON", "any"),
    ),
)
LEFT, RIGHT = (
    Table(
        f"conformance_{side}",
        "a row of the check",
        ("id",),
        (Column("id", "BIGINT", "place"), Column("value", "BIGINT", "any")),
    )
    for side in ("left", "right")
)

MOMENT = datetime.fromisoformat("2026-11-22 12:34:56.789123")
ROWS: tuple[dict[str, Any], ...] = (
    {
        "id": 1,
        "whole": 2**63 - 1,
        "small": 2**31 - 1,
        "truth": True,
        "day": date(2028, 2, 29),
        "exact": Decimal("99999999999999.9999"),
        "moment": MOMENT,
        "text": "Año 'ñ' \"\\ \n\t🙂 $id %s {p} -- ;",
        "document": '{"a/b": 1.50, "c": null}',
    },
    {
        "id": 2,
        "whole": -(2**63) + 1,
        "small": -(2**31),
        "truth": False,
        "day": date(1900, 1, 1),
        "exact": Decimal("-0.0001"),
        "moment": datetime.fromisoformat("1969-12-31 23:59:59.999999"),
        "text": "",
        "document": "{}",
    },
    {"id": 3},
)


def _kept(engine: Engine) -> Iterator[Case]:
    _empty(engine, KINDS)
    engine.load(KINDS, _arrow(KINDS, ROWS))
    kept = engine.query(statement("SELECT * FROM {t} ORDER BY id", tables={"t": KINDS})).to_pylist()
    yield Case("rows", len(ROWS), len(kept))
    for row, found in zip(ROWS, kept, strict=True):
        for column in KINDS.columns:
            expected, given = row.get(column.name), found[column.name]
            # some engines tell truths as 0 and 1
            given = bool(given) if isinstance(expected, bool) and given in (0, 1) else given
            yield Case(f"{column.name} of row {row['id']}", expected, given)


def _appended(engine: Engine) -> Iterator[Case]:
    _empty(engine, LEFT)
    for number in (1, 2):
        _load(engine, LEFT, (number, number * 10))
    engine.load(LEFT, _arrow(LEFT, [{"id": 3}]).select(["id"]))
    yield Case("rows of three loads", [(1, 10), (2, 20), (3, None)], _rows(engine, LEFT))
    engine.create([LEFT])
    yield Case("rows after creating again", 3, len(_rows(engine, LEFT)))


def _written(engine: Engine) -> Iterator[Case]:
    _empty(engine, LEFT, RIGHT)
    relation = _arrow(LEFT, [{"id": 1, "value": 10}, {"id": 2}, {"id": 3, "value": 30}])
    tables: dict[str, Table | str] = {"left": LEFT, "right": RIGHT}
    engine.write(
        [
            statement(
                "INSERT INTO {left} BY NAME SELECT * FROM brought", tables=tables, relations={"brought": relation}
            ),
            statement("INSERT INTO {right} BY NAME SELECT id, value + $n AS value FROM {left}", tables=tables, n=1),
            statement("DELETE FROM {left} WHERE value > $n", tables=tables, n=20),
            statement("UPDATE {left} SET value = $n WHERE id = 1", tables=tables, n=11),
            statement("INSERT INTO {left} VALUES ($id, $value)", tables=tables, id=4, value=40),
        ]
    )
    yield Case("deleted, changed and inserted", [(1, 11), (2, None), (4, 40)], _rows(engine, LEFT))
    yield Case("read what was written before", [(1, 11), (2, None), (3, 31)], _rows(engine, RIGHT))


def _nothing_written(engine: Engine) -> Iterator[Case]:
    _filled(engine)
    tables: dict[str, Table | str] = {"left": LEFT, "right": RIGHT}
    statements = [
        statement("DELETE FROM {left}", tables=tables),
        statement("INSERT INTO {right} VALUES (9, 9)", tables=tables),
        statement("INSERT INTO {right} BY NAME SELECT no_such_column AS id FROM {left}", tables=tables),
    ]
    yield Case("refused", True, _fails(lambda: engine.write(statements)))
    yield from _untouched(engine)


def _replaced(engine: Engine) -> Iterator[Case]:
    _filled(engine)
    swap = {LEFT: Statement(f"SELECT * FROM {RIGHT.name}"), RIGHT: Statement(f"SELECT value, id FROM {LEFT.name}")}
    engine.replace(swap)
    yield Case("left holds what right held", [(2, 20)], _rows(engine, LEFT))
    yield Case("right holds what left held", [(1, 10)], _rows(engine, RIGHT))
    relation = _arrow(LEFT, [{"id": 7, "value": 70}])
    engine.replace({LEFT: Statement("SELECT id, value + $n AS value FROM brought", {"n": 1}, {"brought": relation})})
    yield Case("by a relation and a value", [(7, 71)], _rows(engine, LEFT))


def _nothing_replaced(engine: Engine) -> Iterator[Case]:
    _filled(engine)
    swap = {LEFT: Statement(f"SELECT * FROM {RIGHT.name}"), RIGHT: Statement(f"SELECT no_column FROM {LEFT.name}")}
    yield Case("refused", True, _fails(lambda: engine.replace(swap)))
    yield from _untouched(engine)


def _lent(engine: Engine) -> Iterator[Case]:
    """Relations are there while the statement runs, and not afterwards."""
    relation = _arrow(LEFT, [{"id": 1, "value": 10}, {"id": 2}])
    query = Statement("SELECT id, value FROM lent ORDER BY id", {}, {"lent": relation})
    yield Case("read", [(1, 10), (2, None)], _tuples(engine.query(query)))
    yield Case("an empty one", [], _tuples(engine.query(Statement(query.sql, {}, {"lent": relation.slice(0, 0)}))))
    yield Case("gone", True, _fails(lambda: engine.query(Statement(query.sql))))


CHECKS: dict[str, Callable[[Engine], Iterator[Case]]] = {
    "tables keep what they are given": _kept,
    "load appends": _appended,
    "write does all": _written,
    "write does all or nothing": _nothing_written,
    "replace reads what was there before": _replaced,
    "replace does all or nothing": _nothing_replaced,
    "relations are lent": _lent,
}
"""By name; each yields its cases."""


# --- shapes -------------------------------------------------------------------------------------------------


def _untouched(engine: Engine) -> Iterator[Case]:
    yield Case("left is as it was", [(1, 10)], _rows(engine, LEFT))
    yield Case("right is as it was", [(2, 20)], _rows(engine, RIGHT))
    _empty(engine, LEFT, RIGHT, KINDS)
    yield Case("and can be written", [], _rows(engine, LEFT))


def _filled(engine: Engine) -> None:
    _empty(engine, LEFT, RIGHT)
    _load(engine, LEFT, (1, 10))
    _load(engine, RIGHT, (2, 20))


def _empty(engine: Engine, *tables: Table) -> None:
    engine.create(tables)
    engine.write(statement("DELETE FROM {t}", tables={"t": table}) for table in tables)


def _load(engine: Engine, table: Table, row: tuple[int, int]) -> None:
    engine.load(table, _arrow(table, [{"id": row[0], "value": row[1]}]))


def _rows(engine: Engine, table: Table) -> list[tuple[Any, ...]]:
    return _tuples(engine.query(statement("SELECT id, value FROM {t} ORDER BY id", tables={"t": table})))


def _tuples(rows: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in rows.to_pylist()]


def _arrow(table: Table, rows: Sequence[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    kinds = {
        "BIGINT": pa.int64(),
        "INTEGER": pa.int32(),
        "BOOLEAN": pa.bool_(),
        "DATE": pa.date32(),
        "DECIMAL(18,4)": pa.decimal128(18, 4),
        "TIMESTAMP": pa.timestamp("us"),
    }
    fields = [(column.name, kinds.get(column.type, pa.string())) for column in table.columns]
    return pa.Table.from_pylist(list(rows), schema=pa.schema(fields))


def _fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except Exception:
        return True
    return False
