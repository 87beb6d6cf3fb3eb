"""Values and conditions over a profile's events."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, cast

from tesela.base import utc_offsets
from tesela.language import words
from tesela.language.lowering.comparisons import Comparisons, json_pointer
from tesela.language.lowering.values import (
    Value,
    all_of,
    calculate,
    call,
    complement,
    is_true,
    ratio,
)
from tesela.language.nodes import Aggregate, Attribute, EventClock, EventField, Events, Revenue
from tesela.language.plan import (
    Constant,
    EventAggregate,
    EventColumn,
    LocalOffset,
    Lookup,
    ProductColumn,
    RelatedEvents,
)
from tesela.language.text_checks import IsZone
from tesela.language.walking import walk

if TYPE_CHECKING:
    from tesela.language.nodes import (
        Did,
        Node,
        ProductField,
        Property,
        Related,
        ValueAt,
    )
    from tesela.language.plan import Column, EventFunction, Expr

OCCURRED_AT = EventColumn("occurred_at")
_NO_FIELD = ("count", "most")
_NEEDS_FIELD = ("sum", "avg", "min", "max", "median", "mode", "distinct")
_HOUR, _DAY = 3_600_000_000, 86_400_000_000
# Added to a time so that it is positive and weekdays stay where they are: whole weeks, 3,800 years.
_SHIFT = 200_000 * 7 * _DAY
# 1 January 1970 was a Thursday.
_FIRST_WEEKDAY = 3
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 naive UTC


class EventLowering(Comparisons):
    """Lowers words about what happened."""

    def _stored_name(self, event: str | None) -> str | None:
        return "email_opened" if event == words.ANY_OPEN else event

    # --- conditions ---------------------------------------------------------------------------------------

    def _did(self, node: Did) -> Expr:
        happened = self._happened(node.events)
        return complement(happened) if node.never else happened

    def _happened(self, events: Events) -> Expr:
        if events.value is not None:
            raise self._refuse("unneeded_field", events, word="did")
        if events.since is None:
            return call(">=", self._aggregate_column("count", events), Constant(1))
        # the newest such event is later than T exactly when some such event is
        since = self._moment(events.since)
        return call(">", self._aggregate_column("max", events, OCCURRED_AT, has_since=False), since)

    def _related(self, node: Related) -> Expr:
        events = node.events
        key = node.key if node.key is not None else EventField("order_id", "order_id", "text")
        if not isinstance(key, EventField) or key.kind != "text" or events.value or events.since or not events.name:
            raise self._refuse("bad_relation", node)
        if any(isinstance(each, EventClock) and each.local for each in walk(events)):
            raise self._refuse("local_in_relation", node)
        where = self._where(events)
        return RelatedEvents(
            node.quantifier,
            cast("str", self._stored_name(events.name)),
            key.column,
            self._clip(events.window),
            is_true(where) if where is not None else None,
        )

    # --- fields of an event -------------------------------------------------------------------------------

    def _event_field(self, node: EventField) -> Value:
        column = EventColumn(node.column)
        if node.kind != "number":
            return Value(node.kind, column)
        return Value("number", column if node.column.endswith("_e4") else call("e4", column), scale=4)

    def _product_field(self, node: ProductField) -> Value:
        return Value(node.kind, ProductColumn(node.column), scale=4 if node.column.endswith("_e4") else 0)

    def _property(self, node: Property) -> Value:
        return Value("text", call("property", Constant(json_pointer(node.key))))

    def _clock(self, node: EventClock) -> Value:
        """Return the hour or weekday of an event: whole-number arithmetic on offsets computed here."""
        offset = self._offset()
        if node.local:
            lookup = Lookup("attribute", None, "time_zone", IsZone())
            self._board.lookups.setdefault(lookup)
            offset = LocalOffset(self._value(Attribute("time_zone", "text")).expression, lookup, offset)
        local = call("+", call("+", call("epoch_us", OCCURRED_AT), offset), Constant(_SHIFT))
        if node.part == "hour":
            return Value("number", call("div", call("mod", local, Constant(_DAY)), Constant(_HOUR)))
        day = call("mod", call("+", call("div", local, Constant(_DAY)), Constant(_FIRST_WEEKDAY)), Constant(7))
        named = [
            part for n, name in enumerate(words.WEEKDAYS) for part in (call("=", day, Constant(n)), Constant(name))
        ]
        return Value("text", call("case", *named, Constant(None)))

    def _offset(self) -> Expr:
        offsets = utc_offsets(self._zone, _EPOCH, self._as_of)
        parts: list[Expr] = []
        for since, offset in reversed(offsets[1:]):
            parts += [call(">=", OCCURRED_AT, Constant(since)), Constant(offset // timedelta(microseconds=1))]
        first = Constant(offsets[0][1] // timedelta(microseconds=1))
        return call("case", *parts, first) if parts else first

    # --- values -------------------------------------------------------------------------------------------

    def _aggregate(self, node: Aggregate) -> Value:
        events, function = node.events, node.function
        if function in ("first", "last") and events.value is not None:
            raise self._refuse("field_inside", events, word=function, event=events.name)
        if function in _NO_FIELD and events.value is not None:
            raise self._refuse("unneeded_field", events, word=function)
        if function in _NEEDS_FIELD and events.value is None:
            raise self._refuse("needed_field", events, word=function, event=events.name)
        if function == "count":
            return Value("number", self._aggregate_column("count", events))
        if function in ("first", "last"):
            edge = self._aggregate_column("min" if function == "first" else "max", events, OCCURRED_AT)
            return Value("moment", edge)
        if function == "most":
            return self._most(node)
        if function == "share":
            return self._share(events)
        return self._aggregate_of_field(function, events)

    def _aggregate_of_field(self, function: str, events: Events) -> Value:
        field = self._event_side(events.name, cast("Node", events.value))
        if function == "distinct":
            return Value("number", self._aggregate_column("distinct", events, self._present(field).expression))
        if function == "mode":
            if field.kind != "text":
                raise self._refuse("needs_text", events)
            return Value("text", self._aggregate_column("mode", events, self._present(field).expression))
        if function == "avg":
            return self._average(events, self._needs(field, events, "number"))
        if function == "median":
            return self._median(events, self._needs(field, events, "number"))
        if function == "sum":
            self._needs(field, events, "number")
            return Value("number", self._aggregate_column("sum", events, field.expression), scale=field.scale)
        self._needs(field, events, "number", "moment")
        column = self._aggregate_column("min" if function == "min" else "max", events, field.expression)
        return Value(field.kind, column, scale=field.scale)

    def _average(self, events: Events, field: Value) -> Value:
        total = Value("number", self._aggregate_column("sum", events, field.expression), scale=field.scale)
        return ratio(total, Value("number", self._aggregate_column("count", events, field.expression)))

    def _median(self, events: Events, field: Value) -> Value:
        """The mean of the one or two values in the middle."""
        total = self._aggregate_column("median_sum", events, field.expression)
        count = self._aggregate_column("median_count", events, field.expression)
        return ratio(Value("number", total, scale=field.scale), Value("number", count))

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
        function: EventFunction = "first_value" if node.which == "first" else "last_value"
        return Value(field.kind, self._aggregate_column(function, node.events, field.expression), scale=field.scale)

    def _revenue(self, node: Revenue) -> Value:
        amount = EventColumn("amount_e4")
        paid, back = (
            Value("number", self._aggregate_column("sum", Events(name, window=node.window), amount), scale=4)
            for name in ("order_completed", "order_refunded")
        )
        return calculate("-", paid, back)

    # --- columns ------------------------------------------------------------------------------------------

    def _aggregate_column(
        self, function: EventFunction, events: Events, value: Expr | None = None, *, has_since: bool = True
    ) -> Column:
        since = self._moment(events.since) if events.since and has_since else None
        name, where = self._stored_name(events.name), self._where(events)
        return self._board.column(EventAggregate(function, name, self._clip(events.window), value, where, since))

    def _where(self, events: Events) -> Expr | None:
        """Return which events are meant; opens by machines are none."""
        where = self._event_condition(events.name, events.where) if events.where else None
        if events.name == "email_opened":
            where = all_of(complement(EventColumn("is_machine")), where)
        return where

    def _event_side(self, event: str | None, node: Node) -> Value:
        outer, self._event = self._event, self._stored_name(event)
        try:
            return self._value(node)
        finally:
            self._event = outer

    def _event_condition(self, event: str | None, node: Node) -> Expr:
        outer, self._event = self._event, self._stored_name(event)
        try:
            return self._condition(node)
        finally:
            self._event = outer
