"""The rows that could not be used, as they came, with the reason."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.events.tables import CONTACTS_REJECTED, EVENTS_REJECTED
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.events.fields import Kind
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One row that could not be used: personal data.

    Attributes:
        row_number: Place in the source, from 1.
        reason: Code of the reason.
        detail: The value or column at fault.
        raw: The row as it came; None where it was erased, or is kept no longer.
    """

    row_number: int
    reason: str
    detail: str | None
    raw: str | None

    @property
    def cells(self) -> Mapping[str, str | None] | None:
        """What stood in each column, by header; None where the row could not be told apart into columns."""
        if self.raw is None or not self.raw.startswith("{"):
            return None
        try:
            told = json.loads(self.raw)
        except ValueError:
            return None
        return told if isinstance(told, dict) else None


def list_rejected(
    engine: Engine, load_id: int, kind: Kind, *, offset: int = 0, limit: int | None = None, reason: str | None = None
) -> list[RejectedRow]:
    """Return rejected rows of a load, in the source's order.

    Args:
        engine: The warehouse.
        load_id: Which load.
        kind: Of which records it is.
        offset: How many to pass over.
        limit: How many at most; None is all.
        reason: Only those with this code.
    """
    table = CONTACTS_REJECTED if kind in ("contacts", "consents") else EVENTS_REJECTED
    which = "" if reason is None else " AND reason = $reason"
    some = "" if limit is None else " LIMIT $limit OFFSET $offset"
    bounds = {} if limit is None else {"limit": limit, "offset": offset}
    asked = bounds if reason is None else {**bounds, "reason": reason}
    rows = engine.query(
        statement(
            f"SELECT row_number, reason, detail, raw FROM {{rejected}} WHERE load_id = $load_id{which}"
            f" ORDER BY row_number{some}",
            tables={"rejected": table},
            load_id=load_id,
            **asked,
        )
    )
    return [RejectedRow(**row) for row in rows.to_pylist()]
