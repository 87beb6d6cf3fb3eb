"""Clean what one of a few words says: language, gender, age. Only as declared; nothing is guessed."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.wordlists import fold, load, says_nothing

if TYPE_CHECKING:
    from tesela.profiles.cleaning.settings import CleaningSettings

_LONGEST = 80
_LOCALE = re.compile(r"([a-z]{2,3})(?: [a-z]{4})?(?: (?:[a-z]{2}|\d{3}))?(?: (?:utf 8|utf8|iso\S*))?")
_AGE = re.compile(r"(\d{1,3})(?:[.,]0+)?\s*(?:a|años?|anos?|years?(?: old)?|yrs?\.?|y\.?o\.?)?", re.IGNORECASE)
_AGES = re.compile(r"(?:de |from )?(\d{1,3})\s*(?:-|–|a|to|y|and|/)\s*(\d{1,3})\s*(?:años|years)?", re.IGNORECASE)
_FROM_AGE = re.compile(
    r"(?:\+\s*(\d{1,3})|(\d{1,3})\s*\+|(?:más de|mas de|over)\s+(\d{1,3}))\s*(?:años|years)?", re.IGNORECASE
)
_OLDEST = 120


class LanguageReader:
    """Cleans languages: the ISO 639 code of what is named in Spanish or English, or by a code such as `es-MX`."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("language")

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        code = _language(fold(written)) if len(written) <= _LONGEST else None
        if code:
            draft.put("locale.code", code)
        elif says_nothing(written):
            draft.flag("locale.placeholder", "placeholder")
        else:
            draft.flag("locale.code", "unknown")
        return draft.done()


class GenderReader:
    """Cleans the gender that a person declared: female, male or other. Never told from a name."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("gender")

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        word = fold(written) if len(written) <= _LONGEST else ""
        meaning = _genders().get(word)
        if meaning == "ambiguous":
            draft.flag("gender.word", "ambiguous")
        elif meaning:
            draft.put("gender.word", meaning)
        elif says_nothing(written):
            draft.flag("gender.placeholder", "placeholder")
        else:
            draft.flag("gender.word", "unknown")
        return draft.done()


class AgeReader:
    """Cleans the age that a person declared: a number of years, or a span of them. Never told from anything else."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("age")

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        text = written.strip() if len(written) <= _LONGEST else ""
        years, form = _ages(text)
        if not years:
            is_nothing = says_nothing(written)
            draft.flag(*(("age.placeholder", "placeholder") if is_nothing else ("age.number", "invalid")))
            return draft.done()
        draft.put("age.number", form)
        if max(years) > _OLDEST or list(years) != sorted(years) or years == (0,):
            draft.flag("age.improbable", "improbable")
        return draft.done()


def _ages(text: str) -> tuple[tuple[int, ...], str]:
    """Return the years that a text tells, and their normal form."""
    if one := _AGE.fullmatch(text):
        return (int(one[1]),), str(int(one[1]))
    if span := _AGES.fullmatch(text):
        return (int(span[1]), int(span[2])), f"{int(span[1])}-{int(span[2])}"
    if above := _FROM_AGE.fullmatch(text):
        years = int(next(filter(None, above.groups())))
        return (years,), f"{years}+"
    return (), ""


@cache
def _genders() -> dict[str, str]:
    return {word: meaning for meaning, words in load("words.toml")["gender"].items() for word in words}


def _language(word: str) -> str | None:
    known = _languages()
    if word in known:
        return known[word]
    locale = _LOCALE.fullmatch(word)
    return known.get(locale[1]) if locale else None


@cache
def _languages() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for own in ("en", "es"):
        for code, name in Locale(own).languages.items():
            if re.fullmatch("[a-z]{2,3}", code) and code not in ("mul", "und", "zxx", "na"):
                found[fold(name)] = code
                found[code] = code
    # `na` is rather nothing than Nauruan; a three-letter code of ours means its two-letter one
    return found | {word: code for code, words in load("words.toml")["language"].items() for word in words}
