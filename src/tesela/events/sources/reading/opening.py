"""Open any source: what it is decides who reads it."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from tesela.base import InputError, NotFoundError, TeselaError, UnavailableError
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
_JSON = (".json", ".jsonl", ".ndjson")
_PACKED = (".gz", ".zst", ".zstd")


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
        source: Path, or SQLAlchemy URL.
        scratch: Folder for files in the making; the caller removes it.
        options: What the person knows better than the detection.
        progress: Called with bytes read and bytes in all.

    Raises:
        NotFoundError: when there is no such file.
        InputError: when it cannot be read as a table.
        UnavailableError: when the disk or the database fails.
    """
    chosen = options or ReadingOptions()
    try:
        with _stage(source, scratch, chosen, progress) as staged:
            yield staged
    except TeselaError:
        raise
    except duckdb.Error as cause:
        if "No space left" in str(cause):
            raise UnavailableError("events.sources.reading.disk_full") from cause
        raise
    except PermissionError as cause:
        raise InputError("events.sources.reading.no_permission", path=str(cause.filename or source)) from cause
    except OSError as cause:
        if cause.errno == 28:  # ENOSPC
            raise UnavailableError("events.sources.reading.disk_full") from cause
        raise UnavailableError(
            "events.sources.reading.cannot_read", path=str(source), reason=cause.strerror or str(cause)
        ) from cause


def _stage(
    source: str | Path, scratch: Path, options: ReadingOptions, progress: Progress | None
) -> AbstractContextManager[StagedTable]:
    if "://" in str(source):
        return stage_database(str(source), scratch=scratch, options=options)
    path = Path(source)
    if path.is_dir():
        parts = sorted(path.glob("*.parquet"))
        if not parts:
            raise InputError("events.sources.reading.is_a_folder", path=str(path))
        return stage_parquet(parts, scratch=scratch, options=options)
    if not path.exists():
        raise NotFoundError("events.sources.reading.no_such_file", path=str(path))
    if not path.stat().st_size:
        raise InputError("events.sources.reading.empty_file", path=path.name)
    suffix = Path(path.stem).suffix.lower() if path.suffix.lower() in _PACKED else path.suffix.lower()
    if suffix == ".parquet" or path.open("rb").read(4) == b"PAR1":
        return stage_parquet([path], scratch=scratch, options=options)
    if suffix in _WORKBOOKS:
        return stage_sheet(path, scratch=scratch, options=options)
    if suffix in _JSON:
        return stage_json(path, scratch=scratch, options=options, progress=progress)
    return stage_text(path, scratch=scratch, options=options, progress=progress)
