"""The whole statement: the profiles, then level by level the columns, each step under a name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
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
    Reach,
    RecordedStay,
    SequenceMet,
    Standing,
    StoredTraitValue,
    StoreMedian,
    columns_in,
)
from tesela.language.rendering import events, history, people
from tesela.language.rendering.context import BASE, Context
from tesela.language.rendering.newest import by_newest
from tesela.language.rendering.sequences import sequence_queries
from tesela.language.rendering.shapes import PROFILE_ID, ROW, by_profile, joined, named, or_zero, table
from tesela.profiles import PROFILES
from tesela.warehouse import Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    import pyarrow as pa

    from tesela.language.plan import Definition, EventAggregate, Lookup, Plan
    from tesela.language.rendering.events import Reading
    from tesela.warehouse import Dialect

D = TypeVar("D")

_BROUGHT = "brought"


@dataclass(frozen=True)
class Brought:
    """Columns that were computed before.

    Attributes:
        rows: `profile_id`, `is_known` and the columns, a row for each profile.
        kinds: Of each column: `count`, `sum`, `number`, `moment`, `truth` or `text`.
    """

    rows: pa.Table
    kinds: Mapping[str, str]


def render_plan(
    plan: Plan,
    dialect: Dialect,
    answers: Mapping[Lookup, Sequence[str]],
    among: Sequence[int] | None = None,
    brought: Brought | None = None,
) -> Statement:
    """Return one statement for the whole plan.

    Args:
        plan: What to compute.
        dialect: How the engine writes it.
        answers: For each of `plan.lookups`, the values for which its test holds.
        among: Profiles to compute; None computes all. Figures of the population are then of these alone.
        brought: The profiles with the columns that need not be computed any more.
    """
    return _Writer(Context(by_newest(plan), dialect, answers, among), brought).statement()


@dataclass(frozen=True)
class _Piece:
    """What one step brings to the rows of a level.

    Attributes:
        columns: By name, what writes each over the row before and the step: most are in one row only, so writing
            them where they are asked for saves copies.
        joins: How steps are joined to the row.
        reads: Columns of the row before.
    """

    columns: Mapping[str, Callable[[], exp.Expr]]
    joins: tuple[exp.Join, ...] = ()
    reads: frozenset[str] = frozenset()


class _Writer:
    """Makes the steps, and rows of them with no column more than what reads them asks for."""

    def __init__(self, context: Context, brought: Brought | None) -> None:
        self._context = context
        self._add = context.add
        self._brought = brought
        self._levels: list[list[_Piece]] = []
        self._rows: dict[tuple[int, frozenset[str]], str] = {}

    def statement(self) -> Statement:
        plan = self._context.plan
        self._rows[0, frozenset()] = self._first_row()
        for level in plan.levels:
            self._levels.append(list(self._pieces(level)))
        told = [name for each in plan.values.values() for name in (each.column, each.divisor) if name]
        wanted = dict.fromkeys([*plan.columns.values(), *told])
        query = exp.select(*map(exp.column, (PROFILE_ID, "is_known", *wanted)))
        query = query.from_(exp.to_table(self._row(wanted)))
        bind, dialect, steps = self._context.bind, self._context.dialect, self._context.steps
        if dialect.keeps_steps:
            kept = {name: dialect.sql(part) for name, part in steps.items()}
            return Statement(dialect.sql(query), bind.parameters, bind.relations, dialect.name, kept)
        for name, part in steps.items():
            query = query.with_(name, as_=part, copy=False)
        return Statement(dialect.sql(query), bind.parameters, bind.relations, dialect.name)

    def _first_row(self) -> str:
        if self._brought is None:
            return self._add(BASE, self._base())
        self._context.bind.relations[_BROUGHT] = self._brought.rows
        return _BROUGHT

    def _base(self) -> exp.Select:
        seen = exp.LT(this=exp.column("first_seen_at"), expression=self._context.as_of())
        query = exp.select(PROFILE_ID, "is_known").from_(exp.to_table(PROFILES.name))
        return query.where(seen, *self._context.only_asked(exp.column(PROFILE_ID)))

    # --- rows ---------------------------------------------------------------------------------------------

    def _row(self, wanted: Iterable[str], levels: int | None = None) -> str:
        """Return the step whose rows have the wanted columns, which stand in the first levels."""
        levels = len(self._levels) if levels is None else levels
        named_so = frozenset(wanted)
        if not named_so:
            return self._rows[0, named_so]
        if (levels, named_so) not in self._rows:
            self._rows[levels, named_so] = self._make_row(named_so, levels)
        return self._rows[levels, named_so]

    def _make_row(self, wanted: frozenset[str], levels: int) -> str:
        used = [each for each in self._levels[levels - 1] if not wanted.isdisjoint(each.columns)]
        if not used:
            return self._row(wanted, levels - 1)
        older = wanted.difference(*(each.columns for each in used))
        before = self._row(older.union(*(each.reads for each in used)), levels - 1)
        carried = (named(name, ROW) for name in (PROFILE_ID, "is_known", *sorted(older, key=_place)))
        query = exp.select(*carried, copy=False).from_(table(before, ROW), copy=False)
        for join in dict.fromkeys(join for each in used for join in each.joins):
            query.append("joins", join.copy())
        for each in used:
            chosen = {name: write for name, write in each.columns.items() if name in wanted}
            columns = (exp.alias_(write(), name, copy=False) for name, write in chosen.items())
            query = query.select(*columns, copy=False)
        return self._add("level", query)

    def _read_by(self, *definitions: object) -> str:
        """Return the step whose rows have what definitions of the next level read."""
        return self._row(columns_in(definitions))

    # --- one level of columns -----------------------------------------------------------------------------

    def _pieces(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        if self._brought is not None and not self._levels:
            yield _Piece(dict(self._as_brought(self._brought)))
            level = {name: each for name, each in level.items() if name not in self._brought.kinds}
        yield from self._from_events(level)
        yield from self._from_attributes(level)
        yield from self._from_flags(level)
        yield from self._from_history(level)
        yield from self._from_population(level)
        for name, each in _of(level, Computed):
            write = partial(self._context.write, each.expression)
            yield _Piece({name: write}, reads=frozenset(columns_in(each)))

    def _as_brought(self, brought: Brought) -> Iterator[tuple[str, Callable[[], exp.Expr]]]:
        """Yield columns computed before, in the types that the engine would have given them."""
        dialect = self._context.dialect
        types = {"count": "BIGINT", "number": "BIGINT", "sum": dialect.wide}

        def write(name: str, kind: str) -> exp.Expr:
            column = exp.column(name, table=ROW)
            return dialect.cast(column, types[kind]) if kind in types else column

        for name, kind in brought.kinds.items():
            yield name, partial(write, name, kind)

    def _from_events(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        context = self._context
        found: Mapping[Reading, Mapping[str, EventAggregate]] = events.readings(level)
        passes: list[tuple[Mapping[str, EventAggregate], exp.Select]] = []
        if context.dialect.reads_once:
            plain, found = events.all_at_once(found)
            if plain:
                passes.append((plain, events.read_all_events(context, plain)))
        for reading, aggregates in found.items():
            row = self._read_by(*aggregates.values()) if reading.with_row else ""
            passes.append((aggregates, events.read_events(context, reading, aggregates, row)))
        for aggregates, query in passes:
            part = self._add("events", query)
            yield _Piece(
                {name: partial(events.taken, part, name, each) for name, each in aggregates.items()},
                (by_profile(part),),
            )

    def _from_attributes(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        attributes = dict(_of(level, AttributeValue))
        if not attributes:
            return
        part = self._add("attributes", history.attributes_query(self._context, attributes))
        carried = history.carried(attributes)
        identifiers = self._add("identifiers", history.identifiers_query(self._context, carried)) if carried else None
        for chosen, second in ((attributes.keys() - carried, None), (carried, identifiers)):
            columns = {
                name: partial(history.taken, name, attributes[name].field, part, second)
                for name in attributes
                if name in chosen
            }
            yield _Piece(columns, tuple(by_profile(each) for each in (part, second) if each))

    def _from_flags(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        """Bring what is true for some profiles: those that the step has a row for."""
        context = self._context
        flags = list(sequence_queries(context, dict(_of(level, SequenceMet)), self._read_by))
        flags += [([name], history.held_query(context, name, held)) for name, held in _of(level, FieldHeld)]
        flags += [([name], history.stay_query(context, name, stay)) for name, stay in _of(level, RecordedStay)]
        for names, query in flags:
            part = self._add("profiles", query)
            yield _Piece({name: partial(_or_false, part, name) for name in names}, (by_profile(part),))

    def _from_history(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        context = self._context
        for name, changes in _of(level, FieldChanges):
            part = self._add("changes", history.changes_query(context, name, changes))
            yield _Piece({name: partial(_or_zero, part, name)}, (by_profile(part),))
        values: list[tuple[str, exp.Select]] = []
        values += [(name, history.previous_query(context, name, each)) for name, each in _of(level, PreviousFieldValue)]
        for name, consent in _of(level, ConsentValue):
            values.append((name, history.consent_query(context, name, consent, self._read_by(consent))))
        for name, reach in _of(level, Reach):
            values.append((name, history.reach_query(context, name, reach, self._read_by(reach))))
        values += [(name, history.trait_query(context, name, each)) for name, each in _of(level, StoredTraitValue)]
        for name, query in values:
            part = self._add("values", query)
            yield _Piece({name: partial(exp.column, name, part)}, (by_profile(part),))

    def _from_population(self, level: Mapping[str, Definition]) -> Iterator[_Piece]:
        context = self._context
        whole: list[tuple[list[str], exp.Select]] = []
        folds = dict(_of(level, Fold))
        plain = {name: each for name, each in folds.items() if each.per is None and not _is_median(each)}
        if plain:
            whole.append((list(plain), people.folds_query(context, plain, self._read_by(*plain.values()))))
        for name, fold in folds.items():
            if fold.per is not None:
                build = people.median_query if _is_median(fold) else people.peers_query
                part = self._add("peers", build(context, name, fold, self._read_by(fold)))
                reads = frozenset(columns_in(fold.per))
                yield _Piece(
                    {name: partial(people.peers_taken, context, part, name, fold)},
                    (people.to_peers(context, part, fold),),
                    reads,
                )
            elif _is_median(fold):
                whole.append(([name], people.median_query(context, name, fold, self._read_by(fold))))
        for name, each in _of(level, Standing):
            part = self._add("standing", people.standing_query(context, name, each, self._read_by(each)))
            reads = frozenset(columns_in((each.value, each.per)))
            yield _Piece({name: partial(exp.column, name, part)}, (people.to_standing(context, part, each),), reads)
        for name, median in _of(level, StoreMedian):
            row = self._read_by(median)
            whole.append(([name], people.store_median_query(context, name, median, row)))
        for names, query in whole:
            part = self._add("population", query)
            yield _Piece({name: partial(exp.column, name, part) for name in names}, (joined(part, side="CROSS"),))


def _or_zero(part: str, name: str) -> exp.Expr:
    return or_zero(exp.column(name, table=part))


def _or_false(part: str, name: str) -> exp.Expr:
    return exp.Coalesce(this=exp.column(name, table=part), expressions=[exp.false()])


def _place(column: str) -> int:
    return int(column[1:])


def _of(level: Mapping[str, Definition], kind: type[D]) -> list[tuple[str, D]]:
    return [(name, each) for name, each in level.items() if isinstance(each, kind)]


def _is_median(fold: Fold) -> bool:
    return fold.function.startswith("median")
