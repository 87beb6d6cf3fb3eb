"""What stands before every request: same origin for whatever changes something, and headers that keep others out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tesela.base import text

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CONTENT_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self';"
    " connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = (
    (b"content-security-policy", _CONTENT_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Guard:
    """Refuses what another site made a browser send, and adds the headers.

    A browser tells where a request comes from (`Sec-Fetch-Site`, `Origin`) and no page can change that; a program
    with a key sends neither, and has no cookie that another site could use.

    Args:
        app: What stands behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if scope["method"] not in _SAFE and not _is_own(headers):
            await _refuse(send)
            return
        own: tuple[tuple[bytes, bytes], ...] = _HEADERS
        if scope["path"].startswith("/api/"):
            own = (*_HEADERS, (b"cache-control", b"no-store"))

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(each for each in own if each[0] not in there)]
            await send(message)

        await self._app(scope, receive, with_headers)


def _is_own(headers: dict[str, str]) -> bool:
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return False
    return origin is None or urlsplit(origin).netloc == headers.get("host")


async def _refuse(send: Send) -> None:
    code = "interfaces.http.other_site"
    told: dict[str, object] = {"type": f"urn:tesela:{code}", "status": 403, "code": code, "facts": {}}
    problem = told | {"title": text(code), "detail": text(f"{code}.hint")}
    headers = [(b"content-type", b"application/problem+json"), *_HEADERS]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(problem).encode()})
