"""Running the main job: profiles, segments, KPIs and the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.base import UnavailableError
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.summary import summary_json, summary_table
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from datetime import datetime

    from tesela.workspace import RunSummary, Workspace

REPORT_FILE = "report.html"


def run(
    ctx: typer.Context,
    workspace: Folder = None,
    as_of: AsOf = None,
    report: Annotated[Path | None, typer.Option(metavar="file")] = None,
    incremental: Annotated[bool, typer.Option("--incremental")] = False,
    json: Json = False,
) -> None:
    """Run the main job and write the report."""
    with open_workspace(workspace) as ws:
        if incremental:
            _refresh(Terminal.of(ctx), ws, as_of=as_of, json=json)
            return
        report_run(Terminal.of(ctx), ws, as_of=as_of, report=report or ws.folder / REPORT_FILE, json=json)


def _refresh(terminal: Terminal, ws: Workspace, *, as_of: str | None, json: bool) -> None:
    """Bring the memberships alone up to date."""
    done = ws.jobs.refresh(as_of)
    if json:
        terminal.write_json(
            {
                "as_of": f"{done.as_of.isoformat()}Z",
                "computed": done.computed,
                "entered": done.entered,
                "left": done.left,
            }
        )
        return
    everybody = terminal.text("refresh_everybody")
    terminal.say(
        "refresh_done",
        computed=everybody if done.computed is None else terminal.number(done.computed),
        entered=terminal.number(done.entered),
        left=terminal.number(done.left),
        as_of=terminal.moment(done.as_of, ws.settings.zone),
    )


def report_run(
    terminal: Terminal, ws: Workspace, *, as_of: str | datetime | None, report: Path, json: bool = False
) -> None:
    """Run the main job of an open workspace, write its report, and show or print the summary."""
    with terminal.progress(terminal.text("running"), quiet=json) as progress:
        summary = ws.jobs.run(as_of, progress=(lambda _step, done, total: progress(done, total)) if progress else None)
    write_report(summary, report, terminal)
    if json:
        terminal.write_json(summary_json(summary))
        return
    terminal.draw(summary_table(summary, terminal))
    if not summary.is_published:
        terminal.tell("not_published")
    terminal.say("report_written", address=report.resolve().as_uri())


def write_report(summary: RunSummary, target: Path, terminal: Terminal) -> None:
    """Write the HTML report in the terminal's language.

    Raises:
        UnavailableError: when the file cannot be written.
    """
    from tesela.measurement import render_html

    write_page(target, render_html(summary.report, terminal.language))


def write_page(target: Path, page: str | bytes) -> None:
    """Write a page whole or not at all.

    Raises:
        UnavailableError: when the file cannot be written.
    """
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.write_bytes(page.encode() if isinstance(page, str) else page)
        draft.replace(target)
    except OSError as cause:
        raise UnavailableError(
            "interfaces.cli.cannot_write", path=str(target), reason=cause.strerror or str(cause)
        ) from cause
    finally:
        draft.unlink(missing_ok=True)
