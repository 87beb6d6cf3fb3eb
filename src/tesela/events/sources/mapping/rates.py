"""Exchange rates with their dates, from a file that the shop keeps: date, currency, rate."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from tesela.base import InputError, to_utc

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates to the shop's currency; on each day the last one on or before it holds.

    Attributes:
        table: Arrow rows of `since` (timestamp), `currency`, `rate` (units of the shop's currency for one).
    """

    table: pa.Table

    def since(self, zone: ZoneInfo) -> pa.Table:
        """Return the rates with `since` as the UTC moment at which the rate's day begins in a zone."""
        import pyarrow as pa

        days = [to_utc(day, zone) for day in self.table.column("since").to_pylist()]
        return self.table.set_column(0, "since", pa.array(days, pa.timestamp("us")))

    @classmethod
    def load(cls, path: Path) -> Rates:
        """Read `rates.csv`.

        Raises:
            InputError: naming the line that makes no sense.
        """
        import pyarrow as pa

        rows: list[tuple[datetime, str, Decimal]] = []
        with path.open(encoding="utf-8-sig", newline="") as file:
            for number, line in enumerate(csv.DictReader(file), 2):
                try:
                    since = datetime.fromisoformat(line["date"])
                    rows.append((since, line["currency"].strip().upper(), Decimal(line["rate"])))
                except (KeyError, ValueError, TypeError, AttributeError, InvalidOperation) as cause:
                    raise InputError("events.sources.mapping.bad_rates", path=path.name, line=number) from cause
        return cls(
            pa.table(
                {
                    "since": pa.array([row[0] for row in rows], pa.timestamp("us")),
                    "currency": pa.array([row[1] for row in rows], pa.string()),
                    "rate": pa.array([row[2] for row in rows], pa.decimal128(18, 8)),
                }
            )
        )
