"""Stops what is read for somebody who has gone: the page asks for another rule, another view, another person."""

from __future__ import annotations

import asyncio
import inspect
import threading
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from fastapi import Request
from starlette.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.workspace import Workspace

AGAIN_S = 0.1
_READER = "reader"

_Asked = ParamSpec("_Asked")
_Told = TypeVar("_Told")


def stops_with_its_reader(endpoint: Callable[_Asked, _Told]) -> Callable[_Asked, _Told]:
    """Let a route that only reads, and takes the `server`, stop when whoever asked waits no longer.

    A browser that throws a request away closes its connection; the statement would run on otherwise, and whoever
    asks next wait for it.
    """
    # FastAPI looks up what parameters are by the module of the endpoint
    signature = inspect.signature(endpoint, eval_str=True)
    taken = [name for name, each in signature.parameters.items() if each.annotation is Request]

    @wraps(endpoint)
    async def asked(**values: Any) -> Any:
        reader = values[taken[0]] if taken else values.pop(_READER)
        work = _Work(values["server"].workspace)
        done = asyncio.ensure_future(run_in_threadpool(work.do, endpoint, values))
        gone = asyncio.ensure_future(_gone(reader))
        try:
            await asyncio.wait({done, gone}, return_when=asyncio.FIRST_COMPLETED)
            while not done.done():
                # one that has just begun, or stands between two statements, is told again
                work.stop()
                await asyncio.wait({done}, timeout=AGAIN_S)
        finally:
            gone.cancel()
        return await done

    if not taken:
        own = inspect.Parameter(_READER, inspect.Parameter.KEYWORD_ONLY, annotation=Request)
        signature = signature.replace(parameters=[*signature.parameters.values(), own])
    asked.__signature__ = signature  # type: ignore[attr-defined]
    return asked  # type: ignore[return-value]


async def _gone(reader: Request) -> None:
    """Return when nobody reads the answer any more; what was sent was read before."""
    while (await reader.receive())["type"] != "http.disconnect":
        pass


class _Work:
    """One answer that is being worked out in another thread.

    Args:
        workspace: What it is worked out from.
    """

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._lock = threading.Lock()
        self._thread: int | None = None

    def do(self, endpoint: Callable[..., Any], values: dict[str, Any]) -> Any:
        """Work it out in the thread that asks."""
        with self._lock:
            self._thread = threading.get_ident()
        try:
            return endpoint(**values)
        finally:
            # the thread works for others next
            with self._lock:
                self._thread = None

    def stop(self) -> None:
        """Stop it where it is."""
        with self._lock:
            if self._thread is not None:
                self._workspace.segments.stop_asking(self._thread)
