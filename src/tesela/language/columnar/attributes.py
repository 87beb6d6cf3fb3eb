"""The newest value of a field of each profile, and no value where nothing was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tesela.language.columnar.aggregates import Found
from tesela.language.columnar.profiles import in_order

if TYPE_CHECKING:
    from collections.abc import Callable

    import pyarrow as pa

    from tesela.language.columnar.profiles import Profiles
    from tesela.language.rendering import FieldRows


def newest(rows: FieldRows, read: pa.Table, profiles: Profiles, check: Callable[[], None]) -> dict[str, Found]:
    """Return the column of one field; `check` raises when nobody waits for it any more."""
    import pyarrow as pa

    place = profiles.places(read.column("profile_id").to_numpy())
    moment = read.column("moment").to_numpy()
    order = in_order(place, moment)
    check()
    at = np.arange(len(place)) if order is None else order
    told = np.full(len(profiles) + 1, -1, np.int64)
    # where a place stands several times the last one stays
    told[place[at]] = at
    is_told = told[:-1] >= 0
    values = read.column("value").take(pa.array(told[:-1], mask=~is_told))
    return {rows.name: Found(values, "text")}
