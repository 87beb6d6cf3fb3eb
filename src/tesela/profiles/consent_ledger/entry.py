"""An entry of the consent ledger: what one address said once about one channel and purpose."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal, get_args

from tesela.base import InputError

if TYPE_CHECKING:
    from datetime import datetime

Channel = Literal["email", "sms", "web_push", "whatsapp", "post", "phone", "onsite"]
Status = Literal["yes", "no", "objection"]
Basis = Literal["consent", "existing_customer", "contract", "other"]

CHANNELS: tuple[str, ...] = get_args(Channel)
BASES: tuple[str, ...] = get_args(Basis)
STATUSES: tuple[str, ...] = get_args(Status)

ANY_CHANNEL = "any"
"""Channel of an objection: it is about the purpose as such."""

MARKETING = "marketing"

ADDRESS_KINDS = {"email": "email", "sms": "phone", "whatsapp": "phone", "phone": "phone"}
"""Kind of the addresses of a channel; on the other channels whatever names the person is her address."""


def address_field(channel: str) -> str | None:
    """Return the field of a profile that the address of a channel stands in; None where the person is the address."""
    return ADDRESS_KINDS.get(channel) or ("postal_code" if channel == "post" else None)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one address said once.

    Attributes:
        address_kind: Kind of the identifier that spoke: email, phone, customer_id, ...
        address: Its normal form.
        channel: What it was asked about; `any` for an objection.
        status: `yes`, `no`, or `objection`: to the purpose on every channel and address of the person.
        occurred_at: Its own time, naive UTC; that of its arrival where nobody told it (`is_dated`).
        source: Who told it: a source of records, a form, a colleague.
        purpose: What for.
        basis: What a yes rests on, consent unless told; `other` is nothing that the law knows.
        method: How and where it was given: a form's address, a checkbox at the till, double opt-in, ...
        wording: The text that was agreed to, or its version.
        actor: Who wrote it down.
        is_dated: Whether its own time was told.
        confirmed_at: When a double opt-in was confirmed, naive UTC.
        evidence: Whatever else proves it, as JSON.
        load_id: Import that brought it; None when none did.
        sequence: Place in the ledger, from 1; 0 before it is kept.
    """

    address_kind: str
    address: str
    channel: str
    status: Status
    occurred_at: datetime
    source: str
    purpose: str = MARKETING
    basis: Basis | None = None
    method: str | None = None
    wording: str | None = None
    actor: str = ""
    is_dated: bool = True
    confirmed_at: datetime | None = None
    evidence: str | None = None
    load_id: int | None = None
    sequence: int = 0

    def __post_init__(self) -> None:
        _require("address", self.address, bool(self.address.strip()) and bool(self.address_kind))
        is_objection = self.status == "objection"
        channels = (ANY_CHANNEL,) if is_objection else CHANNELS
        _require("channel", self.channel, self.channel in channels, channels)
        _require("status", self.status, self.status in STATUSES, STATUSES)
        _require("basis", self.basis, self.basis is None or self.basis in BASES, BASES)
        _require("purpose", self.purpose, bool(self.purpose.strip()))
        _require("source", self.source, bool(self.source.strip()))
        _require("occurred_at", self.occurred_at, self.occurred_at.tzinfo is None)
        if self.status == "yes" and self.basis is None:
            object.__setattr__(self, "basis", "consent")

    @property
    def is_firm(self) -> bool:
        """Whether it holds against an earlier no; every no does.

        Of the yeses only an opt-in does: one that rests on consent and, when it was imported, tells its own time
        and where it was given.
        """
        if self.status != "yes":
            return True
        is_opt_in = self.basis == "consent"
        return is_opt_in and (self.load_id is None or (self.is_dated and bool(self.method and self.method.strip())))

    @property
    def fingerprint(self) -> str:
        """What tells it from every other thing that was ever said; a repeat has the same."""
        told = {name: value for name, value in asdict(self).items() if name not in ("sequence", "actor")}
        if not self.is_dated:
            del told["occurred_at"]
        return hashlib.md5(json.dumps(told, sort_keys=True, default=str).encode(), usedforsecurity=False).hexdigest()


def _require(name: str, value: object, holds: bool, allowed: tuple[str, ...] = ()) -> None:
    if not holds:
        # an address is personal: it is not told
        shown = "…" if name == "address" else value
        raise InputError(
            "profiles.consent_ledger.bad_entry", field=name, value=shown, allowed=", ".join(allowed) or "…"
        )
