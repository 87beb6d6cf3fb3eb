"""Spell out values that come with a type of their own (workbooks, JSON, databases), and find each column's type.

A column is staged as text and shown with a native type when all its values are of one: so 1.234 of a workbook
stays a number with three decimals and is never taken for one thousand two hundred and thirty-four.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.events.sources.reading.staged import STAGED

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

AS_TEXT = "staged_as_text"
_DIGITS = 38
_WHOLE_DIGITS = 18


class Numeral(str):
    """A number as it was written, digit by digit."""

    __slots__ = ()


class TypedColumn:
    """Spells out the values of a column, and remembers what kinds they were of."""

    def __init__(self) -> None:
        self._kinds: set[str] = set()
        self._whole = 0
        self._fraction = 0

    def spell(self, values: Iterable[object]) -> list[str | None]:
        """Return values as text; None for those that are missing."""
        spelled: list[str | None] = []
        for value in values:
            # by far the most frequent kinds first: this runs once a cell
            if value is None:
                spelled.append(None)
            elif type(value) is str and value.isascii() and "\0" not in value:
                self._kinds.add("text")
                spelled.append(value)
            else:
                spelled.append(self._spell(value))
        return spelled

    def sql_type(self) -> str:
        """Return the DuckDB type that all values have; VARCHAR when they differ."""
        match self._kinds:
            case kinds if kinds == {"number"}:
                return self._number_type()
            case kinds if kinds == {"truth"}:
                return "BOOLEAN"
            case kinds if kinds == {"date"}:
                return "DATE"
            case kinds if kinds in ({"moment"}, {"date", "moment"}):
                return "TIMESTAMP"
            case kinds if kinds == {"instant"}:
                return "TIMESTAMP WITH TIME ZONE"
        return "VARCHAR"

    def _number_type(self) -> str:
        if not self._fraction:
            return "BIGINT" if self._whole <= _WHOLE_DIGITS else "VARCHAR"
        if self._whole + self._fraction <= _DIGITS:
            return f"DECIMAL({_DIGITS},{self._fraction})"
        return "DOUBLE"

    def _spell(self, value: Any) -> str | None:
        match value:
            case None:
                return None
            case bool():
                self._kinds.add("truth")
                return "true" if value else "false"
            case int() | float() | Decimal() | Numeral():
                return self._spell_number(value)
            case str():
                self._kinds.add("text")
                # half of a letter, which no store takes
                return value.replace("\0", "").encode("utf-8", "replace").decode()
            case dt.datetime():
                self._kinds.add("instant" if value.tzinfo else "moment")
                return value.isoformat(sep=" ")
            case dt.date():
                self._kinds.add("date")
                return value.isoformat()
        self._kinds.add("text")
        return _spell_other(value)

    def _spell_number(self, value: float | Decimal | str) -> str | None:
        written = _plain_number(value)
        if written is None:
            return None
        if "e" in written and math.isinf(float(written)):
            self._kinds.add("text")
            return written
        self._kinds.add("number")
        if "e" in written:
            self._fraction = _DIGITS + 1
            return written
        whole, _, fraction = written.lstrip("-").partition(".")
        self._whole = max(self._whole, len(whole))
        self._fraction = max(self._fraction, len(fraction))
        return written


def show_typed(connection: Any, columns: Sequence[TypedColumn]) -> None:
    """Make the staged relation: the columns staged as text, each in its type."""
    listed = "".join(
        f", c{n}" if column.sql_type() == "VARCHAR" else f", CAST(c{n} AS {column.sql_type()}) AS c{n}"
        for n, column in enumerate(columns)
    )
    connection.execute(f"CREATE VIEW {STAGED} AS SELECT row_number{listed} FROM {AS_TEXT}")


def _plain_number(value: float | Decimal | str) -> str | None:
    """Return a number without zeros that say nothing; None for what is none."""
    if isinstance(value, float | Decimal) and not math.isfinite(value):
        return None
    written = format(value, "f") if isinstance(value, Decimal) else str(value).lower()
    if "e" in written:
        return written
    return written.rstrip("0").rstrip(".") if "." in written else written


def _spell_other(value: Any) -> str:
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, dict | list):
        return json.dumps(_with_numbers(value), ensure_ascii=False, default=str).replace("\\u0000", "")
    return str(value).replace("\0", "")


def _with_numbers(value: Any) -> Any:
    """Return a nested value with numbers in place of how they were written."""
    if isinstance(value, Numeral):
        return int(value) if value.lstrip("-").isdigit() else float(value)
    if isinstance(value, dict):
        return {key: _with_numbers(each) for key, each in value.items()}
    return [_with_numbers(each) for each in value] if isinstance(value, list) else value
