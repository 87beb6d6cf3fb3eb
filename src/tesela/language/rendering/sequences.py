"""Sequences: whether some choice of a profile's events meets the steps.

Nothing is tried out. Every positive step reached at a time t says until when the next one may come: t plus the
time allowed, or the next event that must not be, whichever is first. A later event reaches its step when some
earlier one of the step before reaches at least up to it: the largest of those times is a running maximum. So
each step is one pass over the profile's events in order, and the answer is that of trying every choice.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.nodes import Bounds
from tesela.language.plan import Column, ProductColumn, SequenceMet, parts
from tesela.language.rendering.products import with_products
from tesela.language.rendering.shapes import EVENT, PROFILE_ID, ROW, is_set, named, number, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.language.plan import SequenceStep
    from tesela.language.rendering.context import Context

# Later than any time, in microseconds since 1970.
_NEVER = 2**62


def sequence_query(context: Context, met: SequenceMet, name: str, row: str) -> exp.Select:
    """Return the query of the profiles that meet a sequence: one row each, the column true."""
    writer = _Steps(context, met, row)
    return writer.query(name)


class _Steps:
    def __init__(self, context: Context, met: SequenceMet, row: str) -> None:
        self._context = context
        self._met = met
        self._row = row
        self._steps = met.steps
        self._positive = [number for number, step in enumerate(met.steps) if not step.negated]
        # values that steps have in common, each a column of its own
        self._keys = tuple(dict.fromkeys(value for step in met.steps for value in step.same))

    def query(self, name: str) -> exp.Select:
        row = self._context.add("sequence", self._events())
        row = self._context.add("sequence", self._with_next_forbidden(row))
        reached: exp.Expr = _flag(self._positive[0])
        for before, after in zip(self._positive, self._positive[1:], strict=False):
            until = exp.Case().when(reached, self._until(before, after))
            found = self._reaches(after, until)
            flag = exp.alias_(exp.Case().when(found, number(1)).else_(number(0)), f"reached_{after}")
            row = self._context.add("sequence", exp.select(exp.Star(), flag).from_(exp.to_table(row)))
            reached = exp.EQ(this=exp.column(f"reached_{after}"), expression=number(1))
        last = self._positive[-1]
        ends = [self._ended(last, step, to_the_end=True) for step in self._forbidden_after(last)]
        query = exp.select(PROFILE_ID, exp.alias_(exp.true(), name)).from_(exp.to_table(row))
        return query.where(reached, *ends).group_by(PROFILE_ID)

    # --- events and the steps they may be -----------------------------------------------------------------

    def _events(self) -> exp.Select:
        context = self._context
        moment = context.dialect.epoch_us(exp.column("occurred_at", table=EVENT))
        query = exp.select(named(PROFILE_ID, EVENT), exp.alias_(moment, "moment"))
        query = query.from_(table(EVENTS.name, EVENT))
        if any(isinstance(part, Column) for part in parts(self._steps)):
            same = exp.EQ(this=exp.column(PROFILE_ID, table=ROW), expression=exp.column(PROFILE_ID, table=EVENT))
            query = query.join(table(self._row, ROW), on=same, copy=False)
        if any(isinstance(part, ProductColumn) for part in parts(self._steps)):
            query = with_products(query, context.dialect, context.as_of())
        for place, key in enumerate(self._keys):
            query = query.select(exp.alias_(context.write(key), f"key_{place}"), copy=False)
        for place, step in enumerate(self._steps):
            is_step = exp.and_(*self._is_step(step))
            query = query.select(
                exp.alias_(exp.Case().when(is_step, number(1)).else_(number(0)), f"is_{place}"), copy=False
            )
        names = [context.bind.value(each) for each in dict.fromkeys(step.event for step in self._steps)]
        of_steps = exp.In(this=exp.column("name", table=EVENT), expressions=names)
        profile = exp.column(PROFILE_ID, table=EVENT)
        start = Bounds(self._met.bounds.start, context.plan.as_of)
        return query.where(
            of_steps, is_set(profile), *context.only_asked(profile.copy()), *context.inside(start), copy=False
        )

    def _is_step(self, step: SequenceStep) -> list[exp.Expr]:
        context = self._context
        window = Bounds(None, self._met.bounds.end) if not step.negated else Bounds()
        conditions = list(context.happened(step.event, window))
        if step.where is not None:
            conditions.append(exp.paren(context.write(step.where)))
        return conditions + [is_set(exp.paren(context.write(key))) for key in step.same]

    # --- what must not happen -----------------------------------------------------------------------------

    def _with_next_forbidden(self, row: str) -> exp.Select:
        """Add, for each negated step, when its next event comes."""
        query = exp.select(exp.Star()).from_(exp.to_table(row))
        for place, step in enumerate(self._steps):
            if step.negated:
                moment = exp.Case().when(_flag(place), exp.column("moment"))
                following = self._context.dialect.over_later(
                    exp.Min(this=moment), self._partition(step), exp.column("moment")
                )
                query = query.select(exp.alias_(following, f"next_{place}"), copy=False)
        return query

    def _forbidden_after(self, place: int) -> list[int]:
        following = range(place + 1, len(self._steps))
        return list(takewhile(lambda each: self._steps[each].negated, following))

    def _ended(self, place: int, forbidden: int, *, to_the_end: bool) -> exp.Expr:
        """Return whether nothing forbidden came in the time after a positive step, and that time is over."""
        del place
        within = self._steps[forbidden].within_us
        following = exp.column(f"next_{forbidden}")
        none = exp.Is(this=following, expression=exp.Null())
        if within is None:
            return none if to_the_end else exp.true()
        limit = exp.Add(this=exp.column("moment"), expression=number(within))
        over = exp.LTE(this=limit, expression=self._context.dialect.epoch_us(self._context.as_of()))
        return exp.and_(over, exp.paren(exp.or_(none, exp.GT(this=following.copy(), expression=limit.copy()))))

    # --- from one step to the next ------------------------------------------------------------------------

    def _until(self, before: int, after: int) -> exp.Expr:
        """Return until when the next step may come, missing where something forbidden has happened already."""
        forbidden = self._forbidden_after(before)
        limits: list[exp.Expr] = [number(_NEVER)]
        within = self._steps[after].within_us
        if within is not None:
            limits.append(exp.Add(this=exp.column("moment"), expression=number(within)))
        limits += [
            exp.Coalesce(this=exp.column(f"next_{each}"), expressions=[number(_NEVER)])
            for each in forbidden
            if self._steps[each].within_us is None
        ]
        until = limits[-1] if len(limits) <= 2 else exp.Least(this=limits[0], expressions=limits[1:])
        ended = [self._ended(before, each, to_the_end=False) for each in forbidden]
        return exp.Case().when(exp.and_(*ended), until) if ended else until

    def _reaches(self, after: int, until: exp.Expr) -> exp.Expr:
        farthest = self._context.dialect.over_earlier(
            exp.Max(this=until), self._partition(self._steps[after]), exp.column("moment")
        )
        return exp.and_(_flag(after), exp.GTE(this=farthest, expression=exp.column("moment")))

    def _partition(self, step: SequenceStep) -> list[exp.Expr]:
        keys: Sequence[str] = [f"key_{self._keys.index(value)}" for value in step.same]
        return [exp.column(PROFILE_ID), *(exp.column(name) for name in keys)]


def _flag(place: int) -> exp.Expr:
    return exp.EQ(this=exp.column(f"is_{place}"), expression=number(1))
