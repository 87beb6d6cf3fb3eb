"""Cut the text of a rule into words, numbers, texts, moments and signs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from tesela.language.nodes import Span
from tesela.language.places import refuse

TokenKind = Literal["texts", "numbers", "moment", "number", "text", "quoted_name", "word", "sign", "end"]

# A long list of plain texts or numbers is one token: a million of them are cut in a blink.
_LONG = 100

_PATTERN = re.compile(
    rf"""
      (?P<texts>\(\s*"[^"\\]*"(?:\s*,\s*"[^"\\]*"){{{_LONG},}}\s*\))
    | (?P<numbers>\(\s*-?\d+(?:\.\d+)?(?:\s*,\s*-?\d+(?:\.\d+)?){{{_LONG},}}\s*\))
    | """
    r"""
      (?P<moment>\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:\d{2})?)?)
    | (?P<number>\d+(?:\.\d+)?)
    | (?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    | (?P<quoted_name>`[^`]+`)
    | (?P<word>[^\W\d]\w*)
    | (?P<sign><=|>=|!=|<>|==|[=<>(),.+*/%-])
    | (?P<space>\s+)
    """,
    re.VERBOSE | re.DOTALL,
)
_LISTED = re.compile(r'"([^"]*)"')
_ESCAPED = re.compile(r"\\([\"'\\])")
_EXPECTED_SIGNS = {"≥": ">=", "≤": "<=", "≠": "!=", "==": "=", "“": '"', "”": '"', "«": '"', "&": "and", "|": "or"}


@dataclass(frozen=True, slots=True)
class Token:
    """One piece of the text.

    Attributes:
        kind: What it is; `texts` and `numbers` are whole lists in their parentheses.
        value: What it says: a text without quotes and escapes, a sign in its one spelling.
        span: Where it stood.
        word: A word or sign in small letters, which is what the language knows; nothing else has one.
    """

    kind: TokenKind
    value: str
    span: Span
    word: str = ""


def cut(text: str) -> list[Token]:
    """Return the tokens of a rule, closed by one of kind `end`.

    Raises:
        InputError: where a character belongs to nothing the language knows.
    """
    tokens: list[Token] = []
    at = 0
    while at < len(text):
        found = _PATTERN.match(text, at)
        if found is None or found[0] == "==":
            raise _stray(text, at)
        kind = found.lastgroup
        if kind != "space":
            value = _value(kind, found[0])
            word = value.lower() if kind in ("word", "sign") else ""
            tokens.append(Token(kind, value, Span(at, found.end()), word))  # type: ignore[arg-type]
        at = found.end()
    tokens.append(Token("end", "", Span(len(text), len(text))))
    return tokens


def listed_texts(token: Token) -> tuple[str, ...]:
    """Return the texts of a `texts` token."""
    return tuple(_LISTED.findall(token.value))


def listed_numbers(token: Token) -> list[str]:
    """Return the numbers of a `numbers` token, as written."""
    return [each.strip() for each in token.value[1:-1].split(",")]


def _value(kind: str | None, written: str) -> str:
    if kind == "text":
        # any other backslash is one: patterns are full of them
        return _ESCAPED.sub(r"\1", written[1:-1])
    if kind == "quoted_name":
        return written[1:-1]
    return "!=" if written == "<>" else written


def _stray(text: str, at: int) -> Exception:
    span = Span(at, at + 1)
    if text[at] in "\"'`":
        return refuse("open_quote", text, span)
    sign = "==" if text.startswith("==", at) else text[at]
    if sign in _EXPECTED_SIGNS:
        return refuse("stray_sign", text, span, sign=sign, meant=_EXPECTED_SIGNS[sign])
    return refuse("stray_character", text, span, character=text[at])
