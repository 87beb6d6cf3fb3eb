"""Work in the background: asked for, watched, stopped."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from fastapi.responses import StreamingResponse
from pydantic import Field

from tesela.base import TeselaError, text
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Reader, Serving, Writer
from tesela.interfaces.http.shapes import Moment, Shape, Told
from tesela.workspace import access, background

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tesela.base import Language

router = APIRouter(tags=["jobs"])
Id = Annotated[int, Path(ge=1, le=2**31)]
_WATCH_S = 15.0
# what results tell of people; rows of files are told as they are
_PEOPLE = ("size", "base", "computed", "entered", "left")


class JobTold(Told):
    """A piece of work."""

    id: int
    kind: str
    state: background.State
    actor: str
    created_at: Moment
    started_at: Moment | None
    ended_at: Moment | None
    step: str
    done: int
    total: int | None = Field(description="None when it is not known how much there is.")
    asked: dict[str, Any]
    result: dict[str, Any] | None
    problem: str | None = Field(default=None, description="What went wrong, in the reader's language.")
    hint: str | None = Field(default=None, description="What to do about it.")


class JobAsked(Shape):
    """Work that needs nothing but its name."""

    kind: Literal["run", "refresh", "audit"] = Field(
        description="`run`: everything; `refresh`: memberships alone; `audit`: how healthy the base is."
    )


def told(job: background.Job, language: Language, holder: access.Holder) -> JobTold:
    """Return a job as it is told to somebody."""
    values = {name: getattr(job, name) for name in JobTold.model_fields if hasattr(job, name)}
    if job.result:
        counted = {name: holder.shown(job.result[name]) for name in _PEOPLE if job.result.get(name) is not None}
        values["result"] = {**job.result, **counted}
    if job.result and "reasons" in job.result:
        said = {reason: text(reason, language) for reason in job.result["reasons"]}
        values["result"] = {**job.result, "reasons_said": said}
    if job.error:
        error = TeselaError(job.error["code"], **job.error["facts"])
        values |= {"problem": error.message(language), "hint": error.hint(language)}
    return JobTold(**values)


@router.get("/jobs")
def jobs(request: Request, server: Serving, holder: Reader) -> list[JobTold]:
    """List the newest jobs."""
    return [told(each, language_of(request), holder) for each in server.background.list()]


@router.post("/jobs", status_code=202)
def ask(asked: JobAsked, request: Request, server: Serving, holder: Writer) -> JobTold:
    """Ask for work; the same work that still waits is returned instead of asked for twice."""
    return told(server.background.ask(asked.kind, actor=holder.name), language_of(request), holder)


@router.get("/jobs/{job_id}")
def job(job_id: Id, request: Request, server: Serving, holder: Reader) -> JobTold:
    """Say how far a job is."""
    return told(server.background.find(job_id), language_of(request), holder)


@router.delete("/jobs/{job_id}")
def stop(job_id: Id, request: Request, server: Serving, holder: Writer) -> JobTold:
    """Stop a job: nothing of it stays."""
    return told(server.background.stop(job_id), language_of(request), holder)


@router.get(
    "/jobs/{job_id}/events",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
def watch(job_id: Id, request: Request, server: Serving, holder: Reader) -> StreamingResponse:
    """Tell of a job as it goes on, as server-sent events whose data are jobs; ends when the job has ended."""
    language = language_of(request)
    first = server.background.find(job_id)

    async def events() -> AsyncIterator[str]:
        seen = first
        yield _event(seen, language, holder)
        while seen.is_open and not await request.is_disconnected():
            now = await asyncio.to_thread(server.background.wait, job_id, seen, _WATCH_S)
            yield _event(now, language, holder) if now != seen or now.done != seen.done else ": still there\n\n"
            seen = now

    return StreamingResponse(events(), media_type="text/event-stream", headers={"cache-control": "no-store"})


def _event(job: background.Job, language: Language, holder: access.Holder) -> str:
    return f"event: job\ndata: {told(job, language, holder).model_dump_json()}\n\n"
