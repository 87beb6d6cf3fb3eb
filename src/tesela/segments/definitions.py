"""Read and write the files that define segments."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from tesela.language import load_definitions, write_definitions
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


# a file written so short a time ago may be written again without its time being another
_FRESH_S = 0.1


def load_segments(folder: Path) -> list[Segment]:
    """Return the segments that the `*.yaml` files of a folder define, in order; none when it is absent.

    Files are read again when one of them was written since: two hundred take a fifth of a second, which whoever types
    a rule would wait at every key.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    seen = _look_at(folder)
    if seen is None or any(written_ns > time.time_ns() - _FRESH_S * 1e9 for _, written_ns, _, _ in seen):
        return list(load_definitions(folder, Segment.from_dict).values())
    return list(_load_seen(folder, seen))


def _look_at(folder: Path) -> tuple[tuple[str, int, int, int], ...] | None:
    """Return of each file its name, when it was written, its size and which it is; None when one cannot be read."""
    try:
        stats = [(path.name, path.stat()) for path in sorted(folder.glob("*.yaml"))]
    except OSError:
        return None
    return tuple((name, stat.st_mtime_ns, stat.st_size, stat.st_ino) for name, stat in stats)


@lru_cache(maxsize=16)
def _load_seen(folder: Path, seen: tuple[tuple[str, int, int, int], ...]) -> tuple[Segment, ...]:
    del seen
    return tuple(load_definitions(folder, Segment.from_dict).values())


def write_segments(path: Path, segments: Iterable[Segment]) -> None:
    """Write segments into one file, in the given order."""
    path.write_text(write_definitions({segment.slug: segment.to_dict() for segment in segments}), "utf-8")
