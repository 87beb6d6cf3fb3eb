"""The words of headers and values, and the shape in which they are compared."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tesela.events.fields import Kind

_HERE = "tesela.events.sources.mapping"

# Which lists of `headers.toml` speak of which kind; the more particular first.
_LISTS: dict[Kind, tuple[str, ...]] = {
    "contacts": ("person", "contacts"),
    "orders": ("whole order", "order", "person"),
    "order-lines": ("line", "order", "person"),
    "products": ("products",),
    "consents": ("consents", "person"),
    "email-events": ("email-events", "person"),
    "events": ("events", "person"),
}


def normalise(written: str) -> str:
    """Return a text without accents, case and punctuation, its words divided by one blank.

    Example:
        >>> normalise("Correo electrónico *"), normalise("n.º_pedido")
        ('correo electronico', 'n o pedido')
    """
    bare = "".join(c for c in unicodedata.normalize("NFKD", written) if not unicodedata.combining(c))
    return " ".join(re.findall(r"[a-z0-9]+", bare.casefold()))


@cache
def synonyms(kind: Kind) -> dict[str, tuple[str, int]]:
    """Return what a normalised header means for a kind: the field, and how good the word is (0 is best)."""
    lists = load("headers.toml")
    found: dict[str, tuple[str, int]] = {}
    for depth, name in enumerate(_LISTS[kind]):
        for field, words in lists[name].items():
            for rank, word in enumerate(words):
                found.setdefault(word, (field, rank + 100 * depth))
    return found


@cache
def words(group: str) -> dict[str, str]:
    """Return what the values of a group mean, by normalised text; empty text means nothing was said."""
    return {written: meaning for meaning, listed in load("words.toml")[group].items() for written in listed}


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the room's data files."""
    return tomllib.loads(resources.files(_HERE).joinpath(name).read_text("utf-8"))
