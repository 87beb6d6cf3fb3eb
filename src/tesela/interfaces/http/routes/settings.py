"""The shop's settings: what each is and does, changed by an admin without overwriting another's change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Header, Request, Response
from pydantic import Field, StrictFloat, StrictInt

from tesela.interfaces.http.problems import MEDIA_TYPE, Problem, language_of
from tesela.interfaces.http.server import Admin, Reader, Serving
from tesela.interfaces.http.shapes import Shape, Told

if TYPE_CHECKING:
    from tesela.base import Language
    from tesela.workspace import Workspace

router = APIRouter(tags=["settings"])
Value = str | int
IfMatch = Annotated[
    str | None,
    Header(max_length=100, description="ETag of the settings that were looked at: others by now are refused (412)."),
]


class SettingTold(Told):
    """A value that an admin may set."""

    key: str = Field(examples=["timezone"])
    name: str = Field(description="In the reader's language, as the other texts.")
    about: str = Field(description="What it does.")
    change: str = Field(description="What a change of it means.")
    kind: str = Field(description="`text`, `choice`, `zone`, `currency`, `country`, `number`, `amount` or `period`.")
    choices: dict[str, str] = Field(description="What it may be, where that can be listed, and how that is called.")
    value: Value | None = Field(description="What holds now; None where nothing is set and nothing is usual.")
    usual: Value | None = Field(description="What holds where nothing is set.")
    needs: str | None = Field(description="Work to ask for after a change: `run` or `audit`; None: it holds at once.")


class SettingsTold(Told):
    """All settings."""

    version: str = Field(description="The answer's ETag: sent as If-Match with a change, others by now are refused.")
    rows: list[SettingTold]


class SettingsAsked(Shape):
    """Settings to change, all or none."""

    values: dict[str, Annotated[str, Field(max_length=200)] | StrictInt | StrictFloat | None] = Field(
        max_length=50,
        description="Values by key; null takes back what was set.",
        examples=[{"timezone": "America/Bogota"}],
    )


class SettingsChanged(SettingsTold):
    """All settings as they are now."""

    changed: list[str] = Field(description="Keys of what became another value.")
    needs: list[str] = Field(description="Work to ask for so that everything shown follows: `run`, `audit`.")


@router.get("/settings")
def settings(request: Request, response: Response, server: Serving, _: Reader) -> SettingsTold:
    """List the shop's settings: what holds, what is usual, what each does and what a change of it means."""
    return SettingsTold(version=_version(server.workspace, request, response), rows=_rows(server.workspace, request))


@router.patch("/settings", responses={412: {"model": Problem, "content": {MEDIA_TYPE: {}}, "description": "Changed."}})
def change(
    told: SettingsAsked, request: Request, response: Response, server: Serving, _: Admin, if_match: IfMatch = None
) -> SettingsChanged:
    """Change settings in `tesela.toml`; the server works with them at once."""
    version = None if if_match in (None, "*") else str(if_match).strip().removeprefix("W/").strip('"').partition("-")[0]
    found = server.workspace.configuration.change(told.values, version=version)
    changed, needs = [each.key for each in found.after], [str(each) for each in found.needs]
    told_now = _version(server.workspace, request, response), _rows(server.workspace, request)
    return SettingsChanged(version=told_now[0], rows=told_now[1], changed=changed, needs=needs)


def _version(ws: Workspace, request: Request, response: Response) -> str:
    """Return what tells the settings in a language from others, and let the answer carry it as its ETag."""
    told = f'"{ws.configuration.version}-{language_of(request)}"'
    response.headers["etag"] = told
    return told


def _rows(ws: Workspace, request: Request) -> list[SettingTold]:
    language: Language = language_of(request)
    return [
        SettingTold(
            key=each.key,
            name=each.say("name", language),
            about=each.say("about", language),
            change=each.say("change", language),
            kind=each.kind,
            choices=each.named_choices(language),
            value=each.value,
            usual=each.usual,
            needs=each.needs,
        )
        for each in ws.configuration.list()
    ]
