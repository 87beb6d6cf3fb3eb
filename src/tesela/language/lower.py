"""Turn resolved rules into one plan: every decision of meaning is made here, once, for all engines.

Two values: a comparison may come out missing, and a missing answer counts as false wherever a condition is
used; only `not` needs it made false first. Aggregates that mean the same become one column.
"""

from __future__ import annotations

from calendar import isleap
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from math import ceil
from typing import TYPE_CHECKING, cast

from tesela.base import InputError, to_local
from tesela.language import words
from tesela.language.folding import pattern_fault
from tesela.language.nodes import (
    Age,
    Aggregate,
    And,
    Arithmetic,
    Attribute,
    Between,
    Birthday,
    Bounds,
    Comparison,
    Did,
    EventField,
    Events,
    InSegment,
    Instant,
    Kind,
    Node,
    Not,
    Number,
    OneOf,
    Or,
    Percentile,
    PopulationValue,
    Presence,
    Property,
    Rank,
    Revenue,
    Rule,
    Sample,
    StoreValue,
    Text,
    TextTest,
    Top,
    Truth,
    ValueAt,
    Within,
)
from tesela.language.places import refuse
from tesela.language.plan import (
    Among,
    AttributeValue,
    Call,
    Column,
    Computed,
    Constant,
    Definition,
    EventAggregate,
    EventColumn,
    Expr,
    Fold,
    Known,
    Lookup,
    LookupSource,
    Matched,
    Plan,
    Standing,
)
from tesela.language.values import (
    FALSE,
    MISSING,
    TRUE,
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
    order_key,
    ratio,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from zoneinfo import ZoneInfo

_OCCURRED_AT = EventColumn("occurred_at")
_SAMPLE_SPACE = 2**32
_WINDOWED = ("number", "moment", "date")
_FROM_DATABASE = {"moment": "as_moment", "date": "as_date"}


def lower(asked: Iterable[str], find: Callable[[str], Rule], *, as_of: datetime, zone: ZoneInfo) -> Plan:
    """Return one plan for all the segments asked.

    Args:
        asked: Slugs.
        find: Gives the resolved rule of a slug, of those asked and of those that they name by `in segment`.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone, for ages and birthdays.

    Raises:
        InputError: where kinds do not fit, or segments wait for one another.
    """
    board = _Board()
    columns: dict[str, Column] = {}
    pending: list[str] = []

    def segment(slug: str) -> Column:
        if slug in pending:
            raise InputError("language.segment_cycle", path=" → ".join([*pending[pending.index(slug) :], slug]))
        if slug not in columns:
            pending.append(slug)
            condition = _Lowering(find(slug), board, as_of, zone, segment, find).rule()
            pending.pop()
            columns[slug] = board.column(Computed(is_true(condition)))
        return columns[slug]

    chosen = {slug: segment(slug).name for slug in asked}
    return Plan(
        as_of=as_of,
        levels=board.levels(),
        columns=chosen,
        everyone=frozenset(slug for slug in chosen if find(slug).everyone),
        lookups=tuple(board.lookups),
    )


class _Board:
    """The columns of the plan as they are found, each once."""

    def __init__(self) -> None:
        self._names: dict[Definition, str] = {}
        self._levels: dict[str, int] = {}
        self.lookups: dict[Lookup, None] = {}

    def column(self, definition: Definition) -> Column:
        name = self._names.get(definition)
        if name is None:
            name = f"c{len(self._names)}"
            self._levels[name] = 1 + max((self._levels[read] for read in _columns_in(definition)), default=-1)
            self._names[definition] = name
        return Column(name)

    def levels(self) -> tuple[dict[str, Definition], ...]:
        found: list[dict[str, Definition]] = [{} for _ in range(1 + max(self._levels.values(), default=0))]
        for definition, name in self._names.items():
            found[self._levels[name]][name] = definition
        return tuple(found)


class _Lowering:
    """One rule on its way into the plan."""

    def __init__(
        self,
        rule: Rule,
        board: _Board,
        as_of: datetime,
        zone: ZoneInfo,
        segment: Callable[[str], Column],
        find: Callable[[str], Rule],
    ) -> None:
        self._rule = rule
        self._board = board
        self._as_of = as_of
        self._today = to_local(as_of, zone).date()
        self._segment = segment
        self._find = find
        self._base: Expr = TRUE if rule.everyone else Known()
        self._event: str | None = None

    def rule(self) -> Expr:
        return self._condition(self._rule.body)

    # --- conditions ---------------------------------------------------------------------------------------

    def _condition(self, node: Node) -> Expr:
        if isinstance(node, And):
            return all_of(*(self._condition(item) for item in node.items))
        if isinstance(node, Or):
            return any_of(*(self._condition(item) for item in node.items))
        if isinstance(node, Not):
            return complement(self._condition(node.item))
        if isinstance(node, Did):
            return complement(self._did(node.events)) if node.never else self._did(node.events)
        if isinstance(node, Comparison):
            return self._comparison(node)
        if isinstance(node, Between):
            return self._between(node)
        if isinstance(node, OneOf):
            return self._one_of(node)
        if isinstance(node, Presence):
            present = is_set(self._present(self._value(node.value)))
            return present if node.is_set else complement(present)
        if isinstance(node, TextTest):
            return self._text_test(node)
        if isinstance(node, Within):
            return self._within(node)
        if isinstance(node, Birthday):
            return self._birthday(node)
        if isinstance(node, InSegment):
            return self._in_segment(node)
        if isinstance(node, Sample):
            return _sampled(node)
        if isinstance(node, Top):
            return self._top(node)
        value = self._value(node)
        if value.kind != "boolean":
            raise self._refuse("not_a_condition", node)
        return value.expression

    def _did(self, events: Events) -> Expr:
        if events.value is not None:
            raise self._refuse("unneeded_field", events, word="did")
        if events.since is None:
            return call(">=", self._aggregate_column("count", events), Constant(1))
        # the newest such event is later than T exactly when some such event is
        since = self._since(events.since)
        return call(">", self._aggregate_column("max", events, _OCCURRED_AT, has_since=False), since)

    def _comparison(self, node: Comparison) -> Expr:
        left, right = self._pair(node.left, node.right)
        if node.operator != "=" or not (left.is_written or right.is_written):
            left, right = self._present(left), self._present(right)
        if _is_blank(left) or _is_blank(right):
            return FALSE
        return compare(node.operator, left, right)

    def _between(self, node: Between) -> Expr:
        low_side, low = (self._present(each) for each in self._pair(node.value, node.low))
        high_side, high = (self._present(each) for each in self._pair(node.value, node.high))
        if not node.negated:
            return all_of(compare(">=", low_side, low), compare("<=", high_side, high))
        outside = any_of(compare("<", low_side, low), compare(">", high_side, high))
        return all_of(outside, *(is_set(bound) for bound in (low, high) if not bound.is_written))

    def _one_of(self, node: OneOf) -> Expr:
        value = self._value(node.value)
        items = [self._like(value, item, node) for item in node.items]
        if node.texts:
            if value.kind != "text":
                raise self._refuse("different_kinds", node)
            listed: Expr = _among(value.expression, (each for each in node.texts if each.strip()))
        elif value.divisor is not None:
            listed = any_of(*(compare("=", value, item) for item in items))
        else:
            listed = _listed(value, items)
        return all_of(is_set(self._present(value)), complement(listed)) if node.negated else listed

    def _text_test(self, node: TextTest) -> Expr:
        value = self._value(node.value)
        if value.kind != "text":
            raise self._refuse("needs_text", node.value)
        if node.kind == "matches":
            self._check_pattern(node)
        source = self._lookup_source(node.value)
        lookup = Lookup(*source, node.kind, node.needle, node.exactly)
        self._board.lookups.setdefault(lookup)
        present = self._present(value)
        matched = Matched(value.expression, lookup)
        return all_of(is_set(present), complement(matched)) if node.negated else matched

    def _check_pattern(self, node: TextTest) -> None:
        fault = pattern_fault(node.needle, exactly=node.exactly)
        if fault:
            raise self._refuse("bad_pattern", node, pattern=node.needle, reason=fault)

    def _lookup_source(self, node: Node) -> tuple[LookupSource, str | None, str]:
        event = self._event
        if isinstance(node, ValueAt):
            event, node = _stored_name(node.events.name), node.value
        if isinstance(node, EventField):
            return "event", event, node.column
        if isinstance(node, Property):
            return "property", event, _json_pointer(node.key)
        if isinstance(node, Attribute):
            return "attribute", None, node.field
        raise self._refuse("needs_text", node)

    def _within(self, node: Within) -> Expr:
        value = self._value(node.value)
        bounds = cast("Bounds", node.window)
        if value.kind == "moment":
            return _inside(value.expression, bounds.start, bounds.end)
        if value.kind != "date":
            raise self._refuse("needs_moment", node.value)
        if bounds.days is None:
            raise self._refuse("window_of_date", node)
        return _inside(value.expression, *bounds.days)

    def _in_segment(self, node: InSegment) -> Expr:
        column = self._segment(node.slug)
        # an anonymous visitor is a member of those segments only that ask everyone
        outside = self._rule.everyone and not self._find(node.slug).everyone
        return all_of(column, Known()) if outside else column

    def _birthday(self, node: Birthday) -> Expr:
        born = self._attribute(Attribute("birth_date", "date")).expression
        if node.days >= 366:
            return call("is_set", born)
        last = self._today + timedelta(days=node.days - 1)
        first_key, last_key = _month_day(self._today), _birthday_key(last)
        key = call("month_day", born)
        from_first, to_last = call(">=", key, Constant(first_key)), call("<=", key, Constant(last_key))
        return all_of(from_first, to_last) if first_key <= last_key else any_of(from_first, to_last)

    def _top(self, node: Top) -> Expr:
        value, member = self._ranked(node.value, node.among)
        larger = self._board.column(Standing("larger", value, member))
        size = self._board.column(Fold("count", value, member))
        share = number(node.share)
        bound = calculate("*", share, Value("number", size))
        return compare("<", Value("number", larger), bound)

    # --- values -------------------------------------------------------------------------------------------

    def _value(self, node: Node) -> Value:
        if isinstance(node, Number):
            return number(node.value)
        if isinstance(node, Text):
            return Value("text", Constant(node.value))
        if isinstance(node, Truth):
            return Value("boolean", Constant(node.value))
        if isinstance(node, Instant):
            return Value("moment", Constant(node.at))
        if isinstance(node, EventField):
            return _event_value(node)
        if isinstance(node, Property):
            return Value("text", call("property", Constant(_json_pointer(node.key))))
        if isinstance(node, Attribute):
            return self._attribute(node)
        if isinstance(node, Age):
            return self._age()
        if isinstance(node, Aggregate):
            return self._aggregate(node)
        if isinstance(node, ValueAt):
            return self._value_at(node)
        if isinstance(node, Revenue):
            return self._revenue(node)
        if isinstance(node, Arithmetic):
            left, right = (self._number(side) for side in (node.left, node.right))
            return calculate(node.operator, left, right)
        if isinstance(node, StoreValue):
            return self._store(node)
        if isinstance(node, PopulationValue):
            return self._population(node)
        if isinstance(node, Percentile | Rank):
            return self._standing(node)
        return Value("boolean", is_true(self._condition(node)))

    def _number(self, node: Node) -> Value:
        value = self._value(node)
        if value.kind != "number":
            raise self._refuse("needs_number", node)
        return value

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

    def _present(self, value: Value) -> Value:
        """Return a text as missing where it is blank."""
        if value.kind != "text" or isinstance(value.expression, Constant):
            return value
        return Value("text", call("present", value.expression))

    def _attribute(self, node: Attribute) -> Value:
        stored: Expr = self._board.column(AttributeValue(node.field))
        if node.kind in ("moment", "date"):
            stored = call("as_moment" if node.kind == "moment" else "as_date", stored)
        return Value(node.kind, stored)

    def _age(self) -> Value:
        born = self._attribute(Attribute("birth_date", "date")).expression
        had_birthday = call("<=", call("month_day", born), Constant(_birthday_key(self._today)))
        years = call("-", Constant(self._today.year), call("year", born))
        full = call("if", had_birthday, years, call("-", years, Constant(1)))
        return Value("number", call("if", call("<=", born, Constant(self._today)), full, MISSING))

    def _revenue(self, node: Revenue) -> Value:
        amount = EventColumn("amount_e4")
        paid, back = (
            Value("number", self._aggregate_column("sum", Events(name, window=node.window), amount), scale=4)
            for name in ("order_completed", "order_refunded")
        )
        return calculate("-", paid, back)

    # --- values over events -------------------------------------------------------------------------------

    def _aggregate(self, node: Aggregate) -> Value:
        events, function = node.events, node.function
        if function in ("count", "first", "last", "most") and events.value is not None:
            raise self._refuse("unneeded_field", events, word=function)
        if function in ("sum", "avg", "min", "max", "distinct") and events.value is None:
            raise self._refuse("needed_field", events, word=function, event=events.name)
        if function == "count":
            return Value("number", self._aggregate_column("count", events))
        if function in ("first", "last"):
            edge = self._aggregate_column("min" if function == "first" else "max", events, _OCCURRED_AT)
            return Value("moment", edge)
        if function == "most":
            return self._most(node)
        if function == "share":
            return self._share(events)
        field = self._event_side(events.name, cast("Node", events.value))
        if function == "distinct":
            return Value("number", self._aggregate_column("distinct", events, self._present(field).expression))
        if function == "avg":
            return self._average(events, self._needs(field, events, "number"))
        if function == "sum":
            self._needs(field, events, "number")
            return Value("number", self._aggregate_column("sum", events, field.expression), scale=field.scale)
        self._needs(field, events, "number", "moment")
        column = self._aggregate_column("min" if function == "min" else "max", events, field.expression)
        return Value(field.kind, column, scale=field.scale)

    def _average(self, events: Events, field: Value) -> Value:
        total = Value("number", self._aggregate_column("sum", events, field.expression), scale=field.scale)
        return ratio(total, Value("number", self._aggregate_column("count", events, field.expression)))

    def _most(self, node: Aggregate) -> Value:
        group = self._present(self._event_side(node.events.name, cast("Node", node.by)))
        return Value("number", self._aggregate_column("groups", node.events, group.expression))

    def _share(self, events: Events) -> Value:
        whole = Events(events.name, events.value, None, events.window, events.since, span=events.span)
        if events.value is None:
            return ratio(*(Value("number", self._aggregate_column("count", each)) for each in (events, whole)))
        field = self._needs(self._event_side(events.name, events.value), events, "number")
        part, total = (
            Value("number", self._aggregate_column("sum", each, field.expression), scale=field.scale)
            for each in (events, whole)
        )
        return calculate("/", part, total)

    def _value_at(self, node: ValueAt) -> Value:
        field = self._event_side(node.events.name, node.value)
        function = "first_value" if node.which == "first" else "last_value"
        column = self._aggregate_column(function, node.events, field.expression)
        return Value(field.kind, column, scale=field.scale)

    def _aggregate_column(
        self, function: str, events: Events, value: Expr | None = None, *, has_since: bool = True
    ) -> Column:
        where = self._event_condition(events.name, events.where) if events.where else None
        if events.name == "email_opened":
            where = all_of(complement(EventColumn("is_machine")), where)
        since = self._since(events.since) if events.since and has_since else None
        bounds = self._clip(cast("Bounds | None", events.window))
        definition = EventAggregate(function, _stored_name(events.name), bounds, value, where, since)  # type: ignore[arg-type]
        return self._board.column(definition)

    def _clip(self, bounds: Bounds | None) -> Bounds:
        """Return the window as far as it lies before the moment of truth."""
        if bounds is None:
            return Bounds(None, self._as_of)
        return Bounds(bounds.start, min(bounds.end, self._as_of) if bounds.end else self._as_of)

    def _since(self, node: Node) -> Expr:
        value = self._value(node)
        if value.kind != "moment":
            raise self._refuse("needs_moment", node)
        return value.expression

    def _event_side(self, event: str | None, node: Node) -> Value:
        outer, self._event = self._event, _stored_name(event)
        try:
            return self._value(node)
        finally:
            self._event = outer

    def _event_condition(self, event: str | None, node: Node) -> Expr:
        outer, self._event = self._event, _stored_name(event)
        try:
            return self._condition(node)
        finally:
            self._event = outer

    # --- values over people -------------------------------------------------------------------------------

    def _store(self, node: StoreValue) -> Value:
        """A figure over the base's events is the same figure over its profiles' figures."""
        function = node.function
        if function == "avg":
            total, count = (self._store_part(each, node) for each in ("sum", "count_values"))
            return ratio(total, count)
        return self._store_part(function, node)

    def _store_part(self, function: str, node: StoreValue) -> Value:
        if function == "count_values":
            field = self._event_side(node.events.name, cast("Node", node.events.value))
            own = Value("number", self._aggregate_column("count", node.events, field.expression))
        else:
            own = self._aggregate(Aggregate(function, node.events, span=node.span))  # type: ignore[arg-type]
        fold = function if function in ("min", "max") else "sum"
        return self._folded(fold, own, own.expression, self._base)

    def _population(self, node: PopulationValue) -> Value:
        value = self._present(self._value(node.value))
        member = self._members(node.where)
        if node.function == "count":
            return self._folded("count", Value("number", FALSE), order_key(value), member)
        if value.divisor is not None:
            raise self._refuse("not_available_yet", node, word=f"population.{node.function} of a fraction")
        self._needs(value, node, "number", *(("moment",) if node.function in ("min", "max") else ()))
        if node.function == "avg":
            total = self._folded("sum", value, value.expression, member)
            return ratio(total, self._folded("count", Value("number", FALSE), value.expression, member))
        return self._folded(node.function, value, value.expression, member)

    def _folded(self, function: str, like: Value, value: Expr, member: Expr) -> Value:
        column = self._board.column(Fold(function, value, member))  # type: ignore[arg-type]
        return Value(like.kind, column, scale=like.scale)

    def _standing(self, node: Percentile | Rank) -> Value:
        value, member = self._ranked(node.value, node.among)
        if isinstance(node, Rank):
            larger = Value("number", self._board.column(Standing("larger", value, member)))
            return calculate("+", larger, number(Decimal(1)))
        smaller = Value("number", self._board.column(Standing("smaller", value, member)))
        size = Value("number", self._board.column(Fold("count", value, member)))
        return ratio(calculate("*", smaller, number(Decimal(100))), size)

    def _ranked(self, node: Node, among: Node | None) -> tuple[Expr, Expr]:
        value = self._value(node)
        if value.kind not in _WINDOWED:
            raise self._refuse("needs_number", node)
        key = order_key(value)
        if not isinstance(key, Column):
            key = self._board.column(Computed(key))
        return key, self._members(among)

    def _members(self, node: Node | None) -> Expr:
        return all_of(self._base, self._condition(node) if node else None)

    # --- errors -------------------------------------------------------------------------------------------

    def _needs(self, value: Value, node: Node, *kinds: Kind) -> Value:
        if value.kind not in kinds:
            raise self._refuse("needs_number", node)
        return value

    def _refuse(self, code: str, node: Node, **facts: object) -> InputError:
        return refuse(code, self._rule.text, node.span, **facts)


def _event_value(node: EventField) -> Value:
    column = EventColumn(node.column)
    if node.kind != "number":
        return Value(node.kind, column)
    return Value("number", column if node.column.endswith("_e4") else call("e4", column), scale=4)


def _json_pointer(key: str) -> str:
    return "/" + key.replace("~", "~0").replace("/", "~1")


def _stored_name(event: str | None) -> str | None:
    return "email_opened" if event == words.ANY_OPEN else event


def _is_blank(value: Value) -> bool:
    return isinstance(value.expression, Constant) and value.kind == "text" and not str(value.expression.value).strip()


def _listed(value: Value, items: list[Value]) -> Expr:
    """Return whether a value is one of a list; the numbers of both get the same decimals."""
    scale = max((each.scale for each in (value, *items)), default=0)
    scaled = calculate("*", value, Value("number", Constant(10 ** (scale - value.scale)))) if scale else value
    return _among(scaled.expression, (_raw(item, scale) for item in items))


def _raw(written: Value, scale: int) -> object:
    raw = cast("Constant", written.expression).value
    return raw * 10 ** (scale - written.scale) if isinstance(raw, int) and written.kind == "number" else raw


def _among(expression: Expr, items: Iterable[object]) -> Expr:
    distinct = tuple(dict.fromkeys(items))
    return Among(expression, cast("tuple[int, ...]", distinct)) if distinct else FALSE


def _inside(expression: Expr, start: date | None, end: date | None) -> Expr:
    return all_of(
        call("is_set", expression) if start is None and end is None else None,
        call(">=", expression, Constant(start)) if start is not None else None,
        call("<", expression, Constant(end)) if end is not None else None,
    )


def _sampled(node: Sample) -> Expr:
    bound = ceil(node.share * _SAMPLE_SPACE)
    if bound >= _SAMPLE_SPACE:
        return TRUE
    return call("<", call("bucket", Constant(node.salt)), Constant(f"{bound:08x}"))


def _month_day(day: date) -> int:
    return 100 * day.month + day.day


def _birthday_key(day: date) -> int:
    """Return the last month and day whose birthday is kept by a date: 28 February holds the 29th's too."""
    key = _month_day(day)
    return 229 if key == 228 and not isleap(day.year) else key


def _columns_in(part: object) -> Iterator[str]:
    """Name the columns that a definition reads."""
    if isinstance(part, Column):
        yield part.name
    elif isinstance(part, Call):
        for argument in part.arguments:
            yield from _columns_in(argument)
    elif is_dataclass(part):
        for each in fields(part):
            yield from _columns_in(getattr(part, each.name))
