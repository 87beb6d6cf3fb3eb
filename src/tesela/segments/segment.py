"""The segment: a rule with a name, in words that a person reads."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.base import LANGUAGES, InputError, Language
from tesela.language import Rule, fingerprint, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}")
_KEYS = frozenset({"name", "description", "when"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule that says who belongs together, and what it is called.

    Attributes:
        slug: Short name used in rules, files and tables.
        when: The rule, in the segment language.
        name: What it is called, by language.
        description: What it is for, by language; may be empty.
    """

    slug: str
    when: str
    name: Mapping[Language, str] = field(default_factory=dict)
    description: Mapping[Language, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(self.slug):
            raise InputError("segments.bad_slug", slug=self.slug)
        parse(self.when)

    @property
    def rule(self) -> Rule:
        """The rule as a tree."""
        return parse(self.when)

    @property
    def fingerprint(self) -> str:
        """What tells one meaning of the rule from another; spelling, name and description do not count."""
        return fingerprint(self.rule)

    def title(self, language: Language) -> str:
        """Return the name in a language, in another when it has none in this one, else the slug."""
        return self.name.get(language) or next(iter(self.name.values()), self.slug)

    def to_dict(self) -> dict[str, Any]:
        """Return what a definition file says under the slug."""
        told: dict[str, Any] = {"name": dict(self.name), "description": dict(self.description), "when": self.when}
        return {key: value for key, value in told.items() if value}

    @classmethod
    def from_dict(cls, slug: str, written: object) -> Segment:
        """Return the segment that a definition file tells under a slug.

        Raises:
            InputError: when a key is unknown, missing or of the wrong kind, or the rule cannot be read.
        """
        if not isinstance(written, dict):
            raise InputError("segments.not_a_mapping", segment=slug)
        unknown = sorted(str(key) for key in written if key not in _KEYS)
        if unknown:
            raise InputError("segments.unknown_key", segment=slug, key=unknown[0], known=", ".join(sorted(_KEYS)))
        when = written.get("when")
        if not isinstance(when, str) or not when.strip():
            raise InputError("segments.no_rule", segment=slug)
        name, description = (_by_language(slug, key, written.get(key)) for key in ("name", "description"))
        return cls(slug, when.strip(), name, description)


def _by_language(slug: str, key: str, written: object) -> dict[Language, str]:
    """Read `{es: …, en: …}`."""
    if written is None:
        return {}
    if not isinstance(written, dict) or any(
        language not in LANGUAGES or not isinstance(words, str) for language, words in written.items()
    ):
        raise InputError("segments.not_by_language", segment=slug, key=key)
    return {language: str(written[language]) for language in LANGUAGES if language in written}
