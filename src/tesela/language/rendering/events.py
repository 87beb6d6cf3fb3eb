"""Read the events: aggregates that can share a pass over them do.

DuckDB and Postgres read each event name once, over the widest window that any aggregate of the name needs: a
single GROUP BY with a FILTER per aggregate was measured slower there than one query a segment. Aggregates of the
events with one text (a campaign, a brand) have a pass of their own, which leaves out all other events before it
groups. ClickHouse and Spark do best with one GROUP BY for all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.nodes import Bounds
from tesela.language.plan import Among, Call, Column, Constant, EventAggregate, Expr, Matched, ProductColumn, parts
from tesela.language.rendering.presence import ZERO_OVER_NOTHING
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import (
    EVENT,
    PROFILE_ID,
    ROW,
    down,
    in_the_middle,
    is_set,
    named,
    number,
    numbered,
    or_zero,
    table,
    up,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from tesela.language.plan import Definition
    from tesela.language.rendering.context import Context

_MOST_ALTERNATIVES = 100
_SIMPLE = {"count": exp.Count, "sum": exp.Sum, "min": exp.Min, "max": exp.Max}
_KINDS = {
    "distinct": "distinct",
    "groups": "groups",
    "mode": "mode",
    "median_sum": "median",
    "median_count": "median",
}
_MEDIANS = {"median_sum": exp.Sum, "median_count": exp.Count}


class Reading(NamedTuple):
    """What can be read in one pass over the events.

    Attributes:
        event: Name; None is any.
        since: A time of the profile; only later events.
        grouped: Value by which events are grouped first; None for plain aggregates.
        kind: `distinct`, `groups`, `mode` or `median`, when grouped.
        alone: The aggregate, when it can share no pass; None otherwise.
        with_row: Whether the profile's row is needed beside the event.
        with_product: Whether the event's product is needed.
        by_text: Whether events are chosen by a text that they have.
    """

    event: str | None
    since: Expr | None = None
    grouped: Expr | None = None
    kind: str = ""
    alone: tuple[Bounds, Expr | None] | None = None
    with_row: bool = False
    with_product: bool = False
    by_text: bool = False


@dataclass(frozen=True)
class Pass:
    """A reading with what all its aggregates have in common.

    Attributes:
        reading: What is read.
        events: Names.
        bounds: The widest window.
        shared: The condition of every aggregate.
        either: Where each has one of its own, all of them.
    """

    reading: Reading
    events: tuple[str | None, ...]
    bounds: Bounds
    shared: Expr | None
    either: tuple[Expr, ...] = ()


def readings(level: Mapping[str, Definition]) -> dict[Reading, dict[str, EventAggregate]]:
    """Return the aggregates of a level by the pass over the events that can compute them together."""
    found: dict[Reading, dict[str, EventAggregate]] = {}
    for name, each in level.items():
        if isinstance(each, EventAggregate):
            found.setdefault(_reading(each), {})[name] = each
    return found


def all_at_once(
    found: Mapping[Reading, Mapping[str, EventAggregate]],
) -> tuple[dict[str, EventAggregate], dict[Reading, dict[str, EventAggregate]]]:
    """Part plain aggregates, which one pass over all events can compute, from the rest."""
    plain: dict[str, EventAggregate] = {}
    rest: dict[Reading, dict[str, EventAggregate]] = {}
    for reading, aggregates in found.items():
        if reading._replace(by_text=False) == Reading(reading.event) and reading.event is not None:
            plain.update(aggregates)
        else:
            rest[reading] = dict(aggregates)
    return plain, rest


def read_events(context: Context, reading: Reading, aggregates: Mapping[str, EventAggregate], row: str) -> exp.Select:
    """Return the query of one pass: a row per profile with events, a column per aggregate."""
    one, query = read_rows(context, reading, aggregates, row)
    if reading.kind == "distinct":
        return _different(context, query, one, aggregates)
    if reading.kind == "groups":
        return _largest_groups(context, query, one, aggregates)
    if reading.kind == "mode":
        return _most_frequent(context, query, reading, aggregates)
    if reading.kind == "median":
        return _medians(context, query, reading, aggregates)
    return _aggregated(context, query, one, aggregates)


def read_rows(
    context: Context, reading: Reading, aggregates: Mapping[str, EventAggregate], row: str = ""
) -> tuple[Pass, exp.Select]:
    """Return one pass with the query of the profiles of its events, a row an event."""
    bounds = _widest([each.bounds for each in aggregates.values()])
    shared = _shared_condition(aggregates.values())
    one = Pass(reading, (reading.event,), bounds, shared, _alternatives(aggregates.values()))
    return one, _source(context, reading, row).where(*_conditions(context, one), copy=False)


def read_all_events(context: Context, aggregates: Mapping[str, EventAggregate]) -> exp.Select:
    """Return the query of one pass over all events named by plain aggregates."""
    names = tuple(dict.fromkeys(each.event for each in aggregates.values()))
    one = Pass(Reading(None), names, _widest([each.bounds for each in aggregates.values()]), None)
    query = _source(context, one.reading, "").where(*_conditions(context, one), copy=False)
    return _aggregated(context, query, one, aggregates)


def taken(part: str, name: str, aggregate: EventAggregate) -> exp.Expr:
    """Return a column of a pass for the profile's row, where profiles without events have none."""
    column = exp.column(name, table=part)
    return or_zero(column) if aggregate.function in ZERO_OVER_NOTHING else column


# --- what is read -----------------------------------------------------------------------------------------


def _reading(each: EventAggregate) -> Reading:
    read = (each.value, each.where)
    with_row = each.since is not None or any(isinstance(part, Column) for part in parts(read))
    with_product = any(isinstance(part, ProductColumn) for part in parts(read))
    kind = _KINDS.get(each.function, "")
    alone = (each.bounds, each.where) if kind in ("mode", "median") else None
    if kind == "distinct":
        alone = (Bounds(None, each.bounds.end), each.where)
    by_text = not kind and any(_asks_for_text(part) for part in parts(each.where))
    return Reading(each.event, each.since, each.value if kind else None, kind, alone, with_row, with_product, by_text)


def _asks_for_text(part: object) -> bool:
    if isinstance(part, Call) and part.operation == "=":
        return any(isinstance(side, Constant) and isinstance(side.value, str) for side in part.arguments)
    return isinstance(part, Among | Matched)


def _source(context: Context, reading: Reading, row: str) -> exp.Select:
    query = exp.select(named(PROFILE_ID, EVENT)).from_(table(EVENTS.name, EVENT))
    if reading.with_row:
        same = exp.EQ(this=exp.column(PROFILE_ID, table=ROW), expression=exp.column(PROFILE_ID, table=EVENT))
        query = query.join(table(row, ROW), on=same, copy=False)
    return with_products(query, context.dialect, context.as_of()) if reading.with_product else query


def _conditions(context: Context, one: Pass) -> Iterable[exp.Expr]:
    reading = one.reading
    profile = exp.column(PROFILE_ID, table=EVENT)
    yield is_set(profile)
    yield from context.only_asked(profile.copy())
    if len(one.events) > 1:
        yield exp.In(
            this=exp.column("name", table=EVENT), expressions=[context.bind.value(each) for each in one.events]
        )
        yield from context.inside(one.bounds)
        if "order_completed" in one.events:
            another = exp.NEQ(this=exp.column("name", table=EVENT), expression=context.bind.value("order_completed"))
            yield exp.paren(exp.or_(another, context.not_cancelled()))
    else:
        yield from context.happened(one.events[0], one.bounds)
    if reading.since is not None:
        occurred = exp.column("occurred_at", table=EVENT)
        yield exp.GT(this=occurred, expression=exp.paren(context.write(reading.since)))
    if one.shared is not None:
        yield context.write(one.shared)
    if one.either:
        yield exp.paren(exp.or_(*map(context.write, one.either)))


def _narrowed(context: Context, each: EventAggregate, one: Pass) -> list[exp.Expr]:
    """Return what an aggregate asks beyond what its pass has asked already."""
    found: list[exp.Expr] = []
    if len(one.events) > 1:
        found.append(exp.EQ(this=exp.column("name", table=EVENT), expression=context.bind.value(each.event)))
    start = each.bounds.start if each.bounds.start != one.bounds.start else None
    end = each.bounds.end if each.bounds.end != one.bounds.end else None
    found += context.inside(Bounds(start, end))
    if each.where is not None and each.where != one.shared:
        found.append(context.write(each.where))
    return found


# --- what is made of it -----------------------------------------------------------------------------------


def _aggregated(context: Context, query: exp.Select, one: Pass, aggregates: Mapping[str, EventAggregate]) -> exp.Select:
    query = query.group_by(exp.column(PROFILE_ID, table=EVENT), copy=False)
    for name, each in aggregates.items():
        query = query.select(exp.alias_(_aggregate(context, each, _narrowed(context, each, one)), name), copy=False)
    return query


def _aggregate(context: Context, each: EventAggregate, conditions: list[exp.Expr]) -> exp.Expr:
    if each.value is None:
        return context.dialect.filtered(exp.Count(this=exp.Star()), conditions)
    value = context.write(each.value)
    if each.function in ("first_value", "last_value"):
        order: list[exp.Expr] = [exp.column("occurred_at", table=EVENT)]
        order += [context.dialect.ordered(exp.column(name, table=EVENT)) for name in ("source", "message_id")]
        return context.dialect.at_edge(value, order, conditions, newest=each.function == "last_value")
    return context.dialect.filtered(_SIMPLE[each.function](this=value), conditions)


def _different(context: Context, query: exp.Select, one: Pass, aggregates: Mapping[str, EventAggregate]) -> exp.Select:
    """Count the different values in windows that end together: when each value came last says in which it came."""
    newest = exp.alias_(exp.Max(this=exp.column("occurred_at", table=EVENT)), "newest")
    counted = _grouped(context, query, one.reading).select(newest, copy=False)
    found = exp.select(PROFILE_ID).from_(counted.subquery("counted")).group_by(PROFILE_ID)
    for name, each in aggregates.items():
        start = each.bounds.start
        since: list[exp.Expr] = []
        if start is not None and start != one.bounds.start:
            since = [exp.GTE(this=exp.column("newest"), expression=context.bind.value(start))]
        count = context.dialect.filtered(exp.Count(this=exp.Star()), since)
        found = found.select(exp.alias_(count, name), copy=False)
    return found


def _largest_groups(
    context: Context, query: exp.Select, one: Pass, aggregates: Mapping[str, EventAggregate]
) -> exp.Select:
    counted = _grouped(context, query, one.reading)
    for name, each in aggregates.items():
        count = context.dialect.filtered(exp.Count(this=exp.Star()), _narrowed(context, each, one))
        counted = counted.select(exp.alias_(count, name), copy=False)
    largest = (
        exp.alias_(exp.Nullif(this=exp.Max(this=exp.column(name)), expression=number(0)), name) for name in aggregates
    )
    return exp.select(PROFILE_ID, *largest).from_(counted.subquery("counted")).group_by(PROFILE_ID)


def _most_frequent(
    context: Context, query: exp.Select, reading: Reading, aggregates: Mapping[str, EventAggregate]
) -> exp.Select:
    counted = _grouped(context, query, reading)
    counted = counted.select(exp.alias_(exp.Count(this=exp.Star()), "times"), copy=False)
    order = [down(exp.column("times")), up(context.dialect.ordered(exp.column("value")))]
    place = exp.alias_(numbered([exp.column(PROFILE_ID)], order), "place")
    ranked = exp.select(PROFILE_ID, "value", place).from_(counted.subquery("counted"))
    chosen = exp.select(PROFILE_ID, *(exp.alias_(exp.column("value"), name) for name in aggregates))
    return chosen.from_(ranked.subquery("ranked")).where(exp.EQ(this=exp.column("place"), expression=number(1)))


def _grouped(context: Context, query: exp.Select, reading: Reading) -> exp.Select:
    value = context.write(reading.grouped) if reading.grouped else exp.Null()
    query = query.select(exp.alias_(value, "value"), copy=False).where(is_set(exp.paren(value.copy())), copy=False)
    return query.group_by(exp.column(PROFILE_ID, table=EVENT), value.copy(), copy=False)


def _medians(
    context: Context, query: exp.Select, reading: Reading, aggregates: Mapping[str, EventAggregate]
) -> exp.Select:
    value = context.write(reading.grouped) if reading.grouped else exp.Null()
    profile = exp.column(PROFILE_ID, table=EVENT)
    size = exp.Window(this=exp.Count(this=exp.Star()), partition_by=[profile.copy()])
    placed = query.select(
        exp.alias_(value, "value"),
        exp.alias_(numbered([profile], [up(value.copy())]), "place"),
        exp.alias_(size, "size"),
        copy=False,
    ).where(is_set(exp.paren(value.copy())), copy=False)
    # the sum of two may be too large for 64 bits
    figures = {
        name: context.dialect.filtered(_MEDIANS[each.function](this=exp.column("value")), [])
        for name, each in aggregates.items()
    }
    columns = (exp.alias_(figure, name) for name, figure in figures.items())
    middle = in_the_middle(exp.column("place"), exp.column("size"))
    return exp.select(PROFILE_ID, *columns).from_(placed.subquery("placed")).where(middle).group_by(PROFILE_ID)


def _widest(windows: Sequence[Bounds]) -> Bounds:
    starts: list[datetime] = [each.start for each in windows if each.start is not None]
    ends: list[datetime] = [each.end for each in windows if each.end is not None]
    return Bounds(
        min(starts) if len(starts) == len(windows) else None,
        max(ends) if len(ends) == len(windows) else None,
    )


def _shared_condition(aggregates: Iterable[EventAggregate]) -> Expr | None:
    """Return the condition that all aggregates of a pass have in common, if they have."""
    conditions = {each.where for each in aggregates}
    return conditions.pop() if len(conditions) == 1 else None


def _alternatives(aggregates: Iterable[EventAggregate]) -> tuple[Expr, ...]:
    """Return the different conditions of the aggregates of a pass, when each has one; too many cost too much."""
    conditions = dict.fromkeys(each.where for each in aggregates)
    found = tuple(each for each in conditions if each is not None)
    return found if len(found) == len(conditions) and 1 < len(found) <= _MOST_ALTERNATIVES else ()
