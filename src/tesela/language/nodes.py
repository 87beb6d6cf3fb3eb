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
ExtremeFunction = Literal["least", "greatest"]
TextTestKind = Literal["contains", "starts with", "ends with", "matches"]
AggregateFunction = Literal[
    "count", "sum", "avg", "min", "max", "median", "mode", "distinct", "first", "last", "share", "most"
]
PopulationFunction = Literal["count", "sum", "avg", "min", "max", "median"]
Quantifier = Literal["any", "all", "none"]
StayWord = Literal["joined", "left", "ever in"]
ConsentPart = Literal["status", "at", "source"]
GeoTestKind = Literal["near", "inside"]
ClockPart = Literal["hour", "weekday"]


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
class Duration(Node):
    """`30 days`: a written length of time."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Rolling(Window):
    """`in last 30 days`, `in next 7 days`: back or forward from the moment of truth.

    Attributes:
        count: How many units.
        unit: Of what.
        forward: Whether it goes into the future.
        calendar: `in last 30 calendar days`: whole units of the calendar, the present one included.
    """

    count: int
    unit: Unit
    forward: bool = False
    calendar: bool = False


@dataclass(frozen=True, slots=True)
class Ago(Window):
    """`between 30 and 60 days ago`: from the farther moment up to the nearer one."""

    near: int
    far: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Current(Window):
    """`this month`, `today`: the unit of the calendar that holds the moment of truth."""

    unit: Unit


@dataclass(frozen=True, slots=True)
class Calendar(Window):
    """`between D1 and D2`, `on D`, `before D`, `after D`: days of the calendar, both included."""

    word: Literal["between", "on", "before", "after"]
    first: Moment
    last: Moment | None = None


@dataclass(frozen=True, slots=True)
class Previous(Window):
    """`previous month`, `previous 3 months`: the last complete ones."""

    unit: Unit
    count: int = 1


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
class TimeSince(Node):
    """`time_since(last(order_completed))`: compared with a duration only."""

    value: Node


@dataclass(frozen=True, slots=True)
class PreviousValue(Node):
    """`previous(city)`: what a field of the profile was before its last change."""

    field: Node


@dataclass(frozen=True, slots=True)
class Consent(Node):
    """`consent(email)`: what the profile's present address said last: `yes`, `no` or nothing; when; to whom."""

    channel: str
    purpose: str = "marketing"
    part: ConsentPart = "status"


@dataclass(frozen=True, slots=True)
class Length(Node):
    """`length(tags)`: how many items a list has; compared with a written number only."""

    value: Node


@dataclass(frozen=True, slots=True)
class Arithmetic(Node):
    """`2 * x`, `a - b`; dividing by zero gives a missing value."""

    operator: ArithmeticOperator
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class If(Node):
    """`if(c, x, y)`: one value where the condition holds, another where it does not; both of one kind."""

    condition: Node
    then: Node
    otherwise: Node


@dataclass(frozen=True, slots=True)
class Extreme(Node):
    """`least(x, y)`, `greatest(x, y)`: the smallest or largest of some values; missing where any is."""

    function: ExtremeFunction
    values: tuple[Node, ...]


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
    per: Node | None = None


@dataclass(frozen=True, slots=True)
class Percentile(Node):
    """100 × the population's profiles with a smaller value / its profiles with a value."""

    value: Node
    among: Node | None = None
    per: Node | None = None


@dataclass(frozen=True, slots=True)
class Decile(Node):
    """Tenth of the population that the percentile falls in, from 1 (smallest values) to 10."""

    value: Node
    among: Node | None = None
    per: Node | None = None


@dataclass(frozen=True, slots=True)
class Rank(Node):
    """1 + the population's profiles with a larger value."""

    value: Node
    among: Node | None = None
    per: Node | None = None


@dataclass(frozen=True, slots=True)
class Top(Node):
    """`top 10% by x`: the number of larger values is under the share; ties at the edge are all in."""

    share: Decimal
    value: Node
    among: Node | None = None
    per: Node | None = None


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
class Xor(Node):
    """Exactly one of the two."""

    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class OfThese(Node):
    """`at least 2 of (…)`, `at most 2 of (…)`, `exactly 2 of (…)`.

    Attributes:
        items: The conditions.
        minimum: How many must hold; None asks for no number.
        maximum: How many may hold; None allows all.
    """

    items: tuple[Node, ...]
    minimum: int | None = None
    maximum: int | None = None


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
    """A value in a list of written values.

    A list of texts alone stands in `texts`, one of numbers alone in `numbers`: either may be a million long.
    """

    value: Node
    items: tuple[Node, ...] = ()
    texts: tuple[str, ...] = ()
    negated: bool = False
    numbers: tuple[Decimal, ...] = ()

    def __post_init__(self) -> None:
        """Put a list of one kind where it belongs."""
        for kind, name in ((Text, "texts"), (Number, "numbers")):
            if self.items and all(isinstance(item, kind) for item in self.items):
                object.__setattr__(self, name, tuple(item.value for item in self.items))  # type: ignore[attr-defined]
                object.__setattr__(self, "items", ())


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
class Anniversary(Node):
    """`anniversary(created_at) in next 7 days`: the date comes round again; today included."""

    value: Node
    days: int


@dataclass(frozen=True, slots=True)
class InSegment(Node):
    """Member of another segment, computed at the same moment."""

    slug: str


@dataclass(frozen=True, slots=True)
class Stay(Node):
    """`joined s in last 7 days`, `left s`, `ever in s`: read from the recorded memberships."""

    word: StayWord
    slug: str
    window: Node | None = None


@dataclass(frozen=True, slots=True)
class InFor(Node):
    """`in segment s for 30 days`: recorded as a member now and throughout the last of that time."""

    slug: str
    duration: Node


@dataclass(frozen=True, slots=True)
class CanReceive(Node):
    """The present address of a channel said yes to a purpose."""

    channel: str
    purpose: str = "marketing"


@dataclass(frozen=True, slots=True)
class ListTest(Node):
    """`tags has "vip"`, `tags has all of ("a", "b")`, `tags has any containing "vi"`.

    Attributes:
        value: A field that holds a list.
        quantifier: Whether any, all or none of `items` must be in the list; with a `kind`, whether any, all
            or none of the list's own items must pass the test.
        items: The items looked for.
        kind, needle, exactly: A test on each item of the list instead.
    """

    value: Node
    quantifier: Quantifier
    items: tuple[str, ...] = ()
    kind: TextTestKind | None = None
    needle: str = ""
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class GeoTest(Node):
    """`location within 50 km of (40.4, -3.7)`, `location inside ((…), (…), (…))`.

    Attributes:
        value: A text `latitude, longitude` in degrees.
        kind: `near` one point, or `inside` the polygon of three or more.
        points: Latitude and longitude of each.
        kilometres: Of `near`: how far at most, on a sphere of 6,371.0088 km.
    """

    value: Node
    kind: GeoTestKind
    points: tuple[tuple[Decimal, Decimal], ...]
    kilometres: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Related(Node):
    """Inside `where`: `any(product_purchased where …)`: events of the same order, or of another shared key."""

    quantifier: Quantifier
    events: Events
    key: Node | None = None


@dataclass(frozen=True, slots=True)
class Step(Node):
    """One step of a sequence.

    Attributes:
        events: What happens, with its `where`.
        negated: Whether it must not happen.
        within: How long after the positive step before it.
        same: Fields of the event that are as in the positive step before it.
    """

    events: Events
    negated: bool = False
    within: Duration | None = None
    same: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Sequence(Node):
    """`sequence(a, b within 1 day, no c within 24 hours) in last 30 days`: some choice of events meets it."""

    steps: tuple[Step, ...]
    window: Node | None = None


@dataclass(frozen=True, slots=True)
class Regularly(Node):
    """`regularly(e, 4 of last 6 weeks)`, `… of previous 6 months`: an event in so many of the periods."""

    events: Events
    at_least: int
    periods: Node


@dataclass(frozen=True, slots=True)
class Stopped(Node):
    """`stopped(e, 90 days)`: some event before that time, none since."""

    events: Events
    duration: Duration


@dataclass(frozen=True, slots=True)
class Resumed(Node):
    """`resumed(e, 30 days)`: events in that time, after a pause at least as long."""

    events: Events
    duration: Duration


@dataclass(frozen=True, slots=True)
class Changed(Node):
    """`changed(city in last 30 days)`: a field of the profile took another value; its first is no change."""

    field: Node
    window: Node | None = None


@dataclass(frozen=True, slots=True)
class Held(Node):
    """`held country = "ES" for 30 days`: a test on one field of the profile, true now and all that time."""

    condition: Node
    duration: Node


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
class EventClock(Node):
    """Hour (0 to 23) or weekday (`monday`, …) of the event, in the shop's zone or in the profile's own."""

    part: ClockPart
    local: bool = False


@dataclass(frozen=True, slots=True)
class ProductField(Node):
    """A field of the event's product, as it stood last before the moment of truth: `product.brand`."""

    name: str
    column: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class StoredTrait(Node):
    """A scored or predicted trait: the stored value of the newest moment that is not later.

    Attributes:
        name: Name of the trait.
        kind: What it can be compared with.
        texts: The texts that it can be; empty when it can be any, or is no text.
    """

    name: str
    kind: Kind
    texts: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Periods(Window):
    """Stretches of time one after another, the newest first."""

    blocks: tuple[Bounds, ...]


def fingerprint(node: Node) -> str:
    """Return what tells one meaning from another: equal rules have equal fingerprints, however written.

    Example:
        >>> fingerprint(Number(Decimal("1.50"))) == fingerprint(Number(Decimal("1.5")))
        True
    """
    written = json.dumps(_plain(node), ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()[:16]


def _plain(part: object) -> object:
    """Return a node as lists and texts only, without its places and without what is as it is by default."""
    if isinstance(part, Node):
        told = {each.name: getattr(part, each.name) for each in fields(part) if each.compare}
        defaults = {each.name: each.default for each in fields(part)}
        asked = {name: _plain(value) for name, value in told.items() if value != defaults[name]}
        return {"node": type(part).__name__, **asked}
    if isinstance(part, tuple):
        return [_plain(each) for each in part]
    if isinstance(part, Decimal):
        return f"{part.normalize():f}"
    if isinstance(part, date):
        return part.isoformat()
    return part
