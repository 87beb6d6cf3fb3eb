"""Keep large sorted tables that change a little at a time.

A change is a small layer on top of the others, and the newest row of a key counts. A layer that has grown to half of
the one below is merged with it, so there are few layers and each row is copied a few times only: what a change costs
follows the change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tesela.profiles.resolution.sets import is_among

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Layers:
    """A table in layers.

    Attributes:
        key: Name of the column of distinct int64 keys.
        layers: Arrow tables of the same columns, the oldest first, each in one chunk and sorted by the key.
    """

    key: str
    layers: tuple[pa.Table, ...]

    def find(self, keys: NDArray[np.int64], columns: Sequence[str] | None = None) -> pa.Table:
        """Return the newest row of each key that is there, sorted by key.

        Args:
            keys: Distinct.
            columns: Names of the columns asked for; None for all.
        """
        found = []
        for layer in reversed(self.layers):
            there = _keys(layer, self.key)
            places = np.searchsorted(there, keys)
            is_hit = places < len(there)
            is_hit[is_hit] = there[places[is_hit]] == keys[is_hit]
            found.append((layer.select(columns) if columns else layer).take(pa.array(places[is_hit])))
            keys = keys[~is_hit]
            if not len(keys):
                break
        return _sorted(found, self.key)

    def put(self, rows: pa.Table) -> Layers:
        """Return the table with some rows new or in place of those of the same key."""
        if not rows.num_rows:
            return self
        layers = [*self.layers, _sorted([rows.select(self.layers[0].column_names)], self.key)]
        while len(layers) > 1 and layers[-2].num_rows <= 2 * layers[-1].num_rows:
            above = layers.pop()
            layers[-1] = _merged(layers[-1], above, self.key)
        return Layers(self.key, tuple(layers))

    def all(self, columns: Sequence[str] | None = None) -> pa.Table:
        """Return the newest row of every key, sorted by key."""
        whole, *above = [layer.select(columns) if columns else layer for layer in self.layers]
        for layer in above:
            whole = _merged(whole, layer, self.key)
        return whole


def numbers(table: pa.Table, name: str) -> NDArray[np.int64]:
    """Return a column of numbers without a missing one."""
    column: NDArray[np.int64] = table.column(name).to_numpy()
    return column


def lists(table: pa.Table, name: str) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return a column of lists of numbers: where each row begins, and the numbers."""
    column = table.column(name)
    whole = (
        column.chunk(0) if column.num_chunks == 1 else pa.concat_arrays(column.chunks or [pa.array([], column.type)])
    )
    return whole.offsets.to_numpy() - whole.offsets[0].as_py(), whole.flatten().to_numpy()


def list_column(offsets: NDArray[np.int64], items: NDArray[np.int64]) -> pa.LargeListArray:
    """Return lists of numbers as a column."""
    return pa.LargeListArray.from_arrays(pa.array(offsets, pa.int64()), pa.array(items, pa.int64()))


def _keys(layer: pa.Table, key: str) -> NDArray[np.int64]:
    column = layer.column(key)
    keys: NDArray[np.int64] = column.chunk(0).to_numpy() if column.num_chunks else np.empty(0, np.int64)
    return keys


def _merged(below: pa.Table, above: pa.Table, key: str) -> pa.Table:
    is_old = is_among(_keys(below, key), _keys(above, key))
    return _sorted([below.filter(pa.array(~is_old)), above], key)


def _sorted(tables: Sequence[pa.Table], key: str) -> pa.Table:
    whole = pa.concat_tables(tables)
    keys = whole.column(key).to_numpy()
    if len(keys) > 1 and (keys[1:] < keys[:-1]).any():
        whole = whole.take(pc.array_sort_indices(whole.column(key)))
    return whole.combine_chunks()
