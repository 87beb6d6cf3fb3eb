"""What is to be computed, for all segments asked at once, in terms of no engine.

A plan adds columns to the rows of profiles, level by level: a column reads the columns of lower levels only.
Equal columns are one column, however many segments need them. Expressions use a small fixed set of operations
(`Call`), which each engine's renderer must have; nothing in a plan depends on a clock, a zone or an engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

    from tesela.language.nodes import Bounds, TextTestKind

Operation = Literal[
    "+", "-", "*",
    "=", "!=", "<", "<=", ">", ">=",
    "and", "or", "not", "is_missing", "is_set", "is_true",
    "null_if_zero", "sign", "abs",
    "e4",  # a DECIMAL(18,4) as a whole number of ten-thousandths
    "present",  # a text, missing when it is blank
    "as_moment", "as_date",  # of a text in ISO 8601; missing when it is none
    "year", "month_day",  # of a date; month_day is 100 × month + day
    "order_key",  # (n, d): n × 2^40 / d, cut: orders fractions exactly while d < 2^20
    "bucket",  # (salt): first 8 hexadecimal digits of md5(salt ':' profile id)
    "if",  # (condition, then, otherwise)
    "property",  # (JSON pointer): text of the event's properties
]  # fmt: skip


LookupSource = Literal["event", "property", "attribute"]


@dataclass(frozen=True, slots=True)
class Expr:
    """A value or condition of one row."""


@dataclass(frozen=True, slots=True)
class Constant(Expr):
    """A value that is bound; None is a missing one."""

    value: int | str | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Column(Expr):
    """A column of the profile's row."""

    name: str


@dataclass(frozen=True, slots=True)
class EventColumn(Expr):
    """A column of the event."""

    name: str


@dataclass(frozen=True, slots=True)
class Known(Expr):
    """Whether the profile is known: true for the base, false for anonymous visitors."""


@dataclass(frozen=True, slots=True)
class Call(Expr):
    """An operation on other expressions."""

    operation: Operation
    arguments: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Among(Expr):
    """Whether a value is one of a list."""

    value: Expr
    items: tuple[int | str | datetime, ...]


@dataclass(frozen=True, slots=True)
class Matched(Expr):
    """Whether a text is one of the distinct values that a lookup's test holds for."""

    value: Expr
    lookup: Lookup


@dataclass(frozen=True, slots=True)
class Lookup:
    """A test on text, answered in Python over the distinct values of the field (LANGUAGE.md, Text).

    Attributes:
        source: `event` (a column or property of events) or `attribute`.
        event: Event whose values are asked for; None is any.
        field: Column, JSON pointer of the property, or attribute.
        kind, needle, exactly: The test.
    """

    source: LookupSource
    event: str | None
    field: str
    kind: TextTestKind
    needle: str
    exactly: bool


# --- columns ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Definition:
    """How a column is computed."""


@dataclass(frozen=True, slots=True)
class EventAggregate(Definition):
    """A value over a profile's events of one name.

    Attributes:
        function: `groups` is the size of the largest group of `value`; `first_value` and `last_value` are
            `value` at the ends of the order (occurred_at, source, message id).
        event: Name in the warehouse; None is any event.
        bounds: When; its end is at most the moment of truth.
        value: What is aggregated; None counts events.
        where: Which events.
        since: A time of the profile; only events later than it.
    """

    function: Literal["count", "sum", "min", "max", "distinct", "groups", "first_value", "last_value"]
    event: str | None
    bounds: Bounds
    value: Expr | None = None
    where: Expr | None = None
    since: Expr | None = None


@dataclass(frozen=True, slots=True)
class AttributeValue(Definition):
    """The value of a profile's field at the moment of truth, as text."""

    field: str


@dataclass(frozen=True, slots=True)
class Computed(Definition):
    """An expression over columns of lower levels."""

    expression: Expr


@dataclass(frozen=True, slots=True)
class Fold(Definition):
    """One figure over the population: the rows for which `member` holds; missing values are left out."""

    function: Literal["count", "sum", "min", "max"]
    value: Expr
    member: Expr


@dataclass(frozen=True, slots=True)
class Standing(Definition):
    """How many of the population have a smaller or larger value than the row's; missing without a value."""

    direction: Literal["smaller", "larger"]
    value: Expr
    member: Expr


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a set of segments needs, and which column says who is in each.

    Attributes:
        as_of: The moment of truth, naive UTC.
        levels: Columns by name, in the order in which levels must be computed.
        columns: Column of each segment by its slug; true, false, never missing.
        everyone: Slugs whose base includes anonymous visitors.
        lookups: Tests on text whose answers `render` needs.
    """

    as_of: datetime
    levels: tuple[Mapping[str, Definition], ...]
    columns: Mapping[str, str]
    everyone: frozenset[str] = frozenset()
    lookups: tuple[Lookup, ...] = field(default=())
