"""Questions about sets of members: combinations, overlaps, who came and went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tesela.interfaces.cli.options import AsRecorded, Folder, Json, Since, Slugs, Until, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.segments import MemberSets, together

_COMBINATIONS = 10


def combine(
    ctx: typer.Context,
    expression: Annotated[str, typer.Argument(metavar="expression")],
    workspace: Folder = None,
    as_recorded: AsRecorded = None,
    json: Json = False,
) -> None:
    """Say how many people are in a combination of segments."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        sets, zone = ws.segments.sets(as_recorded), ws.settings.zone
    count, base = len(sets.combine(expression)), len(sets.base)
    if json:
        terminal.write_json({"count": count, "base": base, "as_of": _utc(sets)})
        return
    terminal.say(
        "combine_done",
        count=terminal.number(count),
        base=terminal.number(base),
        share=terminal.number(100 * count / base if base else 0, 1),
        as_of=terminal.moment(sets.publication.as_of, zone),
    )


def overlap(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    as_recorded: AsRecorded = None,
    more_than: Annotated[int, typer.Option("--more-than", metavar="number")] = 3,
    json: Json = False,
) -> None:
    """Show how many people segments share, and how many segments people are in."""
    from tesela.segments import together

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        sets = ws.segments.sets(as_recorded)
        asked = _asked(slugs, [segment.slug for segment in ws.segments.list()], sets)
    found = together.find_overlap(sets, asked)
    if json:
        shared = {slug: dict(zip(asked, row, strict=True)) for slug, row in zip(asked, found.shared, strict=True)}
        combinations = [{"segments": list(each.segments), "people": each.people} for each in found.combinations]
        told = {"as_of": _utc(sets), "shared": shared, "combinations": combinations}
        terminal.write_json(told | {"pressure": found.pressure, "in_more": found.in_more_than(more_than)})
        return
    _draw_shared(terminal, found)
    _draw_combinations(terminal, found)
    everybody = sum(found.pressure.values())
    count = found.in_more_than(more_than)
    share = terminal.number(100 * count / everybody if everybody else 0, 1)
    terminal.say("overlap_pressure", count=terminal.number(count), segments=more_than, share=share)


def _draw_shared(terminal: Terminal, found: together.Overlap) -> None:
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for slug in found.slugs:
        table.add_column(slug, justify="right")
    for slug, row in zip(found.slugs, found.shared, strict=True):
        table.add_row(slug, *map(terminal.number, row))
    terminal.draw(table)


def _draw_combinations(terminal: Terminal, found: together.Overlap) -> None:
    from rich.table import Table

    shared = [each for each in found.combinations if len(each.segments) > 1]
    if not shared:
        return
    terminal.say_line("")
    terminal.say("overlap_exact")
    table = Table(box=None, pad_edge=False)
    table.add_column(terminal.text("column.people"), justify="right")
    table.add_column(terminal.text("column.combination"), overflow="fold")
    for each in shared[:_COMBINATIONS]:
        table.add_row(terminal.number(each.people), " + ".join(each.segments))
    terminal.draw(table)


def diff(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    since: Since = None,
    until: Until = None,
    json: Json = False,
) -> None:
    """Show how many people came and went between two publications."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        after = ws.segments.sets(until)
        before = ws.segments.sets_before(after, since)
        asked = _asked(slugs, [segment.slug for segment in ws.segments.list()], after)
        zone = ws.settings.zone
    rows = [_moved(slug, before, after) for slug in asked]
    if json:
        named = [dict(zip(("segment", "before", "entered", "left", "after"), row, strict=True)) for row in rows]
        terminal.write_json({"from": _utc(before), "to": _utc(after), "segments": named})
        return
    moments = (terminal.moment(each.publication.as_of, zone) for each in (before, after))
    title = terminal.text("diff_title", **dict(zip(("before", "after"), moments, strict=True)))
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    table.add_column(terminal.text("column.segment"))
    for name in ("before", "entered", "left", "after"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for slug, *figures in rows:
        table.add_row(slug, *map(terminal.number, figures))
    terminal.draw(table)


def _moved(slug: str, before: MemberSets, after: MemberSets) -> tuple[str, int, int, int, int]:
    now = after.of(slug)
    # a segment that was not published then had nobody in it
    then = before.members.get(slug, now - now)
    return slug, len(then), len(now - then), len(then - now), len(now)


def _asked(slugs: Sequence[str] | None, defined: Sequence[str], sets: MemberSets) -> list[str]:
    """Return the segments asked for; by default those published, in the order in which they are defined."""
    return list(slugs or [slug for slug in defined if slug in sets.members])


def _utc(sets: MemberSets) -> str:
    return f"{sets.publication.as_of.isoformat()}Z"
