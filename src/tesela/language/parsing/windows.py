"""Words about when: rolling, calendar and written windows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from tesela.language import words
from tesela.language.nodes import Ago, Calendar, Current, Previous, Rolling
from tesela.language.parsing.cursor import Cursor
from tesela.language.places import refuse

if TYPE_CHECKING:
    from tesela.base import Unit
    from tesela.language.nodes import Moment, Node, Span

_CALENDAR_UNITS = ("day", "week", "month", "quarter", "year")


class WindowWords(Cursor):
    """Reads windows."""

    def _window(self) -> Node | None:
        """Read a window when one stands here."""
        start, word = self._peek(), self._word_at()
        if word == "in" and self._word_at(1) in ("last", "next", "previous", "this"):
            self._next()
            word = self._word_at()
        if word in ("last", "next") and start.value.lower() == "in":
            return self._rolling(start.span)
        if word == "previous" and self._peek(1).kind in ("word", "number"):
            return self._previous(start.span)
        if word == "this" and self._word_at(1) in words.UNITS:
            self._next()
            return Current(self._calendar_unit(), span=self._since(start))
        if word in ("today", "yesterday"):
            self._next()
            return Current("day", span=start.span) if word == "today" else Previous("day", span=start.span)
        if word in ("on", "before", "after") and self._peek(1).kind == "moment":
            return self._from_day(cast("Literal['on', 'before', 'after']", word))
        if word == "between" and self._peek(1).kind == "moment":
            return self._between_days()
        return self._ago() if word == "between" and self._is_ago() else None

    def _rolling(self, span: Span) -> Node:
        forward = self._next().value.lower() == "next"
        count = self._whole()
        calendar = not forward and self._takes("calendar")
        unit = self._calendar_unit() if calendar else words.UNITS[self._unit().value.lower()]
        return Rolling(count, unit, forward, calendar, span=self._since_span(span))

    def _previous(self, span: Span) -> Node:
        self._expect("previous")
        count = self._whole() if self._peek().kind == "number" else 1
        return Previous(self._calendar_unit(), count, span=self._since_span(span))

    def _calendar_unit(self) -> Unit:
        token = self._next()
        unit = words.UNITS.get(token.value.lower())
        if unit not in _CALENDAR_UNITS:
            raise self._unexpected_token(token, ", ".join(_CALENDAR_UNITS))
        return unit

    def _from_day(self, word: Literal["on", "before", "after"]) -> Node:
        start = self._next()
        return Calendar(word, self._moment(), span=self._since(start))

    def _between_days(self) -> Node:
        start = self._next()
        first = self._moment()
        self._expect("and")
        last = self._moment()
        if _day(first) > _day(last):
            raise refuse("window_backwards", self._text, self._since(first))
        return Calendar("between", first, last, span=self._since(start))

    def _is_ago(self) -> bool:
        """Tell `between 30 and 60 days ago` from a value between two numbers."""
        kinds = [self._peek(ahead).kind for ahead in (1, 3)]
        return kinds == ["number", "number"] and self._word_at(2) == "and" and self._word_at(5) == "ago"

    def _ago(self) -> Node:
        start = self._next()
        near = self._whole(0)
        self._expect("and")
        far = self._whole()
        unit = words.UNITS[self._unit().value.lower()]
        self._expect("ago")
        if near >= far:
            raise refuse("ago_backwards", self._text, self._since(start), near=near, far=far)
        return Ago(near, far, unit, span=self._since(start))

    def _since_span(self, start: Span) -> Span:
        return type(start)(start.start, self._tokens[self._at - 1].span.end)


def _day(moment: Moment) -> tuple[int, int, int]:
    return (moment.value.year, moment.value.month, moment.value.day)
