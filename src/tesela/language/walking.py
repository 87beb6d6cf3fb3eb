"""Go through the nodes of a rule."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from tesela.language.nodes import Node, OneOf
from tesela.language.plan import field_names

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

N = TypeVar("N", bound=Node)


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes inside it, outer ones first."""
    yield node
    for name in field_names(type(node)):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield from walk(part)


def levels(node: Node) -> int:
    """Return how many nodes lie one inside the other, at most; without calls within calls."""
    found, row = 0, [node]
    while row:
        found += 1
        row = [part for each in row for part in _inside(each)]
    return found


def _inside(node: Node) -> Iterator[Node]:
    # the items of a list are written values, and may be a million
    names = ("value",) if isinstance(node, OneOf) else field_names(type(node))
    for name in names:
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Node):
                yield part


def rebuild(node: N, change: Callable[[Node], Node]) -> N:
    """Return the node with each node directly inside it replaced."""
    changes: dict[str, Any] = {}
    for name in field_names(type(node)):
        value = getattr(node, name)
        if isinstance(value, Node):
            changes[name] = change(value)
        elif isinstance(value, tuple) and value and isinstance(value[0], Node):
            changes[name] = tuple(change(item) for item in value)
    return replace(node, **changes) if changes else node
