"""Keep the warehouse in step with the record: catch up, derive, take a load back."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tesela.events.loading import apply_load, pending_loads
from tesela.events.parquet import SEALED
from tesela.events.record import Load, Manifest, Record, RecordFile
from tesela.events.tables import LOADS_APPLIED
from tesela.warehouse import Engine, Statement, statement

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tesela.control import ControlStore


def follow_record(
    engine: Engine,
    control: Callable[[], ControlStore],
    record: Record,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> int:
    """Apply every sealed load that the warehouse lacks, oldest first, each in its own transaction.

    Args:
        engine: The warehouse.
        control: Opens the control store; called only when there is something to apply.
        record: The record.
        progress: Called with loads done and loads in all.

    Returns:
        How many loads were applied.
    """
    pending = pending_loads(engine, record)
    for done, load in enumerate(pending):
        if progress:
            progress(done, len(pending))
        apply_load(engine, control(), record, load)
    return len(pending)


def underived_loads(engine: Engine) -> list[int]:
    """Return the loads that have come in since everything was last derived from them, in order."""
    rows = engine.query(
        statement(
            "SELECT load_id FROM {applied} WHERE NOT is_derived ORDER BY load_id", tables={"applied": LOADS_APPLIED}
        )
    )
    found: list[int] = rows.column("load_id").to_pylist()
    return found


def mark_derived() -> Statement:
    """Say that everything that follows from the applied loads has been computed."""
    return statement("UPDATE {applied} SET is_derived = true", tables={"applied": LOADS_APPLIED})


def undo_load(engine: Engine, record: Record, load_id: int, *, scratch: Path) -> Load:
    """Take a load back out of the record; the warehouse must then be made again.

    Rows of the load that a later one brought too, and that were counted there as duplicates, stay: the later
    load adopts them.

    Args:
        engine: Runs the comparison of the files; its tables are not touched.
        record: The record.
        load_id: Which load.
        scratch: Folder for files in the making, on the record's disk.

    Returns:
        The load as it was.

    Raises:
        NotFoundError: when there is no such load.
    """
    manifest = record.manifest()
    undone = manifest.find(load_id)
    loads = list(manifest.loads)
    adopted_keys: list[str] = []
    for place, heir in enumerate(loads):
        if (
            heir.state == "sealed"
            and (heir.kind, heir.source) == (undone.kind, undone.source)
            and heir.load_id > load_id
        ):
            adopted = _adopt(engine, record, undone, heir, adopted_keys, scratch)
            if adopted:
                adopted_keys.append(str(record.path(adopted.name)))
                loads[place] = replace(
                    heir,
                    stored=heir.stored + adopted.rows,
                    duplicate=heir.duplicate - adopted.rows,
                    files=(*heir.files, adopted),
                )
    loads = [replace(load, state="undone", files=()) if load.load_id == load_id else load for load in loads]
    record.swap(Manifest(manifest.next_load, tuple(loads)))
    record.sweep()
    return undone


def _may_inherit(heir: Load, undone: Load) -> bool:
    same_records = (heir.kind, heir.source) == (undone.kind, undone.source)
    return heir.state == "sealed" and same_records and heir.load_id > undone.load_id


def _adopt(
    engine: Engine, record: Record, undone: Load, heir: Load, taken: list[str], scratch: Path
) -> RecordFile | None:
    """Seal with the heir the undone load's rows that it had too, unless an earlier heir took them."""
    target = scratch / f"adopted-{heir.load_id}.parquet"
    accepted = [str(record.path(name)) for name in undone.paths("accepted")]
    duplicates = [str(record.path(name)) for name in heir.paths("duplicates")]
    parameters: dict[str, Any] = {"accepted": accepted, "duplicates": duplicates}
    if taken:
        parameters["taken"] = taken
    without = "AND (key, content) NOT IN (SELECT (key, content) FROM read_parquet($taken))" if taken else ""
    engine.write(
        [
            statement(
                f"""
                COPY (
                    SELECT * FROM read_parquet($accepted)
                    WHERE (key, content) IN (SELECT (key, content) FROM read_parquet($duplicates)) {without}
                    ORDER BY row_number
                ) TO '{{target}}' {SEALED}
                """,
                tables={"target": str(target).replace("'", "''")},
                **parameters,
            )
        ]
    )
    import pyarrow.parquet as pq

    if pq.read_metadata(target).num_rows == 0:
        target.unlink()
        return None
    return record.add_file(heir.load_id, target, "accepted", f"adopted-from-{undone.load_id:06d}.parquet")
