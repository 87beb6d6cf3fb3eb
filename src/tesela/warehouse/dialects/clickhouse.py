"""ClickHouse's SQL; the settings that `SETTINGS` names are part of what it means."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp, parse_one

from tesela.warehouse.dialects.base import BLANKS, DAY_SHAPE, MOMENT_SHAPE, Dialect
from tesela.warehouse.dialects.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping

SETTINGS: dict[str, int | str] = {
    # a row without a partner has missing values, not zeros and empty texts
    "join_use_nulls": 1,
    # and so has an aggregate over nothing
    "aggregate_functions_null_for_empty": 1,
    "cast_keep_nullable": 1,
    # a name means the column, even where the result has one of the same name
    "prefer_column_name_to_alias": 1,
    "union_default_mode": "DISTINCT",
    "session_timezone": "UTC",
    # one plan for hundreds of segments is a long text
    "max_query_size": 2**28,
    "max_ast_elements": 10_000_000,
    "max_expanded_ast_elements": 100_000_000,
    "max_parser_depth": 20_000,
}
"""What every query runs with."""

_MOMENT = f"^{MOMENT_SHAPE}$"
_WITHOUT_SECONDS = f"^{DAY_SHAPE}[ T]..:..$"
_NUMBER = "^[+-]?([0-9]+([.][0-9]*)?|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$"


class ClickHouseDialect(Dialect):
    """How ClickHouse writes SQL: one GROUP BY for all aggregates was measured fastest."""

    name: ClassVar[str] = "clickhouse"
    sqlglot: ClassVar[str] = "clickhouse"
    wide: ClassVar[str] = "Int128"
    reads_once: ClassVar[bool] = True
    keeps_steps: ClassVar[bool] = True
    text_type: ClassVar[str] = "String"

    def value(self, name: str, value: object) -> exp.Expr:
        """Return what stands for a bound value, with its type."""
        return _typed(name, type(value), value)

    def translated(self, text: str, kinds: Mapping[str, type], names: Mapping[str, str]) -> str:
        """Return a text of ours, which is in DuckDB's SQL, as ClickHouse's.

        Args:
            text: With `$name` where a value is bound.
            kinds: The values' types by name.
            names: Tables that are read under another name.
        """

        def turned(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Parameter | exp.Placeholder) and node.name in kinds:
                is_missing = kinds[node.name] is type(None)
                return exp.Null() if is_missing else _typed(node.name, kinds[node.name])
            if isinstance(node, exp.Cast) and node.to.is_type("timestamp", "timestampntz", "datetime"):
                # its own DATETIME is of whole seconds
                return self.cast(node.this, "DateTime64(6, 'UTC')")
            if isinstance(node, exp.Cast) and node.to.is_type("json"):
                return self.cast(node.this, self.text_type)
            if isinstance(node, exp.IntDiv):
                return self.cast(self.div(node.this, node.expression), "Int64")
            if isinstance(node, exp.Anonymous) and node.name.upper() == "EPOCH_US":
                return self.epoch_us(node.expressions[0])
            if isinstance(node, exp.Table) and node.name in names:
                renamed = node.copy()
                renamed.set("this", exp.to_identifier(names[node.name]))
                return renamed if node.alias else exp.alias_(renamed, node.name, table=True)
            return node

        return self.sql(rewritten(parse_one(text, read="duckdb"), turned))

    # --- numbers ------------------------------------------------------------------------------------------

    def cast(self, value: exp.Expr, kind: str) -> exp.Expr:
        """Return a value as another type; a missing one stays missing."""
        return exp.Anonymous(this="CAST", expressions=[value, exp.Literal.string(_TYPES.get(kind, kind))])

    def div(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return a whole quotient in 128 bits."""
        divisor = exp.Nullif(this=self.cast(right, self.wide), expression=exp.Literal.number(0))
        return exp.Anonymous(this="intDiv", expressions=[self.cast(left, self.wide), divisor])

    def mod(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return the rest of a whole division."""
        return exp.Anonymous(this="modulo", expressions=[left, right])

    def sign(self, value: exp.Expr) -> exp.Expr:
        """Return -1, 0 or 1."""
        return exp.Anonymous(this="sign", expressions=[value])

    def as_e8(self, text: exp.Expr) -> exp.Expr:
        """Return the number that a text holds as a whole number of hundred-millionths."""
        trimmed = exp.Anonymous(this="trimBoth", expressions=[text])
        number = exp.Anonymous(this="toDecimal128OrNull", expressions=[trimmed, exp.Literal.number(8)])
        scaled = exp.Mul(this=number, expression=exp.Literal.number(10**8))
        return self._if_matching(trimmed.copy(), _NUMBER, self.cast(scaled, self.wide))

    # --- texts --------------------------------------------------------------------------------------------

    def present(self, text: exp.Expr) -> exp.Expr:
        """Return a text, missing where it is blank; trimming would look at bytes."""
        return self._if_matching(text, f"[^{BLANKS}]", text.copy())

    def bucket(self, salt: exp.Expr, profile: exp.Expr) -> exp.Expr:
        """Return the first 8 hexadecimal digits of md5(salt ':' profile id)."""
        number = exp.Anonymous(this="toString", expressions=[profile])
        written = exp.Anonymous(this="concat", expressions=[salt, exp.Literal.string(":"), number])
        digest = exp.Anonymous(this="hex", expressions=[exp.Anonymous(this="MD5", expressions=[written])])
        first = exp.Anonymous(this="substring", expressions=[digest, exp.Literal.number(1), exp.Literal.number(8)])
        return exp.Anonymous(this="lower", expressions=[first])

    def json_text(self, document: exp.Expr, pointer: exp.Expr) -> exp.Expr:
        """Return what a JSON object holds under a key, as text; numbers without closing zeros."""
        key: exp.Expr = exp.Anonymous(this="substring", expressions=[pointer, exp.Literal.number(2)])
        for written, meant in (("~1", "/"), ("~0", "~")):
            key = exp.Anonymous(
                this="replaceAll", expressions=[key, exp.Literal.string(written), exp.Literal.string(meant)]
            )

        def asked(function: str) -> exp.Expr:
            return exp.Anonymous(this=function, expressions=[document.copy(), key.copy()])

        kind = exp.Anonymous(this="toString", expressions=[asked("JSONType")])
        is_text = exp.EQ(this=kind, expression=exp.Literal.string("String"))
        is_missing = exp.EQ(this=kind.copy(), expression=exp.Literal.string("Null"))
        chosen = exp.Case().when(is_missing, exp.Null()).when(is_text, asked("JSONExtractString"))
        return chosen.else_(asked("JSONExtractRaw"))

    # --- times --------------------------------------------------------------------------------------------

    def as_moment(self, text: exp.Expr) -> exp.Expr:
        """Return the time that a text in ISO 8601 holds."""
        zone = exp.Literal.string("UTC")
        whole = exp.Anonymous(this="concat", expressions=[text.copy(), exp.Literal.string(":00")])
        written = exp.Case().when(_matches(text, _WITHOUT_SECONDS), whole).else_(text)
        read = exp.Anonymous(this="toDateTime64OrNull", expressions=[written, exp.Literal.number(6), zone])
        return exp.Case().when(self._is_day(text), read)

    def as_date(self, text: exp.Expr) -> exp.Expr:
        """Return the date that a text in ISO 8601 holds."""
        return exp.Case().when(self._is_day(text), _to_date(text))

    def epoch_us(self, moment: exp.Expr) -> exp.Expr:
        """Return the whole microseconds from 1970 to a time."""
        return exp.Anonymous(this="toUnixTimestamp64Micro", expressions=[moment])

    def _is_day(self, text: exp.Expr) -> exp.Expr:
        """Tell a date of the calendar: the server takes 30 February for 2 March."""
        written = exp.Anonymous(this="substring", expressions=[text, exp.Literal.number(1), exp.Literal.number(10)])
        read = exp.Anonymous(this="toString", expressions=[_to_date(text)])
        return exp.and_(_matches(text, _MOMENT), exp.EQ(this=read, expression=written))

    def _if_matching(self, text: exp.Expr, pattern: str, value: exp.Expr) -> exp.Expr:
        return exp.Case().when(_matches(text, pattern), value)

    # --- aggregates ---------------------------------------------------------------------------------------

    def filtered(self, aggregate: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
        """Return an aggregate over the rows for which all conditions hold."""
        if conditions and isinstance(aggregate, exp.Count) and isinstance(aggregate.this, exp.Star):
            return exp.Anonymous(this="countIf", expressions=[exp.and_(*conditions, copy=False)])
        if isinstance(aggregate, exp.Sum):
            # its sums of 64 bits begin again at the other end, without a word
            aggregate = exp.Sum(this=self.cast(aggregate.this, self.wide))
        return super().filtered(aggregate, conditions)

    def at_edge(self, value: exp.Expr, order: list[exp.Expr], conditions: list[exp.Expr], *, newest: bool) -> exp.Expr:
        """Take the value in a list of one, because `argMax` skips missing values."""
        place = exp.Anonymous(this="tuple", expressions=order)
        listed = exp.Anonymous(this="array", expressions=[value])
        chosen = exp.Anonymous(this="argMax" if newest else "argMin", expressions=[listed, place])
        filtered = exp.paren(self.filtered(chosen, conditions))
        return exp.Anonymous(this="arrayElement", expressions=[filtered, exp.Literal.number(1)])


_TYPES = {"BIGINT": "Int64"}


def _matches(text: exp.Expr, pattern: str) -> exp.Expr:
    return exp.Anonymous(this="match", expressions=[text.copy(), exp.Literal.string(pattern)])


def _to_date(text: exp.Expr) -> exp.Expr:
    written = exp.Anonymous(this="substring", expressions=[text.copy(), exp.Literal.number(1), exp.Literal.number(10)])
    return exp.Anonymous(this="toDate32OrNull", expressions=[written])


def _typed(name: str, kind: type, value: object = None) -> exp.Expr:
    if issubclass(kind, bool):
        target = "Bool"
    elif issubclass(kind, int):
        target = "Int128" if isinstance(value, int) and not -(2**63) <= value < 2**63 else "Int64"
    elif issubclass(kind, datetime):
        target = "DateTime64(6, 'UTC')"
    elif issubclass(kind, date):
        target = "Date32"
    else:
        target = "String"
    return exp.Placeholder(this=name, kind=exp.var(target))
