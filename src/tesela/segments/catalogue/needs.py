"""What data a rule needs, read off the rule itself, and whether a shop has it: asked in the language like any rule."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from tesela.base import text
from tesela.language import from_json, named_segments, to_json
from tesela.segments.counting import count_segments

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.base import Language
    from tesela.language import Rule
    from tesela.segments.catalogue.catalogue import Catalogue
    from tesela.segments.catalogue.entry import Entry
    from tesela.warehouse import Engine

_BIRTH_DATE = "birth_date"
_CLOCK = ("hour", "weekday")
_CHANNELS = ("email", "phone", "post", "sms", "web_push", "whatsapp")
_RFM = "rfm."


class Need(NamedTuple):
    """Something that a rule reads.

    Attributes:
        event: An event; empty: any event, when a field is named, else none.
        field: A field of the event, or of the profile.
        channel: Consents for a channel.
    """

    event: str = ""
    field: str = ""
    channel: str = ""
    any_event: bool = False

    def say(self, language: Language) -> str:
        """Return what it is, in words."""
        kind = "consents" if self.channel else "events" if not self.field else "field"
        if kind == "field":
            kind = "event_field" if self.event else "any_event_field" if self.any_event else "profile_field"
        if self.field.startswith(_RFM):
            kind = "scores"
        told = {**self._asdict(), "channel": self._channel_said(language)}
        return text(f"segments.catalogue.need.{kind}", language, **told)

    def _channel_said(self, language: Language) -> str:
        # a shop may have channels of its own
        is_ours = self.channel in _CHANNELS
        return text(f"segments.catalogue.channel.{self.channel}", language) if is_ours else self.channel

    def to_dict(self) -> dict[str, str]:
        """Return what it names."""
        told = {"event": self.event, "field": self.field, "consents": self.channel}
        return {key: value for key, value in told.items() if value}

    @property
    def rule(self) -> Rule:
        """The rule of who has such data, anonymous visitors included."""
        return from_json({"when": self._condition(), "among": "everyone"})

    def _condition(self) -> dict[str, Any]:
        if self.channel:
            return _is_set({"op": "consent", "channel": self.channel})
        told = {"field": self.field.split(".") if "." in self.field else self.field}
        if self.any_event:
            values = {
                "op": "aggregate",
                "function": "distinct",
                "events": {"op": "events", "name": None, "value": told},
            }
            return {"op": "comparison", "operator": ">=", "left": values, "right": 1}
        if not self.event:
            return _is_set(told)
        where = {"where": _is_set(told)} if self.field else {}
        return {"op": "did", "events": {"op": "events", "name": self.event, **where}}


def find_needs(entry: Entry, catalogue: Catalogue) -> list[Need]:
    """Return what data an entry's rule reads, in the order in which it names them; of the segments it names too."""
    rule = entry.segment().rule
    found = needs_of(rule)
    for slug in sorted(named_segments(rule)):
        found += find_needs(catalogue.entries[slug], catalogue)
    return _without_doubles(found)


def needs_of(rule: Rule) -> list[Need]:
    """Return what data a rule reads by itself, in the order in which it names them."""
    return _without_doubles(_needs(to_json(rule)["when"], None))


def _without_doubles(needs: Iterable[Need]) -> list[Need]:
    """Return needs once each: an event that must have a field need not be asked for by itself."""
    found = list(dict.fromkeys(needs))
    fielded = {need.event for need in found if need.field}
    return [need for need in found if need.field or need.channel or need.event not in fielded]


def find_missing(
    engine: Engine,
    entries: Iterable[Entry],
    catalogue: Catalogue,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    known: Mapping[Need, bool] | None = None,
) -> dict[str, list[Need]]:
    """Return what data is wanting for each entry: nothing, where it is possible with the shop's data.

    Args:
        engine: Where the events and profiles are.
        entries: Which entries.
        catalogue: The whole catalogue.
        as_of: Only what was before counts, naive UTC.
        zone: The workspace's zone.
        known: Whether there are such data, of needs that somebody has counted already.
    """
    told = known or {}
    needs = {entry.slug: find_needs(entry, catalogue) for entry in entries}
    asked = list(dict.fromkeys(need for each in needs.values() for need in each if need not in told))
    rules = {f"need_{place}": need.rule for place, need in enumerate(asked)}
    sizes = count_segments(engine, rules, as_of=as_of, zone=zone) if rules else {}
    wanting = {need for need, slug in zip(asked, rules, strict=True) if not sizes[slug]}
    wanting |= {need for need, is_there in told.items() if not is_there}
    return {slug: [need for need in each if need in wanting] for slug, each in needs.items()}


def _is_set(told: Mapping[str, Any]) -> dict[str, Any]:
    return {"op": "presence", "value": dict(told), "is_set": True}


def _needs(told: object, event: str | None) -> Iterator[Need]:
    """Yield what a part of a rule reads; `event` is the event that its fields belong to, None outside any."""
    if isinstance(told, list):
        for each in told:
            yield from _needs(each, event)
        return
    if not isinstance(told, dict):
        return
    if "field" in told and "op" not in told:
        yield from _of_field(told["field"], event)
        return
    op = told.get("op")
    if op in ("can_receive", "consent"):
        yield Need(channel=told["channel"])
    if op == "birthday":
        yield Need(field=_BIRTH_DATE)
    if op == "revenue":
        yield Need("order_completed")
    inside = event
    if op == "events":
        inside = told["name"] or ""
        if inside:
            yield Need(inside)
    own = told.get("events")
    own_event = (own["name"] or "") if isinstance(own, dict) else inside
    for key, part in told.items():
        # what stands beside events in these places are fields of those events
        of_events = key in ("by", "same", "key") or (op == "value_at" and key == "value")
        since = op == "events" and key == "since"
        yield from _needs(part, None if since else own_event if of_events else inside)


def _of_field(field: str | list[str], event: str | None) -> Iterator[Need]:
    name = field if isinstance(field, str) else ".".join(field)
    if event is None:
        yield Need(field=_BIRTH_DATE if name == "age" else name)
    elif name.split(".")[-1] not in _CLOCK:
        yield Need(event, name, any_event=not event)
