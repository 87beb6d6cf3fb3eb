"""Who may do what at once, and who was told to stop."""

from __future__ import annotations

import threading
from collections import Counter
from typing import TYPE_CHECKING

from tesela.base import ConflictError

if TYPE_CHECKING:
    from collections.abc import Callable


class Turn:
    """A lock that a thread may take again while it holds it, and that tells who holds it."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._depth = 0
        self.holder: int | None = None

    @property
    def is_mine(self) -> bool:
        """Whether the thread that asks holds it."""
        return self.holder == threading.get_ident()

    def __enter__(self) -> None:
        self._lock.acquire()
        self._depth += 1
        self.holder = threading.get_ident()

    def __exit__(self, *_: object) -> None:
        self._depth -= 1
        if not self._depth:
            self.holder = None
        self._lock.release()


class Interruptions:
    """How often each thread was told to stop what it does with an engine."""

    def __init__(self) -> None:
        self._told: Counter[int | None] = Counter()

    def tell(self, thread: int | None) -> None:
        """Tell one thread, or all of them."""
        self._told[thread] += 1

    def stopper(self) -> Callable[[], None]:
        """Return what raises ConflictError once the thread that asks was told: for work between statements."""
        own = threading.get_ident()
        before = self._of(own)

        def check() -> None:
            if self._of(own) != before:
                raise ConflictError("warehouse.interrupted")

        return check

    def _of(self, thread: int) -> int:
        return self._told[thread] + self._told[None]
