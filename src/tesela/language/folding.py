"""The one function that folds texts, and the tests made with it (LANGUAGE.md, Text)."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tesela.language.plan import Lookup


def fold(text: str) -> str:
    """Return a text without case and accents: NFKD, marks removed, case folded.

    Example:
        >>> fold("CAMIÓN")
        'camion'
    """
    return _bare(text).casefold()


def matching(lookup: Lookup, values: Iterable[str | None]) -> list[str]:
    """Return those of a field's distinct values for which the test holds; blank ones are missing."""
    holds = _test(lookup)
    return [value for value in values if value is not None and value.strip() and holds(value)]


def pattern_fault(pattern: str, *, exactly: bool) -> str | None:
    """Return why RE2 does not take a pattern, in its words; None when it does."""
    import re2

    try:
        _compile(pattern, exactly=exactly)
    except re2.error as fault:
        return str(fault)
    return None


def _compile(pattern: str, *, exactly: bool) -> Any:
    """Compile a pattern; unless `exactly`, case and accents do not matter."""
    import re2

    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = exactly
    return re2.compile(pattern if exactly else _bare(pattern), options)


def _bare(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))


def _test(lookup: Lookup) -> Callable[[str], bool]:
    prepare = str if lookup.exactly else fold
    if lookup.kind == "matches":
        pattern = _compile(lookup.needle, exactly=lookup.exactly)
        bare = str if lookup.exactly else _bare
        return lambda value: pattern.search(bare(value)) is not None
    needle = prepare(lookup.needle)
    if lookup.kind == "contains":
        return lambda value: needle in prepare(value)
    if lookup.kind == "starts with":
        return lambda value: prepare(value).startswith(needle)
    return lambda value: prepare(value).endswith(needle)
