"""What statements of ours must mean on every engine: bound values, missing ones, joins, order, whole numbers."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from tesela.warehouse.conformance.case import Case
from tesela.warehouse.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pyarrow as pa

    from tesela.warehouse.engine import Engine

_HOSTILE = ("'; DROP TABLE x; --", "$value", "%s %(value)s", "{value:String} {value}", ":value ?", "\\", "a\\nb\n")
_VALUES = (
    *_HOSTILE,
    "",
    "  ñ🙂\u00a0",
    0,
    2**63 - 1,
    -(2**63) + 1,
    date(2028, 2, 29),
    datetime.fromisoformat("2026-11-22 12:34:56.789123"),
    datetime.fromisoformat("1969-12-31 23:59:59.999999"),
)


def _bound(engine: Engine) -> Iterator[Case]:
    for value in _VALUES:
        yield Case(repr(value), value, _one(engine, "SELECT $value AS answer", value=value))
    yield Case("truth", True, bool(_one(engine, "SELECT $value AS answer", value=True)))
    yield Case("missing", None, _one(engine, "SELECT max(v) AS answer FROM listed WHERE v > 9"))
    yield Case("twice", 6, _one(engine, "SELECT $value + $value AS answer", value=3))


def _compared(engine: Engine) -> Iterator[Case]:
    asked = {
        "v = 1": 1,
        "not v = 1": 2,
        "v != 1 or v IS NULL": 3,
        "v IN (1, 2)": 2,
        "v NOT IN (1, 2)": 1,
        "coalesce(v, 0) = 0": 1,
        "v IN (SELECT v FROM listed)": 3,
        "v NOT IN (SELECT v FROM listed)": 0,
        "nullif(v, 1) IS NULL": 2,
        "CASE WHEN v > 1 THEN true ELSE false END": 2,
    }
    for condition, expected in asked.items():
        query = f"SELECT count(*) AS answer FROM listed WHERE {condition}"
        yield Case(condition, expected, _one(engine, query))


def _joined(engine: Engine) -> Iterator[Case]:
    query = "SELECT a.id, b.v, b.t FROM listed a LEFT JOIN listed b ON b.id = a.id AND b.v > 1 ORDER BY a.id"
    yield Case(
        "no partner has no value", [(1, None, None), (2, 2, "B"), (3, 3, "ñ"), (4, None, None)], _all(engine, query)
    )
    query = "SELECT a.id FROM listed a JOIN listed b ON b.v = a.v ORDER BY 1"
    yield Case("missing is equal to nothing", [(1,), (2,), (3,)], _all(engine, query))


def _summed(engine: Engine) -> Iterator[Case]:
    asked = {
        "count(*)": 4,
        "count(v)": 3,
        "sum(v)::BIGINT": 6,
        "min(v)": 1,
        "max(t)": "ñ",
        "count(DISTINCT t)": 3,
        "sum(v) FILTER (WHERE v > 5)": None,
        "count(*) FILTER (WHERE v > 1)": 2,
        "max(v) FILTER (WHERE v > 5)": None,
    }
    for figure, expected in asked.items():
        yield Case(figure, expected, _one(engine, f"SELECT {figure} AS answer FROM listed"))
    query = "SELECT v % 2 AS odd, count(*) AS n FROM listed WHERE v IS NOT NULL GROUP BY v % 2 ORDER BY odd"
    yield Case("by group", [(0, 1), (1, 2)], _all(engine, query))


def _ordered(engine: Engine) -> Iterator[Case]:
    ids = "SELECT id FROM listed ORDER BY v {} NULLS {}, id"
    yield Case("missing last", [(1,), (2,), (3,), (4,)], _all(engine, ids.format("ASC", "LAST")))
    yield Case("missing first", [(4,), (3,), (2,), (1,)], _all(engine, ids.format("DESC", "FIRST")))
    query = "SELECT id, row_number() OVER (PARTITION BY v > 1 ORDER BY id) AS place FROM listed WHERE v > 0 ORDER BY id"
    yield Case("place in a group", [(1, 1), (2, 1), (3, 2)], _all(engine, query))
    query = "SELECT id, sum(v) OVER (ORDER BY id)::BIGINT AS upto FROM listed WHERE v > 0 ORDER BY id"
    yield Case("running sum", [(1, 1), (2, 3), (3, 6)], _all(engine, query))


def _divided(engine: Engine) -> Iterator[Case]:
    for numerator, divisor, expected in ((7, 2, 3), (2**62, 3, 2**62 // 3), (6, 3, 2)):
        query = "SELECT $numerator // $divisor AS answer"
        given = _one(engine, query, numerator=numerator, divisor=divisor)
        yield Case(f"{numerator} // {divisor}", expected, given)
    yield Case("7 % 4", 3, _one(engine, "SELECT $seven % 4 AS answer", seven=7))


def _timed(engine: Engine) -> Iterator[Case]:
    moment = datetime.fromisoformat("2026-11-22 12:34:56.789123")
    query = "SELECT epoch_us($moment) AS answer"
    yield Case("microseconds since 1970", 1795350896789123, _one(engine, query, moment=moment))
    query = "SELECT $moment < $later AS answer"
    later = moment.replace(microsecond=789124)
    yield Case("a microsecond later", True, bool(_one(engine, query, moment=moment, later=later)))


CHECKS: dict[str, Callable[[Engine], Iterator[Case]]] = {
    "values are bound": _bound,
    "missing values are compared": _compared,
    "joins": _joined,
    "aggregates": _summed,
    "order and windows": _ordered,
    "whole division": _divided,
    "times": _timed,
}
"""By name; each yields its cases."""


# --- shapes -------------------------------------------------------------------------------------------------


def _listed() -> pa.Table:
    import pyarrow as pa

    ids = pa.array([1, 2, 3, 4], pa.int64())
    return pa.table({"id": ids, "v": pa.array([1, 2, 3, None], pa.int64()), "t": ["a", "B", "ñ", None]})


def _all(engine: Engine, query: str, **values: Any) -> list[tuple[Any, ...]]:
    relations = {"listed": _listed()} if "listed" in query else {}
    rows = engine.query(Statement(query, values, relations)).to_pylist()
    return [tuple(row.values()) for row in rows]


def _one(engine: Engine, query: str, **values: Any) -> Any:
    [[answer]] = _all(engine, query, **values)
    return answer
