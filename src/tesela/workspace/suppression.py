"""Who must not be written to: stops by hand, and lists of people who want no advertising."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tesela.base import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tesela.base import Clock
    from tesela.workspace.stores import Stores

_LISTED = ("email", "sms", "whatsapp", "phone")


class Suppression:
    """The stops and the exclusion lists.

    Args:
        stores: The open stores.
        clock: Tells the present.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock

    def add(self, who: str, channel: str, *, actor: str = "", note: str = "") -> bool:
        """Stop an address on a channel, whatever it said; return whether that is new.

        Args:
            who: The address, or whatever names a person who has one for the channel.
            channel: email, sms, web_push, whatsapp, post, phone or onsite.
            actor: Who decides.
            note: Why.

        Raises:
            NotFoundError: when nobody is known so.
            InputError: when there is no such channel, or no address for it.
        """
        return bool(self._decide("stop", who, channel, actor, note))

    def remove(self, who: str, channel: str, *, actor: str = "", note: str = "") -> int:
        """Take back the stops of an address on a channel, and return how many there were.

        What exclusion lists say stays, and so does the stop of whoever was erased. Arguments as of `add`.
        """
        return self._decide("lift", who, channel, actor, note)

    def list(self) -> list[Mapping[str, Any]]:
        """Return the stopped addresses that somebody has, with why: personal data.

        Returns:
            `kind`, `value`, `channel`, `reason`, `list_name`, `occurred_at`, `binds_consented`, ordered so.
        """
        self._stores.refresh()
        return self._stores.permissions.suppressed(self._stores.warehouse)

    def import_list(
        self,
        name: str,
        file: str | Path,
        *,
        dated_on: str | date,
        channels: Sequence[str] = _LISTED,
        binds_consented: bool = False,
        actor: str = "",
    ) -> Any:
        """Let a version of an exclusion list take the place of the one before it, and return it.

        Args:
            name: Such as `Lista Robinson`.
            file: A text or CSV file with an e-mail or phone in the first column; anything else is counted.
            dated_on: The date of the list.
            channels: What those on it must not be written to by.
            binds_consented: Whether it stops those too who consented to this shop's advertising.
            actor: Who brings it in.

        Raises:
            InputError: when the file cannot be read or has no address, or the date is none.
            ConflictError: when a later version is there.
        """
        stores = self._stores
        stores.refresh()
        day = _read_date(dated_on) if isinstance(dated_on, str) else dated_on
        addresses, unreadable = [], 0
        for number, written in enumerate(_first_column(Path(file))):
            found = stores.addresses.read(written)
            if found is not None:
                addresses.append(found)
            elif number:
                # the first row may be a header
                unreadable += 1
        if not addresses:
            raise InputError("workspace.list_without_addresses", path=str(file))
        told = {
            **{"name": name, "dated_on": day, "channels": channels, "binds_consented": binds_consented},
            **{"unreadable": unreadable, "actor": actor},
        }
        return stores.say(lambda: stores.permissions.import_list(stores.control, told, addresses, at=self._clock.now()))

    def lists(self) -> Sequence[Any]:
        """Return the version of each exclusion list that holds, by name."""
        return self._stores.permissions.lists(self._stores.control)

    def _decide(self, act: str, who: str, channel: str, actor: str, note: str) -> int:
        stores = self._stores
        stores.refresh()
        told = {"source": "by hand", "actor": actor, "note": note}
        do = stores.permissions.stop if act == "stop" else stores.permissions.lift
        address = stores.addresses.find(who, channel)
        return stores.say(lambda: do(stores.control, address, channel, at=self._clock.now(), **told))


def _first_column(file: Path) -> Iterator[str]:
    import csv

    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            delimiter = ";" if ";" in lines.readline() else ","
            lines.seek(0)
            yield from (row[0] for row in csv.reader(lines, delimiter=delimiter) if row and row[0].strip())
    except (OSError, UnicodeDecodeError, csv.Error) as cause:
        raise InputError("workspace.list_unreadable", path=str(file), reason=str(cause)) from cause


def _read_date(written: str) -> date:
    try:
        return date.fromisoformat(written.strip())
    except ValueError as cause:
        raise InputError("workspace.list_date", value=written) from cause
