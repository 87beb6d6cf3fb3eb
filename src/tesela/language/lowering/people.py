"""Values that set a profile against the others."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, cast

from tesela.language.lowering.rhythm import RhythmLowering
from tesela.language.lowering.values import FALSE, Value, all_of, calculate, call, compare, number, order_key, ratio
from tesela.language.nodes import Aggregate, Percentile, Rank
from tesela.language.plan import Column, Computed, Constant, Fold, Standing, StoreMedian

if TYPE_CHECKING:
    from tesela.language.nodes import Decile, Node, PopulationValue, StoreValue, Top
    from tesela.language.plan import Expr, FoldFunction

_ORDERED = ("number", "moment", "date")


class PeopleLowering(RhythmLowering):
    """Lowers figures of the store and of the population, and ranks."""

    # --- the store ----------------------------------------------------------------------------------------

    def _store(self, node: StoreValue) -> Value:
        """A figure over the base's events is the same figure over its profiles' figures, but for the median."""
        if node.function == "median":
            return self._store_median(node)
        if node.function == "avg":
            total, count = (self._store_part(each, node) for each in ("sum", "count_values"))
            return ratio(total, count)
        return self._store_part(node.function, node)

    def _store_part(self, function: str, node: StoreValue) -> Value:
        if function == "count_values":
            if node.events.value is None:
                raise self._refuse("needed_field", node.events, word=node.function, event=node.events.name)
            field = self._event_side(node.events.name, node.events.value)
            own = Value("number", self._aggregate_column("count", node.events, field.expression))
        else:
            own = self._aggregate(Aggregate(function, node.events, span=node.span))  # type: ignore[arg-type]
        fold: FoldFunction = function if function in ("min", "max") else "sum"  # type: ignore[assignment]
        return self._folded(fold, own, own.expression, self._base)

    def _store_median(self, node: StoreValue) -> Value:
        events = node.events
        if events.value is None or events.since is not None:
            raise self._refuse("needed_field", events, word="median", event=events.name)
        field = self._needs(self._event_side(events.name, events.value), events, "number")
        name, where, bounds = self._stored_name(events.name), self._where(events), self._clip(events.window)
        total, count = (
            self._board.column(StoreMedian(part, name, bounds, field.expression, self._base, where))
            for part in ("sum", "count")
        )
        return ratio(Value("number", total, scale=field.scale), Value("number", count))

    # --- the population -----------------------------------------------------------------------------------

    def _population(self, node: PopulationValue) -> Value:
        value = self._present(self._value(node.value))
        member, per = self._members(node.where), self._peers(node.per)
        if node.function == "count":
            return self._folded("count", Value("number", FALSE), order_key(value), member, per)
        if value.divisor is not None:
            raise self._refuse("population_of_ratio", node, word=node.function)
        self._needs(value, node, "number", *(("moment",) if node.function in ("min", "max") else ()))
        if node.function in ("avg", "median"):
            parts: tuple[FoldFunction, FoldFunction] = (
                ("sum", "count") if node.function == "avg" else ("median_sum", "median_count")
            )
            total = self._folded(parts[0], value, value.expression, member, per)
            return ratio(total, self._folded(parts[1], Value("number", FALSE), value.expression, member, per))
        return self._folded(cast("FoldFunction", node.function), value, value.expression, member, per)

    def _folded(self, function: FoldFunction, like: Value, value: Expr, member: Expr, per: Expr | None = None) -> Value:
        column = self._board.column(Fold(function, value, member, per))
        return Value(like.kind, column, scale=like.scale)

    # --- ranks --------------------------------------------------------------------------------------------

    def _percentile(self, node: Percentile) -> Value:
        value, member, per = self._ranked(node)
        smaller = Value("number", self._board.column(Standing("smaller", value, member, per)))
        return ratio(calculate("*", smaller, number(Decimal(100))), self._size(value, member, per))

    def _decile(self, node: Decile) -> Value:
        value, member, per = self._ranked(node)
        tenfold = call("*", self._board.column(Standing("smaller", value, member, per)), Constant(10))
        size = call("null_if_zero", self._size(value, member, per).expression)
        # someone outside the population may stand above all of it
        decile = call("+", call("div", tenfold, size), Constant(1))
        return Value("number", call("if", call(">", decile, Constant(10)), Constant(10), decile))

    def _rank(self, node: Rank) -> Value:
        value, member, per = self._ranked(node)
        larger = Value("number", self._board.column(Standing("larger", value, member, per)))
        return calculate("+", larger, number(Decimal(1)))

    def _top(self, node: Top) -> Expr:
        value, member, per = self._ranked(node)
        larger = Value("number", self._board.column(Standing("larger", value, member, per)))
        bound = calculate("*", number(node.share), self._size(value, member, per))
        return compare("<", larger, bound)

    def _size(self, value: Expr, member: Expr, per: Expr | None) -> Value:
        return Value("number", self._board.column(Fold("count", value, member, per)))

    def _ranked(self, node: Percentile | Decile | Rank | Top) -> tuple[Expr, Expr, Expr | None]:
        value = self._value(node.value)
        if value.kind not in _ORDERED:
            raise self._refuse("needs_number", node.value)
        key = order_key(value)
        if not isinstance(key, Column):
            key = self._board.column(Computed(key))
        return key, self._members(node.among), self._peers(node.per)

    def _members(self, node: Node | None) -> Expr:
        return all_of(self._base, self._condition(node) if node else None)

    def _peers(self, node: Node | None) -> Expr | None:
        """Return the value that peers share, as a column of its own."""
        if node is None:
            return None
        shared = self._present(self._value(node)).expression
        return shared if isinstance(shared, Column) else self._board.column(Computed(shared))
