"""The whole rule: what an expression may start with, and how tightly words bind."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from tesela.language import words
from tesela.language.nesting import MAX_LEVELS, MAX_NESTING, allow_nesting
from tesela.language.nodes import (
    And,
    Anniversary,
    Arithmetic,
    Between,
    Birthday,
    CanReceive,
    Changed,
    Comparison,
    Did,
    Extreme,
    GeoTest,
    Held,
    If,
    InFor,
    InSegment,
    ListTest,
    Node,
    Not,
    Number,
    OfThese,
    OneOf,
    Or,
    Presence,
    Regularly,
    Related,
    Resumed,
    Rule,
    Sample,
    Sequence,
    Span,
    Stay,
    Stopped,
    TextTest,
    Top,
    Truth,
    Within,
    Xor,
)
from tesela.language.parsing.comparisons import ComparisonWords
from tesela.language.parsing.cursor import AND, COMPARISON, EXCEPT, NOT, OR, PRODUCT, SUM, XOR, around
from tesela.language.places import refuse
from tesela.language.walking import levels

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.language.nodes import ArithmeticOperator, ExtremeFunction
    from tesela.language.parsing.tokens import Token

_SIGNS = {
    **dict.fromkeys(("=", "!=", "<", "<=", ">", ">="), COMPARISON),
    **dict.fromkeys(("+", "-"), SUM),
    **dict.fromkeys(("*", "/"), PRODUCT),
}
_INFIX_WORDS = {
    "except": EXCEPT,
    "or": OR,
    "xor": XOR,
    "and": AND,
    **dict.fromkeys(("between", "in", "is", "contains", "starts", "ends", "matches", "has", "within"), COMPARISON),
    **dict.fromkeys(("does", "not", "on", "before", "after", "previous", "inside", "this"), COMPARISON),
    **dict.fromkeys(("today", "yesterday"), COMPARISON),
}
CONDITIONS = (
    And, Or, Xor, Not, OfThese, Did, Comparison, Between, OneOf, Presence, TextTest, Within, Birthday, Anniversary,
    InSegment, InFor, Stay, Sample, Top, CanReceive, Changed, Held, ListTest, GeoTest, Related, Sequence, Regularly,
    Stopped, Resumed,
)  # fmt: skip


def parse(text: str) -> Rule:
    """Return the tree of a rule written as text.

    Args:
        text: Such as `did email_opened in last 30 days`.

    Returns:
        The rule; its names are not looked up yet.

    Raises:
        InputError: where the text is no rule.
        NotFoundError: where a function does not exist.

    Example:
        >>> parse("count(order_completed) >= 2").body.operator
        '>='
    """
    allow_nesting()
    return _RuleParser(_as_stored(text)).rule()


def _as_stored(text: str) -> str:
    """Return a text as texts are loaded: composed (NFC), without NUL; else an equal-looking one would never match."""
    return unicodedata.normalize("NFC", text).replace("\0", "")


def _what_may_follow(body: Node) -> str:
    while isinstance(body, And | Or):
        body = body.items[-1]
    if isinstance(body, Did):
        return "in last 30 days, where …, since …, and, or"
    return "and, or" if isinstance(body, CONDITIONS) else "= …, >= …, in (…), contains …, is set, …"


class _RuleParser(ComparisonWords):
    def rule(self) -> Rule:
        if self._peek().kind == "end":
            raise refuse("empty", self._text, self._peek().span)
        body = self._expression(EXCEPT)
        everyone = self._takes("among", "everyone")
        if self._peek().kind != "end":
            word = self._word_at()
            is_window = word in ("on", "before", "after", "between")
            raise self._unexpected(f"{word} 2026-01-31" if is_window else _what_may_follow(body))
        if levels(body) > MAX_LEVELS:
            raise refuse("too_deep", self._text, body.span, limit=MAX_NESTING)
        return Rule(body, everyone, self._text, span=Span(0, len(self._text)))

    # --- binding ------------------------------------------------------------------------------------------

    def _expression(self, minimum: int) -> Node:
        left = self._prefix()
        while (binding := self._binding(left)) >= minimum:
            left = self._infix(left, binding)
        return left

    def _binding(self, left: Node) -> int:
        """Return how tightly the next token binds what stands before it; 0 when it does not go on."""
        token = self._peek()
        if token.kind == "sign":
            binding = _SIGNS.get(token.value, 0)
        elif token.kind == "word":
            binding = _INFIX_WORDS.get(token.value.lower(), 0)
        else:
            binding = 0
        if binding == OR and self._word_at(1) == "missing":
            return COMPARISON
        # nothing is compared with a condition: a window after one belongs to the event around it
        return 0 if binding == COMPARISON and isinstance(left, CONDITIONS) else binding

    def _infix(self, left: Node, binding: int) -> Node:
        if binding == COMPARISON:
            return self._or_missing(left) if self._stands("or") else self._test(left)
        if binding in (OR, AND):
            kind, word = (Or, "or") if binding == OR else (And, "and")
            return self._joined(kind, left, word, binding + 1)
        token = self._next()
        right = self._expression(binding + 1)
        span = around(left, right)
        if binding == XOR:
            return Xor(left, right, span=span)
        if binding == EXCEPT:
            return And((left, Not(right, span=right.span)), span=span)
        return Arithmetic(cast("ArithmeticOperator", token.value), left, right, span=span)

    def _joined(self, kind: type[And | Or], first: Node, word: str, above: int) -> Node:
        items = [first]
        while self._stands(word) and not self._stands("or", "missing"):
            self._next()
            items.append(self._expression(above))
        return kind(tuple(items), span=around(first, items[-1]))

    def _prefix(self) -> Node:
        token = self._peek()
        if self._takes("not"):
            return Not(self._nested(NOT), span=self._since(token))
        if self._takes("-"):
            operand = self._nested(PRODUCT + 1)
            if isinstance(operand, Number):
                return replace(operand, value=-operand.value, span=self._since(token))
            return Arithmetic("-", Number(Decimal(0)), operand, span=self._since(token))
        return self._primary()

    # --- what an expression starts with -------------------------------------------------------------------

    def _primary(self) -> Node:
        token = self._peek()
        if token.kind == "number" and self._word_at(1) in words.UNITS:
            return self._duration()
        if token.kind in ("number", "text", "moment"):
            return self._literal()
        if self._takes("("):
            inner = self._nested(EXCEPT)
            self._expect(")")
            return inner
        if token.kind == "quoted_name":
            return self._name()
        if token.kind == "word":
            return self._word(token)
        raise self._unexpected('did order_completed, country = "ES", …')

    def _word(self, token: Token) -> Node:
        word = token.value.lower()
        if word in ("true", "false"):
            self._next()
            return Truth(word == "true", span=token.span)
        if word in self._starters and self._starts(word):
            return self._starters[word](self, token)
        follows = self._word_at(1)
        if follows == "(":
            return self._function(token, word)
        if word in ("store", "population") and follows == ".":
            return self._of_people(token)
        return self._name()

    def _starts(self, word: str) -> bool:
        """Tell a word of the language from a field that happens to be called so."""
        follows, after = self._peek(1), self._word_at(1)
        if word in ("at", "exactly"):
            return after in ("least", "most") if word == "at" else follows.kind == "number"
        if word in ("any", "all", "none"):
            return after == "of"
        if word in ("did", "never", "in", "revenue"):
            return True
        if word == "ever":
            return after == "in"
        if word == "birthday":
            return after == "in" and self._word_at(2) in ("next", "last", "previous", "this")
        if word == "top":
            return follows.kind == "number"
        if word == "held" and after == "(":
            return True
        return follows.kind in ("word", "quoted_name") and after not in _INFIX_WORDS

    def _function(self, token: Token, word: str) -> Node:
        if word not in self._functions:
            raise self._unknown_word(token, self._functions)
        self._next()
        self._expect("(")
        return self._functions[word](self, token)

    # --- one value of several -----------------------------------------------------------------------------

    def _if(self, token: Token) -> Node:
        condition = self._nested(EXCEPT)
        self._expect(",")
        then = self._nested(EXCEPT)
        self._expect(",")
        return If(condition, then, self._nested(EXCEPT), span=self._closed(token))

    def _extreme(self, token: Token) -> Node:
        values = [self._nested(SUM)]
        self._expect(",")
        values.append(self._nested(SUM))
        while self._takes(","):
            values.append(self._nested(SUM))
        function = cast("ExtremeFunction", token.value.lower())
        return Extreme(function, tuple(values), span=self._closed(token))

    # --- several conditions at once -----------------------------------------------------------------------

    def _these(self, token: Token) -> Node:
        """Read `any of (…)`, `all of (…)`, `none of (…)`."""
        word = self._next().value.lower()
        items = self._conditions()
        span = self._since(token)
        kind = And if word == "all" else Or
        joined = kind(items, span=span) if len(items) > 1 else items[0]
        return Not(joined, span=span) if word == "none" else joined

    def _so_many(self, token: Token) -> Node:
        """Read `at least 2 of (…)`, `at most 2 of (…)`, `exactly 2 of (…)`."""
        word = self._next().value.lower()
        if word == "at":
            word = self._next().value.lower()
        count = self._whole(0)
        items = self._conditions()
        span = self._since(token)
        if count > len(items):
            raise refuse("more_than_conditions", self._text, span, wanted=count, conditions=len(items))
        return OfThese(items, None if word == "most" else count, None if word == "least" else count, span=span)

    def _conditions(self) -> tuple[Node, ...]:
        self._expect("of", "(")
        items = [self._nested(EXCEPT)]
        while self._takes(","):
            items.append(self._nested(EXCEPT))
        self._expect(")")
        return tuple(items)

    _starters: dict[str, Callable[[_RuleParser, Token], Node]] = {  # noqa: RUF012
        "did": ComparisonWords._did,
        "never": ComparisonWords._did,
        "in": ComparisonWords._in_segment,
        "joined": ComparisonWords._stay,
        "left": ComparisonWords._stay,
        "ever": ComparisonWords._stay,
        "held": ComparisonWords._held,
        "top": ComparisonWords._top,
        "birthday": ComparisonWords._birthday,
        "revenue": ComparisonWords._revenue,
        "at": _so_many,
        "exactly": _so_many,
        "any": _these,
        "all": _these,
        "none": _these,
    }
    _functions: dict[str, Callable[[_RuleParser, Token], Node]] = {  # noqa: RUF012
        **dict.fromkeys(words.AGGREGATES, ComparisonWords._aggregate),
        **dict.fromkeys(("percentile", "decile", "rank"), ComparisonWords._standing),
        **dict.fromkeys(("any", "all", "none"), ComparisonWords._related),
        **dict.fromkeys(("stopped", "resumed"), ComparisonWords._stopped),
        **dict.fromkeys(("least", "greatest"), _extreme),
        "if": _if,
        "sequence": ComparisonWords._sequence,
        "regularly": ComparisonWords._regularly,
        "changed": ComparisonWords._changed,
        "previous": ComparisonWords._previous_value,
        "time_since": ComparisonWords._time_since,
        "length": ComparisonWords._length,
        "anniversary": ComparisonWords._anniversary,
        "sample": ComparisonWords._sample,
        "can_receive": ComparisonWords._can_receive,
        "consent": ComparisonWords._consent,
    }
