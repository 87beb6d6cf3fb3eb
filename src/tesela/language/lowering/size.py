"""How large a definition is when it is written out: a part that is used twice is written twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.language.plan import Among, Call, Expr, RelatedEvents, field_names

if TYPE_CHECKING:
    from tesela.language.plan import Definition

MAX_PARTS = 200_000
# What the strictest of the engines reads, DuckDB with 1,000 levels, half of them for what writing adds.
MAX_DEPTH = 600


def check_size(definition: Definition) -> None:
    """Refuse a definition that no engine could read, before anything walks through it.

    Raises:
        InputError: when it is too large or too deep.
    """
    size, depth = _measure(definition, {})
    if size > MAX_PARTS or depth > MAX_DEPTH:
        raise InputError("language.too_large", limit=MAX_PARTS)


def _measure(whole: object, known: dict[int, tuple[int, int]]) -> tuple[int, int]:
    """Return parts and levels; a part met again is not gone through again, so this takes no longer than making it."""
    if id(whole) in known:
        return known[id(whole)]
    if isinstance(whole, tuple):
        inside = [_measure(each, known) for each in whole]
    elif isinstance(whole, Among):
        inside = [_measure(whole.value, known)]
    else:
        names = field_names(type(whole))
        if not names:
            own = int(isinstance(whole, Expr))
            return own, own
        inside = [_measure(getattr(whole, name), known) for name in names]
    size = sum(each for each, _ in inside) + isinstance(whole, Expr)
    # `all` is written as: there are some, and none that fails
    size *= 2 if isinstance(whole, RelatedEvents) and whole.quantifier == "all" else 1
    depth = max((each for _, each in inside), default=0)
    # products are widened first, which takes levels of its own
    depth += 2 if isinstance(whole, Call) and whole.operation == "*" else isinstance(whole, Expr)
    known[id(whole)] = size, depth
    return known[id(whole)]
