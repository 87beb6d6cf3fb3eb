"""Everything a person reads, in Spanish and English, side by side.

Each room keeps its texts in a `texts.toml` beside its code. The key of a text starts with the path of
that folder: `events.empty_file` stands in `tesela/events/texts.toml` under `empty_file`, and
`interfaces.cli.done` in `tesela/interfaces/cli/texts.toml` under `done`. An entry has one value per
language, and may have a `hint` that says what to do:

    [empty_file]
    en = "The file {path} is empty."
    es = "El fichero {path} está vacío."
    [empty_file.hint]
    en = "Export it again with its rows."
    es = "Vuelve a exportarlo con sus filas."
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any, Literal, get_args

Language = Literal["es", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

_FILE = "texts.toml"


def text(key: str, language: Language = "en", /, **values: object) -> str:
    """Return the text of a key in a language, with its `{places}` filled.

    Args:
        key: Folder path and entry, dotted: `events.empty_file`, `measurement.kpi.orders.name`.
        language: `es` or `en`.
        values: What fills the places of the text.

    Raises:
        KeyError: when no such text exists: a fault of ours, never of the person who reads.
    """
    entry = find_entry(key)
    if entry is None or not isinstance(entry.get(language), str):
        raise KeyError(f"no text {key!r} in language {language!r}")
    template: str = entry[language]
    return template.format_map(_Places(values))


def find_entry(key: str) -> dict[str, Any] | None:
    """Return the whole entry of a key (languages, hint), or None when there is none."""
    parts = key.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        texts = _load(tuple(parts[:depth]))
        if texts is None:
            continue
        entry: Any = texts
        for part in parts[depth:]:
            entry = entry.get(part) if isinstance(entry, dict) else None
        return entry if isinstance(entry, dict) else None
    return None


class _Places(dict[str, object]):
    """Leaves an unfilled place as it stands, so that a message is never lost over a missing value."""

    def __missing__(self, name: str) -> str:
        return "{" + name + "}"


@cache
def _load(folder: tuple[str, ...]) -> dict[str, Any] | None:
    file = resources.files("tesela").joinpath(*folder, _FILE)
    return tomllib.loads(file.read_text("utf-8")) if file.is_file() else None
