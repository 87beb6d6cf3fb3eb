"""Imports: from a file or table to the record, with a mapping that a person can see and correct."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tesela import events
from tesela.workspace.folder import scratch_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

DEFAULT_SOURCE = "shop"


@dataclass(frozen=True, slots=True)
class Proposal:
    """How a source would be read.

    Attributes:
        mapping: Columns to fields, with the formats found.
        columns: Each column with its field, sample values and how sure the match is.
        notes: What was decided on the way: encoding, delimiter, date order, ...
        is_saved: Whether the mapping is one that was confirmed before.
    """

    mapping: events.Mapping
    columns: tuple[Any, ...]
    notes: tuple[events.Note, ...]
    is_saved: bool


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of the rows of one import. received = stored + duplicate + rejected, exactly.

    Attributes:
        load_id: Number of the import, for `undo`.
        received: Rows received.
        stored: Rows that said something new.
        duplicate: Rows that were known already.
        rejected: Rows that could not be used; they are kept with their reason.
        reasons: Rejected rows per reason (codes of texts).
        notes: What was decided on the way.
        consents: New entries of the ledger of consents.
        ignored: Of these, yeses that change nothing: there is a no, and they are no later opt-in with its source.
        stops: Addresses newly stopped after bounces and complaints.
    """

    load_id: int
    received: int
    stored: int
    duplicate: int
    rejected: int
    reasons: dict[str, int]
    notes: tuple[events.Note, ...] = field(default=())
    consents: int = 0
    ignored: int = 0
    stops: int = 0


class Imports:
    """Brings records in, lists what came in, and takes it back.

    Args:
        stores: The open stores.
        clock: Tells when a record was received.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def propose(
        self,
        kind: events.Kind,
        source: str | Path,
        *,
        reading: events.ReadingOptions | None = None,
    ) -> Proposal:
        """Look at a source and say how its columns would be read; nothing is stored.

        Args:
            kind: Kind of record that each row is.
            source: File, folder of Parquet parts, or SQLAlchemy URL.
            reading: What the person knows better: encoding, delimiter, sheet, table, ...

        Raises:
            InputError: when the source cannot be read, or a needed column is missing.
        """
        options = reading or events.ReadingOptions()
        with (
            scratch_folder(self._stores.layout) as scratch,
            events.open_source(source, scratch=scratch, options=options) as staged,
        ):
            saved = self._saved_mapping(kind, staged.headers)
            mapping = saved or events.propose_mapping(staged, kind)
            return Proposal(mapping, tuple(mapping.samples(staged)), staged.notes, saved is not None)

    def run(
        self,
        kind: events.Kind,
        source: str | Path,
        *,
        mapping: events.Mapping | None = None,
        name: str | None = None,
        order_key: Sequence[str] = (),
        reading: events.ReadingOptions | None = None,
        received_at: datetime | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> ImportResult:
        """Import a source: all of it or, when anything stops it, nothing.

        Running it again after a stop, or on an overlapping export, never counts anything twice.

        Args:
            kind: Kind of record that each row is.
            source: File, folder of Parquet parts, or SQLAlchemy URL.
            mapping: How to read the columns; by default the one confirmed before, else the proposed one.
            name: Name of the source of the records; by default the vendor recognised, else `shop`.
            order_key: Headers whose values together make an order, where the file has no order id.
            reading: What the person knows better: encoding, delimiter, sheet, table, ...
            received_at: When the records came, naive UTC; now by default.
            progress: Called with units done and units in all (None when not known).

        Raises:
            InputError: when the source cannot be read, or a needed column is missing.
        """
        stores, received_at = self._stores, received_at or self._clock.now()
        options = reading or events.ReadingOptions()
        with scratch_folder(stores.layout) as scratch:
            with events.open_source(source, scratch=scratch, options=options, progress=progress) as staged:
                chosen = mapping or self._saved_mapping(kind, staged.headers) or events.propose_mapping(staged, kind)
                chosen = chosen.with_order_key(order_key) if order_key else chosen
                converted = events.convert(
                    staged,
                    chosen,
                    zone=stores.settings.zone,
                    currency=stores.settings.currency,
                    country=stores.settings.country,
                    rates=events.Rates.load(stores.layout.rates) if stores.layout.rates.exists() else None,
                    into=scratch,
                )
                rows, headers, notes = staged.rows, staged.headers, (*staged.notes, *converted.notes)
            load = events.seal_intake(
                stores.warehouse,
                stores.record,
                events.Intake(
                    kind=kind,
                    source=name or chosen.vendor or DEFAULT_SOURCE,
                    origin=_describe_origin(source),
                    accepted=converted.accepted,
                    rejected=converted.rejected,
                    received=rows,
                    received_at=received_at,
                    mapping=chosen.to_yaml(),
                    country=stores.settings.country,
                ),
                scratch=scratch,
                bar=stores.permissions.erased(stores.control),
            )
        stores.follow()
        taken_in = stores.take_in()
        self._save_mapping(kind, headers, chosen)
        return ImportResult(
            load.load_id, load.received, load.stored, load.duplicate, load.rejected, load.reasons, notes, *taken_in
        )

    def list(self) -> list[events.Load]:
        """Return all imports, the undone ones included, in order."""
        return list(self._stores.record.manifest().loads)

    def undo(self, load_id: int, progress: Callable[[int, int], None] | None = None) -> events.Load:
        """Take an import back, and make the warehouse again without it.

        Raises:
            NotFoundError: when there is no such import.
        """
        stores = self._stores
        with scratch_folder(stores.layout) as scratch:
            undone = events.undo_load(stores.warehouse, stores.record, load_id, scratch=scratch)
        stores.rebuild(progress)
        return undone

    def _mapping_path(self, kind: events.Kind, headers: tuple[str, ...]) -> Path:
        signature = hashlib.sha256("\n".join(headers).encode()).hexdigest()[:12]
        return self._stores.layout.mappings / f"{kind}-{signature}.yaml"

    def _saved_mapping(self, kind: events.Kind, headers: tuple[str, ...]) -> events.Mapping | None:
        path = self._mapping_path(kind, headers)
        return events.Mapping.from_yaml(path.read_text("utf-8")) if path.exists() else None

    def _save_mapping(self, kind: events.Kind, headers: tuple[str, ...], mapping: events.Mapping) -> None:
        path = self._mapping_path(kind, headers)
        path.parent.mkdir(exist_ok=True)
        path.write_text(mapping.to_yaml(), "utf-8")


def _describe_origin(source: str | Path) -> str:
    """Return a file's name or a URL without its password."""
    written = str(source)
    if "://" not in written:
        return Path(written).name
    scheme, _, rest = written.partition("://")
    # a password may stand before the @ or among the options after the ?
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0].partition('#')[0]}"
