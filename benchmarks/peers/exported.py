"""The shop's tables as Parquet files, for the peers that read those: made once, in the order of the sorted file.

Events lie in a file a name, as an analyst keeps them who always asks for some names: Polars reads them a quarter
faster than one file of all.
"""

from __future__ import annotations

import multiprocessing
import shutil
from typing import TYPE_CHECKING, Any

import duckdb
from shop import CACHE, shop_file

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def exported(events: int) -> Path:
    """Return the folder of `events/NAME.parquet` and `profiles.parquet`, made when it is not there yet."""
    folder = CACHE / f"{events}" / "frames"
    if not folder.exists():
        draft = folder.with_suffix(".draft")
        shutil.rmtree(draft, ignore_errors=True)
        (draft / "events").mkdir(parents=True)
        apart(_export, shop_file(events, "sorted"), draft)
        draft.rename(folder)
    return folder


def apart(make: Callable[..., None], *given: Any) -> None:
    """Make files in a process of its own: its memory is not that of the measured one."""
    process = multiprocessing.get_context("spawn").Process(target=make, args=given)
    process.start()
    process.join()
    if process.exitcode:
        raise SystemExit(f"{make.__name__} ended with {process.exitcode}")


def _export(path: Path, folder: Path) -> None:
    with duckdb.connect(str(path), read_only=True, config={"memory_limit": "3000MB"}) as connection:
        # standard output is for the result of the measure
        connection.execute("SET enable_progress_bar = false")
        connection.execute(f"COPY (FROM profiles) TO '{folder / 'profiles.parquet'}' (FORMAT parquet)")
        names = connection.execute("SELECT DISTINCT name FROM events").fetchall()
        for (name,) in names:
            file = folder / "events" / f"{name}.parquet"
            connection.execute(f"COPY (FROM events WHERE name = '{name}') TO '{file}' (FORMAT parquet)")
