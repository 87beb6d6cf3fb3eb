"""Counts of a rule while it is being written: the newest of each writer counts, an older one is stopped."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.segments import SegmentSize
    from tesela.workspace import Workspace


class LiveCounts:
    """Counts one rule at a time, and stops the count of a writer who has gone on writing.

    Args:
        workspace: Whose people are counted.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._turn = threading.Lock()
        self._state = threading.Lock()
        self._newest: dict[str, tuple[int, int]] = {}
        self._tickets = 0
        self._running: tuple[str, int] | None = None

    def count(self, writer: str, rule: str, as_of: str | None, turn: int | None = None) -> SegmentSize | None:
        """Return how many satisfy a rule; None when the writer has asked for another one meanwhile.

        Args:
            writer: Who writes, and where: a name that a page makes for its editor.
            rule: The rule.
            as_of: The moment of truth; now by default.
            turn: How often the writer has asked before: two requests can overtake each other on their way. By default
                they count in the order in which they come.

        Raises:
            InputError: when the rule makes no sense, with the position.
        """
        with self._state:
            self._tickets += 1
            # by the writer's own count first, else by when it came
            ticket = turn or 0, self._tickets
            if self._newest.get(writer, ticket) > ticket:
                return None
            self._newest[writer] = ticket
            if self._running and self._running[0] == writer:
                self._workspace.segments.stop_asking(self._running[1])
        try:
            with self._turn:
                with self._state:
                    if self._newest.get(writer) != ticket:
                        return None
                    self._running = writer, threading.get_ident()
                try:
                    found = self._workspace.segments.count(rule, as_of)
                finally:
                    with self._state:
                        self._running = None
            return found if self._newest.get(writer) == ticket else None
        except Exception:
            # stopped, or failed when nobody waits for it any more
            if self._newest.get(writer) != ticket:
                return None
            raise
        finally:
            with self._state:
                if self._newest.get(writer) == ticket:
                    del self._newest[writer]
