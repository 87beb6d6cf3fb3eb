"""The whole statement: the profiles, then level by level the columns, each step under a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlglot import exp

from tesela.language.plan import (
    AttributeValue,
    Computed,
    ConsentValue,
    FieldChanges,
    FieldHeld,
    Fold,
    PreviousFieldValue,
    RecordedStay,
    SequenceMet,
    Standing,
    StoredTraitValue,
    StoreMedian,
)
from tesela.language.rendering import events, history, people
from tesela.language.rendering.context import Context
from tesela.language.rendering.sequences import sequence_queries
from tesela.language.rendering.shapes import PROFILE_ID, ROW, named, or_zero, row_joined, table
from tesela.profiles import PROFILES
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tesela.language.plan import Definition, Lookup, Plan
    from tesela.warehouse import Dialect

D = TypeVar("D")


def render_plan(
    plan: Plan, dialect: Dialect, answers: Mapping[Lookup, Sequence[str]], among: Sequence[int] | None = None
) -> Statement:
    """Return one statement for the whole plan.

    Args:
        plan: What to compute.
        dialect: How the engine writes it.
        answers: For each of `plan.lookups`, the values for which its test holds.
        among: Profiles to compute; None computes all. Figures of the population are then of these alone.
    """
    return _Writer(Context(plan, dialect, answers, among)).statement()


class _Writer:
    def __init__(self, context: Context) -> None:
        self._context = context
        self._add = context.add

    def statement(self) -> Statement:
        plan = self._context.plan
        row = self._add("base", self._base())
        columns = [PROFILE_ID, "is_known"]
        for level in plan.levels:
            row = self._add("level", self._level(level, row, columns))
            columns += level
        told = [name for each in plan.values.values() for name in (each.column, each.divisor) if name]
        asked = (PROFILE_ID, "is_known", *dict.fromkeys([*plan.columns.values(), *told]))
        query = exp.select(*map(exp.column, asked)).from_(exp.to_table(row))
        bind, dialect, steps = self._context.bind, self._context.dialect, self._context.steps
        if dialect.keeps_steps:
            kept = {name: dialect.sql(part) for name, part in steps.items()}
            return Statement(dialect.sql(query), bind.parameters, bind.relations, dialect.name, kept)
        for name, part in steps.items():
            query = query.with_(name, as_=part, copy=False)
        return Statement(dialect.sql(query), bind.parameters, bind.relations, dialect.name)

    def _base(self) -> exp.Select:
        seen = exp.LT(this=exp.column("first_seen_at"), expression=self._context.as_of())
        query = exp.select(PROFILE_ID, "is_known").from_(exp.to_table(PROFILES.name))
        return query.where(seen, *self._context.only_asked(exp.column(PROFILE_ID)))

    # --- one level of columns -----------------------------------------------------------------------------

    def _level(self, level: Mapping[str, Definition], row: str, columns: Sequence[str]) -> exp.Select:
        query = exp.select(*(named(name, ROW) for name in columns)).from_(table(row, ROW))
        query = self._with_events(query, level, row)
        query = self._with_attributes(query, level)
        query = self._with_flags(query, level, row)
        query = self._with_history(query, level, row)
        query = self._with_population(query, level, row)
        for name, computed in _of(level, Computed):
            query = query.select(exp.alias_(self._context.write(computed.expression), name), copy=False)
        return query

    def _with_events(self, query: exp.Select, level: Mapping[str, Definition], row: str) -> exp.Select:
        found = events.readings(level)
        if self._context.dialect.reads_once:
            plain, found = events.all_at_once(found)
            if plain:
                part = self._add("events", events.read_all_events(self._context, plain))
                query = row_joined(query, part)
                query = query.select(*(events.taken(part, name, each) for name, each in plain.items()), copy=False)
        for reading, aggregates in found.items():
            part = self._add("events", events.read_events(self._context, reading, aggregates, row))
            query = row_joined(query, part)
            query = query.select(*(events.taken(part, name, each) for name, each in aggregates.items()), copy=False)
        return query

    def _with_attributes(self, query: exp.Select, level: Mapping[str, Definition]) -> exp.Select:
        attributes = dict(_of(level, AttributeValue))
        if not attributes:
            return query
        part = self._add("attributes", history.attributes_query(self._context, attributes))
        query = row_joined(query, part)
        carried = history.carried(attributes)
        if carried:
            identifiers = self._add("identifiers", history.identifiers_query(self._context, carried))
            query = row_joined(query, identifiers)
        for name, each in attributes.items():
            values = [exp.column(name, table=part)]
            if name in carried:
                values.append(exp.column(name, table=identifiers))
            if each.field == "customer_id":
                values.reverse()
            value = exp.Coalesce(this=values[0], expressions=values[1:]) if len(values) > 1 else values[0]
            query = query.select(exp.alias_(value, name), copy=False)
        return query

    def _with_flags(self, query: exp.Select, level: Mapping[str, Definition], row: str) -> exp.Select:
        """Add what is true for some profiles: those that the step has a row for."""
        context = self._context
        flags = list(sequence_queries(context, dict(_of(level, SequenceMet)), row))
        flags += [([name], history.held_query(context, name, held)) for name, held in _of(level, FieldHeld)]
        flags += [([name], history.stay_query(context, name, stay)) for name, stay in _of(level, RecordedStay)]
        for names, part_query in flags:
            part = self._add("profiles", part_query)
            columns = (exp.Coalesce(this=exp.column(each, table=part), expressions=[exp.false()]) for each in names)
            query = row_joined(query, part)
            query = query.select(
                *(exp.alias_(each, name) for each, name in zip(columns, names, strict=True)), copy=False
            )
        return query

    def _with_history(self, query: exp.Select, level: Mapping[str, Definition], row: str) -> exp.Select:
        context = self._context
        for name, changes in _of(level, FieldChanges):
            part = self._add("changes", history.changes_query(context, name, changes))
            column = or_zero(exp.column(name, table=part))
            query = row_joined(query, part).select(exp.alias_(column, name), copy=False)
        values: list[tuple[str, exp.Select]] = []
        values += [(name, history.previous_query(context, name, each)) for name, each in _of(level, PreviousFieldValue)]
        values += [(name, history.consent_query(context, name, each, row)) for name, each in _of(level, ConsentValue)]
        values += [(name, history.trait_query(context, name, each)) for name, each in _of(level, StoredTraitValue)]
        for name, part_query in values:
            part = self._add("values", part_query)
            query = row_joined(query, part).select(named(name, part), copy=False)
        return query

    def _with_population(self, query: exp.Select, level: Mapping[str, Definition], row: str) -> exp.Select:
        context = self._context
        whole: dict[str, exp.Select] = {}
        folds = dict(_of(level, Fold))
        plain = {name: each for name, each in folds.items() if each.per is None and not _is_median(each)}
        if plain:
            part = self._add("population", people.folds_query(context, plain, row))
            query = query.join(exp.to_table(part), join_type="cross", copy=False)
            query = query.select(*(named(name, part) for name in plain), copy=False)
        for name, fold in folds.items():
            if fold.per is not None:
                build = people.median_query if _is_median(fold) else people.peers_query
                part = self._add("peers", build(context, name, fold, row))
                query = people.joined_peers(context, query, part, fold)
                query = query.select(people.peers_taken(context, part, name, fold), copy=False)
            elif _is_median(fold):
                whole[name] = people.median_query(context, name, fold, row)
        for name, median in _of(level, StoreMedian):
            whole[name] = people.store_median_query(context, name, median, row)
        for name, each in _of(level, Standing):
            part = self._add("standing", people.standing_query(context, name, each, row))
            query = people.joined_standing(context, query, part, each).select(named(name, part), copy=False)
        for name, part_query in whole.items():
            part = self._add("population", part_query)
            query = query.join(exp.to_table(part), join_type="cross", copy=False)
            query = query.select(named(name, part), copy=False)
        return query


def _of(level: Mapping[str, Definition], kind: type[D]) -> list[tuple[str, D]]:
    return [(name, each) for name, each in level.items() if isinstance(each, kind)]


def _is_median(fold: Fold) -> bool:
    return fold.function.startswith("median")
