"""The SQL library's nodes, loaded at first use: that takes a third of a second, and most commands need none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlglot import exp
else:

    class _Nodes:
        def __getattr__(self, name: str) -> object:
            from sqlglot import exp as loaded

            return getattr(loaded, name)

    exp = _Nodes()

__all__ = ["exp"]
