"""What describes a group of people."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.base import LANGUAGES, InputError
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from tesela.base import Language
    from tesela.segments import discovery

_TINY = 0.001


def discover(
    ctx: typer.Context,
    group: Annotated[str, typer.Argument(metavar="group")],
    workspace: Folder = None,
    most: Annotated[int, typer.Option("--most-conditions", metavar="number")] = 4,
    smallest: Annotated[int | None, typer.Option("--smallest", metavar="number")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="number")] = 10,
    more: Annotated[list[str] | None, typer.Option("--condition", metavar="rule")] = None,
    own: Annotated[bool, typer.Option("--own")] = False,
    save: Annotated[int | None, typer.Option("--save", metavar="number")] = None,
    slug: Annotated[str, typer.Option("--as", metavar="name")] = "",
    replace: Annotated[bool, typer.Option("--replace")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Find the rules that describe a group."""
    terminal = Terminal.of(ctx)
    if (save is None) != (not slug):
        raise InputError("interfaces.cli.save_needs_a_name")
    with open_workspace(workspace) as ws:
        found = ws.segments.discover(group, as_of, more=more or (), own=own, most=most, least=smallest, limit=limit)
        if save is not None and not 1 <= save <= len(found.findings):
            raise InputError("interfaces.cli.no_such_rule", number=save, count=len(found.findings))
        added = None if save is None else ws.segments.define(slug, found.findings[save - 1].rule, replace=replace)
        root = ws.folder
    if json:
        told = asdict(found) | {
            "as_of": f"{found.as_of.isoformat()}Z",
            "findings": [_told(each) for each in found.findings],
        }
        terminal.write_json(told | ({"saved": added.segment.slug} if added else {}))
        return
    _say(terminal, found)
    if added:
        file = added.path.relative_to(root).as_posix()
        terminal.say(f"catalog_outcome.{added.outcome}", segment=slug, file=file, rule=added.segment.when)


def _in_words(rule: str, language: Language) -> str:
    # the language costs a quarter of a second to load
    from tesela.language import parse, say

    return say(parse(rule), language)


def _told(finding: discovery.Finding) -> dict[str, object]:
    return asdict(finding) | {language: _in_words(finding.rule, language) for language in LANGUAGES}


def _say(terminal: Terminal, found: discovery.Discovery) -> None:
    counted = {"group": found.group, "base": found.base, "conditions": found.conditions, "tried": found.tried}
    share = terminal.number(100 * found.group / found.base, 1)
    terminal.say("discover_group", share=share, **{name: terminal.number(n) for name, n in counted.items()})
    if found.left_out:
        terminal.say("discover_left_out", names=", ".join(found.left_out))
    for place, finding in enumerate(found.findings, 1):
        terminal.say_line(f"\n{place}. {finding.rule}")
        terminal.say_line(f"   {_in_words(finding.rule, terminal.language)}")
        p_value = f"< {terminal.number(_TINY, 3)}" if finding.p_value < _TINY else terminal.number(finding.p_value, 3)
        terminal.say(
            "discover_figures",
            size=terminal.number(finding.size),
            hits=terminal.number(finding.hits),
            precision=terminal.number(100 * finding.precision, 1),
            lift=terminal.number(finding.lift, 1),
            recall=terminal.number(100 * finding.recall, 1),
            held_size=terminal.number(finding.held_size),
            held_hits=terminal.number(finding.held_hits),
            p_value=p_value,
        )
    terminal.tell("discover_next" if found.findings else "discover_nothing")
