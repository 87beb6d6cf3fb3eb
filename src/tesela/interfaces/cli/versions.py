"""The versions of a segment's rule at the command line: listed, compared, restored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError
from tesela.interfaces.cli.changes import (
    VERSION_SHOWN,
    Segment,
    draw_preview,
    preview_json,
    sample_of,
    start_table,
)
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from tesela.base import TeselaError
    from tesela.workspace import Workspace
    from tesela.workspace import versions as past

Version = Annotated[str, typer.Argument(metavar="version")]
Sure = Annotated[bool, typer.Option("--yes")]
_MARKS = {"same": "{}", "removed": "[-{}-]", "added": "{{+{}+}}"}


def versions(ctx: typer.Context, segment: Segment, workspace: Folder = None, json: Json = False) -> None:
    """List the versions of a segment's rule that were published."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        listed, zone = ws.segments.versions.list(segment), ws.settings.zone
    if json:
        terminal.write_json([_told(terminal, each) for each in listed])
        return
    table = start_table(
        terminal, ("version", "in_force_since", "in_force_until"), ("first_size", "last_size"), ("rule",)
    )
    for each in listed:
        then = each.published
        until = terminal.clock(then.until, zone) if then.until else terminal.text("version_in_force")
        sizes = map(terminal.number, (then.first_size, then.last_size))
        table.add_row(then.fingerprint[:VERSION_SHOWN], terminal.clock(then.since, zone), until, *sizes, then.rule)
    terminal.draw(table)
    for each in {each.published.fingerprint: each for each in listed}.values():
        terminal.say_line(_in_words(terminal, each))
        if each.problem is not None:
            terminal.say("version_problem", reason=each.problem.message(terminal.language))


def compare(
    ctx: typer.Context,
    segment: Segment,
    version: Version,
    other_version: Annotated[str | None, typer.Option("--with", metavar="version")] = None,
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show what is different in a version of a segment's rule."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.segments.versions.compare(segment, version, other_version, as_of)
        _show(terminal, ws, found, as_json=json)


def restore(
    ctx: typer.Context,
    segment: Segment,
    version: Version,
    sure: Sure = False,
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Write a version's rule into the segment's file again."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        if not sure:
            found = ws.segments.versions.compare(segment, version)
            if found.problem is not None:
                raise found.problem
            _show(terminal, ws, found, as_json=False)
            _ask(terminal)
        saved = ws.segments.versions.restore(segment, version)
        file = saved.path.relative_to(ws.folder).as_posix()
    if json:
        terminal.write_json({"segment": segment, "when": saved.segment.when, "file": file})
    else:
        terminal.say("version_restored", segment=segment, file=file, rule=saved.segment.when)


def _ask(terminal: Terminal) -> None:
    if not terminal.can_ask:
        raise InputError("interfaces.cli.nobody_to_ask_restore")
    if terminal.ask("ask_restore").lower() not in ("y", "yes", "s", "sí", "si"):
        raise KeyboardInterrupt


def _show(terminal: Terminal, ws: Workspace, found: past.Comparison, *, as_json: bool) -> None:
    samples = sample_of(ws, found.preview) if found.preview else {}
    if as_json:
        told: dict[str, Any] = {
            "before": found.before,
            "after": found.after,
            "pieces": [{"kind": each.kind, "text": each.text} for each in found.pieces],
            "preview": preview_json(found.preview, samples) if found.preview else None,
            "problem": _problem(terminal, found.problem),
        }
        terminal.write_json(told)
        return
    terminal.say_line("".join(_MARKS[each.kind].format(each.text) for each in found.pieces))
    if found.preview is not None:
        draw_preview(terminal, found.preview, samples, terminal.moment(found.preview.as_of, ws.settings.zone))
    elif found.problem is not None:
        terminal.say("version_problem", reason=found.problem.message(terminal.language))


def _in_words(terminal: Terminal, each: past.PastRule) -> str:
    sentence = each.spanish if terminal.language == "es" else each.english
    mark = f" {terminal.text('version_current')}" if each.is_current else ""
    return f"{each.published.fingerprint[:VERSION_SHOWN]}{mark}  {sentence or each.published.rule}"


def _told(terminal: Terminal, each: past.PastRule) -> dict[str, Any]:
    then = each.published
    return {
        "version": then.fingerprint,
        "rule": then.rule,
        "sentence": each.spanish if terminal.language == "es" else each.english,
        "since": f"{then.since.isoformat()}Z",
        "until": f"{then.until.isoformat()}Z" if then.until else None,
        "first_size": then.first_size,
        "last_size": then.last_size,
        "is_current": each.is_current,
        "problem": _problem(terminal, each.problem),
    }


def _problem(terminal: Terminal, problem: TeselaError | None) -> str | None:
    return None if problem is None else problem.message(terminal.language)
