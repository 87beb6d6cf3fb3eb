"""Clean phone numbers: E.164, by the country that they are written in."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.numbering import find_line
from tesela.profiles.cleaning.wordlists import UNSEEN, says_nothing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.profiles.cleaning.settings import CleaningSettings

_LONGEST = 120
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
# what a spreadsheet made of a number
_FLOAT = re.compile(r"(\d{7,15})[.,]0+")
_EXTENSION = re.compile(r"\b(?:ext(?:ensi[oó]n)?|x|anexo|int(?:erno)?)\b", re.IGNORECASE)
_LETTER = re.compile(r"[a-zA-Z]")
_LETTERS_INSIDE = re.compile(r"\d[^a-zA-Z]*[a-zA-Z]")
_ONE_NUMBER = re.compile(r"(?:\(?(?:\+|00)\d{1,3}\)?[\s.\-]*)?\(?\d[\d\s.\-()]{5,}\d")
_RUNS = ("0123456789" * 2, "9876543210" * 2)
_SAME_END, _RUN = 7, 8

# Numbers as they were dialled before the country's plan changed, and what they are since: Mexico (2019) dropped the 1
# after 52 and the prefixes 01, 044 and 045; Chile (2013-2016) put a 9 before mobiles and dropped 09; Colombia (2021)
# put 60 before the digit of the area.
_LEGACY: Mapping[str, tuple[tuple[re.Pattern[str], str], ...]] = {
    "MX": ((re.compile(r"(?:\+521|01|04[45])(\d{10})"), r"+52\1"),),
    "CL": ((re.compile(r"(?:\+56)?09(\d{8})"), r"+569\1"), (re.compile(r"\+56([5-9]\d{7})"), r"+569\1")),
    "CO": ((re.compile(r"(?:\+57)?([124-8]\d{7})"), r"+5760\1"),),
}
_PREFIXES = (("+52", "MX"), ("+56", "CL"), ("+57", "CO"))


class PhoneReader:
    """Cleans phones of one country; those with a prefix are of the country that it tells."""

    def __init__(self, settings: CleaningSettings) -> None:
        self._on = settings.active("phone")
        self._country = settings.country

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        if says_nothing(written):
            draft.flag("phone.placeholder", "placeholder")
        text = _plain(written)
        if len(text) > _LONGEST:
            draft.flag("phone.e164", "invalid")
            return draft.done()
        has_letters = _LETTER.search(text) is not None
        has_extension = has_letters and _EXTENSION.search(text) is not None
        # letters after the number are a remark, and not keys of a telephone
        has_remark = has_letters and not has_extension and _LETTERS_INSIDE.search(text) is not None
        found = None if has_remark else self._find(text)
        if found is None:
            draft.flag("phone.e164", "invalid")
            self._repair(draft, text)
            digits = re.sub(r"\D", "", text)
        else:
            number, flag, rule = found
            self._put(draft, number, rule)
            for each in filter(None, (flag, "extension" if has_extension else None)):
                draft.flag("phone.line", each)
            digits = number[1:]
        if _is_made_up(digits):
            draft.flag("phone.placeholder", "placeholder")
        return draft.done()

    def _put(self, draft: Draft, number: str, rule: str) -> None:
        if rule == "phone.e164" or {"phone.e164", rule} <= self._on:
            draft.put(rule, number)
        elif rule not in self._on:
            draft.flag("phone.e164", "invalid")

    def _find(self, text: str) -> tuple[str, str | None, str] | None:
        """Return a valid number, what kind of line it is, and by which rule it was read."""
        found = _read(text, self._country)
        if found is not None:
            return (*found, "phone.e164")
        bare = re.sub(r"[\s().\-/]", "", text)
        country = next((code for prefix, code in _PREFIXES if bare.startswith(prefix)), self._country)
        for pattern, form in _LEGACY.get(country, ()):
            if pattern.fullmatch(bare) and (found := _read(pattern.sub(form, bare), country)):
                return (*found, "phone.legacy")
        return None

    def _repair(self, draft: Draft, text: str) -> None:
        """Propose the first of several numbers, or the number before a remark."""
        numbers = [
            found[0]
            for part in re.split(r"[/;,|]|\s[-oyeu]\s|\s{2,}", text)
            for match in _ONE_NUMBER.finditer(part)
            if (found := self._find(_plain(match[0])))
        ]
        if len(set(numbers)) > 1:
            draft.flag("phone.repair", "several")
        draft.suggest("phone.repair", numbers[0] if numbers else None)


def _plain(written: str) -> str:
    text = UNSEEN.sub("", written).strip(" \t\r\n'\"=`´")
    if number := _FLOAT.fullmatch(text):
        text = number[1]
    bare = text.lstrip("( ")
    if bare.startswith("00"):
        return "+" + bare[2:].lstrip()
    return text


def _read(text: str, country: str) -> tuple[str, str | None] | None:
    """Return a number in E.164 and what kind of line it is; None for one that nobody can have."""
    if line := find_line(text, country):
        return line[0], "fixed_line" if line[1] else None
    import phonenumbers
    from phonenumbers import PhoneNumberType

    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    kind = phonenumbers.number_type(number)
    if kind == PhoneNumberType.UNKNOWN:
        return None
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return written, None
    return written, "fixed_line" if kind == PhoneNumberType.FIXED_LINE else "service_number"


def _is_made_up(digits: str) -> bool:
    """Tell whether digits are of those that people type to fill a field: 600000000, 123456789."""
    if len(digits) >= _SAME_END and len(set(digits[-_SAME_END:])) == 1:
        return True
    return len(digits) >= _RUN and any(digits[-_RUN:] in run for run in _RUNS)
