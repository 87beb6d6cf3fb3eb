"""The columns of the plan as they are found, each once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.language.lowering.size import check_size
from tesela.language.plan import Column, columns_in

if TYPE_CHECKING:
    from tesela.language.plan import Definition, Lookup


class Board:
    """Hands out one column for every definition that means the same.

    Attributes:
        lookups: Tests on text that the plan needs answered, in the order in which they were met.
    """

    def __init__(self) -> None:
        self._names: dict[Definition, str] = {}
        self._levels: dict[str, int] = {}
        self.lookups: dict[Lookup, None] = {}

    def column(self, definition: Definition) -> Column:
        """Return the column of a definition, a new one when nothing equal stands on the board.

        Raises:
            InputError: when it is too large for any engine.
        """
        check_size(definition)
        name = self._names.get(definition)
        if name is None:
            name = f"c{len(self._names)}"
            self._levels[name] = 1 + max((self._levels[read] for read in columns_in(definition)), default=-1)
            self._names[definition] = name
        return Column(name)

    def levels(self) -> tuple[dict[str, Definition], ...]:
        """Return the definitions by column, level by level: each reads columns of lower ones only."""
        found: list[dict[str, Definition]] = [{} for _ in range(1 + max(self._levels.values(), default=0))]
        for definition, name in self._names.items():
            found[self._levels[name]][name] = definition
        return tuple(found)
