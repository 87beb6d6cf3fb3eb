"""The people to be compared: the current view of each known person, one row each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.profiles.matching.fields import FIELDS, OTHER_NAMES
from tesela.profiles.tables import PROFILES, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    import pyarrow as pa

    from tesela.warehouse import Engine

_TABLES = {"profiles": PROFILES, "owners": SUBJECT_PROFILES}

_TOLD = ", ".join(f"max(value) FILTER (WHERE field = '{field}') AS {field}" for field in OTHER_NAMES)
_COMPARED = ", ".join(f"o.{field}" if field in OTHER_NAMES else f"p.{field}::VARCHAR AS {field}" for field in FIELDS)
_DIGEST = ", ".join(f"coalesce({field}, '')" for field in FIELDS)

_PEOPLE = f"""
    WITH told AS (
        SELECT profile_id, unnest(map_entries(from_json(properties, '"MAP(VARCHAR,VARCHAR)"'))) AS pair
        FROM {{profiles}} WHERE is_known AND properties IS NOT NULL AND {{chosen}}
    ),
    named AS (
        SELECT t.profile_id, n.field, string_agg(t.pair.value, ' ' ORDER BY n.place, t.pair.key) AS value
        FROM told AS t
        JOIN field_names AS n
          ON n.name = lower(trim(regexp_replace(strip_accents(t.pair.key), '[^A-Za-z0-9]+', '_', 'g'), '_'))
        GROUP BY t.profile_id, n.field
    ),
    others AS (SELECT profile_id, {_TOLD} FROM named GROUP BY profile_id),
    people AS (
        SELECT p.profile_id, {_COMPARED}
        FROM (SELECT * FROM {{profiles}} WHERE is_known AND {{chosen}}) AS p
        LEFT JOIN others AS o ON o.profile_id = p.profile_id
    )
    SELECT *, md5(concat_ws(chr(31), {_DIGEST})) AS digest FROM people
    WHERE coalesce(first_name, last_name, email, phone, document) IS NOT NULL
    ORDER BY profile_id
"""


def write_people(engine: Engine, path: Path) -> None:
    """Write everybody who is known into a Parquet file: profile, compared fields as they are, digest of them.

    Args:
        engine: The workspace's own warehouse, which may write there.
        path: The file.
    """
    target = str(path).replace("'", "''")
    engine.write([_asked(f"COPY ({_PEOPLE}) TO '{{target}}' (FORMAT parquet)", target=target)])


def read_people(engine: Engine, profile_ids: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return some people by profile: their compared fields as they are, and a digest of them."""
    rows = engine.query(_asked(_PEOPLE, profile_ids)).to_pylist()
    return {row["profile_id"]: row for row in rows}


def read_owners(engine: Engine, subjects: Iterable[int]) -> dict[int, int]:
    """Return which profiles some subjects are of today; those that are gone are missing."""
    asked = statement(
        "SELECT subject_id, profile_id FROM {owners} WHERE subject_id IN (SELECT id FROM chosen_ids)",
        tables=_TABLES,
        relations={"chosen_ids": _ids(subjects)},
    )
    rows = engine.query(asked)
    return dict(zip(rows.column(0).to_pylist(), rows.column(1).to_pylist(), strict=True))


def _asked(template: str, profile_ids: Iterable[int] | None = None, *, target: str = "") -> Statement:
    """Return the statement about some people, or about everybody."""
    chosen = "true" if profile_ids is None else "profile_id IN (SELECT id FROM chosen_ids)"
    relations = {"field_names": _field_names()}
    if profile_ids is not None:
        relations["chosen_ids"] = _ids(profile_ids)
    return statement(template, tables={**_TABLES, "chosen": chosen, "target": target}, relations=relations)


def _ids(numbers: Iterable[int]) -> pa.Table:
    import pyarrow as pa

    return pa.table({"id": pa.array(sorted(set(numbers)), pa.int64())})


def _field_names() -> pa.Table:
    import pyarrow as pa

    rows = [
        {"name": name, "field": field, "place": place}
        for field, names in OTHER_NAMES.items()
        for place, name in enumerate(names)
    ]
    return pa.Table.from_pylist(rows)
