"""Build the current view of each person and the history behind it, from the contacts that sources told.

Which of several values holds is set per field (`IdentitySettings.survival`), and was so at every time: the history
has the value that held then, not every value that was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS, IDENTIFIER_KINDS, RECORDS, SUBJECT_LINKS, SUBJECTS
from tesela.profiles.settings import ANY
from tesela.profiles.tables import ATTRIBUTE_VALUES, PROFILES, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tesela.profiles.settings import IdentitySettings

_TABLES = {
    "contacts": RECORDS["contacts"],
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "events": EVENTS,
    "values": ATTRIBUTE_VALUES,
    "profiles": PROFILES,
}

# Each is told anew by every record and the newest one holds.
_CHANGING = (
    "customer_id",
    "email",
    "phone",
    "loyalty_card",
    "first_name",
    "last_name",
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

# Each is about how the person came, so the earliest record's holds.
_FIRST = ("first_source", "created_at")

_CARRIED = ("customer_id", "email", "phone", "loyalty_card")


def _pairs(fields: tuple[str, ...]) -> str:
    """Return the SQL of one {field, value} for each field, as a list to unnest."""
    # `statement` fills places in braces, so those of a struct are doubled, and once more for the f-string
    return ", ".join(f"{{{{'field': '{field}', 'value': {field}::VARCHAR}}}}" for field in fields)


_OWNED = f"""
    owned AS (
        SELECT o.profile_id, c.*,
            -- a record holds since the source changed it; its first version since the person came
            coalesce(
                CASE WHEN row_number() OVER (PARTITION BY c.source, c.key ORDER BY c.load_id, c.row_number) = 1
                     THEN least(c.created_at, c.updated_at) END,
                c.updated_at, c.received_at
            ) AS valid_from
        FROM {{contacts}} AS c
        JOIN {{subjects}} AS s
          ON s.kind = CASE {" ".join(f"WHEN c.{kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS)} END
         AND s.value = coalesce({", ".join(f"c.{kind}" for kind in IDENTIFIER_KINDS)})
        JOIN {{owners}} AS o ON o.subject_id = s.subject_id
    )"""


_TOLD = f"""
    told AS (
        SELECT profile_id, valid_from, source, load_id, row_number, unnest([{_pairs(_CHANGING)}]) AS pair FROM owned
        UNION ALL
        SELECT profile_id, valid_from, source, load_id, row_number, {{{{'field': e.key, 'value': e.value}}}} AS pair
        FROM (
            SELECT *, unnest(map_entries(from_json(properties, '"MAP(VARCHAR,VARCHAR)"'))) AS e
            FROM owned WHERE properties IS NOT NULL
        )
    )"""

# Of the values told for one time the last import's wins.
_NEWEST = """
    winning AS (
        SELECT profile_id, pair.field AS field, valid_from,
            arg_max(struct_pack(value := pair.value, source := source, load_id := load_id),
                (load_id, row_number)) AS best
        FROM told WHERE pair.value IS NOT NULL GROUP BY profile_id, pair.field, valid_from
    )"""

# Each value has a rank by its field's rule; at every time the highest rank so far holds, of equal ones the newest.
_RANKED = """
    ranked AS (
        SELECT t.profile_id, t.pair.field AS field, t.pair.value AS value, t.valid_from, t.source, t.load_id,
            t.row_number,
            CASE coalesce(r.rule, u.rule)
                WHEN 'most_trusted' THEN coalesce(-s.place, -1000000)
                WHEN 'longest' THEN length(t.pair.value)
                WHEN 'most_frequent' THEN count(*) OVER (
                    PARTITION BY t.profile_id, t.pair.field, t.pair.value
                    ORDER BY t.valid_from, t.load_id, t.row_number ROWS UNBOUNDED PRECEDING
                )
                ELSE 0
            END AS place
        FROM told AS t
        LEFT JOIN survival_rules AS r ON r.field = t.pair.field
        LEFT JOIN survival_rules AS u ON u.field = '*'
        LEFT JOIN trusted_sources AS s ON s.source = t.source
        WHERE t.pair.value IS NOT NULL
    ),
    winning AS (
        SELECT profile_id, field, valid_from,
            arg_max(best, (best.place, valid_from)) OVER (
                PARTITION BY profile_id, field ORDER BY valid_from ROWS UNBOUNDED PRECEDING
            ) AS best
        FROM (
            SELECT profile_id, field, valid_from,
                arg_max(struct_pack(value := value, source := source, load_id := load_id, place := place),
                    (place, load_id, row_number)) AS best
            FROM ranked GROUP BY profile_id, field, valid_from
        )
    )"""

# Each field's successive values: repeats say nothing new.
_CHANGES = """
    changes AS (
        SELECT profile_id, field, valid_from, best.value, best.source, best.load_id FROM winning
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
        SELECT profile_id, pair.field, since, pair.value, source, load_id
        FROM (SELECT profile_id, since, source, load_id, unnest([{_pairs(_FIRST)}]) AS pair FROM arrived)
    )"""


def build_profiles(settings: IdentitySettings | None = None) -> Iterator[Statement]:
    """Make `attribute_values` and `profiles` anew; identity must be resolved.

    Args:
        settings: Which values hold; by default the newest.
    """
    yield statement("DELETE FROM {values}", tables=_TABLES)
    yield _insert_values(settings)
    yield statement("DELETE FROM {profiles}", tables=_TABLES)
    yield _insert_profiles()


def _insert_values(settings: IdentitySettings | None) -> Statement:
    is_set = settings is not None and set(settings.survival.values()) - {"newest"}
    winning = _RANKED if is_set else _NEWEST
    return statement(
        f"INSERT INTO {{values}} WITH {_OWNED}, {_TOLD}, {winning}, {_CHANGES}, {_ARRIVALS} "
        "SELECT * FROM changes UNION ALL SELECT * FROM arrivals",
        tables=_TABLES,
        relations=_survival(settings) if is_set and settings else {},
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


def _insert_profiles() -> Statement:
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
        WITH known AS (
            SELECT o.profile_id, bool_or(o.is_known) AS is_known, min(l.since) AS first_seen_at
            FROM {{owners}} AS o JOIN {{links}} AS l USING (subject_id) GROUP BY o.profile_id
        ),
        latest AS (
            SELECT profile_id, field, arg_max(value, (valid_from, load_id)) AS value
            FROM {{values}} GROUP BY profile_id, field
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
        tables=_TABLES,
    )
