"""Tests on the values of a text field, answered in Python: the same on every engine (LANGUAGE.md, Text)."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from tesela.base import InputError, load_zone, to_utc
from tesela.language.folding import bare, fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tesela.language.nodes import ComparisonOperator, GeoTestKind, Quantifier, TextTestKind

EARTH_RADIUS_KM = 6371.0088

_TRUTHS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class TextCheck:
    """A test that a text passes or not."""


@dataclass(frozen=True, slots=True)
class Matches(TextCheck):
    """`contains`, `starts with`, `ends with`, `matches`; case and accents are folded unless `exactly`."""

    kind: TextTestKind
    needle: str
    exactly: bool = False


@dataclass(frozen=True, slots=True)
class ListHas(TextCheck):
    """Any, all or none of `items` are in the list; or of the list's items pass `item`."""

    quantifier: Quantifier
    items: tuple[str, ...] = ()
    item: Matches | None = None


@dataclass(frozen=True, slots=True)
class ListLength(TextCheck):
    """The number of items of the list, compared with a whole number."""

    operator: ComparisonOperator
    number: Decimal


@dataclass(frozen=True, slots=True)
class PlaceTest(TextCheck):
    """The text is `latitude, longitude` of a place near a point or inside a polygon."""

    kind: GeoTestKind
    points: tuple[tuple[Decimal, Decimal], ...]
    kilometres: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Compared(TextCheck):
    """The text is a number, a time or a truth, and compares so with a written one.

    Attributes:
        operator: How.
        value: The other side: a number, a moment in UTC, or true or false.
        zone: Name of the zone of times written without an offset; a bare date is its first instant.
    """

    operator: ComparisonOperator
    value: Decimal | datetime | bool
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class ComparedWithList(TextCheck):
    """The text is a number, a time or a truth, and one of a list; negated, it compares with all of them and is none.

    Attributes:
        values: The list, of one kind or of several.
        negated: Whether it must be none of them.
        zone: As in `Compared`.
    """

    values: tuple[Decimal | datetime | bool, ...]
    negated: bool = False
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class InRange(TextCheck):
    """The text is a date or a time inside one of some half-open stretches of UTC; None is open."""

    stretches: tuple[tuple[datetime | None, datetime | None], ...]
    zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class IsZone(TextCheck):
    """The text is the name of a time zone."""


def matching(check: TextCheck, values: Iterable[str | None]) -> list[str]:
    """Return those of a field's distinct values that pass a test; blank ones are missing."""
    holds = _test(check)
    return [value for value in values if value is not None and value.strip() and holds(value)]


def pattern_fault(pattern: str, *, exactly: bool) -> str | None:
    """Return why RE2 does not take a pattern, in its words; None when it does."""
    import re2

    try:
        _compile(pattern, exactly=exactly)
    except re2.error as fault:
        return str(fault)
    return None


def list_items(text: str) -> list[str]:
    """Return the items of a list: a JSON array of texts, else what lies between `;` or, without one, `,`.

    Example:
        >>> list_items("vip; b2b ;")
        ['vip', 'b2b']
        >>> list_items("[]")
        []
    """
    items = None
    if text.lstrip().startswith("["):
        with suppress(ValueError):
            items = json.loads(text)
    if items is None or not all(isinstance(item, str) for item in items):
        items = text.split(";" if ";" in text else ",")
    return [trimmed for item in items if (trimmed := item.strip())]


def kilometres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the great-circle distance of two points in degrees, by the haversine formula."""
    (latitude, longitude), (other_latitude, other_longitude) = (tuple(map(radians, point)) for point in (first, second))
    half = sin((other_latitude - latitude) / 2) ** 2
    half += cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * asin(min(1.0, sqrt(half)))


# --- from a check to a function on texts ------------------------------------------------------------------


def _test(check: TextCheck) -> Callable[[str], bool]:
    if isinstance(check, Matches):
        return _matches(check)
    if isinstance(check, ListHas):
        return _list_has(check)
    if isinstance(check, ListLength):
        return lambda text: _holds(check.operator, Decimal(len(list_items(text))), check.number)
    if isinstance(check, PlaceTest):
        return _place(check)
    if isinstance(check, Compared):
        return _compared(check)
    if isinstance(check, ComparedWithList):
        return _compared_with_list(check)
    if isinstance(check, InRange):
        return _in_range(check)
    if isinstance(check, IsZone):
        return _is_zone
    raise TypeError(f"no check: {check!r}")


def _matches(check: Matches) -> Callable[[str], bool]:
    prepare = str if check.exactly else fold
    if check.kind == "matches":
        pattern = _compile(check.needle, exactly=check.exactly)
        return lambda text: pattern.search(prepare(text)) is not None
    needle = prepare(check.needle)
    if check.kind == "contains":
        return lambda text: needle in prepare(text)
    if check.kind == "starts with":
        return lambda text: prepare(text).startswith(needle)
    return lambda text: prepare(text).endswith(needle)


def _compile(pattern: str, *, exactly: bool) -> Any:
    """Compile a pattern; unless `exactly`, case and accents do not matter."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = exactly
    return re2.compile(pattern if exactly else _folded_letters(pattern), options)


def _folded_letters(pattern: str) -> str:
    """Return a pattern for folded texts: RE2 ignores the case of plain letters itself, and escapes keep theirs."""
    return "".join(each if each.isascii() else each.casefold() for each in bare(pattern))


def _list_has(check: ListHas) -> Callable[[str], bool]:
    if check.item is not None:
        passes = _matches(check.item)
        kinds: dict[str, Callable[[str], bool]] = {
            "any": lambda text: any(map(passes, list_items(text))),
            "all": lambda text: all(map(passes, list_items(text))),
            "none": lambda text: not any(map(passes, list_items(text))),
        }
        return kinds[check.quantifier]
    wanted = frozenset(check.items)
    kinds = {
        "any": lambda text: not wanted.isdisjoint(list_items(text)),
        "all": lambda text: wanted.issubset(list_items(text)),
        "none": lambda text: wanted.isdisjoint(list_items(text)),
    }
    return kinds[check.quantifier]


# --- places -----------------------------------------------------------------------------------------------


def _place(check: PlaceTest) -> Callable[[str], bool]:
    points = [(float(latitude), float(longitude)) for latitude, longitude in check.points]

    def holds(text: str) -> bool:
        point = _point(text)
        if point is None:
            return False
        if check.kind == "near":
            return kilometres_between(points[0], point) <= float(check.kilometres)
        return _is_inside(point, points)

    return holds


def _point(text: str) -> tuple[float, float] | None:
    parts = [_number(part) for part in text.split(",")]
    if len(parts) != 2 or parts[0] is None or parts[1] is None or abs(parts[0]) > 90 or abs(parts[1]) > 180:
        return None
    return float(parts[0]), float(parts[1])


def _is_inside(point: tuple[float, float], polygon: list[tuple[float, float]]) -> bool:
    """Count the edges to the east of the point; a point on an edge is inside."""
    y, x = point
    inside = False
    for (y1, x1), (y2, x2) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        across = (x2 - x1) * (y - y1) - (y2 - y1) * (x - x1)
        if across == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return True
        if (y1 > y) != (y2 > y) and x < (x2 - x1) * (y - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


# --- numbers, dates and times -----------------------------------------------------------------------------


def _compared(check: Compared) -> Callable[[str], bool]:
    value = check.value
    if isinstance(value, bool):
        return lambda text: _holds(check.operator, _TRUTHS.get(text.strip().casefold()), value)
    if isinstance(value, Decimal):
        return lambda text: _holds(check.operator, _number(text), value)
    zone = ZoneInfo(check.zone)
    return lambda text: _holds(check.operator, _moment(text, zone), value)


def _compared_with_list(check: ComparedWithList) -> Callable[[str], bool]:
    zone = ZoneInfo(check.zone)
    readers: dict[type, Callable[[str], Any]] = {
        bool: lambda text: _TRUTHS.get(text.strip().casefold()),
        Decimal: _number,
        datetime: lambda text: _moment(text, zone),
    }
    listed: dict[type, set[Any]] = {}
    for value in check.values:
        listed.setdefault(type(value), set()).add(value)
    sides = [(readers[kind], values) for kind, values in listed.items()]

    def is_one(text: str) -> bool:
        return any(read(text) in values for read, values in sides)

    def is_none(text: str) -> bool:
        found = [(read(text), values) for read, values in sides]
        return all(value is not None and value not in values for value, values in found)

    return is_none if check.negated else is_one


def _in_range(check: InRange) -> Callable[[str], bool]:
    zone = ZoneInfo(check.zone)

    def holds(text: str) -> bool:
        moment = _moment(text, zone)
        return moment is not None and any(_is_between(moment, *each) for each in check.stretches)

    return holds


def _is_zone(text: str) -> bool:
    try:
        load_zone(text)
    except InputError:
        return False
    return True


def _is_between(value: Any, start: Any, end: Any) -> bool:
    return (start is None or start <= value) and (end is None or value < end)


def _holds(operator: ComparisonOperator, left: Any, right: Any) -> bool:
    if left is None:
        return False
    kinds: dict[str, bool] = {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }
    return kinds[operator]


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _moment(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        return to_utc(datetime.fromisoformat(text.strip()), zone)
    except (ValueError, OverflowError):
        return None
