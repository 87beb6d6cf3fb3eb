"""What contacts say as they wrote it, beside what cleaning makes of it: for whoever looks for what is wrong.

Two tables of ours, made anew by whoever asks and dropped afterwards: one row a current record, with the texts as they
came, and one row a value of which cleaning has something to say that nobody has decided about.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import RECORDS, SUBJECTS
from tesela.profiles.attributes import IS_SUBJECT_OF_C
from tesela.profiles.contact_values import CONTEXTS, COUNTRY_WRITTEN, WRITTEN, kind_of
from tesela.profiles.tables import CLEANED_VALUES, CLEANING_DECISIONS, SUBJECT_PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.profiles.cleaning import CleaningSettings
    from tesela.warehouse import Statement, Table

WRITTEN_RECORDS = "written_records"
"""One row a current record: `profile_id`, `source`, `home`, `days`, ids, texts as they came, `seen_*` as they were
read: `seen_email`, `seen_phone`, `seen_birth_date`, `seen_country`, `seen_created_at`; `now_*`, what cleaning and
people make of them: `now_gender`, `now_region`, `now_postal_code`; `is_region_known`, whether cleaning knows it."""

WRITTEN_VALUES = "written_values"
"""One row a value: `profile_id`, `source`, `field`, `kind`, `context`, `original`, `value`, `rules`, `flags`,
`suggestion`."""

_TEXTS = (
    *("email", "phone", "first_name", "last_name", "full_name", "birth_date", "gender"),
    *("country", "region", "postal_code"),
)
_IDS = ("customer_id", "loyalty_card", "member_id", "city", "first_source")
# rules that mend what is a fault all the same
_MENDED = ("name.mojibake", "postal_code.zero")

# what cleaning makes of these is told beside them
_NOW = ("gender", "region", "postal_code")
_CONTEXT = {"phone": "r.home", "postal_code": "r.home", "region": "r.home", "birth_date": "r.days"}

_TABLES: dict[str, Table | str] = {
    "contacts": RECORDS["contacts"],
    "subjects": SUBJECTS,
    "owners": SUBJECT_PROFILES,
    "cleaned": CLEANED_VALUES,
    "decisions": CLEANING_DECISIONS,
    "records": WRITTEN_RECORDS,
    "values": WRITTEN_VALUES,
}


def gather_written(settings: CleaningSettings) -> Iterator[Statement]:
    """Yield the statements that make the two tables; profiles must be up to date.

    Args:
        settings: How contacts are cleaned.
    """
    yield statement(
        f"""
        CREATE OR REPLACE TEMPORARY TABLE {{records}} AS
        WITH came AS (
        SELECT o.profile_id, c.source, {", ".join(f"c.{name}" for name in _IDS)},
            {", ".join(f"coalesce(c.o.{name}, c.{name}::VARCHAR) AS {name}" for name in _TEXTS)},
            c.email AS seen_email, c.phone AS seen_phone, c.birth_date AS seen_birth_date, c.country AS seen_country,
            c.created_at AS seen_created_at,
            {CONTEXTS}
        FROM ({WRITTEN} WHERE is_current) AS c
        JOIN {{subjects}} AS s ON {IS_SUBJECT_OF_C}
        JOIN {{owners}} AS o ON o.subject_id = s.subject_id
        LEFT JOIN {{cleaned}} AS code
          ON code.kind = 'country' AND code.context = '' AND code.original = {COUNTRY_WRITTEN}
        )
        SELECT r.*, {", ".join(map(_now, _NOW))},
            coalesce(k_region.flags = '' AND k_region.value IS NOT NULL, false) AS is_region_known
        FROM came AS r {" ".join(_cleaned(field) for field in _NOW)}
        """,
        tables=_TABLES,
        country=settings.country,
        day_order=settings.day_order,
    )
    mended = " OR ".join(f"contains(k.rules, '{rule}')" for rule in _MENDED)
    yield statement(
        f"""
        CREATE OR REPLACE TEMPORARY TABLE {{values}} AS
        WITH told AS (
            SELECT k.* FROM {{cleaned}} AS k
            LEFT JOIN {{decisions}} AS d ON d.kind = k.kind AND d.context = k.context AND d.original = k.original
            WHERE d.value IS NULL AND (k.flags <> '' OR k.suggestion IS NOT NULL OR {mended})
        )
        {" UNION ALL ".join(_of(field) for field in _TEXTS)}
        """,
        tables=_TABLES,
    )


def _now(field: str) -> str:
    return f"coalesce(d_{field}.value, k_{field}.value, r.{field}) AS now_{field}"


def _cleaned(field: str) -> str:
    """Return the joins that bring what cleaning, and what a person, makes of a field."""
    context = _CONTEXT.get(field, "''")
    same = f"kind = '{kind_of(field)}' AND {{0}}.original = r.{field} AND {{0}}.context = {context}"
    joins = (("k", "cleaned"), ("d", "decisions"))
    return " ".join(
        f"LEFT JOIN {{{table}}} AS {name}_{field} ON {name}_{field}.{same.format(f'{name}_{field}')}"
        for name, table in joins
    )


def _of(field: str) -> str:
    """Return the query of the values of a field of which there is something to say."""
    kind = kind_of(field)
    context = _CONTEXT.get(field, "''")
    return f"""
        SELECT r.profile_id, r.source, '{field}' AS field, k.kind, k.context, k.original, k.value, k.rules, k.flags,
            k.suggestion
        FROM {{records}} AS r
        JOIN told AS k ON k.kind = '{kind}' AND k.original = r.{field} AND k.context = {context}"""


def forget_written() -> list[Statement]:
    """Return the statements that drop the two tables."""
    return [statement(f"DROP TABLE IF EXISTS {{{name}}}", tables=_TABLES) for name in ("records", "values")]
