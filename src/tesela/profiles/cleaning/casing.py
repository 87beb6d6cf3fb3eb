"""Give a name its capitals: JOSÉ MARÍA DE LA O is José María de la O.

Only words that are all capitals, or have none, are touched: who wrote both chose them.
"""

from __future__ import annotations

import re

from tesela.profiles.cleaning.wordlists import load

_PARTS = re.compile(r"([\s\-'./,()&\"]+)")
_WORD = re.compile(r"[^\W\d_]")
_VOWELS = re.compile(r"[aeiouy]", re.IGNORECASE)
_SCOTS = re.compile(r"Mc[a-z]{2,}")
# words remembered at once
_ROOM = 300_000


class Casing:
    """The words of names met so far, and their right capitals."""

    def __init__(self) -> None:
        lists = load("names.toml")
        self._small = frozenset(lists["small"])
        self._articles = frozenset(lists["articles"])
        self._after = frozenset(lists["after"])
        self._between = frozenset(lists["between"])
        self._written: dict[str, str] = lists["written"]
        self._numerals = frozenset(lists["numerals"]["words"])
        self._company_ends = frozenset(lists["companies"]["ends"])
        self._company_words = frozenset(end.split(" ")[-1] for end in self._company_ends)
        self._known: dict[str, tuple[str | None, str]] = {}

    def is_company(self, name: str) -> bool:
        """Tell whether a name ends like a firm's."""
        words = name.lower().rstrip(",").split(" ")
        # de Sá, written without its accent, is a family
        if words[-1] not in self._company_words or words[-2:] == ["de", "sa"]:
            return False
        return len(words) > 1 and any(" ".join(words[-size:]) in self._company_ends for size in (1, 2, 3, 4))

    def fit(self, name: str) -> str:
        """Return a name with its capitals."""
        parts = _PARTS.split(name)
        fitted = list(parts)
        before = ""
        for place in range(0, len(parts), 2):
            part = parts[place]
            if not part:
                continue
            follows = parts[place - 1] if place else ""
            leads = parts[place + 1] if place + 1 < len(parts) else ""
            fitted[place] = self._fit_word(part, before, follows, leads, is_last=place + 1 >= len(parts))
            before = part.lower()
        return "".join(fitted)

    def _fit_word(self, word: str, before: str, follows: str, leads: str, *, is_last: bool) -> str:
        lowered, capitalised = self._look_at(word)
        if lowered is None:
            return word
        stands_alone = leads != "." and not follows.endswith(("-", "'")) and not leads.startswith(("-", "'"))
        if stands_alone and not is_last and self._is_small(lowered, before):
            return lowered
        if before and lowered in self._numerals and is_last and word.isupper():
            return word
        # the s of Joe's
        return lowered if lowered == "s" and follows == "'" and is_last else capitalised

    def _is_small(self, lowered: str, before: str) -> bool:
        if lowered in self._articles:
            return before in self._after
        return lowered in self._small or (bool(before) and lowered in self._between)

    def _look_at(self, word: str) -> tuple[str | None, str]:
        """Return a word in small letters and with its capital; None and the word when it is not to be touched."""
        found = self._known.get(word)
        if found is None:
            if len(self._known) >= _ROOM:
                self._known.clear()
            found = (word.lower(), self._capitalise(word)) if _is_of_one_size(word) else (None, word)
            self._known[word] = found
        return found

    def _capitalise(self, word: str) -> str:
        lowered = word.lower()
        if lowered in self._written:
            return self._written[lowered]
        if word.isascii() and word.isupper() and not _VOWELS.search(word):
            # initials: JM, MJ
            return word
        capital = word[0].upper() + lowered[1:]
        return f"Mc{capital[2:].capitalize()}" if _SCOTS.fullmatch(capital) else capital


def _is_of_one_size(word: str) -> bool:
    """Tell whether the letters of a word are all capitals, or all small, and know the way back (İ and ß do not)."""
    upper, lower = word.upper(), word.lower()
    is_all_one = word in (upper, lower)
    return is_all_one and bool(_WORD.search(word)) and upper.lower() == lower and lower.upper() == upper
