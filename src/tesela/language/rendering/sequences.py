"""Sequences: whether some choice of a profile's events meets the steps.

Nothing is tried out. Every positive step reached at a time t says until when the next one may come: t plus the
time allowed, or the next event that must not be, whichever is first. Two ways to use that are written here, and
both give the answer of trying every choice:

* By windows, for every sequence and engine: a later event reaches its step when some earlier one of the step
  before reaches at least up to it; the largest of those times is a running maximum.
* By nearest events, where the engine joins those quickly and the steps let one: as long as what two steps have
  in common they also have with those before, a later event of a step may always take the place of an earlier
  one. So only the last one before an event need be looked at.

Sequences that differ in where their window starts are one: the latest begin of a way through the steps says
which windows hold one. So are the first steps of sequences that go on differently.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from itertools import pairwise, takewhile
from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.nodes import Bounds
from tesela.language.plan import Column, ProductColumn, parts
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import EVENT, PROFILE_ID, ROW, is_set, named, number, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import datetime

    from tesela.language.plan import Expr, SequenceMet, SequenceStep
    from tesela.language.rendering.context import Context

# Later than any time, in microseconds since 1970.
_NEVER = 2**62
_BEGUN, _MOMENT = "begun", "moment"
_CANDIDATE, _NEXT = "c", "n"


@dataclass(frozen=True)
class Together:
    """Sequences of the same steps up to the same time, which one query answers.

    Attributes:
        steps: What they have in common.
        bounds: The widest of their windows.
        starts: For each column, where its own window starts.
    """

    steps: tuple[SequenceStep, ...]
    bounds: Bounds
    starts: Mapping[str, datetime | None]

    @property
    def tells_begin(self) -> bool:
        """Whether it matters when a way through the steps began."""
        return any(start != self.bounds.start for start in self.starts.values())

    @property
    def positive(self) -> list[int]:
        """Places of the steps that must be."""
        return [place for place, step in enumerate(self.steps) if not step.negated]

    @property
    def keys(self) -> tuple[Expr, ...]:
        """Values that steps have in common, each a column of its own."""
        return tuple(dict.fromkeys(value for step in self.steps for value in step.same))

    def shared(self, place: int) -> list[int]:
        """Return which of `keys` a step has in common with the positive one before."""
        return [self.keys.index(value) for value in self.steps[place].same]

    def forbidden_after(self, place: int) -> list[int]:
        """Return the places of the steps that must not be between a positive step and the next."""
        following = range(place + 1, len(self.steps))
        return list(takewhile(lambda each: self.steps[each].negated, following))


def sequence_queries(
    context: Context, level: Mapping[str, SequenceMet], row_with: Callable[..., str]
) -> Iterator[tuple[list[str], exp.Select]]:
    """Yield queries of the profiles that meet sequences with their columns, which are true, false or missing.

    Args:
        context: The statement in the making.
        level: The sequences, by column.
        row_with: Names the step of rows with the columns that expressions read.
    """
    for each in _together(level):
        nearest = context.dialect.joins_nearest and _may_take_the_last(each.steps)
        writer = (_ByNearest if nearest else _ByWindows)(context, each, row_with(each.steps))
        yield list(each.starts), writer.query()


def nearest_sequences(level: Mapping[str, SequenceMet]) -> Iterable[list[Together]]:
    """Return the sequences that nearest events answer, without the profile's row; those of the same events together."""
    found: dict[object, list[Together]] = {}
    for each in _together(level):
        if _may_take_the_last(each.steps) and not any(isinstance(part, Column) for part in parts(each.steps)):
            found.setdefault((_apart_from_time(each.steps), each.bounds), []).append(each)
    return found.values()


def step_rows(context: Context, together: Together, place: int) -> exp.Select:
    """Return the query of a step's events: `profile_id`, `moment` and a `key_N` for each value that steps share."""
    return _ByNearest(context, together, "").rows(place)


def _together(level: Mapping[str, SequenceMet]) -> Iterable[Together]:
    widest: dict[object, Bounds] = {}
    for each in level.values():
        shape = _shape(each)
        known = widest.setdefault(shape, each.bounds)
        starts = (known.start, each.bounds.start)
        widest[shape] = Bounds(None if None in starts else min(filter(None, starts)), known.end)
    found: dict[tuple[tuple[SequenceStep, ...], Bounds], dict[str, datetime | None]] = {}
    for name, each in level.items():
        found.setdefault((each.steps, widest[_shape(each)]), {})[name] = each.bounds.start
    for (steps, bounds), own in found.items():
        yield Together(steps, bounds, own)


def _shape(met: SequenceMet) -> object:
    """Return what sequences share that can read the same events: the steps, however soon they must follow."""
    return _apart_from_time(met.steps), met.bounds.end, None if _may_take_the_last(met.steps) else met.bounds.start


def _apart_from_time(steps: tuple[SequenceStep, ...]) -> object:
    return tuple((step.event, step.where, step.negated, step.same) for step in steps)


def _may_take_the_last(steps: tuple[SequenceStep, ...]) -> bool:
    """Return whether a later event of a step is always as good as an earlier one to go on from."""
    shared: set[object] = set()
    forbidden: set[object] = set()
    for step in steps[1:]:
        if step.negated:
            forbidden |= set(step.same)
            continue
        if not (shared | forbidden) <= set(step.same):
            return False
        shared, forbidden = set(step.same), set()
    return True


class _Sequence(ABC):
    """What both ways have in common."""

    def __init__(self, context: Context, together: Together, row: str) -> None:
        self._context = context
        self._together = together
        self._row = row
        self._steps = together.steps
        self._positive = together.positive
        self._keys = together.keys

    @abstractmethod
    def query(self) -> exp.Select:
        """Return the query: a row for each profile that got through the steps."""

    def _events(self, used: Iterable[SequenceStep]) -> exp.Select:
        """Return the events of some steps, with their values in common."""
        context = self._context
        moment = context.dialect.epoch_us(exp.column("occurred_at", table=EVENT))
        query = exp.select(named(PROFILE_ID, EVENT), exp.alias_(moment, _MOMENT), copy=False)
        query = query.from_(table(EVENTS.name, EVENT), copy=False)
        read = (tuple(used), self._keys)
        if any(isinstance(part, Column) for part in parts(read)):
            same = exp.EQ(this=exp.column(PROFILE_ID, table=ROW), expression=exp.column(PROFILE_ID, table=EVENT))
            query = query.join(table(self._row, ROW), on=same, copy=False)
        if any(isinstance(part, ProductColumn) for part in parts(read)):
            query = with_products(query, context.dialect, context.as_of())
        for place, key in enumerate(self._keys):
            query = query.select(exp.alias_(context.write(key), f"key_{place}", copy=False), copy=False)
        profile = exp.column(PROFILE_ID, table=EVENT)
        start = Bounds(self._together.bounds.start, context.plan.as_of)
        asked = context.only_asked(profile.copy())
        return query.where(is_set(profile), *asked, *context.inside(start), copy=False)

    def _is_step(self, step: SequenceStep) -> list[exp.Expr]:
        context = self._context
        window = Bounds(None, self._together.bounds.end) if not step.negated else Bounds()
        conditions = list(context.happened(step.event, window))
        if step.where is not None:
            conditions.append(exp.paren(context.write(step.where), copy=False))
        return conditions + [is_set(exp.paren(context.write(key), copy=False)) for key in step.same]

    def _shared(self, place: int) -> list[str]:
        """Return the columns that say what a step has in common with the one before."""
        return [f"key_{key}" for key in self._together.shared(place)]

    def _ended(self, forbidden: int, moment: exp.Expr, following: exp.Expr, *, to_the_end: bool) -> exp.Expr:
        """Return whether nothing forbidden came in the time after a positive step, and that time is over."""
        within = self._steps[forbidden].within_us
        none = exp.Is(this=following, expression=exp.Null())
        if within is None:
            return none if to_the_end else exp.true()
        limit = exp.Add(this=moment, expression=number(within))
        over = exp.LTE(this=limit, expression=self._context.dialect.epoch_us(self._context.as_of()))
        return exp.and_(over, exp.paren(exp.or_(none, exp.GT(this=following.copy(), expression=limit.copy()))))

    def _answer(self, part: str, conditions: Iterable[exp.Expr]) -> exp.Select:
        """Return the columns of all sequences, from the ways through the steps."""
        query = exp.select(PROFILE_ID).from_(exp.to_table(part)).where(*conditions)
        for name, start in self._together.starts.items():
            met: exp.Expr = exp.true()
            if start != self._together.bounds.start:
                begun = exp.Max(this=exp.column(_BEGUN))
                at = self._context.dialect.epoch_us(self._context.bind.value(start))
                met = exp.GTE(this=begun, expression=at)
            query = query.select(exp.alias_(met, name), copy=False)
        return query.group_by(PROFILE_ID, copy=False)


# --- by windows -------------------------------------------------------------------------------------------


class _ByWindows(_Sequence):
    def query(self) -> exp.Select:
        """Return the query: one pass over the profile's events in order for each step."""
        row = self._context.add("sequence", self._all_events())
        row = self._context.add("sequence", self._with_next_forbidden(row))
        reached = _flag(self._positive[0])
        begun: exp.Expr = exp.column(_MOMENT)
        for before, after in pairwise(self._positive):
            row = self._context.add("sequence", self._with_reached(row, reached, begun, before, after))
            reached = exp.EQ(this=exp.column(f"reached_{after}"), expression=number(1))
            begun = exp.column(f"begun_{after}")
        if self._together.tells_begin:
            query = exp.select(exp.Star(), exp.alias_(begun, _BEGUN)).from_(exp.to_table(row))
            row = self._context.add("sequence", query)
        last = self._positive[-1]
        moment = exp.column(_MOMENT)
        ends = [
            self._ended(each, moment, exp.column(f"next_{each}"), to_the_end=True)
            for each in self._together.forbidden_after(last)
        ]
        return self._answer(row, [reached, *ends])

    def _all_events(self) -> exp.Select:
        query = self._events(self._steps)
        for place, step in enumerate(self._steps):
            is_step = exp.and_(*self._is_step(step), copy=False)
            flag = exp.Case().when(is_step, number(1), copy=False).else_(number(0), copy=False)
            query = query.select(exp.alias_(flag, f"is_{place}", copy=False), copy=False)
        names = [self._context.bind.value(each) for each in dict.fromkeys(step.event for step in self._steps)]
        return query.where(exp.In(this=exp.column("name", table=EVENT), expressions=names), copy=False)

    def _with_next_forbidden(self, row: str) -> exp.Select:
        """Add, for each negated step, when its next event comes."""
        query = exp.select(exp.Star()).from_(exp.to_table(row))
        for place, step in enumerate(self._steps):
            if step.negated:
                moment = exp.Case().when(_flag(place), exp.column(_MOMENT))
                following = self._context.dialect.over_later(
                    exp.Min(this=moment), self._partition(place), exp.column(_MOMENT)
                )
                query = query.select(exp.alias_(following, f"next_{place}"), copy=False)
        return query

    def _with_reached(self, row: str, reached: exp.Expr, begun: exp.Expr, before: int, after: int) -> exp.Select:
        """Add whether an event reaches a step, and when the latest way to it began."""
        until = exp.Case().when(reached, self._until(before, after))
        found = exp.and_(_flag(after), exp.GTE(this=self._farthest(after, until), expression=exp.column(_MOMENT)))
        flag = exp.alias_(exp.Case().when(found, number(1)).else_(number(0)), f"reached_{after}")
        query = exp.select(exp.Star(), flag).from_(exp.to_table(row))
        if self._together.tells_begin:
            # both are largest at the same event: see _may_take_the_last
            possible = exp.Is(this=self._until(before, after), expression=exp.Null())
            began = exp.Case().when(exp.and_(reached, exp.Not(this=possible)), begun.copy())
            latest = exp.Case().when(found, self._farthest(after, began))
            query = query.select(exp.alias_(latest, f"begun_{after}"), copy=False)
        return query

    def _until(self, before: int, after: int) -> exp.Expr:
        """Return until when the next step may come, missing where something forbidden has happened already."""
        forbidden = self._together.forbidden_after(before)
        limits: list[exp.Expr] = [number(_NEVER)]
        within = self._steps[after].within_us
        if within is not None:
            limits.append(exp.Add(this=exp.column(_MOMENT), expression=number(within)))
        limits += [
            exp.Coalesce(this=exp.column(f"next_{each}"), expressions=[number(_NEVER)])
            for each in forbidden
            if self._steps[each].within_us is None
        ]
        until = limits[-1] if len(limits) <= 2 else exp.Least(this=limits[0], expressions=limits[1:])
        moment = exp.column(_MOMENT)
        ended = [self._ended(each, moment, exp.column(f"next_{each}"), to_the_end=False) for each in forbidden]
        return exp.Case().when(exp.and_(*ended), until) if ended else until

    def _farthest(self, after: int, value: exp.Expr) -> exp.Expr:
        return self._context.dialect.over_earlier(exp.Max(this=value), self._partition(after), exp.column(_MOMENT))

    def _partition(self, place: int) -> list[exp.Expr]:
        return [exp.column(name) for name in (PROFILE_ID, *self._shared(place))]


def _flag(place: int) -> exp.Expr:
    return exp.EQ(this=exp.column(f"is_{place}"), expression=number(1))


# --- by nearest events ------------------------------------------------------------------------------------


class _ByNearest(_Sequence):
    def query(self) -> exp.Select:
        """Return the query: each step joined to the last event before it that got as far as the step before."""
        reached = self._begin()
        for before, after in pairwise(self._positive):
            reached = self._onward(reached, before, after)
        candidates, ends = self._checked(reached, self._positive[-1], to_the_end=True)
        if not ends:
            return self._answer(candidates, [])
        return self._answer(self._once(self._selected(candidates, ends)), [])

    def _once(self, query: exp.Select) -> str:
        """Name a step; one that another sequence has made already is that one."""
        return self._context.once("sequence", query)

    def rows(self, place: int) -> exp.Select:
        """Return the query of a step's events."""
        step = self._steps[place]
        return self._events([step]).where(*self._is_step(step), copy=False)

    def _rows(self, place: int) -> str:
        return self._once(self.rows(place))

    def _begin(self) -> str:
        rows = self._rows(self._positive[0])
        begun = exp.alias_(exp.column(_MOMENT), _BEGUN)
        return self._once(exp.select(exp.Star(), begun).from_(exp.to_table(rows)))

    def _onward(self, reached: str, before: int, after: int) -> str:
        """Return the events of a step that follow one of the step before in time."""
        candidates, ended = self._checked(reached, before, to_the_end=False)
        if ended:
            candidates = self._once(self._selected(candidates, ended))
        forbidden = [each for each in self._together.forbidden_after(before) if self._steps[each].within_us is None]
        event, columns = table(self._rows(after), EVENT), [PROFILE_ID, _MOMENT, *self._key_columns()]
        query = exp.select(*(named(each, EVENT) for each in columns)).from_(event)
        query = query.select(
            named(_BEGUN, _CANDIDATE), exp.alias_(exp.column(_MOMENT, table=_CANDIDATE), "previous"), copy=False
        )
        query = query.select(*(named(f"next_{each}", _CANDIDATE) for each in forbidden), copy=False)
        later = exp.GT(this=exp.column(_MOMENT, table=EVENT), expression=exp.column(_MOMENT, table=_CANDIDATE))
        shared = [PROFILE_ID, *self._shared(after)]
        linked = self._once(_nearest(query, table(candidates, _CANDIDATE), EVENT, _CANDIDATE, shared, later))
        return self._in_time(linked, after, forbidden)

    def _in_time(self, linked: str, after: int, forbidden: list[int]) -> str:
        """Leave those that came too late, or after something that must not be."""
        conditions: list[exp.Expr] = []
        within = self._steps[after].within_us
        if within is not None:
            limit = exp.Add(this=exp.column("previous"), expression=number(within))
            conditions.append(exp.LTE(this=exp.column(_MOMENT), expression=limit))
        for each in forbidden:
            following = exp.Coalesce(this=exp.column(f"next_{each}"), expressions=[number(_NEVER)])
            conditions.append(exp.GTE(this=following, expression=exp.column(_MOMENT)))
        return self._once(self._selected(linked, conditions)) if conditions else linked

    def _selected(self, part: str, conditions: Iterable[exp.Expr]) -> exp.Select:
        return exp.select(exp.Star()).from_(exp.to_table(part)).where(*conditions)

    def _checked(self, reached: str, place: int, *, to_the_end: bool) -> tuple[str, list[exp.Expr]]:
        """Return the events that reached a step with what forbidden ones come next, and what must hold of them."""
        ended: list[exp.Expr] = []
        for each in self._together.forbidden_after(place):
            query = exp.select(exp.Column(this=exp.Star(), table=exp.to_identifier(_CANDIDATE)))
            query = query.from_(table(reached, _CANDIDATE))
            query = query.select(exp.alias_(exp.column(_MOMENT, table=_NEXT), f"next_{each}"), copy=False)
            later = exp.LT(this=exp.column(_MOMENT, table=_CANDIDATE), expression=exp.column(_MOMENT, table=_NEXT))
            shared = [PROFILE_ID, *self._shared(each)]
            following = table(self._rows(each), _NEXT)
            reached = self._once(_nearest(query, following, _CANDIDATE, _NEXT, shared, later, optional=True))
            is_over = self._ended(each, exp.column(_MOMENT), exp.column(f"next_{each}"), to_the_end=to_the_end)
            if to_the_end or self._steps[each].within_us is not None:
                ended.append(is_over)
        return reached, ended

    def _key_columns(self) -> list[str]:
        return [f"key_{place}" for place in range(len(self._keys))]


def _nearest(
    query: exp.Select,
    joined: exp.Expr,
    left: str,
    right: str,
    shared: Iterable[str],
    nearest: exp.Expr,
    *,
    optional: bool = False,
) -> exp.Select:
    """Join to each row the one nearest to it in time among those with the same values."""
    same = (exp.EQ(this=exp.column(each, table=left), expression=exp.column(each, table=right)) for each in shared)
    join = exp.Join(this=joined, method="ASOF", side="LEFT" if optional else None, on=exp.and_(*same, nearest))
    query.append("joins", join)
    return query
