"""The segment: a rule with a name, in words that a person reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, Language
from tesela.language import Rule, by_language, check_keys, check_slug, fingerprint, from_json, parse, write_text

if TYPE_CHECKING:
    from collections.abc import Mapping

_parsed = lru_cache(maxsize=10_000)(parse)
_fingerprint = lru_cache(maxsize=10_000)(lambda when: fingerprint(_parsed(when)))
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
        check_slug(self.slug)
        _parsed(self.when)

    @property
    def rule(self) -> Rule:
        """The rule as a tree."""
        return _parsed(self.when)

    @property
    def fingerprint(self) -> str:
        """What tells one meaning of the rule from another; spelling, name and description do not count."""
        return _fingerprint(self.when)

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
        told = check_keys(slug, written, _KEYS, "when")
        name, description = (by_language(slug, key, told.get(key)) for key in ("name", "description"))
        return cls(slug, _rule_text(slug, told.get("when")), name, description)


def _rule_text(slug: str, when: object) -> str:
    """Return the text of a rule that is told as text, or as the structure of JSON."""
    if isinstance(when, dict):
        return write_text(from_json(when if "when" in when else {"when": when}))
    if not isinstance(when, str) or not when.strip():
        raise InputError("segments.no_rule", segment=slug)
    return when.strip()
