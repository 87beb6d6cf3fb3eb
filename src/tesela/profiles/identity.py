"""Say which profile each subject is: the place of identity resolution.

At this stage a profile is the strongest identifier that its records carry (`IDENTIFIER_KINDS`, strongest
first). A weaker identifier that stands with exactly one stronger profile points at it; one that stands with
two or more, or with none, is a profile of its own. The profile's number is the smallest of its subjects'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import ANONYMOUS_KIND, EVENTS, IDENTIFIER_KINDS, SUBJECT_LINKS, SUBJECTS
from tesela.profiles.tables import IDENTIFIERS, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = {
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
    "events": EVENTS,
    "identifiers": IDENTIFIERS,
    "owners": SUBJECT_PROFILES,
}


def resolve_identity() -> Iterator[Statement]:
    """Make `subject_profiles` and `identifiers` anew, and give every event its profile."""
    yield statement("DELETE FROM {owners}", tables=_TABLES)
    for kind in IDENTIFIER_KINDS:
        yield _point(kind)
    yield statement(
        """
        UPDATE {owners} SET profile_id = smallest.profile_id
        FROM (SELECT root_id, min(subject_id) AS profile_id FROM {owners} GROUP BY root_id) AS smallest
        WHERE smallest.root_id = {owners}.root_id
        """,
        tables=_TABLES,
    )
    yield from _list_identifiers()
    yield statement(
        """
        UPDATE {events} SET profile_id = o.profile_id FROM {owners} AS o
        WHERE o.subject_id = {events}.subject_id AND {events}.profile_id IS DISTINCT FROM o.profile_id
        """,
        tables=_TABLES,
    )


def _point(kind: str) -> Statement:
    """Point the subjects of a kind at the one stronger profile that each stands with, if it is one."""
    return statement(
        """
        INSERT INTO {owners} (subject_id, root_id, is_known)
        SELECT s.subject_id, coalesce(stronger.root_id, s.subject_id), stronger.root_id IS NOT NULL OR $is_known
        FROM {subjects} AS s
        LEFT JOIN (
            SELECT l.value, min(o.root_id) AS root_id
            FROM {links} AS l JOIN {owners} AS o USING (subject_id)
            WHERE l.kind = $kind GROUP BY l.value HAVING count(DISTINCT o.root_id) = 1
        ) AS stronger ON stronger.value = s.value
        WHERE s.kind = $kind
        """,
        tables=_TABLES,
        kind=kind,
        is_known=kind != ANONYMOUS_KIND,
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
