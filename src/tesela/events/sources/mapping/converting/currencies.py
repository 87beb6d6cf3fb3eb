"""Bring money of another currency to the shop's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.events.sources.mapping.converting.conversion import Conversion


def convert_currencies(work: Conversion) -> None:
    """Convert money where there is a rate for the day; elsewhere `foreign_currency` says what it is in."""
    known = work.read_columns()
    told = [name for name in ("f_currency", "hint_currency") if name in known]
    if not told:
        return
    own = {"own": work.currency.upper()}
    work.run("ALTER TABLE read ADD COLUMN foreign_currency VARCHAR")
    work.run(
        f"UPDATE read SET foreign_currency = coalesce({', '.join(told)}) WHERE coalesce({', '.join(told)}) <> $own", own
    )
    if work.rates is None or "occurred_at" not in work.mapped:
        return
    money = [name for name in work.mapped if work.fields[name].type == "money"]
    sets = ", ".join(f"f_{n} = try_cast(round(read.f_{n} * priced.rate) AS BIGINT)" for n in money)
    if "currency" in work.mapped:
        sets += ", f_currency = $own, raw_currency = read.foreign_currency"
    work.staged.connection.register("rates", work.rates.since(work.zone))
    work.run(
        f"UPDATE read SET {sets}, foreign_currency = NULL FROM ("
        "SELECT r.row_number, x.rate FROM read AS r ASOF JOIN rates AS x "
        "ON x.currency = r.foreign_currency AND r.f_occurred_at >= x.since) AS priced "
        "WHERE priced.row_number = read.row_number",
        own if "currency" in work.mapped else None,
    )
    work.staged.connection.unregister("rates")
