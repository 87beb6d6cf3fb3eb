"""Options that several commands share, and what they mean."""

from __future__ import annotations

from contextlib import nullcontext
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tesela.base import NotFoundError
from tesela.interfaces.cli.language import find_workspace

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tesela.workspace import Workspace

Folder = Annotated[Path | None, typer.Option("--workspace", metavar="folder")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="time")]
AsRecorded = Annotated[str | None, typer.Option("--as-recorded", metavar="time")]
Since = Annotated[str | None, typer.Option("--since", metavar="time")]
Until = Annotated[str | None, typer.Option("--until", metavar="time")]
Slugs = Annotated[list[str] | None, typer.Argument(metavar="segment")]
Format = Literal["csv", "parquet", "json"]
SchemaKind = Literal["segments", "traits", "rule"]
SERVED: ContextVar[Workspace | None] = ContextVar("served", default=None)
"""The workspace that this process serves, while it runs a command for another."""

By = Annotated[str, typer.Option("--by", metavar="name")]
Note = Annotated[str, typer.Option("--note", metavar="text")]
Channel = Annotated[str, typer.Option("--channel", metavar="channel")]
Purpose = Annotated[str, typer.Option("--purpose", metavar="purpose")]
Json = Annotated[bool, typer.Option("--json")]


def workspace_folder(folder: Path | None) -> Path:
    """Return the workspace meant: the one named, else the current folder's or its nearest parent's.

    Raises:
        NotFoundError: when none is named and there is none here.
    """
    found = folder or find_workspace(Path.cwd())
    if found is None:
        raise NotFoundError("interfaces.cli.no_workspace_here", path=str(Path.cwd()))
    return found


def open_workspace(folder: Path | None) -> AbstractContextManager[Workspace]:
    """Open the workspace meant; in a server that has it open already, that one is meant, and stays open."""
    import tesela

    meant, served = workspace_folder(folder), SERVED.get()
    if served is not None and served.folder.resolve() == meant.resolve():
        return nullcontext(served)
    return tesela.open(meant)
