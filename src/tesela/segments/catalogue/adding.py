"""Write chosen segments into a workspace's files: plain YAML that people edit and git keeps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tesela.base import ConflictError
from tesela.language import load_definitions, read_definitions, write_definitions
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Outcome = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one segment.

    Attributes:
        segment: As it is written now.
        path: The file it stands in.
        outcome: `unchanged`: it stood there so before.
    """

    segment: Segment
    path: Path
    outcome: Outcome


def add_segments(folder: Path, segments: Sequence[Segment], *, replace: bool = False) -> list[Added]:
    """Write segments into a folder's files, each new one into a file of its own; all of them or none.

    Args:
        folder: The folder of the definitions; made when absent.
        segments: What to write.
        replace: Whether a segment that is defined otherwise is overwritten, in the file where it stands.

    Raises:
        ConflictError: when one is defined otherwise and `replace` is not set.
        InputError: when a file there cannot be read.
    """
    places = _places(folder)
    planned = []
    for segment in segments:
        path, written = places.get(segment.slug, (folder / f"{segment.slug}.yaml", None))
        if written is None:
            planned.append(Added(segment, path, "added"))
        elif written == segment.to_dict():
            planned.append(Added(segment, path, "unchanged"))
        elif replace:
            planned.append(Added(segment, path, "replaced"))
        else:
            raise ConflictError("segments.catalogue.defined_otherwise", segment=segment.slug, file=path.name)
    folder.mkdir(parents=True, exist_ok=True)
    for each in planned:
        if each.outcome != "unchanged":
            _put(each.path, each.segment)
    return planned


def remove_segment(folder: Path, slug: str) -> Path | None:
    """Take a segment out of the file that defines it, and return which; None when none does.

    A file that defines nothing any more is removed.

    Raises:
        InputError: when a file there cannot be read.
    """
    path = _places(folder).get(slug, (None, None))[0]
    if path is None:
        return None
    left = write_definitions({}, path.read_text("utf-8"), without=[slug])
    if read_definitions(left, path.name, Segment.from_dict):
        _replace(path, left)
    else:
        path.unlink()
    return path


def _places(folder: Path) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return where each segment is defined, and how."""
    # reads all, so that a fault in any file is told before anything is written
    load_definitions(folder, Segment.from_dict)
    return {
        slug: (path, segment.to_dict())
        for path in sorted(folder.glob("*.yaml"))
        for slug, segment in read_definitions(path.read_text("utf-8"), path.name, Segment.from_dict).items()
    }


def _put(path: Path, segment: Segment) -> None:
    before = path.read_text("utf-8") if path.exists() else ""
    _replace(path, write_definitions({segment.slug: segment.to_dict()}, before))


def _replace(path: Path, written: str) -> None:
    scratch = path.with_suffix(".new")
    scratch.write_text(written, "utf-8")
    scratch.replace(path)
