"""Read and write the files that define segments."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING

from tesela.language import load_definitions, read_definitions, write_definitions
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_STARTER = "starter.yaml"


def load_segments(folder: Path) -> list[Segment]:
    """Return the segments that the `*.yaml` files of a folder define, in order; none when it is absent.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    return list(load_definitions(folder, Segment.from_dict).values())


def load_starter() -> list[Segment]:
    """Return the segments that every new workspace begins with, in order."""
    return list(read_definitions(_starter_text(), _STARTER, Segment.from_dict).values())


def write_starter(folder: Path) -> Path:
    """Write the starter segments into a folder as one file, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _STARTER
    path.write_text(_starter_text(), "utf-8")
    return path


def write_segments(path: Path, segments: Iterable[Segment]) -> None:
    """Write segments into one file, in the given order."""
    path.write_text(write_definitions({segment.slug: segment.to_dict() for segment in segments}), "utf-8")


def _starter_text() -> str:
    return resources.files("tesela.segments").joinpath(_STARTER).read_text("utf-8")
