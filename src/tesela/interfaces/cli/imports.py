"""Bringing records in: propose how the columns are read, let the person correct it, import, list, take back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.base import InputError
from tesela.interfaces.cli.options import Folder, Json, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tesela.events import Kind, Mapping, ReadingOptions
    from tesela.workspace import ImportResult, Proposal, Workspace

# spelled out so that `--help` needs no other room; a test compares it with tesela.events.KINDS
KINDS: tuple[Kind, ...] = ("contacts", "orders", "order-lines", "products", "consents", "email-events", "events")

_COUNTS = ("received", "stored", "duplicate", "rejected")
# kinds of records that can tell of consents
_SPEAKING = ("contacts", "consents", "email-events", "events")
_TAKEN_IN = ("consents", "ignored", "stops")
_SAMPLES_SHOWN = 3
_LISTED = 20
_MOST_LISTED = 100_000
_SAMPLE_WIDTH = 24


def import_command(kind: Kind) -> Callable[..., None]:
    """Return the command that imports one kind of record."""

    def bring_in(
        ctx: typer.Context,
        files: Annotated[list[str], typer.Argument(metavar="source")],
        workspace: Folder = None,
        source: Annotated[str | None, typer.Option(metavar="name")] = None,
        mapping: Annotated[Path | None, typer.Option(metavar="file")] = None,
        corrections: Annotated[list[str] | None, typer.Option("--set", metavar="correction")] = None,
        order_key: Annotated[str | None, typer.Option(metavar="columns")] = None,
        encoding: Annotated[str | None, typer.Option(metavar="encoding")] = None,
        delimiter: Annotated[str | None, typer.Option(metavar="delimiter")] = None,
        header: Annotated[bool | None, typer.Option("--header/--no-header")] = None,
        sheet: Annotated[str | None, typer.Option(metavar="sheet")] = None,
        table: Annotated[str | None, typer.Option(metavar="table")] = None,
        yes: Annotated[bool, typer.Option("--yes")] = False,
        json: Json = False,
    ) -> None:
        from tesela.events import Mapping, ReadingOptions

        terminal = Terminal.of(ctx)
        reading = ReadingOptions(encoding=encoding, delimiter=delimiter, has_header=header, sheet=sheet, table=table)
        given = Mapping.from_yaml(_read_text(mapping)) if mapping else None
        keys = [column.strip() for column in order_key.split(",")] if order_key else []
        results = []
        with open_workspace(workspace) as ws:
            for file in files:
                chosen = given
                if corrections or not (yes or given):
                    chosen = _agree(terminal, ws, kind, file, reading, given, corrections or [], yes=yes)
                with terminal.progress(terminal.text("importing", source=_shown(file)), quiet=json) as progress:
                    result = ws.imports.run(
                        kind, file, mapping=chosen, name=source, order_key=keys, reading=reading, progress=progress
                    )
                results.append(result)
                if not json:
                    _show_result(terminal, file, result)
        if json:
            names = (*_COUNTS, *(_TAKEN_IN if kind in _SPEAKING else ()))
            terminal.write_json({name: sum(getattr(r, name) for r in results) for name in names})

    return bring_in


def list_imports(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List the imports of a workspace."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        loads = ws.imports.list()
    shown = ("load_id", "received_at", "kind", "source", "origin", *_COUNTS, "state")
    if json:
        terminal.write_json([{name: getattr(load, name) for name in shown} for load in loads])
        return
    table = Table(*(terminal.text(f"column.{name}") for name in shown), box=None, pad_edge=False)
    for load in loads:
        cells = {name: getattr(load, name) for name in shown}
        counts = {name: terminal.number(cells[name]) for name in _COUNTS}
        told = {"received_at": load.received_at[:16].replace("T", " "), "state": terminal.text(f"state.{load.state}")}
        table.add_row(*(str(value) for value in {**cells, **counts, **told}.values()))
    terminal.draw(table)


def undo(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="import_number")],
    workspace: Folder = None,
    json: Json = False,
) -> None:
    """Take an import back."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        undone = ws.imports.undo(number)
    if json:
        terminal.write_json({"undone": undone.load_id, "stored": undone.stored})
    else:
        terminal.say("undo_done", number=undone.load_id, origin=undone.origin, stored=terminal.number(undone.stored))


def rejected(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="import_number")],
    workspace: Folder = None,
    out: Annotated[Path | None, typer.Option(metavar="file")] = None,
    json: Json = False,
) -> None:
    """List the rows of an import that could not be used, or write them to a CSV."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        if out is not None:
            content, rows = ws.rejected.sheet(number, terminal.language)
            out.write_bytes(content)
            terminal.say("rejected_written", rows=terminal.number(rows), file=str(out), number=number)
            return
        found = ws.rejected.list(number, limit=_MOST_LISTED if json else _LISTED)
    if json:
        terminal.write_json(
            [
                {
                    "row": each.row_number,
                    "reason": each.reason,
                    "said": _reason(terminal, each.reason),
                    "detail": each.detail,
                    "cells": each.cells,
                    "raw": each.raw if each.cells is None else None,
                }
                for each in found.rows
            ]
        )
        return
    for each in found.rows:
        told = each.raw if each.cells is None else ", ".join(f"{name}={cell}" for name, cell in each.cells.items())
        terminal.say("rejected_row", row=each.row_number, reason=_reason(terminal, each.reason), told=told or "–")
    if found.total > len(found.rows):
        terminal.say("rejected_more", count=terminal.number(found.total - len(found.rows)))
    terminal.tell("profile_is_personal")


def replay(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(metavar="import_number")],
    workspace: Folder = None,
    corrections: Annotated[list[str] | None, typer.Option("--set", metavar="correction")] = None,
    mended: Annotated[Path | None, typer.Option("--file", metavar="file")] = None,
    json: Json = False,
) -> None:
    """Import the rejected rows of an import again."""
    terminal = Terminal.of(ctx)
    fields = dict(map(_parted, corrections or []))
    with open_workspace(workspace) as ws:
        found = ws.rejected.replay(number, fields=fields, file=mended)
    if json:
        result = {name: getattr(found.result, name) for name in ("load_id", *_COUNTS)}
        terminal.write_json({**result, "left_out": found.left_out})
        return
    _show_result(terminal, f"rejected-{number}.csv", found.result)
    if found.left_out:
        terminal.say("replay_left_out", rows=terminal.number(found.left_out))


def _agree(
    terminal: Terminal,
    ws: Workspace,
    kind: Kind,
    file: str,
    reading: ReadingOptions,
    given: Mapping | None,
    corrections: list[str],
    *,
    yes: bool,
) -> Mapping:
    """Return the mapping that the person agrees to."""
    proposal = ws.imports.propose(kind, file, reading=reading)
    mapping = given or proposal.mapping
    for correction in corrections:
        mapping = _correct(mapping, correction)
    if yes:
        return mapping
    _show_proposal(terminal, file, proposal, mapping)
    if not terminal.can_ask:
        raise InputError("interfaces.cli.nobody_to_ask", source=_shown(file))
    while True:
        answer = terminal.ask("ask_mapping")
        if answer.lower() in ("", "s", "si", "sí", "y", "yes"):
            return mapping
        if answer.lower() in ("n", "no", "q"):
            raise KeyboardInterrupt
        try:
            mapping = _correct(mapping, answer)
        except InputError as error:
            terminal.tell_line(str(error.message(terminal.language)))
            continue
        _show_proposal(terminal, file, proposal, mapping)


def _correct(mapping: Mapping, correction: str) -> Mapping:
    """Return a mapping in which `Header=field` holds; an empty field leaves the column out."""
    return mapping.with_field(*_parted(correction))


def _parted(correction: str) -> tuple[str, str | None]:
    header, equals, field = correction.rpartition("=")
    if not equals:
        raise InputError("interfaces.cli.bad_correction", correction=correction)
    return header.strip(), field.strip() or None


def _show_proposal(terminal: Terminal, file: str, proposal: Proposal, mapping: Mapping) -> None:
    from rich.table import Table

    titles = (terminal.text(f"column.{name}") for name in ("header", "field", "samples"))
    table = Table(*titles, title=_shown(file), title_justify="left", box=None, pad_edge=False)
    for column in proposal.columns:
        samples = ", ".join(_shorten(str(sample)) for sample in column.samples[:_SAMPLES_SHOWN])
        table.add_row(column.header, _field_of(mapping, column) or terminal.text("column.kept_as_it_is"), samples)
    terminal.draw(table, beside=True)
    _show_notes(terminal, proposal.notes)
    if proposal.is_saved:
        terminal.tell("mapping_was_saved")


def _field_of(mapping: Mapping, column: Any) -> str | None:
    return mapping.field_of(column.header)


def _show_result(terminal: Terminal, file: str, result: ImportResult) -> None:
    _show_notes(terminal, result.notes)
    counts = {name: terminal.number(getattr(result, name)) for name in _COUNTS}
    terminal.say("import_done", source=_shown(file), number=result.load_id, **counts)
    if result.consents or result.stops:
        told = {"entries": terminal.number(result.consents), "stops": terminal.number(result.stops)}
        terminal.say("import_consents", **told)
    if result.ignored:
        terminal.say("import_ignored", ignored=terminal.number(result.ignored))
    for reason, rows in sorted(result.reasons.items(), key=lambda each: -each[1]):
        terminal.say("rejected_reason", rows=terminal.number(rows), reason=_reason(terminal, reason))


def _show_notes(terminal: Terminal, notes: Iterable[Any]) -> None:
    for note in notes:
        terminal.tell("note", note=note.message(terminal.language))


def _reason(terminal: Terminal, code: str) -> str:
    from tesela.base import text

    return text(code, terminal.language)


def _read_text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise InputError("interfaces.cli.cannot_read", path=str(file), reason=str(cause)) from cause


def _shown(source: str) -> str:
    """Return a file's name; of a database URL nothing that could hold a password."""
    if "://" not in source:
        return Path(source).name
    scheme, _, rest = source.partition("://")
    # a password may stand before the @ or among the options after the ?
    return f"{scheme}://{rest.rpartition('@')[2].partition('?')[0].partition('#')[0]}"


def _shorten(sample: str) -> str:
    return sample if len(sample) <= _SAMPLE_WIDTH else sample[: _SAMPLE_WIDTH - 1] + "…"
