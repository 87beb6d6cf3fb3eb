"""PostgreSQL's SQL; nothing newer than version 14 is asked for."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, ClassVar

from sqlglot import exp, parse_one

from tesela.warehouse.dialects.base import BLANKS, MOMENT_SHAPE, Dialect
from tesela.warehouse.dialects.rewriting import rewritten

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FUNCTIONS = (
    f"""
    CREATE OR REPLACE FUNCTION tesela_as_moment(written text) RETURNS timestamp LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF written !~ '^{MOMENT_SHAPE}$' THEN RETURN NULL; END IF;
        RETURN written::timestamp;
    EXCEPTION WHEN OTHERS THEN RETURN NULL;
    END $$
    """,
    f"""
    CREATE OR REPLACE FUNCTION tesela_as_date(written text) RETURNS date LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF written !~ '^{MOMENT_SHAPE}$' THEN RETURN NULL; END IF;
        RETURN substr(written, 1, 10)::date;
    EXCEPTION WHEN OTHERS THEN RETURN NULL;
    END $$
    """,
    """
    CREATE OR REPLACE FUNCTION tesela_as_e8(written text) RETURNS numeric LANGUAGE plpgsql IMMUTABLE AS $$
    BEGIN
        IF written !~ '^\\s*[+-]?(\\d+(\\.\\d*)?|\\.\\d+)([eE][+-]?\\d{1,2})?\\s*$' THEN RETURN NULL; END IF;
        RETURN round(written::numeric, 8) * 100000000;
    EXCEPTION WHEN OTHERS THEN RETURN NULL;
    END $$
    """,
)
"""What makes a text a time, a date or a number, missing where it is none: a plain cast would stop the query."""


class PostgresDialect(Dialect):
    """How PostgreSQL writes SQL: one GROUP BY per event name, as on DuckDB."""

    name: ClassVar[str] = "postgres"
    sqlglot: ClassVar[str] = "postgres"
    wide: ClassVar[str] = "NUMERIC"

    def value(self, name: str, value: object) -> exp.Expr:
        """Return what stands for a bound value, with its type: the server cannot always tell."""
        return _typed(name, type(value), value)

    def translated(self, text: str, kinds: Mapping[str, type], relations: Mapping[str, Sequence[str]]) -> str:
        """Return a text of ours, which is in DuckDB's SQL, as PostgreSQL's.

        Args:
            text: With `$name` where a value is bound.
            kinds: The values' types by name.
            relations: Columns of the relations that the text reads, by name.
        """

        def turned(node: exp.Expr) -> exp.Expr:
            if isinstance(node, exp.Parameter | exp.Placeholder) and node.name in kinds:
                return _typed(node.name, kinds[node.name])
            if isinstance(node, exp.IntDiv):
                return self.cast(self.div(node.this, node.expression), "BIGINT")
            if isinstance(node, exp.Mod):
                return self.mod(node.this, node.expression)
            if isinstance(node, exp.Anonymous) and node.name.upper() == "EPOCH_US":
                return self.epoch_us(node.expressions[0])
            if isinstance(node, exp.Insert) and node.args.get("by_name"):
                return _with_columns(node, relations)
            return node

        return self.sql(rewritten(parse_one(text, read="duckdb"), turned))

    def ordered(self, text: exp.Expr) -> exp.Expr:
        """Return a text that is compared by code point, whatever the database's locale."""
        return exp.Collate(this=exp.paren(text), expression=exp.to_identifier("C", quoted=True))

    # --- numbers ------------------------------------------------------------------------------------------

    def div(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return a whole quotient."""
        divisor = exp.Nullif(this=right, expression=exp.Literal.number(0))
        return exp.Anonymous(this="DIV", expressions=[self.cast(left, self.wide), divisor])

    def mod(self, left: exp.Expr, right: exp.Expr) -> exp.Expr:
        """Return the rest of a whole division; the sign for it means something to the driver."""
        return exp.Anonymous(this="MOD", expressions=[left, right])

    def sign(self, value: exp.Expr) -> exp.Expr:
        """Return -1, 0 or 1; of a whole number the server would make a floating one."""
        return exp.Sign(this=self.cast(value, self.wide))

    def as_e8(self, text: exp.Expr) -> exp.Expr:
        """Return the number that a text holds as a whole number of hundred-millionths."""
        return exp.Anonymous(this="tesela_as_e8", expressions=[text])

    # --- texts --------------------------------------------------------------------------------------------

    def present(self, text: exp.Expr) -> exp.Expr:
        """Return a text, missing where it is blank."""
        trimmed = exp.Anonymous(this="BTRIM", expressions=[text, exp.Literal.string(BLANKS)])
        return exp.Case().when(exp.NEQ(this=trimmed, expression=exp.Literal.string("")), text.copy())

    def json_text(self, document: exp.Expr, pointer: exp.Expr) -> exp.Expr:
        """Return what a JSON object holds under a key, as text."""
        key: exp.Expr = exp.Anonymous(this="SUBSTR", expressions=[pointer, exp.Literal.number(2)])
        for written, meant in (("~1", "/"), ("~0", "~")):
            key = exp.Anonymous(
                this="REPLACE", expressions=[key, exp.Literal.string(written), exp.Literal.string(meant)]
            )
        # a shop's own table may hold it as text or JSONB
        return exp.Anonymous(this="JSON_EXTRACT_PATH_TEXT", expressions=[self.cast(document, "JSON"), key])

    # --- times --------------------------------------------------------------------------------------------

    def as_moment(self, text: exp.Expr) -> exp.Expr:
        """Return the time that a text in ISO 8601 holds."""
        return exp.Anonymous(this="tesela_as_moment", expressions=[text])

    def as_date(self, text: exp.Expr) -> exp.Expr:
        """Return the date that a text in ISO 8601 holds."""
        return exp.Anonymous(this="tesela_as_date", expressions=[text])

    def epoch_us(self, moment: exp.Expr) -> exp.Expr:
        """Return the whole microseconds from 1970 to a time; EXTRACT is exact since version 14."""
        seconds = exp.Extract(this=exp.var("EPOCH"), expression=moment)
        return self.cast(exp.Mul(this=seconds, expression=exp.Literal.number(1_000_000)), "BIGINT")

    # --- aggregates ---------------------------------------------------------------------------------------

    def at_edge(self, value: exp.Expr, order: list[exp.Expr], conditions: list[exp.Expr], *, newest: bool) -> exp.Expr:
        """Return the value, even a missing one, of the first or last row for which all conditions hold."""
        places = [exp.Ordered(this=each, desc=newest, nulls_first=False) for each in order]
        listed = exp.ArrayAgg(this=exp.Order(this=value, expressions=places))
        return exp.Bracket(this=exp.paren(self.filtered(listed, conditions)), expressions=[exp.Literal.number(0)])


def _typed(name: str, kind: type, value: object = None) -> exp.Expr:
    if issubclass(kind, bool):
        target = "BOOLEAN"
    elif issubclass(kind, int):
        wide = isinstance(value, int) and not -(2**63) <= value < 2**63
        target = "NUMERIC" if wide else "BIGINT"
    elif issubclass(kind, datetime):
        target = "TIMESTAMP"
    elif issubclass(kind, date):
        target = "DATE"
    elif issubclass(kind, str):
        target = "TEXT"
    else:
        return exp.Placeholder(this=name)
    return exp.Cast(this=exp.Placeholder(this=name), to=exp.DataType.build(target, dialect="postgres"))


def _with_columns(insert: exp.Insert, relations: Mapping[str, Sequence[str]]) -> exp.Insert:
    """Name the columns that a query brings, where ours goes BY NAME."""
    query = insert.expression
    names = [each.alias_or_name for each in query.selects]
    if names == ["*"]:
        names = list(relations[query.find(exp.From).this.name])
    insert.set("by_name", None)
    columns = [exp.to_identifier(name, quoted=True) for name in names]
    insert.set("this", exp.Schema(this=insert.this, expressions=columns))
    return insert
