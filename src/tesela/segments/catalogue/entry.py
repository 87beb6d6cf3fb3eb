"""The entry of the catalogue: a segment ready to use, with what it is for and what to do with it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.language import by_language, check_keys, check_slug
from tesela.segments.catalogue.parameter import Parameter, say_value
from tesela.segments.filling import plain
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tesela.base import Language
    from tesela.segments.filling import Value

_KEYS = frozenset(
    {"name", "description", "when", "tags", "parameters", "with", "objective", "actions", "kpis", "warning"}
)
_PLACE = re.compile(r"\{([a-z_]+)\}")
_STARTER = "starter"


@dataclass(frozen=True, slots=True)
class Action:
    """Something to do with the people of a segment.

    Attributes:
        channels: By which channels.
        words: What to do, by language.
    """

    channels: tuple[str, ...]
    words: Mapping[Language, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A segment ready to use.

    Attributes:
        slug: Its short name.
        family: Which file of the catalogue it stands in.
        name: What it is called, by language; may have `{places}`.
        description: Who is in it, by language; may have `{places}`.
        template: Its rule, with `{places}`.
        parameters: What may stand in each place.
        objective: What it is for, by language.
        actions: What to do with its people.
        kpis: Metrics to watch, by their names in code.
        warning: What it does not tell, by language.
        is_starter: Whether every new workspace begins with it.
    """

    slug: str
    family: str
    name: Mapping[Language, str]
    description: Mapping[Language, str]
    template: str
    parameters: Mapping[str, Parameter]
    objective: Mapping[Language, str]
    actions: tuple[Action, ...]
    kpis: tuple[str, ...]
    warning: Mapping[Language, str]
    is_starter: bool

    @property
    def defaults(self) -> dict[str, Value]:
        """What stands in the places unless somebody says."""
        return {name: parameter.default for name, parameter in self.parameters.items()}

    @property
    def channels(self) -> tuple[str, ...]:
        """The channels of its actions."""
        return tuple(dict.fromkeys(channel for action in self.actions for channel in action.channels))

    def segment(self, values: Mapping[str, Value] | None = None, slug: str = "") -> Segment:
        """Return the segment with some values, by default the entry's own, and its name or another."""
        chosen = self.defaults | dict(values or {})
        name, description = (
            {language: self._said(words, language, chosen) for language, words in told.items()}
            for told in (self.name, self.description)
        )
        told = {place: plain(value) for place, value in chosen.items()}
        return Segment.from_template(slug or self.slug, self.template, told, name, description)

    def title(self, language: Language, values: Mapping[str, Value] | None = None) -> str:
        """Return what it is called; a place that the shop's own data fill is left open unless told."""
        return self._said(self.name[language], language, self._told(values))

    def meaning(self, language: Language, values: Mapping[str, Value] | None = None) -> str:
        """Return who is in it, in a sentence."""
        return self._said(self.description[language], language, self._told(values))

    def _told(self, values: Mapping[str, Value] | None) -> Mapping[str, Value]:
        own = {name: each.default for name, each in self.parameters.items() if not each.measured}
        return own | dict(values or {})

    def _said(self, words: str, language: Language, values: Mapping[str, Value]) -> str:
        def put(found: re.Match[str]) -> str:
            value = values.get(found[1])
            return "…" if value is None else say_value(value, self.parameters[found[1]].kind, language)

        return _PLACE.sub(put, words)

    def to_dict(self) -> dict[str, Any]:
        """Return everything as plain values."""
        return {
            "entry": self.slug,
            "family": self.family,
            "name": {language: self.title(language) for language in self.name},
            "description": {language: self.meaning(language) for language in self.description},
            "when": self.template,
            "parameters": {name: each.to_dict() for name, each in self.parameters.items()},
            "objective": dict(self.objective),
            "actions": [{"channels": list(each.channels), **each.words} for each in self.actions],
            "channels": list(self.channels),
            "kpis": list(self.kpis),
            "warning": dict(self.warning),
            "starter": self.is_starter,
        }


def reader(family: str) -> Callable[[str, object], Entry]:
    """Return what makes the entries of a family of what its file tells."""

    def read(slug: str, written: object) -> Entry:
        check_slug(slug)
        told = check_keys(slug, written, _KEYS, "when")
        values, parameters = told.get("with", {}), told.get("parameters", {})
        if set(values) != set(parameters):
            raise InputError("segments.bad_values", segment=slug)
        words = {key: by_language(slug, key, told[key]) for key in ("name", "description", "objective", "warning")}
        entry = Entry(
            slug=slug,
            family=family,
            name=words["name"],
            description=words["description"],
            template=str(told["when"]).strip(),
            parameters={
                str(name): Parameter.from_dict(slug, str(name), each, values[name]) for name, each in parameters.items()
            },
            objective=words["objective"],
            actions=tuple(_action(slug, each) for each in told["actions"]),
            kpis=tuple(map(str, told["kpis"])),
            warning=words["warning"],
            is_starter=_STARTER in told.get("tags", ()),
        )
        entry.segment()
        return entry

    return read


def _action(slug: str, written: object) -> Action:
    told = check_keys(f"{slug}.actions", written, ("channels", "es", "en"), "channels")
    words = by_language(slug, "actions", {language: told[language] for language in ("es", "en")})
    return Action(tuple(map(str, told["channels"])), words)
