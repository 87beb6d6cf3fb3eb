"""The rules of cleaning: their stable names, the kinds of value they look at, and what they may do.

A rule's version goes up whenever it would answer differently than before; answers kept of older versions are then
found anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from tesela.base import Language, text

Kind = Literal[
    "email",
    "phone",
    "name",
    "date",
    "birth_date",
    "country",
    "postal_code",
    "region",
    "postal_region",
    "language",
    "gender",
    "age",
]
"""What a value is. `postal_region` is a postal code of which the region is wanted."""

KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that cleaning does; its words stand in `texts.toml` under `rules` and its name.

    Attributes:
        name: Stable: settings and results name it.
        kinds: The kinds of value it looks at.
        flags: What it may say about a value.
        changes: Whether it may give a value another form.
        suggests: Whether it may propose another value, which is never put in its place.
        version: Of its answers.
    """

    name: str
    kinds: tuple[Kind, ...]
    flags: tuple[str, ...] = ()
    changes: bool = False
    suggests: bool = False
    version: int = 1


_TEXTS = "profiles.cleaning"
_DATES: tuple[Kind, ...] = ("date", "birth_date")

RULES: tuple[Rule, ...] = (
    Rule("email.unwrap", ("email",), changes=True),
    Rule("email.blanks", ("email",), changes=True),
    Rule("email.case", ("email",), changes=True),
    Rule("email.normal", ("email",), changes=True),
    Rule("email.syntax", ("email",), flags=("invalid",)),
    Rule("email.repair", ("email",), flags=("several",), suggests=True),
    Rule("email.typo", ("email",), flags=("typo_domain",), suggests=True),
    Rule("email.disposable", ("email",), flags=("disposable",)),
    Rule("email.role", ("email",), flags=("role",)),
    Rule("email.placeholder", ("email",), flags=("placeholder",)),
    Rule("phone.e164", ("phone",), flags=("invalid",), changes=True),
    Rule("phone.legacy", ("phone",), changes=True),
    Rule("phone.repair", ("phone",), flags=("several",), suggests=True),
    Rule("phone.line", ("phone",), flags=("extension", "fixed_line", "service_number")),
    Rule("phone.placeholder", ("phone",), flags=("placeholder",)),
    Rule("name.blanks", ("name",), changes=True),
    Rule("name.entities", ("name",), changes=True),
    Rule("name.mojibake", ("name",), changes=True),
    Rule("name.unicode", ("name",), changes=True),
    Rule("name.apostrophe", ("name",), changes=True),
    Rule("name.case", ("name",), changes=True),
    Rule("name.lost", ("name",), flags=("lost_letters",), suggests=True, version=2),
    Rule("name.shape", ("name",), flags=("company", "no_name")),
    Rule("name.placeholder", ("name",), flags=("placeholder",)),
    Rule("date.iso", _DATES, flags=("invalid",), changes=True),
    Rule("date.serial", _DATES, changes=True),
    Rule("date.repair", _DATES, suggests=True),
    Rule("date.short_year", _DATES, flags=("two_digit_year",)),
    Rule("date.improbable", _DATES, flags=("improbable",)),
    Rule("date.placeholder", _DATES, flags=("placeholder",)),
    Rule("country.code", ("country",), flags=("unknown",), changes=True),
    Rule("country.placeholder", ("country",), flags=("placeholder",)),
    Rule("postal_code.form", ("postal_code", "postal_region"), changes=True),
    Rule("postal_code.zero", ("postal_code", "postal_region"), changes=True),
    Rule("postal_code.check", ("postal_code", "postal_region"), flags=("invalid",)),
    Rule("postal_code.placeholder", ("postal_code", "postal_region"), flags=("placeholder",)),
    Rule("region.from_postal_code", ("postal_region",), flags=("unknown",), changes=True),
    Rule("region.name", ("region",), flags=("unknown",), changes=True),
    Rule("region.placeholder", ("region",), flags=("placeholder",)),
    Rule("locale.code", ("language",), flags=("unknown",), changes=True),
    Rule("locale.placeholder", ("language",), flags=("placeholder",)),
    Rule("gender.word", ("gender",), flags=("ambiguous", "unknown"), changes=True),
    Rule("gender.placeholder", ("gender",), flags=("placeholder",)),
    Rule("age.number", ("age",), flags=("invalid",), changes=True),
    Rule("age.improbable", ("age",), flags=("improbable",)),
    Rule("age.placeholder", ("age",), flags=("placeholder",)),
)
"""Every rule, in the order in which those of a kind are applied."""

LEFT_ALONE = "left_alone"
"""Flag of a value that no rule was let touch."""

FLAGS: tuple[str, ...] = tuple(sorted({LEFT_ALONE} | {flag for rule in RULES for flag in rule.flags}))
"""Everything that may be said about a value."""


def rules_of(kind: Kind) -> tuple[Rule, ...]:
    """Return the rules that look at a kind of value.

    Example:
        >>> [rule.name for rule in rules_of("age")]
        ['age.number', 'age.improbable', 'age.placeholder']
    """
    return tuple(rule for rule in RULES if kind in rule.kinds)


def describe_rule(name: str, language: Language = "en") -> str:
    """Return what a rule does, in words.

    Example:
        >>> describe_rule("name.case", "es")
        'Mayúsculas y minúsculas de un nombre escrito todo en unas o en otras'
    """
    return text(f"{_TEXTS}.rules.{name}", language)


def describe_flag(name: str, language: Language = "en") -> str:
    """Return what a flag says about a value, in words."""
    return text(f"{_TEXTS}.flags.{name}", language)
