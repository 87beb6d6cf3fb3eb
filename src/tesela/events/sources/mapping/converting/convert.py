"""Convert staged columns into typed fields, set-wise; what cannot be used is set apart with its reason.

    cells       cleaned text (or native value) of every column that is a field, and the properties
    values      each field in its type; beside it whether a value was there that could not be read
    orders      what an order's other rows say about the whole order
    amounts     what a line costs, discounts of the whole order among them
    currencies  money of another currency in the shop's
    verdicts    the first reason, if any, for which a row cannot be used

Python functions read distinct values only and are joined back, so the cost follows the distinct values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.events.sources.mapping.converting.amounts import derive_amounts, spread_discounts
from tesela.events.sources.mapping.converting.cells import make_cells
from tesela.events.sources.mapping.converting.conversion import NEEDED, PREFIX, Conversion, Converted
from tesela.events.sources.mapping.converting.currencies import convert_currencies
from tesela.events.sources.mapping.converting.orders import fill_orders
from tesela.events.sources.mapping.converting.values import read_values
from tesela.events.sources.mapping.converting.writing import write

if TYPE_CHECKING:
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tesela.events.sources.mapping.mapping import Mapping
    from tesela.events.sources.mapping.rates import Rates
    from tesela.events.sources.reading import StagedTable


def convert(
    staged: StagedTable,
    mapping: Mapping,
    *,
    zone: ZoneInfo,
    currency: str,
    country: str,
    rates: Rates | None,
    into: Path,
) -> Converted:
    """Convert a staged source with a mapping.

    Args:
        staged: The source's rows; its private connection does the work.
        mapping: Which column is which field.
        zone: Local times of the file are in it.
        currency: ISO 4217 code of the shop; other currencies need `rates`.
        country: ISO 3166 code: default prefix of phones, and how ambiguous dates and numbers are read.
        rates: Exchange rates, where the workspace has them.
        into: Folder for the two files.

    Raises:
        InputError: when a needed field is mapped to no column; nothing has been touched then.
    """
    mapping = mapping.fitted_to(staged.headers)
    _check_needed(mapping, staged)
    work = Conversion(staged, mapping, zone, currency, country, rates)
    make_cells(work)
    read_values(work)
    fill_orders(work)
    derive_amounts(work)
    spread_discounts(work)
    convert_currencies(work)
    return write(work, into)


def _check_needed(mapping: Mapping, staged: StagedTable) -> None:
    for needed in NEEDED[mapping.kind]:
        names = needed if isinstance(needed, tuple) else (needed,)
        stands_in = bool(mapping.order_key) and "order_id" in names
        if not stands_in and not any(mapping.has(name) for name in names):
            raise InputError(
                f"{PREFIX}.needed_field",
                field=" / ".join(names),
                kind=mapping.kind,
                headers=", ".join(staged.headers[:40]),
            )
