"""Mending what an audit found, at the command line: looked at first, applied, listed, taken back."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError, text
from tesela.interfaces.cli.desk import plain, this_person
from tesela.interfaces.cli.options import AsOf, By, Folder, Json, Note, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from zoneinfo import ZoneInfo

    from tesela.audit import fixes as fixing

_SHOWN = 10


def fix(
    ctx: typer.Context,
    check: Annotated[str, typer.Argument(metavar="check")],
    workspace: Folder = None,
    is_applied: Annotated[bool, typer.Option("--apply")] = False,
    meanings: Annotated[list[str] | None, typer.Option("--set", metavar="meaning")] = None,
    above: Annotated[float | None, typer.Option("--above", metavar="probability")] = None,
    tag: Annotated[str, typer.Option("--tag", metavar="tag")] = "",
    as_of: AsOf = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Show what would mend a finding; with --apply, do it."""
    from tesela.audit import fixes as fixing

    terminal = Terminal.of(ctx)
    usual = fixing.Choice()
    choice = fixing.Choice(_meanings(meanings or []), usual.above if above is None else above, tag)
    with open_workspace(workspace) as ws:
        preview = ws.audit.fixes.preview(check, choice, as_of=as_of)
        kept = ws.audit.fixes.apply(preview, actor=by or this_person(), note=note) if is_applied else None
    if json:
        terminal.write_json(_tell(preview, kept))
        return
    for line in _lines(terminal, preview):
        terminal.say_line(line)
    if kept is None:
        terminal.say("fix_not_applied")
    else:
        terminal.say("fix_applied", number=kept.number)
    terminal.tell("profile_is_personal")


def fixes(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the fixes that were applied."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        kept, zone = ws.audit.fixes.list(), ws.settings.zone
    if json:
        terminal.write_json([plain(asdict(each)) for each in kept])
        return
    terminal.say_lines((_kept(terminal, each, zone) for each in kept), none="no_fixes")


def undo(
    ctx: typer.Context,
    audit_fix: Annotated[int, typer.Argument(metavar="number")],
    workspace: Folder = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Take a fix back."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        undone = ws.audit.fixes.undo(audit_fix, actor=by or this_person())
    if json:
        terminal.write_json(plain(asdict(undone)))
    else:
        terminal.say("fix_undone", number=audit_fix)


def tagged(
    ctx: typer.Context,
    tag_name: Annotated[str, typer.Argument(metavar="tag")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """List who bears a tag."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        addresses = ws.audit.fixes.tagged(tag_name)
    if json:
        terminal.write_json([{"kind": kind, "value": value} for kind, value in addresses])
    else:
        terminal.say_lines((f"{kind}  {value}" for kind, value in addresses), none="no_fixes")
    terminal.tell("profile_is_personal")


def _meanings(written: list[str]) -> dict[str, str]:
    """Return what values mean, told as `value=meaning`."""
    told = {}
    for each in written:
        value, sign, meaning = each.partition("=")
        if not sign or not value.strip() or not meaning.strip():
            raise InputError("interfaces.cli.bad_meaning", value=each)
        told[value.strip()] = meaning.strip()
    return told


def _lines(terminal: Terminal, preview: fixing.Preview) -> Iterator[str]:
    plan, check = preview.plan, preview.finding.check
    yield terminal.text(
        "fix_headline",
        name=check.said("name", terminal.language),
        does=text(f"audit.fixes.kind.{plan.kind}", terminal.language),
        people=terminal.number(plan.people),
    )
    for change in plan.changes[:_SHOWN]:
        yield f"  {change.known_as}  {_change(terminal, change)}"
    if len(plan.changes) > _SHOWN:
        yield terminal.text("fix_more", count=terminal.number(len(plan.changes) - _SHOWN))
    for reason, count in plan.left.items():
        yield text(f"audit.fixes.left.{reason}", terminal.language, count=terminal.number(count))
    yield terminal.text(
        "fix_finding", before=terminal.number(preview.finding.count or 0), after=terminal.number(plan.count_after)
    )
    yield from _effects(terminal, preview)


def _change(terminal: Terminal, change: fixing.Change) -> str:
    if change.what in ("stop", "merge", "tag"):
        return terminal.text(f"fix_{change.what}", before=change.before, after=change.after)
    return f"{change.what}: {change.before!r} → {change.after!r}"


def _effects(terminal: Terminal, preview: fixing.Preview) -> Iterator[str]:
    """Say what it does to each part of the score, and to the whole."""
    for before, after in zip(preview.before.parts, preview.after.parts, strict=True):
        if before.value is not None and after.value is not None and before.value != after.value:
            name = text(f"audit.part.{before.key}.name", terminal.language)
            yield f"  {name}: {terminal.number(before.value, 2)} → {terminal.number(after.value, 2)}"
    if preview.before.value is not None and preview.after.value is not None:
        told = {"before": terminal.number(preview.before.value, 2), "after": terminal.number(preview.after.value, 2)}
        yield terminal.text("fix_score", **told)


def _kept(terminal: Terminal, each: fixing.KeptFix, zone: ZoneInfo) -> str:
    line = terminal.text(
        "fix_line",
        number=each.number,
        at=terminal.moment(each.applied_at, zone),
        check=each.check,
        does=text(f"audit.fixes.kind.{each.kind}", terminal.language),
        people=terminal.number(each.people),
        actor=each.actor,
    )
    if each.undone_at is None:
        return line
    return f"{line}  {terminal.text('fix_line_undone', at=terminal.moment(each.undone_at, zone))}"


def _tell(preview: fixing.Preview, kept: fixing.KeptFix | None) -> dict[str, Any]:
    plan = preview.plan
    scores = {
        part.key: [None if end is None else float(end) for end in (part.value, after.value)]
        for part, after in zip(preview.before.parts, preview.after.parts, strict=True)
    }
    whole = [None if end is None else float(end) for end in (preview.before.value, preview.after.value)]
    return {
        "check": plan.check,
        "kind": plan.kind,
        "count": preview.finding.count,
        "count_after": plan.count_after,
        "people": plan.people,
        "changes": [asdict(each) for each in plan.changes],
        "left": dict(plan.left),
        "score": whole,
        "parts": scores,
        "fix": None if kept is None else plain(asdict(kept)),
    }
