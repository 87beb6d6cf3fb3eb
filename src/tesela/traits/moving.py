"""Count how many went from where to where between two moments."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pyarrow as pa


def count_pairs(
    before: pa.Table, after: pa.Table, column: str, order: Sequence[str]
) -> list[tuple[str | None, str | None, int]]:
    """Return how many had which value before and have which after; None where they were, or are, not in the base.

    Args:
        before: Rows of profile_id and the column at the earlier moment, one a profile.
        after: The same at the later one.
        column: Name of the column.
        order: Its values in the order in which pairs are told; None first.
    """
    names = [f"{column}_before", f"{column}_after"]
    both = before.join(after, "profile_id", join_type="full outer", left_suffix="_before", right_suffix="_after")
    counted = both.group_by(names).aggregate([([], "count_all")]).to_pylist()
    places = {value: place for place, value in enumerate((None, *order))}
    pairs = [(row[names[0]], row[names[1]], row["count_all"]) for row in counted]
    return sorted(pairs, key=lambda pair: (places[pair[0]], places[pair[1]]))
