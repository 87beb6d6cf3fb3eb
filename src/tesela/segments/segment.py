"""The segment: a rule with a name, in words that a person reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tesela.base import InputError, Language
from tesela.language import Rule, by_language, check_keys, check_slug, fingerprint, from_json, parse, write_text
from tesela.segments.filling import Value, fill, plain, read_value

if TYPE_CHECKING:
    from collections.abc import Mapping

_parsed = lru_cache(maxsize=10_000)(parse)
_fingerprint = lru_cache(maxsize=10_000)(lambda when: fingerprint(_parsed(when)))
_KEYS = frozenset({"name", "description", "when", "with"})


@dataclass(frozen=True, slots=True)
class Segment:
    """A rule that says who belongs together, and what it is called.

    Attributes:
        slug: Short name used in rules, files and tables.
        when: The rule, in the segment language.
        name: What it is called, by language.
        description: What it is for, by language; may be empty.
        template: The rule with `{places}`, as its file writes it; empty when it has none.
        values: What stands in the places.
    """

    slug: str
    when: str
    name: Mapping[Language, str] = field(default_factory=dict)
    description: Mapping[Language, str] = field(default_factory=dict)
    template: str = ""
    values: Mapping[str, Value] = field(default_factory=dict)

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
        told: dict[str, Any] = {
            "name": dict(self.name),
            "description": dict(self.description),
            "when": self.template or self.when,
            "with": {name: plain(value) for name, value in self.values.items()},
        }
        return {key: value for key, value in told.items() if value}

    @classmethod
    def from_dict(cls, slug: str, written: object) -> Segment:
        """Return the segment that a definition file tells under a slug.

        Raises:
            InputError: when a key is unknown, missing or of the wrong kind, or the rule cannot be read.
        """
        told = check_keys(slug, written, _KEYS, "when")
        name, description = (by_language(slug, key, told.get(key)) for key in ("name", "description"))
        return cls.from_template(slug, _rule_text(slug, told.get("when")), told.get("with"), name, description)

    @classmethod
    def from_template(
        cls,
        slug: str,
        template: str,
        told: object,
        name: Mapping[Language, str],
        description: Mapping[Language, str],
    ) -> Segment:
        """Return the segment of a rule with `{places}` and what is told to stand in them.

        Raises:
            InputError: when the values are none, a place has none, or the rule cannot be read.
        """
        if not told:
            return cls(slug, template, name, description)
        if not isinstance(told, dict):
            raise InputError("segments.bad_values", segment=slug)
        values = {str(place): read_value(slug, str(place), value) for place, value in told.items()}
        return cls(slug, fill(slug, template, values), name, description, template, values)


def _rule_text(slug: str, when: object) -> str:
    """Return the text of a rule that is told as text, or as the structure of JSON."""
    if isinstance(when, dict):
        return write_text(from_json(when if "when" in when else {"when": when}))
    if not isinstance(when, str) or not when.strip():
        raise InputError("segments.no_rule", segment=slug)
    return when.strip()
