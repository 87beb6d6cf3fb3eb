"""Words that compare: signs, lists, texts, places, presence."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from tesela.language.nesting import MAX_LIST
from tesela.language.nodes import (
    Between,
    Comparison,
    GeoTest,
    ListTest,
    Node,
    OneOf,
    Or,
    Presence,
    Text,
    TextTest,
    Within,
)
from tesela.language.parsing.cursor import SUM, around
from tesela.language.parsing.profiles import ProfileWords
from tesela.language.parsing.tokens import listed_numbers, listed_texts
from tesela.language.places import refuse

if TYPE_CHECKING:
    from decimal import Decimal

    from tesela.language.nodes import ComparisonOperator, Quantifier, TextTestKind

_TEXT_TESTS: dict[str, TextTestKind] = {
    "contains": "contains",
    "contain": "contains",
    "containing": "contains",
    "starts": "starts with",
    "start": "starts with",
    "starting": "starts with",
    "ends": "ends with",
    "end": "ends with",
    "ending": "ends with",
    "matches": "matches",
    "match": "matches",
    "matching": "matches",
}
_WITH_LEFT_SIDE = (Comparison, Between, OneOf, TextTest, Within, ListTest, GeoTest)


class ComparisonWords(ProfileWords):
    """Reads what stands to the right of a value."""

    def _test(self, left: Node) -> Node:
        window = self._window()
        if window is not None:
            return Within(left, window, span=around(left, window))
        token = self._next()
        if token.kind == "sign":
            right = self._expression(SUM)
            return Comparison(cast("ComparisonOperator", token.value), left, right, span=around(left, right))
        word = token.value.lower()
        if word == "is":
            return self._presence(left)
        if word == "has":
            return self._has(left)
        if word == "within":
            return self._near(left)
        if word == "inside":
            return self._inside(left)
        negated = word in ("not", "does")
        if word == "does":
            self._expect("not")
        if negated:
            token = self._next()
            word = token.value.lower()
        if word == "between":
            low = self._expression(SUM)
            self._expect("and")
            high = self._expression(SUM)
            return Between(left, low, high, negated, span=around(left, high))
        if word == "in":
            return self._one_of(left, negated)
        if word in _TEXT_TESTS:
            kind, exactly, needle = self._text_test(word)
            return TextTest(kind, left, needle, negated, exactly, span=self._since(left))
        raise self._unexpected_token(token, "between, in (…), contains, is set, …")

    def _or_missing(self, left: Node) -> Node:
        """Read `or missing` after a comparison: it speaks of the comparison's left side."""
        start = self._peek()
        self._expect("or", "missing")
        if not isinstance(left, _WITH_LEFT_SIDE):
            raise self._unexpected_token(start, "and, or")
        side = left.left if isinstance(left, Comparison) else left.value
        return Or((left, Presence(side, is_set=False, span=left.span)), span=self._since(left))

    def _presence(self, left: Node) -> Node:
        negated = self._takes("not")
        token = self._next()
        if token.value.lower() not in ("set", "missing"):
            raise self._unexpected_token(token, "set, missing")
        return Presence(left, (token.value.lower() == "set") != negated, span=self._since(left))

    def _text_test(self, word: str) -> tuple[TextTestKind, bool, str]:
        kind = _TEXT_TESTS[word]
        if kind in ("starts with", "ends with"):
            self._expect("with")
        exactly = self._takes("exactly")
        return kind, exactly, self._quoted()

    # --- lists --------------------------------------------------------------------------------------------

    def _one_of(self, left: Node, negated: bool) -> OneOf:
        start = self._peek()
        if start.kind == "texts":
            return OneOf(left, (), self._texts(), negated, span=self._since(left))
        if start.kind == "numbers":
            written = listed_numbers(self._next())
            self._check_length(len(written))
            numbers = tuple(self._exact(each, start) for each in written)
            return OneOf(left, (), (), negated, numbers, span=self._since(left))
        return OneOf(left, self._list(), (), negated, span=self._since(left))

    def _has(self, left: Node) -> Node:
        word = self._word_at()
        if word not in ("any", "all", "none"):
            return ListTest(left, "any", (self._quoted(),), span=self._since(left))
        quantifier = cast("Quantifier", self._next().value.lower())
        if self._takes("of"):
            start = self._peek()
            texts = self._texts() if start.kind == "texts" else tuple(_text_of(item) for item in self._list())
            if None in texts:
                raise self._unexpected_token(start, '("…", "…")')
            return ListTest(left, quantifier, cast("tuple[str, ...]", texts), span=self._since(left))
        test = self._next()
        if test.value.lower() not in _TEXT_TESTS:
            raise self._unexpected_token(test, "of (…), containing, starting with, ending with, matching")
        kind, exactly, needle = self._text_test(test.value.lower())
        return ListTest(left, quantifier, (), kind, needle, exactly, span=self._since(left))

    def _list(self) -> tuple[Node, ...]:
        self._expect("(")
        items = [self._literal()]
        while self._takes(","):
            items.append(self._literal())
        self._expect(")")
        self._check_length(len(items))
        return tuple(items)

    def _texts(self) -> tuple[str, ...]:
        texts = listed_texts(self._next())
        self._check_length(len(texts))
        return texts

    def _check_length(self, length: int) -> None:
        if length > MAX_LIST:
            raise refuse("too_long_list", self._text, self._tokens[self._at - 1].span, limit=MAX_LIST)

    # --- places -------------------------------------------------------------------------------------------

    def _near(self, left: Node) -> Node:
        kilometres = self._signed()
        self._expect("km", "of")
        return GeoTest(left, "near", (self._point(),), kilometres, span=self._since(left))

    def _inside(self, left: Node) -> Node:
        self._expect("(")
        points = [self._point()]
        while self._takes(","):
            points.append(self._point())
        self._expect(")")
        if len(points) < 3:
            raise refuse("polygon_too_short", self._text, self._since(left))
        return GeoTest(left, "inside", tuple(points), span=self._since(left))

    def _point(self) -> tuple[Decimal, Decimal]:
        start = self._peek()
        self._expect("(")
        latitude = self._signed()
        self._expect(",")
        longitude = self._signed()
        self._expect(")")
        if abs(latitude) > 90 or abs(longitude) > 180:
            raise refuse("not_on_earth", self._text, self._since(start))
        return latitude, longitude


def _text_of(item: Node) -> str | None:
    return item.value if isinstance(item, Text) else None
