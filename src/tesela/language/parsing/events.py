"""Words about what happened: selections, aggregates, sequences and rhythm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tesela.language.nodes import (
    Aggregate,
    Did,
    Events,
    Name,
    Node,
    Previous,
    Regularly,
    Related,
    Resumed,
    Revenue,
    Rolling,
    Sequence,
    Span,
    Step,
    Stopped,
    ValueAt,
)
from tesela.language.parsing.cursor import NOT, SUM
from tesela.language.parsing.windows import WindowWords
from tesela.language.places import refuse

if TYPE_CHECKING:
    from tesela.language.nodes import AggregateFunction, Duration, Quantifier
    from tesela.language.parsing.tokens import Token


class EventWords(WindowWords):
    """Reads selections of events and what is made of them."""

    # --- selections ---------------------------------------------------------------------------------------

    def _selection(self) -> Events:
        """Read `event` or `event.field` with its modifiers."""
        return self._modified(self._events())

    def _events(self) -> Events:
        token = self._peek()
        name = self._name()
        if token.kind == "word" and token.value.lower() in ("where", "in", "since"):
            raise self._unexpected_token(token, "order_completed, …")
        value = Name(name.parts[1:], span=name.span) if len(name.parts) > 1 else None
        return Events(name.parts[0], value, span=name.span)

    def _any_events(self) -> Events:
        """Read what `distinct` counts: a field of one event, or of any."""
        name = self._name()
        if len(name.parts) == 1 or name.parts[0] == "properties":
            return Events(None, name, span=name.span)
        return Events(name.parts[0], Name(name.parts[1:], span=name.span), span=name.span)

    def _modified(self, events: Events) -> Events:
        """Read `where`, a window and `since`, each at most once and in any order."""
        where, window, since = events.where, events.window, events.since
        while True:
            if where is None and self._takes("where"):
                where = self._nested(NOT)
            elif since is None and self._takes("since"):
                since = self._nested(SUM)
            elif window is None and (found := self._window()) is not None:
                window = found
            else:
                break
        last = max((part.span.end for part in (events, where, window, since) if part), default=0)
        return replace(events, where=where, window=window, since=since, span=Span(events.span.start, last))

    # --- values and conditions over them ------------------------------------------------------------------

    def _did(self, token: Token) -> Node:
        self._next()
        return Did(self._selection(), never=token.value.lower() == "never", span=self._since(token))

    def _aggregate(self, token: Token) -> Node:
        function = cast("AggregateFunction", token.value.lower())
        events = self._any_events() if function == "distinct" else self._events()
        by = None
        if function == "most":
            self._expect("by")
            by = self._name()
        events = self._modified(events)
        if function == "share" and events.where is None:
            raise refuse("share_without_where", self._text, token.span)
        span = self._closed(token)
        if function in ("first", "last") and self._takes("."):
            return ValueAt(function, events, self._name(), span=self._since(token))
        return Aggregate(function, events, by, span=span)

    def _revenue(self, token: Token) -> Node:
        self._next()
        if not self._takes("("):
            return Revenue(span=token.span)
        window = self._window()
        if window is None:
            raise self._unexpected("in last …")
        return Revenue(window, span=self._closed(token))

    def _related(self, token: Token) -> Node:
        """Read `any(product_purchased where …)`, of which the opening parenthesis has been read."""
        events = self._selection()
        key = self._name() if self._takes("by") else None
        return Related(cast("Quantifier", token.value.lower()), events, key, span=self._closed(token))

    # --- sequences ----------------------------------------------------------------------------------------

    def _sequence(self, token: Token) -> Node:
        steps = [self._step()]
        while self._takes(","):
            steps.append(self._step())
        self._expect(")")
        if steps[0].negated:
            raise refuse("sequence_begins_with_no", self._text, steps[0].span)
        window = self._window()
        return Sequence(tuple(steps), window, span=self._since(token))

    def _step(self) -> Step:
        start = self._peek()
        negated = self._peek(1).kind in ("word", "quoted_name") and self._takes("no")
        events = self._events()
        within: Duration | None = None
        same: tuple[Node, ...] = ()
        while True:
            if events.where is None and self._takes("where"):
                events = replace(events, where=self._nested(NOT))
            elif within is None and self._takes("within"):
                within = self._duration()
            elif not same and self._takes("with", "same"):
                same = self._names()
            else:
                break
        if events.value is not None:
            raise refuse("unneeded_field", self._text, events.span, word="sequence")
        return Step(events, negated, within, same, span=self._since(start))

    def _names(self) -> tuple[Node, ...]:
        names = [self._name()]
        while self._takes("and"):
            names.append(self._name())
        return tuple(names)

    # --- rhythm -------------------------------------------------------------------------------------------

    def _regularly(self, token: Token) -> Node:
        events = self._selection()
        self._expect(",")
        at_least = self._whole()
        self._expect("of")
        periods = self._periods()
        if at_least > periods.count:
            raise refuse("more_than_periods", self._text, self._since(token), wanted=at_least, periods=periods.count)
        return Regularly(events, at_least, periods, span=self._closed(token))

    def _periods(self) -> Rolling | Previous:
        start = self._peek()
        if self._stands("previous"):
            return cast("Previous", self._previous(start.span))
        self._expect("last")
        length = self._duration()
        return Rolling(length.count, length.unit, span=self._since(start))

    def _stopped(self, token: Token) -> Node:
        events = self._selection()
        self._expect(",")
        kind = Stopped if token.value.lower() == "stopped" else Resumed
        return kind(events, self._duration(), span=self._closed(token))
