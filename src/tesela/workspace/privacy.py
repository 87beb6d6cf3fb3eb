"""The rights of the people of a workspace: to be erased, and to be told what is held of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tesela import events, profiles
from tesela.base import InputError, NotFoundError
from tesela.warehouse import statement
from tesela.workspace.declared import load_declarations
from tesela.workspace.erasing import Erasure, ErasureJob, ErasureSummary, PastErasure
from tesela.workspace.own_files import files_that_name
from tesela.workspace.retaining import RetentionSummary, find_expired, take_out_expired
from tesela.workspace.stores import ALL_TABLES, HISTORY
from tesela.workspace.telling import PersonExport, tell_person, write_person

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from tesela.base import Clock
    from tesela.warehouse import Table
    from tesela.workspace.memberships import Memberships
    from tesela.workspace.people import People
    from tesela.workspace.stores import Stores

_NEAR = 3
_ALIKE = 0.88
# of the newest events of a person
_ALL = 10**9


class Privacy:
    """Erases people, and tells them what is held of them.

    Args:
        stores: The open stores.
        clock: Tells the present.
        people: Shows people.
        segmentation: Says why somebody is in a segment.
    """

    def __init__(self, stores: Stores, clock: Clock, people: People, segmentation: Memberships) -> None:
        self._stores = stores
        self._clock = clock
        self._people = people
        self._segmentation = segmentation

    def preview(self, *who: str) -> ErasureSummary:
        """Return what an erasure would remove; nothing is changed.

        Args:
            who: As for `erase`.

        Raises:
            NotFoundError: when nobody is known so; names near identifiers.
            ConflictError: when an identifier is shared by several people.
        """
        found = self._find(who)
        return found if isinstance(found, ErasureSummary) else self._summary(found, self._counts(found))

    def erase(self, *who: str, actor: str, progress: Callable[[str, int, int], None] | None = None) -> ErasureSummary:
        """Erase people: from the record, the warehouse, the control store, what was published, and all copies.

        Their orders leave the record too. Only keyed hashes of their identifiers stay, so that what comes in of
        them later is turned away. It cannot be undone. Once begun it is finished, at the next opening at the
        latest; for people who were erased before there is nothing to do.

        Args:
            who: E-mail, phone, customer id, loyalty card, or a number of the profile with a # before it; of each.
            actor: Who asks.
            progress: Called with the name of each step, steps done and steps in all.

        Raises:
            NotFoundError: when nobody is known so; names near identifiers.
            ConflictError: when an identifier is shared by several people.
        """
        found = self._find(who)
        if isinstance(found, ErasureSummary):
            return found
        job = ErasureJob(self._stores)
        job.begin(Erasure(found, self._clock.now(), actor, self._counts(found)))
        return job.finish(progress)

    def export(self, who: str, out: str | Path, as_of: str | datetime | None = None) -> PersonExport:
        """Write everything that is held of one person for her: personal data.

        Who she is and why, attributes with their sources, consents, segments and why in words, traits, what
        happened, and her rows of every table as they are kept, with the imports that brought them.

        Args:
            who: As for `erase`.
            out: A file that ends with `.json`; or a folder, new or empty, that gets a CSV file a table too.
            as_of: The moment of truth of traits and segments; now by default.

        Raises:
            NotFoundError: when nobody is known so; names near identifiers.
            ConflictError: when an identifier is shared by several people, or there is something at `out`.
        """
        stores, target = self._stores, Path(out)
        found = self._find((who,))
        if isinstance(found, ErasureSummary):
            raise NotFoundError("workspace.was_erased", who=who)
        page = None if found.alone else self._people.show(f"#{found.numbers[0]}", as_of, newest=_ALL)
        erased = stores.permissions.erased(stores.control)
        held = {table.name: rows.to_pylist() for table, rows in self._held(found)} | erased.held(found)
        brought = {row.get("load_id") for rows in held.values() for row in rows}
        sources = [
            {name: getattr(load, name) for name in ("load_id", "kind", "source", "origin", "received_at")}
            for load in stores.record.manifest().sealed
            if load.load_id in brought
        ]
        shop = stores.settings.name or stores.layout.root.resolve().name
        kept = {name: rows for name, rows in held.items() if rows}
        told = tell_person(page, self._segmentation) if page else {}
        write_person({"shop": shop, **told, "sources": sources, "held": kept}, target)
        rows = {name: len(each) for name, each in kept.items()}
        return PersonExport(page.profile_id if page else None, target, rows)

    def retention(self, as_of: str | datetime | None = None) -> RetentionSummary:
        """Return what is older than `[retention]` of `tesela.toml` lets it be kept, by kind and month.

        Args:
            as_of: The moment of truth; now by default.
        """
        self._stores.refresh()
        moment = self._segmentation.moment(as_of)
        cutoffs = self._stores.settings.retention.cutoffs(moment, self._stores.settings.zone)
        return RetentionSummary(moment, cutoffs, find_expired(self._stores, cutoffs))

    def expire(self, as_of: str | datetime | None = None) -> RetentionSummary:
        """Take that out of the record and the warehouse; run again, it changes nothing.

        Args:
            as_of: The moment of truth; now by default.
        """
        found = self.retention(as_of)
        take_out_expired(self._stores, found.cutoffs)
        return replace(found, is_done=True)

    def erasures(self) -> list[PastErasure]:
        """Return what was erased when, by whom and how much; of whom nobody knows."""
        return [PastErasure(**each) for each in self._stores.permissions.erased(self._stores.control).erasures()]

    # --- who ----------------------------------------------------------------------------------------------

    def _find(self, who: tuple[str, ...]) -> profiles.erasure.Traces | ErasureSummary:
        """Return what tells whose rows some people's are; where all of them were erased before, that."""
        if not who:
            raise InputError("workspace.nobody_named")
        load_declarations()
        self._stores.refresh()
        meant = {found for each in who if (found := self._meant(each)) is not None}
        if not meant:
            return ErasureSummary(len(who), {}, 0, (), None, was_before=True)
        numbers = sorted(each for each in meant if isinstance(each, int))
        alone = [each for each in meant if not isinstance(each, int)]
        return profiles.erasure.Traces.find(self._stores.warehouse, numbers, alone)

    def _meant(self, who: str) -> int | tuple[str, str] | None:
        """Return the profile meant, or the address where only rejected rows and such name it; None: erased before."""
        stores = self._stores
        try:
            return profiles.find_person(stores.warehouse, who, stores.settings.country).profile_id
        except NotFoundError as error:
            if stores.permissions.erased(stores.control).was_erased(who, stores.settings.country):
                return None
            address = stores.addresses.read(who)
            if address and self._counts(profiles.erasure.Traces.find(stores.warehouse, (), [address])):
                return address
            near = self._near(who)
            if near:
                raise NotFoundError("workspace.unknown_person", who=who, near=", ".join(near)) from error
            raise

    def _near(self, who: str) -> list[str]:
        rows = self._stores.warehouse.query(
            statement(
                """
                SELECT value, max(jaro_winkler_similarity(value, lower($who))) AS alike FROM {identifiers}
                WHERE kind <> $visitors
                GROUP BY value HAVING alike >= $least ORDER BY alike DESC, value LIMIT $most
                """,
                tables={"identifiers": profiles.IDENTIFIERS},
                who=who.strip(),
                least=_ALIKE,
                most=_NEAR,
                visitors=events.ANONYMOUS_KIND,
            )
        )
        found: list[str] = rows.column("value").to_pylist()
        return found

    # --- what is held -------------------------------------------------------------------------------------

    def _held(self, traces: profiles.erasure.Traces) -> Iterator[tuple[Table, pa.Table]]:
        """Yield the tables of all engines, with somebody's rows of each."""
        stores = self._stores
        loads = {load.load_id: load for load in stores.record.manifest().sealed}
        country = stores.settings.country
        own = [table for table in ALL_TABLES if table not in HISTORY]
        yield from profiles.erasure.held_rows(stores.warehouse, own, traces, loads=loads, country=country)
        yield from profiles.erasure.held_rows(stores.engine, HISTORY, traces, loads=loads, country=country)

    def _counts(self, traces: profiles.erasure.Traces) -> dict[str, int]:
        found = {table.name: rows.num_rows for table, rows in self._held(traces)}
        erased = self._stores.permissions.erased(self._stores.control)
        found |= {name: len(rows) for name, rows in erased.held(traces).items()}
        return {name: count for name, count in found.items() if count}

    def _summary(self, traces: profiles.erasure.Traces, counts: dict[str, int]) -> ErasureSummary:
        own_files = files_that_name(self._stores.layout, traces)
        return ErasureSummary(traces.people, counts, len(traces.shared), own_files, None)
