"""What is made of people's values before they are compared: folded names, roots of nicknames, keys that find pairs.

SQL for the scorer's own DuckDB: one statement makes `people` of the file that `write_people` wrote.
"""

from __future__ import annotations

import tomllib
from importlib import resources

LARGEST_BLOCK = 100
"""How many people may share a key before it finds nobody: so the pairs grow with the people, not with their square."""

# of names and streets: what says nothing of whose they are
_PARTICLES = (
    *("de", "del", "la", "las", "los", "y", "i", "e", "da", "do", "dos", "van", "von", "der", "den", "of", "the"),
    *("st", "dr", "sir", "lord", "jr", "sr", "don", "dona", "mr", "mrs", "ms", "sra", "srta"),
)
_STREET_WORDS = (
    *("calle", "c", "cl", "avenida", "avda", "av", "plaza", "pza", "pl", "paseo", "ps", "carretera", "ctra", "ronda"),
    *("camino", "cno", "n", "num", "numero", "street", "road", "de", "del", "la", "las", "los", "el"),
)


def _folded(field: str) -> str:
    return f"nullif(trim(regexp_replace(lower(strip_accents({field})), '[^a-z0-9]+', ' ', 'g')), '')"


def _without(field: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"list_filter(string_split(coalesce({field}, ''), ' '), lambda x: x <> '' AND x NOT IN ({listed}))"


# whom to compare with whom: people who share one of these, where it is not too common
KEYS = {
    "email": "email",
    "mailbox": "mailbox",
    "phone": "phone",
    "card": "card",
    "document": "document",
    "birth": "birth",
    "family": "family",
    "given": "given",
    "postal": "postal",
    "city": "city",
    "street": "street_name",
    "names": "nullif(array_to_string(names, ' '), '')",
    "swapped": "least(root, first_family) || '|' || greatest(root, first_family)",
    "root_family": "root || '|' || first_family",
    "root_last": "root || '|' || last_family",
    "starts": "left(root, 3) || '|' || left(last_family, 4)",
    "starts_year": "left(root, 2) || '|' || left(last_family, 3) || '|' || left(birth, 4)",
    "root_birth": "root || '|' || birth",
    "root_month": "root || '|' || left(birth, 7)",
    "family_birth": "first_family || '|' || birth",
    "last_birth": "last_family || '|' || birth",
    "last_month": "last_family || '|' || left(birth, 7)",
    "root_postal": "root || '|' || postal",
    "family_postal": "first_family || '|' || postal",
    "last_postal": "last_family || '|' || postal",
    "root_zone": "root || '|' || zone",
    "last_zone": "last_family || '|' || zone",
    "birth_postal": "birth || '|' || postal",
    "birth_zone": "birth || '|' || zone",
    "birth_city": "birth || '|' || city",
    "root_city": "root || '|' || city",
    "family_city": "first_family || '|' || city",
    "last_city": "last_family || '|' || city",
}

_CAPPED = ", ".join(
    f"CASE WHEN count({name}_key) OVER (PARTITION BY {name}_key) <= {LARGEST_BLOCK} THEN {name}_key END AS {name}_key"
    for name in KEYS
)

MAKE_PEOPLE = f"""
    CREATE TABLE people AS
    WITH folded AS (
        SELECT profile_id, {_folded("first_name")} AS given, {_folded("last_name")} AS families,
            birth_date AS birth, lower(email) AS email,
            nullif(right(regexp_replace(phone, '[^0-9]', '', 'g'), 9), '') AS phone,
            {_folded("loyalty_card")} AS card, replace({_folded("document")}, ' ', '') AS document,
            replace({_folded("postal_code")}, ' ', '') AS postal, {_folded("city")} AS city,
            {_folded("street")} AS street, {_folded("occupation")} AS occupation, lower(gender) AS gender
        FROM read_parquet($path)
    ),
    split AS (
        SELECT * EXCLUDE (families), {_without("given", _PARTICLES)} AS given_words,
            {_without("families", _PARTICLES)} AS family_words, {_without("street", _STREET_WORDS)} AS street_words
        FROM folded
    ),
    named AS (
        SELECT s.*, nullif(array_to_string(family_words, ' '), '') AS family,
            coalesce(n.root, given_words[1]) AS root, family_words[1] AS first_family, family_words[-1] AS last_family,
            list_sort(list_distinct(list_concat(given_words, family_words))) AS names,
            nullif(split_part(email, '@', 1), '') AS mailbox, left(postal, 3) AS zone,
            nullif(regexp_extract(street, '(\\d+)', 1), '') AS street_number,
            nullif(array_to_string(list_filter(street_words, lambda x: NOT regexp_matches(x, '^\\d+$')), ' '), '')
                AS street_name
        FROM split AS s LEFT JOIN nicknames AS n ON n.nickname = s.given_words[1]
    ),
    keyed AS (SELECT *, {", ".join(f"{expression} AS {name}_key" for name, expression in KEYS.items())} FROM named)
    SELECT * EXCLUDE ({", ".join(f"{name}_key" for name in KEYS)}), {_CAPPED} FROM keyed ORDER BY profile_id
"""


def nicknames() -> list[tuple[str, str]]:
    """Return short names with the name that each stands for."""
    told = tomllib.loads(resources.files("tesela.profiles.matching").joinpath("nicknames.toml").read_text("utf-8"))
    return [(nick, root) for names in told.values() for root, nicks in names.items() for nick in nicks]
