"""Find the person meant by an identifier, or by a profile's number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import ConflictError, NotFoundError
from tesela.events import IDENTIFIER_KINDS, SUBJECT_LINKS
from tesela.profiles.tables import IDENTIFIERS, SUBJECT_PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from tesela.warehouse import Engine

_TABLES = {"identifiers": IDENTIFIERS, "links": SUBJECT_LINKS, "owners": SUBJECT_PROFILES}
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Whom an identifier means.

    Attributes:
        profile_id: The profile.
        subject_id: The subject that the identifier is, or that carries it.
    """

    profile_id: int
    subject_id: int


def find_person(engine: Engine, who: str, country: str) -> FoundPerson:
    """Return the person meant; of an identifier that is of several kinds the strongest kind counts.

    Args:
        engine: The workspace's own warehouse.
        who: An identifier, or a number with a # before it: a profile's, or any that it ever had before a merge.
        country: ISO 3166 code: of a phone without a prefix.

    Raises:
        NotFoundError: when nobody is known so.
        ConflictError: when the identifier is shared and belongs to nobody.
    """
    if who.startswith("#") and who[1:].isdecimal():
        found = _by_number(engine, int(who[1:]))
        if found is None:
            raise NotFoundError("profiles.merging.unknown_person", who=who)
        return found
    ranks = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(IDENTIFIER_KINDS))
    rows = engine.query(
        statement(
            f"""
            SELECT i.kind, i.value, coalesce(i.subject_id, min(l.subject_id)) AS subject_id,
                i.profile_id AS profile_id, list(DISTINCT o.profile_id ORDER BY o.profile_id) AS carriers
            FROM {{identifiers}} AS i
            JOIN {{links}} AS l ON l.kind = i.kind AND l.value = i.value
            JOIN {{owners}} AS o ON o.subject_id = l.subject_id
            WHERE i.value IN (SELECT unnest($spellings::VARCHAR[]))
            GROUP BY i.kind, i.value, i.subject_id, i.profile_id
            ORDER BY CASE i.kind {ranks} END, i.value
            """,
            tables=_TABLES,
            spellings=spellings(who.strip(), country),
        )
    ).to_pylist()
    for row in rows:
        if row["profile_id"] is not None:
            return FoundPerson(row["profile_id"], row["subject_id"])
    if rows:
        carriers = ", ".join(f"#{each}" for each in rows[0]["carriers"][:_SHOWN])
        more = ", ..." if len(rows[0]["carriers"]) > _SHOWN else ""
        raise ConflictError("profiles.merging.shared_identifier", who=who, profiles=carriers + more)
    raise NotFoundError("profiles.merging.unknown_person", who=who)


def _by_number(engine: Engine, number: int) -> FoundPerson | None:
    asked = statement(
        "SELECT profile_id FROM {owners} WHERE subject_id = $subject_id", tables=_TABLES, subject_id=number
    )
    rows = engine.query(asked).to_pylist()
    return FoundPerson(rows[0]["profile_id"], number) if rows else None


def spellings(who: str, country: str) -> list[str]:
    """Return an identifier as it may have been written into the tables; a phone is E.164 there."""
    import phonenumbers

    try:
        number = phonenumbers.parse(who, country)
    except phonenumbers.NumberParseException:
        return [who, who.lower()]
    return [who, who.lower(), phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)]
