"""Open any source: what it is decides who reads it."""

from __future__ import annotations

import contextlib
import errno
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tesela.base import InputError, NotFoundError, TeselaError, UnavailableError
from tesela.events.sources.reading.contents import Contents
from tesela.events.sources.reading.databases import stage_database
from tesela.events.sources.reading.json_lines import stage_json
from tesela.events.sources.reading.parquet_files import stage_parquet
from tesela.events.sources.reading.sheets import stage_sheet
from tesela.events.sources.reading.staged import ReadingOptions, StagedTable
from tesela.events.sources.reading.text_files import stage_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Progress = Callable[[int, int | None], None]

_WORKBOOKS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
_OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
_JSON = (".json", ".jsonl", ".ndjson")


@contextlib.contextmanager
def open_source(
    source: str | Path,
    *,
    scratch: Path,
    options: ReadingOptions | None = None,
    progress: Progress | None = None,
) -> Iterator[StagedTable]:
    """Stage a source for mapping: a file of any kind, a folder of Parquet parts, or a table of a database.

    Args:
        source: Path, or SQLAlchemy URL (its table in the options, or after a `#`).
        scratch: Folder for files in the making. What reading puts there is gone at the end, also after a
            failure; what the caller puts there stays. The staged table's connection may write there.
        options: What the person knows better than the detection.
        progress: Called with bytes read and bytes in all; for a database with rows read and None.

    Raises:
        NotFoundError: when there is no such file or table.
        InputError: when it cannot be read as a table.
        UnavailableError: when the disk or the database fails.
    """
    chosen = options or ReadingOptions()
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(prefix="reading-", dir=scratch))
        with _stage(source, folder, scratch, chosen, progress) as staged:
            yield staged
    except TeselaError:
        raise
    except duckdb.Error as cause:
        if (explained := _explained(cause)) is None:
            raise
        raise explained from cause
    except PermissionError as cause:
        raise InputError("events.sources.reading.no_permission", path=str(cause.filename or source)) from cause
    except OSError as cause:
        if cause.errno in (errno.ENOSPC, errno.EDQUOT):
            raise UnavailableError("events.sources.reading.disk_full") from cause
        raise UnavailableError(
            "events.sources.reading.cannot_read", path=str(source), reason=cause.strerror or str(cause)
        ) from cause
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _explained(cause: duckdb.Error) -> TeselaError | None:
    """Return what the engine says about the machine in our words; None for faults of ours."""
    said = str(cause)
    if "No space left" in said:
        return UnavailableError("events.sources.reading.disk_full")
    if isinstance(cause, duckdb.OutOfMemoryException) or "could not allocate block" in said:
        return UnavailableError("events.sources.reading.out_of_memory")
    return None


def _stage(
    source: str | Path, folder: Path, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> AbstractContextManager[StagedTable]:
    if "://" in str(source):
        return stage_database(str(source), folder=folder, scratch=scratch, options=options, progress=progress)
    path = Path(source)
    if path.is_dir():
        return stage_parquet(_parts(path), folder=folder, scratch=scratch, options=options)
    _check_file(path)
    contents = Contents.of(path, options.sheet)
    start = contents.start(4)
    if contents.suffix == ".parquet" or start == b"PAR1":
        return stage_parquet([contents.as_file(folder)], folder=folder, scratch=scratch, options=options)
    if contents.suffix in _WORKBOOKS or start == _OLD_WORKBOOK:
        # the name that chose the workbook in a ZIP is not one of a sheet
        within = replace(options, sheet=None) if contents.member else options
        file = contents.as_file(folder)
        return stage_sheet(file, name=path.name, folder=folder, scratch=scratch, options=within)
    stage = stage_json if contents.suffix in _JSON else stage_text
    return stage(contents, folder=folder, scratch=scratch, options=options, progress=progress)


def _parts(path: Path) -> list[Path]:
    parts = sorted(path.glob("*.parquet"))
    if not parts:
        raise InputError("events.sources.reading.is_a_folder", path=str(path))
    return parts


def _check_file(path: Path) -> None:
    if not path.exists():
        raise NotFoundError("events.sources.reading.no_such_file", path=str(path))
    if not path.is_file():
        raise InputError("events.sources.reading.not_a_file", path=str(path))
    if not path.stat().st_size:
        raise InputError("events.sources.reading.empty_file", path=path.name)
