"""Put values into the places of a rule, each in the language's own notation: never by joining text from outside."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, get_args

from tesela.base import InputError, Unit
from tesela.language import write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

Value = Decimal | str
"""A number; or a text, which is a duration when it reads as one, such as `30 days`."""

_PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_DURATION = re.compile(rf"(\d{{1,9}})\s+({'|'.join(get_args(Unit))})s?")


def fill(slug: str, template: str, values: Mapping[str, Value]) -> str:
    r"""Return the text of a rule whose `{places}` have their values.

    Args:
        slug: Whose rule it is.
        template: Text of a rule with places, such as `count(order_completed in last {window}) >= {orders}`.
        values: What stands in each place.

    Raises:
        InputError: when a place has no value, or a value no place.

    Example:
        >>> fill("nearby", "city = {city} and age >= {age}", {"city": 'L"Hospitalet', "age": Decimal(18)})
        'city = "L\\"Hospitalet" and age >= 18'
    """
    places = _PLACE.findall(template)
    for place in places:
        if place not in values:
            raise InputError("segments.no_value", segment=slug, place=place)
    for name in values:
        if name not in places:
            raise InputError("segments.no_place", segment=slug, place=name, known=", ".join(dict.fromkeys(places)))
    return _PLACE.sub(lambda found: _written(values[found[1]]), template)


def read_value(slug: str, name: str, told: object) -> Value:
    """Return the value that a file tells for a place.

    Raises:
        InputError: when it is neither a number nor a text.
    """
    if isinstance(told, str) and told.strip():
        found = as_duration(told)
        return written_duration(*found) if found else told.strip()
    if isinstance(told, int | float | Decimal) and not isinstance(told, bool):
        try:
            number = Decimal(str(told))
        except InvalidOperation:
            number = Decimal("nan")
        if number.is_finite():
            return number
    raise InputError("segments.bad_value", segment=slug, place=name, value=told)


def plain(value: Value) -> int | float | str:
    """Return a value as a file tells it."""
    if isinstance(value, str):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def as_duration(written: str) -> tuple[int, Unit] | None:
    """Return how many of which unit a text says; None when it is no duration."""
    found = _DURATION.fullmatch(written.strip())
    return (int(found[1]), _unit(found[2])) if found else None


def written_duration(count: int, unit: Unit) -> str:
    """Return a duration as a rule writes it."""
    return f"{count} {unit}" if count == 1 else f"{count} {unit}s"


def _unit(name: str) -> Unit:
    return next(unit for unit in get_args(Unit) if unit == name)


def _written(value: Value) -> str:
    if isinstance(value, str) and (found := as_duration(value)):
        return written_duration(*found)
    return write_text(value)
