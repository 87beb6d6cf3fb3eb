"""Files that define things in the language: YAML 1.2, one mapping of short names to definitions per file."""

from __future__ import annotations

import re
from io import StringIO
from typing import TYPE_CHECKING, Any, TypeVar

from tesela.base import LANGUAGES, InputError, Language, TeselaError, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from pathlib import Path

    from ruamel.yaml.error import MarkedYAMLError

T = TypeVar("T")

SLUG = "[a-z][a-z0-9_]{0,62}"
"""What a short name looks like."""


class BadDefinitionError(InputError):
    """A definition that cannot be used, with the file, line and name at fault.

    Attributes:
        reason: The error itself.
    """

    def __init__(self, reason: TeselaError, /, **facts: object) -> None:
        super().__init__("language.bad_definition", **facts)
        self.reason = reason

    def message(self, language: Language = "en") -> str:
        """Say where it is and what is wrong."""
        return text(self.code, language, **self.facts, reason=self.reason.message(language))

    def hint(self, language: Language = "en") -> str | None:
        """Say what to do about it."""
        return self.reason.hint(language)


def load_definitions(folder: Path, make: Callable[[str, object], T]) -> dict[str, T]:
    """Return what the `*.yaml` files of a folder define, by short name, in order; nothing when it is absent.

    Args:
        folder: Where the files are.
        make: Makes a definition of a short name and what stands under it.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a name is defined twice.
    """
    found: dict[str, T] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            written = path.read_text("utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            raise InputError("language.unreadable", file=str(path), reason=str(cause)) from cause
        for slug, definition in read_definitions(written, path.name, make).items():
            if slug in found:
                raise InputError("language.defined_twice", name=slug, file=path.name, other=places[slug])
            found[slug], places[slug] = definition, path.name
    return found


def read_definitions(written: str, file: str, make: Callable[[str, object], T]) -> dict[str, T]:
    """Return what the text of one file defines, by short name, in order.

    Raises:
        InputError: when it is not well written.
        BadDefinitionError: when a definition is wrong.
    """
    from ruamel.yaml.constructor import DuplicateKeyError
    from ruamel.yaml.error import MarkedYAMLError, YAMLError

    try:
        document = _yaml().load(written)
    except DuplicateKeyError as cause:
        raise InputError("language.repeated_key", file=file, line=_line(cause)) from cause
    except MarkedYAMLError as cause:
        raise InputError("language.bad_yaml", file=file, line=_line(cause), reason=cause.problem) from cause
    except YAMLError as cause:
        raise InputError("language.bad_yaml", file=file, line=1, reason=str(cause)) from cause
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InputError("language.no_mapping", file=file, line=1)
    return {str(slug): _made(document, slug, file, make) for slug in document}


def write_definitions(
    definitions: Mapping[str, Mapping[str, Any]], into: str = "", *, without: Collection[str] = ()
) -> str:
    """Return the text of a file that defines these.

    Args:
        definitions: Definitions by short name.
        into: Text of a file that they are put into, each in its own place or at the end; its comments stay.
        without: Short names that are taken out of that file.
    """
    stream = StringIO()
    _yaml().dump({**definitions} if not into.strip() else _put(_yaml().load(into), definitions, without), stream)
    return stream.getvalue()


def _put(document: Any, definitions: Mapping[str, Mapping[str, Any]], without: Collection[str]) -> Any:
    document = {} if document is None else document
    document.update(definitions)
    for slug in without:
        document.pop(slug, None)
    return document


def check_slug(slug: str) -> None:
    """Refuse what cannot be a short name.

    Raises:
        InputError: unless it is small letters without accents, digits and _, a letter first.
    """
    if not re.fullmatch(SLUG, slug):
        raise InputError("language.bad_slug", slug=slug)


def check_keys(slug: str, written: object, known: Collection[str], wanted: str) -> dict[str, Any]:
    """Return what stands under a short name, after looking at its keys.

    Raises:
        InputError: when it is no mapping, or a key is unknown.
    """
    if not isinstance(written, dict):
        raise InputError("language.not_a_mapping", name=slug, wanted=wanted)
    unknown = sorted(str(key) for key in written if key not in known)
    if unknown:
        raise InputError("language.unknown_key", name=slug, key=unknown[0], known=", ".join(sorted(known)))
    return written


def by_language(slug: str, key: str, written: object) -> dict[Language, str]:
    """Read `{es: …, en: …}`.

    Raises:
        InputError: when it is anything else.
    """
    if written is None:
        return {}
    if not isinstance(written, dict) or any(
        language not in LANGUAGES or not isinstance(words, str) for language, words in written.items()
    ):
        raise InputError("language.not_by_language", name=slug, key=key)
    return {language: str(written[language]) for language in LANGUAGES if language in written}


def _yaml() -> Any:
    from ruamel.yaml import YAML

    yaml = YAML(typ="rt", pure=True)
    yaml.default_flow_style = False
    yaml.allow_unicode = True
    yaml.width = 120
    return yaml


def _line(error: MarkedYAMLError) -> int:
    return error.problem_mark.line + 1 if error.problem_mark else 1


def _made(document: Any, slug: Any, file: str, make: Callable[[str, object], T]) -> T:
    try:
        return make(str(slug), document[slug])
    except TeselaError as cause:
        line = document.lc.key(slug)[0] + 1
        raise BadDefinitionError(cause, file=file, line=line, name=str(slug)) from cause
