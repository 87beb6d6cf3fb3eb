"""What is never missing: there a condition needs nothing that turns missing into false, which costs engines time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.language.plan import (
    Among,
    Call,
    Column,
    Computed,
    Constant,
    EventAggregate,
    FieldChanges,
    FieldHeld,
    RecordedStay,
    SequenceMet,
)

if TYPE_CHECKING:
    from collections.abc import Set

    from tesela.language.plan import Definition, Expr, Plan

_ALWAYS = frozenset({"is_missing", "is_set", "is_true"})
_WHERE_ALL_ARE = frozenset(
    {
        "+",
        "-",
        "*",
        "=",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "text <",
        "text <=",
        "text >",
        "text >=",
        "and",
        "or",
        "not",
        "abs",
    }
)
ZERO_OVER_NOTHING = ("count", "sum", "distinct")
"""Aggregates that are zero where there is no event."""


def present_columns(plan: Plan) -> frozenset[str]:
    """Name the columns of a plan that have a value for every profile."""
    found: set[str] = set()
    for level in plan.levels:
        found |= {name for name, each in level.items() if _is_present(each, found)}
    return frozenset(found)


def has_value(expression: Expr, columns: Set[str]) -> bool:
    """Return whether an expression always has a value, given the columns that have."""
    if isinstance(expression, Column):
        return expression.name in columns
    if isinstance(expression, Constant):
        return expression.value is not None
    if isinstance(expression, Among):
        return has_value(expression.value, columns)
    if not isinstance(expression, Call):
        return False
    if expression.operation == "if":
        return all(has_value(each, columns) for each in expression.arguments[1:])
    return expression.operation in _ALWAYS or (
        expression.operation in _WHERE_ALL_ARE and all(has_value(each, columns) for each in expression.arguments)
    )


def _is_present(definition: Definition, columns: Set[str]) -> bool:
    if isinstance(definition, Computed):
        return has_value(definition.expression, columns)
    if isinstance(definition, EventAggregate):
        return definition.function in ZERO_OVER_NOTHING
    return isinstance(definition, SequenceMet | FieldChanges | FieldHeld | RecordedStay)
