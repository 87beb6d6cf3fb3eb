"""The five kinds of error, and how each is told to a person.

    TeselaError          a stable code, the facts, and their text in Spanish and English
    ├── InputError       the caller can fix it by changing the input   (also ValueError)
    ├── NotFoundError    no such thing; suggests near names            (also LookupError)
    ├── ConflictError    it exists in a state that forbids this
    ├── RefusedError     consent, suppression or access forbids it
    └── UnavailableError an outside system failed; trying again may help

The code is the key of the text (`events.empty_file`, see `tesela.base.texts`), so a message can be
shown in the reader's language long after it was raised.
"""

from __future__ import annotations

from tesela.base.texts import Language, find_entry, text


class TeselaError(Exception):
    """Something a person should know: what was wrong, with the value, and what to do.

    Attributes:
        code: Stable name of the error, and key of its text.
        facts: The values that the text shows, for programs.
        retryable: Whether the same call may succeed later, unchanged.
    """

    retryable = False

    def __init__(self, code: str, /, **facts: object) -> None:
        self.code = code
        self.facts = facts
        super().__init__(code)

    def message(self, language: Language = "en") -> str:
        """Say what was wrong, with the offending value."""
        return text(self.code, language, **self.facts)

    def hint(self, language: Language = "en") -> str | None:
        """Say what to do about it; None when the message says all there is."""
        entry = find_entry(self.code) or {}
        return text(f"{self.code}.hint", language, **self.facts) if "hint" in entry else None

    def __str__(self) -> str:
        hint = self.hint()
        return self.message() + (f" Hint: {hint}" if hint else "")


class InputError(TeselaError, ValueError):
    """The caller can fix it by changing the input."""


class NotFoundError(TeselaError, LookupError):
    """There is no such thing under that name."""


class ConflictError(TeselaError):
    """The thing exists, in a state that forbids what was asked."""


class RefusedError(TeselaError):
    """Consent, suppression or access forbids it."""


class UnavailableError(TeselaError):
    """An outside system failed."""

    retryable = True
