"""Comparisons: signs, ranges, lists, texts, places, windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tesela.language.lowering.base import Lowering, is_typed_literal
from tesela.language.lowering.values import (
    FALSE,
    Value,
    all_of,
    any_of,
    calculate,
    call,
    compare,
    complement,
    is_set,
    is_true,
    number,
)
from tesela.language.nodes import (
    Aggregate,
    Attribute,
    Between,
    Bounds,
    Comparison,
    EventField,
    GeoTest,
    Instant,
    Length,
    ListTest,
    Number,
    OfThese,
    OneOf,
    Presence,
    PreviousValue,
    ProductField,
    Property,
    TextTest,
    Truth,
    ValueAt,
    Within,
)
from tesela.language.plan import Among, Computed, Constant, Expr
from tesela.language.text_checks import (
    Compared,
    ComparedWithList,
    InRange,
    ListHas,
    ListLength,
    Matches,
    PlaceTest,
    pattern_fault,
)
from tesela.language.walking import walk

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date, datetime
    from decimal import Decimal

    from tesela.language.nodes import ComparisonOperator, Node
    from tesela.language.plan import LookupSource

_TURNED: dict[ComparisonOperator, ComparisonOperator] = {
    "=": "=", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=",
}  # fmt: skip


class Comparisons(Lowering):
    """Lowers conditions that set values side by side."""

    def _comparison(self, node: Comparison) -> Expr:
        if isinstance(node.left, Length) or isinstance(node.right, Length):
            return self._length(node)
        if self._is_own_text(node.left) and is_typed_literal(node.right):
            return self._compared_text(node.left, node.operator, node.right)
        if self._is_own_text(node.right) and is_typed_literal(node.left):
            return self._compared_text(node.right, _TURNED[node.operator], node.left)
        left, right = self._pair(node.left, node.right)
        if node.operator != "=" or not (left.is_written or right.is_written):
            left, right = self._present(left), self._present(right)
        if _is_blank(left) or _is_blank(right):
            return FALSE
        return compare(node.operator, left, right)

    def _compared_text(self, field: Node, operator: ComparisonOperator, literal: Node) -> Expr:
        return self._checked(field, Compared(operator, _typed(literal), self._zone.key))

    def _length(self, node: Comparison) -> Expr:
        length, other, operator = node.left, node.right, node.operator
        if not isinstance(length, Length):
            length, other, operator = other, length, _TURNED[operator]
        if not isinstance(length, Length) or not isinstance(other, Number) or other.value % 1 or other.value < 0:
            raise self._refuse("length_needs_number", node)
        return self._checked(length.value, ListLength(operator, other.value))

    def _between(self, node: Between) -> Expr:
        if self._is_own_text(node.value) and is_typed_literal(node.low) and is_typed_literal(node.high):
            signs: tuple[ComparisonOperator, ComparisonOperator] = ("<", ">") if node.negated else (">=", "<=")
            sides = (
                self._compared_text(node.value, sign, bound)
                for sign, bound in zip(signs, (node.low, node.high), strict=True)
            )
            return any_of(*sides) if node.negated else all_of(*sides)
        low_side, low = (self._present(each) for each in self._pair(node.value, node.low))
        high_side, high = (self._present(each) for each in self._pair(node.value, node.high))
        if not node.negated:
            return all_of(compare(">=", low_side, low), compare("<=", high_side, high))
        outside = any_of(compare("<", low_side, low), compare(">", high_side, high))
        return all_of(outside, *(is_set(bound) for bound in (low, high) if not bound.is_written))

    def _presence(self, node: Presence) -> Expr:
        present = is_set(self._present(self._value(node.value)))
        return present if node.is_set else complement(present)

    # --- lists --------------------------------------------------------------------------------------------

    def _one_of(self, node: OneOf) -> Expr:
        if (node.items or node.numbers) and self._is_own_text(node.value):
            return self._own_one_of(node)
        value = self._value(node.value)
        kinds = {"text": node.texts, "number": node.numbers}
        if any(listed for kind, listed in kinds.items() if kind != value.kind):
            raise self._refuse("different_kinds", node)
        items = [self._like(value, item, node) for item in node.items]
        if node.texts:
            listed: Expr = _among(value.expression, (each for each in node.texts if each.strip()))
        elif value.divisor is not None:
            listed = any_of(*(compare("=", value, each) for each in (*items, *map(number, node.numbers))))
        elif node.numbers:
            listed = _among_numbers(value, node.numbers)
        else:
            listed = _among(value.expression, (cast("Constant", item.expression).value for item in items))
        return all_of(is_set(self._present(value)), complement(listed)) if node.negated else listed

    def _own_one_of(self, node: OneOf) -> Expr:
        if not all(is_typed_literal(item) for item in node.items):
            raise self._refuse("different_kinds", node)
        values = (*node.numbers, *map(_typed, node.items))
        return self._checked(node.value, ComparedWithList(values, node.negated, self._zone.key))

    def _list_test(self, node: ListTest) -> Expr:
        item = None
        if node.kind is not None:
            self._check_pattern(node.kind, node.needle, node, exactly=node.exactly)
            item = Matches(node.kind, node.needle, node.exactly)
        return self._checked(node.value, ListHas(node.quantifier, node.items, item))

    def _of_these(self, node: OfThese) -> Expr:
        held = _sum([call("if", self._counted(item), Constant(1), Constant(0)) for item in node.items])
        if node.minimum is not None and node.minimum == node.maximum:
            return call("=", held, Constant(node.minimum))
        return all_of(
            call(">=", held, Constant(node.minimum)) if node.minimum is not None else None,
            call("<=", held, Constant(node.maximum)) if node.maximum is not None else None,
        )

    def _counted(self, item: Node) -> Expr:
        """Return a condition that is counted; a column of its own when it counts others, for sums grow deep fast."""
        condition = is_true(self._condition(item))
        is_apart = self._event is None and any(isinstance(part, OfThese) for part in walk(item))
        return self._board.column(Computed(condition)) if is_apart else condition

    # --- texts and places ---------------------------------------------------------------------------------

    def _text_test(self, node: TextTest) -> Expr:
        self._check_pattern(node.kind, node.needle, node, exactly=node.exactly)
        matched = self._checked(node.value, Matches(node.kind, node.needle, node.exactly))
        if not node.negated:
            return matched
        return all_of(is_set(self._present(self._value(node.value))), complement(matched))

    def _check_pattern(self, kind: str, needle: str, node: Node, *, exactly: bool) -> None:
        fault = pattern_fault(needle, exactly=exactly) if kind == "matches" else None
        if fault:
            raise self._refuse("bad_pattern", node, pattern=needle, reason=fault)

    def _geo_test(self, node: GeoTest) -> Expr:
        return self._checked(node.value, PlaceTest(node.kind, node.points, node.kilometres))

    def _lookup_source(self, node: Node) -> tuple[LookupSource, str | None, str]:
        event = self._event
        if isinstance(node, ValueAt):
            event, node = self._stored_name(node.events.name), node.value
        elif isinstance(node, Aggregate) and node.function == "mode" and node.events.value is not None:
            event, node = self._stored_name(node.events.name), node.events.value
        elif isinstance(node, PreviousValue):
            node = node.field
        if isinstance(node, EventField):
            return "event", event, node.column
        if isinstance(node, Property):
            return "property", event, json_pointer(node.key)
        if isinstance(node, ProductField):
            return "product", None, node.column
        if isinstance(node, Attribute):
            return "attribute", None, node.field
        raise self._refuse("needs_text_field", node)

    def _stored_name(self, event: str | None) -> str | None:
        raise NotImplementedError

    # --- windows ------------------------------------------------------------------------------------------

    def _within(self, node: Within) -> Expr:
        bounds = cast("Bounds", node.window)
        if self._is_own_text(node.value):
            return self._checked(node.value, InRange(((bounds.start, bounds.end),), self._zone.key))
        value = self._value(node.value)
        if value.kind == "moment":
            return inside(value.expression, bounds.start, bounds.end)
        if value.kind != "date":
            raise self._refuse("needs_moment", node.value)
        if bounds.days is None:
            raise self._refuse("window_of_date", node)
        return inside(value.expression, *bounds.days)

    # --- two sides ----------------------------------------------------------------------------------------

    def _pair(self, left: Node, right: Node) -> tuple[Value, Value]:
        """Return two values that can be compared."""
        first = self._value(left)
        second = self._like(first, right, left)
        if first.kind != second.kind and isinstance(left, Instant):
            first = self._like(second, left, right)
        if first.kind != second.kind:
            raise self._refuse("different_kinds", left)
        return first, second

    def _like(self, value: Value, node: Node, beside: Node) -> Value:
        """Return the value of a node that stands beside another; a bare date fits dates too."""
        if isinstance(node, Instant) and value.kind == "date" and node.day is not None:
            return Value("date", Constant(node.day))
        other = self._value(node)
        if other.kind != value.kind and not isinstance(beside, Instant):
            raise self._refuse("different_kinds", beside)
        return other


def _sum(terms: list[Expr]) -> Expr:
    """Return the sum of some terms, by halves, so that a long one is not deep."""
    if len(terms) == 1:
        return terms[0]
    middle = len(terms) // 2
    return call("+", _sum(terms[:middle]), _sum(terms[middle:]))


def json_pointer(key: str) -> str:
    """Return the JSON pointer of a property."""
    return "/" + key.replace("~", "~0").replace("/", "~1")


def inside(expression: Expr, start: date | None, end: date | None) -> Expr:
    """Return whether a time or date lies in half-open bounds; missing when it is."""
    return all_of(
        call("is_set", expression) if start is None and end is None else None,
        call(">=", expression, Constant(start)) if start is not None else None,
        call("<", expression, Constant(end)) if end is not None else None,
    )


def _typed(literal: Node) -> Decimal | datetime | bool:
    if isinstance(literal, Instant):
        return literal.at
    return cast("Number | Truth", literal).value


def _is_blank(value: Value) -> bool:
    return isinstance(value.expression, Constant) and value.kind == "text" and not str(value.expression.value).strip()


def _among_numbers(value: Value, numbers: tuple[Decimal, ...]) -> Expr:
    """Return whether a number is one of a list; both get the same decimals."""
    whole = [int(each) for each in numbers]
    decimals = 0 if whole == list(numbers) else max(-cast("int", each.as_tuple().exponent) for each in numbers)
    scale = max(value.scale, decimals)
    scaled = calculate("*", value, Value("number", Constant(10 ** (scale - value.scale)))) if scale else value
    raised = (int(each.scaleb(scale)) for each in numbers) if decimals else (each * 10**scale for each in whole)
    return _among(scaled.expression, raised)


def _among(expression: Expr, items: Iterable[object]) -> Expr:
    distinct = tuple(dict.fromkeys(items))
    return Among(expression, cast("tuple[int, ...]", distinct)) if distinct else FALSE
