"""The demo: a simulated shop, imported and reported, in one call."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tesela import events
from tesela.base import start_of_day
from tesela.workspace.workspace import init_workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from tesela.base import Language
    from tesela.workspace.workspace import Workspace


def make_demo(
    folder: str | Path,
    *,
    profiles: int = 5_000,
    days: int = 730,
    seed: int = 7,
    language: Language = "es",
    progress: Callable[[str, int, int], None] | None = None,
) -> tuple[Workspace, datetime]:
    """Simulate a shop's files, make a workspace of them and import everything.

    Args:
        folder: The workspace to make; the shop's files go to its `files/`.
        profiles: How many people.
        days: How many days of history.
        seed: Same seed, same shop.
        language: Of everything shown.
        progress: Called with what is being imported, files done and files in all.

    Returns:
        The open workspace, and the moment just after the shop's last day.
    """
    files = Path(folder) / "files"
    events.simulate(files, profiles=profiles, days=days, seed=seed)
    shop = json.loads((files / "shop.json").read_text("utf-8"))
    workspace = init_workspace(folder, timezone=shop["time_zone"], language=language, name="Tienda Demo")
    todo = shop["imports"]
    for done, each in enumerate(todo):
        if progress:
            progress(each["file"], done, len(todo))
        workspace.imports.run(each["kind"], files / each["file"], name=each.get("source"))
    last_day = date.fromisoformat(shop["end"])
    return workspace, start_of_day(last_day + timedelta(days=1), workspace.settings.zone)
