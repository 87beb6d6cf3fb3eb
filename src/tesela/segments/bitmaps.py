"""Profile ids between Arrow columns and roaring bitmaps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pyarrow as pa
    from pyroaring import BitMap64

    from tesela.language import Plan


def bitmap(profiles: Any) -> BitMap64:
    """Return the bitmap of profile ids: an Arrow column, a numpy array or a list."""
    import numpy as np
    from pyroaring import BitMap64

    ids = profiles.to_numpy() if hasattr(profiles, "to_numpy") else np.asarray(profiles, dtype=np.int64)
    return BitMap64(ids.astype(np.uint64))


def ids_of(profiles: BitMap64) -> pa.Array:
    """Return the profile ids of a bitmap, ascending, as an Arrow array."""
    import numpy as np
    import pyarrow as pa

    return pa.array(np.asarray(profiles.to_array(), dtype=np.int64))


def bitmaps_by(keys: pa.ChunkedArray, profiles: pa.ChunkedArray) -> dict[str, BitMap64]:
    """Return one bitmap of profile ids for each different key of a column beside them."""
    import numpy as np

    encoded = keys.combine_chunks().dictionary_encode()
    codes, ids = encoded.indices.to_numpy(), profiles.to_numpy()
    order = np.argsort(codes, kind="stable")
    edges = np.searchsorted(codes[order], np.arange(len(encoded.dictionary) + 1))
    return {
        key: bitmap(ids[order[edges[place] : edges[place + 1]]])
        for place, key in enumerate(encoded.dictionary.to_pylist())
    }


def members_of(plan: Plan, computed: pa.Table) -> dict[str, BitMap64]:
    """Return who is in each segment of a plan, from the rows of its statement; engines may tell truths as 0 and 1."""
    ids = computed.column("profile_id").to_numpy()
    known = computed.column("is_known").to_numpy().astype(bool)
    found: dict[tuple[str, bool], BitMap64] = {}
    for slug, column in plan.columns.items():
        key = column, slug in plan.everyone
        if key not in found:
            holds = computed.column(column).to_numpy().astype(bool)
            found[key] = bitmap(ids[holds if key[1] else holds & known])
    return {slug: found[column, slug in plan.everyone] for slug, column in plan.columns.items()}


def base_of(computed: pa.Table) -> BitMap64:
    """Return the known profiles among the rows of a plan's statement."""
    return bitmap(computed.column("profile_id").to_numpy()[computed.column("is_known").to_numpy().astype(bool)])


def stays_table(changed: Mapping[str, BitMap64], slugs: Iterable[str]) -> pa.Table:
    """Return rows of segment and profile_id for the profiles of some segments."""
    import pyarrow as pa

    parts = [
        pa.table({"segment": pa.array([slug] * len(changed[slug]), pa.string()), "profile_id": ids_of(changed[slug])})
        for slug in slugs
    ]
    schema = pa.schema([("segment", pa.string()), ("profile_id", pa.int64())])
    return pa.concat_tables([schema.empty_table(), *parts])
