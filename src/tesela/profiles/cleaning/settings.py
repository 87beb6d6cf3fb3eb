"""Which rules of cleaning are on, and what they take for granted."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, NotFoundError
from tesela.profiles.cleaning.rules import KINDS, RULES, Kind, rules_of
from tesela.profiles.cleaning.wordlists import digest

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DayOrder = Literal["day_first", "month_first"]

DAY_ORDERS: tuple[DayOrder, ...] = get_args(DayOrder)

# what `tesela.toml` may list
_LISTED = ("off", "own_domains")

# goes up when the form of kept answers changes
_FORM = 1

# whose answers change with what: word lists of ours, libraries, and fields of the settings
_LISTS: Mapping[Kind, tuple[str, ...]] = {
    "email": ("addresses.toml", "providers.toml", "nothing.toml"),
    "phone": ("nothing.toml",),
    "name": ("names.toml", "nothing.toml"),
    "country": ("countries.toml", "nothing.toml"),
    "postal_code": ("postal_codes.toml", "nothing.toml"),
    "region": ("provinces.toml", "nothing.toml"),
    "postal_region": ("postal_codes.toml", "provinces.toml", "nothing.toml"),
    "language": ("words.toml", "nothing.toml"),
    "gender": ("words.toml", "nothing.toml"),
}
_LIBRARIES: Mapping[Kind, tuple[str, ...]] = {
    "email": ("disposable-email-domains", "email-validator", "rapidfuzz"),
    "phone": ("phonenumberslite",),
    "name": ("ftfy",),
    "country": ("babel",),
    "language": ("babel",),
}
_ASSUMED: Mapping[Kind, tuple[str, ...]] = {
    "email": ("own_domains",),
    "phone": ("country",),
    "date": ("day_order",),
    "birth_date": ("day_order", "as_of"),
    "postal_code": ("country",),
    "region": ("country",),
    "postal_region": ("country",),
}


@dataclass(frozen=True, slots=True)
class CleaningSettings:
    """How values are cleaned.

    Attributes:
        country: ISO 3166 code that phones without prefix, postal codes and regions are of. For contacts of several
            countries clean each country's values with its own settings (`replace(settings, country="MX")`).
        day_order: How 05/06/1980 is read.
        off: Names of the rules that are switched off.
        left_alone: (kind, original) of values that a person wants as they came; no rule touches them.
        own_domains: Domains of e-mail that are known to be right, such as the shop's own and those that many of its
            customers have: never called a typo, and what typos may have been meant for.
        as_of: Today, for dates of birth: later ones are improbable, and it parts 1912 from 2012 in 12. None when
            that is not to be judged.

    Raises:
        InputError: when the country is not two letters, or the order of days is none.
        NotFoundError: when a rule or a kind does not exist.
    """

    country: str = "ES"
    day_order: DayOrder = "day_first"
    off: frozenset[str] = frozenset()
    left_alone: frozenset[tuple[Kind, str]] = frozenset()
    own_domains: frozenset[str] = frozenset()
    as_of: dt.date | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch("[A-Z]{2}", self.country):
            raise InputError("profiles.cleaning.bad_country", country=self.country)
        if self.day_order not in DAY_ORDERS:
            raise InputError("profiles.cleaning.bad_day_order", order=self.day_order)
        known = {rule.name for rule in RULES}
        for name in sorted(self.off):
            if name not in known:
                raise NotFoundError("profiles.cleaning.unknown_rule", rule=name, known=", ".join(sorted(known)))
        for kind, _ in self.left_alone:
            check_kind(kind)

    def without(self, *rules: str) -> CleaningSettings:
        """Return the settings with rules switched off: what they did is undone by cleaning the originals again.

        Example:
            >>> sorted(CleaningSettings().without("name.case").off)
            ['name.case']
        """
        return replace(self, off=self.off | set(rules))

    def leaving(self, kind: Kind, originals: Iterable[str]) -> CleaningSettings:
        """Return the settings with some values left as they came: everything done to them is undone."""
        return replace(self, left_alone=self.left_alone | {(kind, original) for original in originals})

    def active(self, kind: Kind) -> frozenset[str]:
        """Return the names of the rules that are on for a kind."""
        return frozenset(rule.name for rule in rules_of(kind)) - self.off

    def fingerprint(self, kind: Kind) -> str:
        """Return what the answers for a kind depend on, as 32 hexadecimal digits.

        That is: the rules that are on with their versions, the settings that the kind looks at, our word lists, and
        the versions of the libraries asked. Values left alone are no part of it: they are looked up after the cache.
        """
        on = self.active(kind)
        told = self.to_dict()
        parts = {
            "form": _FORM,
            "kind": kind,
            "rules": [(rule.name, rule.version) for rule in rules_of(kind) if rule.name in on],
            "assumed": {name: told[name] for name in _ASSUMED.get(kind, ())},
            "lists": [digest(name) for name in _LISTS.get(kind, ("nothing.toml",))],
            "libraries": {name: version(name) for name in _LIBRARIES.get(kind, ())},
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]

    def written(self) -> str:
        """Return the table `[cleaning]` of `tesela.toml`; empty when nothing differs from what is usual."""
        usual = CleaningSettings()
        plain = {name: sorted(getattr(self, name)) for name in _LISTED if getattr(self, name)}
        lines = [f"{name} = {json.dumps(values, ensure_ascii=False)}" for name, values in plain.items()]
        lines += [f'day_order = "{self.day_order}"'] if self.day_order != usual.day_order else []
        return "\n".join(["", "[cleaning]", *lines, ""]) if lines else ""

    @classmethod
    def read(cls, told: Any) -> CleaningSettings:
        """Read the table as TOML tells it.

        Raises:
            InputError: when a setting is unknown or of the wrong kind.
            NotFoundError: when there is no such rule.
        """
        allowed = 'off = ["name.case"], own_domains = ["ana.es"], day_order = "day_first"'
        values: dict[str, Any] = told if isinstance(told, dict) else {str(told): None}
        for name, value in values.items():
            is_list = isinstance(value, list) and all(isinstance(each, str) for each in value)
            if not (is_list if name in _LISTED else name == "day_order" and isinstance(value, str)):
                raise InputError("profiles.cleaning.bad_setting", value=name, allowed=allowed)
        off, own_domains = (frozenset(values.get(name, ())) for name in _LISTED)
        return cls(off=off, own_domains=own_domains, day_order=values.get("day_order", DAY_ORDERS[0]))

    def to_dict(self) -> dict[str, Any]:
        """Return the settings as plain values, for JSON."""
        return {
            "country": self.country,
            "day_order": self.day_order,
            "off": sorted(self.off),
            "left_alone": [list(pair) for pair in sorted(self.left_alone)],
            "own_domains": sorted(self.own_domains),
            "as_of": self.as_of.isoformat() if self.as_of else None,
        }

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> CleaningSettings:
        """Return the settings that `to_dict` wrote; what is absent has its default."""
        return cls(
            country=told.get("country", "ES"),
            day_order=told.get("day_order", "day_first"),
            off=frozenset(told.get("off", ())),
            left_alone=frozenset((kind, original) for kind, original in told.get("left_alone", ())),
            own_domains=frozenset(told.get("own_domains", ())),
            as_of=dt.date.fromisoformat(told["as_of"]) if told.get("as_of") else None,
        )


def check_kind(kind: str) -> None:
    """Refuse a kind of value that does not exist."""
    if kind not in KINDS:
        raise NotFoundError("profiles.cleaning.unknown_kind", kind=kind, known=", ".join(KINDS))
