"""What comes in: the converted rows of one import, before it is decided what each of them is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tesela.events.fields import Kind


@dataclass(frozen=True, slots=True)
class Intake:
    """Converted rows on their way into the record.

    Attributes:
        kind: Kind of record.
        source: Name of the source.
        origin: File name or table, for the list of imports.
        accepted: Parquet file of typed rows: `row_number`, the fields of the kind, `properties`.
        rejected: Parquet file of unusable rows: `row_number`, `raw`, `reason`, `detail`.
        received: Rows received in all.
        received_at: When, naive UTC.
        mapping: The mapping used, as YAML.
        country: ISO 3166 code: of phones without a prefix, in rows that could not be used.
    """

    kind: Kind
    source: str
    origin: str
    accepted: Path
    rejected: Path
    received: int
    received_at: datetime
    mapping: str = ""
    country: str = "ES"
