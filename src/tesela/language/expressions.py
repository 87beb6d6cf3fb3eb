"""Write the plan's expressions as SQL nodes; every value is bound, none becomes text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.language.plan import (
    Among,
    Call,
    Column,
    Constant,
    EventColumn,
    Expr,
    Known,
    Lookup,
    Matched,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pyarrow as pa

ROW = "s"
EVENT = "e"

# Longer lists are bound as one relation instead of value by value.
_LONGEST_LIST = 500
_KEY_SHIFT = 2**40
_BLANKS = " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B)))
_BLANKS += "\u2028\u2029\u202f\u205f\u3000"


class Binder:
    """Collects the values and relations that a statement needs, each once."""

    def __init__(self, answers: Mapping[Lookup, Sequence[str]]) -> None:
        self._answers = answers
        self._names: dict[tuple[type, object], str] = {}
        self._lists: dict[object, str] = {}
        self.parameters: dict[str, object] = {}
        self.relations: dict[str, pa.Table] = {}

    def value(self, value: object) -> exp.Expr:
        """Return what stands for a value in the text."""
        if value is None:
            return exp.Null()
        if isinstance(value, bool):
            return exp.Boolean(this=value)
        name = self._names.setdefault((type(value), value), f"p{len(self._names)}")
        self.parameters[name] = value
        return exp.Placeholder(this=name)

    def answer(self, lookup: Lookup) -> exp.Expr:
        """Return the query of the values for which a test on text holds."""
        return self.listed(lookup, self._answers[lookup])

    def listed(self, key: object, values: Sequence[object]) -> exp.Expr:
        """Return the query of a list of values, bound as a relation."""
        import pyarrow as pa

        name = self._lists.setdefault(key, f"list_{len(self._lists)}")
        if name not in self.relations:
            kind = pa.string() if isinstance(key, Lookup) else None
            self.relations[name] = pa.table({"value": pa.array(values, kind)})
        return exp.select(exp.column("value")).from_(exp.to_table(name))


class Expressions:
    """Turns expressions of the plan into SQL nodes."""

    def __init__(self, binder: Binder) -> None:
        self._bind = binder

    def node(self, expression: Expr) -> exp.Expr:
        """Return the SQL of an expression over the row `s` of a profile and the event `e`."""
        if isinstance(expression, Constant):
            return self._bind.value(expression.value)
        if isinstance(expression, Column):
            return exp.column(expression.name, table=ROW)
        if isinstance(expression, EventColumn):
            return exp.column(expression.name, table=EVENT, quoted=True)
        if isinstance(expression, Known):
            return exp.column("is_known", table=ROW)
        if isinstance(expression, Among):
            return self._among(expression)
        if isinstance(expression, Matched):
            answers = self._bind.answer(expression.lookup)
            return exp.In(this=self._operand(expression.value), query=exp.Subquery(this=answers))
        if isinstance(expression, Call):
            return self._call(expression)
        raise TypeError(f"no expression: {expression!r}")

    def _among(self, expression: Among) -> exp.Expr:
        value = self._operand(expression.value)
        if len(expression.items) > _LONGEST_LIST:
            listed = self._bind.listed(expression.items, expression.items)
            return exp.In(this=value, query=exp.Subquery(this=listed))
        return exp.In(this=value, expressions=[self._bind.value(item) for item in expression.items])

    def _call(self, call: Call) -> exp.Expr:
        if call.operation in ("and", "or"):
            connective = exp.and_ if call.operation == "and" else exp.or_
            return exp.paren(connective(*(self.node(each) for each in call.arguments), copy=False), copy=False)
        return _OPERATIONS[call.operation](self._bind, *(self._operand(each) for each in call.arguments))

    def _operand(self, expression: Expr) -> exp.Expr:
        written = self.node(expression)
        return exp.paren(written, copy=False) if isinstance(written, exp.Binary | exp.Not | exp.In) else written


def _binary(kind: type[exp.Binary]) -> Callable[..., exp.Expr]:
    return lambda _, left, right: kind(this=left, expression=right)


def _multiply(_: Binder, left: exp.Expr, right: exp.Expr) -> exp.Expr:
    return exp.Mul(this=_cast(left, "INT128"), expression=right)


def _is_set(_: Binder, value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def _present(bind: Binder, value: exp.Expr) -> exp.Expr:
    trimmed = exp.Anonymous(this="TRIM", expressions=[value, bind.value(_BLANKS)])
    return exp.Case().when(exp.NEQ(this=trimmed, expression=exp.Literal.string("")), value.copy())


def _try_cast(kind: str) -> Callable[..., exp.Expr]:
    return lambda _, value: exp.TryCast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))


def _month_day(_: Binder, day: exp.Expr) -> exp.Expr:
    month = exp.Mul(this=exp.Literal.number(100), expression=_part("MONTH", day))
    return exp.Add(this=month, expression=_part("DAY", day.copy()))


def _order_key(bind: Binder, numerator: exp.Expr, divisor: exp.Expr) -> exp.Expr:
    """Different fractions lie at least 2^-40 apart, so cutting, in whichever direction, keeps them apart."""
    return exp.Anonymous(this="DIVIDE", expressions=[_multiply(bind, numerator, bind.value(_KEY_SHIFT)), divisor])


def _bucket(_: Binder, salt: exp.Expr) -> exp.Expr:
    profile = _cast(exp.column("profile_id", table=ROW), "TEXT")
    written = exp.DPipe(this=exp.DPipe(this=salt, expression=exp.Literal.string(":")), expression=profile)
    digest = exp.Anonymous(this="MD5", expressions=[written])
    return exp.Anonymous(this="SUBSTR", expressions=[digest, exp.Literal.number(1), exp.Literal.number(8)])


def _property(_: Binder, pointer: exp.Expr) -> exp.Expr:
    properties = exp.column("properties", table=EVENT, quoted=True)
    return exp.Anonymous(this="JSON_EXTRACT_STRING", expressions=[properties, pointer])


def _cast(value: exp.Expr, kind: str) -> exp.Expr:
    return exp.Cast(this=value, to=exp.DataType.build(kind, dialect="duckdb"))


def _part(name: str, day: exp.Expr) -> exp.Expr:
    return exp.Extract(this=exp.var(name), expression=day)


_OPERATIONS: dict[str, Callable[..., exp.Expr]] = {
    "+": _binary(exp.Add),
    "-": _binary(exp.Sub),
    "*": _multiply,
    "=": _binary(exp.EQ),
    "!=": _binary(exp.NEQ),
    "<": _binary(exp.LT),
    "<=": _binary(exp.LTE),
    ">": _binary(exp.GT),
    ">=": _binary(exp.GTE),
    "not": lambda _, condition: exp.Not(this=condition),
    "is_missing": lambda _, value: exp.Is(this=value, expression=exp.Null()),
    "is_set": _is_set,
    "is_true": lambda _, condition: exp.Coalesce(this=condition, expressions=[exp.false()]),
    "null_if_zero": lambda _, value: exp.Nullif(this=value, expression=exp.Literal.number(0)),
    "sign": lambda _, value: exp.Sign(this=value),
    "abs": lambda _, value: exp.Abs(this=value),
    "e4": lambda _, value: _cast(exp.Mul(this=value, expression=exp.Literal.number(10_000)), "BIGINT"),
    "present": _present,
    "as_moment": _try_cast("TIMESTAMP"),
    "as_date": _try_cast("DATE"),
    "year": lambda _, day: _part("YEAR", day),
    "month_day": _month_day,
    "order_key": _order_key,
    "bucket": _bucket,
    "if": lambda _, condition, then, otherwise: exp.Case().when(condition, then).else_(otherwise),
    "property": _property,
}
