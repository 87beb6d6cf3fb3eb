"""Words about the profile itself: fields and their history, dates that come round, segments, consents."""

from __future__ import annotations

from calendar import isleap
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING, cast

from tesela.base import start_of_day
from tesela.language.lowering.comparisons import inside
from tesela.language.lowering.people import PeopleLowering
from tesela.language.lowering.values import (
    MISSING,
    TRUE,
    Value,
    all_of,
    any_of,
    call,
    is_true,
)
from tesela.language.nodes import Age, Attribute, Bounds, Node
from tesela.language.plan import (
    AttributeValue,
    Column,
    Computed,
    ConsentValue,
    Constant,
    FieldChanges,
    FieldHeld,
    HistoryValue,
    Known,
    PreviousFieldValue,
    Reach,
    RecordedStay,
    StoredTraitValue,
)
from tesela.language.text_checks import InRange
from tesela.language.walking import walk
from tesela.profiles import Receiving

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Literal

    from tesela.language.nodes import (
        Anniversary,
        Birthday,
        CanReceive,
        Changed,
        Consent,
        Held,
        InFor,
        InSegment,
        Instant,
        Kind,
        PreviousValue,
        Sample,
        Stay,
        StoredTrait,
    )
    from tesela.language.plan import Expr
    from tesela.warehouse import Table

_SAMPLE_SPACE = 2**32
_ANNIVERSARIES = 100
_FUNCTIONS: dict[str, Literal["entered", "left", "stayed"]] = {
    "joined": "entered", "left": "left", "ever in": "stayed",
}  # fmt: skip
_ADDRESSES = {"email": "email", "sms": "phone", "whatsapp": "phone", "phone": "phone"}
_FROM_TEXT: dict[Kind, str] = {"moment": "as_moment", "date": "as_date", "number": "as_e8"}


class ProfileLowering(PeopleLowering):
    """Lowers words about the profile."""

    # --- fields -------------------------------------------------------------------------------------------

    def _attribute(self, node: Attribute) -> Value:
        if self._held_field == node.field:
            return _typed(node.kind, HistoryValue())
        return self._read_once(_typed(node.kind, self._board.column(AttributeValue(node.field))))

    def _stored_trait(self, node: StoredTrait) -> Value:
        if self._trait_values is None:
            raise self._refuse("not_available_yet", node, word=node.name)
        return self._read_once(_typed(node.kind, self._board.column(StoredTraitValue(self._trait_values, node.name))))

    def _read_once(self, value: Value) -> Value:
        """Return a value that is made of a text in a column of its own: to read a text costs more than to compare."""
        if isinstance(value.expression, Column):
            return value
        return replace(value, expression=self._board.column(Computed(value.expression)))

    def _age(self, _: Age) -> Value:
        born = self._attribute(Attribute("birth_date", "date")).expression
        had_birthday = call("<=", call("month_day", born), Constant(_birthday_key(self._today)))
        years = call("-", Constant(self._today.year), call("year", born))
        full = call("if", had_birthday, years, call("-", years, Constant(1)))
        return self._read_once(Value("number", call("if", call("<=", born, Constant(self._today)), full, MISSING)))

    # --- history ------------------------------------------------------------------------------------------

    def _changed(self, node: Changed) -> Expr:
        field = cast("Attribute", node.field).field
        return call(">=", self._board.column(FieldChanges(field, self._clip(node.window))), Constant(1))

    def _previous_value(self, node: PreviousValue) -> Value:
        field = node.field
        if not isinstance(field, Attribute):
            raise self._refuse("needs_field", node)
        return _typed(field.kind, self._board.column(PreviousFieldValue(field.field)))

    def _held(self, node: Held) -> Expr:
        fields = {each.field for each in walk(node.condition) if isinstance(each, Attribute)}
        if len(fields) != 1 or any(isinstance(each, Age) for each in walk(node.condition)):
            raise self._refuse("held_needs_one_field", node)
        (field,) = fields
        self._held_field = field
        try:
            condition = is_true(self._condition(node.condition))
        finally:
            self._held_field = None
        return self._board.column(FieldHeld(field, cast("Instant", node.duration).at, condition))

    # --- dates that come round ----------------------------------------------------------------------------

    def _birthday(self, node: Birthday) -> Expr:
        born = self._attribute(Attribute("birth_date", "date")).expression
        if node.days >= 366:
            return call("is_set", born)
        last = self._today + timedelta(days=node.days - 1)
        first_key, last_key = _month_day(self._today), _birthday_key(last)
        key = call("month_day", born)
        from_first, to_last = call(">=", key, Constant(first_key)), call("<=", key, Constant(last_key))
        return all_of(from_first, to_last) if first_key <= last_key else any_of(from_first, to_last)

    def _anniversary(self, node: Anniversary) -> Expr:
        stretches = _stretches(_origins(self._today, min(node.days, 366)))
        moments = tuple(tuple(start_of_day(day, self._zone) for day in each) for each in stretches)
        if self._is_own_text(node.value):
            return self._checked(
                node.value, InRange(cast("tuple[tuple[datetime, datetime], ...]", moments), self._zone.key)
            )
        value = self._value(node.value)
        if value.kind not in ("moment", "date"):
            raise self._refuse("needs_moment", node)
        ranges: Iterable[tuple[date, ...]] = moments if value.kind == "moment" else stretches
        return any_of(*(inside(value.expression, start, end) for start, end in ranges))

    # --- segments -----------------------------------------------------------------------------------------

    def _in_segment(self, node: InSegment) -> Expr:
        """An anonymous visitor is a member of those segments only that ask everyone."""
        column = self._segment(node.slug)
        outside = self._rule.everyone and not self._find(node.slug).everyone
        return all_of(column, Known()) if outside else column

    def _stay(self, node: Stay) -> Expr:
        return self._recorded(node, node.slug, _FUNCTIONS[node.word], self._clip(node.window))

    def _in_for(self, node: InFor) -> Expr:
        return self._recorded(node, node.slug, "held", Bounds(cast("Instant", node.duration).at, self._as_of))

    def _recorded(
        self, node: Node, slug: str, function: Literal["entered", "left", "stayed", "held"], bounds: Bounds
    ) -> Expr:
        if self._memberships is None:
            raise self._refuse("not_available_yet", node, word=function)
        table: Table = self._memberships
        return self._board.column(RecordedStay(table, slug, function, bounds))

    def _sample(self, node: Sample) -> Expr:
        bound = ceil(node.share * _SAMPLE_SPACE)
        if bound >= _SAMPLE_SPACE:
            return TRUE
        return call("text <", call("bucket", Constant(node.salt)), Constant(f"{bound:08x}"))

    # --- consent ------------------------------------------------------------------------------------------

    def _consent(self, node: Consent) -> Value:
        field = _ADDRESSES.get(node.channel)
        address = self._board.column(AttributeValue(field)) if field else None
        column = self._board.column(ConsentValue(node.part, node.channel, node.purpose, address))
        return Value("moment" if node.part == "at" else "text", column)

    def _can_receive(self, node: CanReceive) -> Expr:
        return call("=", self._reach(node), Constant(Receiving.can))

    def _reach(self, node: CanReceive) -> Expr:
        """Return whether the profile can receive or why not, as text."""
        field = Receiving.field(node.channel)
        address = self._board.column(AttributeValue(field)) if field else None
        return self._board.column(Reach(node.channel, node.purpose, address))


def _typed(kind: Kind, stored: Expr) -> Value:
    """Return a value that is stored as text."""
    operation = _FROM_TEXT.get(kind)
    if operation is None:
        return Value(kind, stored)
    return Value(kind, call(operation, stored), scale=8 if kind == "number" else 0)  # type: ignore[arg-type]


def _month_day(day: date) -> int:
    return 100 * day.month + day.day


def _birthday_key(day: date) -> int:
    """Return the last month and day whose birthday is kept by a date: 28 February holds the 29th's too."""
    key = _month_day(day)
    return 229 if key == 228 and not isleap(day.year) else key


def _origins(today: date, days: int) -> list[date]:
    """Return the dates that come round on one of the next days, 1 to 100 years later."""
    found: set[date] = set()
    for coming in (today + timedelta(days=number) for number in range(days)):
        for years in range(1, _ANNIVERSARIES + 1):
            year = coming.year - years
            if year < 1:
                break
            if (coming.month, coming.day) != (2, 29):
                found.add(coming.replace(year=year))
            elif isleap(year):
                found.add(date(year, 2, 29))
            if _birthday_key(coming) == 229 and isleap(year):
                found.add(date(year, 2, 29))
    return sorted(found)


def _stretches(days: list[date]) -> tuple[tuple[date, date], ...]:
    """Return runs of consecutive days as half-open stretches."""
    one = timedelta(days=1)
    breaks = [number for number, (day, following) in enumerate(pairwise(days), 1) if following - day > one]
    edges = [0, *breaks, len(days)]
    return tuple((days[first], days[end - 1] + one) for first, end in pairwise(edges))
