"""What the contacts say, value by value: the field, what kind of value it is, how it was written, how it was read.

Cleaning asks for the distinct values of it, and the attributes of people are made of all of them, so both mean the
same value by the same words. Its SQL stands in templates of `statement`: a literal brace is written twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.profiles.cleaning import DAY_ORDERS, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping

# Each is told anew by every record and the newest one holds.
CHANGING = (
    "customer_id",
    "email",
    "phone",
    "loyalty_card",
    "first_name",
    "last_name",
    "full_name",
    "birth_date",
    "gender",
    "country",
    "region",
    "city",
    "postal_code",
    "language",
    "time_zone",
    "tags",
)

_KINDS: Mapping[str, Kind] = {
    "email": "email",
    "phone": "phone",
    "first_name": "name",
    "last_name": "name",
    "full_name": "name",
    "birth_date": "birth_date",
    "gender": "gender",
    "country": "country",
    "postal_code": "postal_code",
    "language": "language",
}

# columns of a shop's own that say how old a person is, as she declared it
_AGES = "('edad', 'age')"

_COUNTRY: tuple[Kind, ...] = ("phone", "postal_code", "postal_region", "region")
_DAYS: tuple[Kind, ...] = ("birth_date",)

_SCHEMA = ", ".join(f'"{field}": "VARCHAR"' for field in (*_KINDS, "region"))

WRITTEN = f"""
    SELECT *, from_json(originals, '{{{{{_SCHEMA}}}}}') AS o FROM {{contacts}}"""
"""The records of contacts with `o`: their texts as they came, where what was read of them is another."""

COUNTRY_WRITTEN = "coalesce(c.o.country, c.country)"
"""How the country of a record was written."""

# a file tells by all its dates whether days or months come first; one date alone often does not
_NUMBERS = r"'^(\d{{1,2}})\D(\d{{1,2}})\D'"
_MONTH_FIRST = (
    f"try_cast(regexp_extract(c.o.birth_date, {_NUMBERS}, 1) AS INTEGER) = month(c.birth_date) "
    f"AND try_cast(regexp_extract(c.o.birth_date, {_NUMBERS}, 2) AS INTEGER) = day(c.birth_date)"
)

CONTEXTS = f"""
            CASE WHEN regexp_full_match(code.value, '[A-Z]{{{{2}}}}') THEN code.value ELSE $country END AS home,
            CASE WHEN c.birth_date IS NULL THEN $day_order
                 WHEN {_MONTH_FIRST} THEN '{DAY_ORDERS[1]}' ELSE '{DAY_ORDERS[0]}' END AS days"""
"""What values of a record `c` are read by, beside the cleaned country `code`: its country, and its order of days."""


def _pair(field: str, kind: str, original: str, own: str) -> str:
    return f"struct_pack(field := '{field}', kind := {kind}, context := '', original := {original}, own := {own})"


def _with_context(kind: str) -> str:
    countries = ", ".join(f"'{each}'" for each in _COUNTRY)
    days = ", ".join(f"'{each}'" for each in _DAYS)
    return f"CASE WHEN {kind} IN ({countries}) THEN home WHEN {kind} IN ({days}) THEN days ELSE '' END"


def _told(field: str) -> str:
    if field == "region":
        # of whom no region is told the postal code may tell it
        kind = "CASE WHEN region IS NULL THEN 'postal_region' ELSE 'region' END"
        return _pair(field, kind, "coalesce(o.region, region, o.postal_code, postal_code)", "region")
    if field not in _KINDS:
        return _pair(field, "NULL", f"{field}::VARCHAR", f"{field}::VARCHAR")
    return _pair(field, f"'{_KINDS[field]}'", f"coalesce(o.{field}, {field}::VARCHAR)", f"{field}::VARCHAR")


def kind_of(field: str) -> Kind:
    """Return what the values of a field are, for cleaning."""
    return "region" if field == "region" else _KINDS[field]


PAIRS = ", ".join(_told(field) for field in CHANGING)
"""One struct for each field, to unnest: `field`, `kind` (of cleaning; NULL for none), `original`, `own` (as read)."""

_CLEANED = ", ".join(f"'{field}'" for field in (*_KINDS, "region"))

IS_OTHER = f"e.key NOT IN ({_CLEANED})"
"""Whether an entry `e` is a field of the shop's own, and not what could not be read of a field of ours."""

PROPERTY = f"""struct_pack(
    field := e.key, kind := CASE WHEN lower(e.key) IN {_AGES} THEN 'age' END, context := '',
    original := e.value, own := e.value)"""
"""The same of an entry `e` of a record's other fields."""

CONTEXT = _with_context("pair.kind")
"""What the value of a `pair` is read by; `home` and `days` stand beside it."""

PROPERTIES = """unnest(map_entries(from_json(properties, '"MAP(VARCHAR,VARCHAR)"')))"""
"""The entries of a record's other fields."""


def usual_context(kind: Kind, *, country: str, day_order: str) -> str:
    """Return what values of a kind are read by when the record says nothing else."""
    return country if kind in _COUNTRY else day_order if kind in _DAYS else ""
