"""Options that several commands share, and what they mean."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tesela.base import NotFoundError
from tesela.interfaces.cli.language import find_workspace

if TYPE_CHECKING:
    from tesela.workspace import Workspace

Folder = Annotated[Path | None, typer.Option("--workspace", metavar="folder")]
AsOf = Annotated[str | None, typer.Option("--as-of", metavar="time")]
AsRecorded = Annotated[str | None, typer.Option("--as-recorded", metavar="time")]
Since = Annotated[str | None, typer.Option("--since", metavar="time")]
Until = Annotated[str | None, typer.Option("--until", metavar="time")]
Slugs = Annotated[list[str] | None, typer.Argument(metavar="segment")]
Format = Literal["csv", "parquet", "json"]
SchemaKind = Literal["segments", "traits", "rule"]
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


def open_workspace(folder: Path | None) -> Workspace:
    """Open the workspace meant."""
    import tesela

    return tesela.open(workspace_folder(folder))
