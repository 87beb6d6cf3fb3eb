"""The one function that folds texts (LANGUAGE.md, Text)."""

from __future__ import annotations

import unicodedata


def fold(text: str) -> str:
    """Return a text without case and accents: NFKD, marks removed, case folded.

    Example:
        >>> fold("CAMIÓN")
        'camion'
    """
    return bare(text).casefold()


def bare(text: str) -> str:
    """Return a text without accents: NFKD, marks removed."""
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))
