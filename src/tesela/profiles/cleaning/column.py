"""What cleaning found of a whole column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.profiles.cleaning.answers import from_row

if TYPE_CHECKING:
    import pyarrow as pa

    from tesela.profiles.cleaning.cleaned import Cleaned
    from tesela.profiles.cleaning.rules import Kind


@dataclass(frozen=True, slots=True, eq=False)
class CleanedColumn:
    """What cleaning found of the distinct values of a column.

    Attributes:
        kind: What the values are.
        fingerprint: Of the rules and settings that gave the answers.
        table: One row per distinct value, in the order of their first appearance: `original`, `value` (equal where
            nothing was changed), `rules` that changed it (a list of names), `flags` (a list), `suggestion` (null
            when there is none). Joined to the column by `original`.
    """

    kind: Kind
    fingerprint: str
    table: pa.Table

    def __len__(self) -> int:
        return len(self.table)

    def find(self, original: str) -> Cleaned | None:
        """Return what was found of one value; None for one that was not in the column."""
        import pyarrow.compute as pc

        place = pc.index(self.table["original"], original).as_py()
        return from_row(self.table.slice(place, 1).to_pylist()[0]) if place >= 0 else None

    def changed(self) -> pa.Table:
        """Return the rows of the values that a rule gave another form."""
        import pyarrow.compute as pc

        return self.table.filter(pc.not_equal(self.table["value"], self.table["original"]))

    def count_rules(self) -> dict[str, int]:
        """Return how many distinct values each rule changed; rules that changed none are left out."""
        return _count(self.table["rules"])

    def count_flags(self) -> dict[str, int]:
        """Return how many distinct values carry each flag; flags that none carries are left out."""
        return _count(self.table["flags"])


def _count(lists: pa.ChunkedArray) -> dict[str, int]:
    import pyarrow.compute as pc

    counted = pc.value_counts(pc.list_flatten(lists)).to_pylist()
    return {each["values"]: each["counts"] for each in sorted(counted, key=lambda each: str(each["values"]))}
