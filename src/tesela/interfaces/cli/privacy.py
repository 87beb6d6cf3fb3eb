"""The rights of the person: to be erased, and to be told what is held of her."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.base import InputError
from tesela.interfaces.cli.desk import this_person
from tesela.interfaces.cli.options import AsOf, By, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from tesela.workspace import ErasureSummary

Who = Annotated[list[str], typer.Argument(metavar="profile")]
Sure = Annotated[bool, typer.Option("--yes")]
DryRun = Annotated[bool, typer.Option("--dry-run")]


def erase(
    ctx: typer.Context,
    who: Who,
    workspace: Folder = None,
    sure: Sure = False,
    dry_run: DryRun = False,
    by: By = "",
    json: Json = False,
) -> None:
    """Erase people for good."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.privacy.preview(*who)
        if dry_run or found.was_before:
            _show(terminal, found, who, as_json=json)
            return
        if not sure:
            _show(terminal, found, who, as_json=False)
            _ask(terminal, found)
        with terminal.progress(terminal.text("erasing"), quiet=json) as progress:
            told = (lambda _step, done, total: progress(done, total)) if progress else None
            done = ws.privacy.erase(*who, actor=by or this_person(), progress=told)
    _show(terminal, done, who, as_json=json)


def _ask(terminal: Terminal, found: ErasureSummary) -> None:
    """Go on only where somebody types the number of people."""
    if not terminal.can_ask:
        raise InputError("interfaces.cli.nobody_to_ask_erasure")
    if terminal.ask("ask_erasure", people=found.people) != str(found.people):
        raise KeyboardInterrupt


def _show(terminal: Terminal, found: ErasureSummary, who: list[str], *, as_json: bool) -> None:
    if as_json:
        terminal.write_json(
            {
                "people": found.people,
                "erased_at": f"{found.erased_at.isoformat()}Z" if found.erased_at else None,
                "was_before": found.was_before,
                "rows": dict(found.counts),
                "shared_identifiers": found.shared,
                "own_files": list(found.own_files),
            }
        )
        return
    if found.was_before:
        terminal.say("erased_before", who=", ".join(who))
        return
    rows = terminal.number(sum(found.counts.values()))
    key = "erased" if found.erased_at else "would_erase"
    terminal.say(key, people=terminal.number(found.people), rows=rows, places=len(found.counts))
    for place, count in found.counts.items():
        terminal.say("erased_rows", place=place, rows=terminal.number(count))
    if found.shared:
        terminal.say("erased_shared", count=terminal.number(found.shared))
    for path in found.own_files:
        terminal.say("erased_own_file", path=path)
    terminal.say("erased_outside")


def export(
    ctx: typer.Context,
    profile: Annotated[str, typer.Argument(metavar="profile")],
    out: Annotated[Path, typer.Option("--out", metavar="out")],
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Write everything that is held of one person."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        done = ws.privacy.export(profile, out, as_of=as_of)
    if json:
        terminal.write_json({"profile_id": done.profile_id, "out": str(done.out), "rows": dict(done.rows)})
        return
    rows = terminal.number(sum(done.rows.values()))
    whose = terminal.text("exported_profile" if done.profile_id else "exported_nobody", number=done.profile_id)
    terminal.say("person_exported", who=whose, out=done.out, rows=rows, places=len(done.rows))
    terminal.tell("profile_is_personal")


def retention(
    ctx: typer.Context,
    workspace: Folder = None,
    as_of: AsOf = None,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Take out what is older than it may be kept."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.privacy.retention(as_of) if dry_run else ws.privacy.expire(as_of)
        zone = ws.settings.zone
    if json:
        terminal.write_json(
            {
                "as_of": f"{found.as_of.isoformat()}Z",
                "before": {kind: f"{before.isoformat()}Z" for kind, before in found.cutoffs.items()},
                "expired": [asdict(each) for each in found.expired],
                "is_done": found.is_done,
            }
        )
        return
    if not found.cutoffs:
        terminal.say("retention_keeps_all")
        return
    for kind, before in found.cutoffs.items():
        count = sum(each.count for each in found.expired if each.kind == kind)
        key = "retention_done" if found.is_done else "retention_would"
        terminal.say(key, kind=kind, before=terminal.moment(before, zone), count=terminal.number(count))
        for each in found.expired:
            if each.kind == kind:
                terminal.say("retention_month", month=each.month, count=terminal.number(each.count))


def erasures(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List what was erased when, by whom and how much."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        done = ws.privacy.erasures()
        zone = ws.settings.zone
    if json:
        terminal.write_json([asdict(each) | {"erased_at": f"{each.erased_at.isoformat()}Z"} for each in done])
        return
    lines = (
        terminal.text(
            "erasure_listed",
            at=terminal.moment(each.erased_at, zone),
            actor=each.actor,
            people=terminal.number(each.people),
            rows=terminal.number(sum(each.counts.values())),
        )
        for each in done
    )
    terminal.say_lines(lines, none="no_erasures")
