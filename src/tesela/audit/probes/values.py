"""Values that are broken, invented, lost or in the wrong column, counted in people.

All of them look at what current records say, letter by letter, beside what cleaning makes of it
(`profiles.written`). What a person has decided about counts no more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.audit.facts import TABLES as GROUND
from tesela.audit.found import Found, Unknown
from tesela.audit.probes.beside import FOLD, MIXED_FORMATS, PEAKS, SAME_REGIONS, TRUNCATED, inconsistent_people
from tesela.audit.probes.places import communities, provinces
from tesela.profiles import written
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pyroaring import BitMap64

    from tesela.audit.ground import Ground

TABLES = {"records": written.WRITTEN_RECORDS, "values": written.WRITTEN_VALUES}

_SAMPLES = 5
_EXCEL = r"'^\s*\d([.,]\d+)?[eE]\+\d+\s*$'"
_IS_EMAIL = r"regexp_matches(lower(trim({0})), '^[^@\s]+@[^@\s]+\.[a-z]{{{{2,}}}}$')"
_IS_PHONE = r"regexp_matches(trim({0}), '^\+?(\d[ ().-]*){{{{9,15}}}}$')"

# what stands in a column that is meant for something else
_MISPLACED = " UNION ALL ".join(
    f"SELECT profile_id, source, {field} AS original FROM {{records}} WHERE {holds.format(field)}"
    for field, holds in (
        *((name, _IS_EMAIL) for name in ("first_name", "last_name", "full_name", "phone")),
        *((name, _IS_PHONE) for name in ("postal_code", "email", "first_name", "last_name")),
    )
)


def _has(flag: str) -> str:
    return f"list_contains(string_split(v.flags, ' '), '{flag}')"


_IS_PLAIN = f"NOT regexp_matches(v.original, {_EXCEL}) AND NOT v.is_misplaced"
_IS_NAME = "v.kind = 'name'"
_IS_NO_COMMUNITY = "(v.context <> 'ES' OR NOT v.is_community)"

_OF_VALUES: Mapping[str, str] = {
    "email_invalid": f"v.field = 'email' AND {_has('invalid')} AND NOT {_has('placeholder')} AND {_IS_PLAIN}",
    "email_typo": f"v.field = 'email' AND {_has('typo_domain')}",
    "email_placeholder": f"v.field = 'email' AND {_has('placeholder')}",
    "phone_invalid": f"v.field = 'phone' AND {_has('invalid')} AND NOT {_has('placeholder')} AND {_IS_PLAIN}",
    "phone_placeholder": f"v.field = 'phone' AND {_has('placeholder')}",
    "date_invalid": f"v.field = 'birth_date' AND {_has('invalid')} AND NOT {_has('placeholder')}",
    "date_impossible": f"v.field = 'birth_date' AND ({_has('placeholder')} OR {_has('improbable')})",
    "country_unknown": f"v.field = 'country' AND ({_has('unknown')} OR {_has('placeholder')})",
    "region_unknown": f"v.field = 'region' AND ({_has('unknown')} OR {_has('placeholder')}) AND {_IS_NO_COMMUNITY}",
    "postal_code_invalid": f"v.field = 'postal_code' AND {_has('invalid')} AND {_IS_PLAIN}",
    "name_placeholder": f"{_IS_NAME} AND {_has('placeholder')}",
    "name_lost_letters": f"{_IS_NAME} AND {_has('lost_letters')}",
    "name_mojibake": f"{_IS_NAME} AND contains(v.rules, 'name.mojibake')",
    "leading_zeros_lost": "v.field = 'postal_code' AND contains(v.rules, 'postal_code.zero')",
}
"""By check, when a value `v` is at fault."""

_JUDGED = f"""
    SELECT w.*, m.profile_id IS NOT NULL AS is_misplaced, c.word IS NOT NULL AS is_community
    FROM {{values}} AS w
    LEFT JOIN (SELECT DISTINCT profile_id, source FROM misplaced) AS m
      ON m.profile_id = w.profile_id AND m.source = w.source
    LEFT JOIN communities AS c ON w.field = 'region' AND c.word = {FOLD.format("w.original")}"""

_OTHERS: Mapping[str, str] = {
    "date_impossible": """
        SELECT profile_id, birth_date AS original FROM {records} WHERE seen_birth_date > $as_of
        UNION ALL
        SELECT profile_id, seen_created_at::VARCHAR FROM {records} WHERE seen_created_at < TIMESTAMP '1990-01-01'""",
    "wrong_column": "SELECT profile_id, original FROM misplaced",
    "ids_lost_to_excel": " UNION ALL ".join(
        f"SELECT profile_id, {field} AS original FROM {{records}} WHERE regexp_matches({field}, {_EXCEL})"
        for field in ("customer_id", "loyalty_card", "member_id", "phone", "postal_code")
    ),
    "postal_code_other_region": """
        SELECT r.profile_id, r.postal_code || ' · ' || r.now_region AS original
        FROM {records} AS r JOIN provinces AS p ON p.prefix = left(r.now_postal_code, 2)
        WHERE r.home = 'ES' AND r.is_region_known AND length(r.now_postal_code) = 5 AND p.name <> r.now_region""",
    "inconsistent_sources": inconsistent_people(),
    "region_variants": SAME_REGIONS
    + "SELECT profile_id, region AS original FROM variants WHERE now_region <> standard",
    "mixed_formats": MIXED_FORMATS,
    "truncated": TRUNCATED,
    "peak": PEAKS,
}
"""By check, the query of the people at fault with the value that shows it."""

_FIELD: Mapping[str, str] = {
    **dict.fromkeys(("email_invalid", "email_typo", "email_placeholder"), "email"),
    **dict.fromkeys(("phone_invalid", "phone_placeholder"), "phone"),
    **dict.fromkeys(("date_invalid", "date_impossible"), "birth_date"),
    "country_unknown": "country",
    **dict.fromkeys(("region_unknown", "region_variants"), "region"),
    **dict.fromkeys(("postal_code_invalid", "postal_code_other_region", "leading_zeros_lost"), "postal_code"),
}
KEYS = tuple(dict.fromkeys((*_OF_VALUES, *_OTHERS)))


def find_faults(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer the checks of values, alone and beside each other; `written_records` must be there."""
    told = _count_told(ground)
    if not told["records"]:
        return dict.fromkeys(KEYS, Unknown("no_contacts"))
    relations = {"communities": communities(), "provinces": provinces()}
    ground.engine.write(
        [statement(_FAULTS, tables={**GROUND, **TABLES, "faults": _FOUND}, relations=relations, as_of=ground.as_of)]
    )
    try:
        people = _people(ground)
        samples = {row["check_key"]: row["samples"] for row in ground.ask(_SOME, tables={"faults": _FOUND})}
    finally:
        ground.engine.write([statement("DROP TABLE {faults}", tables={"faults": _FOUND})])
    return {key: _answer(people.get(key), samples.get(key, ()), told, _FIELD.get(key, "records")) for key in KEYS}


def fault_rows(ground: Ground, key: str) -> list[dict[str, Any]]:
    """Return the values that a check of single values finds; `written_values` must be there.

    Returns:
        Rows of `profile_id`, `field`, `kind`, `context`, `original`, `suggestion`: personal data.
    """
    return ground.ask(
        f"""
        WITH misplaced AS ({_MISPLACED})
        SELECT DISTINCT v.profile_id, v.field, v.kind, v.context, v.original, v.suggestion
        FROM ({_JUDGED}) AS v JOIN {{people}} AS b ON b.profile_id = v.profile_id
        WHERE {_OF_VALUES[key]} ORDER BY ALL
        """,
        tables=TABLES,
        relations={"communities": communities()},
    )


def variant_rows(ground: Ground) -> list[dict[str, Any]]:
    """Return the regions that are spelt otherwise than their standard; rows as of `fault_rows`, with `standard`."""
    return ground.ask(
        f"""
        {SAME_REGIONS}
        SELECT DISTINCT v.profile_id, 'region' AS field, 'region' AS kind, v.home AS context, v.region AS original,
            v.standard
        FROM variants AS v JOIN {{people}} AS b ON b.profile_id = v.profile_id
        WHERE v.now_region <> v.standard ORDER BY ALL
        """,
        tables=TABLES,
        relations={"communities": communities()},
    )


def _count_told(ground: Ground) -> dict[str, int]:
    """Return how many people have a record, and of how many records tell each field."""
    fields = sorted(set(_FIELD.values()))
    counted = ", ".join(f"count(DISTINCT profile_id) FILTER ({field} IS NOT NULL) AS {field}" for field in fields)
    return ground.row(f"SELECT count(DISTINCT profile_id) AS records, {counted} FROM {{records}}", tables=TABLES)


def _people(ground: Ground) -> dict[str, BitMap64]:
    """Return who is at fault, by check."""
    import numpy as np
    from pyroaring import BitMap64

    rows = ground.read("SELECT DISTINCT check_key, profile_id FROM {faults}", tables={"faults": _FOUND})
    keys = rows.column("check_key").combine_chunks().dictionary_encode()
    codes, ids = keys.indices.to_numpy(), rows.column("profile_id").to_numpy().astype(np.uint64)
    return {key: BitMap64(ids[codes == code]) for code, key in enumerate(keys.dictionary.to_pylist())}


def _answer(people: BitMap64 | None, samples: Sequence[str], told: Mapping[str, int], field: str) -> Found | Unknown:
    from pyroaring import BitMap64

    if not told[field]:
        return Unknown("no_field", {"field": field})
    found = people if people is not None else BitMap64()
    return Found(len(found), told[field], found, tuple(samples))


def _questions() -> str:
    """Return the query of all faults: `check_key`, `profile_id`, `original`."""
    cases = ", ".join(f"CASE WHEN {when} THEN '{key}' END" for key, when in _OF_VALUES.items())
    values = f"""
        SELECT unnest([{cases}]) AS check_key, v.profile_id, v.original
        FROM ({_JUDGED}) AS v"""
    others = (f"SELECT '{key}' AS check_key, profile_id, original FROM ({asked})" for key, asked in _OTHERS.items())
    return " UNION ALL ".join((values, *others))


_FOUND = "audit_faults"
_SOME = f"""
    SELECT check_key, min(original, {_SAMPLES}) AS samples
    FROM (SELECT DISTINCT check_key, original FROM {{faults}} WHERE original IS NOT NULL) GROUP BY check_key"""

_FAULTS = f"""
    CREATE OR REPLACE TEMPORARY TABLE {{faults}} AS
    WITH misplaced AS ({_MISPLACED}), faults AS ({_questions()})
    SELECT f.check_key, f.profile_id, f.original
    FROM faults AS f JOIN {{people}} AS b ON b.profile_id = f.profile_id
    -- whoever is set aside is not written to at an address that was made up
    WHERE f.check_key IS NOT NULL AND NOT (f.check_key = 'email_placeholder' AND b.is_aside)"""
