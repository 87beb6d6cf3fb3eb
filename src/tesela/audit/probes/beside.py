"""Questions about values beside each other: of one column, of one person, of one place. SQL over `written_records`.

How many records have a value decides, and not how many people: merging two people makes nothing look better or worse.
"""

from __future__ import annotations

FOLD = "trim(regexp_replace(lower(strip_accents({0})), '[^a-z0-9]+', ' ', 'g'))"
"""SQL of a text without accents, capitals and punctuation."""


def _sound(field: str) -> str:
    """Return the query of the records whose value of a field is told and not at fault for another reason."""
    return f"""
        SELECT r.* FROM {{records}} AS r
        LEFT JOIN (
            SELECT DISTINCT original FROM {{values}}
            WHERE field = '{field}' AND regexp_matches(flags, '\\b(invalid|placeholder|improbable|no_name)\\b')
        ) AS f ON f.original = r.{field}
        WHERE r.{field} IS NOT NULL AND f.original IS NULL"""


_REGION = FOLD.format("now_region")

SAME_REGIONS = f"""
    WITH spelt AS (
        SELECT r.profile_id, r.region, r.now_region, r.home, coalesce(c.standard, {_REGION}) AS place, c.standard
        FROM {{records}} AS r LEFT JOIN communities AS c ON c.word = {_REGION} AND r.home = 'ES'
        WHERE r.now_region IS NOT NULL AND NOT r.is_region_known
    ),
    spellings AS (
        SELECT home, place, now_region, any_value(standard) AS standard, count(*) AS n
        FROM spelt GROUP BY home, place, now_region
    ),
    places AS (
        -- the standard name, else the spelling that most records have
        SELECT home, place, coalesce(any_value(standard), arg_max(now_region, (n, now_region))) AS standard
        FROM spellings GROUP BY home, place HAVING count(*) > 1
    ),
    variants AS (
        SELECT s.profile_id, s.region, s.now_region, s.home, p.standard
        FROM spelt AS s JOIN places AS p ON p.home = s.home AND p.place = s.place
    )
    """
"""Steps that give `variants`: the records whose region is spelt in several ways, with its standard name."""

_DATE_FORM = r"""CASE WHEN regexp_matches({0}, '^\d{{4}}-\d\d?-\d\d?') THEN 'y-m-d'
    WHEN regexp_matches({0}, '^\d\d?/\d\d?/\d{{2,4}}') THEN 'd/m/y'
    WHEN regexp_matches({0}, '^\d\d?-\d\d?-\d{{2,4}}') THEN 'd-m-y'
    WHEN regexp_matches({0}, '^\d\d?\.\d\d?\.\d{{2,4}}') THEN 'd.m.y'
    WHEN regexp_matches({0}, '^\d{{8}}$') THEN 'ymd' WHEN regexp_matches({0}, '^\d{{5}}$') THEN 'serial'
    ELSE 'words' END"""
_PHONE_FORM = r"""
    CASE WHEN {0} LIKE '+%' OR {0} LIKE '(+%' THEN '+' WHEN {0} LIKE '00%' THEN '00' ELSE '' END
    || array_to_string(list_sort(list_distinct(regexp_extract_all({0}, '[ .()/-]'))), '')"""

MIXED_FORMATS = f"""
    WITH forms AS (
        SELECT profile_id, source, 'birth_date' AS field, birth_date AS original,
            {_DATE_FORM.format("birth_date").replace("{", "{{").replace("}", "}}")} AS form
        FROM ({_sound("birth_date")})
        UNION ALL
        SELECT profile_id, source, 'phone', phone, {_PHONE_FORM.format("phone")} FROM ({_sound("phone")})
        WHERE NOT regexp_matches(phone, '[eE@]')
    ),
    counted AS (SELECT source, field, form, count(*) AS n FROM forms GROUP BY source, field, form),
    usual AS (SELECT source, field, arg_max(form, (n, form)) AS form FROM counted GROUP BY source, field)
    SELECT f.profile_id, f.original FROM forms AS f
    JOIN usual AS u ON u.source = f.source AND u.field = f.field WHERE f.form <> u.form"""
"""Dates of birth and phones that are written in another form than most of their column."""

_CUT = ("first_name", "last_name", "full_name", "email", "region", "city")
# from this length on a limit of a field is believed; so many different values must end there
_SHORTEST_LIMIT, _LEAST_CUT = 8, 10
# and so many times as many as are one or two letters shorter
_TIMES_MORE = 3

TRUNCATED = f"""
    WITH texts AS (
        {
    " UNION ALL ".join(
        f"SELECT profile_id, source, '{field}' AS field, {field} AS original FROM {{records}} WHERE {field} IS NOT NULL"
        for field in _CUT
    )
}
    ),
    longest AS (SELECT source, field, max(length(original)) AS longest FROM texts GROUP BY source, field),
    piles AS (
        SELECT t.source, t.field, any_value(l.longest) AS longest
        FROM texts AS t JOIN longest AS l ON l.source = t.source AND l.field = t.field
        -- shorter ones by three letters and more decide nothing, and are nearly all
        WHERE l.longest >= {_SHORTEST_LIMIT} AND length(t.original) >= l.longest - 2
        GROUP BY t.source, t.field
        HAVING count(DISTINCT t.original) FILTER (length(t.original) = l.longest) >= {_LEAST_CUT}
            AND count(DISTINCT t.original) FILTER (length(t.original) = l.longest) >= {_TIMES_MORE} * greatest(
                count(DISTINCT t.original) FILTER (length(t.original) = l.longest - 1),
                count(DISTINCT t.original) FILTER (length(t.original) = l.longest - 2))
    )
    SELECT t.profile_id, t.original FROM texts AS t
    JOIN piles AS p ON p.source = t.source AND p.field = t.field AND length(t.original) = p.longest"""
"""Texts that are as long as their column lets any be, where a pile of them ends at that length."""

_FEWEST_OF_A_PEAK, _SHARE_OF_A_PEAK = 10, 0.01

PEAKS = f"""
    WITH told AS (
        SELECT profile_id, 'birth_date' AS field, seen_birth_date::VARCHAR AS original FROM ({_sound("birth_date")})
        WHERE seen_birth_date IS NOT NULL AND seen_birth_date <= $as_of
        UNION ALL
        SELECT profile_id, 'phone', seen_phone FROM ({_sound("phone")}) WHERE seen_phone IS NOT NULL
        UNION ALL
        SELECT profile_id, 'name', lower(concat_ws(' ', first_name, last_name)) FROM ({_sound("first_name")})
        WHERE last_name IS NOT NULL
    ),
    peaks AS (
        SELECT field, original FROM (
            SELECT field, original, count(DISTINCT profile_id) AS n, sum(count(*)) OVER (PARTITION BY field) AS records
            FROM told GROUP BY field, original
        ) WHERE n >= {_FEWEST_OF_A_PEAK} AND n >= {_SHARE_OF_A_PEAK} * records
    )
    SELECT t.profile_id, t.original FROM told AS t JOIN peaks AS p ON p.field = t.field AND p.original = t.original"""
"""Values that far too many people share in a field that should be each one's own."""


def inconsistent_people() -> str:
    """Return the query of the people of whom two sources tell different dates of birth, countries or genders."""
    told = " UNION ALL ".join(
        f"SELECT profile_id, source, '{field}' AS field, {value}::VARCHAR AS value FROM ({_sound(field)}) "
        f"WHERE {value} IS NOT NULL"
        for field, value in (("birth_date", "seen_birth_date"), ("country", "seen_country"), ("gender", "now_gender"))
    )
    return f"""
        WITH told AS (SELECT DISTINCT * FROM ({told}))
        SELECT a.profile_id, a.value || ' ≠ ' || b.value AS original
        FROM told AS a JOIN told AS b
          ON b.profile_id = a.profile_id AND b.field = a.field AND b.source > a.source AND b.value <> a.value
        WHERE NOT EXISTS (
            -- what both tell is agreed upon, whatever else either of them tells
            SELECT 1 FROM told AS c WHERE c.profile_id = a.profile_id AND c.field = a.field
                AND (c.source, c.value) IN ((b.source, a.value), (a.source, b.value))
        )"""
