"""Propose a mapping: by the vendor's known export, else by the headers, else by what the values look like."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tesela.events.fields import MAPPABLE, Kind
from tesela.events.sources.mapping.mapping import Column, Mapping
from tesela.events.sources.mapping.vocabulary import load, normalise, synonyms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tesela.events.sources.reading import StagedTable

_LOOKED_AT = 500
_MOST = 0.8
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,}")
_DATE = re.compile(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}.*|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*|(19|20)\d{6}")
_PHONE = re.compile(r"(\+|00)\d[\d\s().-]{7,}|[6789]\d{2}[\s.]?\d{2,3}[\s.]?\d{2,3}[\s.]?\d{0,3}")
_MONEY = re.compile(r"-?[\d.,]*\d[.,]\d{2}\s?(€|EUR|\$)?")


def propose_mapping(staged: StagedTable, kind: Kind) -> Mapping:
    """Return how the columns of a staged source would be read.

    Args:
        staged: The source.
        kind: Kind of record that each row is.
    """
    headers = staged.headers
    if mapping := _recognise_values(staged, kind):
        return mapping
    vendor = _recognise(headers, kind)
    found: dict[int, tuple[str, Any]] = {}
    taken: dict[str, tuple[int, int]] = {}
    repeatable = {field.name for field in MAPPABLE[kind] if field.is_repeatable}
    special = vendor.get("columns", {}) if vendor else {}
    for place, header in enumerate(headers):
        name = normalise(header)
        if name in special:
            if special[name]:
                found[place] = (special[name], "vendor")
                taken[special[name]] = (-1, place)
            continue
        match = None if vendor and vendor.get("only") else _by_header(header, kind)
        if match is None:
            continue
        field, rank = match
        if field in repeatable:
            found[place] = (field, "header")
        elif field not in taken or rank < taken[field][0]:
            if field in taken:
                found.pop(taken[field][1])
            taken[field] = (rank, place)
            found[place] = (field, "header")
    _look_at_values(staged, kind, {normalise(h) for h in special}, found)
    order = {name: rank for rank, name in enumerate(special)}
    columns = tuple(
        Column(header, *found[place], order.get(normalise(header), 0) if vendor and vendor.get("only") else 0)
        if place in found
        else Column(header)
        for place, header in enumerate(headers)
    )
    return Mapping(
        kind,
        columns,
        vendor=vendor["name"] if vendor else None,
        constants=dict(vendor.get("constant", {})) if vendor else {},
        inverted=tuple(vendor.get("inverted", ())) if vendor else (),
    )


def _recognise(headers: tuple[str, ...], kind: Kind) -> dict[str, Any] | None:
    names = {normalise(header) for header in headers} | {normalise(header.partition("(")[0]) for header in headers}
    for vendor in load("vendors.toml")["vendor"]:
        if kind in vendor["kinds"] and set(vendor.get("signature", ("",))) <= names:
            found: dict[str, Any] = vendor
            return found
    return None


def _recognise_values(staged: StagedTable, kind: Kind) -> Mapping | None:
    """Recognise an export without headers by what stands in each of its columns."""
    if not all(re.fullmatch(r"column \d+", header) for header in staged.headers):
        return None
    rows = _first_rows(staged, range(len(staged.headers)))
    for vendor in load("vendors.toml")["vendor"]:
        shapes = vendor.get("values", ())
        if kind not in vendor["kinds"] or len(shapes) != len(staged.headers) or not rows:
            continue
        if all(re.fullmatch(shape, row[n] or "") for row in rows for n, shape in enumerate(shapes)):
            named = zip(staged.headers, vendor["fields"], strict=True)
            return Mapping(kind, tuple(Column(header, name, "vendor") for header, name in named), vendor["name"])
    return None


def _first_rows(staged: StagedTable, places: Iterable[int]) -> list[tuple[str | None, ...]]:
    listed = ", ".join(f"c{place}::VARCHAR" for place in places)
    rows: list[tuple[str | None, ...]] = staged.connection.execute(
        f"SELECT {listed} FROM {staged.relation} LIMIT {_LOOKED_AT}"
    ).fetchall()
    return rows


def _by_header(header: str, kind: Kind) -> tuple[str, int] | None:
    """Look a header up as it is, without what stands in brackets, and by the last part of a dotted name."""
    known = synonyms(kind)
    field_names = {field.name for field in MAPPABLE[kind]}
    if header in field_names:
        return header, -1
    for written in (header, header.partition("(")[0], header.rpartition(".")[2]):
        match = known.get(normalise(written))
        if match and match[0] in field_names:
            return match
    return None


def _look_at_values(staged: StagedTable, kind: Kind, ignored: set[str], found: dict[int, tuple[str, Any]]) -> None:
    """Give fields that no header named to the one column whose values look like it."""
    fields = {field.name for field in MAPPABLE[kind]}
    missing: dict[str, Callable[[str], object]] = {
        name: shape.fullmatch
        for name, shape in (("email", _EMAIL), ("phone", _PHONE), ("occurred_at", _DATE), ("amount", _MONEY))
        if name in fields and all(field != name for field, _ in found.values())
    }
    if "unit_price" in {field for field, _ in found.values()}:
        missing.pop("amount", None)
    free = [
        place
        for place, header in enumerate(staged.headers)
        if place not in found and normalise(header) not in ignored and staged.types[place] == "VARCHAR"
    ]
    if not missing or not free:
        return
    rows = _first_rows(staged, free)
    for name, matches in missing.items():
        fitting = []
        for index, place in enumerate(free):
            values = [text for row in rows if (text := (row[index] or "").strip())]
            if place not in found and values and sum(map(bool, map(matches, values))) >= _MOST * len(values):
                fitting.append(place)
        # two that fit are a question for the person
        if len(fitting) == 1 or (fitting and name == "email"):
            found[fitting[0]] = (name, "content")
