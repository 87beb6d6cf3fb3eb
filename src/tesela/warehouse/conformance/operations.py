"""Every operation of a dialect, on the values at which engines were seen to differ."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from tesela.warehouse.conformance.case import Case
from tesela.warehouse.dialects.base import BLANKS, KEY_SHIFT
from tesela.warehouse.engine import load_dialect
from tesela.warehouse.statement import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pyarrow as pa

    from tesela.warehouse.dialects.base import Dialect
    from tesela.warehouse.engine import Engine

_MOST = 2**63 - 1

_E8 = {
    "12": 12 * 10**8,
    "-0.00000001": -1,
    "+1.5": 150_000_000,
    ".5": 50_000_000,
    "7.": 7 * 10**8,
    "1e3": 1000 * 10**8,
    " 4 ": 4 * 10**8,
    "99999999999999999999": 99999999999999999999 * 10**8,
    "": None,
    " ": None,
    ".": None,
    "1,5": None,
    "0x10": None,
    "1 2": None,
    "٣": None,
    "nan": None,
    "inf": None,
}
_MOMENTS = {
    "2026-11-22 12:34:56.789123": "2026-11-22 12:34:56.789123",
    "2026-11-22T12:34:56": "2026-11-22 12:34:56",
    "2026-11-22 12:34": "2026-11-22 12:34",
    "2026-11-22": "2026-11-22 00:00",
    "2028-02-29": "2028-02-29 00:00",
    "2026-02-30": None,
    "2026-13-01": None,
    "2026-11-22 25:00:00": None,
    "2026-11-22 24:00:00": None,
    "2026-11-22 23:59:60": None,
    "2026-11-22 12:00:00.1234567": None,
    "2026-11-22T12:00:00Z": None,
    "2026-11-22 12:00:00+01:00": None,
    "2026-11-22 ": None,
    "2026-11-22\n": None,
    " 2026-11-22": None,
    "2026-1-2": None,
    "20261122": None,
    "2026/11/22": None,
    "1900-01-01": "1900-01-01 00:00",
    "1899-12-31": None,
    "0000-01-01": None,
    "2299-12-31 23:59:59.999999": "2299-12-31 23:59:59.999999",
    "2300-01-01": None,
    "epoch": None,
    "infinity": None,
    "2026": None,
    "12:34": None,
    "": None,
    "yesterday": None,
}
_PROPERTIES = (
    ('{"a": "x"}', "a", "x"),
    ('{"a": ""}', "a", ""),
    ('{"a": "ñ \\" \\\\ 🙂"}', "a", 'ñ " \\ 🙂'),
    ('{"a": 12}', "a", "12"),
    ('{"a": true}', "a", "true"),
    ('{"a": null}', "a", None),
    ('{"a/b": "x"}', "a~1b", "x"),
    ('{"a~b": "x"}', "a~0b", "x"),
    ('{"a.b": "x"}', "a.b", "x"),
    ('{"it\'s": "x"}', "it's", "x"),
    ('{"b": "x"}', "a", None),
    ("{}", "a", None),
    (None, "a", None),
)
_CODE_POINTS = ("", " ", "10", "9", "A", "Z", "_", "a", "z", "ä", "ñ", "\u20ac", "\uff5e", "🙂")


def _numbers(engine: Engine) -> Iterator[Case]:
    dialect = load_dialect(engine.name)

    def told(node: exp.Expr) -> Any:
        return _answers(engine, node, [None])[0]

    def number(value: int) -> exp.Expr:
        return exp.Literal.number(value) if value >= 0 else exp.paren(exp.Neg(this=exp.Literal.number(-value)))

    product = dialect.multiply(number(_MOST), number(_MOST))
    yield Case("product of 128 bits, divided", _MOST, _whole(told(dialect.div(product, number(_MOST)))))
    for left, right, expected in ((7, 2, 3), (6, 3, 2), (10**18, 7, 10**18 // 7), (7, 0, None)):
        yield Case(f"{left} div {right}", expected, _whole(told(dialect.div(number(left), number(right)))))
    yield Case("missing div 2", None, told(dialect.div(_missing(dialect), number(2))))
    for left, right in ((7, 4), (8, 4), (_MOST, 1000)):
        yield Case(f"{left} mod {right}", left % right, _whole(told(dialect.mod(number(left), number(right)))))
    for value, expected in ((-5, -1), (0, 0), (9, 1)):
        yield Case(f"sign of {value}", expected, _whole(told(dialect.sign(number(value)))))
    exact = dialect.cast(exp.Literal.string("-12345678901234.5678"), "DECIMAL(18,4)")
    yield Case("ten-thousandths", -123456789012345678, _whole(told(dialect.e4(exact))))
    for n, d in ((1, 3), (2**50, 1048575), (2, 3), (0, 5)):
        key = _whole(told(dialect.order_key(number(n), number(d))))
        yield Case(f"order key of {n}/{d}", n * KEY_SHIFT // d, key)


def _sums(engine: Engine) -> Iterator[Case]:
    dialect = load_dialect(engine.name)
    total = dialect.filtered(exp.Sum(this=exp.column("n")), [])
    [sum_of_all] = _answers(engine, dialect.div(total, exp.Literal.number(4)), [_MOST] * 4)
    yield Case("sum of 128 bits, divided", _MOST, _whole(sum_of_all))
    big = [exp.GT(this=exp.column("n"), expression=exp.Literal.number(5))]
    for name, kind, expected in (("sum", exp.Sum, 13), ("max", exp.Max, 7), ("count", exp.Count, 2)):
        [given] = _answers(engine, dialect.filtered(kind(this=exp.column("n")), list(big)), [1, 6, 7, None])
        yield Case(f"{name} where n > 5", expected, _whole(given))
        [given] = _answers(engine, dialect.filtered(kind(this=exp.column("n")), list(big)), [1, None])
        yield Case(f"{name} of nothing", 0 if name == "count" else None, _whole(given))
    [given] = _answers(engine, dialect.filtered(exp.Count(this=exp.Star()), list(big)), [1, 6, 7, None])
    yield Case("rows where n > 5", 2, _whole(given))


def _texts(engine: Engine) -> Iterator[Case]:
    dialect = load_dialect(engine.name)
    text = exp.column("t")
    yield from _each(engine, "as_e8", dialect.as_e8(text), _E8, _whole)
    blank = {each: None for each in ("", *BLANKS, BLANKS)} | {" a ": " a ", "\u00a0ñ": "\u00a0ñ", "\u200b": "\u200b"}
    yield from _each(engine, "present", dialect.present(text), blank)
    moments = {written: moment and datetime.fromisoformat(moment) for written, moment in _MOMENTS.items()}
    yield from _each(engine, "as_moment", dialect.as_moment(text), moments)
    days = {written: moment.date() if moment else None for written, moment in moments.items() if ":" not in written}
    days |= {"2026-11-22 12:34": date(2026, 11, 22), "2026-11-22T25:00": None}
    yield from _each(engine, "as_date", dialect.as_date(text), days)
    buckets = {
        salt: hashlib.md5(f"{salt}:7".encode(), usedforsecurity=False).hexdigest()[:8] for salt in ("spring", "ñ🙂")
    }
    yield from _each(engine, "bucket", dialect.bucket(text, exp.Literal.number(7)), buckets)


def _properties(engine: Engine) -> Iterator[Case]:
    import pyarrow as pa

    dialect = load_dialect(engine.name)
    for document, key, expected in _PROPERTIES:
        rows = pa.table({"t": pa.array([document], pa.string())})
        pointer = dialect.value("pointer", f"/{key}")
        query = exp.select(exp.alias_(dialect.json_text(exp.column("t"), pointer), "answer")).from_("listed")
        [given] = _column(engine, dialect, query, rows, pointer=f"/{key}")
        yield Case(f"{key} of {document}", expected, given)


def _order(engine: Engine) -> Iterator[Case]:
    import pyarrow as pa

    dialect = load_dialect(engine.name)
    rows = pa.table({"t": list(reversed(_CODE_POINTS))})
    ordered = exp.Ordered(this=dialect.ordered(exp.column("t")), desc=False, nulls_first=False)
    query = exp.select(exp.alias_(exp.column("t"), "answer")).from_("listed").order_by(ordered)
    yield Case("texts by code point", sorted(_CODE_POINTS), _column(engine, dialect, query, rows))
    for small, large in pairwise(_CODE_POINTS):
        less = exp.LT(this=dialect.ordered(exp.column("t")), expression=dialect.ordered(dialect.value("large", large)))
        query = exp.select(exp.alias_(less, "answer")).from_("listed")
        [given] = _column(engine, dialect, query, pa.table({"t": [small]}), large=large)
        yield Case(f"{small!r} < {large!r}", True, bool(given))


def _edges(engine: Engine) -> Iterator[Case]:
    """The last value, even where it is missing there; ties by the second text."""
    import pyarrow as pa

    dialect = load_dialect(engine.name)
    rows = pa.table(
        {
            "value": pa.array(["first", "x", "tied", None], pa.string()),
            "place": pa.array([1, 2, 3, 3], pa.int64()),
            "tie": ["a", "a", "a", "b"],
        }
    )
    order = [exp.column("place"), dialect.ordered(exp.column("tie"))]
    before = exp.LT(this=exp.column("place"), expression=exp.Literal.number(3))
    nothing = exp.GT(this=exp.column("place"), expression=exp.Literal.number(9))
    asked: tuple[tuple[str, list[exp.Expr], bool, str | None], ...] = (
        ("oldest", [], False, "first"),
        ("newest, which is missing", [], True, None),
        ("newest where place < 3", [before], True, "x"),
        ("newest of nothing", [nothing], True, None),
    )
    for name, conditions, newest, expected in asked:
        node = dialect.at_edge(exp.column("value"), [each.copy() for each in order], conditions, newest=newest)
        query = exp.select(exp.alias_(node, "answer")).from_("listed")
        yield Case(name, expected, _column(engine, dialect, query, rows)[0])


def _times(engine: Engine) -> Iterator[Case]:
    dialect = load_dialect(engine.name)
    for written in ("1969-12-31 23:59:59.999999", "2026-11-22 12:34:56.789123", "1900-01-01 00:00:00"):
        moment = datetime.fromisoformat(written)
        since = moment - datetime.fromisoformat("1970-01-01")
        expected = (since.days * 86_400 + since.seconds) * 10**6 + since.microseconds
        node = dialect.epoch_us(dialect.value("moment", moment))
        yield Case(f"epoch_us of {written}", expected, _whole(_answers(engine, node, [None], moment=moment)[0]))
    day = date(2028, 2, 29)
    for part, expected in (("YEAR", 2028), ("MONTH", 2), ("DAY", 29)):
        node = dialect.part(part, dialect.value("day", day))
        yield Case(f"{part} of {day}", expected, _whole(_answers(engine, node, [None], day=day)[0]))


def _frames(engine: Engine) -> Iterator[Case]:
    import pyarrow as pa

    dialect = load_dialect(engine.name)
    rows = pa.table({"who": [1, 1, 1, 1, 2], "n": pa.array([10, 20, 20, 30, 15], pa.int64())})
    largest, smallest = exp.Max(this=exp.column("n")), exp.Min(this=exp.column("n"))
    partition = [exp.column("who")]
    for name, node, expected in (
        ("earlier", dialect.over_earlier(largest, list(partition), exp.column("n")), [None, 10, 10, 20, None]),
        ("later", dialect.over_later(smallest, list(partition), exp.column("n")), [20, 30, 30, None, None]),
    ):
        query = exp.select(exp.alias_(node, "answer")).from_("listed").order_by("who", "n")
        yield Case(f"of the {name} rows, ties left out", expected, _column(engine, dialect, query, rows))


CHECKS: dict[str, Callable[[Engine], Iterator[Case]]] = {
    "numbers": _numbers,
    "sums and conditional aggregates": _sums,
    "texts": _texts,
    "properties": _properties,
    "order of texts": _order,
    "first and last": _edges,
    "moments and days": _times,
    "windows": _frames,
}
"""By name; each yields its cases."""


# --- shapes -------------------------------------------------------------------------------------------------


def _each(
    engine: Engine,
    name: str,
    node: exp.Expr,
    asked: dict[str, Any],
    read: Callable[[Any], Any] = lambda answer: answer,
) -> Iterator[Case]:
    """Ask of every text at once, as a rule does: one bad text must not stop the others."""
    import pyarrow as pa

    dialect = load_dialect(engine.name)
    rows = pa.table({"t": pa.array([*asked, None], pa.string()), "place": pa.array(range(len(asked) + 1), pa.int64())})
    query = exp.select(exp.alias_(node, "answer")).from_("listed").order_by("place")
    given = _column(engine, dialect, query, rows)
    for written, expected, answer in zip([*asked, None], [*asked.values(), None], given, strict=True):
        yield Case(f"{name} of {written!r}", expected, read(answer))


def _answers(engine: Engine, node: exp.Expr, numbers: Sequence[int | None], **values: Any) -> list[Any]:
    """Return what a node gives over rows with a number `n`."""
    import pyarrow as pa

    rows = pa.table({"n": pa.array(numbers, pa.int64())})
    query = exp.select(exp.alias_(node, "answer")).from_("listed")
    return _column(engine, load_dialect(engine.name), query, rows, **values)


def _column(engine: Engine, dialect: Dialect, query: exp.Select, rows: pa.Table, **values: Any) -> list[Any]:
    asked = Statement(dialect.sql(query), values, {"listed": rows}, dialect.name)
    answers: list[Any] = engine.query(asked).column("answer").to_pylist()
    return answers


def _whole(answer: Any) -> int | None:
    """Return a whole number as one, whatever type of number the driver gives."""
    return None if answer is None else int(answer) if int(answer) == answer else answer


def _missing(dialect: Dialect) -> exp.Expr:
    return dialect.cast(exp.Null(), "BIGINT")
