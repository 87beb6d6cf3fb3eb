"""Writing lists of members to files and to the terminal."""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING, BinaryIO, Literal

from tesela.base import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pyarrow as pa


def write_sheet(rows: pa.Table, form: Literal["csv", "parquet", "json"], target: Path | None) -> None:
    """Write rows to a file, or to standard output when none is named.

    Args:
        rows: What to write.
        form: `csv` has a header and guards formulas with a leading '; `json` is one list of objects.
        target: File; replaced as a whole when it exists.

    Raises:
        InputError: when Parquet would go to a terminal.
        UnavailableError: when the file cannot be written.
    """
    # the workspace's rooms are heavy: help needs none of them
    from tesela.workspace import write_sheet as write

    if target is None:
        if form == "parquet" and sys.stdout.isatty():
            raise InputError("interfaces.cli.parquet_needs_a_file")
        write(rows, form, sys.stdout.buffer)
        sys.stdout.buffer.flush()
        return
    try:
        with _replacing(target) as file:
            write(rows, form, file)
    except OSError as cause:
        raise UnavailableError(
            "interfaces.cli.cannot_write", path=str(target), reason=cause.strerror or str(cause)
        ) from cause


@contextlib.contextmanager
def _replacing(target: Path) -> Iterator[BinaryIO]:
    """Open a draft that takes the target's place only when it is whole."""
    draft = target.with_name(f".{target.name}.draft")
    try:
        with draft.open("wb") as file:
            yield file
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
