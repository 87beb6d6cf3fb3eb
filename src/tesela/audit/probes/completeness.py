"""What nobody ever wrote down of people. What is written and cannot be read is another check's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown
from tesela.profiles import written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.audit.ground import Ground

_TOLD: Mapping[str, str] = {
    "empty_email": "p.email IS NOT NULL OR coalesce(bool_or(r.email IS NOT NULL), false)",
    "empty_phone": "p.phone IS NOT NULL OR coalesce(bool_or(r.phone IS NOT NULL), false)",
    "empty_name": "coalesce(bool_or(coalesce(r.first_name, r.full_name) IS NOT NULL), false)",
    "empty_birth_date": "coalesce(bool_or(r.birth_date IS NOT NULL), false)",
    "empty_country": "coalesce(bool_or(r.country IS NOT NULL), false)",
    "empty_postal_code": "coalesce(bool_or(r.postal_code IS NOT NULL), false)",
    "empty_created_at": "coalesce(bool_or(r.seen_created_at IS NOT NULL), false)",
}
"""By check, when a person's field is told by any of her records."""

KEYS = tuple(_TOLD)


def find_gaps(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer the checks of empty fields; `written_records` must be there."""
    import numpy as np
    from pyroaring import BitMap64

    told = ", ".join(f"{when} AS {key}" for key, when in _TOLD.items())
    rows = ground.read(
        f"""
        SELECT b.profile_id, {told}
        FROM {{people}} AS b JOIN {{profiles}} AS p ON p.profile_id = b.profile_id
        LEFT JOIN {{records}} AS r ON r.profile_id = b.profile_id
        GROUP BY b.profile_id, p.email, p.phone
        """,
        tables={"records": written.WRITTEN_RECORDS},
    )
    ids = rows.column("profile_id").to_numpy().astype(np.uint64)
    empty = {key: BitMap64(ids[~rows.column(key).to_numpy().astype(bool)]) for key in KEYS}
    return {key: Found(len(people), ground.base, people) for key, people in empty.items()}
