"""Tell the address that a person at a desk means: written down, or the one that somebody has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events import SUBJECT_LINKS, SUBJECTS
from tesela.profiles.consent_ledger import address_field
from tesela.profiles.finding import find_person
from tesela.profiles.tables import PROFILES, SUBJECT_PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from tesela.warehouse import Engine, Table

Address = tuple[str, str]
"""Kind and normal form."""

_TABLES: dict[str, Table | str] = {
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "profiles": PROFILES,
    "subjects": SUBJECTS,
}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Reads and finds the addresses of one workspace.

    Attributes:
        engine: Its own warehouse.
        country: ISO 3166 code: of a phone without a prefix.
    """

    engine: Engine
    country: str

    def read(self, written: str) -> Address | None:
        """Return an e-mail or a phone as records have it; None where it is neither."""
        import phonenumbers

        bare = written.strip()
        if "@" in bare[1:-1]:
            return None if any(sign.isspace() for sign in bare) else ("email", bare.lower())
        try:
            number = phonenumbers.parse(bare, self.country)
        except phonenumbers.NumberParseException:
            return None
        if not phonenumbers.is_possible_number(number):
            return None
        return "phone", phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)

    def find(self, who: str, channel: str | None) -> Address:
        """Return the address of a channel that is meant; it need not be known.

        Args:
            who: The address itself, or whatever else names a person who has one.
            channel: Which channel; None takes whatever names her.

        Raises:
            NotFoundError: when nobody is known so.
            ConflictError: when what was given is shared by several people.
            InputError: when she has no address of the channel.
        """
        field = address_field(channel) if channel else None
        kind = field if field in ("email", "phone") else None
        written = self.read(who)
        if written is not None and kind in (written[0], None):
            return written
        found = find_person(self.engine, who, self.country)
        if kind is None:
            own = self._rows("SELECT kind, value FROM {subjects} WHERE subject_id = $id", found.subject_id)
            return own[0]
        told = self._rows(f"SELECT '{kind}' AS kind, {kind} AS value FROM {{profiles}} WHERE profile_id = $id",
                          found.profile_id)  # fmt: skip
        if not told or not told[0][1]:
            raise InputError("profiles.consent_ledger.no_address", who=who, channel=channel)
        return told[0]

    def of(self, profile_id: int) -> list[Address]:
        """Return everything that names a person."""
        return self._rows(
            "SELECT DISTINCT l.kind, l.value FROM {links} AS l JOIN {owners} AS o ON o.subject_id = l.subject_id"
            " WHERE o.profile_id = $id ORDER BY l.kind, l.value",
            profile_id,
        )

    def _rows(self, template: str, number: int) -> list[Address]:
        rows = self.engine.query(statement(template, tables=_TABLES, id=number)).to_pylist()
        return [(row["kind"], row["value"]) for row in rows]
