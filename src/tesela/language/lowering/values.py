"""Typed values while lowering: exact numbers as fractions of whole numbers.

A number is `expression / divisor / 10^scale`, all of them whole, so that averages, shares and money are
compared by cross-multiplication in 128 bits and never rounded (LANGUAGE.md, Numbers).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from tesela.language.plan import Call, Constant, Expr, Operation

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from tesela.language.nodes import ArithmeticOperator, ComparisonOperator, ExtremeFunction, Kind

FALSE = Constant(False)
TRUE = Constant(True)
MISSING = Constant(None)
_TWO_VALUED: frozenset[Operation] = frozenset({"is_missing", "is_set", "is_true", "not"})


@dataclass(frozen=True, slots=True)
class Value:
    """A value with its kind; missing when its expression or its divisor is.

    Attributes:
        kind: What it can be compared with.
        expression: The value; of a number the whole numerator.
        divisor: Of a number: positive, or missing; None is 1.
        scale: Of a number: how many decimals the numerator carries.
    """

    kind: Kind
    expression: Expr
    divisor: Expr | None = None
    scale: int = 0

    @property
    def is_written(self) -> bool:
        """Whether it stands in the rule itself and so is never missing."""
        return isinstance(self.expression, Constant) and self.divisor is None


def number(written: Decimal) -> Value:
    """Return a written number as a whole numerator and its decimals.

    Example:
        >>> from decimal import Decimal
        >>> number(Decimal("0.90")).scale
        1
    """
    plain = written.normalize()
    _, _, exponent = plain.as_tuple()
    scale = max(0, -exponent) if isinstance(exponent, int) else 0
    return Value("number", Constant(int(plain.scaleb(scale))), scale=scale)


def call(operation: Operation, *arguments: Expr) -> Call:
    """Return an operation on expressions."""
    return Call(operation, arguments)


def all_of(*conditions: Expr | None) -> Expr:
    """Return the conjunction of the conditions that are given."""
    given = tuple(each for each in conditions if each is not None and each != TRUE)
    if FALSE in given:
        return FALSE
    return given[0] if len(given) == 1 else Call("and", given) if given else TRUE


def any_of(*conditions: Expr) -> Expr:
    """Return the disjunction of conditions."""
    return conditions[0] if len(conditions) == 1 else Call("or", conditions)


def is_true(condition: Expr) -> Expr:
    """Return the condition with a missing answer turned into false."""
    if isinstance(condition, Call) and condition.operation in _TWO_VALUED:
        return condition
    if isinstance(condition, Constant) and condition.value is not None:
        return condition
    return call("is_true", condition)


def complement(condition: Expr) -> Expr:
    """Return what the prefix `not` means: true exactly where the condition is not."""
    return call("not", is_true(condition))


def is_set(value: Value) -> Expr:
    """Return whether a value is there."""
    return all_of(*(call("is_set", part) for part in (value.expression, value.divisor) if part is not None))


def compare(operator: ComparisonOperator, left: Value, right: Value) -> Expr:
    """Return the comparison of two values of one kind; missing when either is."""
    if left.kind == "text" and operator not in ("=", "!="):
        return call(cast("Operation", f"text {operator}"), left.expression, right.expression)
    if left.kind != "number":
        return call(operator, left.expression, right.expression)
    scale = max(left.scale, right.scale)
    return call(
        operator,
        _times(left.expression, right.divisor, 10 ** (scale - left.scale)),
        _times(right.expression, left.divisor, 10 ** (scale - right.scale)),
    )


def calculate(operator: ArithmeticOperator, left: Value, right: Value) -> Value:
    """Return the exact sum, difference, product or quotient of two numbers."""
    if operator == "*":
        divisor = _product(left.divisor, right.divisor)
        return Value("number", _times(left.expression, right.expression), divisor, left.scale + right.scale)
    if operator == "/":
        return _quotient(left, right)
    scale = max(left.scale, right.scale)
    first = _times(left.expression, right.divisor, 10 ** (scale - left.scale))
    second = _times(right.expression, left.divisor, 10 ** (scale - right.scale))
    return Value("number", call(operator, first, second), _product(left.divisor, right.divisor), scale)


def choose(pairs: Sequence[tuple[Expr, Value]], otherwise: Value) -> Value:
    """Return the value of the first condition that holds, else another; all of one kind.

    Args:
        pairs: Two-valued conditions, each with its value.
        otherwise: The value where none holds.
    """
    values = [*(value for _, value in pairs), otherwise]
    conditions = [condition for condition, _ in pairs]
    if otherwise.kind != "number":
        return Value(otherwise.kind, _case(conditions, [value.expression for value in values]))
    scale = max(value.scale for value in values)
    numerators = [_times(value.expression, None, 10 ** (scale - value.scale)) for value in values]
    divisors = [value.divisor or Constant(1) for value in values]
    has_divisor = any(value.divisor is not None for value in values)
    chosen, divisor = (_case(conditions, [_wide(each) for each in side]) for side in (numerators, divisors))
    return Value("number", chosen, divisor if has_divisor else None, scale)


def extreme(function: ExtremeFunction, values: Sequence[Value]) -> Value:
    """Return the smallest or largest of some values of one kind; missing where any is."""
    operator: ComparisonOperator = "<=" if function == "least" else ">="
    missing = [call("not", is_set(value)) for value in values if not value.is_written]
    pairs = [(any_of(*missing), Value(values[0].kind, MISSING))] if missing else []
    for place, value in enumerate(values[:-1]):
        others = (is_true(compare(operator, value, other)) for n, other in enumerate(values) if n != place)
        pairs.append((all_of(*others), value))
    return choose(pairs, values[-1])


def _wide(expression: Expr) -> Expr:
    """Return a whole number in 128 bits: some engines refuse branches of different types."""
    return expression if isinstance(expression, Constant) else call("wide", expression)


def _case(conditions: Sequence[Expr], values: Sequence[Expr]) -> Expr:
    told = [each for pair in zip(conditions, values, strict=False) for each in pair]
    return Call("case", (*told, values[-1]))


def ratio(part: Value, whole: Value) -> Value:
    """Return part / whole where the whole is never negative; missing when it is zero."""
    return Value("number", part.expression, call("null_if_zero", whole.expression), part.scale - whole.scale)


def order_key(value: Value) -> Expr:
    """Return an expression that orders as the value does, and is equal exactly where it is."""
    if value.divisor is None:
        return value.expression
    return call("order_key", value.expression, value.divisor)


def _quotient(left: Value, right: Value) -> Value:
    """Divide; the sign goes to the numerator so that divisors stay positive."""
    signed = _times(left.expression, call("sign", right.expression))
    numerator = _times(signed, right.divisor)
    divisor = _product(left.divisor, call("null_if_zero", call("abs", right.expression)))
    scale = left.scale - right.scale
    if scale < 0:
        numerator, scale = _times(numerator, None, 10**-scale), 0
    return Value("number", numerator, divisor, scale)


def _product(left: Expr | None, right: Expr | None) -> Expr | None:
    if left is None or right is None:
        return left if right is None else right
    return _times(left, right)


def _times(expression: Expr, other: Expr | None, factor: int = 1) -> Expr:
    """Multiply, doing at once what stands in the rule itself."""
    if isinstance(other, Constant) and isinstance(other.value, int):
        factor, other = factor * other.value, None
    if isinstance(expression, Constant) and isinstance(expression.value, int):
        if other is None:
            return Constant(expression.value * factor)
        factor, expression, other = factor * expression.value, other, None
    if other is not None:
        expression = call("*", expression, other)
    return expression if factor == 1 else call("*", expression, Constant(factor))
