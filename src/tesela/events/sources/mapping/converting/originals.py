"""Keep texts of contacts as they came, where what was read of them is another: cleaning starts from them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.sources.mapping.converting.written_times import NATIVE_TIMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tesela.events.fields import Field
    from tesela.events.sources.mapping.converting.conversion import Conversion

_KEPT = frozenset(
    (
        *("email", "phone", "first_name", "last_name", "full_name", "birth_date", "gender"),
        *("country", "region", "postal_code", "language"),
    )
)


def original_columns(work: Conversion) -> list[str]:
    """Return the columns `o_<field>` of the texts kept; a column of dates or times has no other text."""
    return [f"o_{name}" for name in _fields(work)]


def original_cells(work: Conversion, clean: Callable[[Conversion, int], str]) -> Iterator[str]:
    """Yield the SQL of the columns, over the staged rows.

    Args:
        work: The conversion.
        clean: Gives the SQL of a cleaned cell: of several columns of a field the first that says something counts.
    """
    for name in _fields(work):
        places = work.mapping.places(name)
        cases = " ".join(f"WHEN {clean(work, place)} IS NOT NULL THEN c{place}::VARCHAR" for place in places)
        yield f"CASE {cases} END AS o_{name}"


def kept_originals(work: Conversion, told: Callable[[Conversion, Field], str]) -> str:
    """Return the SQL of the JSON of the texts that are not what was read of them, by field.

    Args:
        work: The conversion.
        told: Gives the SQL of a field's value.
    """
    pairs = ", ".join(
        f"CASE WHEN r.o_{name} IS DISTINCT FROM {told(work, work.fields[name])}::VARCHAR "
        f"""THEN '"{name}":' || to_json(r.o_{name})::VARCHAR END"""
        for name in _fields(work)
    )
    return f"nullif('{{' || concat_ws(',', {pairs}) || '}}', '{{}}')" if pairs else "NULL::VARCHAR"


def _fields(work: Conversion) -> list[str]:
    if work.kind != "contacts":
        return []
    return [name for name in work.mapped if name in _KEPT and not work.type_of(name).startswith(NATIVE_TIMES)]
