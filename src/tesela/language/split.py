"""Write a plan as SQL that reads each event name once: one GROUP BY per name, joined to the profiles.

A single GROUP BY with a FILTER per aggregate was measured slower than one query per segment; split by event
name, over the widest window that any aggregate of the name needs, is the fastest SQL on DuckDB.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.expressions import EVENT, ROW, Binder, Expressions
from tesela.language.nodes import Bounds
from tesela.language.plan import (
    AttributeValue,
    Computed,
    Definition,
    EventAggregate,
    Expr,
    Fold,
    Plan,
    Standing,
)
from tesela.profiles import ATTRIBUTE_VALUES, IDENTIFIERS, PROFILES
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tesela.language.plan import Lookup

_PROFILE_ID = "profile_id"
_ZERO_OVER_NOTHING = ("count", "sum", "distinct")

# What a profile's records carry without any contact saying so; the smallest stands for all.
_CARRIED = ("customer_id", "email", "phone", "loyalty_card")


def render_split(plan: Plan, answers: Mapping[Lookup, Sequence[str]]) -> Statement:
    """Return one statement for the whole plan, in DuckDB's dialect."""
    return _Split(plan, answers).statement()


class _Reading(NamedTuple):
    """What can be read in one pass over the events."""

    event: str | None
    since: Expr | None
    groups: Expr | None


class _Split:
    def __init__(self, plan: Plan, answers: Mapping[Lookup, Sequence[str]]) -> None:
        self._plan = plan
        self._bind = Binder(answers)
        self._write = Expressions(self._bind).node
        self._parts: dict[str, exp.Select] = {}

    def statement(self) -> Statement:
        row = self._add("base", self._base())
        for number, level in enumerate(self._plan.levels):
            row = self._add(f"level_{number}", self._level(level, row))
        columns = (_PROFILE_ID, "is_known", *dict.fromkeys(self._plan.columns.values()))
        query = exp.select(*map(exp.column, columns)).from_(exp.to_table(row))
        for name, part in self._parts.items():
            query = query.with_(name, as_=part, copy=False)
        return Statement(query.sql("duckdb"), self._bind.parameters, self._bind.relations)

    def _add(self, name: str, part: exp.Select) -> str:
        self._parts[name] = part
        return name

    def _base(self) -> exp.Select:
        seen = exp.LT(this=exp.column("first_seen_at"), expression=self._bind.value(self._plan.as_of))
        return exp.select(_PROFILE_ID, "is_known").from_(exp.to_table(PROFILES.name)).where(seen)

    # --- one level of columns -----------------------------------------------------------------------------

    def _level(self, level: Mapping[str, Definition], row: str) -> exp.Select:
        query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(ROW))).from_(_table(row, ROW))
        for reading, aggregates in _readings(level).items():
            part = self._add(f"events_{len(self._parts)}", self._read(reading, aggregates, row))
            query = _joined(query, part)
            query = query.select(*(_taken(part, name, each) for name, each in aggregates.items()), copy=False)
        attributes = {name: each for name, each in level.items() if isinstance(each, AttributeValue)}
        if attributes:
            part = self._add(f"attributes_{len(self._parts)}", self._read_attributes(attributes))
            query = self._with_attributes(_joined(query, part), part, attributes)
        folds = {name: each for name, each in level.items() if isinstance(each, Fold)}
        if folds:
            part = self._add(f"population_{len(self._parts)}", self._fold(folds, row))
            query = query.join(exp.to_table(part), join_type="cross", copy=False)
            query = query.select(*(exp.column(name, table=part) for name in folds), copy=False)
        return query.select(*self._computed(level), copy=False)

    def _computed(self, level: Mapping[str, Definition]) -> Iterable[exp.Expr]:
        for name, each in level.items():
            if isinstance(each, Computed):
                yield exp.alias_(self._write(each.expression), name)
            elif isinstance(each, Standing):
                yield exp.alias_(self._standing(each), name)

    # --- events -------------------------------------------------------------------------------------------

    def _read(self, reading: _Reading, aggregates: Mapping[str, EventAggregate], row: str) -> exp.Select:
        widest = _widest([each.bounds for each in aggregates.values()])
        shared = _shared_condition(aggregates.values())
        query = exp.select(exp.column(_PROFILE_ID, table=EVENT)).from_(_table(EVENTS.name, EVENT))
        if reading.since is not None:
            query = query.join(_table(row, ROW), using=[_PROFILE_ID], copy=False)
        query = query.where(*self._conditions(reading, widest, shared), copy=False)
        query = query.group_by(exp.column(_PROFILE_ID, table=EVENT), copy=False)
        if reading.groups is not None:
            return self._largest_groups(query, reading.groups, aggregates, widest, shared)
        for name, each in aggregates.items():
            value = self._filtered(self._aggregate(each), self._narrowed(each, widest, shared))
            if each.function in ("first_value", "last_value"):
                value = exp.Anonymous(this="LIST_EXTRACT", expressions=[value, exp.Literal.number(1)])
            query = query.select(exp.alias_(value, name), copy=False)
        return query

    def _conditions(self, reading: _Reading, bounds: Bounds, shared: Expr | None) -> Iterable[exp.Expr]:
        if reading.event is not None:
            yield exp.EQ(this=exp.column("name", table=EVENT), expression=self._bind.value(reading.event))
        yield _is_set(exp.column(_PROFILE_ID, table=EVENT))
        yield from self._inside(bounds)
        if reading.event == "order_completed":
            yield exp.Not(this=self._cancelled())
        if reading.since is not None:
            occurred = exp.column("occurred_at", table=EVENT)
            yield exp.GT(this=occurred, expression=exp.paren(self._write(reading.since)))
        if shared is not None:
            yield self._write(shared)

    def _cancelled(self) -> exp.Expr:
        """An order that was cancelled before the moment of truth is no order (LANGUAGE.md, Orders)."""
        same = (
            exp.EQ(this=exp.column(name, table="cancelled"), expression=exp.column(name, table=EVENT))
            for name in ("source", "order_id")
        )
        query = exp.select(exp.Literal.number(1)).from_(_table(EVENTS.name, "cancelled"))
        name = exp.column("name", table="cancelled")
        occurred = exp.column("occurred_at", table="cancelled")
        before = exp.LT(this=occurred, expression=self._bind.value(self._plan.as_of))
        cancelled = exp.EQ(this=name, expression=self._bind.value("order_cancelled"))
        return exp.Exists(this=query.where(cancelled, before, *same))

    def _narrowed(self, each: EventAggregate, widest: Bounds, shared: Expr | None) -> list[exp.Expr]:
        """Return what an aggregate asks beyond what its reading has asked already."""
        start = each.bounds.start if each.bounds.start != widest.start else None
        end = each.bounds.end if each.bounds.end != widest.end else None
        found = list(self._inside(Bounds(start, end)))
        if each.where is not None and each.where != shared:
            found.append(self._write(each.where))
        return found

    def _inside(self, bounds: Bounds) -> Iterable[exp.Expr]:
        if bounds.start is not None:
            yield exp.GTE(this=exp.column("occurred_at", table=EVENT), expression=self._bind.value(bounds.start))
        if bounds.end is not None:
            yield exp.LT(this=exp.column("occurred_at", table=EVENT), expression=self._bind.value(bounds.end))

    def _aggregate(self, each: EventAggregate) -> exp.Expr:
        if each.value is None:
            return exp.Count(this=exp.Star())
        value = self._write(each.value)
        if each.function == "distinct":
            return exp.Count(this=exp.Distinct(expressions=[value]))
        if each.function in ("first_value", "last_value"):
            return _value_at("ARG_MIN" if each.function == "first_value" else "ARG_MAX", value)
        return _FUNCTIONS[each.function](this=value)

    @staticmethod
    def _filtered(aggregate: exp.Expr, conditions: Sequence[exp.Expr]) -> exp.Expr:
        if not conditions:
            return aggregate
        return exp.Filter(this=aggregate, expression=exp.Where(this=exp.and_(*conditions, copy=False)))

    def _largest_groups(
        self,
        query: exp.Select,
        group: Expr,
        aggregates: Mapping[str, EventAggregate],
        widest: Bounds,
        shared: Expr | None,
    ) -> exp.Select:
        value = self._write(group)
        counted = query.where(_is_set(exp.paren(value)), copy=False).group_by(value.copy(), copy=False)
        for name, each in aggregates.items():
            conditions = self._narrowed(each, widest, shared)
            counted = counted.select(exp.alias_(self._filtered(exp.Count(this=exp.Star()), conditions), name))
        largest = (
            exp.alias_(exp.Nullif(this=exp.Max(this=exp.column(name)), expression=exp.Literal.number(0)), name)
            for name in aggregates
        )
        return exp.select(_PROFILE_ID, *largest).from_(counted.subquery("counted")).group_by(_PROFILE_ID)

    # --- attributes ---------------------------------------------------------------------------------------

    def _read_attributes(self, attributes: Mapping[str, AttributeValue]) -> exp.Select:
        before = exp.LT(this=exp.column("valid_from"), expression=self._bind.value(self._plan.as_of))
        fields = [self._bind.value(each.field) for each in attributes.values()]
        query = exp.select(_PROFILE_ID).from_(exp.to_table(ATTRIBUTE_VALUES.name))
        query = query.where(before, exp.In(this=exp.column("field"), expressions=fields)).group_by(_PROFILE_ID)
        for name, each in attributes.items():
            newest = exp.Anonymous(this="ARG_MAX", expressions=[exp.column("value"), exp.column("valid_from")])
            own = exp.EQ(this=exp.column("field"), expression=self._bind.value(each.field))
            query = query.select(exp.alias_(self._filtered(newest, [own]), name))
        return query

    def _with_attributes(self, query: exp.Select, part: str, attributes: Mapping[str, AttributeValue]) -> exp.Select:
        carried = {name: each.field for name, each in attributes.items() if each.field in _CARRIED}
        if carried:
            identifiers = self._add(f"identifiers_{len(self._parts)}", self._read_identifiers(carried))
            query = _joined(query, identifiers)
        for name, each in attributes.items():
            values = [exp.column(name, table=part)]
            if name in carried:
                values.append(exp.column(name, table=identifiers))
            if each.field == "customer_id":
                values.reverse()
            value = exp.Coalesce(this=values[0], expressions=values[1:]) if len(values) > 1 else values[0]
            query = query.select(exp.alias_(value, name), copy=False)
        return query

    def _read_identifiers(self, carried: Mapping[str, str]) -> exp.Select:
        before = exp.LT(this=exp.column("since"), expression=self._bind.value(self._plan.as_of))
        query = exp.select(_PROFILE_ID).from_(exp.to_table(IDENTIFIERS.name)).where(before).group_by(_PROFILE_ID)
        for name, kind in carried.items():
            own = exp.EQ(this=exp.column("kind"), expression=self._bind.value(kind))
            smallest = self._filtered(exp.Min(this=exp.column("value")), [own])
            query = query.select(exp.alias_(smallest, name))
        return query

    # --- population ---------------------------------------------------------------------------------------

    def _fold(self, folds: Mapping[str, Fold], row: str) -> exp.Select:
        columns = (exp.alias_(self._figure(each), name) for name, each in folds.items())
        return exp.select(*columns).from_(_table(row, ROW))

    def _figure(self, fold: Fold) -> exp.Expr:
        figure = self._filtered(_FUNCTIONS[fold.function](this=self._write(fold.value)), [self._write(fold.member)])
        if fold.function in _ZERO_OVER_NOTHING:
            return exp.Coalesce(this=figure, expressions=[exp.Literal.number(0)])
        return figure

    def _standing(self, each: Standing) -> exp.Expr:
        """Count up to and with the equals, minus the equals: the population alone is counted."""
        value = self._write(each.value)
        counts = exp.and_(self._write(each.member), _is_set(value.copy()), copy=False)
        one = exp.Case().when(counts, exp.Literal.number(1)).else_(exp.Literal.number(0))
        ordered = exp.Ordered(this=value, desc=each.direction == "larger", nulls_first=False)
        upto = exp.Window(this=exp.Sum(this=one), order=exp.Order(expressions=[ordered]))
        equals = exp.Window(this=exp.Sum(this=one.copy()), partition_by=[value.copy()])
        return exp.Case().when(_is_set(value.copy()), exp.Sub(this=upto, expression=equals))


_FUNCTIONS: dict[str, type[exp.AggFunc]] = {"count": exp.Count, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}


def _readings(level: Mapping[str, Definition]) -> dict[_Reading, dict[str, EventAggregate]]:
    found: dict[_Reading, dict[str, EventAggregate]] = {}
    for name, each in level.items():
        if isinstance(each, EventAggregate):
            groups = each.value if each.function == "groups" else None
            found.setdefault(_Reading(each.event, each.since, groups), {})[name] = each
    return found


def _widest(windows: Sequence[Bounds]) -> Bounds:
    starts: list[datetime] = [each.start for each in windows if each.start is not None]
    ends: list[datetime] = [each.end for each in windows if each.end is not None]
    return Bounds(
        min(starts) if len(starts) == len(windows) else None,
        max(ends) if len(ends) == len(windows) else None,
    )


def _shared_condition(aggregates: Iterable[EventAggregate]) -> Expr | None:
    """Return the condition that all aggregates of a reading have in common, if they have."""
    conditions = {each.where for each in aggregates}
    return conditions.pop() if len(conditions) == 1 else None


def _taken(part: str, name: str, aggregate: EventAggregate) -> exp.Expr:
    column = exp.column(name, table=part)
    if aggregate.function in _ZERO_OVER_NOTHING:
        return exp.alias_(exp.Coalesce(this=column, expressions=[exp.Literal.number(0)]), name)
    return column


def _value_at(function: str, value: exp.Expr) -> exp.Expr:
    """Take the value at an end of the order; in a list of one, because `ARG_MAX` skips missing values."""
    order = exp.Anonymous(
        this="ROW", expressions=[exp.column(name, table=EVENT) for name in ("occurred_at", "source", "message_id")]
    )
    listed = exp.Anonymous(this="LIST_VALUE", expressions=[value])
    return exp.Anonymous(this=function, expressions=[listed, order])


def _joined(query: exp.Select, part: str) -> exp.Select:
    same = exp.EQ(this=exp.column(_PROFILE_ID, table=part), expression=exp.column(_PROFILE_ID, table=ROW))
    return query.join(exp.to_table(part), on=same, join_type="left", copy=False)


def _table(name: str, alias: str) -> exp.Expr:
    return exp.alias_(exp.to_table(name), alias, table=True)


def _is_set(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))
