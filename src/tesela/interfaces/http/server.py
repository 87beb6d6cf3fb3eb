"""What all routes work with: the open workspace, its background work, and who asks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import Depends, Request

from tesela.base import RefusedError
from tesela.interfaces.http.commands import Commands, RunCommand
from tesela.interfaces.http.live import LiveCounts
from tesela.interfaces.http.pace import Kind, Pace

# read by FastAPI when it puts the routes together
from tesela.workspace import Workspace, access, background

if TYPE_CHECKING:
    from collections.abc import Callable

COOKIE = "tesela_session"
_BEARER = "bearer "


@dataclass(slots=True)
class Server:
    """One workspace that is served.

    Attributes:
        workspace: The workspace.
        background: Its work in the background.
        live: Counts of rules that are being written.
        commands: Runs command lines that were typed on this machine; None where nobody may.
        pace: How often each holder may ask for what costs much.
    """

    workspace: Workspace
    background: background.Background
    live: LiveCounts = field(init=False)
    commands: Commands | None = None
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.live = LiveCounts(self.workspace)

    def take_commands(self, secret: str, run: RunCommand) -> None:
        """Let commands that were typed on this machine run here, for whoever knows a secret."""
        self.commands = Commands(self.workspace, secret, run)


def _server(request: Request) -> Server:
    return cast("Server", request.app.state.server)


Serving = Annotated[Server, Depends(_server)]


def signed_in(request: Request, server: Serving) -> access.User | None:
    """Return who signed in with the browser that asks; None when nobody did."""
    secret = request.cookies.get(COOKIE)
    user = server.workspace.access.user_of(secret) if secret else None
    if user is not None:
        request.state.language = user.language
    return user


def asking(request: Request, server: Serving, user: Annotated[access.User | None, Depends(signed_in)]) -> access.Holder:
    """Return who asks: the program with a key, or the person who signed in.

    Raises:
        RefusedError: when it is nobody known.
    """
    given = request.headers.get("authorization", "")
    if given[: len(_BEARER)].lower() == _BEARER:
        holder = server.workspace.access.holder_of_key(given[len(_BEARER) :].strip())
    else:
        holder = user.holder if user else None
    if holder is None:
        raise RefusedError("interfaces.http.sign_in_first")
    return holder


def _needs(scope: access.Scope) -> Callable[[access.Holder], access.Holder]:
    def allowed(holder: Annotated[access.Holder, Depends(asking)]) -> access.Holder:
        holder.require(scope)
        return holder

    return allowed


def at_pace(kind: Kind) -> Any:
    """Return what a route depends on that no holder may ask for too often."""

    def counted(server: Serving, holder: Annotated[access.Holder, Depends(asking)]) -> None:
        server.pace.take(kind, holder)

    return Depends(counted)


Reader = Annotated[access.Holder, Depends(_needs("read"))]
"""Whoever may see counts and figures."""

PersonalReader = Annotated[access.Holder, Depends(_needs("personal"))]
"""Whoever may see who people are."""

Writer = Annotated[access.Holder, Depends(_needs("write"))]
"""Whoever may change definitions, import and run."""

Admin = Annotated[access.Holder, Depends(_needs("admin"))]
"""Whoever may change settings, users and keys."""
