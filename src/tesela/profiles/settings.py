"""What a shop may set about identity: the table `[identity]` of `tesela.toml`, plain values only."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError
from tesela.events import IDENTIFIER_KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.profiles.resolution import Decisions, IdentityRules

ANY = "any"
"""Stands for all kinds, or for all fields that are not named."""

Survival = Literal["newest", "most_trusted", "most_frequent", "longest"]
"""Which of the values that a person's records tell of a field holds; the newest where two are as good."""

# raised when the same settings come to mean something else
_VERSION = 1
_KEYS = ("merging", "largest", "unique", "blocked", "own", "trusted", "survival")


@dataclass(frozen=True, slots=True)
class IdentitySettings:
    """When records are one person, and which of their values hold then.

    Attributes:
        merging: Kinds that merge, the strongest first.
        largest: How many identifiers' records one profile may have before it loses its weakest kinds.
        unique: For kinds that are unique per person, how many distinct values an identifier may stand with before
            it is taken for shared; by the identifier's kind, or `any`. 0 is no limit.
        blocked: Values that merge nobody, by kind or `any`; `*` in a value stands for any text.
        own: The shop's own e-mail addresses and domains.
        trusted: Names of sources, the most trusted first.
        survival: Which value holds, by field or `any`.
    """

    merging: tuple[str, ...] = IDENTIFIER_KINDS
    largest: int = 1_000
    unique: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    blocked: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    trusted: tuple[str, ...] = ()
    survival: Mapping[str, Survival] = field(default_factory=dict)

    def __post_init__(self) -> None:
        kinds = ", ".join(IDENTIFIER_KINDS)
        for name in (*self.merging, *self.unique):
            _require(name, name in IDENTIFIER_KINDS, kinds)
        for name in (*self.blocked, *(kind for each in self.unique.values() for kind in each)):
            _require(name, name in (*IDENTIFIER_KINDS, ANY), f"{kinds}, {ANY}")
        for each in self.unique.values():
            for most in each.values():
                _require(most, most >= 0, "0, 1, 2, ...")
        for how in self.survival.values():
            _require(how, how in get_args(Survival), ", ".join(get_args(Survival)))
        _require(self.largest, self.largest >= 1, "1, 2, ...")
        _require(", ".join(self.merging), len(set(self.merging)) == len(self.merging), kinds)

    @property
    def fingerprint(self) -> str:
        """What tells these settings from others, in their order where it counts."""
        told = json.dumps([_VERSION, asdict(self)], ensure_ascii=False)
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def rules(self, decisions: Decisions | None = None) -> IdentityRules:
        """Return the rules of resolution, with what people decided by hand."""
        # brings SciPy
        from tesela.profiles.resolution import DEFAULT_BLOCKS, DEFAULT_LIMITS, Decisions, IdentityRules, Limit
        from tesela.profiles.resolution import block_own as own

        usual = [limit for limit in DEFAULT_LIMITS if limit.unique not in self.unique]
        told = [
            Limit(unique, most, None if kind == ANY else kind)
            for unique, each in self.unique.items()
            for kind, most in each.items()
            if most
        ]
        blocks = (*DEFAULT_BLOCKS, *self._blocks(), *([own(*self.own)] if self.own else []))
        return IdentityRules(self.merging, (*usual, *told), self.largest, blocks, decisions or Decisions())

    def _blocks(self) -> list[Any]:
        from tesela.profiles.resolution import ANY_KIND, Block

        found = []
        for kind, values in self.blocked.items():
            whole = frozenset(value for value in values if "*" not in value)
            patterns = [re.escape(value).replace(r"\*", ".*") for value in values if "*" in value]
            found.append(Block(ANY_KIND if kind == ANY else kind, "set", whole, "|".join(patterns)))
        return found

    def written(self) -> str:
        """Return the table as TOML; empty when nothing differs from what is usual."""
        usual, told = asdict(IdentitySettings()), asdict(self)
        plain = {name: value for name, value in told.items() if value != usual[name]}
        if not plain:
            return ""
        values = [f"{name} = {_toml(value)}" for name, value in plain.items() if not isinstance(value, dict)]
        lines = ["", "[identity]", *values]
        for name, value in plain.items():
            if isinstance(value, dict):
                lines += ["", f"[identity.{name}]", *(f"{_toml(key)} = {_toml(each)}" for key, each in value.items())]
        return "\n".join(lines) + "\n"

    @classmethod
    def read(cls, told: Any) -> IdentitySettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a setting is unknown, of the wrong kind, or makes no sense.
        """
        _require(told, isinstance(told, dict), "[identity]")
        for key in told:
            _require(key, key in _KEYS, ", ".join(_KEYS))
        lists = {key: _texts(key, told[key]) for key in ("merging", "own", "trusted") if key in told}
        largest = told.get("largest", 1_000)
        _require(largest, _is_number(largest), "1000")
        blocked, unique, survival = (_table(key, told.get(key, {})) for key in ("blocked", "unique", "survival"))
        return cls(
            **lists,
            largest=largest,
            blocked={kind: _texts(f"blocked.{kind}", values) for kind, values in blocked.items()},
            unique={kind: _limits(kind, most) for kind, most in unique.items()},
            survival=survival,
        )


def _limits(kind: str, told: Any) -> dict[str, int]:
    by_kind = told if isinstance(told, dict) else {ANY: told}
    for most in by_kind.values():
        _require(f"unique.{kind}", _is_number(most), "1, { any = 1, phone = 3 }, ...")
    return dict(by_kind)


def _is_number(told: Any) -> bool:
    return isinstance(told, int) and not isinstance(told, bool)


def _table(key: str, told: Any) -> dict[str, Any]:
    _require(told, isinstance(told, dict), f"[identity.{key}]")
    return dict(told)


def _texts(key: str, told: Any) -> tuple[str, ...]:
    _require(key, isinstance(told, list) and all(isinstance(each, str) for each in told), '["...", "..."]')
    return tuple(told)


def _toml(value: Any) -> str:
    """Return a value as TOML writes it: texts and lists as JSON does, tables inline."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_toml(key)} = {_toml(each)}" for key, each in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def _require(value: object, holds: bool, allowed: str) -> None:
    if not holds:
        raise InputError("profiles.merging.bad_setting", value=value, allowed=allowed)
