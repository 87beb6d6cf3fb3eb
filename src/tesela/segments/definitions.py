"""Read and write the files that define segments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.language import load_definitions, write_definitions
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


def load_segments(folder: Path) -> list[Segment]:
    """Return the segments that the `*.yaml` files of a folder define, in order; none when it is absent.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    return list(load_definitions(folder, Segment.from_dict).values())


def write_segments(path: Path, segments: Iterable[Segment]) -> None:
    """Write segments into one file, in the given order."""
    path.write_text(write_definitions({segment.slug: segment.to_dict() for segment in segments}), "utf-8")
