"""What is to be computed, for all segments asked at once, in terms of no engine.

A plan adds columns to the rows of profiles, level by level: a column reads the columns of lower levels only.
Equal columns are one column, however many segments need them. Expressions use a small fixed set of operations
(`Call`), which each engine's renderer must have; nothing in a plan depends on a clock, a zone or an engine.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime

    from tesela.language.nodes import Bounds, ConsentPart, Kind, Quantifier
    from tesela.language.text_checks import TextCheck
    from tesela.warehouse import Table

Operation = Literal[
    "+", "-", "*",
    "=", "!=", "<", "<=", ">", ">=",
    "text <", "text <=", "text >", "text >=",  # by code point
    "and", "or", "not", "is_missing", "is_set", "is_true",
    "null_if_zero", "sign", "abs",
    "wide",  # a whole number as one of 128 bits: the branches of a choice must be of one type
    "e4",  # a DECIMAL(18,4) as a whole number of ten-thousandths
    "present",  # a text, missing when it is blank
    "as_e8",  # of a text: its number as a whole number of hundred-millionths; missing when it is none
    "as_moment", "as_date",  # of a text in ISO 8601; missing when it is none
    "year", "month_day",  # of a date; month_day is 100 × month + day
    "order_key",  # (n, d): n × 2^40 / d, cut: orders fractions exactly while d < 2^20
    "bucket",  # (salt): first 8 hexadecimal digits of md5(salt ':' profile id)
    "if",  # (condition, then, otherwise)
    "case",  # (condition, value, condition, value, ..., otherwise): the first that holds
    "epoch_us",  # of a moment: whole microseconds since 1970
    "div", "mod",  # whole division and its rest, of numbers that are not negative
    "property",  # (JSON pointer): text of the event's properties
]  # fmt: skip


LookupSource = Literal["event", "property", "product", "attribute"]


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
class ProductColumn(Expr):
    """A column of the event's product, as last told before the moment of truth."""

    name: str


@dataclass(frozen=True, slots=True)
class HistoryValue(Expr):
    """The value of one row of a field's history, as text."""


@dataclass(frozen=True, slots=True)
class LocalOffset(Expr):
    """What to add to the event's time in UTC to get the profile's local time, in microseconds.

    Attributes:
        zone: Name of the profile's zone.
        lookup: Its answer is the names that there are and that are zones.
        home: The shop's own offset, for profiles without a zone or with an unknown one.
    """

    zone: Expr
    lookup: Lookup
    home: Expr


@dataclass(frozen=True, slots=True)
class RelatedEvents(Expr):
    """Whether an event has related events: with the same value of a column; of orders, of the same source too.

    Attributes:
        quantifier: `any`: one that satisfies `where`; `all`: there are some, and each does; `none`: no one does.
        event: Name of the related events in the warehouse.
        key: Column that both share; an event without it has no related ones.
        bounds: When they happened.
        where: What is asked of them; two-valued.
    """

    quantifier: Quantifier
    event: str
    key: str
    bounds: Bounds
    where: Expr | None = None


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
        source: `event` (a column of events), `property` (of events), `product` (a column of products) or
            `attribute`.
        event: Event whose values are asked for; None is any.
        field: Column, JSON pointer of the property, or attribute.
        check: The test.
    """

    source: LookupSource
    event: str | None
    field: str
    check: TextCheck


# --- columns ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Definition:
    """How a column is computed."""


EventFunction = Literal[
    "count", "sum", "min", "max", "distinct", "groups", "mode", "first_value", "last_value",
    "median_sum", "median_count",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventAggregate(Definition):
    """A value over a profile's events of one name.

    Attributes:
        function: `groups` is the size of the largest group of `value`, `mode` the smallest of its most
            frequent values; `first_value` and `last_value` are `value` at the ends of the order (occurred_at,
            source, message id); `median_sum` and `median_count` are sum and number of the one or two values
            in the middle.
        event: Name in the warehouse; None is any event.
        bounds: When; its end is at most the moment of truth.
        value: What is aggregated; None counts events.
        where: Which events.
        since: A time of the profile; only events later than it.
    """

    function: EventFunction
    event: str | None
    bounds: Bounds
    value: Expr | None = None
    where: Expr | None = None
    since: Expr | None = None


@dataclass(frozen=True, slots=True)
class SequenceStep:
    """One step of a sequence.

    Attributes:
        event: Name in the warehouse.
        where: Which events.
        negated: Whether there must be none between the positive step before it and the next, or `within_us`.
        within_us: Microseconds after the positive step before it, the last one included; None is any.
        same: Values that are there and as in the positive step before it.
    """

    event: str
    where: Expr | None = None
    negated: bool = False
    within_us: int | None = None
    same: tuple[Expr, ...] = ()


@dataclass(frozen=True, slots=True)
class SequenceMet(Definition):
    """Whether some choice of a profile's events meets the steps, the positive ones inside the bounds."""

    steps: tuple[SequenceStep, ...]
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class FieldChanges(Definition):
    """How often a field took a value different from the one before, inside the bounds; zero is none."""

    field: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class PreviousFieldValue(Definition):
    """The value that a field had before its last change, as text."""

    field: str


@dataclass(frozen=True, slots=True)
class FieldHeld(Definition):
    """Whether every value that a field had from a moment on satisfies a condition on `HistoryValue`."""

    field: str
    start: datetime
    where: Expr


@dataclass(frozen=True, slots=True)
class ConsentValue(Definition):
    """What an address of the profile said last about a channel and purpose; of two at one time the no.

    Attributes:
        part: `status` (yes or no), `at` (when) or `source` (to whom).
        address: The address; None takes what any address of the profile said.
    """

    part: ConsentPart
    channel: str
    purpose: str
    address: Expr | None = None


@dataclass(frozen=True, slots=True)
class Reach(Definition):
    """Whether the profile can be written to: `yes`, or why not, as `tesela.profiles.ReceivingQuery` tells it.

    Attributes:
        channel: Which channel.
        purpose: What for.
        address: Its address; None where the person is the address.
    """

    channel: str
    purpose: str
    address: Expr | None = None


@dataclass(frozen=True, slots=True)
class RecordedStay(Definition):
    """Whether the recorded memberships of a segment hold a stay of the profile.

    Attributes:
        table: Memberships: segment, profile_id, entered_at, left_at, recorded_at, left_recorded_at.
        segment: Slug.
        function: `entered` and `left`: inside the bounds; `stayed`: some instant of them; `held`: all of them.
        bounds: When.
    """

    table: Table
    segment: str
    function: Literal["entered", "left", "stayed", "held"]
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class StoredTraitValue(Definition):
    """The stored value of a trait of the newest moment that is not later, as text.

    Attributes:
        table: Trait values: profile_id, trait, as_of, value.
        trait: Slug.
    """

    table: Table
    trait: str


@dataclass(frozen=True, slots=True)
class AttributeValue(Definition):
    """The value of a profile's field at the moment of truth, as text."""

    field: str


@dataclass(frozen=True, slots=True)
class Computed(Definition):
    """An expression over columns of lower levels."""

    expression: Expr


FoldFunction = Literal["count", "sum", "min", "max", "median_sum", "median_count"]


@dataclass(frozen=True, slots=True)
class Fold(Definition):
    """One figure over the population: the rows for which `member` holds; missing values are left out.

    Attributes:
        function: `median_sum` and `median_count` are sum and number of the one or two values in the middle.
        value: What is folded.
        member: Whose values.
        per: A value that the row shares with those that are folded; missing where it is.
    """

    function: FoldFunction
    value: Expr
    member: Expr
    per: Expr | None = None


@dataclass(frozen=True, slots=True)
class StoreMedian(Definition):
    """Sum or number of the one or two middle values over the events of all members of the population."""

    part: Literal["sum", "count"]
    event: str | None
    bounds: Bounds
    value: Expr
    member: Expr
    where: Expr | None = None


@dataclass(frozen=True, slots=True)
class Standing(Definition):
    """How many of the population have a smaller or larger value than the row's; missing without a value.

    Attributes:
        direction: Which are counted.
        value: What is compared.
        member: Who is counted.
        per: A value that the row shares with those that are counted; missing where it is.
    """

    direction: Literal["smaller", "larger"]
    value: Expr
    member: Expr
    per: Expr | None = None


@dataclass(frozen=True, slots=True)
class ValueColumns:
    """Where a value of a rule is found: `column` / `divisor` / 10^`scale`.

    Attributes:
        kind: What it is.
        column: Column of the value; of a number the whole numerator.
        divisor: Column of what a number is divided by; None is 1.
        scale: Of a number: how many decimals the numerator carries.
    """

    kind: Kind
    column: str
    divisor: str | None = None
    scale: int = 0


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a set of segments needs, and which column says who is in each.

    Attributes:
        as_of: The moment of truth, naive UTC.
        levels: Columns by name, in the order in which levels must be computed.
        columns: Column of each segment by its slug; true, false, never missing.
        everyone: Slugs whose base includes anonymous visitors.
        lookups: Tests on text whose answers `render` needs.
        values: Values asked for beside the segments, by name.
    """

    as_of: datetime
    levels: tuple[Mapping[str, Definition], ...]
    columns: Mapping[str, str]
    everyone: frozenset[str] = frozenset()
    lookups: tuple[Lookup, ...] = field(default=())
    values: Mapping[str, ValueColumns] = field(default_factory=dict)

    @property
    def asks_population(self) -> bool:
        """Whether a column is about the population, so that it cannot be computed for some profiles alone."""
        of_all = (Fold, Standing, StoreMedian)
        return any(isinstance(each, of_all) for level in self.levels for each in level.values())

    def value(self, row: Mapping[str, Any], name: str) -> Any:
        """Return one of the values asked for, from the row of one profile: numbers are exact, missing is None."""
        told = self.values[name]
        found = row[told.column]
        if told.kind != "number" or found is None:
            return found
        divisor = 1 if told.divisor is None else row[told.divisor]
        return None if divisor is None else Decimal(int(found)) / Decimal(int(divisor)) / 10**told.scale

    def needs(self, column: str) -> Iterator[Definition]:
        """Yield the definitions that a column is made of, itself included, each once."""
        known = {name: each for level in self.levels for name, each in level.items()}
        waiting, seen = [column], set[str]()
        while waiting:
            name = waiting.pop()
            if name not in seen:
                seen.add(name)
                yield known[name]
                waiting += columns_in(known[name])


def parts(whole: object) -> Iterator[object]:
    """Yield an expression or definition and everything inside it."""
    waiting = [whole]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Among):
            # the items may be a million written values
            waiting.append(one.value)
        elif isinstance(one, tuple):
            waiting.extend(reversed(one))
        elif not isinstance(one, Lookup):
            waiting.extend(getattr(one, name) for name in reversed(field_names(type(one))))


def field_names(kind: type[Any]) -> tuple[str, ...]:
    """Return the names of a part's fields; of what has none, nothing."""
    if kind not in _FIELDS:
        _FIELDS[kind] = tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
    return _FIELDS[kind]


# looked up for every part of every rule
_FIELDS: dict[type[Any], tuple[str, ...]] = {}


def columns_in(whole: object) -> Iterator[str]:
    """Name the columns of the profile's row that an expression or definition reads."""
    return (each.name for each in parts(whole) if isinstance(each, Column))
