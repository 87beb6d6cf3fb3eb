"""What goes wrong, told as problem details (RFC 9457) in the reader's language, with Tesela's own codes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, cast

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from tesela.base import (
    LANGUAGES,
    ConflictError,
    InputError,
    Language,
    NotFoundError,
    RefusedError,
    TeselaError,
    UnavailableError,
    text,
)
from tesela.interfaces.http.shapes import plain

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

MEDIA_TYPE = "application/problem+json"
_STATUS: tuple[tuple[type[TeselaError], int], ...] = (
    (NotFoundError, 404),
    (InputError, 400),
    (ConflictError, 409),
    (RefusedError, 403),
    (UnavailableError, 503),
)
_STATUS_OF_CODES = {
    "interfaces.http.sign_in_first": 401,
    "workspace.access.wrong_password": 401,
    "workspace.access.too_many_tries": 429,
    "interfaces.http.too_often": 429,
    "workspace.settings_changed": 412,
}
_TOO_MANY = 429
_log = logging.getLogger("tesela.http")


class Problem(BaseModel):
    """What went wrong, and what to do."""

    type: str = Field(examples=["urn:tesela:segments.not_defined"])
    title: str = Field(description="What was wrong, with the value.")
    status: int
    code: str = Field(examples=["segments.not_defined"], description="Stable name of the error.")
    detail: str | None = Field(default=None, description="What to do about it.")
    facts: dict[str, Any] = Field(default_factory=dict, description="The values that the text shows.")


def language_of(request: Request) -> Language:
    """Return the language of whoever asks: the one asked for, hers, the browser's, else the workspace's."""
    for chosen in (request.query_params.get("lang"), getattr(request.state, "language", None)):
        if chosen in LANGUAGES:
            return cast("Language", chosen)
    for each in request.headers.get("accept-language", "").split(","):
        tongue = each.split(";")[0].strip()[:2].lower()
        if tongue in LANGUAGES:
            return tongue
    return cast("Language", request.app.state.server.workspace.settings.language)


def answer_problems(app: FastAPI) -> None:
    """Let an app tell whatever goes wrong as problem details."""

    @app.exception_handler(TeselaError)
    def _known(request: Request, error: TeselaError) -> JSONResponse:
        status = _STATUS_OF_CODES.get(error.code) or next(
            (status for kind, status in _STATUS if isinstance(error, kind)), 500
        )
        tongue = language_of(request)
        told = _problem(status, error.code, error.message(tongue), error.hint(tongue), plain(dict(error.facts)))
        if status == _TOO_MANY:
            told.headers["retry-after"] = str(error.facts.get("seconds") or 60 * int(str(error.facts["minutes"])))
        return told

    @app.exception_handler(RequestValidationError)
    def _malformed(request: Request, error: RequestValidationError) -> JSONResponse:
        wrong = [f"{'.'.join(map(str, each['loc'][1:]))}: {each['msg']}" for each in error.errors()]
        return _own(request, 422, "malformed", what="; ".join(wrong)[:1000])

    @app.exception_handler(HTTPException)
    def _by_status(request: Request, error: HTTPException) -> JSONResponse:
        known = {404: "no_such_address", 405: "no_such_method"}
        code = known.get(error.status_code, "refused")
        told = _own(request, error.status_code, code, path=request.url.path, what=str(error.detail))
        for name, value in (error.headers or {}).items():
            told.headers[name] = value
        return told

    @app.exception_handler(Exception)
    def _unexpected(request: Request, error: Exception) -> JSONResponse:
        # what it was may name a person: that stays in the log of whoever runs the server
        _log.error("unexpected at %s", request.url.path, exc_info=error)
        return _own(request, 500, "unexpected", what=type(error).__name__)


def _own(request: Request, status: int, name: str, **facts: object) -> JSONResponse:
    code, tongue = f"interfaces.http.{name}", language_of(request)
    return _problem(status, code, text(code, tongue, **facts), text(f"{code}.hint", tongue, **facts), dict(facts))


def _problem(status: int, code: str, title: str, hint: str | None, facts: dict[str, Any]) -> JSONResponse:
    told = {name: value if isinstance(value, str | int | float | bool) else str(value) for name, value in facts.items()}
    problem = Problem(type=f"urn:tesela:{code}", title=title, status=status, code=code, detail=hint or None, facts=told)
    return JSONResponse(problem.model_dump(), status, media_type=MEDIA_TYPE)


PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"model": Problem, "description": told, "content": {MEDIA_TYPE: {}}}
    for status, told in (
        (400, "The input makes no sense."),
        (401, "Nobody signed in."),
        (403, "Not allowed."),
        (404, "No such thing."),
        (409, "Its state forbids it."),
        (422, "Malformed."),
        (429, "Too often: `Retry-After` says how many seconds to wait."),
        (503, "Something outside failed."),
    )
}
"""What every route may answer beside what it promises."""
