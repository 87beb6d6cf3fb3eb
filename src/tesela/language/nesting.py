"""How large a rule may be, and room for it on Python's stack."""

from __future__ import annotations

import sys

MAX_NESTING = 200
MAX_LIST = 10_000_000
# Levels of the tree: `did … where …` makes two, and `a - b - c` grows one a sign without any parentheses.
MAX_LEVELS = 2 * MAX_NESTING

# A level takes up to a dozen calls in the SQL library; since 3.11 they live on the heap.
_CALLS = 20 * MAX_NESTING + 2000


def allow_nesting() -> None:
    """Raise Python's limit on calls within calls to what the deepest rule needs; it is never lowered again.

    Lowering it again could stop another thread in the middle of its rule.
    """
    if sys.getrecursionlimit() < _CALLS:
        sys.setrecursionlimit(_CALLS)
