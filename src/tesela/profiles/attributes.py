"""Build the current view of each person and the history behind it, from the contacts that sources told.

Which of several values holds is set per field (`IdentitySettings.survival`), and was so at every time: the history
has the value that held then, not every value that was told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.events import EVENTS, IDENTIFIER_KINDS, RECORDS, SUBJECT_LINKS, SUBJECTS
from tesela.profiles.changes import SUBJECTS_BEFORE
from tesela.profiles.cleaning import CleaningSettings
from tesela.profiles.contact_values import (
    CONTEXT,
    CONTEXTS,
    COUNTRY_WRITTEN,
    IS_OTHER,
    PAIRS,
    PROPERTIES,
    PROPERTY,
    WRITTEN,
)
from tesela.profiles.settings import ANY
from tesela.profiles.tables import ATTRIBUTE_VALUES, CLEANED_VALUES, CLEANING_DECISIONS, PROFILES, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import pyarrow as pa

    from tesela.profiles.settings import IdentitySettings
    from tesela.warehouse import Table

_TABLES: dict[str, Table | str] = {
    "contacts": RECORDS["contacts"],
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "events": EVENTS,
    "values": ATTRIBUTE_VALUES,
    "held": ATTRIBUTE_VALUES,
    "profiles": PROFILES,
    "cleaned": CLEANED_VALUES,
    "decisions": CLEANING_DECISIONS,
    "touched": "touched_profiles",
}

ACCEPTED = "accepted"
"""Stands among the rules of a value that a person accepted."""

# Each is about how the person came, so the earliest record's holds.
_FIRST = ("first_source", "created_at")

_CARRIED = ("customer_id", "email", "phone", "loyalty_card")


def _pairs(fields: tuple[str, ...]) -> str:
    """Return the SQL of one {field, value} for each field, as a list to unnest."""
    # `statement` fills places in braces, so those of a struct are doubled, and once more for the f-string
    return ", ".join(f"{{{{'field': '{field}', 'value': {field}::VARCHAR}}}}" for field in fields)


_KIND_OF_C = " ".join(f"WHEN c.{kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS)
IS_SUBJECT_OF_C = (
    f"s.kind = CASE {_KIND_OF_C} END AND s.value = coalesce({', '.join(f'c.{kind}' for kind in IDENTIFIER_KINDS)})"
)

_OWNED = f"""
    owned AS (
        SELECT o.profile_id, c.*, {CONTEXTS},
            -- a record holds since the source changed it; its first version since the person came
            coalesce(CASE WHEN c.is_first THEN least(c.created_at, c.updated_at) END, c.updated_at, c.received_at)
                AS valid_from
        FROM (
            SELECT *, row_number() OVER (PARTITION BY source, key ORDER BY load_id, row_number) = 1 AS is_first
            FROM ({WRITTEN})
        ) AS c
        JOIN {{subjects}} AS s ON {IS_SUBJECT_OF_C}
        JOIN {{owners}} AS o ON o.subject_id = s.subject_id
        LEFT JOIN {{cleaned}} AS code
          ON code.kind = 'country' AND code.context = '' AND code.original = {COUNTRY_WRITTEN}
    )"""


_PAIRED = f"""
    paired AS (
        SELECT profile_id, valid_from, source, load_id, row_number, home, days, unnest([{PAIRS}]) AS pair FROM owned
        UNION ALL
        SELECT profile_id, valid_from, source, load_id, row_number, home, days, {PROPERTY} AS pair
        FROM (SELECT *, {PROPERTIES} AS e FROM owned WHERE properties IS NOT NULL) WHERE {IS_OTHER}
    )"""

# What holds of a value: what a person accepted; of one that cannot be read only what the import read of it; else what
# the rules made of it, which is the original where they had nothing to do.
_TOLD = f"""
    answers AS (
        SELECT *, regexp_matches(flags, '\\b(invalid|unknown|ambiguous)\\b')
            OR (kind = 'postal_region' AND NOT contains(rules, 'region.from_postal_code')) AS is_unreadable
        FROM {{cleaned}} WHERE rules <> '' OR flags <> '' OR suggestion IS NOT NULL OR kind = 'postal_region'
    ),
    told AS (
        SELECT p.profile_id, p.valid_from, p.source, p.load_id, p.row_number, p.pair.field AS field,
            p.pair.original AS original,
            CASE WHEN d.value IS NOT NULL THEN d.value
                 WHEN k.is_unreadable THEN p.pair.own
                 WHEN k.original IS NOT NULL THEN k.value
                 WHEN p.pair.kind = 'postal_region' THEN NULL
                 ELSE p.pair.original END AS value,
            CASE WHEN d.value IS NOT NULL THEN concat_ws(' ', nullif(k.rules, ''), '{ACCEPTED}')
                 WHEN NOT k.is_unreadable THEN nullif(k.rules, '') END AS rules
        FROM paired AS p
        LEFT JOIN answers AS k
          ON k.kind = p.pair.kind AND k.original = p.pair.original AND k.context = {CONTEXT.replace("pair.", "p.pair.")}
        LEFT JOIN {{decisions}} AS d
          ON d.kind = p.pair.kind AND d.original = p.pair.original
            AND d.context = {CONTEXT.replace("pair.", "p.pair.")}
        WHERE p.pair.original IS NOT NULL
    )"""

# Of the values told for one time the last import's wins.
_NEWEST = """
    winning AS (
        SELECT profile_id, field, valid_from,
            arg_max(struct_pack(value := value, source := source, load_id := load_id, original := original,
                rules := rules), (load_id, row_number)) AS best
        FROM told WHERE value IS NOT NULL GROUP BY profile_id, field, valid_from
    )"""

# Each value has a rank by its field's rule; at every time the highest rank so far holds, of equal ones the newest.
_RANKED = """
    ranked AS (
        SELECT t.*,
            CASE coalesce(r.rule, u.rule)
                WHEN 'most_trusted' THEN coalesce(-s.place, -1000000)
                WHEN 'longest' THEN length(t.value)
                WHEN 'most_frequent' THEN count(*) OVER (
                    PARTITION BY t.profile_id, t.field, t.value
                    ORDER BY t.valid_from, t.load_id, t.row_number ROWS UNBOUNDED PRECEDING
                )
                ELSE 0
            END AS place
        FROM told AS t
        LEFT JOIN survival_rules AS r ON r.field = t.field
        LEFT JOIN survival_rules AS u ON u.field = '*'
        LEFT JOIN trusted_sources AS s ON s.source = t.source
        WHERE t.value IS NOT NULL
    ),
    winning AS (
        SELECT profile_id, field, valid_from,
            arg_max(best, (best.place, valid_from)) OVER (
                PARTITION BY profile_id, field ORDER BY valid_from ROWS UNBOUNDED PRECEDING
            ) AS best
        FROM (
            SELECT profile_id, field, valid_from,
                arg_max(struct_pack(value := value, source := source, load_id := load_id, original := original,
                        rules := rules, place := place), (place, load_id, row_number)) AS best
            FROM ranked GROUP BY profile_id, field, valid_from
        )
    )"""

# Each field's successive values: repeats say nothing new.
_CHANGES = """
    changes AS (
        SELECT profile_id, field, valid_from, best.value, best.source, best.load_id,
            nullif(best.original, best.value) AS original, best.rules FROM winning
        QUALIFY best.value IS DISTINCT FROM
            lag(best.value) OVER (PARTITION BY profile_id, field ORDER BY valid_from)
    )"""

# Since when and through what each profile came; one without contacts came with its first event.
_ARRIVALS = f"""
    seen AS (
        SELECT o.profile_id, min(l.since) AS since, arg_min(l.source, (l.since, l.load_id, l.source)) AS source,
            arg_min(l.load_id, (l.since, l.load_id, l.source)) AS load_id
        FROM {{links}} AS l JOIN {{owners}} AS o USING (subject_id) GROUP BY o.profile_id
    ),
    came AS (
        SELECT profile_id,
            arg_min(coalesce(first_source, source), (valid_from, load_id, row_number)) AS first_source,
            min(created_at) AS created_at
        FROM owned GROUP BY profile_id
    ),
    arrived AS (
        SELECT s.profile_id, s.since, s.source, s.load_id,
            coalesce(c.first_source, s.source) AS first_source, coalesce(c.created_at, s.since) AS created_at
        FROM seen AS s LEFT JOIN came AS c USING (profile_id)
    ),
    arrivals AS (
        SELECT profile_id, pair.field, since, pair.value, source, load_id, NULL AS original, NULL AS rules
        FROM (SELECT profile_id, since, source, load_id, unnest([{_pairs(_FIRST)}]) AS pair FROM arrived)
    )"""


def build_profiles(
    settings: IdentitySettings | None = None,
    cleaning: CleaningSettings | None = None,
    *,
    moved: pa.Table | None = None,
    loads: Sequence[int] = (),
) -> Iterator[Statement]:
    """Make `attribute_values` and `profiles` anew; identity must be resolved, and values cleaned.

    Args:
        settings: Which values hold; by default the newest.
        cleaning: How values are read of records that say nothing of it themselves.
        moved: Rows of `subject_id`: whose profile may be another one than when `note_before` noted it. Only they are
            made anew, and those of whom `loads` tell; None to make everybody anew.
        loads: The loads that are new.
    """
    scope = _Scope(_TABLES)
    if moved is not None:
        scope = _Scope(_TABLES | _TOUCHED_ALONE, _OF_TOUCHED, _THOSE)
        yield _note_touched(moved, loads)
    yield statement(f"DELETE FROM {{values}} {scope.those}", tables=scope.tables)
    yield _insert_values(settings, cleaning or CleaningSettings(), scope)
    yield statement(f"DELETE FROM {{profiles}} {scope.those}", tables=scope.tables)
    yield _insert_profiles(scope)
    if moved is not None:
        yield statement("DROP TABLE {touched}", tables=scope.tables)


def _note_touched(moved: pa.Table, loads: Sequence[int]) -> Statement:
    """Note whose attributes may be others than before, for the length of a transaction."""
    return statement(
        """
        CREATE OR REPLACE TEMPORARY TABLE {touched} AS
        WITH who AS (
            SELECT subject_id FROM moved
            UNION SELECT subject_id FROM {links} WHERE load_id IN (SELECT unnest($loads::INTEGER[]))
        )
        SELECT profile_id FROM {owners} WHERE subject_id IN (SELECT subject_id FROM who)
        UNION
        SELECT coalesce(profile_id, subject_id) FROM {before} WHERE subject_id IN (SELECT subject_id FROM who)
        """,
        tables={**_TABLES, "before": SUBJECTS_BEFORE},
        relations={"moved": moved},
        loads=list(loads),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """Who is made anew: what stands for the tables read, and the steps that these are; by default everybody."""

    tables: Mapping[str, Table | str]
    steps: str = ""
    those: str = ""


_THOSE = "WHERE profile_id IN (SELECT profile_id FROM {touched})"
_TOUCHED_ALONE: dict[str, Table | str] = {
    "owners": "touched_owners",
    "contacts": "touched_contacts",
    "held": "touched_values",
    "every_owner": SUBJECT_PROFILES,
    "every_contact": RECORDS["contacts"],
}
# with all versions of a record, whoever has them: the first tells since when it holds
_OF_TOUCHED = f"""
    touched_owners AS (SELECT * FROM {{every_owner}} {_THOSE}),
    touched_contacts AS (
        SELECT * FROM {{every_contact}} WHERE (source, key) IN (
            SELECT (c.source, c.key) FROM {{every_contact}} AS c
            JOIN {{subjects}} AS s ON {IS_SUBJECT_OF_C} JOIN touched_owners AS o ON o.subject_id = s.subject_id
        )
    ),
    touched_values AS (SELECT * FROM {{values}} {_THOSE}),"""


def _insert_values(settings: IdentitySettings | None, cleaning: CleaningSettings, scope: _Scope) -> Statement:
    is_set = settings is not None and set(settings.survival.values()) - {"newest"}
    winning = _RANKED if is_set else _NEWEST
    # whoever asks for a field reads the blocks of that field alone
    return statement(
        f"INSERT INTO {{values}} WITH {scope.steps} {_OWNED}, {_PAIRED}, {_TOLD}, {winning}, {_CHANGES}, {_ARRIVALS} "
        "SELECT * FROM (SELECT * FROM changes UNION ALL SELECT * FROM arrivals) ORDER BY field, profile_id, valid_from",
        tables=scope.tables,
        relations=_survival(settings) if is_set and settings else {},
        country=cleaning.country,
        day_order=cleaning.day_order,
    )


def _survival(settings: IdentitySettings) -> dict[str, pa.Table]:
    """Return the rule of each field, `*` for the others, and the place of each trusted source."""
    import pyarrow as pa

    rules = {"*" if field == ANY else field: rule for field, rule in settings.survival.items()}
    names = list(settings.trusted)
    return {
        "survival_rules": pa.table(
            {"field": pa.array(list(rules), pa.string()), "rule": pa.array(list(rules.values()), pa.string())}
        ),
        "trusted_sources": pa.table(
            {"source": pa.array(names, pa.string()), "place": pa.array(range(1, len(names) + 1), pa.int64())}
        ),
    }


def _insert_profiles(scope: _Scope) -> Statement:
    own = {"profile_id", "is_known", "first_seen_at", "properties"}
    pivoted = ", ".join(
        f"try_cast(max(value) FILTER (field = '{column.name}') AS {column.type}) AS {column.name}"
        for column in PROFILES.columns
        if column.name not in own
    )
    columns = ", ".join(f"k.{name}" if name in own - {"properties"} else f"v.{name}" for name in PROFILES.column_names)
    carried = ", ".join(f"min(l.value) FILTER (l.kind = '{kind}') AS {kind}" for kind in _CARRIED)
    named = ", ".join(f"'{name}'" for name in PROFILES.column_names)
    return statement(
        f"""
        INSERT INTO {{profiles}}
        WITH {scope.steps} known AS (
            SELECT o.profile_id, bool_or(o.is_known) AS is_known, min(l.since) AS first_seen_at
            FROM {{owners}} AS o JOIN {{links}} AS l USING (subject_id) GROUP BY o.profile_id
        ),
        latest AS (
            SELECT profile_id, field, arg_max(value, (valid_from, load_id)) AS value
            FROM {{held}} GROUP BY profile_id, field
        ),
        pivoted AS (
            SELECT profile_id, {pivoted} FROM latest GROUP BY profile_id
        ),
        others AS (
            SELECT profile_id,
                '{{{{' || string_agg(to_json(field) || ':' || to_json(value), ',' ORDER BY field) || '}}}}'
                    AS properties
            FROM latest WHERE field NOT IN ({named}) GROUP BY profile_id
        ),
        -- the smallest customer id and, without a contact record, the identifier itself
        carried AS (
            SELECT o.profile_id, {carried}
            FROM {{links}} AS l JOIN {{owners}} AS o USING (subject_id) GROUP BY o.profile_id
        )
        SELECT {columns}
        FROM known AS k
        LEFT JOIN (
            SELECT p.* REPLACE (
                coalesce(c.customer_id, p.customer_id) AS customer_id, coalesce(p.email, c.email) AS email,
                coalesce(p.phone, c.phone) AS phone, coalesce(p.loyalty_card, c.loyalty_card) AS loyalty_card
            ), o.properties
            FROM pivoted AS p JOIN carried AS c USING (profile_id) LEFT JOIN others AS o USING (profile_id)
        ) AS v ON v.profile_id = k.profile_id
        """,
        tables=scope.tables,
    )
