"""Clean countries, postal codes and regions."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.wordlists import UNSEEN, fold, load, says_nothing

if TYPE_CHECKING:
    from tesela.profiles.cleaning.settings import CleaningSettings

_LONGEST = 120
_SIGNS = re.compile(r"[\s.\-–/]+")
# CP 28001, E-28001, ES-28001; spreadsheets write 28001.0
_BEFORE = re.compile(r"(?:C\.?\s?P\.?|[A-Z]{1,2}\s?-)[\s:]*(?=\d)", re.IGNORECASE)
_FLOAT = re.compile(r"(\d{3,8})[.,]0")
_PROVINCES_OF = "ES"


class CountryReader:
    """Cleans countries: the ISO 3166 code of what is named in Spanish or English, or by a code."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("country")

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        code = _countries().get(fold(written)) if len(written) <= _LONGEST else None
        if code:
            draft.put("country.code", code)
        elif says_nothing(written):
            draft.flag("country.placeholder", "placeholder")
        else:
            draft.flag("country.code", "unknown")
        return draft.done()


class PostalCodeReader:
    """Cleans postal codes of one country."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("postal_code")
        form = load("postal_codes.toml").get(settings.country, {})
        self._pattern = re.compile(form["pattern"]) if form else None
        self._width, self._shortest = form.get("width", 0), form.get("shortest", 0)

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        return self.draft(written, self._on).done()

    def draft(self, written: str, on: frozenset[str]) -> Draft:
        """Return a code with the rules applied, for other rules to go on with."""
        draft = Draft(written, on)
        if says_nothing(written):
            draft.flag("postal_code.placeholder", "placeholder")
        if len(written) > _LONGEST:
            draft.flag("postal_code.check", "invalid")
            return draft
        bare = _BEFORE.sub("", UNSEEN.sub("", written).strip(" \t\r\n'\"="), count=1)
        number = _FLOAT.fullmatch(bare)
        form = number[1] if number else _SIGNS.sub("", bare).upper()
        if self._pattern is None:
            # nothing is known of the country's codes but that they have no blanks around them
            draft.put("postal_code.form", UNSEEN.sub("", written).strip().upper())
            return draft
        filled = form.zfill(self._width) if form.isdigit() and self._shortest <= len(form) < self._width else form
        if self._pattern.fullmatch(form):
            draft.put("postal_code.form", form)
        elif self._pattern.fullmatch(filled) and "postal_code.zero" in on:
            draft.put("postal_code.form", form)
            draft.put("postal_code.zero", filled if draft.value == form else draft.value)
        if not self._pattern.fullmatch(draft.value):
            draft.flag("postal_code.check", "invalid")
        return draft


class PostalRegionReader:
    """Finds the region of postal codes: Spain's provinces."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("postal_region")
        self._codes = PostalCodeReader(settings)
        self._provinces = load("provinces.toml") if settings.country == _PROVINCES_OF else {}

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = self._codes.draft(written, self._on)
        code = draft.value
        province = self._provinces.get(code[:2]) if len(code) == 5 and code.isascii() and code.isdigit() else None
        if province:
            draft.put("region.from_postal_code", province["name"])
        if "region.from_postal_code" not in draft.rules:
            # without a region the code stays as it came
            draft.value = written
            draft.flag("region.from_postal_code", "unknown")
        return draft.done()


class RegionReader:
    """Cleans names of regions: Spain's provinces, in their own languages or others."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("region")
        self._names = _provinces() if settings.country == _PROVINCES_OF else None

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        if says_nothing(written):
            draft.flag("region.placeholder", "placeholder")
        elif self._names is not None:
            name = self._names.get(_without_title(written)) if len(written) <= _LONGEST else None
            if name:
                draft.put("region.name", name)
            else:
                draft.flag("region.name", "unknown")
        return draft.done()


def _without_title(written: str) -> str:
    return re.sub(r"^(?:(?:provincia|prov|pcia) (?:de )?)", "", fold(written))


@cache
def _provinces() -> dict[str, str]:
    listed = load("provinces.toml").values()
    return {fold(word): province["name"] for province in listed for word in (province["name"], *province["others"])}


@cache
def _countries() -> dict[str, str]:
    from babel import Locale
    from babel.core import get_global

    found: dict[str, str] = {}
    for code, current in get_global("territory_aliases").items():
        if re.fullmatch("[A-Z]{3}", code) and len(current) == 1:
            found[code.casefold()] = current[0]
    for language in ("en", "es"):
        for code, name in Locale(language).territories.items():
            if re.fullmatch("[A-Z]{2}", code) and code not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO"):
                found[fold(name)] = code
                found[code.casefold()] = code
    return found | {fold(word): code for code, words in load("countries.toml").items() for word in words}
