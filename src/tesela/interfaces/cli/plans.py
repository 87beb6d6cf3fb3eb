"""How segments are computed: what is read and shared, and the SQL."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from tesela.base import InputError
from tesela.interfaces.cli.options import AsOf, Folder, Json, Slugs, open_workspace
from tesela.interfaces.cli.terminal import Terminal

_ENGINES = ("duckdb", "postgres", "clickhouse", "spark")


def plan(
    ctx: typer.Context, slugs: Slugs = None, workspace: Folder = None, as_of: AsOf = None, json: Json = False
) -> None:
    """Show what is read to compute segments, and how much of it they share."""
    from rich.table import Table

    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        summary, zone = ws.segments.plan(slugs or (), as_of), ws.settings.zone
    if json:
        reads = [
            {
                "kind": each.kind,
                "name": each.name,
                "since": each.start and f"{each.start.isoformat()}Z",
                "columns": each.columns,
                "references": each.references,
            }
            for each in summary.reads
        ]
        figures = {"segments": summary.segments, "references": summary.references, "columns": summary.columns}
        terminal.write_json({"as_of": f"{summary.as_of.isoformat()}Z", **figures, "reads": reads})
        return
    title = terminal.text(
        "plan_title",
        segments=terminal.number(summary.segments),
        as_of=terminal.moment(summary.as_of, zone),
        references=terminal.number(summary.references),
        columns=terminal.number(summary.columns),
        steps=terminal.number(summary.steps),
    )
    table = Table(title=title, title_justify="left", box=None, pad_edge=False)
    for name in ("reads", "start"):
        table.add_column(terminal.text(f"column.{name}"))
    for name in ("values", "references"):
        table.add_column(terminal.text(f"column.{name}"), justify="right")
    for each in summary.reads:
        since = terminal.moment(each.start, zone) if each.start else terminal.text("reads.from_the_beginning")
        what = terminal.text(f"reads.{each.kind}", name=each.name)
        table.add_row(what, since, terminal.number(each.columns), terminal.number(each.references))
    terminal.draw(table)


def sql(
    ctx: typer.Context,
    slugs: Slugs = None,
    workspace: Folder = None,
    as_of: AsOf = None,
    engine: Annotated[str | None, typer.Option("--engine", metavar="engine")] = None,
) -> None:
    """Print the SQL that computes segments."""
    del ctx
    if engine is not None and engine not in _ENGINES:
        raise InputError("interfaces.cli.unknown_engine", engine=engine, known=", ".join(_ENGINES))
    with open_workspace(workspace) as ws:
        summary = ws.segments.plan(slugs or (), as_of, engine)
    for slug, column in summary.columns_by_segment.items():
        sys.stdout.write(f"-- {slug}: {column}\n")
    for name, value in summary.statement.parameters.items():
        sys.stdout.write(f"-- {name} = {_told(value)}\n")
    for name, rows in summary.statement.relations.items():
        sys.stdout.write(f"-- {name}: a table of {rows.num_rows} rows\n")
    sys.stdout.write(summary.sql + ";\n")


def _told(value: object) -> str:
    """Return a bound value as a comment says it, on one line."""
    return f"{value:%Y-%m-%d %H:%M:%S.%f} UTC" if isinstance(value, datetime) else repr(value)
