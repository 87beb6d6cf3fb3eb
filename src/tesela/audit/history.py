"""The audits before: what each found and scored, so that progress shows."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.audit.past import PastAudit
from tesela.audit.tables import AUDITS

if TYPE_CHECKING:
    from datetime import datetime

    from tesela.audit.examining import Audit
    from tesela.control import ControlStore

_PLACES = Decimal("0.0001")


def keep_audit(control: ControlStore, audit: Audit, audited_at: datetime) -> None:
    """Keep the figures of an audit, in the place of one of the same moment.

    Args:
        control: Where.
        audit: The audit.
        audited_at: The present moment, naive UTC.
    """
    found = {each.check.key: each.found for each in audit.findings if each.found is not None}
    row = {
        "as_of": audit.as_of,
        "audited_at": audited_at,
        "base": audit.base,
        "score": None if audit.score.value is None else str(audit.score.value.quantize(_PLACES)),
        "score_version": audit.score.version,
        "parts": json.dumps(
            {part.key: str(part.value.quantize(_PLACES)) for part in audit.score.parts if part.value is not None}
        ),
        "findings": json.dumps({key: [each.count, each.of] for key, each in sorted(found.items())}),
    }
    with control.transaction() as connection:
        connection.execute(sa.delete(AUDITS).where(AUDITS.c.as_of == audit.as_of))
        connection.execute(sa.insert(AUDITS).values(row))


def list_audits(control: ControlStore) -> list[PastAudit]:
    """Return the audits that were kept, the oldest first."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(AUDITS).order_by(AUDITS.c.as_of)).mappings().all()
    return [_read(dict(row)) for row in rows]


def _read(row: dict[str, object]) -> PastAudit:
    found = json.loads(str(row["findings"]))
    return PastAudit(
        as_of=row["as_of"],  # type: ignore[arg-type]
        audited_at=row["audited_at"],  # type: ignore[arg-type]
        base=row["base"],  # type: ignore[arg-type]
        score=None if row["score"] is None else Decimal(str(row["score"])),
        version=row["score_version"],  # type: ignore[arg-type]
        parts={key: Decimal(value) for key, value in json.loads(str(row["parts"])).items()},
        counts={key: each[0] for key, each in found.items()},
        totals={key: each[1] for key, each in found.items()},
    )
