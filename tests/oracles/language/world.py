"""What there is, as lists: events, facts, consents, stays, products; and the shape of what rules are made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class Happening(NamedTuple):
    """One event of one profile."""

    profile: int | None
    name: str
    at: datetime
    source: str
    message: str
    told: dict[str, Any]


class Statement(NamedTuple):
    """What an address said about a channel and purpose."""

    profile: int
    address: str
    channel: str
    purpose: str
    at: datetime
    status: str
    source: str
    basis: str = "consent"


class Stop(NamedTuple):
    """A stop of an address on a channel; a list that does not bind stops only whose yes rests on something else."""

    kind: str
    value: str
    channel: str
    at: datetime
    reason: str = "manual"
    binds: bool = True


class Recorded(NamedTuple):
    """A recorded stay in a segment."""

    segment: str
    profile: int
    entered: datetime | None
    left: datetime | None
    recorded: datetime
    left_recorded: datetime | None

    def seen(self, moment: datetime) -> Recorded:
        """Return the stay as it was known at a moment."""
        was_seen = self.left_recorded is not None and self.left_recorded <= moment
        return self if was_seen else self._replace(left=None)


class Version(NamedTuple):
    """What a source told of a product since a time."""

    source: str
    product: str
    since: datetime
    told: dict[str, Any]


class Score(NamedTuple):
    """A stored value of a trait, and the moment it is for."""

    profile: int
    trait: str
    at: datetime
    value: str


@dataclass
class World:
    """Everything there is, and the moment it is looked at.

    `known` are those of the base, who `later` are first seen at the moment or after it; where a rule asks among
    everyone, `inner` is the world as other rules see it.
    """

    as_of: datetime
    zone: ZoneInfo
    known: list[int] = field(default_factory=list)
    anonymous: list[int] = field(default_factory=list)
    events: list[Happening] = field(default_factory=list)
    facts: dict[int, dict[str, list[tuple[datetime, str]]]] = field(default_factory=dict)
    consents: list[Statement] = field(default_factory=list)
    stops: list[Stop] = field(default_factory=list)
    stays: list[Recorded] = field(default_factory=list)
    products: list[Version] = field(default_factory=list)
    scores: list[Score] = field(default_factory=list)
    later: list[int] = field(default_factory=list)
    inner: World | None = None

    def with_everyone(self) -> World:
        """Return the world whose base are the anonymous visitors too."""
        if self.inner is not None:
            return self
        return replace(self, known=[*self.known, *self.anonymous], inner=self)

    def mine(self, profile: int, name: str) -> list[Happening]:
        """Return a profile's events of a name, in their order, as rules mean the name."""
        return [e for e in self.everyones(name) if e.profile == profile]

    def everyones(self, name: str) -> list[Happening]:
        """Return all events of a name before the moment, nobody's included, in their order."""
        stored = "email_opened" if name == "email_opened_any" else name
        found = [e for e in self.events if e.name == stored and e.at < self.as_of]
        if name == "email_opened":
            found = [e for e in found if e.told.get("is_machine") is not True]
        if name == "order_completed":
            found = [e for e in found if not self._is_cancelled(e)]
        return sorted(found, key=lambda e: (e.at, e.source, e.message))

    def _is_cancelled(self, order: Happening) -> bool:
        return any(
            e.name == "order_cancelled"
            and e.at < self.as_of
            and e.source == order.source
            and e.told.get("order_id") == order.told.get("order_id") is not None
            for e in self.events
        )


class Rule(NamedTuple):
    """A part of a rule: its text, and what it means for a profile of a world."""

    text: str
    of: Callable[[World, int], Any]


class Part(NamedTuple):
    """A part of a condition on one event: its text, and what it means for an event of a world."""

    text: str
    of: Callable[[World, Happening], Any]


class Span(NamedTuple):
    """A window: its text, and its half-open bounds in a world."""

    text: str
    of: Callable[[World], tuple[datetime | None, datetime | None]]


class Selection(NamedTuple):
    """Which events."""

    name: str
    where: Part | None = None
    window: Span | None = None
    since: Rule | None = None

    def text(self, value: str = "", by: str = "") -> str:
        written = self.name + (f".{value}" if value else "") + (f" by {by}" if by else "")
        written += f" where ({self.where.text})" if self.where else ""
        written += f" {self.window.text}" if self.window else ""
        return written + (f" since {self.since.text}" if self.since else "")

    def pick(self, world: World, profile: int) -> list[Happening]:
        found = world.mine(profile, self.name)
        if self.window:
            start, end = self.window.of(world)
            found = [e for e in found if (start is None or start <= e.at) and (end is None or e.at < end)]
        if self.since:
            since = self.since.of(world, profile)
            found = [e for e in found if since is not None and e.at > since]
        return [e for e in found if self.where is None or self.where.of(world, e)]


def compare(sign: str, left: Any, right: Any) -> bool:
    if left is None or right is None:
        return False
    return {
        "=": left == right,
        "!=": left != right,
        "<": left < right,
        "<=": left <= right,
        ">": left > right,
        ">=": left >= right,
    }[sign]
