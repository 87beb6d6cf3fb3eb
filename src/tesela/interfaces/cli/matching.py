"""The same person under another spelling: look for her, see what speaks for it, accept or reject."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.interfaces.cli.desk import plain, this_person
from tesela.interfaces.cli.options import By, Folder, Json, Note, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.profiles import MatchProposal

Numbers = Annotated[list[int], typer.Argument(metavar="proposal")]
SomeNumbers = Annotated[list[int] | None, typer.Argument(metavar="proposal")]
Least = Annotated[float, typer.Option("--least", metavar="probability")]

_BATCH = 20


def find(ctx: typer.Context, workspace: Folder = None, least: Least = 0.5, json: Json = False) -> None:
    """Look for the same person under another spelling."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        found = ws.matching.find(least=least)
    if json:
        terminal.write_json(asdict(found))
        return
    counts = {name: terminal.number(count) for name, count in asdict(found).items()}
    terminal.say("match_found", **counts)
    if found.crowded:
        terminal.say("match_crowded", **counts)
    if found.waiting:
        terminal.say("match_what_next")


def review(
    ctx: typer.Context,
    workspace: Folder = None,
    limit: Annotated[int, typer.Option("--limit", metavar="number", min=1)] = _BATCH,
    least: Least = 0.0,
    json: Json = False,
) -> None:
    """Show a batch of proposals with what speaks for each."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        shown = ws.matching.review(limit, least=least)
    if json:
        terminal.write_json([plain(asdict(each)) for each in shown])
    else:
        for each in shown:
            for line in _lines(terminal, each):
                terminal.say_line(line)
        terminal.say("match_decide" if shown else "match_none_open")
    terminal.tell("profile_is_personal")


def accept(
    ctx: typer.Context,
    proposals: SomeNumbers = None,
    workspace: Folder = None,
    above: Annotated[float | None, typer.Option("--above", metavar="probability")] = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Merge the people of proposals."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        made = ws.matching.accept(proposals or [], above=above, actor=by or this_person(), note=note)
    _done(terminal, made, "match_accepted", as_json=json)
    if made and not json:
        terminal.say("match_undo")


def reject(
    ctx: typer.Context, proposals: Numbers, workspace: Folder = None, by: By = "", note: Note = "", json: Json = False
) -> None:
    """Say that the people of proposals are two."""
    with open_workspace(workspace) as ws:
        made = ws.matching.reject(proposals, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), made, "match_rejected", as_json=json)


def _done(terminal: Terminal, made: list[MatchProposal], key: str, *, as_json: bool) -> None:
    if as_json:
        terminal.write_json([plain(asdict(each)) for each in made])
    else:
        terminal.say(key, count=terminal.number(len(made)))


def _lines(terminal: Terminal, shown: MatchProposal) -> Iterator[str]:
    one, other = shown.profiles
    probability = terminal.number(shown.probability * 100, 1)
    yield terminal.text(
        "match_proposal", number=shown.number, one=f"#{one}", other=f"#{other}", probability=probability
    )
    told = {each.field: each for each in shown.evidence}
    for field, values in shown.values.items():
        evidence = told.get(field)
        if evidence is None:
            continue
        weight = terminal.number(evidence.weight, 1)
        yield terminal.text(
            "match_field",
            field=field,
            level=terminal.text(f"match_{evidence.level}"),
            weight=f"+{weight}" if evidence.weight > 0 else weight,
            one=values[0] or "-",
            other=values[1] or "-",
        )
    yield ""
