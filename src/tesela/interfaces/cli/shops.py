"""Making workspaces: an empty one, and a demo shop to look at."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from tesela.interfaces.cli.jobs import REPORT_FILE, report_run
from tesela.interfaces.cli.serving import show_demo
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.workspace import Workspace

Defects = Literal["none", "planted"]


def init(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(metavar="folder")],
    timezone: Annotated[str | None, typer.Option(metavar="zone")] = None,
    currency: Annotated[str | None, typer.Option(metavar="currency")] = None,
    country: Annotated[str | None, typer.Option(metavar="country")] = None,
    language: Annotated[str | None, typer.Option(metavar="language")] = None,
    name: Annotated[str | None, typer.Option(metavar="name")] = None,
) -> None:
    """Make a workspace."""
    import tesela

    asked = {"timezone": timezone, "currency": currency, "country": country, "language": language, "name": name}
    with tesela.init(folder, **{setting: value for setting, value in asked.items() if value is not None}):
        Terminal.of(ctx).say("init_done", folder=folder)


def simulate(
    ctx: typer.Context,
    profiles: Annotated[int, typer.Option(metavar="number", min=1)],
    days: Annotated[int, typer.Option(metavar="number", min=1)],
    out: Annotated[Path, typer.Option(metavar="folder")],
    seed: Annotated[int, typer.Option(metavar="number")] = 1,
    defects: Annotated[Defects | None, typer.Option("--defects", metavar="defects")] = None,
) -> None:
    """Write the files of a shop that does not exist, with the truth about everyone in it."""
    import tesela

    tesela.simulate(out, profiles=profiles, days=days, seed=seed, defects=defects)
    Terminal.of(ctx).say("simulate_done", folder=out)


def demo_with(main: Callable[..., int]) -> Callable[..., None]:
    """Return the command that makes a demo shop and, for somebody who watches, serves and shows its page."""

    def demo(
        ctx: typer.Context,
        folder: Annotated[Path, typer.Option("--dir", metavar="folder")] = Path("demo"),
        profiles: Annotated[int, typer.Option(metavar="number", min=1)] = 5_000,
        without_page: Annotated[bool, typer.Option("--without-page")] = False,
    ) -> None:
        """Make a demo shop, import it, run the main job, and show its page."""
        terminal = Terminal.of(ctx)
        with _demo(terminal, folder, profiles) as workspace:
            if sys.stdout.isatty() and not without_page:
                show_demo(terminal, workspace, main)
            else:
                terminal.say("demo_next", folder=folder)

    return demo


def _demo(terminal: Terminal, folder: Path, profiles: int) -> Workspace:
    """Make a demo shop and compute everything, or open the one that is there."""
    import tesela

    report = folder / REPORT_FILE
    if report.exists():
        workspace = tesela.open(folder)
        terminal.say("demo_is_there", folder=folder)
        terminal.say("report_written", address=report.resolve().as_uri())
        return workspace
    with terminal.progress(terminal.text("demo_making")) as progress:
        workspace, as_of = tesela.demo(
            folder,
            profiles=profiles,
            language=terminal.language,
            progress=(lambda _file, done, total: progress(done, total)) if progress else None,
        )
    try:
        report_run(terminal, workspace, as_of=as_of, report=report)
    except BaseException:
        workspace.close()
        raise
    return workspace
