"""What all parts of a statement share: the engine's dialect, bound values, named steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from tesela.events import EVENTS
from tesela.language.nodes import Bounds
from tesela.language.rendering.expressions import Binder, Expressions
from tesela.language.rendering.presence import present_columns
from tesela.language.rendering.shapes import EVENT, is_set, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tesela.language.plan import Expr, Lookup, Plan
    from tesela.warehouse import Dialect


BASE = "base"  # the step of everyone of the base


class Context:
    """One statement in the making.

    Args:
        plan: What to compute.
        dialect: How the engine writes it.
        answers: For each lookup of the plan, the values for which its test holds.
        among: Profiles to compute; None computes all.

    Attributes:
        steps: The named steps so far, in order.
    """

    def __init__(
        self, plan: Plan, dialect: Dialect, answers: Mapping[Lookup, Sequence[str]], among: Sequence[int] | None = None
    ) -> None:
        self.plan = plan
        self.dialect = dialect
        self.bind = Binder(answers, dialect)
        self.steps: dict[str, exp.Select] = {}
        self._named: dict[exp.Select, str] = {}
        self._among = among
        self._write = Expressions(self.bind, dialect, plan.as_of, self.happened, present_columns(plan))

    def value(self, value: object) -> exp.Expr:
        """Return what stands for a bound value."""
        return self.bind.value(value)

    def write(self, expression: Expr) -> exp.Expr:
        """Return the SQL of an expression over the row `s` of a profile and the event `e`."""
        return self._write.node(expression)

    def add(self, name: str, part: exp.Select) -> str:
        """Add a named step, under a name of its own, and return that."""
        # only the base goes without a number: a step with a table's own name would hide the table
        chosen = name if name == BASE else f"{name}_{len(self.steps)}"
        self.steps[chosen] = part
        return chosen

    def once(self, name: str, part: exp.Select) -> str:
        """Add a named step, or return the name of one that is the same."""
        if part not in self._named:
            self._named[part] = self.add(name, part)
        return self._named[part]

    def as_of(self) -> exp.Expr:
        """Return the moment of truth."""
        return self.bind.value(self.plan.as_of)

    def only_asked(self, profile: exp.Expr) -> Iterable[exp.Expr]:
        """Yield the condition that a profile is one of those asked for, when not all are."""
        if self._among is not None:
            yield exp.In(this=profile, query=exp.Subquery(this=self.bind.listed("among", self._among)))

    def happened(self, event: str | None, bounds: Bounds) -> Iterable[exp.Expr]:
        """Yield the conditions of events of a name inside bounds; cancelled orders are none."""
        if event is not None:
            yield exp.EQ(this=exp.column("name", table=EVENT), expression=self.bind.value(event))
        yield from self.inside(bounds)
        if event == "order_completed":
            yield self.not_cancelled()

    def inside(self, bounds: Bounds) -> Iterable[exp.Expr]:
        """Yield the conditions that an event lies in half-open bounds."""
        occurred = exp.column("occurred_at", table=EVENT)
        if bounds.start is not None:
            yield exp.GTE(this=occurred, expression=self.bind.value(bounds.start))
        if bounds.end is not None:
            yield exp.LT(this=occurred.copy(), expression=self.bind.value(bounds.end))

    def not_cancelled(self) -> exp.Expr:
        """Return whether no cancellation of the order came before the moment of truth (LANGUAGE.md, Orders)."""
        order = exp.column("order_id", table=EVENT)
        listed = exp.select(*(exp.column(name, table=EVENT) for name in ("source", "order_id")))
        cancelled = listed.from_(table(EVENTS.name, EVENT)).where(
            *self.happened("order_cancelled", Bounds(None, self.plan.as_of)), is_set(order.copy())
        )
        # no missing value on the left: DuckDB compares such a row with every cancellation, one by one
        told = exp.Coalesce(this=order, expressions=[exp.Literal.string("")])
        own = exp.Tuple(expressions=[exp.column("source", table=EVENT), told])
        among = exp.In(this=own, query=exp.Subquery(this=cancelled))
        return exp.paren(exp.or_(exp.Is(this=order.copy(), expression=exp.Null()), exp.Not(this=among)))
