"""Read and write the files that define segments: YAML 1.2, one mapping of slugs to definitions per file."""

from __future__ import annotations

from importlib import resources
from io import StringIO
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, Language, TeselaError, text
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from ruamel.yaml.error import MarkedYAMLError

_STARTER = "starter.yaml"


class BadDefinitionError(InputError):
    """A definition that cannot be used, with the file, line and segment at fault.

    Attributes:
        reason: The error itself.
    """

    def __init__(self, reason: TeselaError, /, **facts: object) -> None:
        super().__init__("segments.bad_definition", **facts)
        self.reason = reason

    def message(self, language: Language = "en") -> str:
        """Say where it is and what is wrong."""
        return text(self.code, language, **self.facts, reason=self.reason.message(language))

    def hint(self, language: Language = "en") -> str | None:
        """Say what to do about it."""
        return self.reason.hint(language)


def load_segments(folder: Path) -> list[Segment]:
    """Return the segments that the `*.yaml` files of a folder define, in order; none when it is absent.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    found: dict[str, Segment] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            written = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            raise InputError("segments.unreadable", file=str(path), reason=str(cause)) from cause
        for slug, segment in _read(written, path.name).items():
            if slug in found:
                raise InputError("segments.defined_twice", segment=slug, file=path.name, other=places[slug])
            found[slug], places[slug] = segment, path.name
    return list(found.values())


def load_starter() -> list[Segment]:
    """Return the segments that every new workspace begins with, in order."""
    return list(_read(_starter_text(), _STARTER).values())


def write_starter(folder: Path) -> Path:
    """Write the starter segments into a folder as one file, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _STARTER
    path.write_text(_starter_text(), "utf-8")
    return path


def write_segments(path: Path, segments: Iterable[Segment]) -> None:
    """Write segments into one file, in the given order."""
    stream = StringIO()
    _yaml().dump({segment.slug: segment.to_dict() for segment in segments}, stream)
    path.write_text(stream.getvalue(), "utf-8")


def _starter_text() -> str:
    return resources.files("tesela.segments").joinpath(_STARTER).read_text("utf-8")


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 120
    return yaml


def _read(written: str, file: str) -> dict[str, Segment]:
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        document = _yaml().load(written)
    except DuplicateKeyError as cause:
        raise InputError("segments.repeated_key", file=file, line=_line(cause)) from cause
    except MarkedYAMLError as cause:
        raise InputError("segments.bad_yaml", file=file, line=_line(cause), reason=cause.problem) from cause
    except YAMLError as cause:
        raise InputError("segments.bad_yaml", file=file, line=1, reason=str(cause)) from cause
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InputError("segments.no_mapping", file=file, line=1)
    return {str(slug): _segment(document, slug, file) for slug in document}


def _line(error: MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 1


def _segment(document: Any, slug: Any, file: str) -> Segment:
    try:
        return Segment.from_dict(str(slug), document[slug])
    except TeselaError as cause:
        line = document.lc.key(slug)[0] + 1
        raise BadDefinitionError(cause, file=file, line=line, segment=str(slug)) from cause
