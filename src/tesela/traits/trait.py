"""The trait: a value of the language with a name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.base import InputError, Language
from tesela.language import Rule, by_language, check_keys, check_slug, fingerprint, load_definitions, parse

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_KEYS = frozenset({"name", "description", "value"})


@dataclass(frozen=True, slots=True)
class Trait:
    """A value that is computed for every profile, used in rules by its name.

    Attributes:
        slug: Short name.
        value: The expression, in the language of the segments.
        name: What it is called, by language.
        description: What it tells, by language; may be empty.
    """

    slug: str
    value: str
    name: Mapping[Language, str] = field(default_factory=dict)
    description: Mapping[Language, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_slug(self.slug)
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
        told = check_keys(slug, written, _KEYS, "value")
        value = told.get("value")
        if not isinstance(value, str) or not value.strip():
            raise InputError("traits.no_value", name=slug)
        name, description = (by_language(slug, key, told.get(key)) for key in ("name", "description"))
        return cls(slug, value.strip(), name, description)


def load_traits(folder: Path) -> dict[str, Trait]:
    """Return the computed traits that the `*.yaml` files of a folder define, by slug; none when it is absent.

    Raises:
        InputError: when a file cannot be read, a definition is wrong or a slug is defined twice.
    """
    return load_definitions(folder, Trait.from_dict)
