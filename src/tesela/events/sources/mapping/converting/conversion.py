"""One conversion under way: the staged rows, the mapping, and the table `read` that the steps bring further."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.events.fields import IDENTIFIER_KINDS, MAPPABLE, Field, Kind

if TYPE_CHECKING:
    from collections.abc import Mapping as Dict
    from pathlib import Path
    from zoneinfo import ZoneInfo

    from tesela.events.sources.mapping.mapping import Mapping
    from tesela.events.sources.mapping.rates import Rates
    from tesela.events.sources.reading import Note, StagedTable

PREFIX = "events.sources.mapping"
"""Of the codes of notes and reasons."""

NEEDED: Dict[Kind, tuple[str | tuple[str, ...], ...]] = {
    "contacts": (IDENTIFIER_KINDS,),
    "orders": ("order_id", "occurred_at", "amount"),
    "order-lines": ("occurred_at", ("amount", "unit_price")),
    "products": ("product_id",),
    "consents": (IDENTIFIER_KINDS, ("channel", "email", "phone"), "status"),
    "email-events": (IDENTIFIER_KINDS, "name", "occurred_at"),
    "events": ("name", "occurred_at"),
}
"""Fields without which a row says nothing; of a tuple any one will do."""

CRUCIAL = frozenset({"occurred_at", "amount", "quantity", "unit_price", "refunded_amount"})
"""Values that would make another record of it if they were left out: a row with a broken one is not used."""


@dataclass(frozen=True, slots=True)
class Converted:
    """What became of a staged source.

    Attributes:
        accepted: Parquet of typed rows: `row_number`, the kind's fields, `properties`.
        rejected: Parquet of unusable rows: `row_number`, `raw`, `reason`, `detail`.
        received: Rows in all: those of both files, exactly.
        notes: What was decided on the way.
    """

    accepted: Path
    rejected: Path
    received: int
    notes: tuple[Note, ...] = field(default=())


@dataclass(slots=True)
class Conversion:
    """The steps share it; what they make are tables of the staged source's private connection.

    Attributes:
        staged: The source's rows.
        mapping: Which column is which field, fitted to the source.
        zone: Local times of the file are in it.
        currency: ISO 4217 code of the shop.
        country: ISO 3166 code of the shop.
        rates: Exchange rates, where there are any.
        fields: The fields of the kind, by name.
        mapped: Names of the fields that `read` has, in order.
        notes: What was decided so far.
    """

    staged: StagedTable
    mapping: Mapping
    zone: ZoneInfo
    currency: str
    country: str
    rates: Rates | None
    fields: dict[str, Field] = field(init=False)
    mapped: list[str] = field(init=False)
    notes: list[Note] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self.fields = {each.name: each for each in MAPPABLE[self.mapping.kind]}
        self.mapped = [name for name in self.fields if self.mapping.places(name)]

    @property
    def kind(self) -> Kind:
        """Kind of record that each row is."""
        return self.mapping.kind

    @property
    def is_of_orders(self) -> bool:
        """Whether rows are orders or parts of them."""
        return self.kind in ("orders", "order-lines")

    @property
    def order(self) -> str | None:
        """The column of `read` that says which order a row belongs to; None where nothing does."""
        if self.mapping.order_key:
            return "order_key"
        return "f_order_id" if "order_id" in self.mapped else None

    def run(self, sql: str, values: dict[str, Any] | None = None) -> Any:
        """Run a statement on the staged source's connection, and return what fetches its rows."""
        return self.staged.connection.execute(sql, values)

    def type_at(self, place: int) -> str:
        """Return the type of a column."""
        return self.staged.types[place]

    def type_of(self, name: str) -> str:
        """Return the type of a field's cells: text, where its columns came with several."""
        kinds = {self.type_at(place) for place in self.mapping.places(name)}
        return kinds.pop() if len(kinds) == 1 else "VARCHAR"

    def header_of(self, name: str) -> str:
        """Return the header of a field's first column."""
        places = self.mapping.places(name)
        return self.staged.headers[places[0]] if places else name

    def read_columns(self) -> set[str]:
        """Return the columns that `read` has by now."""
        return {row[0] for row in self.run("DESCRIBE read").fetchall()}
