"""The rows that aggregates, sequences and fields read, as they are: for those who compute in memory.

A pass reads what the same pass would group, with the columns that its aggregates need: conditions as true or
false, values, and the time in microseconds where a window asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.language.plan import AttributeValue, Call, Constant, EventAggregate, EventColumn, SequenceMet
from tesela.language.rendering import events, history
from tesela.language.rendering.context import Context
from tesela.language.rendering.newest import by_newest
from tesela.language.rendering.sequences import Together, nearest_sequences, step_rows
from tesela.language.rendering.shapes import EVENT
from tesela.profiles import PROFILES
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from tesela.language.nodes import Bounds
    from tesela.language.plan import Expr, Lookup, Plan
    from tesela.warehouse import Dialect

OCCURRED = EventColumn("occurred_at")
"""The time of an event: a value that rows have anyway."""

_PLAIN = ("count", "sum", "min", "max")


@dataclass(frozen=True)
class PassRows:
    """Rows of one pass over the events.

    Attributes:
        statement: Reads `profile_id`, `moment` and the columns below.
        aggregates: What is to be made of them, by column of the plan.
        bounds: The window that all rows lie in.
        shared: A condition that all rows satisfy.
        conditions: Columns that say whether a row satisfies a condition.
        texts: Columns of events that conditions compare with a text.
        values: Columns of what is aggregated.
        is_distinct: Whether different values are counted.
    """

    statement: Statement
    aggregates: Mapping[str, EventAggregate]
    bounds: Bounds
    shared: Expr | None
    conditions: Mapping[Expr, str]
    texts: Mapping[Expr, str]
    values: Mapping[Expr, str]
    is_distinct: bool


@dataclass(frozen=True)
class SequenceRows:
    """Rows of the steps of sequences that differ in nothing but how soon they follow and where windows start.

    Attributes:
        sequences: The steps, and where the window of each column starts.
        statements: For each step, reads `profile_id`, `moment` and a `key_N` for each value that steps share.
    """

    sequences: Sequence[Together]
    statements: Sequence[Statement]


@dataclass(frozen=True)
class FieldRows:
    """Values of a field that had been told by the moment of truth.

    Attributes:
        name: Column of the plan for the newest.
        statement: Reads `profile_id`, `moment` and `value`.
    """

    name: str
    statement: Statement


class RowsOf:
    """What can be read of a plan to be computed in memory.

    Args:
        plan: What to compute.
        dialect: How the engine writes it.
        answers: For each of `plan.lookups`, the values for which its test holds.
    """

    def __init__(self, plan: Plan, dialect: Dialect, answers: Mapping[Lookup, Sequence[str]]) -> None:
        planned = by_newest(plan)
        self._new: Callable[[], Context] = lambda: Context(planned, dialect, answers)
        self._level = planned.levels[0] if planned.levels else {}

    def base(self) -> Statement:
        """Return the statement that reads the profiles."""
        context = self._new()
        query = exp.select("profile_id", "is_known").from_(exp.to_table(PROFILES.name))
        seen = exp.LT(this=exp.column("first_seen_at"), expression=context.as_of())
        return _statement(context, query.where(seen))

    def passes(self) -> Iterator[PassRows]:
        """Yield the passes over the events whose aggregates can be made of plain rows."""
        for reading, aggregates in events.readings(self._level).items():
            functions = {each.function for each in aggregates.values()}
            if reading.with_row or not (functions <= {"distinct"} or functions <= set(_PLAIN)):
                continue
            if functions == {"distinct"} and reading.event is None:
                # texts of all events there are: the engine counts them in a third of the time and of the memory
                continue
            yield self._pass(reading, aggregates, is_distinct=functions == {"distinct"})

    def sequences(self) -> Iterator[SequenceRows]:
        """Yield the sequences that nearest events answer."""
        sequences = {name: each for name, each in self._level.items() if isinstance(each, SequenceMet)}
        for each in nearest_sequences(sequences):
            yield SequenceRows(each, [self._step(each[0], place) for place in range(len(each[0].steps))])

    def fields(self) -> Iterator[FieldRows]:
        """Yield the fields that nothing but their own values tells."""
        attributes = {name: each for name, each in self._level.items() if isinstance(each, AttributeValue)}
        carried = history.carried(attributes)
        for name, each in attributes.items():
            if name in carried:
                continue
            context = self._new()
            query = history.told_values(context, each.field)
            query = query.select(_moment(context, exp.column("valid_from")), copy=False)
            yield FieldRows(name, _statement(context, query))

    def _pass(
        self, reading: events.Reading, aggregates: Mapping[str, EventAggregate], *, is_distinct: bool
    ) -> PassRows:
        context = self._new()
        one, query = events.read_rows(context, reading, aggregates)
        asked = [part for each in aggregates.values() if each.where != one.shared for part in conjuncts(each.where)]
        compared = {part: compared_text(part) for part in asked}
        conditions = _named("is", (part for part, text in compared.items() if text is None))
        texts = _named("text", (text[0] for text in compared.values() if text is not None))
        values = _named("value", (each.value for each in aggregates.values() if each.value not in (None, OCCURRED)))
        for columns in (conditions, texts, values):
            for each, name in columns.items():
                query = query.select(exp.alias_(context.write(each), name), copy=False)
        if any(each.value == OCCURRED or each.bounds != one.bounds for each in aggregates.values()):
            query = query.select(_moment(context, exp.column("occurred_at", table=EVENT)), copy=False)
        return PassRows(
            _statement(context, query), aggregates, one.bounds, one.shared, conditions, texts, values, is_distinct
        )

    def _step(self, sequences: Together, place: int) -> Statement:
        context = self._new()
        return _statement(context, step_rows(context, sequences, place))


def conjuncts(condition: Expr | None) -> tuple[Expr, ...]:
    """Return the conditions that must all hold for one to hold."""
    if isinstance(condition, Call) and condition.operation == "and":
        return tuple(part for each in condition.arguments for part in conjuncts(each))
    return () if condition is None else (condition,)


def compared_text(condition: Expr) -> tuple[Expr, str] | None:
    """Return the column of the event and the text, when a condition is that they are equal."""
    if isinstance(condition, Call) and condition.operation == "=":
        left, right = condition.arguments
        if isinstance(left, EventColumn) and isinstance(right, Constant) and isinstance(right.value, str):
            return left, right.value
    return None


def _named(kind: str, expressions: Iterable[Expr | None]) -> dict[Expr, str]:
    """Return a name of a column for each expression."""
    return {each: f"{kind}_{place}" for place, each in enumerate(dict.fromkeys(expressions)) if each is not None}


def _moment(context: Context, time: exp.Expr) -> exp.Expr:
    return exp.alias_(context.dialect.epoch_us(time), "moment")


def _statement(context: Context, query: exp.Select) -> Statement:
    sql = context.dialect.sql(query)
    return Statement(sql, context.bind.parameters, context.bind.relations, context.dialect.name)
