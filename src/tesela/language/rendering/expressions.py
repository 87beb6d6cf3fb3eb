"""Write the plan's expressions as SQL nodes; every value is bound, none becomes text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.base import load_zone, utc_offsets
from tesela.events import EVENTS
from tesela.language.plan import (
    Among,
    Call,
    Column,
    Constant,
    EventColumn,
    Expr,
    HistoryValue,
    Known,
    LocalOffset,
    Lookup,
    Matched,
    ProductColumn,
    RelatedEvents,
    parts,
)
from tesela.language.rendering.presence import has_value
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import ANY_PRODUCT, EVENT, HISTORY, PRODUCT, ROW, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence, Set

    import pyarrow as pa

    from tesela.language.nodes import Bounds
    from tesela.warehouse import Dialect

# Longer lists are bound as one relation instead of value by value.
_LONGEST_LIST = 500
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive UTC


class Binder:
    """Collects the values and relations that a statement needs, each once."""

    def __init__(self, answers: Mapping[Lookup, Sequence[str]], dialect: Dialect) -> None:
        self._answers = answers
        self._dialect = dialect
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
        return self._dialect.value(name, value)

    def answer(self, lookup: Lookup) -> exp.Expr:
        """Return the query of the values for which a test on text holds."""
        return self.listed(lookup, self._answers[lookup])

    def answered(self, lookup: Lookup) -> Sequence[str]:
        """Return the values for which a test on text holds."""
        return self._answers[lookup]

    def listed(self, key: object, values: Sequence[object]) -> exp.Select:
        """Return the query of a list of values, bound as a relation."""
        import pyarrow as pa

        name = self._lists.setdefault(key, f"list_{len(self._lists)}")
        if name not in self.relations:
            kind = pa.string() if isinstance(key, Lookup) else pa.int64() if key == "among" else None
            self.relations[name] = pa.table({"value": pa.array(values, kind)})
        return exp.select(exp.column("value")).from_(exp.to_table(name))


class Expressions:
    """Turns expressions of the plan into SQL nodes.

    Args:
        bind: Takes the values.
        dialect: How the engine writes it.
        as_of: The moment of truth, naive UTC.
        happened: Gives the conditions of events of a name inside bounds.
        present: Columns of the profile's row that are never missing.
    """

    def __init__(
        self,
        bind: Binder,
        dialect: Dialect,
        as_of: datetime,
        happened: Callable[[str, Bounds], Iterable[exp.Expr]],
        present: Set[str] = frozenset(),
    ) -> None:
        self._bind = bind
        self._dialect = dialect
        self._as_of = as_of
        self._happened = happened
        self._present = present

    def node(self, expression: Expr) -> exp.Expr:
        """Return the SQL of an expression over the row `s` of a profile and the event `e`."""
        if isinstance(expression, Constant):
            return self._bind.value(expression.value)
        if isinstance(expression, Column):
            return exp.column(expression.name, table=ROW)
        if isinstance(expression, EventColumn):
            return exp.column(expression.name, table=EVENT, quoted=True)
        if isinstance(expression, ProductColumn):
            return self._product(expression)
        if isinstance(expression, HistoryValue):
            return exp.column("value", table=HISTORY)
        if isinstance(expression, Known):
            return exp.column("is_known", table=ROW)
        if isinstance(expression, Among):
            return self._among(expression)
        if isinstance(expression, Matched):
            answers = self._bind.answer(expression.lookup)
            return exp.In(this=self._operand(expression.value), query=exp.Subquery(this=answers))
        if isinstance(expression, RelatedEvents):
            return self._related(expression)
        if isinstance(expression, LocalOffset):
            return self._local_offset(expression)
        if isinstance(expression, Call):
            return self._call(expression)
        raise TypeError(f"no expression: {expression!r}")

    def _among(self, expression: Among) -> exp.Expr:
        value = self._operand(expression.value)
        if len(expression.items) > _LONGEST_LIST:
            listed = self._bind.listed(expression.items, expression.items)
            return exp.In(this=value, query=exp.Subquery(this=listed))
        return exp.In(this=value, expressions=[self._bind.value(item) for item in expression.items])

    # --- around the event ---------------------------------------------------------------------------------

    def _product(self, expression: ProductColumn) -> exp.Expr:
        """Take what the event's own source tells of the product; else what another one does."""
        own, other = (exp.column(expression.name, table=name, quoted=True) for name in (PRODUCT, ANY_PRODUCT))
        told = exp.Not(this=exp.Is(this=exp.column("product_id", table=PRODUCT), expression=exp.Null()))
        return exp.Case().when(told, own).else_(other)

    def _related(self, expression: RelatedEvents) -> exp.Expr:
        where = None if expression.where is None else self._operand(expression.where)
        found = self._has_related(expression, where)
        if expression.quantifier == "none":
            return exp.Not(this=exp.paren(found))
        if expression.quantifier == "any" or where is None:
            return found
        every = self._has_related(expression, None)
        failing = self._has_related(expression, exp.Not(this=exp.paren(where.copy())))
        return exp.paren(exp.and_(every, exp.Not(this=exp.paren(failing))))

    def _has_related(self, expression: RelatedEvents, where: exp.Expr | None) -> exp.Expr:
        # numbers of orders are a source's own; coupons, campaigns and the like are the shop's
        names = ("order_id", "source") if expression.key == "order_id" else (expression.key,)
        keys = [exp.column(name, table=EVENT, quoted=True) for name in names]
        there = exp.Not(this=exp.Is(this=keys[0].copy(), expression=exp.Null()))
        conditions = [*self._happened(expression.event, expression.bounds), there]
        related = exp.select(*(key.copy() for key in keys)).from_(table(EVENTS.name, EVENT))
        if any(isinstance(part, ProductColumn) for part in parts(expression.where)):
            related = with_products(related, self._dialect, self._bind.value(self._as_of))
        related = related.where(*conditions, *([where] if where is not None else []))
        both = exp.Tuple(expressions=keys) if len(keys) > 1 else keys[0]
        found = exp.In(this=both, query=exp.Subquery(this=related))
        return exp.paren(exp.and_(there.copy(), found))

    def _local_offset(self, expression: LocalOffset) -> exp.Expr:
        """Choose by the profile's zone among the offsets of the zones that there are."""
        zone, home = self.node(expression.zone), self.node(expression.home)
        names = self._bind.answered(expression.lookup)
        if not names:
            return home
        chosen = exp.Case()
        for name in names:
            same = exp.EQ(this=zone.copy(), expression=self._bind.value(name))
            chosen = chosen.when(same, self._offset(name), copy=False)
        return chosen.else_(home, copy=False)

    def _offset(self, zone: str) -> exp.Expr:
        offsets = utc_offsets(load_zone(zone), _EPOCH, self._as_of)
        microseconds = [self._bind.value(offset // timedelta(microseconds=1)) for _, offset in offsets]
        if len(offsets) == 1:
            return microseconds[0]
        chosen = exp.Case()
        occurred = exp.column("occurred_at", table=EVENT)
        for (since, _), offset in reversed(list(zip(offsets[1:], microseconds[1:], strict=True))):
            after = exp.GTE(this=occurred.copy(), expression=self._bind.value(since))
            chosen = chosen.when(after, offset, copy=False)
        return chosen.else_(microseconds[0], copy=False)

    # --- operations ---------------------------------------------------------------------------------------

    def _call(self, call: Call) -> exp.Expr:
        if call.operation in ("and", "or"):
            connective = exp.and_ if call.operation == "and" else exp.or_
            return exp.paren(connective(*(self.node(each) for each in call.arguments), copy=False), copy=False)
        if call.operation == "case":
            return self._case(call)
        if call.operation == "is_true" and has_value(call.arguments[0], self._present):
            return self.node(call.arguments[0])
        return OPERATIONS[call.operation](self._dialect, *(self._operand(each) for each in call.arguments))

    def _case(self, call: Call) -> exp.Expr:
        *pairs, otherwise = (self._operand(each) for each in call.arguments)
        chosen = exp.Case()
        for condition, value in zip(pairs[::2], pairs[1::2], strict=True):
            chosen = chosen.when(condition, value, copy=False)
        return chosen.else_(otherwise, copy=False)

    def _operand(self, expression: Expr) -> exp.Expr:
        written = self.node(expression)
        return exp.paren(written, copy=False) if isinstance(written, exp.Binary | exp.Not | exp.In) else written


def _binary(kind: type[exp.Binary]) -> Callable[..., exp.Expr]:
    return lambda _, left, right: kind(this=left, expression=right)


def _ordering(kind: type[exp.Binary]) -> Callable[..., exp.Expr]:
    return lambda dialect, left, right: kind(this=dialect.ordered(left), expression=dialect.ordered(right))


def _is_set(_: Dialect, value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def _month_day(dialect: Dialect, day: exp.Expr) -> exp.Expr:
    month = exp.Mul(this=exp.Literal.number(100), expression=dialect.part("MONTH", day))
    return exp.Add(this=month, expression=dialect.part("DAY", day.copy()))


def _bucket(dialect: Dialect, salt: exp.Expr) -> exp.Expr:
    return dialect.bucket(salt, exp.column("profile_id", table=ROW))


def _property(dialect: Dialect, pointer: exp.Expr) -> exp.Expr:
    return dialect.json_text(exp.column("properties", table=EVENT, quoted=True), pointer)


OPERATIONS: dict[str, Callable[..., exp.Expr]] = {
    "+": _binary(exp.Add),
    "-": _binary(exp.Sub),
    "*": lambda dialect, left, right: dialect.multiply(left, right),
    "=": _binary(exp.EQ),
    "!=": _binary(exp.NEQ),
    "<": _binary(exp.LT),
    "text <": _ordering(exp.LT),
    "<=": _binary(exp.LTE),
    "text <=": _ordering(exp.LTE),
    ">": _binary(exp.GT),
    "text >": _ordering(exp.GT),
    ">=": _binary(exp.GTE),
    "text >=": _ordering(exp.GTE),
    "not": lambda _, condition: exp.Not(this=condition),
    "is_missing": lambda _, value: exp.Is(this=value, expression=exp.Null()),
    "is_set": _is_set,
    "is_true": lambda _, condition: exp.Coalesce(this=condition, expressions=[exp.false()]),
    "null_if_zero": lambda _, value: exp.Nullif(this=value, expression=exp.Literal.number(0)),
    "wide": lambda dialect, value: dialect.cast(value, dialect.wide),
    "sign": lambda dialect, value: dialect.sign(value),
    "abs": lambda _, value: exp.Abs(this=value),
    "e4": lambda dialect, value: dialect.e4(value),
    "present": lambda dialect, value: dialect.present(value),
    "as_e8": lambda dialect, value: dialect.as_e8(value),
    "as_moment": lambda dialect, value: dialect.as_moment(value),
    "as_date": lambda dialect, value: dialect.as_date(value),
    "year": lambda dialect, day: dialect.part("YEAR", day),
    "month_day": _month_day,
    "epoch_us": lambda dialect, moment: dialect.epoch_us(moment),
    "div": lambda dialect, left, right: dialect.div(left, right),
    "mod": lambda dialect, left, right: dialect.mod(left, right),
    "order_key": lambda dialect, numerator, divisor: dialect.order_key(numerator, divisor),
    "bucket": _bucket,
    "if": lambda _, condition, then, otherwise: exp.Case().when(condition, then).else_(otherwise),
    "property": _property,
}
