"""Replace nodes of a query from the inside out, so that what stands inside a replaced node was replaced before."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlglot import exp


def rewritten(query: exp.Expr, turn: Callable[[exp.Expr], exp.Expr]) -> exp.Expr:
    """Return a query of which every node was given to a function once, the innermost first.

    Args:
        query: Used up by it.
        turn: Returns the node itself, or what stands in its place.
    """
    for node in reversed(list(query.bfs())):
        # asked before, because the new node may hold the old one
        parent, key, place = node.parent, node.arg_key, node.index
        new = turn(node)
        if new is node:
            continue
        if parent is None or key is None:
            return new
        parent.set(key, new, place)
    return query
