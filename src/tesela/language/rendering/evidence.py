"""Read the very events that a column of a plan was made of, for one profile."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.plan import Column, EventAggregate, Plan, ProductColumn, SequenceMet, parts
from tesela.language.rendering.context import Context
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import EVENT, PROFILE_ID, down, named, table
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from tesela.language.nodes import Bounds
    from tesela.language.plan import Expr, Lookup
    from tesela.warehouse import Dialect

COLUMNS = (
    "name", "occurred_at", "source", "message_id", "order_id", "product_id", "category", "brand", "quantity",
    "amount_e4", "coupon", "campaign_id", "list", "url",
)  # fmt: skip


def render_evidence(
    plan: Plan, column: str, dialect: Dialect, answers: Mapping[Lookup, Sequence[str]], profile: int, limit: int
) -> list[Statement]:
    """Return the statements that read the newest events behind a column: one for each kind of events."""
    found = dict.fromkeys(selection for definition in plan.needs(column) for selection in _selections(definition))
    return [_read(plan, each, dialect, answers, profile, limit) for each in found]


def _selections(definition: object) -> Iterator[tuple[str | None, Bounds, Expr | None]]:
    """Yield which events a definition looks at; those that need the profile's row are left to the others."""
    if isinstance(definition, EventAggregate) and not _needs_row(definition.where):
        yield definition.event, definition.bounds, definition.where
    elif isinstance(definition, SequenceMet):
        for step in definition.steps:
            if not _needs_row(step.where):
                yield step.event, definition.bounds, step.where


def _needs_row(where: Expr | None) -> bool:
    return any(isinstance(part, Column) for part in parts(where))


def _read(
    plan: Plan,
    selection: tuple[str | None, Bounds, Expr | None],
    dialect: Dialect,
    answers: Mapping[Lookup, Sequence[str]],
    profile: int,
    limit: int,
) -> Statement:
    context = Context(plan, dialect, answers)
    event, bounds, where = selection
    query = exp.select(*(named(name, EVENT) for name in COLUMNS)).from_(table(EVENTS.name, EVENT))
    if any(isinstance(part, ProductColumn) for part in parts(where)):
        query = with_products(query, dialect, context.as_of())
    own = exp.EQ(this=exp.column(PROFILE_ID, table=EVENT), expression=context.bind.value(profile))
    conditions: Iterable[exp.Expr] = [own, *context.happened(event, bounds)]
    query = query.where(*conditions)
    if where is not None:
        query = query.where(context.write(where))
    newest = [down(exp.column("occurred_at", table=EVENT))]
    query = query.order_by(*newest).limit(limit)
    return Statement(dialect.sql(query), context.bind.parameters, context.bind.relations, dialect.name)
