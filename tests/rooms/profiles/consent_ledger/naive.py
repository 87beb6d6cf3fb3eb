"""What may be written to whom, read from the rules one sentence at a time: slow, and obviously right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tesela.profiles.consent_ledger import Entry

Address = tuple[str, str]

KIND_OF = {"email": "email", "sms": "phone", "whatsapp": "phone", "phone": "phone"}


def is_opt_in(entry: Entry) -> bool:
    """Whether a yes may turn a no: an import's only with its own time and how it was given."""
    if entry.basis != "consent":
        return False
    return entry.load_id is None or (entry.is_dated and bool(entry.method))


def allows(
    said: Iterable[Entry], person: Iterable[Address], address: Address | None, channel: str, purpose: str, at: datetime
) -> bool:
    """Whether a person's address (None: the person herself) may be written to, by what was said before a moment."""
    hers = set(person)
    told = [e for e in said if e.occurred_at < at and e.purpose == purpose and (e.address_kind, e.address) in hers]
    if channel in KIND_OF:
        return address is not None and _answer(told, address, channel) == "yes"
    answers = {_answer(told, each, channel) for each in hers} - {"nothing"}
    return answers == {"yes"}


def _answer(told: list[Entry], address: Address, channel: str) -> str:
    mine = [e for e in told if (e.address_kind, e.address) == address and e.channel == channel]
    if not mine:
        return "nothing"
    refused = [e for e in told if e.status == "objection"]
    refused += [
        e
        for e in told
        if e.status == "no" and e.channel == channel and channel in KIND_OF and e.address_kind != KIND_OF[channel]
    ]
    noes = [e.occurred_at for e in [*mine, *refused] if e.status != "yes"]
    opted_in = [e.occurred_at for e in mine if e.status == "yes" and is_opt_in(e)]
    if noes:
        return "yes" if opted_in and max(opted_in) > max(noes) else "no"
    return "yes"


def has_opted_in(
    said: Iterable[Entry], person: Iterable[Address], address: Address | None, channel: str, purpose: str, at: datetime
) -> bool:
    """Whether whoever may be written to may be so by proven consent: of the person, by all that said anything."""
    hers = set(person)
    told = [e for e in said if e.occurred_at < at and e.purpose == purpose and e.channel == channel]
    spoke = {(e.address_kind, e.address) for e in told} & ({address} if address else hers)
    return all(
        any((e.address_kind, e.address) == each and e.status == "yes" and is_opt_in(e) for e in told) for each in spoke
    )
