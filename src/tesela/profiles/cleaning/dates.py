"""Clean dates: the day as year-month-day, however it was written."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.cleaned import Cleaned, Draft
from tesela.profiles.cleaning.wordlists import fold, says_nothing

if TYPE_CHECKING:
    from tesela.profiles.cleaning.rules import Kind
    from tesela.profiles.cleaning.settings import CleaningSettings

_LONGEST = 60
_MONTHS = (
    "ene enero jan january gen gener", "feb febrero february", "mar marzo march", "abr abril apr april",
    "may mayo maig", "jun junio june", "jul julio july", "ago agosto aug august",
    "sep sept set septiembre setiembre september",
    "oct octubre october", "nov noviembre november", "dic diciembre dec december",
)  # fmt: skip
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_WEEKDAYS = (
    "lunes martes miercoles jueves viernes sabado domingo lun mie jue vie sab dom",
    "monday tuesday wednesday thursday friday saturday sunday mon tue wed thu fri sat sun",
)
_BESIDE = frozenset(word for words in (*_WEEKDAYS, "de del the of st nd rd th") for word in words.split())
_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})")
_CLOCK = re.compile(
    r"[t\s,]+\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[ap]\.?\s?m\.?)?\s*(?:z|utc|[+-]\d{2}:?\d{2})?$", re.I
)
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_SEPARATED = re.compile(r"(\d{1,4})\s*[-/.\s]\s*(\d{1,2})\s*[-/.\s]\s*(\d{1,4})")
_COMPACT = re.compile(r"\d{8}")
_SERIAL = re.compile(r"(\d{5})(?:[.,]\d+)?")
# days since 30 December 1899, as spreadsheets count: 1927 to 2064
_EPOCH, _SERIALS = dt.date(1899, 12, 30), range(10_000, 60_000)
_FIRST_YEAR, _LAST_YEAR = 1900, 2100
_NO_DAYS = frozenset(
    ((1900, 1, 1), (1901, 1, 1), (1970, 1, 1), (1111, 11, 11), (1, 1, 1), (1899, 12, 30), (9999, 12, 31))
)
_ZEROS_OR_NINES = re.compile(r"[09\W]+")
# two digits of a year up to this one are of this century
_PIVOT, _BIRTH_PIVOT = 69, 25

Day = tuple[int, int, int]


class DateReader:
    """Cleans dates, or dates of birth."""

    def __init__(self, settings: CleaningSettings, kind: Kind) -> None:
        self._on = settings.active(kind)
        self._is_birth = kind == "birth_date"
        self._as_of = settings.as_of
        self._is_day_first = settings.day_order == "day_first"

    def __call__(self, written: str) -> Cleaned:
        """Return one value, cleaned."""
        draft = Draft(written, self._on)
        text = _CLOCK.sub("", written.strip()) if len(written) <= _LONGEST else ""
        if says_nothing(written) or _ZEROS_OR_NINES.fullmatch(text):
            draft.flag("date.placeholder", "placeholder")
        found = _serial(text)
        rule = "date.serial" if found else "date.iso"
        day = found or self._find(draft, text)
        if day is None or (found and "date.serial" not in self._on):
            draft.flag("date.iso", "invalid")
            return draft.done()
        self._put(draft, day, rule)
        return draft.done()

    def _put(self, draft: Draft, day: Day, rule: str) -> None:
        is_real = _is_day(day)
        if day in _NO_DAYS:
            draft.flag("date.placeholder", "placeholder")
        if not is_real:
            draft.flag("date.iso", "invalid")
            swapped = (day[0], day[2], day[1])
            draft.suggest("date.repair", _iso(swapped) if _is_day(swapped) else None)
            return
        draft.put(rule, _iso(day))
        if self._is_improbable(day):
            draft.flag("date.improbable", "improbable")

    def _is_improbable(self, day: Day) -> bool:
        if not _FIRST_YEAR <= day[0] <= _LAST_YEAR:
            return True
        return self._is_birth and self._as_of is not None and dt.date(*day) > self._as_of

    def _find(self, draft: Draft, text: str) -> Day | None:
        if iso := _ISO.fullmatch(text):
            return int(iso[1]), int(iso[2]), int(iso[3])
        if text.isascii() and _COMPACT.fullmatch(text):
            return self._from_compact(text)
        if (parts := _SEPARATED.fullmatch(text)) and text.isascii():
            return self._from_numbers(draft, parts[1], parts[2], parts[3])
        return self._from_words(draft, text)

    def _from_compact(self, digits: str) -> Day | None:
        if digits[:2] in ("19", "20") and _is_day(whole := (int(digits[:4]), int(digits[4:6]), int(digits[6:]))):
            return whole
        return (int(digits[4:]), *self._month_and_day(int(digits[:2]), int(digits[2:4])))

    def _from_numbers(self, draft: Draft, one: str, two: str, three: str) -> Day | None:
        if len(one) == 4 and len(three) <= 2:
            return int(one), int(two), int(three)
        if len(one) > 2 or len(three) not in (2, 4):
            return None
        return (self._year(draft, three), *self._month_and_day(int(one), int(two)))

    def _month_and_day(self, one: int, two: int) -> tuple[int, int]:
        return (two, one) if self._is_day_first else (one, two)

    def _from_words(self, draft: Draft, text: str) -> Day | None:
        """Read a date that names its month, such as `1 de enero de 1980` or `Jan 1, 1980`."""
        parts = [part for part in _PARTS.findall(fold(text)) if part not in _BESIDE]
        if len(parts) != 3:
            return None
        months = [place for place, part in enumerate(parts) if part in _MONTH_OF]
        if len(months) != 1:
            return None
        month = _MONTH_OF[parts.pop(months[0])]
        if not all(part.isdigit() for part in parts):
            return None
        if len(parts[0]) == 4 and len(parts[1]) <= 2:
            return int(parts[0]), month, int(parts[1])
        if len(parts[0]) > 2 or len(parts[1]) not in (2, 4):
            return None
        return self._year(draft, parts[1]), month, int(parts[0])

    def _year(self, draft: Draft, written: str) -> int:
        if len(written) == 4:
            return int(written)
        draft.flag("date.short_year", "two_digit_year")
        return int(written) + (2000 if int(written) <= self._last_of_this_century() else 1900)

    def _last_of_this_century(self) -> int:
        if not self._is_birth:
            return _PIVOT
        return self._as_of.year % 100 if self._as_of else _BIRTH_PIVOT


def _serial(text: str) -> Day | None:
    number = _SERIAL.fullmatch(text) if text.isascii() else None
    if number is None or int(number[1]) not in _SERIALS:
        return None
    day = _EPOCH + dt.timedelta(days=int(number[1]))
    return day.year, day.month, day.day


def _is_day(day: Day) -> bool:
    try:
        dt.date(*day)
    except ValueError:
        return False
    return True


def _iso(day: Day) -> str:
    return f"{day[0]:04d}-{day[1]:02d}-{day[2]:02d}"
