"""Names of Spanish places that values are compared with: communities with their other names, provinces by prefix."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tesela.profiles import cleaning

if TYPE_CHECKING:
    import pyarrow as pa

_LAST_PREFIX = 52


@cache
def communities() -> pa.Table:
    """Return rows of `word` (folded) and `standard`: every name of a community and the one in use."""
    import pyarrow as pa

    file = resources.files("tesela.audit.probes").joinpath("communities.toml")
    listed = tomllib.loads(file.read_text("utf-8"))
    pairs = [(word, standard) for standard, words in listed.items() for word in words]
    return pa.table({"word": [word for word, _ in pairs], "standard": [standard for _, standard in pairs]})


@cache
def provinces() -> pa.Table:
    """Return rows of `prefix` and `name`: the province that the first two digits of a postal code tell."""
    import pyarrow as pa

    prefixes = [f"{number:02d}" for number in range(1, _LAST_PREFIX + 1)]
    names = cleaning.clean_column("postal_region", [f"{prefix}001" for prefix in prefixes]).table["value"].to_pylist()
    return pa.table({"prefix": prefixes, "name": names})
