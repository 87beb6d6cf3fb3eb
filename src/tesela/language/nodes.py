"""The one typed tree of the segment language: values and conditions are the same kind of thing.

A notation (text today; JSON, YAML and the plain sentence are others of the same tree) is parsed into these
nodes. Two nodes are equal when they mean the same, wherever they stood: spans are left out of comparison, so
equal parts of many rules are found by hashing. `resolve` puts the nodes of the last section in the place of
names, moments and windows.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tesela.base import Unit

Kind = Literal["number", "text", "moment", "date", "boolean"]

ComparisonOperator = Literal["=", "!=", "<", "<=", ">", ">="]
ArithmeticOperator = Literal["+", "-", "*", "/"]
TextTestKind = Literal["contains", "starts with", "ends with", "matches"]
AggregateFunction = Literal["count", "sum", "avg", "min", "max", "distinct", "first", "last", "share", "most"]
PopulationFunction = Literal["count", "sum", "avg", "min", "max"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a node stood in its text: offsets of its first character and of the one after its last."""

    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Node:
    """A part of a rule.

    Attributes:
        span: Where it stood, for errors; no part of what it means.
    """

    span: Span = field(default=Span(), compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Rule(Node):
    """A whole rule: what makes a profile a member, and who is asked.

    Attributes:
        body: The condition.
        everyone: Whether anonymous visitors are asked too (`among everyone`).
        text: The text it was parsed from, to show errors in; empty when it came otherwise.
    """

    body: Node
    everyone: bool = False
    text: str = field(default="", compare=False, repr=False)


# --- written values ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Number(Node):
    """An exact number; money is written in the shop's currency, `10%` is 0.1."""

    value: Decimal


@dataclass(frozen=True, slots=True)
class Text(Node):
    """A text in quotes."""

    value: str


@dataclass(frozen=True, slots=True)
class Truth(Node):
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True, slots=True)
class Moment(Node):
    """A date or a time, local to the workspace unless it carries an offset."""

    value: date | datetime


@dataclass(frozen=True, slots=True)
class Name(Node):
    """A name whose meaning depends on where it stands: an attribute, or a field of the event."""

    parts: tuple[str, ...]


# --- windows ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Window(Node):
    """A stretch of time."""


@dataclass(frozen=True, slots=True)
class Rolling(Window):
    """`in last 30 days`, `in next 7 days`: back or forward from the moment of truth."""

    count: int
    unit: Unit
    forward: bool = False


@dataclass(frozen=True, slots=True)
class Calendar(Window):
    """`between D1 and D2`, `on D`, `before D`, `after D`: days of the calendar, both included."""

    word: Literal["between", "on", "before", "after"]
    first: Moment
    last: Moment | None = None


@dataclass(frozen=True, slots=True)
class Previous(Window):
    """`previous month`: the last complete one."""

    unit: Unit


# --- values over events -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Events(Node):
    """Which events, and which field of them.

    Attributes:
        name: What happened; None means any event.
        value: The field asked for, when one is.
        where: Condition on the event's fields.
        window: When.
        since: A time; only events later than it.
    """

    name: str | None
    value: Node | None = None
    where: Node | None = None
    window: Node | None = None
    since: Node | None = None


@dataclass(frozen=True, slots=True)
class Aggregate(Node):
    """A value made of a profile's events: `count(...)`, `last(...)`, `most(... by category)`."""

    function: AggregateFunction
    events: Events
    by: Node | None = None


@dataclass(frozen=True, slots=True)
class ValueAt(Node):
    """`last(e).p`: a field of the first or last event, even when it is missing there."""

    which: Literal["first", "last"]
    events: Events
    value: Node


@dataclass(frozen=True, slots=True)
class Revenue(Node):
    """Orders minus refunds, each by its own time."""

    window: Node | None = None


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`2 * x`, `a - b`; dividing by zero gives a missing value."""

    operator: ArithmeticOperator
    left: Node
    right: Node


# --- values over people -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class StoreValue(Node):
    """`store.avg(order_completed.amount)`: one figure over the events of the whole base."""

    function: PopulationFunction
    events: Events


@dataclass(frozen=True, slots=True)
class PopulationValue(Node):
    """`population.avg(x where c)`: one figure over the profiles of the base that have a value."""

    function: PopulationFunction
    value: Node
    where: Node | None = None


@dataclass(frozen=True, slots=True)
class Percentile(Node):
    """100 × the population's profiles with a smaller value / its profiles with a value."""

    value: Node
    among: Node | None = None


@dataclass(frozen=True, slots=True)
class Rank(Node):
    """1 + the population's profiles with a larger value."""

    value: Node
    among: Node | None = None


@dataclass(frozen=True, slots=True)
class Top(Node):
    """`top 10% by x`: the number of larger values is under the share; ties at the edge are all in."""

    share: Decimal
    value: Node
    among: Node | None = None


# --- conditions -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class And(Node):
    """All of them."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or(Node):
    """At least one of them."""

    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not(Node):
    """The complement: the only word that turns a missing value into true."""

    item: Node


@dataclass(frozen=True, slots=True)
class Did(Node):
    """At least one such event; `never` is its complement."""

    events: Events
    never: bool = False


@dataclass(frozen=True, slots=True)
class Comparison(Node):
    """Two values compared; false when either is missing, `!=` too."""

    operator: ComparisonOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Between(Node):
    """A value from one bound to another, both included."""

    value: Node
    low: Node
    high: Node
    negated: bool = False


@dataclass(frozen=True, slots=True)
class OneOf(Node):
    """A value in a list of written values; a list of texts alone stands in `texts`, for it may be long."""

    value: Node
    items: tuple[Node, ...] = ()
    texts: tuple[str, ...] = ()
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Presence(Node):
    """`x is set`, `x is missing`; blank text is missing."""

    value: Node
    is_set: bool


@dataclass(frozen=True, slots=True)
class TextTest(Node):
    """`contains`, `starts with`, `ends with`, `matches`: case and accents are folded unless `exactly`."""

    kind: TextTestKind
    value: Node
    needle: str
    negated: bool = False
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class Within(Node):
    """A time inside a window: `last(product_added) in last 7 days`."""

    value: Node
    window: Node


@dataclass(frozen=True, slots=True)
class Birthday(Node):
    """`birthday in next 7 days`: today included."""

    days: int


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """Member of another segment, computed at the same moment."""

    slug: str


@dataclass(frozen=True, slots=True)
class Sample(Node):
    """A stable random part of all profiles."""

    share: Decimal
    salt: str


# --- what `resolve` puts in the place of names, moments and windows ---------------------------------------


@dataclass(frozen=True, slots=True)
class EventField(Node):
    """A field of the event, with the column that holds it."""

    name: str
    column: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Property(Node):
    """A fact that the source told and that has no column: `properties.store`. Always text."""

    key: str


@dataclass(frozen=True, slots=True)
class Attribute(Node):
    """A field of the profile, with its value at the moment of truth."""

    field: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Age(Node):
    """Completed years on the local date of the moment of truth."""


@dataclass(frozen=True, slots=True)
class Instant(Node):
    """A moment in UTC; `day` when a bare date was written."""

    at: datetime
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Bounds(Window):
    """Half-open: from `start` (UTC) up to `end`; None is open. `days` are the same as dates, if calendar."""

    start: datetime | None = None
    end: datetime | None = None
    days: tuple[date | None, date | None] | None = None


def fingerprint(node: Node) -> str:
    """Return what tells one meaning from another: equal rules have equal fingerprints, however written.

    Example:
        >>> fingerprint(Number(Decimal("1.50"))) == fingerprint(Number(Decimal("1.5")))
        True
    """
    written = json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _plain(part: object) -> object:
    """Return a node as lists and texts only, without its places."""
    if isinstance(part, Node):
        told = {each.name: _plain(getattr(part, each.name)) for each in fields(part) if each.compare}
        return {"node": type(part).__name__, **told}
    if isinstance(part, tuple):
        return [_plain(each) for each in part]
    if isinstance(part, Decimal):
        return f"{part.normalize():f}"
    if isinstance(part, date):
        return part.isoformat()
    return part
