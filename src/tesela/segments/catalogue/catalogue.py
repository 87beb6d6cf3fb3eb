"""The catalogue: every entry, by its short name and by family. Its files are data, in `entries/`."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from tesela.base import NotFoundError
from tesela.language import read_definitions, write_definitions
from tesela.segments.catalogue.entry import reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from tesela.segments.catalogue.entry import Entry
    from tesela.segments.segment import Segment

FAMILIES = ("base", "reactivity", "purchase", "behaviour", "person", "activity", "rfm", "last_purchase")
"""Families of entries, in the order in which they are shown; what each is called stands in `texts.toml`."""

_STARTER_FILE = "starter.yaml"
_STARTER_HEAD = """\
# The segments every shop begins with, from the catalogue (`tesela catalog list` has more). Change them, add your own
# files beside this one: each is a mapping of short names to definitions. The rule stands under `when`, and `with` has
# the values of its {places}.

"""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Segments ready to use.

    Attributes:
        entries: By short name, in the order in which they are shown.
    """

    entries: Mapping[str, Entry]

    def find(self, name: str) -> list[Entry]:
        """Return the entry of a short name, or all entries of a family.

        Raises:
            NotFoundError: when there is none, with the names nearest to it.
        """
        if name in self.entries:
            return [self.entries[name]]
        found = [entry for entry in self.entries.values() if entry.family == name]
        if not found:
            known = [*FAMILIES, *self.entries]
            near = nearest(name, known)
            raise NotFoundError("segments.catalogue.unknown_entry", name=name, near=", ".join(near))
        return found


@cache
def load_catalogue() -> Catalogue:
    """Return the catalogue that comes with the program."""
    folder = resources.files("tesela.segments.catalogue").joinpath("entries")
    entries: dict[str, Entry] = {}
    for family in FAMILIES:
        file = f"{family}.yaml"
        entries |= read_definitions(folder.joinpath(file).read_text("utf-8"), file, reader(family))
    return Catalogue(entries)


def load_starter() -> list[Segment]:
    """Return the segments that every new workspace begins with, in order."""
    return [entry.segment() for entry in load_catalogue().entries.values() if entry.is_starter]


def write_starter(folder: Path) -> Path:
    """Write the starter segments into a folder as one file, and return it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / _STARTER_FILE
    definitions = {segment.slug: segment.to_dict() for segment in load_starter()}
    path.write_text(_STARTER_HEAD + write_definitions(definitions), "utf-8")
    return path


def nearest(name: str, known: Iterable[str]) -> list[str]:
    """Return up to five names that a person may have meant: those that look alike, and those with a word of it."""
    names = list(known)
    alike = difflib.get_close_matches(name.lower(), names, n=3, cutoff=0.6)
    words = {word for word in name.lower().split("_") if len(word) > 2}
    sharing = [each for each in names if words & set(each.split("_"))]
    return list(dict.fromkeys([*alike, *sharing]))[:5]
