"""Say which profile each subject is: the place of identity resolution.

At this stage a profile is the strongest identifier that its records carry (`IDENTIFIER_KINDS`, strongest
first). A weaker identifier that stands with exactly one stronger profile points at it; one that stands with
two or more, or with none, is a profile of its own. The profile's number is the smallest of its subjects'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import ANONYMOUS_KIND, IDENTIFIER_KINDS, SUBJECT_LINKS, SUBJECTS, assign_profiles
from tesela.profiles.tables import IDENTIFIERS, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = {
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
    "identifiers": IDENTIFIERS,
    "owners": SUBJECT_PROFILES,
}


def resolve_identity() -> Iterator[Statement]:
    """Make `subject_profiles` and `identifiers` anew, and give every event its profile."""
    yield statement("DELETE FROM {owners}", tables=_TABLES)
    yield _point()
    yield from _list_identifiers()
    yield from assign_profiles(SUBJECT_PROFILES)


def _point() -> Statement:
    """Point the subjects of each kind, strongest first, at the one stronger profile they stand with, if it is one."""
    steps = [
        f"""
        roots_{place} AS MATERIALIZED (
            SELECT * FROM roots_{place - 1}
            UNION ALL
            SELECT s.subject_id, coalesce(stronger.root_id, s.subject_id),
                stronger.root_id IS NOT NULL OR s.kind <> '{ANONYMOUS_KIND}'
            FROM {{subjects}} AS s
            LEFT JOIN (
                SELECT l.value, min(r.root_id) AS root_id
                FROM {{links}} AS l JOIN roots_{place - 1} AS r USING (subject_id)
                WHERE l.kind = '{kind}' GROUP BY l.value HAVING count(DISTINCT r.root_id) = 1
            ) AS stronger ON stronger.value = s.value
            WHERE s.kind = '{kind}'
        )"""
        for place, kind in enumerate(IDENTIFIER_KINDS)
        if place
    ]
    columns = "subject_id, subject_id AS root_id, true AS is_known"
    strongest = f"SELECT {columns} FROM {{subjects}} WHERE kind = '{IDENTIFIER_KINDS[0]}'"
    return statement(
        f"""
        INSERT INTO {{owners}} BY NAME
        WITH roots_0 AS MATERIALIZED ({strongest}), {", ".join(steps)}
        SELECT subject_id, root_id, min(subject_id) OVER (PARTITION BY root_id) AS profile_id, is_known
        FROM roots_{len(IDENTIFIER_KINDS) - 1}
        """,
        tables=_TABLES,
    )


def _list_identifiers() -> Iterator[Statement]:
    """List every identifier with its profile; one that several profiles share points at none."""
    yield statement("DELETE FROM {identifiers}", tables=_TABLES)
    yield statement(
        """
        INSERT INTO {identifiers}
        SELECT l.kind, l.value, own.subject_id,
            CASE WHEN own.subject_id IS NOT NULL THEN any_value(own.profile_id)
                 WHEN count(DISTINCT o.profile_id) = 1 THEN min(o.profile_id) END,
            min(l.since), arg_min(l.source, (l.since, l.load_id, l.source))
        FROM {links} AS l
        JOIN {owners} AS o ON o.subject_id = l.subject_id
        LEFT JOIN (
            SELECT s.kind, s.value, p.subject_id, p.profile_id
            FROM {subjects} AS s JOIN {owners} AS p USING (subject_id)
        ) AS own ON own.kind = l.kind AND own.value = l.value
        GROUP BY l.kind, l.value, own.subject_id
        """,
        tables=_TABLES,
    )
