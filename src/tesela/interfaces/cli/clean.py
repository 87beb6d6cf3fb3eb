"""Cleaning: what the rules found, which there are, and accepting what they suggest."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError
from tesela.interfaces.cli.desk import this_person
from tesela.interfaces.cli.options import By, Folder, Json, Note, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.profiles import cleaning
    from tesela.workspace import CleaningReport

RuleOption = Annotated[str | None, typer.Option("--rule", metavar="rule")]

_MOST_SAMPLES = 3


def show(
    ctx: typer.Context,
    workspace: Folder = None,
    samples: Annotated[int, typer.Option("--samples", metavar="number", min=0)] = _MOST_SAMPLES,
    json: Json = False,
) -> None:
    """Show what cleaning changed, flagged and suggests."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        report = ws.cleaning.show(samples=samples)
    if json:
        terminal.write_json(asdict(report))
    else:
        terminal.say_lines(_lines(terminal, report), none="clean_found_nothing")
    terminal.tell("profile_is_personal")


def _lines(terminal: Terminal, report: CleaningReport) -> Iterator[str]:
    kind = ""
    for row in report.findings:
        if row["kind"] != kind:
            kind = row["kind"]
            values = terminal.number(report.values.get(kind, 0))
            yield f"\n{terminal.text('clean_kind', kind=kind, values=values)}"
        yield from _finding(terminal, row)


def _finding(terminal: Terminal, row: Mapping[str, Any]) -> Iterator[str]:
    told = [] if row["is_on"] else [terminal.text("clean_off")]
    counted = [name for name in ("changed", "suggested", "accepted") if row[name]]
    told += [terminal.text(f"clean_{name}", count=terminal.number(row[name])) for name in counted]
    told += [f"{flag} {terminal.number(count)}" for flag, count in row["flagged"].items()]
    yield f"  {row['rule']}: {', '.join(told)}"
    for sample in row["samples"]:
        is_same = sample["original"] == sample["value"]
        yield f"    {sample['original']!r}" + ("" if is_same else f" → {sample['value']!r}")


def rules(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the rules of cleaning."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        listed = ws.cleaning.rules(terminal.language)
    if json:
        terminal.write_json(listed)  # type: ignore[arg-type]  # lists are invariant
        return
    table = Table(*(terminal.text(f"column.{name}") for name in ("rule", "is_on", "does")), box=None, pad_edge=False)
    for rule in listed:
        table.add_row(rule["rule"], terminal.text("clean_is_on" if rule["is_on"] else "clean_off"), rule["does"])
    terminal.draw(table)


def suggestions(ctx: typer.Context, workspace: Folder = None, of_rule: RuleOption = None, json: Json = False) -> None:
    """List what cleaning suggests."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.cleaning.suggestions(of_rule)
    if json:
        terminal.write_json(found)  # type: ignore[arg-type]  # lists are invariant
    else:
        accepted = f"  ({terminal.text('clean_is_accepted')})"
        lines = (
            f"{row['rule']}: {row['original']!r} → {row['suggestion']!r}{accepted if row['is_accepted'] else ''}"
            for row in found
        )
        terminal.say_lines(lines, none="clean_suggests_nothing")
    terminal.tell("profile_is_personal")


def accept(
    ctx: typer.Context,
    value: Annotated[str | None, typer.Argument(metavar="value")] = None,
    workspace: Folder = None,
    of_rule: RuleOption = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Put what is suggested in the place of a value."""
    if value is None and of_rule is None:
        raise InputError("interfaces.cli.clean_accepts_nothing")
    with open_workspace(workspace) as ws:
        act = ws.cleaning.accept(value, rule=of_rule, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), act, "clean_accepted_now", as_json=json)


def undo(
    ctx: typer.Context,
    cleaning_act: Annotated[int, typer.Argument(metavar="number")],
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Take an act about values back."""
    with open_workspace(workspace) as ws:
        made = ws.cleaning.undo(cleaning_act, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), made, "clean_undone", as_json=json)


def acts(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List what people decided about values."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        done = ws.cleaning.acts()
        zone = ws.settings.zone
    if json:
        terminal.write_json([_plain(act) for act in done])
        return
    terminal.say_lines((_act(terminal, act, zone) for act in done), none="no_acts")


def _act(terminal: Terminal, act: cleaning.CleaningAct, zone: ZoneInfo) -> str:
    at = terminal.moment(act.acted_at, zone)
    told = {"number": act.number, "count": len(act.effects), "actor": act.actor, "at": at, "undoes": act.undoes}
    return terminal.text(f"clean_act_{act.name}", **told, note=f": {act.note}" if act.note else "")


def _done(terminal: Terminal, act: cleaning.CleaningAct, key: str, *, as_json: bool) -> None:
    if as_json:
        terminal.write_json(_plain(act))
    else:
        terminal.say(key, count=terminal.number(len(act.effects)), number=act.number)


def _plain(act: cleaning.CleaningAct) -> dict[str, object]:
    at = act.acted_at.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return {**asdict(act), "effects": [asdict(each) for each in act.effects], "acted_at": at}
