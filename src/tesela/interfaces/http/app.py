"""The HTTP API: the routes under `/api/v1`, the page, and what stands around them."""

from __future__ import annotations

import threading
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from tesela.interfaces.http import commands
from tesela.interfaces.http.guards import Guard
from tesela.interfaces.http.page import serve_page
from tesela.interfaces.http.problems import PROBLEMS, answer_problems
from tesela.interfaces.http.routes import (
    access,
    audit,
    catalog,
    figures,
    imports,
    jobs,
    people,
    rules,
    segments,
    settings,
    versions,
)
from tesela.interfaces.http.server import Server
from tesela.interfaces.http.tagging import Tagging

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tesela.workspace import Workspace, background

PREFIX = "/api/v1"
_ROUTES = (access, figures, audit, segments, versions, rules, catalog, people, imports, jobs, settings)


def create_app(workspace: Workspace, timetable: background.Timetable | None = None) -> FastAPI:
    """Return the app that serves an open workspace; closing the workspace is the caller's.

    Args:
        workspace: What is served; while the app runs, its background work is done.
        timetable: When work is asked for by itself; by default never.
    """
    server = Server(workspace, workspace.background())

    @asynccontextmanager
    async def running(_: FastAPI) -> AsyncIterator[None]:
        server.background.start()
        threading.Thread(target=workspace.warm_up, name="tesela-warm-up", daemon=True).start()
        schedule = timetable.follow(server.background, workspace.settings.zone) if timetable else None
        if timetable is not None:
            workspace.configuration.after(partial(_keep_time, workspace, timetable, schedule))
        yield
        if schedule is not None:
            schedule.shutdown(wait=False)
        server.background.close()

    app = FastAPI(
        title="Tesela",
        version="1",
        summary="Who your shop's people are, in segments you can trust.",
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=running,
        generate_unique_id_function=_name,
        responses=PROBLEMS,
    )
    app.state.server = server
    answer_problems(app)
    api = APIRouter(prefix=PREFIX)
    for each in _ROUTES:
        api.include_router(each.router)
    api.include_router(commands.router)
    app.include_router(api)
    serve_page(app)
    app.add_middleware(Tagging)
    # the last one added stands first
    app.add_middleware(Guard)
    return app


def _keep_time(workspace: Workspace, timetable: background.Timetable, schedule: Any) -> None:
    """Let the hour at which everything is computed be one of the zone that the shop has now."""
    timetable.move(schedule, workspace.settings.zone)


def _name(route: APIRoute) -> str:
    """Return a name for programs that are made from the description: the kind of thing, and what is done."""
    tag: Any = route.tags[0] if route.tags else "page"
    return f"{tag}_{route.name}"
