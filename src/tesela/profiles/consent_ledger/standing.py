"""What stands of all that was said, and what is left of it when records turn out to be one person. Pure.

The latest statement of an address by its own time holds, and of two at one time the no. A yes that is no proven
opt-in (`Entry.is_firm`) holds only while nothing firm was said. When people are merged, equal addresses take the
stricter of what stood; a no on one address says nothing about another; a refusal of the person herself (an
objection, or a no that came under an identifier which is no address of the channel) reaches all her addresses,
unless one of them opted in later. So a merge only ever takes permission away, whatever the order of merges.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.profiles.consent_ledger.entry import ADDRESS_KINDS, ANY_CHANNEL

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from tesela.profiles.consent_ledger.entry import Entry

Key = tuple[str | None, str, str]
"""Address (None on a channel where the person is the address), channel, purpose."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What one address stands at.

    Attributes:
        entry: The statement that decides.
    """

    entry: Entry

    @property
    def strictness(self) -> tuple[int, float, int]:
        """Smaller is stricter: a no (the later first), then a yes without proof, then the earlier opt-in."""
        moment = self.entry.occurred_at
        told = (moment - moment.min).total_seconds()
        if self.entry.status != "yes":
            return 0, -told, -self.entry.sequence
        return (2 if self.entry.is_firm else 1), told, self.entry.sequence


@dataclass(frozen=True, slots=True)
class PersonConsents:
    """What stands for one person.

    Attributes:
        standings: By address, channel and purpose; what is not there is unknown.
        refusals: The latest refusal of the person herself, by channel (or `any`) and purpose.
    """

    standings: Mapping[Key, Standing] = field(default_factory=dict)
    refusals: Mapping[tuple[str, str], Entry] = field(default_factory=dict)

    def decide(self, address: str | None, channel: str, purpose: str) -> Entry | None:
        """Return the statement that decides; None when nothing was said, which is no.

        Args:
            address: In normal form; it plays no part where the person is the address.
            channel: What to write to.
            purpose: What for.
        """
        own = self.standings.get((address if channel in ADDRESS_KINDS else None, channel, purpose))
        told = [self.refusals.get((each, purpose)) for each in (ANY_CHANNEL, channel)]
        refusal = max((each for each in told if each is not None), key=_place, default=None)
        if own is None or own.entry.status != "yes" or refusal is None:
            return refusal if own is None else own.entry
        is_later = own.entry.is_firm and own.entry.occurred_at > refusal.occurred_at
        return own.entry if is_later else refusal

    def allows(self, address: str | None, channel: str, purpose: str) -> bool:
        """Return whether the address said yes and nobody took it back."""
        decided = self.decide(address, channel, purpose)
        return decided is not None and decided.status == "yes"


def gather(entries: Iterable[Entry]) -> PersonConsents:
    """Return what stands of what the addresses of one person said, in any order."""
    by_address: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        by_address[entry.address_kind, entry.address].append(entry)
    return merge(_gather_one(said) for said in by_address.values())


def merge(people: Iterable[PersonConsents]) -> PersonConsents:
    """Return what stands when several turn out to be one person.

    Associative, commutative and idempotent; nobody gets a yes for an address that had a no.
    """
    standings: dict[Key, Standing] = {}
    refusals: dict[tuple[str, str], Entry] = {}
    for person in people:
        for key, standing in person.standings.items():
            standings[key] = min(standings.get(key, standing), standing, key=lambda each: each.strictness)
        for about, refusal in person.refusals.items():
            refusals[about] = max(refusals.get(about, refusal), refusal, key=_place)
    return PersonConsents(standings, refusals)


def _gather_one(said: Iterable[Entry]) -> PersonConsents:
    """Return what stands of what one address said."""
    by_key: defaultdict[Key, list[Entry]] = defaultdict(list)
    refusals: dict[tuple[str, str], Entry] = {}
    for entry in said:
        kind = ADDRESS_KINDS.get(entry.channel, entry.address_kind)
        if entry.status == "objection" or (entry.status == "no" and kind != entry.address_kind):
            about = (entry.channel, entry.purpose)
            refusals[about] = max(refusals.get(about, entry), entry, key=_place)
        elif kind == entry.address_kind:
            address = entry.address if entry.channel in ADDRESS_KINDS else None
            by_key[address, entry.channel, entry.purpose].append(entry)
    return PersonConsents({key: Standing(_latest(told)) for key, told in by_key.items()}, refusals)


def _latest(told: Iterable[Entry]) -> Entry:
    """Return what holds: the latest firm statement, of two at one time the no; without any, the latest yes."""
    return max(told, key=lambda each: (each.is_firm, each.occurred_at, each.status != "yes", each.sequence))


def _place(entry: Entry) -> tuple[datetime, int]:
    return entry.occurred_at, entry.sequence
