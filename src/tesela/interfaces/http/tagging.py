"""Answers carry a tag of what they say: whoever has it already is told so instead of being told it again."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_TAGGED = (b"application/json",)


class Tagging:
    """Adds an ETag to the answers of the API that are read, and answers 304 where the reader has it.

    Args:
        app: What stands behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, and look at what is answered when it may be tagged."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith("/api/"):
            await self._app(scope, receive, send)
            return
        known = dict(scope["headers"]).get(b"if-none-match", b"")
        start: dict[str, Any] = {}
        body = bytearray()

        async def tagged(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                if not _may_tag(start):
                    await send(message)
                return
            if not _may_tag(start):
                await send(message)
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                await _answer(start, bytes(body), known, send)

        await self._app(scope, receive, tagged)


def _may_tag(start: dict[str, Any]) -> bool:
    kinds = [value for name, value in start["headers"] if name.lower() == b"content-type"]
    return start["status"] == 200 and any(kind.startswith(_TAGGED) for kind in kinds)


async def _answer(start: dict[str, Any], body: bytes, known: bytes, send: Send) -> None:
    own = [value for name, value in start["headers"] if name.lower() == b"etag"]
    tag = own[0] if own else b'"' + hashlib.sha256(body).hexdigest()[:32].encode() + b'"'
    # kept by the reader alone, and asked about each time
    told = [(b"cache-control", b"private, no-cache"), (b"vary", b"cookie, accept-language")]
    headers = [*start["headers"], *([] if own else [(b"etag", tag)]), *told]
    if tag in [each.strip().removeprefix(b"W/") for each in known.split(b",")]:
        kept = [each for each in headers if each[0].lower() not in (b"content-length", b"content-type")]
        await send({"type": "http.response.start", "status": 304, "headers": kept})
        await send({"type": "http.response.body", "body": b""})
        return
    await send({**start, "headers": headers})
    await send({"type": "http.response.body", "body": body})
