"""The catalogue: segments ready to use, with what the shop's own data say about them."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError, text
from tesela.interfaces.cli.options import AsOf, Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tesela.segments import catalogue
    from tesela.workspace import Offer

Entries = Annotated[list[str], typer.Argument(metavar="entry")]
Params = Annotated[list[str] | None, typer.Option("--param", metavar="setting")]

_BAR = 40


def list_entries(
    ctx: typer.Context,
    workspace: Folder = None,
    possible: Annotated[bool, typer.Option("--possible")] = False,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """List the segments of the catalogue."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        offers = ws.segments.catalog.list(possible=possible, as_of=as_of)
    if json:
        terminal.write_json([_told(offer) for offer in offers])
        return
    _draw_list(terminal, offers)


def show(
    ctx: typer.Context,
    entry: Annotated[str, typer.Argument(metavar="entry")],
    param: Params = None,
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Show what an entry of the catalogue is for, and the values that the shop's data give."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        offers = ws.segments.catalog.show(entry, _settings(param), as_of)
    if json:
        terminal.write_json([_told(offer) for offer in offers])
        return
    for place, offer in enumerate(offers):
        if place:
            terminal.say_line("")
        _say_offer(terminal, offer)
    for gaps, marks in _distributions(offers):
        _draw_gaps(terminal, gaps, marks)


def add(
    ctx: typer.Context,
    entries: Entries,
    param: Params = None,
    slug: Annotated[str, typer.Option("--as", metavar="name")] = "",
    replace: Annotated[bool, typer.Option("--replace")] = False,
    workspace: Folder = None,
    as_of: AsOf = None,
    json: Json = False,
) -> None:
    """Write entries of the catalogue into the workspace's files."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        added = ws.segments.catalog.add(*entries, values=_settings(param), slug=slug, replace=replace, as_of=as_of)
        root = ws.folder
    if json:
        terminal.write_json(
            [
                {
                    "segment": each.segment.slug,
                    "outcome": each.outcome,
                    "file": each.path.relative_to(root).as_posix(),
                    "when": each.segment.when,
                    "with": each.segment.to_dict().get("with", {}),
                }
                for each in added
            ]
        )
        return
    for each in added:
        file = each.path.relative_to(root).as_posix()
        terminal.say(f"catalog_outcome.{each.outcome}", segment=each.segment.slug, file=file, rule=each.segment.when)


def _settings(param: Sequence[str] | None) -> dict[str, str]:
    found = {}
    for each in param or ():
        name, sign, value = each.partition("=")
        if not sign:
            raise InputError("interfaces.cli.bad_setting", setting=each)
        found[name.strip()] = value.strip()
    return found


# --- in words -----------------------------------------------------------------------------------------------------


def _draw_list(terminal: Terminal, offers: Sequence[Offer]) -> None:
    from rich.table import Table

    for family, inside in groupby(offers, key=lambda offer: offer.entry.family):
        title = text(f"segments.catalogue.family.{family}", terminal.language)
        table = Table(title=title, title_justify="left", box=None, pad_edge=False)
        for name in ("segment", "name", "wanting"):
            table.add_column(terminal.text(f"column.{name}"), overflow="fold")
        for offer in inside:
            wanting = ", ".join(need.say(terminal.language) for need in offer.missing)
            table.add_row(offer.entry.slug, offer.entry.title(terminal.language), wanting)
        terminal.draw(table)
        terminal.say_line("")
    terminal.tell("catalog_next")


def _say_offer(terminal: Terminal, offer: Offer) -> None:
    language, entry = terminal.language, offer.entry
    values = {name: chosen.value for name, chosen in offer.values.items()}
    terminal.say_line(f"{entry.slug} · {entry.title(language, values)}")
    terminal.say_line(entry.meaning(language, values))
    lines = [("rule", offer.segment.when if offer.segment else entry.template)]
    lines += [("objective", entry.objective[language])]
    lines += [("action", f"{action.words[language]} ({', '.join(action.channels)})") for action in entry.actions]
    lines += [("kpis", ", ".join(entry.kpis)), ("warning", entry.warning[language])]
    lines += [("parameter", _say_parameter(terminal, entry.parameters[name], offer.values[name])) for name in values]
    if offer.missing:
        lines += [("missing", ", ".join(need.say(language) for need in offer.missing))]
    for key, written in lines:
        terminal.say_line(f"  {terminal.text(f'catalog_line.{key}')} {written}")
    if offer.size is not None:
        base = offer.size.base
        share = terminal.number(100 * int(offer.size) / base if base else 0, 1)
        count, whole = terminal.number(offer.size), terminal.number(base)
        terminal.say_line("  " + terminal.text("catalog_size", count=count, base=whole, share=share))


def _say_parameter(terminal: Terminal, parameter: catalogue.Parameter, chosen: catalogue.Chosen) -> str:
    return terminal.text(
        "catalog_parameter",
        name=parameter.name,
        value=str(chosen.value),
        unit=f" {text(f'segments.catalogue.unit.{parameter.unit}', terminal.language)}" if parameter.unit else "",
        meaning=parameter.meaning[terminal.language],
        origin=text(
            f"segments.catalogue.origin.{chosen.origin}", terminal.language, cases=terminal.number(chosen.cases)
        ),
    )


def _distributions(offers: Sequence[Offer]) -> Iterable[tuple[catalogue.Gaps, dict[int, str]]]:
    """Yield each distribution that values were taken from, once, with those values by their percentage."""
    found: dict[int, tuple[catalogue.Gaps, dict[int, str]]] = {}
    for offer in offers:
        for name, chosen in offer.values.items():
            measured = offer.entry.parameters[name].measured
            if measured is None or chosen.gaps is None or not chosen.gaps.cases:
                continue
            _, marks = found.setdefault(id(chosen.gaps), (chosen.gaps, {}))
            if chosen.origin == "measured":
                marks[measured.at] = f" → {name} = {chosen.value}"
    return found.values()


def _draw_gaps(terminal: Terminal, gaps: catalogue.Gaps, marks: Mapping[int, str]) -> None:
    from rich.table import Table

    title = terminal.text("catalog_gaps", cases=terminal.number(gaps.cases))
    table = Table(title=f"\n{title}", title_justify="left", box=None, pad_edge=False)
    for name in ("days", "gaps", "share"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    table.add_column("")
    for start, end, times in gaps.buckets():
        share = times / gaps.cases
        stretch = f"{start}–{end}" if end else f"{start} +"
        table.add_row(
            stretch, terminal.number(times), f"{terminal.number(100 * share, 1)} %", "█" * round(_BAR * share)
        )
    terminal.draw(table)
    for percent in sorted({50, 75, 90, 95, *marks}):
        days = terminal.number(gaps.at(percent))
        terminal.say("catalog_quantile", percent=percent, days=days, mark=marks.get(percent, ""))


# --- as plain values ----------------------------------------------------------------------------------------------


def _told(offer: Offer) -> dict[str, Any]:
    told = offer.entry.to_dict() | {
        "possible": offer.is_possible,
        "missing": [need.to_dict() for need in offer.missing],
    }
    if offer.segment is None:
        return told
    size = offer.size
    return told | {
        "rule": offer.segment.when,
        "values": _told_values(offer.values, offer.segment.to_dict().get("with", {})),
        "size": None
        if size is None
        else {"count": int(size), "base": size.base, "as_of": f"{size.as_of.isoformat()}Z"},
    }


def _told_values(chosen: Mapping[str, catalogue.Chosen], plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: {
            "value": plain[name],
            "origin": each.origin,
            "cases": each.cases,
            **({"gaps": [list(pair) for pair in each.gaps.days]} if each.gaps else {}),
        }
        for name, each in chosen.items()
    }
