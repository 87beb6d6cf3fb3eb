"""What people allow: what the ledger holds of a person, and what somebody writes into it by hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from tesela import profiles
from tesela.base import NotFoundError, parse_moment

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

_BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class ConsentPage:
    """What is known of a person's consents: personal data.

    Attributes:
        profile_id: Number of the profile; None where nobody has the address yet.
        standing: `address`, `channel`, `purpose`, `status`, `basis`, `occurred_at`, `source`, `wording`, `sequence`,
            `is_objection`: what holds now.
        stops: `value` (the address), `channel`, `reason`, `list_name`, `occurred_at`, `binds_consented`, `source`,
            `note`: what must not be written to.
        entries: Everything that her addresses ever said, in the order of the ledger.
    """

    profile_id: int | None
    standing: Sequence[Mapping[str, Any]]
    stops: Sequence[Mapping[str, Any]]
    entries: Sequence[Any]


class Consents:
    """The ledger of consents.

    Args:
        stores: The open stores.
        clock: Tells the present.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def show(self, who: str) -> ConsentPage:
        """Return what a person allows, and everything that was ever said of it: personal data.

        Args:
            who: E-mail, phone, customer id, loyalty card, or a number of the profile with a # before it.

        Raises:
            NotFoundError: when nobody is known so, and nothing was ever said of it.
            ConflictError: when the identifier is shared by several people.
        """
        stores = self._stores
        stores.refresh()
        control, permissions = stores.control, stores.permissions
        try:
            number = profiles.find_person(stores.warehouse, who, stores.settings.country).profile_id
        except NotFoundError:
            written = stores.addresses.read(who)
            if written is None or not permissions.said(control, [written]):
                raise
            return ConsentPage(None, [], self._stops([written]), permissions.said(control, [written]))
        addresses = stores.addresses.of(number)
        return ConsentPage(
            number,
            profiles.read_facts(stores.warehouse, number, newest=0).consents,
            self._stops(addresses),
            permissions.said(control, addresses),
        )

    def record(
        self,
        who: str,
        *,
        status: str,
        channel: str | None = None,
        purpose: str = "marketing",
        source: str = _BY_HAND,
        actor: str = "",
        at: str | datetime | None = None,
        **told: Any,
    ) -> Any:
        """Write into the ledger what an address said, and return the entry.

        Args:
            who: The address, or whatever names a person who has one for the channel.
            status: `yes`, `no`, or `objection`: to the purpose as such, on every channel and address.
            channel: email, sms, web_push, whatsapp, post, phone or onsite; none for an objection.
            purpose: What for.
            source: Who told it.
            actor: Who writes it down.
            at: When it was said; now by default.
            told: basis, method, wording, evidence, confirmed_at.

        Raises:
            NotFoundError: when nobody is known so.
            InputError: when an entry cannot have one of them.
        """
        stores, now = self._stores, self._clock.now()
        stores.refresh()
        moment = parse_moment(at, stores.settings.zone) if isinstance(at, str) else at or now
        address = stores.addresses.find(who, channel)
        return stores.say(
            lambda: stores.permissions.say(
                stores.control,
                address,
                at=now,
                channel=channel or "any",
                status=status,
                occurred_at=moment,
                source=source,
                purpose=purpose,
                actor=actor,
                **told,
            )
        )

    def _stops(self, addresses: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
        control, permissions = self._stores.control, self._stores.permissions
        told = ((address, stop) for address in addresses for stop in permissions.stops(control, [address]))
        return [{"value": value, **asdict(stop)} for (_, value), stop in told]
