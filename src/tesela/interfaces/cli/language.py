"""Which language to speak: what was asked for, else the workspace's, else the machine's."""

from __future__ import annotations

import tomllib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from tesela.base import LANGUAGES, InputError, Language

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SETTINGS_FILE = "tesela.toml"


def find_workspace(start: Path) -> Path | None:
    """Return the nearest folder with a `tesela.toml`, from `start` upwards; None when there is none."""
    start = start.absolute()
    return next((folder for folder in (start, *start.parents) if (folder / SETTINGS_FILE).is_file()), None)


def choose_language(asked: str | None, arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language of everything shown.

    Args:
        asked: What `--lang` said; None when it was not given.
        arguments: The command line, for its `--workspace`.
        environment: `TESELA_LANG` decides when `--lang` does not; the locale when nothing else does.

    Raises:
        InputError: when `--lang` asks for a language that Tesela does not speak.
    """
    if asked is not None:
        return _known(asked) or _refuse(asked)
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return (
        _known(environment.get("TESELA_LANG", ""))
        or _known(_language_of_workspace(arguments))
        or _known(locale[:2])
        or "en"
    )


def _known(written: str) -> Language | None:
    return next((language for language in LANGUAGES if language == written.lower()), None)


def _refuse(asked: str) -> Language:
    raise InputError("interfaces.cli.unknown_language", language=asked, known=", ".join(LANGUAGES))


def _language_of_workspace(arguments: Sequence[str]) -> str:
    """Return what the settings say, without opening the workspace; empty when they cannot be read."""
    named = [value for option, value in pairwise(arguments) if option == "--workspace"]
    folder = Path(named[0]) if named else find_workspace(Path.cwd())
    if folder is None:
        return ""
    try:
        return str(tomllib.loads((folder / SETTINGS_FILE).read_text("utf-8")).get("language", ""))
    except (OSError, ValueError):
        return ""
