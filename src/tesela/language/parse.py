"""Read the text of a rule into nodes: precedence climbing over a short list of tokens.

Binding, tightest first: `where`, window, `since`; comparison; `not`; `and`; `or`. The parser knows words and
their places, never what a name means: that is `resolve`'s.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, cast

from tesela.language import words
from tesela.language.nesting import MAX_LIST, MAX_NESTING, allow_nesting
from tesela.language.nodes import (
    Aggregate,
    And,
    Arithmetic,
    Between,
    Birthday,
    Calendar,
    Comparison,
    Did,
    Events,
    InSegment,
    Moment,
    Name,
    Node,
    Not,
    Number,
    OneOf,
    Or,
    Percentile,
    PopulationValue,
    Presence,
    Previous,
    Rank,
    Revenue,
    Rolling,
    Rule,
    Sample,
    Span,
    StoreValue,
    Text,
    TextTest,
    Top,
    Truth,
    ValueAt,
    Within,
)
from tesela.language.places import refuse, unknown
from tesela.language.tokens import Token, cut, listed_texts

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from tesela.base import InputError, NotFoundError
    from tesela.language.nodes import (
        AggregateFunction,
        ArithmeticOperator,
        ComparisonOperator,
        TextTestKind,
    )

# How tightly each infix word binds.
_OR, _AND, _NOT, _COMPARISON, _SUM, _PRODUCT = range(1, 7)
_SIGNS = {
    "=": _COMPARISON,
    "!=": _COMPARISON,
    "<": _COMPARISON,
    "<=": _COMPARISON,
    ">": _COMPARISON,
    ">=": _COMPARISON,
    "+": _SUM,
    "-": _SUM,
    "*": _PRODUCT,
    "/": _PRODUCT,
}
_INFIX_WORDS = {
    "or": _OR,
    "and": _AND,
    **dict.fromkeys(("between", "in", "is", "contains", "starts", "ends", "matches"), _COMPARISON),
    **dict.fromkeys(("does", "not", "on", "before", "after", "previous"), _COMPARISON),
}
_CONDITIONS = (
    And, Or, Not, Did, Comparison, Between, OneOf, Presence, TextTest, Within, Birthday, InSegment, Sample, Top
)  # fmt: skip
_TEXT_TESTS: dict[str, TextTestKind] = {
    "contains": "contains",
    "contain": "contains",
    "starts": "starts with",
    "start": "starts with",
    "ends": "ends with",
    "end": "ends with",
    "matches": "matches",
    "match": "matches",
}


def parse(text: str) -> Rule:
    """Return the tree of a rule written as text.

    Args:
        text: Such as `did email_opened in last 30 days`.

    Returns:
        The rule; its names are not looked up yet.

    Raises:
        InputError: where the text is no rule, or uses a word that is not available yet.
        NotFoundError: where a function does not exist.

    Example:
        >>> parse("count(order_completed) >= 2").body.operator
        '>='
    """
    allow_nesting()
    return _Parser(text).rule()


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = cut(text)
        self._at = 0
        self._depth = 0

    # --- the rule and its binding -------------------------------------------------------------------------

    def rule(self) -> Rule:
        if self._peek().kind == "end":
            raise refuse("empty", self._text, self._peek().span)
        body = self._expression(_OR)
        everyone = self._takes("among", "everyone")
        if self._peek().kind != "end":
            raise self._unexpected("and, or")
        return Rule(body, everyone, self._text, span=Span(0, len(self._text)))

    def _expression(self, minimum: int) -> Node:
        left = self._prefix()
        while (binding := self._binding(left)) >= minimum:
            left = self._infix(left, binding)
        return left

    def _nested(self, minimum: int) -> Node:
        """Read an expression inside another: in parentheses, or after a word that takes one."""
        self._depth += 1
        if self._depth > MAX_NESTING:
            raise refuse("too_deep", self._text, self._peek().span, limit=MAX_NESTING)
        inner = self._expression(minimum)
        self._depth -= 1
        return inner

    def _binding(self, left: Node) -> int:
        """Return how tightly the next token binds what stands before it; 0 when it does not go on."""
        token = self._peek()
        if token.kind == "sign":
            binding = _SIGNS.get(token.value, 0)
        elif token.kind == "word":
            self._refuse_later(token, words.LATER_OPERATORS)
            binding = _INFIX_WORDS.get(token.value.lower(), 0)
        else:
            binding = 0
        # nothing is compared with a condition: a window after one belongs to the event around it
        return 0 if binding == _COMPARISON and isinstance(left, _CONDITIONS) else binding

    def _infix(self, left: Node, binding: int) -> Node:
        if binding == _OR:
            return self._joined(Or, left, "or", _AND)
        if binding == _AND:
            return self._joined(And, left, "and", _NOT)
        if binding == _COMPARISON:
            return self._test(left)
        sign = cast("ArithmeticOperator", self._next().value)
        right = self._expression(binding + 1)
        return Arithmetic(sign, left, right, span=_around(left, right))

    def _joined(self, kind: type[And | Or], first: Node, word: str, above: int) -> Node:
        items = [first]
        while self._takes(word):
            items.append(self._expression(above))
        return kind(tuple(items), span=_around(first, items[-1]))

    def _prefix(self) -> Node:
        token = self._peek()
        if self._takes("not"):
            item = self._nested(_NOT)
            return Not(item, span=Span(token.span.start, item.span.end))
        if self._takes("-"):
            operand = self._nested(_PRODUCT + 1)
            if isinstance(operand, Number):
                return replace(operand, value=-operand.value, span=Span(token.span.start, operand.span.end))
            return Arithmetic("-", Number(Decimal(0)), operand, span=Span(token.span.start, operand.span.end))
        return self._primary()

    # --- what an expression starts with -------------------------------------------------------------------

    def _primary(self) -> Node:
        token = self._peek()
        if token.kind in ("number", "text", "moment"):
            return self._literal()
        if self._takes("("):
            inner = self._nested(_OR)
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
        starters: dict[str, Callable[[Token], Node]] = {
            "did": self._did,
            "never": self._did,
            "in": self._segment,
            "top": self._top,
            "birthday": self._birthday,
            "revenue": self._revenue,
        }
        if word in starters and not self._is_compared(word):
            return starters[word](token)
        follows = self._peek(1)
        if follows.value == "(" and follows.kind == "sign":
            return self._function(token, word)
        if word in ("store", "population") and follows.value == ".":
            return self._of_people(token, word)
        if word in words.LATER_PREFIXES and follows.kind in ("word", "quoted_name"):
            self._refuse_later(token, words.LATER_PREFIXES)
        self._refuse_later(token, words.LATER_TRAITS)
        return self._name()

    def _is_compared(self, word: str) -> bool:
        """Tell a field that happens to be called `top` from the word."""
        return word in ("top", "birthday") and self._peek(1).kind == "sign"

    def _function(self, token: Token, word: str) -> Node:
        if word not in words.FUNCTIONS:
            self._refuse_later(token, words.LATER_FUNCTIONS)
            raise self._unknown_word(token, words.FUNCTIONS | words.LATER_FUNCTIONS)
        self._next()
        self._expect("(")
        if word == "sample":
            return self._sample(token)
        if word in ("percentile", "rank"):
            value = self._nested(_SUM)
            among = self._among()
            kind = Percentile if word == "percentile" else Rank
            return kind(value, among, span=self._closed(token))
        return self._aggregate(token, cast("AggregateFunction", word))

    def _aggregate(self, token: Token, function: AggregateFunction) -> Node:
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
            value = self._name()
            return ValueAt(function, events, value, span=Span(token.span.start, value.span.end))
        return Aggregate(function, events, by, span=span)

    def _did(self, token: Token) -> Node:
        self._next()
        events = self._modified(self._events())
        return Did(events, never=token.value.lower() == "never", span=Span(token.span.start, events.span.end))

    def _segment(self, token: Token) -> Node:
        self._next()
        self._expect("segment")
        name = self._peek()
        if name.kind not in ("word", "quoted_name", "text"):
            raise self._unexpected("segment …")
        self._next()
        return InSegment(name.value, span=Span(token.span.start, name.span.end))

    def _top(self, token: Token) -> Node:
        self._next()
        share = self._share()
        self._expect("by")
        value = self._nested(_SUM)
        # `among everyone` closes the rule: it is never a population of its own
        among = None if self._peek(1).value.lower() == "everyone" else self._among()
        return Top(share, value, among, span=Span(token.span.start, (among or value).span.end))

    def _birthday(self, token: Token) -> Node:
        self._next()
        start = self._peek()
        window = self._window()
        if not (isinstance(window, Rolling) and window.forward and window.unit == "day"):
            raise refuse("birthday_window", self._text, start.span)
        return Birthday(window.count, span=Span(token.span.start, window.span.end))

    def _revenue(self, token: Token) -> Node:
        self._next()
        if not self._takes("("):
            return Revenue(span=token.span)
        window = self._window()
        if window is None:
            raise self._unexpected("in last …")
        return Revenue(window, span=self._closed(token))

    def _sample(self, token: Token) -> Node:
        share = self._share()
        self._expect(",")
        salt = self._literal()
        if not isinstance(salt, Text):
            raise refuse("expected", self._text, salt.span, found=self._written(salt.span), expected='"…"')
        return Sample(share, salt.value, span=self._closed(token))

    def _of_people(self, token: Token, word: str) -> Node:
        self._next()
        self._expect(".")
        name = self._next()
        function = name.value.lower()
        if function not in words.POPULATION_FUNCTIONS:
            self._refuse_later(name, words.LATER_FUNCTIONS)
            raise self._unknown_word(name, words.POPULATION_FUNCTIONS)
        chosen = function
        self._expect("(")
        if word == "store":
            events = self._modified(self._events())
            return StoreValue(chosen, events, span=self._closed(token))
        value = self._nested(_NOT)
        where = self._nested(_NOT) if self._takes("where") else None
        return PopulationValue(chosen, value, where, span=self._closed(token))

    # --- events -------------------------------------------------------------------------------------------

    def _events(self) -> Events:
        """Read `event` or `event.field`."""
        token = self._peek()
        name = self._name()
        value = None
        if len(name.parts) > 1:
            value = Name(name.parts[1:], span=name.span)
        if token.value.lower() in ("where", "in", "since"):
            raise self._unexpected_token(token, "order_completed, …")
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
                where = self._nested(_NOT)
            elif since is None and self._takes("since"):
                since = self._nested(_SUM)
            elif window is None and (found := self._window()) is not None:
                window = found
            else:
                break
        last = max((part.span.end for part in (events, where, window, since) if part), default=0)
        span = Span(events.span.start, last)
        return replace(events, where=where, window=window, since=since, span=span)

    def _window(self) -> Node | None:
        """Read a window when one stands here."""
        start, word = self._peek(), self._peek().value.lower()
        if start.kind != "word":
            return None
        if word == "in" and self._peek(1).value.lower() in ("last", "next", "previous"):
            self._next()
            return self._rolling(start)
        if word == "previous" and self._peek(1).kind == "word":
            return self._rolling(start)
        if word in ("on", "before", "after") and self._peek(1).kind == "moment":
            self._next()
            day = self._moment()
            span = Span(start.span.start, day.span.end)
            return Calendar("on" if word == "on" else "before" if word == "before" else "after", day, span=span)
        if word == "between" and self._peek(1).kind == "moment":
            self._next()
            first = self._moment()
            self._expect("and")
            last = self._moment()
            if _instant_order(first) > _instant_order(last):
                raise refuse("window_backwards", self._text, Span(first.span.start, last.span.end))
            return Calendar("between", first, last, span=Span(start.span.start, last.span.end))
        return None

    def _rolling(self, start: Token) -> Node:
        word = self._next().value.lower()
        if word == "previous":
            unit = self._next()
            if unit.value.lower() not in ("day", "week", "month", "quarter", "year"):
                raise self._unexpected_token(unit, "day, week, month, quarter, year")
            return Previous(words.UNITS[unit.value.lower()], span=Span(start.span.start, unit.span.end))
        count = self._next()
        if count.kind != "number" or not count.value.isdecimal() or int(count.value) == 0:
            raise self._unexpected_token(count, "1, 2, 3, …")
        unit = self._next()
        if unit.value.lower() not in words.UNITS:
            raise self._unexpected_token(unit, ", ".join(name for name in words.UNITS if name.endswith("s")))
        chosen = words.UNITS[unit.value.lower()]
        return Rolling(int(count.value), chosen, word == "next", span=Span(start.span.start, unit.span.end))

    def _among(self) -> Node | None:
        return self._nested(_NOT) if self._takes("among") else None

    # --- comparisons --------------------------------------------------------------------------------------

    def _test(self, left: Node) -> Node:
        window = self._window()
        if window is not None:
            return Within(left, window, span=_around(left, window))
        token = self._next()
        if token.kind == "sign":
            right = self._expression(_SUM)
            return Comparison(cast("ComparisonOperator", token.value), left, right, span=_around(left, right))
        word = token.value.lower()
        if word == "is":
            return self._presence(left)
        negated = word in ("not", "does")
        if word == "does":
            self._expect("not")
        if negated:
            token = self._next()
            word = token.value.lower()
        if word == "between":
            low = self._expression(_SUM)
            self._expect("and")
            high = self._expression(_SUM)
            return Between(left, low, high, negated, span=_around(left, high))
        if word == "in":
            return self._one_of(left, negated)
        if word in _TEXT_TESTS:
            return self._text_test(left, word, negated)
        raise self._unexpected_token(token, "between, in (…), contains, is set, …")

    def _presence(self, left: Node) -> Node:
        negated = self._takes("not")
        token = self._next()
        if token.value.lower() not in ("set", "missing"):
            raise self._unexpected_token(token, "set, missing")
        is_set = (token.value.lower() == "set") != negated
        return Presence(left, is_set, span=Span(left.span.start, token.span.end))

    def _text_test(self, left: Node, word: str, negated: bool) -> Node:
        kind = _TEXT_TESTS[word]
        if kind in ("starts with", "ends with"):
            self._expect("with")
        exactly = self._takes("exactly")
        needle = self._literal()
        if not isinstance(needle, Text):
            raise refuse("expected", self._text, needle.span, found=self._written(needle.span), expected='"…"')
        return TextTest(kind, left, needle.value, negated, exactly, span=_around(left, needle))

    def _one_of(self, left: Node, negated: bool) -> OneOf:
        start = self._peek()
        items, texts = self._list()
        if len(items) + len(texts) > MAX_LIST:
            raise refuse("too_long_list", self._text, start.span, limit=MAX_LIST)
        end = self._tokens[self._at - 1].span.end
        return OneOf(left, items, texts, negated, span=Span(left.span.start, end))

    def _list(self) -> tuple[tuple[Node, ...], tuple[str, ...]]:
        if self._peek().kind == "texts":
            return (), listed_texts(self._next())
        self._expect("(")
        items = [self._literal()]
        while self._takes(","):
            items.append(self._literal())
        self._expect(")")
        texts = tuple(item.value for item in items if isinstance(item, Text))
        return ((), texts) if len(texts) == len(items) else (tuple(items), ())

    # --- names and written values -------------------------------------------------------------------------

    def _name(self) -> Name:
        first = self._next()
        if first.kind not in ("word", "quoted_name"):
            raise self._unexpected_token(first, "order_completed, amount, country, …")
        parts, end = [first.value], first.span.end
        while self._peek().value == "." and self._peek(1).kind in ("word", "quoted_name"):
            self._next()
            part = self._next()
            parts.append(part.value)
            end = part.span.end
        return Name(tuple(parts), span=Span(first.span.start, end))

    def _literal(self) -> Node:
        token = self._peek()
        if token.kind == "moment":
            return self._moment()
        self._next()
        if token.kind == "text":
            return Text(token.value, span=token.span)
        if token.kind == "word" and token.value.lower() in ("true", "false"):
            return Truth(token.value.lower() == "true", span=token.span)
        sign = 1
        start = token.span.start
        if token.kind == "sign" and token.value == "-":
            sign, token = -1, self._next()
        if token.kind != "number":
            raise self._unexpected_token(token, '"…", 10, 2026-01-31')
        if self._takes("%"):
            return Number(sign * Decimal(token.value) / 100, span=Span(start, token.span.end + 1))
        return Number(sign * Decimal(token.value), span=Span(start, token.span.end))

    def _moment(self) -> Moment:
        token = self._next()
        try:
            value = date.fromisoformat(token.value) if len(token.value) == 10 else datetime.fromisoformat(token.value)
        except ValueError:
            raise self._unexpected_token(token, "2026-01-31") from None
        return Moment(value, span=token.span)

    def _share(self) -> Decimal:
        token = self._next()
        if token.kind != "number" or not self._takes("%"):
            raise self._unexpected_token(token, "10%")
        share = Decimal(token.value) / 100
        if not 0 <= share <= 1:
            raise refuse("share_range", self._text, token.span, share=token.value)
        return share

    # --- tokens -------------------------------------------------------------------------------------------

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _next(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _takes(self, *expected: str) -> bool:
        """Step over these words or signs when they stand here."""
        for ahead, each in enumerate(expected):
            token = self._peek(ahead)
            if token.kind not in ("word", "sign") or token.value.lower() != each:
                return False
        self._at += len(expected)
        return True

    def _expect(self, expected: str) -> None:
        if not self._takes(expected):
            raise self._unexpected(expected)

    def _closed(self, token: Token) -> Span:
        end = self._peek().span.end
        self._expect(")")
        return Span(token.span.start, end)

    # --- errors -------------------------------------------------------------------------------------------

    def _written(self, span: Span) -> str:
        return self._text[span.start : span.end]

    def _unexpected(self, expected: str) -> InputError:
        return self._unexpected_token(self._peek(), expected)

    def _unexpected_token(self, token: Token, expected: str) -> InputError:
        code = "unfinished" if token.kind == "end" else "expected"
        return refuse(code, self._text, token.span, found=self._written(token.span), expected=expected)

    def _unknown_word(self, token: Token, known: Collection[str]) -> NotFoundError:
        return unknown("unknown_function", self._text, token.span, token.value, known)

    def _refuse_later(self, token: Token, later: Collection[str]) -> None:
        if token.value.lower() in later:
            raise refuse("not_available_yet", self._text, token.span, word=token.value)


def _around(first: Node, last: Node) -> Span:
    return Span(first.span.start, last.span.end)


def _instant_order(moment: Moment) -> tuple[int, int, int]:
    return (moment.value.year, moment.value.month, moment.value.day)
