"""Say which profile each subject is, all of them or those that new links touch, and keep why.

A profile is a component of the graph of identifiers (`resolution/`); its number is the smallest of its subjects'.
A step reads the links first and gives the statements that bring the tables up to what was found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.events import ANONYMOUS_KIND, SUBJECT_LINKS, SUBJECTS, assign_profiles
from tesela.profiles.tables import IDENTIFIERS, IDENTITY_MERGES, IDENTITY_STATE, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    import pyarrow as pa

    from tesela.profiles.resolution import IdentityRules, Resolution
    from tesela.warehouse import Engine

_TABLES = {
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
    "identifiers": IDENTIFIERS,
    "owners": SUBJECT_PROFILES,
    "merges": IDENTITY_MERGES,
    "state": IDENTITY_STATE,
}


@dataclass(frozen=True, slots=True, eq=False)
class Identity:
    """What was found, and whom it moves.

    Attributes:
        resolution: What was found.
        loads: The loads whose links are new; None when everybody was looked at.
    """

    resolution: Resolution
    loads: tuple[int, ...] | None = None

    @property
    def moved(self) -> pa.Table:
        """Rows of `subject_id`, `profile_id`: those whose profile may be another one than before."""
        return self.resolution.profiles() if self.loads is None else self.resolution.changed


def resolve_identity(
    engine: Engine,
    rules: IdentityRules,
    scratch: Path,
    *,
    previous: Resolution | None = None,
    loads: Sequence[int] = (),
) -> Identity:
    """Find out who is who; nothing is written but a file that is read again.

    Args:
        engine: The warehouse; it holds the links.
        rules: When subjects are one person.
        scratch: Folder for files in the making, which the engine may write and read.
        previous: What was found before `loads` came; None to look at everybody.
        loads: The loads whose links it has not seen.
    """
    # brings SciPy
    from tesela.profiles.resolution import resolve, resolve_touched

    if previous is None:
        file = scratch / "links.parquet"
        copy = "COPY (SELECT subject_id, kind, value FROM {links}) TO '{file}' (FORMAT parquet)"
        engine.write([statement(copy, tables={**_TABLES, "file": str(file).replace("'", "''")})])
        return Identity(resolve([file], rules, engine=engine))
    rows = engine.query(
        statement(
            "SELECT DISTINCT subject_id, kind, value FROM {links} WHERE load_id IN (SELECT unnest($loads::INTEGER[]))",
            tables=_TABLES,
            loads=list(loads),
        )
    )
    found = resolve_touched(previous, rows, rules, engine=engine)
    return Identity(found, None if found.touched is None else tuple(loads))


def write_identity(identity: Identity, *, at: datetime, cause: str) -> Iterator[Statement]:
    """Bring `subject_profiles`, `identifiers` and the history of merges up to what was found, and move events.

    Args:
        identity: What was found.
        at: When, naive UTC.
        cause: What it was found after, kept with the merges.
    """
    # rows are changed by what they are, not emptied: an update of what an insert of the same transaction wrote is slow
    moved = {"moved": identity.moved}
    is_part = identity.loads is not None
    yield statement(
        f"DELETE FROM {{owners}} {'WHERE subject_id IN (SELECT subject_id FROM moved)' if is_part else ''}",
        tables=_TABLES,
        relations=moved if is_part else {},
    )
    yield statement(
        f"""
        INSERT INTO {{owners}} BY NAME
        SELECT s.subject_id, m.profile_id, s.kind <> '{ANONYMOUS_KIND}' AS is_known
        FROM moved AS m JOIN {{subjects}} AS s USING (subject_id) WHERE m.profile_id IS NOT NULL
        """,
        tables=_TABLES,
        relations=moved,
    )
    yield from _list_identifiers(identity)
    yield from assign_profiles(identity.moved)
    yield from _keep_merges(identity, at, cause)


def _list_identifiers(identity: Identity) -> Iterator[Statement]:
    """List identifiers with their profiles; one that several profiles share, and that is no subject, points at none."""
    told, those, asked = {}, "true", {}
    if identity.loads is not None:
        told, asked = {"moved": identity.moved}, {"loads": list(identity.loads)}
        those = """(l.kind, l.value) IN (
            SELECT (kind, value) FROM {links}
            WHERE subject_id IN (SELECT subject_id FROM moved) OR load_id IN (SELECT unnest($loads::INTEGER[]))
        )"""
    yield statement(f"DELETE FROM {{identifiers}} AS l WHERE {those}", tables=_TABLES, relations=told, **asked)
    yield statement(
        f"""
        INSERT INTO {{identifiers}}
        SELECT l.kind, l.value, own.subject_id,
            CASE WHEN own.subject_id IS NOT NULL THEN any_value(own.profile_id)
                 WHEN count(DISTINCT o.profile_id) = 1 THEN min(o.profile_id) END,
            min(l.since), arg_min(l.source, (l.since, l.load_id, l.source))
        FROM {{links}} AS l
        JOIN {{owners}} AS o ON o.subject_id = l.subject_id
        LEFT JOIN (
            SELECT s.kind, s.value, p.subject_id, p.profile_id
            FROM {{subjects}} AS s JOIN {{owners}} AS p USING (subject_id)
        ) AS own ON own.kind = l.kind AND own.value = l.value
        WHERE {those}
        GROUP BY l.kind, l.value, own.subject_id
        """,
        tables=_TABLES,
        relations=told,
        **asked,
    )


def _keep_merges(identity: Identity, at: datetime, cause: str) -> Iterator[Statement]:
    """End the merges that are no more and begin those that are new, of everybody who was looked at."""
    import pyarrow as pa

    from tesela.profiles.resolution import find_merges

    touched = identity.resolution.touched if identity.loads is not None else None
    told = {"merges_now": find_merges(identity.resolution, touched)}
    those = ""
    if touched is not None:
        told["touched"] = pa.table({"subject_id": touched})
        those = """AND (subject_id IN (SELECT subject_id FROM touched)
                     OR with_subject_id IN (SELECT subject_id FROM touched))"""
    same = "(subject_id, with_subject_id, kind, value)"
    yield statement(
        f"""
        UPDATE {{merges}} SET unmerged_at = $merged_at, end_cause = $cause
        WHERE unmerged_at IS NULL {those}
          AND {same} NOT IN (SELECT {same} FROM merges_now)
        """,
        tables=_TABLES,
        relations=told,
        merged_at=at,
        cause=cause,
    )
    yield statement(
        f"""
        INSERT INTO {{merges}} BY NAME
        SELECT subject_id, with_subject_id, kind, value, $merged_at AS merged_at, $cause AS cause FROM merges_now
        WHERE {same} NOT IN (SELECT {same} FROM {{merges}} WHERE unmerged_at IS NULL)
        """,
        tables=_TABLES,
        relations={"merges_now": told["merges_now"]},
        merged_at=at,
        cause=cause,
    )


def stamp_identity(token: str, rules: str) -> Iterator[Statement]:
    """Say which resolution the tables are of.

    Args:
        token: What tells it from others.
        rules: Fingerprint of the settings.
    """
    yield statement("DELETE FROM {state}", tables=_TABLES)
    yield statement("INSERT INTO {state} VALUES ($token, $rules)", tables=_TABLES, token=token, rules=rules)


def outdate_identity(engine: Engine) -> None:
    """Say that people are about to decide something, so that profiles are resolved anew whatever happens then."""
    engine.write([statement("UPDATE {state} SET rules = NULL", tables=_TABLES)])


def read_stamp(engine: Engine) -> tuple[str, str]:
    """Return token and rules of the resolution that the tables are of; empty when there is none, or it is outdated."""
    rows = engine.query(statement("SELECT token, rules FROM {state}", tables=_TABLES)).to_pylist()
    return (rows[0]["token"], rows[0]["rules"] or "") if rows else ("", "")
