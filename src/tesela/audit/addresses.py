"""What cleaning knows of the addresses of the base."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa

    from tesela.audit.ground import Ground

_FLAGS = ("role", "disposable", "typo_domain")


def flags_of_emails(ground: Ground) -> pa.Table:
    """Return the e-mail addresses that have a flag: `address` in normal form, `is_role`, `is_disposable`, ..."""
    found: pa.Table = ground.once("flags_of_emails", lambda: _read(ground))
    return found


def _read(ground: Ground) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    rows = ground.cleaning.flagged(ground.engine, "email")
    flags = [each.split() for each in rows.column("flags").to_pylist()]
    marks = {f"is_{flag}": pa.array([flag in each for each in flags], pa.bool_()) for flag in _FLAGS}
    return pa.table({"address": pc.coalesce(rows.column("value"), rows.column("original")), **marks})
