"""Tesela: customer segmentation and activation for online shops.

    import tesela

    with tesela.open("shop") as ws:
        ws.segments.count("count(order_completed in last 6 months) >= 5", as_of="2026-11-22")

Everything heavy is imported at first use, so that `import tesela` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from tesela.base import Clock, TeselaError
    from tesela.workspace import Workspace

__all__ = ["TeselaError", "__version__", "backup", "demo", "init", "open", "rebuild", "restore", "simulate"]

__version__ = "0.1.0"


def open(folder: str | Path, *, clock: Clock | None = None) -> Workspace:
    """Open a workspace for this process alone; use it in a `with` block, or close it.

    Raises:
        NotFoundError: when the folder is no workspace.
        ConflictError: at once, when another process has it open.
    """
    from tesela.workspace import open_workspace

    return open_workspace(folder, clock=clock)


def init(folder: str | Path, **settings: Any) -> Workspace:
    """Make a folder a workspace and open it.

    Args:
        folder: Where; created when absent.
        settings: timezone, currency, country, language, name (see `tesela.workspace.Settings`).
    """
    from tesela.workspace import init_workspace

    return init_workspace(folder, **settings)


def demo(folder: str | Path, **options: Any) -> tuple[Workspace, datetime]:
    """Simulate a shop, import it, and return its open workspace and the moment after its last day.

    Args:
        folder: The workspace to make.
        options: profiles, days, seed, language, progress.
    """
    from tesela.workspace import make_demo

    return make_demo(folder, **options)


def simulate(folder: str | Path, *, profiles: int, days: int, seed: int, **options: Any) -> Any:
    """Write the files of a simulated Spanish shop, with the truth about everyone in it.

    Args:
        folder: Where the files go.
        profiles: How many people.
        days: How many days of history.
        seed: Same seed, same bytes.
        options: end, time_zone, file_format, progress.
    """
    from pathlib import Path

    from tesela.events import simulate as run

    return run(Path(folder), profiles=profiles, days=days, seed=seed, **options)


def backup(folder: str | Path, target: str | Path) -> Path:
    """Write a workspace to one file; an import may be running meanwhile."""
    from pathlib import Path

    from tesela.workspace import back_up

    return back_up(Path(folder), Path(target))


def restore(source: str | Path, folder: str | Path, *, erased: str | Path | None = None) -> Workspace:
    """Unpack a backup into a new folder and open it.

    Args:
        source: The backup.
        folder: Where; it must not exist, or be empty.
        erased: A workspace that knows who was erased after the backup: they are erased again before anything else.
    """
    from tesela.workspace import restore_workspace

    return restore_workspace(source, folder, erased=erased)


def rebuild(folder: str | Path) -> Workspace:
    """Make a workspace's warehouse again from its record and open it."""
    from tesela.workspace import rebuild_workspace

    return rebuild_workspace(folder)


def __getattr__(name: str) -> Any:
    if name == "TeselaError":
        from tesela.base import TeselaError

        return TeselaError
    raise AttributeError(name)
