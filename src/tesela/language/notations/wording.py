"""Words for what rules speak of: events, fields, times, numbers. Spanish bends articles to what follows."""

from __future__ import annotations

import tomllib
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from tesela.language import nodes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tesela.base import Language
    from tesela.language.nodes import Node

_HE = {
    "los": "los", "el": "el", "este": "este", "ultimos": "últimos", "ultimo": "último", "proximos": "próximos",
    "proximo": "próximo", "primero": "primer", "aquellos": "aquellos", "alguno": "alguno", "ninguno": "ninguno",
    "uno": "uno", "sus": "sus", "their": "their",
}  # fmt: skip
_SHE = {
    "los": "las", "el": "la", "este": "esta", "ultimos": "últimas", "ultimo": "última", "proximos": "próximas",
    "proximo": "próxima", "primero": "primera", "aquellos": "aquellas", "alguno": "alguna", "ninguno": "ninguna",
    "uno": "una", "sus": "sus", "their": "their",
}  # fmt: skip
_SAME = {"el ": "el mismo", "la ": "la misma", "los ": "los mismos", "the ": "the same"}
_SHOWN = 12


class Wording:
    """Says what stands in a rule, in one language."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def word(self, table: str, key: str, **parts: object) -> str:
        """Return a piece of a sentence with its parts put in."""
        text: str = _words()[table][self._language][key]
        return text.format(**parts) if parts else text

    def listed(self, items: Sequence[str], word: str) -> str:
        """Return some items with a word before the last; of many, the first ones and how many there are."""
        shown = items if len(items) <= _SHOWN else [*items[: _SHOWN - 2], f"… ({len(items)})"]
        return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + self.word("conditions", word) + shown[-1]

    # --- events and fields --------------------------------------------------------------------------------

    def event(self, name: str | None) -> dict[str, str]:
        """Return how an event is said, with its articles."""
        known = _words()["events"]
        words: dict[str, str] = known[name if name in known else "any" if name is None else "other"][self._language]
        return {**(_SHE if "she" in words else _HE), **{key: text.format(name=name) for key, text in words.items()}}

    def field(self, name: str) -> str:
        """Return a field with its article; one of the shop's own in quotes."""
        known: dict[str, str] = _words()["fields"][self._language]
        return known.get(name, self.quoted(name))

    def same(self, field: str) -> str:
        """Return `the same category` of `the category`."""
        for article, same in _SAME.items():
            if field.startswith(article):
                return f"{same} {field.removeprefix(article)}"
        return self.word("conditions", "same_value", field=field)

    def channel(self, name: str) -> str:
        """Return what a channel is called."""
        known: dict[str, str] = _words()["channels"][self._language]
        return known.get(name, name)

    # --- times --------------------------------------------------------------------------------------------

    def window(self, node: Node | None) -> str:
        """Return a window, with a space before it; nothing for none."""
        return "" if node is None else f" {self._windows[type(node)](self, node)}"

    def length(self, node: nodes.Duration) -> str:
        """Return a duration."""
        singular, plural, *_ = _words()["units"][self._language][node.unit]
        return f"{self.number(node.count)} {singular if node.count == 1 else plural}"

    def time(self, table: str, key: str, unit: str, **parts: object) -> str:
        """Return a piece about a unit of time, with the articles that the unit takes."""
        singular, plural, *gender = _words()["units"][self._language][unit]
        articles = _SHE if gender == ["f"] else _HE
        return self.word(table, key, **articles, **parts, unit=singular, units=plural)

    def _rolling(self, node: nodes.Rolling) -> str:
        length = self.length(nodes.Duration(node.count, node.unit))
        if node.calendar:
            this_one = self._this_one(node.unit)
            return self.time(
                "windows", "calendar", node.unit, length=length, count=self.number(node.count), this_one=this_one
            )
        if node.forward:
            today = node.count == 1 and node.unit == "day"
            key = "coming_day" if today else "next_one" if node.count == 1 else "next"
            return self.time("windows", key, node.unit, length=length)
        return self.time("windows", "last_one" if node.count == 1 else "last", node.unit, length=length)

    def _this_one(self, unit: str) -> str:
        return self.word("windows", "today") if unit == "day" else self.time("windows", "this", unit)

    def _previous(self, node: nodes.Previous) -> str:
        length = self.length(nodes.Duration(node.count, node.unit))
        return self.time("windows", "previous_one" if node.count == 1 else "previous", node.unit, length=length)

    def _ago(self, node: nodes.Ago) -> str:
        far = self.length(nodes.Duration(node.far, node.unit))
        return self.word("windows", "ago", near=self.number(node.near), far=far)

    def _calendar(self, node: nodes.Calendar) -> str:
        last = "" if node.last is None else self.moment(node.last)
        return self.word("windows", node.word, first=self.moment(node.first), last=last)

    def moment(self, node: nodes.Moment) -> str:
        """Return a date or time, without article."""
        from babel.dates import format_date

        at = node.value
        day = format_date(at, "long", locale=self._language)
        if not isinstance(at, datetime):
            return day
        spoken = f"{at:%H:%M:%S.%f}".rstrip("0").rstrip(".") if at.microsecond else f"{at:%H:%M:%S}".removesuffix(":00")
        zone = f" ({at.tzname()})" if at.tzinfo else ""
        return f"{day} {'a las' if self._language == 'es' else 'at'} {spoken}{zone}"

    def the_moment(self, node: nodes.Moment) -> str:
        """Return a date or time with the article that Spanish puts before it."""
        return f"{'el ' if self._language == 'es' else ''}{self.moment(node)}"

    # --- written values -----------------------------------------------------------------------------------

    def number(self, value: Decimal | int) -> str:
        """Return a number as the language writes it."""
        written = f"{Decimal(value):,f}"
        if "." in written:
            written = written.rstrip("0").rstrip(".")
        return written.translate(str.maketrans(",.", ".,")) if self._language == "es" else written

    def percent(self, share: Decimal) -> str:
        """Return a share of one as a percentage."""
        return f"{self.number(share * 100)}{' %' if self._language == 'es' else '%'}"

    def quoted(self, text: str) -> str:
        """Return a text in the language's quotes."""
        return f"«{text}»" if self._language == "es" else f"“{text}”"

    def weekday(self, text: str) -> str:
        """Return the name of a weekday; anything else in quotes."""
        days: dict[str, str] = _words()["weekdays"][self._language]
        return days.get(text) or self.quoted(text)

    def truth(self, value: bool) -> str:
        """Return yes or no."""
        return {"en": ("no", "yes"), "es": ("no", "sí")}[self._language][value]

    def fact(self, field: str, told: str, holds: bool) -> str:
        """Return whether a field that is true or false is true, in words of its own when it has some."""
        known = _words()["truths"][self._language]
        text: str = known.get(field, known["other"])[holds]
        return text.format(a=told)

    _windows: dict[type[Node], Callable[[Wording, Any], str]] = {  # noqa: RUF012
        nodes.Rolling: _rolling,
        nodes.Previous: _previous,
        nodes.Current: lambda self, node: self._this_one(node.unit),
        nodes.Ago: _ago,
        nodes.Calendar: _calendar,
    }


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(resources.files("tesela.language.notations").joinpath("sentences.toml").read_text("utf-8"))
