"""What people allow and what stops them, in the control store; the warehouse holds what follows for today's people.

Imports are taken in once: the ledger and the stops know what they were told, and a repeat after a crash adds
nothing. What follows is one write with everything else that follows from new loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.events import SUBJECT_LINKS
from tesela.profiles.tables import CONSENT_ENTRIES, CONSENT_STATE
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path

    from tesela.control import ControlStore
    from tesela.profiles.erasure import ErasedPeople
    from tesela.profiles.suppression import HashKey
    from tesela.warehouse import Engine, Statement, Table

_TABLES: dict[str, Table | str] = {"links": SUBJECT_LINKS, "entries": CONSENT_ENTRIES, "state": CONSENT_STATE}


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What imports told of consents.

    Attributes:
        entries: New entries of the ledger.
        ignored: Of these, yeses that change nothing: there is a no, and they are no later opt-in with its source.
        stops: Addresses that bounced for good or complained, and were not stopped for that.
    """

    entries: int = 0
    ignored: int = 0
    stops: int = 0


@dataclass(frozen=True, slots=True)
class Permissions:
    """The ledger and the stops of one workspace.

    Attributes:
        key_file: Holds the key that suppressed addresses are hashed with.
    """

    key_file: Path

    def key(self, control: ControlStore) -> HashKey:
        """Return the key, made at first use.

        Raises:
            UnavailableError: when the file is gone or holds another key.
        """
        # brings SQLAlchemy
        from tesela.profiles.suppression import open_key

        return open_key(self.key_file, control)

    def erased(self, control: ControlStore) -> ErasedPeople:
        """Return who was erased, as far as it may be known."""
        from tesela.profiles.erasure.erased import ErasedPeople

        return ErasedPeople(control, self.key(control))

    def is_current(self, engine: Engine) -> bool:
        """Return whether nobody has said anything since the warehouse was last told."""
        rows = engine.query(
            statement(
                """
                SELECT (SELECT max(load_id) FROM {links}) AS newest, s.load_id, s.suppression, s.is_outdated
                FROM (SELECT 1) AS one LEFT JOIN {state} AS s ON true
                """,
                tables=_TABLES,
            )
        ).to_pylist()[0]
        if rows["suppression"] is None or rows["is_outdated"]:
            return rows["newest"] is None and rows["load_id"] is None
        return int(rows["newest"] or 0) <= int(rows["load_id"])

    def outdate(self, engine: Engine) -> None:
        """Note that somebody is about to say something: until what follows is computed, nothing is current."""
        engine.write([*_have_state(), statement("UPDATE {state} SET is_outdated = true", tables=_TABLES)])

    def take_in(self, control: ControlStore, engine: Engine, *, at: datetime) -> TakenIn:
        """Tell the ledger and the stops what new loads say.

        Args:
            control: Where they are.
            engine: The warehouse, with the loads.
            at: The present moment, naive UTC.
        """
        from tesela.profiles.consent_ledger import append_imported, count_ignored, last_sequence
        from tesela.profiles.suppression import append_bounces

        rows = engine.query(
            statement(
                "SELECT DISTINCT load_id FROM {links} WHERE load_id > coalesce((SELECT max(load_id) FROM {state}), 0)"
                " ORDER BY load_id",
                tables=_TABLES,
            )
        )
        loads: list[int] = rows.column("load_id").to_pylist()
        if not loads:
            return TakenIn()
        before = last_sequence(control)
        entries = append_imported(control, engine, loads=loads, recorded_at=at)
        stops = append_bounces(control, engine, self.key(control), loads=loads, recorded_at=at)
        engine.write(
            [
                *_have_state(),
                statement("UPDATE {state} SET load_id = $newest, is_outdated = true", tables=_TABLES, newest=loads[-1]),
            ]
        )
        return TakenIn(entries, count_ignored(control, since=before), stops)

    def build(self, control: ControlStore, engine: Engine) -> list[Statement]:
        """Return the statements that bring the warehouse up to the control store; identity must be resolved."""
        from tesela.profiles.consent_ledger import build_consents, read_new_entries
        from tesela.profiles.suppression import build_suppressions

        return [
            *build_consents(read_new_entries(control, engine)),
            *build_suppressions(control, engine, self.key(control)),
        ]

    def stamp(self, engine: Engine) -> str:
        """Return what tells consents and suppressions of the warehouse from those of another time."""
        rows = engine.query(
            statement(
                "SELECT (SELECT max(sequence) FROM {entries}) AS ledger, max(suppression) AS stops FROM {state}",
                tables=_TABLES,
            )
        ).to_pylist()[0]
        return f"{rows['ledger']} {rows['stops']}"


def _have_state() -> Iterator[Statement]:
    yield statement("INSERT INTO {state} BY NAME SELECT 0 AS load_id WHERE NOT EXISTS (FROM {state})", tables=_TABLES)
