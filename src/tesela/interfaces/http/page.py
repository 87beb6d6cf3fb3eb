"""The web page: the files that `ui/` was built into, served beside the API on which they work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles

from tesela.base import text
from tesela.interfaces.http.problems import language_of

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUILT = Path(__file__).parent.parent / "web" / "page"
_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"


def serve_page(app: FastAPI, built: Path = BUILT) -> None:
    """Let an app serve the page, or say how it is built where it was not.

    Args:
        app: The app; its routes come first.
        built: Folder of the built page.
    """

    @app.get("/", include_in_schema=False)
    def page(request: Request) -> Response:
        start = built / "index.html"
        if not start.is_file():
            return PlainTextResponse(text("interfaces.http.no_page", language_of(request)), 503)
        return FileResponse(start, headers={"cache-control": _ASK_AGAIN})

    files = StaticFiles(directory=built / "assets", check_dir=False)
    app.mount("/assets", _Kept(GZipMiddleware(files, minimum_size=1024, compresslevel=6)))


class _Kept:
    """Lets browsers keep the files whose names change with what is in them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def kept(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in (200, 304):
                told = _FOR_EVER if "-" in str(scope["path"]).rpartition("/")[2] else _ASK_AGAIN.encode()
                message["headers"] = [*message["headers"], (b"cache-control", told)]
            await send(message)

        await self._app(scope, receive, kept)
