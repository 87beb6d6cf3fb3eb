"""Words about the profile itself: its history, its segments, its consents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from tesela.language.nodes import (
    Anniversary,
    Birthday,
    CanReceive,
    Changed,
    Consent,
    Held,
    InFor,
    InSegment,
    Length,
    Node,
    PreviousValue,
    Rolling,
    Sample,
    Stay,
    TimeSince,
)
from tesela.language.parsing.cursor import COMPARISON, SUM
from tesela.language.parsing.people import PeopleWords
from tesela.language.places import refuse

if TYPE_CHECKING:
    from tesela.language.nodes import StayWord
    from tesela.language.parsing.tokens import Token

_PARTS: tuple[Literal["at", "source"], ...] = ("at", "source")


class ProfileWords(PeopleWords):
    """Reads words about the profile."""

    # --- history ------------------------------------------------------------------------------------------

    def _changed(self, token: Token) -> Node:
        field = self._name()
        return Changed(field, self._window(), span=self._closed(token))

    def _previous_value(self, token: Token) -> Node:
        return PreviousValue(self._name(), span=self._closed(token))

    def _held(self, token: Token) -> Node:
        self._next()
        condition = self._nested(COMPARISON)
        self._expect("for")
        return Held(condition, self._duration(), span=self._since(token))

    def _time_since(self, token: Token) -> Node:
        return TimeSince(self._nested(SUM), span=self._closed(token))

    def _length(self, token: Token) -> Node:
        return Length(self._nested(SUM), span=self._closed(token))

    def _birthday(self, token: Token) -> Node:
        self._next()
        return Birthday(self._coming_days(), span=self._since(token))

    def _anniversary(self, token: Token) -> Node:
        value = self._nested(SUM)
        self._expect(")")
        return Anniversary(value, self._coming_days(), span=self._since(token))

    def _coming_days(self) -> int:
        start = self._peek()
        window = self._window()
        if not (isinstance(window, Rolling) and window.forward and window.unit in ("day", "week")):
            raise refuse("birthday_window", self._text, start.span)
        return window.count * (7 if window.unit == "week" else 1)

    # --- segments -----------------------------------------------------------------------------------------

    def _in_segment(self, token: Token) -> Node:
        self._expect("in", "segment")
        slug = self._slug()
        if self._takes("for"):
            return InFor(slug, self._duration(), span=self._since(token))
        return InSegment(slug, span=self._since(token))

    def _stay(self, token: Token) -> Node:
        word = self._next().value.lower()
        if word == "ever":
            self._expect("in")
        slug = self._slug()
        window = self._window()
        return Stay(cast("StayWord", "ever in" if word == "ever" else word), slug, window, span=self._since(token))

    def _sample(self, token: Token) -> Node:
        share = self._share()
        self._expect(",")
        return Sample(share, self._quoted(), span=self._closed(token))

    # --- consent ------------------------------------------------------------------------------------------

    def _can_receive(self, token: Token) -> Node:
        channel, purpose = self._address()
        return CanReceive(channel, purpose, span=self._closed(token))

    def _consent(self, token: Token) -> Node:
        channel, purpose = self._address()
        span = self._closed(token)
        if not self._takes("."):
            return Consent(channel, purpose, span=span)
        part = self._next()
        if part.value not in _PARTS:
            raise self._unexpected_token(part, ", ".join(_PARTS))
        return Consent(channel, purpose, part.value, span=self._since(token))

    def _address(self) -> tuple[str, str]:
        channel = self._slug("email, sms, …")
        return channel, self._slug() if self._takes(",") else "marketing"
