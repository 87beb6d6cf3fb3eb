"""Errors that show where in the rule they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import InputError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tesela.language.nodes import Span

_EXCERPT = 60


def refuse(code: str, text: str, span: Span, **facts: object) -> InputError:
    """Return the error of a rule that cannot be used as it is written."""
    return InputError(f"language.{code}", **_place(text, span), **facts)


def unknown(code: str, text: str, span: Span, word: str, names: Iterable[str], **facts: object) -> NotFoundError:
    """Return the error of a name that does not exist, with the names nearest to it."""
    near = near_names(word, names)
    chosen = code if near else f"{code}_alone"
    return NotFoundError(f"language.{chosen}", **_place(text, span), word=word, near=", ".join(near), **facts)


def near_names(word: str, known: Iterable[str]) -> list[str]:
    """Return up to three names that a person may have meant, the nearest first."""
    from rapidfuzz import fuzz, process

    found = process.extract(word.lower(), sorted(set(known)), scorer=fuzz.WRatio, limit=3, score_cutoff=70)
    return [name for name, _, _ in found]


def _place(text: str, span: Span) -> dict[str, object]:
    before = text[: span.start]
    line_start = before.rfind("\n") + 1
    return {
        "line": before.count("\n") + 1,
        "column": span.start - line_start + 1,
        "excerpt": _excerpt(text, span, line_start),
    }


def _excerpt(text: str, span: Span, line_start: int) -> str:
    """Return the line around the place, cut to a readable length."""
    line_end = text.find("\n", span.start)
    start = max(line_start, span.start - _EXCERPT // 2)
    end = min(line_end if line_end >= 0 else len(text), start + _EXCERPT)
    return ("…" if start > line_start else "") + text[start:end].strip() + ("…" if end < len(text) else "")
