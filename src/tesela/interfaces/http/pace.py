"""How often one holder may ask for what costs much or takes people out: far above what anybody does by hand."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import RefusedError

if TYPE_CHECKING:
    from tesela.workspace import access

Kind = Literal["counts", "figures", "people", "explanations", "imports", "exports"]
PACE: dict[Kind, tuple[int, int]] = {
    "counts": (1_200, 60),
    "figures": (300, 60),
    "people": (600, 60),
    "explanations": (600, 60),
    "imports": (120, 60),
    "exports": (60, 600),
}
"""How many of each kind in how many seconds (decision 21). Whoever types asks for some five counts a second."""


class Pace:
    """Counts what each holder asks for, in this process, in a window that moves."""

    def __init__(self) -> None:
        # brings its own thread: made when somebody asks
        self._limiter: Any = None

    def take(self, kind: Kind, holder: access.Holder) -> None:
        """Let a holder ask once more.

        Raises:
            RefusedError: when that is too often, with the seconds to wait.
        """
        from limits import RateLimitItemPerSecond
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._limiter = self._limiter or MovingWindowRateLimiter(MemoryStorage())
        most, seconds = PACE[kind]
        often = RateLimitItemPerSecond(most, seconds)
        who = (kind, "key" if holder.user_id is None else "user", str(holder.user_id or holder.name))
        if self._limiter.hit(often, *who):
            return
        wait = self._limiter.get_window_stats(often, *who).reset_time - time.time()
        told = {"what": kind, "most": most, "window": seconds, "seconds": max(1, math.ceil(wait))}
        raise RefusedError("interfaces.http.too_often", **told)
