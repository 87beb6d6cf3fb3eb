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
    from pyroaring import BitMap64

    told = ", ".join(f"{when} AS {key}" for key, when in _TOLD.items())
    listed = ", ".join(f"list(profile_id) FILTER (NOT {key}) AS {key}" for key in KEYS)
    row = ground.row(
        f"""
        WITH told AS (
            SELECT b.profile_id, {told}
            FROM {{people}} AS b JOIN {{profiles}} AS p ON p.profile_id = b.profile_id
            LEFT JOIN {{records}} AS r ON r.profile_id = b.profile_id
            GROUP BY b.profile_id, p.email, p.phone
        )
        SELECT {listed} FROM told
        """,
        tables={"records": written.WRITTEN_RECORDS},
    )
    return {key: Found(len(row[key] or ()), ground.base, BitMap64(row[key] or ())) for key in KEYS}
