"""Whole rules, and all segments asked as one plan."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.language import nodes
from tesela.language.lowering.board import Board
from tesela.language.lowering.profiles import ProfileLowering
from tesela.language.lowering.values import (
    Value,
    all_of,
    any_of,
    calculate,
    call,
    choose,
    complement,
    extreme,
    is_true,
    number,
)
from tesela.language.plan import Computed, Constant, Plan, ValueColumns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.language.nodes import Node, Rule
    from tesela.language.plan import Column, Expr
    from tesela.warehouse import Table


def lower(
    asked: Iterable[str],
    find: Callable[[str], Rule],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    memberships: Table | None = None,
    trait_values: Table | None = None,
    values: Mapping[str, Rule] | None = None,
) -> Plan:
    """Return one plan for all the segments asked.

    Args:
        asked: Slugs.
        find: Gives the resolved rule of a slug, of those asked and of those that they name by `in segment`.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone, for ages, birthdays and hours.
        memberships: Table of the recorded memberships, for `joined`, `left` and `ever in`.
        trait_values: Table of the stored traits.
        values: Resolved rules whose bodies are values, asked for beside the segments.

    Raises:
        InputError: when kinds do not fit, or segments wait for one another.
    """
    board = Board()
    columns: dict[str, Column] = {}
    pending: list[str] = []

    def lowering(rule: Rule) -> _RuleLowering:
        return _RuleLowering(
            rule,
            board,
            as_of=as_of,
            zone=zone,
            segment=segment,
            find=find,
            memberships=memberships,
            trait_values=trait_values,
        )

    def segment(slug: str) -> Column:
        if slug in pending:
            raise InputError("language.segment_cycle", path=" → ".join([*pending[pending.index(slug) :], slug]))
        if slug not in columns:
            pending.append(slug)
            condition = lowering(find(slug)).rule()
            pending.pop()
            columns[slug] = board.column(Computed(is_true(condition)))
        return columns[slug]

    chosen = {slug: segment(slug).name for slug in asked}
    told = {name: _asked(board, lowering(rule).value()) for name, rule in (values or {}).items()}
    return Plan(
        as_of=as_of,
        levels=board.levels(),
        columns=chosen,
        everyone=frozenset(slug for slug in chosen if find(slug).everyone),
        lookups=tuple(board.lookups),
        values=told,
    )


def _asked(board: Board, value: Value) -> ValueColumns:
    divisor = None if value.divisor is None else board.column(Computed(value.divisor)).name
    return ValueColumns(value.kind, board.column(Computed(value.expression)).name, divisor, value.scale)


class _RuleLowering(ProfileLowering):
    def rule(self) -> Expr:
        return self._condition(self._rule.body)

    def value(self) -> Value:
        if isinstance(self._rule.body, nodes.CanReceive):
            # whoever asks what it is wants to know why not
            return Value("text", self._reach(self._rule.body))
        return self._present(self._value(self._rule.body))

    def _condition(self, node: Node) -> Expr:
        lowered = self._conditions.get(type(node))
        if lowered is not None:
            return lowered(self, node)
        value = self._value(node)
        if value.kind != "boolean":
            raise self._refuse("not_a_condition", node)
        return value.expression

    def _value(self, node: Node) -> Value:
        lowered = self._values.get(type(node))
        if lowered is not None:
            return lowered(self, node)
        if type(node) in self._conditions:
            return Value("boolean", is_true(self._condition(node)))
        raise self._refuse("not_a_value", node)

    def _and(self, node: nodes.And) -> Expr:
        return all_of(*(self._condition(item) for item in node.items))

    def _or(self, node: nodes.Or) -> Expr:
        return any_of(*(self._condition(item) for item in node.items))

    def _xor(self, node: nodes.Xor) -> Expr:
        left, right = (is_true(self._condition(side)) for side in (node.left, node.right))
        return call("!=", left, right)

    def _not(self, node: nodes.Not) -> Expr:
        return complement(self._condition(node.item))

    def _arithmetic(self, node: nodes.Arithmetic) -> Value:
        return calculate(node.operator, self._number(node.left), self._number(node.right))

    def _if(self, node: nodes.If) -> Value:
        condition = is_true(self._condition(node.condition))
        then, otherwise = self._pair(node.then, node.otherwise)
        return self._apart(choose([(condition, self._present(then))], self._present(otherwise)))

    def _extreme(self, node: nodes.Extreme) -> Value:
        first, *others = node.values
        values = [self._pair(first, other) for other in others]
        found = [
            self._needs(each, first, "number", "moment", "date")
            for each in (values[0][0], *(other for _, other in values))
        ]
        return self._apart(extreme(node.function, found))

    def _apart(self, value: Value) -> Value:
        """Return a value in a column of its own, where it is one of the profile: it may stand in many rules."""
        if self._event is not None or self._held_field is not None:
            return value
        divisor = None if value.divisor is None else self._board.column(Computed(value.divisor))
        return replace(value, expression=self._board.column(Computed(value.expression)), divisor=divisor)

    # what each kind of node is lowered by; a word is added here and in the family it belongs to
    _conditions: dict[type[Node], Callable[[Any, Any], Expr]] = {  # noqa: RUF012
        nodes.And: _and,
        nodes.Or: _or,
        nodes.Xor: _xor,
        nodes.Not: _not,
        nodes.OfThese: ProfileLowering._of_these,
        nodes.Comparison: ProfileLowering._comparison,
        nodes.Between: ProfileLowering._between,
        nodes.OneOf: ProfileLowering._one_of,
        nodes.Presence: ProfileLowering._presence,
        nodes.TextTest: ProfileLowering._text_test,
        nodes.ListTest: ProfileLowering._list_test,
        nodes.GeoTest: ProfileLowering._geo_test,
        nodes.Within: ProfileLowering._within,
        nodes.Did: ProfileLowering._did,
        nodes.Related: ProfileLowering._related,
        nodes.Sequence: ProfileLowering._sequence,
        nodes.Regularly: ProfileLowering._regularly,
        nodes.Stopped: ProfileLowering._stopped,
        nodes.Resumed: ProfileLowering._resumed,
        nodes.Top: ProfileLowering._top,
        nodes.Changed: ProfileLowering._changed,
        nodes.Held: ProfileLowering._held,
        nodes.Birthday: ProfileLowering._birthday,
        nodes.Anniversary: ProfileLowering._anniversary,
        nodes.InSegment: ProfileLowering._in_segment,
        nodes.InFor: ProfileLowering._in_for,
        nodes.Stay: ProfileLowering._stay,
        nodes.Sample: ProfileLowering._sample,
        nodes.CanReceive: ProfileLowering._can_receive,
    }
    _values: dict[type[Node], Callable[[Any, Any], Value]] = {  # noqa: RUF012
        nodes.Number: lambda _, node: number(node.value),
        nodes.Text: lambda _, node: Value("text", Constant(node.value)),
        nodes.Truth: lambda _, node: Value("boolean", Constant(node.value)),
        nodes.Instant: lambda _, node: Value("moment", Constant(node.at)),
        nodes.EventField: ProfileLowering._event_field,
        nodes.EventClock: ProfileLowering._clock,
        nodes.ProductField: ProfileLowering._product_field,
        nodes.Property: ProfileLowering._property,
        nodes.Attribute: ProfileLowering._attribute,
        nodes.StoredTrait: ProfileLowering._stored_trait,
        nodes.PreviousValue: ProfileLowering._previous_value,
        nodes.Age: ProfileLowering._age,
        nodes.Consent: ProfileLowering._consent,
        nodes.Aggregate: ProfileLowering._aggregate,
        nodes.ValueAt: ProfileLowering._value_at,
        nodes.Revenue: ProfileLowering._revenue,
        nodes.Arithmetic: _arithmetic,
        nodes.If: _if,
        nodes.Extreme: _extreme,
        nodes.StoreValue: ProfileLowering._store,
        nodes.PopulationValue: ProfileLowering._population,
        nodes.Percentile: ProfileLowering._percentile,
        nodes.Decile: ProfileLowering._decile,
        nodes.Rank: ProfileLowering._rank,
    }
