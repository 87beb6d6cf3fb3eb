"""Read the distinct values of a text field, for tests that Python answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS, PRODUCTS
from tesela.language.rendering.expressions import Binder
from tesela.language.rendering.shapes import EVENT, table
from tesela.profiles import ATTRIBUTE_VALUES, IDENTIFIERS
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from tesela.language.plan import Lookup
    from tesela.warehouse import Dialect


def render_distinct(lookup: Lookup, dialect: Dialect) -> Statement:
    """Return the statement of the distinct values, in a column `value`."""
    bind = Binder({}, dialect)
    if lookup.source == "attribute":
        query = _of_profiles(lookup, bind)
    elif lookup.source == "product":
        query = _distinct(exp.column(lookup.field, quoted=True)).from_(exp.to_table(PRODUCTS.name))
    else:
        query = _of_events(lookup, bind, dialect)
    return Statement(dialect.sql(query), bind.parameters, dialect=dialect.name)


def _of_profiles(lookup: Lookup, bind: Binder) -> exp.Query:
    fields = _distinct(exp.column("value")).from_(exp.to_table(ATTRIBUTE_VALUES.name))
    fields = fields.where(exp.EQ(this=exp.column("field"), expression=bind.value(lookup.field)))
    carried = _distinct(exp.column("value")).from_(exp.to_table(IDENTIFIERS.name))
    carried = carried.where(exp.EQ(this=exp.column("kind"), expression=bind.value(lookup.field)))
    return exp.union(fields, carried, distinct=True)


def _of_events(lookup: Lookup, bind: Binder, dialect: Dialect) -> exp.Query:
    value: exp.Expr = exp.column(lookup.field, table=EVENT, quoted=True)
    if lookup.source == "property":
        value = dialect.json_text(exp.column("properties", table=EVENT, quoted=True), bind.value(lookup.field))
    query = _distinct(value).from_(table(EVENTS.name, EVENT))
    if lookup.event is not None:
        query = query.where(exp.EQ(this=exp.column("name", table=EVENT), expression=bind.value(lookup.event)))
    return query


def _distinct(value: exp.Expr) -> exp.Select:
    return exp.select(exp.alias_(value, "value")).distinct()
