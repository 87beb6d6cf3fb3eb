"""Load every declaration of a table of the control store: many are loaded by nobody before they are needed."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent.parent


@cache
def load_declarations() -> None:
    """Import each room's and subroom's `tables.py`, so that nothing in the store is unknown to an erasure."""
    for path in sorted(_PACKAGE.rglob("tables.py")):
        parts = path.relative_to(_PACKAGE.parent).with_suffix("").parts
        if not {"conformance", "simulation"} & set(parts):
            import_module(".".join(parts))
