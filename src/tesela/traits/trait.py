"""The trait: a value of the language with a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.base import InputError, Language
from tesela.language import Rule, by_language, check_keys, check_slug, fingerprint, load_definitions, parse
from tesela.traits.scores.score import Score

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS = frozenset({"name", "description", "value", "points", "cap", "floor"})


@dataclass(frozen=True, slots=True)
class Trait:
    """A value that is computed for every profile, used in rules by its name.

    Attributes:
        slug: Short name.
        value: The expression, in the language of the segments.
        name: What it is called, by language.
        description: What it tells, by language; may be empty.
        score: What gives points, where it is a score: `value` follows from it.
    """

    slug: str
    value: str
    name: Mapping[Language, str] = field(default_factory=dict)
    description: Mapping[Language, str] = field(default_factory=dict)
    score: Score | None = None

    def __post_init__(self) -> None:
        for part in self.slug.split("."):
            check_slug(part)
        parse(self.value)

    @property
    def expression(self) -> Rule:
        """The value as a tree."""
        return parse(self.value)

    @property
    def fingerprint(self) -> str:
        """What tells one meaning of the value from another."""
        return fingerprint(self.expression)

    @classmethod
    def from_dict(cls, slug: str, written: object) -> Trait:
        """Return the trait that a definition file tells under a slug.

        Raises:
            InputError: when a key is unknown, missing or of the wrong kind, or the value cannot be read.
        """
        # names with a dot are Tesela's own
        check_slug(slug)
        told = check_keys(slug, written, _KEYS, "value")
        name, description = (by_language(slug, key, told.get(key)) for key in ("name", "description"))
        if "points" in told:
            if "value" in told:
                raise InputError("traits.value_and_points", name=slug)
            score = Score.from_dict(slug, told)
            return cls(slug, score.value, name, description, score)
        value = told.get("value")
        if not isinstance(value, str) or not value.strip():
            raise InputError("traits.no_value", name=slug)
        if "cap" in told or "floor" in told:
            raise InputError("traits.bounds_of_no_score", name=slug)
        return cls(slug, value.strip(), name, description)

    def title(self, language: Language) -> str:
        """Return the name in a language, in another when it has none in this one, else the slug."""
        return self.name.get(language) or next(iter(self.name.values()), self.slug)


def load_traits(folder: Path) -> dict[str, Trait]:
    """Return the computed traits that the `*.yaml` files of a folder define, by slug; none when it is absent.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    return load_definitions(folder, Trait.from_dict)
