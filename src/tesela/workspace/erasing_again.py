"""Erase again whom a backup from before brings back: another workspace, or what is left of it, knows their hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela import events, profiles
from tesela.base import NotFoundError
from tesela.control import ControlStore, copy_store
from tesela.warehouse import statement
from tesela.workspace.erasing import Erasure, ErasureJob
from tesela.workspace.folder import Layout, scratch_folder

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from tesela.workspace.stores import Stores

_ACTOR = "restore"


def erase_again(stores: Stores, known: Layout, at: datetime) -> int:
    """Erase those whom another workspace knows to be erased, and return how many people that were.

    Args:
        stores: The open stores of what was restored.
        known: The workspace that knows.
        at: The present moment, naive UTC.

    Raises:
        NotFoundError: when it has no control store, or not the key that its hashes were made with.
    """
    for path in (known.control, known.suppression_key):
        if not path.exists():
            raise NotFoundError("workspace.erasures_unknown", path=str(path))
    stores.refresh()
    own = stores.permissions.erased(stores.control)
    with scratch_folder(stores.layout) as scratch:
        # a copy: whoever has that workspace open is not disturbed, and nothing of it is changed
        copy_store(known.control, scratch / known.control.name)
        control = ControlStore(scratch / known.control.name)
        try:
            others = profiles.Permissions(known.suppression_key).erased(control)
            carried = _carried(stores)
            barred = others.find(carried)
            alone = others.find(_named(stores) - carried)
            own.take_over(others)
        finally:
            control.close()
    traces = profiles.erasure.Traces.find(stores.warehouse, _owners(stores, barred), alone)
    if traces.people:
        job = ErasureJob(stores)
        job.begin(Erasure(traces, at, _ACTOR))
        job.finish()
    return traces.people


def _named(stores: Stores) -> set[tuple[str, str]]:
    """Return the addresses that stand in rejected rows and in the ledger, whether a profile has them or not."""
    told = events.Removal.mentioned(stores.record, stores.settings.country)
    return told | stores.permissions.erased(stores.control).named()


def _carried(stores: Stores) -> set[tuple[str, str]]:
    asked = statement("SELECT DISTINCT kind, value FROM {links}", tables={"links": events.SUBJECT_LINKS})
    return {(row["kind"], row["value"]) for row in stores.warehouse.query(asked).to_pylist()}


def _owners(stores: Stores, barred: Mapping[tuple[str, str], bool]) -> list[int]:
    """Return the profiles whose rows carry what is barred: anywhere, or as the strongest."""
    import pyarrow as pa

    told = pa.table(
        {
            "kind": pa.array([kind for kind, _ in barred], pa.string()),
            "value": pa.array([value for _, value in barred], pa.string()),
            "is_anywhere": pa.array(barred.values(), pa.bool_()),
        }
    )
    asked = statement(
        """
        SELECT DISTINCT coalesce(s.profile_id, s.subject_id) AS profile_id
        FROM {links} AS l
        JOIN barred_identifiers AS b ON b.kind = l.kind AND b.value = l.value
        JOIN {subjects} AS s ON s.subject_id = l.subject_id
        WHERE b.is_anywhere OR (s.kind = b.kind AND s.value = b.value)
        ORDER BY profile_id
        """,
        tables={"links": events.SUBJECT_LINKS, "subjects": events.SUBJECTS},
        relations={"barred_identifiers": told},
    )
    found: list[int] = stores.warehouse.query(asked).column("profile_id").to_pylist()
    return found
