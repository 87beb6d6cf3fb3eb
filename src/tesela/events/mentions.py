"""Whom a row names that could not be used: the identifiers in its text as it came."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING

from tesela.events.fields import IDENTIFIER_KINDS
from tesela.events.sources.mapping import Mapping, read_email, read_phone

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.events.record import Load

ORDER = "order_id"
"""Kind of what an order is told by, beside the kinds of identifiers; its value is `source/order`."""

Named = tuple[str, str]
"""Kind and normal form of an identifier."""

_EMAIL = re.compile(r"[^\s\"'<>,;:()\[\]\\]+@[^\s\"'<>,;:()\[\]\\]+\.[^\s\"'<>,;:()\[\]\\]+")
_PHONE = re.compile(r"(?<![\w.])\+?\d[\d\s().\-]{6,20}\d(?![\w])")


class Mentions:
    """Reads the texts of one import's rejected rows.

    Args:
        mapping: The mapping that it was read with, as YAML; may be empty.
        source: Name of the source.
        country: ISO 3166 code: of phones without a prefix.
    """

    def __init__(self, mapping: str, source: str, country: str) -> None:
        self._source = source
        self._country = country
        columns = Mapping.from_yaml(mapping).columns if mapping else ()
        self._fields = {column.header: column.field for column in columns if column.field}

    @classmethod
    def of(cls, load: Load, country: str) -> Mentions:
        """Return the reader of a sealed load's rejected rows."""
        return cls(load.mapping, load.source, country)

    def identifiers(self, *texts: str | None) -> set[Named]:
        """Return the identifiers that stand in a row's texts: in columns read as one, and what looks like one."""
        return {each for text in texts if text for each in self._in(text)}

    def _in(self, text: str) -> Iterator[Named]:
        for header, cell in _cells(text).items():
            kind = self._fields.get(header, header)
            if kind == ORDER:
                yield ORDER, f"{self._source}/{cell}"
            elif kind in IDENTIFIER_KINDS and (value := _normal(kind, cell, self._country)):
                yield kind, value
        for written in _EMAIL.findall(text):
            if value := _normal("email", written, self._country):
                yield "email", value
        for written in _PHONE.findall(text):
            if value := _normal("phone", written, self._country):
                yield "phone", value


def _cells(text: str) -> dict[str, str]:
    """Return a row's values by their header; none where it is no row in JSON."""
    try:
        row = json.loads(text)
    except ValueError:
        return {}
    return {name: str(value).strip() for name, value in row.items() if value} if isinstance(row, dict) else {}


@lru_cache(100_000)
def _normal(kind: str, written: str, country: str) -> str | None:
    match kind:
        case "email":
            return read_email(written)
        case "phone":
            return read_phone(written, country)
        case _:
            return written
