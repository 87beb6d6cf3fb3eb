"""The operations of a plan as SQL nodes; what engines write differently is a method of its own.

The SQL library translates spelling, not meaning, and says yes to what an engine cannot do: so every operation
that was seen to differ stands here by name, and the conformance suite runs each on every engine.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from tesela.warehouse.dialects.nodes import exp

KEY_SHIFT = 2**40
"""Different fractions with divisors under 2^20 lie at least 2^-40 apart."""

BLANKS = (
    " \t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000"
)
"""What Python's `str.strip` takes for blank."""

DAY_SHAPE = "(19|2[0-2])[0-9]{2}-[0-9]{2}-[0-9]{2}"
MOMENT_SHAPE = DAY_SHAPE + "([ T]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?)?"
"""What a text must look like to be a date or time: each engine alone would take much more, and not the same."""


class Dialect(ABC):
    """How one engine writes SQL.

    Attributes:
        name: Of the engine.
        sqlglot: Name of the spelling in the SQL library.
        wide: Type of whole numbers of 128 bits.
        reads_once: Whether all aggregates do best in one pass over the events, instead of one per event name.
        text_type: Type of texts.
        keeps_steps: Whether named steps are handed over one by one, because the engine would compute one again
            wherever it is named.
        brings_columns: Whether whole columns come out of it so fast that aggregates are computed from them sooner.
        joins_nearest: Whether it joins rows to the nearest in time (ASOF), and sooner than windows find them.
    """

    name: ClassVar[str]
    sqlglot: ClassVar[str]
    wide: ClassVar[str]
    reads_once: ClassVar[bool] = False
    text_type: ClassVar[str] = "TEXT"
    keeps_steps: ClassVar[bool] = False
    joins_nearest: ClassVar[bool] = False
    brings_columns: ClassVar[bool] = False

    # --- the statement ------------------------------------------------------------------------------------

    def sql(self, query: exp.Expr) -> str:
        """Return the text of a query, which is used up by it."""
        return query.sql(self.sqlglot, copy=False)

    def readable(self, sql: str) -> str:
        """Return the text of a statement in lines, for people; as it is where the SQL library cannot read it."""
        from sqlglot import parse_one
        from sqlglot.errors import SqlglotError

        try:
            return parse_one(sql, read=self.sqlglot).sql(self.sqlglot, pretty=True)
        except SqlglotError:
            return sql

    def value(self, name: str, value: object) -> exp.Expr:
        """Return what stands for a bound value."""
        del value
        return exp.Placeholder(this=name)

    def ordered(self, text: exp.Expr) -> exp.Expr:
        """Return a text that is compared and sorted by code point."""
        return text

    # --- numbers ------------------------------------------------------------------------------------------

    def cast(self, value: exp.Expr, kind: str) -> exp.Expr:
        """Return a value as another type, in the engine's own name of it."""
        return exp.Cast(this=value, to=exp.DataType.build(kind, dialect=self.sqlglot))

    def multiply(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return a product in 128 bits."""
        return exp.Mul(this=self.cast(left, self.wide), expression=right)

    def e4(self, value: exp.Expr) -> exp.Expr:
        """Return a DECIMAL(18,4) as a whole number of ten-thousandths, with room for the largest."""
        room = self.cast(value, "DECIMAL(28, 4)")
        return self.cast(exp.Mul(this=room, expression=exp.Literal.number(10_000)), "BIGINT")

    @abstractmethod
    def div(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return a whole quotient; missing when the divisor is zero or missing."""

    def mod(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return the rest of a whole division."""
        return exp.Mod(this=exp.paren(left), expression=exp.paren(right))

    def order_key(self, numerator: exp.Expr, divisor: exp.Expr) -> exp.Expr:
        """Return a whole number that orders fractions exactly; cutting, either way, keeps them apart."""
        return self.div(self.multiply(numerator, exp.Literal.number(KEY_SHIFT)), divisor)

    def sign(self, value: exp.Expr) -> exp.Expr:
        """Return -1, 0 or 1 as a whole number."""
        return exp.Sign(this=value)

    @abstractmethod
    def as_e8(self, text: exp.Expr) -> exp.Expr:
        """Return the number that a text holds as a whole number of hundred-millionths; missing when it is none."""

    # --- texts --------------------------------------------------------------------------------------------

    def present(self, text: exp.Expr) -> exp.Expr:
        """Return a text, missing where it is blank."""
        trimmed = exp.Anonymous(this="TRIM", expressions=[text, exp.Literal.string(BLANKS)])
        return exp.Case().when(exp.NEQ(this=trimmed, expression=exp.Literal.string("")), text.copy())

    def bucket(self, salt: exp.Expr, profile: exp.Expr) -> exp.Expr:
        """Return the first 8 hexadecimal digits of md5(salt ':' profile id)."""
        number = self.cast(profile, self.text_type)
        written = exp.DPipe(this=exp.DPipe(this=salt, expression=exp.Literal.string(":")), expression=number)
        digest = exp.Anonymous(this="MD5", expressions=[written])
        return exp.Anonymous(this="SUBSTR", expressions=[digest, exp.Literal.number(1), exp.Literal.number(8)])

    @abstractmethod
    def json_text(self, document: exp.Expr, pointer: exp.Expr) -> exp.Expr:
        """Return what a JSON document holds at a JSON pointer, as text."""

    # --- times --------------------------------------------------------------------------------------------

    @abstractmethod
    def as_moment(self, text: exp.Expr) -> exp.Expr:
        """Return the time, as it is written, of a text in `MOMENT_SHAPE`; missing when it is none."""

    @abstractmethod
    def as_date(self, text: exp.Expr) -> exp.Expr:
        """Return the date of a text in `MOMENT_SHAPE`; missing when it is none."""

    @abstractmethod
    def epoch_us(self, moment: exp.Expr) -> exp.Expr:
        """Return the whole microseconds from 1970 to a time."""

    def part(self, name: str, day: exp.Expr) -> exp.Expr:
        """Return the YEAR, MONTH or DAY of a date."""
        return exp.Extract(this=exp.var(name), expression=day)

    # --- aggregates ---------------------------------------------------------------------------------------

    def filtered(self, aggregate: exp.Expr, conditions: list[exp.Expr]) -> exp.Expr:
        """Return an aggregate over the rows for which all conditions hold; sums are of 128 bits."""
        if not conditions:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*conditions, copy=False)))

    @abstractmethod
    def at_edge(self, value: exp.Expr, order: list[exp.Expr], conditions: list[exp.Expr], *, newest: bool) -> exp.Expr:
        """Return the value, even a missing one, of the first or last row for which all conditions hold."""

    # --- windows ------------------------------------------------------------------------------------------

    def over_earlier(self, function: exp.Expr, partition: list[exp.Expr], moment: exp.Expr) -> exp.Expr:
        """Return an aggregate over the rows whose whole number `moment` is smaller."""
        return _framed(function, partition, moment, "UNBOUNDED", "PRECEDING", exp.Literal.number(1), "PRECEDING")

    def over_later(self, function: exp.Expr, partition: list[exp.Expr], moment: exp.Expr) -> exp.Expr:
        """Return an aggregate over the rows whose whole number `moment` is larger."""
        return _framed(function, partition, moment, exp.Literal.number(1), "FOLLOWING", "UNBOUNDED", "FOLLOWING")


def _framed(
    function: exp.Expr,
    partition: list[exp.Expr],
    moment: exp.Expr,
    start: exp.Expr | str,
    start_side: str,
    end: exp.Expr | str,
    end_side: str,
) -> exp.Expr:
    spec = exp.WindowSpec(kind="RANGE", start=start, start_side=start_side, end=end, end_side=end_side)
    order = exp.Order(expressions=[exp.Ordered(this=moment, desc=False, nulls_first=False)])
    return exp.Window(this=function, partition_by=partition, order=order, spec=spec)
