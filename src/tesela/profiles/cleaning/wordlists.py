"""The room's word lists, and the shape in which words are compared."""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from functools import cache
from importlib import resources
from typing import Any

_HERE = "tesela.profiles.cleaning"

# blanks of all widths, and signs that take no room: joiners, marks of direction, the byte order mark, soft hyphens
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\x00-\x08\x0e-\x1b\x7f"
UNSEEN = re.compile(f"[{_UNSEEN}]")
_WORDS = re.compile(r"[a-z0-9]+")
_LONGEST_NOTHING = 20
# no word for nothing has a number, but for noughts
_SAYS_SOMETHING = re.compile(r"[1-9@]")
BLANKS = re.compile(r"\s+")


def fold(written: str) -> str:
    """Return a text without accents, case and punctuation, its words divided by one blank.

    Example:
        >>> fold("  País Vasco / Euskadi ")
        'pais vasco euskadi'
    """
    if not written.isascii():
        written = "".join(sign for sign in unicodedata.normalize("NFKD", written) if not unicodedata.combining(sign))
    return " ".join(_WORDS.findall(written.casefold()))


def tidy(written: str) -> str:
    """Return a text without blanks around it, unseen signs, or more than one blank between words."""
    return BLANKS.sub(" ", UNSEEN.sub("", written)).strip()


@cache
def load(name: str) -> dict[str, Any]:
    """Return one of the lists."""
    return tomllib.loads(_read(name).decode("utf-8"))


@cache
def digest(name: str) -> str:
    """Return what tells one version of a list from another."""
    return hashlib.sha256(_read(name)).hexdigest()[:16]


def _read(name: str) -> bytes:
    return resources.files(_HERE).joinpath(name).read_bytes()


def says_nothing(written: str) -> bool:
    """Tell whether a text only fills a field: nothing, signs, or a word for nothing, in Spanish or English.

    Example:
        >>> says_nothing(" N/A "), says_nothing("no tiene"), says_nothing("Nadia")
        (True, True, False)
    """
    if len(written) > _LONGEST_NOTHING or _SAYS_SOMETHING.search(written):
        return False
    if written.isascii() and written.isalpha():
        return written.lower() in _nothing()
    folded = fold(written)
    return folded in _nothing() if folded else not any(sign.isalnum() for sign in written)


@cache
def _nothing() -> frozenset[str]:
    return frozenset(load("nothing.toml")["words"])
