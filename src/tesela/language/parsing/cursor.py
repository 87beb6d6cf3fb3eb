"""Where the reading stands: tokens ahead, what is written out in them, and errors at their place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tesela.language import words
from tesela.language.nesting import MAX_NESTING
from tesela.language.nodes import Duration, Moment, Name, Node, Number, Span, Text, Truth
from tesela.language.parsing.tokens import Token, cut
from tesela.language.places import refuse, unknown

if TYPE_CHECKING:
    from collections.abc import Collection

    from tesela.base import InputError, NotFoundError

# How tightly each infix word binds.
EXCEPT, OR, XOR, AND, NOT, COMPARISON, SUM, PRODUCT = range(1, 9)

_NUMBERS = "1, 2, 3, …"
# What decimal arithmetic keeps, less two for hundredths.
_DIGITS = 26


class Cursor(ABC):
    """A place in the tokens of one rule."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = cut(text)
        self._at = 0
        self._depth = 0

    @abstractmethod
    def _expression(self, minimum: int) -> Node:
        """Read an expression whose words bind at least so tightly."""

    def _nested(self, minimum: int) -> Node:
        """Read an expression inside another: in parentheses, or after a word that takes one."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise refuse("too_deep", self._text, self._peek().span, limit=MAX_NESTING)
        inner = self._expression(minimum)
        self._depth -= 1
        return inner

    # --- tokens -------------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> Token:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else self._tokens[-1]

    def _word_at(self, ahead: int = 0) -> str:
        """Return the word or sign that stands there, in small letters; nothing else has one."""
        return self._peek(ahead).word

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _stands(self, *expected: str) -> bool:
        """Tell whether these words or signs come next."""
        # asked before nearly every step: mostly the first word is another
        if self._peek().word != expected[0]:
            return False
        return all(self._word_at(ahead) == each for ahead, each in enumerate(expected))

    def _takes(self, *expected: str) -> bool:
        """Step over these words or signs when they come next."""
        if not self._stands(*expected):
            return False
        self._at += len(expected)
        return True

    def _expect(self, *expected: str) -> None:
        for each in expected:
            if not self._takes(each):
                raise self._unexpected(each)

    def _since(self, start: Token | Node) -> Span:
        """Return the span from a token or node to the last token read."""
        return Span(start.span.start, self._tokens[self._at - 1].span.end)

    def _closed(self, start: Token) -> Span:
        self._expect(")")
        return self._since(start)

    # --- names and written values -------------------------------------------------------------------------

    def _name(self) -> Name:
        first = self._next()
        if first.kind not in ("word", "quoted_name"):
            raise self._unexpected_token(first, "order_completed, amount, country, …")
        parts = [first.value]
        while self._peek().value == "." and self._peek(1).kind in ("word", "quoted_name"):
            self._next()
            parts.append(self._next().value)
        return Name(tuple(parts), span=self._since(first))

    def _slug(self, expected: str = "loyal, `my segment`, …") -> str:
        """Read the name of a segment or channel."""
        token = self._next()
        if token.kind not in ("word", "quoted_name", "text"):
            raise self._unexpected_token(token, expected)
        return token.value

    def _literal(self) -> Node:
        token = self._peek()
        if token.kind == "moment":
            return self._moment()
        self._next()
        if token.kind == "text":
            return Text(token.value, span=token.span)
        if token.kind == "word" and token.value.lower() in ("true", "false"):
            return Truth(token.value.lower() == "true", span=token.span)
        self._at -= 1
        value = self._signed()
        if self._takes("%"):
            value /= 100
        return Number(value, span=self._since(token))

    def _signed(self) -> Decimal:
        """Read a number that may be negative."""
        is_negative = self._takes("-")
        token = self._next()
        if token.kind != "number":
            raise self._unexpected_token(token, '"…", 10, 2026-01-31')
        number = self._exact(token.value, token)
        return -number if is_negative else number

    def _exact(self, written: str, token: Token) -> Decimal:
        """Return a written number; one with more digits than arithmetic keeps is refused."""
        if len(written) > _DIGITS and len(written.replace(".", "").strip("-0")) > _DIGITS:
            raise refuse("number_too_long", self._text, token.span, limit=_DIGITS)
        return Decimal(written)

    def _whole(self, least: int = 1) -> int:
        token = self._next()
        if token.kind != "number" or not token.value.isdecimal() or int(token.value) < least:
            raise self._unexpected_token(token, _NUMBERS)
        return int(token.value)

    def _unit(self) -> Token:
        token = self._next()
        if token.value.lower() not in words.UNITS:
            raise self._unexpected_token(token, ", ".join(name for name in words.UNITS if name.endswith("s")))
        return token

    def _duration(self) -> Duration:
        start = self._peek()
        count = self._whole()
        unit = words.UNITS[self._unit().value.lower()]
        return Duration(count, unit, span=self._since(start))

    def _moment(self) -> Moment:
        token = self._next()
        try:
            value = date.fromisoformat(token.value) if len(token.value) == 10 else datetime.fromisoformat(token.value)
        except ValueError:
            raise self._unexpected_token(token, "2026-01-31") from None
        return Moment(value, span=token.span)

    def _quoted(self) -> str:
        """Read a text in quotes."""
        token = self._next()
        if token.kind != "text":
            raise self._unexpected_token(token, '"…"')
        return token.value

    def _share(self) -> Decimal:
        token = self._next()
        if token.kind != "number" or not self._takes("%"):
            raise self._unexpected_token(token, "10%")
        share = self._exact(token.value, token) / 100
        if not 0 <= share <= 1:
            raise refuse("share_range", self._text, token.span, share=token.value)
        return share

    # --- errors -------------------------------------------------------------------------------------------

    def _unexpected(self, expected: str) -> InputError:
        return self._unexpected_token(self._peek(), expected)

    def _unexpected_token(self, token: Token, expected: str) -> InputError:
        found = self._text[token.span.start : token.span.end]
        if token.kind == "end":
            return refuse("unfinished", self._text, token.span, found=found, expected=expected)
        return refuse("expected", self._text, token.span, found=found, expected=expected)

    def _unknown_word(self, token: Token, known: Collection[str]) -> NotFoundError:
        return unknown("unknown_function", self._text, token.span, token.value, known)


def around(first: Node, last: Node) -> Span:
    """Return the span from one node to another."""
    return Span(first.span.start, last.span.end)
