"""What people allow and what stops them, in the control store; the warehouse holds what follows for today's people.

Imports are taken in once: the ledger and the stops know what they were told, and a repeat after a crash adds
nothing. What follows is one write with everything else that follows from new loads.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from tesela.events import SUBJECT_LINKS
from tesela.profiles.tables import CONSENT_ENTRIES, CONSENT_STATE, SUPPRESSIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from tesela.control import ControlStore
    from tesela.profiles.consent_ledger import Entry
    from tesela.profiles.erasure import ErasedPeople
    from tesela.profiles.suppression import ExclusionList, HashKey, Suppression
    from tesela.warehouse import Engine, Statement, Table

_MOMENT = timedelta(microseconds=1)
_TABLES: dict[str, Table | str] = {
    "links": SUBJECT_LINKS,
    "entries": CONSENT_ENTRIES,
    "state": CONSENT_STATE,
    "stops": SUPPRESSIONS,
}


class TakenIn(NamedTuple):
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

    # --- what is said by hand -----------------------------------------------------------------------------

    def say(self, control: ControlStore, address: tuple[str, str], *, at: datetime, **told: Any) -> Entry:
        """Append to the ledger what an address said, and return the entry as it stands there.

        Args:
            control: Where the ledger is.
            address: Kind and normal form.
            at: The present moment, naive UTC.
            told: The other attributes of an entry.

        Raises:
            InputError: when an entry cannot have one of them.
        """
        from tesela.profiles.consent_ledger import Entry, append_entries, list_entries

        entry = Entry(*address, **told)
        append_entries(control, [entry], recorded_at=at)
        return next(each for each in list_entries(control, [address]) if each.fingerprint == entry.fingerprint)

    def said(self, control: ControlStore, addresses: Iterable[tuple[str, str]]) -> list[Entry]:
        """Return what some addresses ever said, in the order of the ledger."""
        from tesela.profiles.consent_ledger import list_entries

        return list_entries(control, addresses)

    def stop(self, control: ControlStore, address: tuple[str, str], channel: str, *, at: datetime, **told: Any) -> int:
        """Stop an address on a channel by hand, and return whether that is new: 1, or 0.

        Args:
            control: Where stops are kept.
            address: Kind and normal form.
            channel: Which channel.
            at: The present moment, naive UTC.
            told: source, actor, note.
        """
        from tesela.profiles.suppression import Stop, add_stops

        stop = Stop(self.key(control).hash(*address), channel, "manual", at, **told)
        return add_stops(control, [stop], recorded_at=at)

    def stop_all(
        self, control: ControlStore, addresses: Iterable[tuple[str, str]], channel: str, *, at: datetime, **told: Any
    ) -> list[tuple[str, str]]:
        """Stop many addresses on a channel by hand; return those that were not stopped by hand before.

        Arguments as of `stop`.
        """
        from tesela.profiles.suppression import Stop, add_stops, list_suppressions

        digests = {self.key(control).hash(*each): each for each in addresses}
        held = {
            each.hash
            for each in list_suppressions(control, digests)
            if each.channel == channel and each.reason == "manual"
        }
        new = {digest: each for digest, each in digests.items() if digest not in held}
        add_stops(control, [Stop(digest, channel, "manual", at, **told) for digest in new], recorded_at=at)
        return list(new.values())

    def lift_all(
        self, control: ControlStore, addresses: Iterable[tuple[str, str]], channel: str, *, at: datetime, **told: Any
    ) -> int:
        """Take back the stops by hand of many addresses on a channel; return how many. Arguments as of `stop`."""
        from tesela.profiles.suppression import Stop, add_stops, list_suppressions

        held = list_suppressions(control, [self.key(control).hash(*each) for each in addresses])
        lifts = [
            Stop(each.hash, channel, "manual", max(at, each.occurred_at + _MOMENT), is_lifted=True, **told)
            for each in held
            if each.channel == channel and each.reason == "manual"
        ]
        return add_stops(control, lifts, recorded_at=at)

    def lift(self, control: ControlStore, address: tuple[str, str], channel: str, *, at: datetime, **told: Any) -> int:
        """Take back every stop of an address on a channel but that of an erasure; return how many there were.

        Arguments as of `stop`.
        """
        from tesela.profiles.suppression import Stop, add_stops, list_suppressions

        digest = self.key(control).hash(*address)
        held = [each for each in list_suppressions(control, [digest]) if each.channel == channel]
        lifts = [
            # later than the stop, whatever its time: an import may tell of the future
            Stop(digest, channel, each.reason, max(at, each.occurred_at + _MOMENT), is_lifted=True, **told)  # type: ignore[arg-type]
            for each in held
            if each.reason in ("complaint", "hard_bounce", "manual")
        ]
        return add_stops(control, lifts, recorded_at=at)

    def stops(self, control: ControlStore, addresses: Iterable[tuple[str, str]] | None = None) -> list[Suppression]:
        """Return what stops some addresses; without any, all stops but those of exclusion lists."""
        from tesela.profiles.suppression import list_suppressions

        key = self.key(control)
        return list_suppressions(control, None if addresses is None else [key.hash(*each) for each in addresses])

    def suppressed(self, engine: Engine) -> list[Mapping[str, Any]]:
        """Return the stopped addresses that somebody has: rows of `suppressions`, in order."""
        asked = statement("FROM {stops} ORDER BY kind, value, channel, reason, list_name", tables=_TABLES)
        rows: list[Mapping[str, Any]] = engine.query(asked).to_pylist()
        return rows

    def import_list(
        self, control: ControlStore, told: Mapping[str, Any], addresses: Iterable[tuple[str, str]], *, at: datetime
    ) -> ExclusionList:
        """Let a version of an exclusion list take the place of the one before it.

        Args:
            control: Where lists are kept.
            told: name, dated_on, channels, binds_consented, unreadable, actor.
            addresses: Kind and normal form of each.
            at: The present moment, naive UTC.

        Raises:
            ConflictError: when a later version is there.
            InputError: when it has no name, or there is no such channel.
        """
        from tesela.profiles.consent_ledger import ADDRESS_KINDS
        from tesela.profiles.suppression import ExclusionList, import_list

        given = dict(told)
        channels, key = given.pop("channels"), self.key(control)
        members = {
            key.hash(kind, value): [each for each in channels if ADDRESS_KINDS.get(each, kind) == kind]
            for kind, value in addresses
        }
        return import_list(control, ExclusionList(**given), members, imported_at=at)

    def lists(self, control: ControlStore) -> list[ExclusionList]:
        """Return the version of each exclusion list that holds, by name."""
        from tesela.profiles.suppression import list_lists

        return list_lists(control)

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
