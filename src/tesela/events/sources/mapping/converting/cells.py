"""Make `cells`: one column a field (`m_<field>`, or `m_<field>_1`, ... where several are mapped), and properties."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from tesela.events.fields import FIELDS
from tesela.events.sources.mapping.converting.originals import original_cells
from tesela.events.sources.mapping.vocabulary import normalise

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.events.sources.mapping.converting.conversion import Conversion

# An export of shop accounts may carry these; nothing of them is stored.
_SECRET = re.compile(r"\b(password|passwd|passwort|contrasena|clave|token|secret|hash|cvv|iban)\b")

# blank, tab, line ends, no-break space, byte order mark
_BLANKS = " || ".join(f"chr({code})" for code in (32, 9, 10, 13, 160, 65279))


def make_cells(work: Conversion) -> None:
    """Clean the cells of the columns that are fields, and gather the others as properties."""
    columns = ["row_number", *_cleaned_fields(work), f"{_properties(work)} AS properties"]
    columns += original_cells(work, _clean)
    if work.mapping.order_key:
        parts = ", ".join(f"coalesce(c{n}::VARCHAR, '')" for n in work.mapping.key_places())
        columns.append(f"'key-' || md5(concat_ws(chr(31), {parts})) AS order_key")
    # the keys of the properties, as JSON writes them
    headers = {f"h{n}": json.dumps(work.staged.headers[n], ensure_ascii=False) + ":" for n in _property_places(work)}
    work.run(f"CREATE TABLE cells AS SELECT {', '.join(columns)} FROM {work.staged.relation}", headers or None)


def is_secret(header: str) -> bool:
    """Whether a column is of a kind of which nothing may be stored."""
    return bool(_SECRET.search(normalise(header)))


def _cleaned_fields(work: Conversion) -> Iterator[str]:
    for name in work.mapped:
        places = work.mapping.places(name)
        if work.fields[name].is_repeatable:
            yield from (f"{_clean(work, place)} AS m_{name}_{n}" for n, place in enumerate(places))
        else:
            cast = "" if len({work.type_at(place) for place in places}) == 1 else "::VARCHAR"
            yield f"coalesce({', '.join(f'{_clean(work, place)}{cast}' for place in places)}) AS m_{name}"


def _clean(work: Conversion, place: int) -> str:
    column = f"c{place}"
    if work.type_at(place) != "VARCHAR":
        return column
    bare = f"replace({column}, chr(0), '')"
    composed = f"CASE WHEN strlen({column}) = length({column}) THEN {bare} ELSE nfc_normalize({bare}) END"
    return f"nullif(trim({composed}, {_BLANKS}), '')"


def _property_places(work: Conversion) -> list[int]:
    """Return the columns that are kept among the properties: those that no field keeps, but never a secret."""
    kept = {each.name for each in FIELDS[work.kind]}
    free = (place for place, column in enumerate(work.mapping.columns) if column.field not in kept)
    return [place for place in free if not is_secret(work.staged.headers[place])]


def _properties(work: Conversion) -> str:
    """Return the SQL of the JSON of the properties, by header, empty ones left out."""
    places = sorted(_property_places(work), key=lambda place: work.staged.headers[place])
    if not places:
        return "NULL::VARCHAR"
    pairs = ", ".join(f"$h{place} || to_json({_clean(work, place)}::VARCHAR)::VARCHAR" for place in places)
    return f"nullif('{{' || concat_ws(',', {pairs}) || '}}', '{{}}')"
