"""Read dates and times as people write them, told apart over the whole column, and bring them to UTC."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import local_spans

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

DayOrder = Literal["day_first", "month_first"]

FIRST_MOMENT, LAST_MOMENT = dt.datetime(1900, 1, 1), dt.datetime(2101, 1, 1)  # noqa: DTZ001 naive on purpose

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            ("jan", "ene"), ("feb",), ("mar",), ("apr", "abr"), ("may",), ("jun",), ("jul",),
            ("aug", "ago"), ("sep", "set"), ("oct",), ("nov",), ("dec", "dic"),
        ),
        1,
    )
    for name in names
}  # fmt: skip

# date, then perhaps a time of 24 hours; nothing after it
_TIME = r"(?:[T ,]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?)?"
_ISO = rf"^[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}{_TIME}$"
_NUMERIC = rf"^[0-9]{{1,2}}[-/.][0-9]{{1,2}}[-/.](?:[0-9]{{4}}|[0-9]{{2}}){_TIME}$"
_COMPACT = r"^(?:19|20)[0-9]{6}$"
_DAY = r"[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}"
_CLOCK_PART = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_ZONE_PART = r" ?(?:Z|z|UTC|GMT|[+-][0-9]{2}(?::?[0-9]{2})?)"
_WITH_OFFSET = rf"^{_DAY}[T ]{_CLOCK_PART}{_ZONE_PART}$"
# seconds, milliseconds or microseconds since 1970
_EPOCH = r"^(?:[0-9]{9,10}(?:[.][0-9]{1,9})?|[0-9]{12,13}(?:[.]0+)?|[0-9]{16})$"
_FAST = (_ISO, _NUMERIC, _COMPACT, _WITH_OFFSET, _EPOCH)

_OFFSET = re.compile(r"\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2}|[+-]\d{2})$", re.IGNORECASE)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([ap])?\.?\s*m?\.?", re.IGNORECASE)
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|\d{2})\b")
_DAY_FIRST_NAME = re.compile(
    r"(\d{1,2})(?:st|nd|rd|th)?[\s\-/.]+(?:de\s+)?([a-z]{3,})\.?,?[\s\-/.]+(?:del?\s+)?(\d{4}|\d{2})\b"
)
_MONTH_FIRST_NAME = re.compile(r"([a-z]{3,})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def find_day_order(connection: Any, column: str, country: str) -> tuple[DayOrder, bool]:
    """Tell dd/mm from mm/dd over all values of a column of the relation `cells`.

    Returns:
        The order, and whether the file itself said it.
    """
    first = f"try_cast(regexp_extract({column}, '^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]', 1) AS INTEGER)"
    second = first.replace("', 1)", "', 2)")
    days, months, unclear = connection.execute(
        f"SELECT count(*) FILTER ({first} > 12), count(*) FILTER ({second} > 12), "
        f"count(*) FILTER ({first} <= 12 AND {second} <= 12 AND {first} <> {second}) FROM cells"
    ).fetchall()[0]
    if days != months:
        return ("day_first" if days > months else "month_first"), True
    return ("month_first" if country == "US" else "day_first"), not unclear


def fast_local(column: str, order: DayOrder) -> str:
    """Return the SQL of the local time that a usual spelling writes; NULL for any other."""
    day, month = (1, 2) if order == "day_first" else (2, 1)

    def part(place: int) -> str:
        return f"regexp_extract({column}, '^([0-9]{{1,2}})[-/.]([0-9]{{1,2}})[-/.]([0-9]{{2,4}})', {place})"

    digits = part(3)
    year = f"CASE WHEN length({digits}) = 4 THEN '' WHEN {digits} < '70' THEN '20' ELSE '19' END || {digits}"
    time = f"regexp_extract({column}, '[0-9]{{1,2}}:[0-9]{{2}}(:[0-9]{{2}}([.,][0-9]{{1,9}})?)?$', 0)"
    is_short = f"regexp_matches({time}, '^[0-9]+:[0-9]+$')"
    clock = f"CASE WHEN {is_short} THEN {time} || ':00' ELSE replace({time}, ',', '.') END"
    iso = f"regexp_extract({column}, '^[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}', 0)"
    iso = f"replace(replace({iso}, '/', '-'), '.', '-')"
    return f"""try_cast(trim(CASE
        WHEN regexp_matches({column}, '{_ISO}') THEN {iso} || ' ' || {clock}
        WHEN regexp_matches({column}, '{_NUMERIC}') THEN
            {year} || '-' || {part(month)} || '-' || {part(day)} || ' ' || {clock}
        WHEN regexp_matches({column}, '{_COMPACT}') THEN
            left({column}, 4) || '-' || substring({column}, 5, 2) || '-' || right({column}, 2)
    END) AS TIMESTAMP)"""


def fast_utc(column: str) -> str:
    """Return the SQL of the UTC moment of a text with an offset, or that counts since 1970; NULL for any other."""
    iso = f"replace(replace(regexp_extract({column}, '^{_DAY}', 0), '/', '-'), '.', '-')"
    clock = f"regexp_extract({column}, '[T ]({_CLOCK_PART})', 1)"
    clock = f"CASE WHEN regexp_full_match({clock}, '[0-9]+:[0-9]+') THEN {clock} || ':00' ELSE {clock} END"
    offset = f"trim(regexp_extract({column}, '{_ZONE_PART}$', 0))"
    digits = f"regexp_extract({offset}, '[0-9:]*$', 0)"
    minutes = (
        f"coalesce(try_cast(left({digits}, 2) AS INTEGER) * 60, 0)"
        f" + coalesce(try_cast(replace(substring({digits}, 3), ':', '') AS INTEGER), 0)"
    )
    sign = f"CASE WHEN starts_with({offset}, '-') THEN -1 ELSE 1 END"
    told = f"try_cast({iso} || ' ' || replace({clock}, ',', '.') AS TIMESTAMP) - to_minutes({sign} * ({minutes}))"
    micros = f"(try_cast({column} AS DECIMAL(28,9)) * CASE WHEN regexp_matches({column}, '^[0-9]{{9,10}}([.]|$)')"
    micros += f" THEN 1000000 WHEN regexp_matches({column}, '^[0-9]{{12,13}}([.]|$)') THEN 1000 ELSE 1 END)::BIGINT"
    return (
        f"CASE WHEN regexp_matches({column}, '{_WITH_OFFSET}') THEN {told} "
        f"WHEN regexp_matches({column}, '{_EPOCH}') THEN make_timestamp({micros}) END"
    )


def within_reason(moment: str) -> str:
    """Return the SQL of a moment, NULL where its year is out of the world of shops."""
    low, high = (f"TIMESTAMP '{bound.isoformat(sep=' ')}'" for bound in (FIRST_MOMENT, LAST_MOMENT))
    return f"CASE WHEN {moment} >= {low} AND {moment} < {high} THEN {moment} END"


def is_unusual(column: str) -> str:
    """Return the SQL of whether a text has none of the usual spellings, and Python must read it."""
    return " AND ".join(f"NOT regexp_matches({column}, '{shape}')" for shape in _FAST)


def read_unusual(written: str, order: DayOrder) -> tuple[dt.datetime | None, bool]:
    """Read a spelling that is not one of the usual ones: offsets, month names, AM/PM, epochs, Excel's day numbers.

    Returns:
        The time, and whether it is UTC already; None when it is no time at all.
    """
    text = written.strip()
    try:
        if re.fullmatch(r"\d+([.]\d+)?", text):
            return _from_number(text)
        return _from_words(text.casefold(), order)
    except (ValueError, OverflowError, KeyError):
        return None, False


def _from_number(text: str) -> tuple[dt.datetime | None, bool]:
    whole = text.partition(".")[0]
    value = float(text)
    if len(whole) == 5 and 20_000 <= value < 80_000:
        # days since Excel's 30 December 1899, a local time
        return dt.datetime(1899, 12, 30) + dt.timedelta(seconds=round(value * 86_400)), False  # noqa: DTZ001
    if len(whole) == 14 and whole[:2] in ("19", "20"):
        return dt.datetime.strptime(whole, "%Y%m%d%H%M%S"), False  # noqa: DTZ007
    return None, False


def _from_words(text: str, order: DayOrder) -> tuple[dt.datetime | None, bool]:
    offset = _OFFSET.search(text) if ":" in text else None
    bare = text[: offset.start()] if offset else text
    day = _find_date(bare, order)
    if day is None:
        return None, False
    clock = _CLOCK.search(bare[day[1] :])
    hour, minute, second, micro = 0, 0, 0, 0
    if clock:
        hour, minute, second = (int(part or 0) for part in clock.group(1, 2, 3))
        micro = int((clock[4] or "0")[:6].ljust(6, "0"))
        if clock[5]:
            if not 1 <= hour <= 12:
                return None, False
            hour = hour % 12 + (12 if clock[5].lower() == "p" else 0)
    elif bare[day[1] :].strip(" t,"):
        return None, False
    moment = dt.datetime(*day[0], hour, minute, second, micro)  # noqa: DTZ001
    return (moment - _offset_of(offset[1]), True) if offset else (moment, False)


def _find_date(text: str, order: DayOrder) -> tuple[tuple[int, int, int], int] | None:
    if found := _ISO_DATE.match(text):
        return (int(found[1]), int(found[2]), int(found[3])), found.end()
    if found := _NUMERIC_DATE.match(text):
        first, second = int(found[1]), int(found[2])
        day, month = (first, second) if order == "day_first" else (second, first)
        return (_full_year(found[3]), month, day), found.end()
    # a weekday may stand before
    bare = re.sub(r"^[a-záéíóú]+\.?,\s*", "", text)
    cut = len(text) - len(bare)
    if found := _DAY_FIRST_NAME.match(bare):
        return (_full_year(found[3]), _MONTHS[found[2][:3]], int(found[1])), cut + found.end()
    if found := _MONTH_FIRST_NAME.match(bare):
        return (int(found[3]), _MONTHS[found[1][:3]], int(found[2])), cut + found.end()
    return None


def _full_year(written: str) -> int:
    year = int(written)
    return year if len(written) == 4 else year + (2000 if year < 70 else 1900)


def _offset_of(written: str) -> dt.timedelta:
    if written[0] not in "+-":
        return dt.timedelta()
    digits = written[1:].replace(":", "")
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    return -size if written[0] == "-" else size


def local_to_utc(local: str, zone: ZoneInfo, first: dt.datetime, last: dt.datetime) -> str:
    """Return the SQL that brings a column of local times to UTC.

    The zone's offsets are computed in Python (`tesela.base`) for the years that occur; the engine only
    compares and subtracts.
    """
    spans = local_spans(zone, first.year - 1, last.year + 2)
    whens = " ".join(
        f"WHEN {local} >= TIMESTAMP '{span.local_from.isoformat(sep=' ')}' "
        f"THEN {local} - to_seconds({int(span.offset.total_seconds())})"
        for span in reversed(spans)
        if span.local_from.year > 1
    )
    base = f"{local} - to_seconds({int(spans[0].offset.total_seconds())})"
    return f"CASE {whens} ELSE {base} END" if whens else base
