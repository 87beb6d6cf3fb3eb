"""Lists of people who want no advertising, such as the Lista Robinson: the newest version of each holds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.base import ConflictError, InputError
from tesela.profiles.consent_ledger import CHANNELS
from tesela.profiles.suppression.tables import EXCLUSION_LIST_MEMBERS, EXCLUSION_LISTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from tesela.control import ControlStore

_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class ExclusionList:
    """One version of a list.

    Attributes:
        name: Such as `Lista Robinson`.
        dated_on: The date of the list.
        binds_consented: Whether it stops those too who consented to this shop's advertising. The public lists do
            not: whoever said yes to this shop may be written to (LOPDGDD, article 23.4).
        addresses: How many different addresses it has.
        unreadable: How many of its rows are no address.
        actor: Who brought it in.
        imported_at: When, naive UTC; None before it is.
    """

    name: str
    dated_on: date
    binds_consented: bool = False
    addresses: int = 0
    unreadable: int = 0
    actor: str = ""
    imported_at: datetime | None = None

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise InputError("profiles.suppression.list_without_name")


def import_list(
    control: ControlStore,
    told: ExclusionList,
    members: Mapping[str, Sequence[str]],
    *,
    imported_at: datetime,
) -> ExclusionList:
    """Let a version of a list take the place of the one before it, all or nothing.

    Args:
        control: Where lists are kept.
        told: What is told of the list; its number of addresses is counted here.
        members: What each address must not be written to by: channels, by its hash.
        imported_at: The present moment, naive UTC.

    Raises:
        ConflictError: when a later version of the list is there.
        InputError: when there is no such channel.
    """
    from dataclasses import replace

    for channel in dict.fromkeys(each for channels in members.values() for each in channels):
        if channel not in CHANNELS:
            raise InputError(
                "profiles.suppression.bad_stop", field="channel", value=channel, allowed=", ".join(CHANNELS)
            )
    kept = replace(told, addresses=len(members), imported_at=imported_at)
    lists, table = EXCLUSION_LISTS, EXCLUSION_LIST_MEMBERS
    with control.transaction() as connection:
        newest = connection.execute(sa.select(sa.func.max(lists.c.dated_on)).where(lists.c.name == told.name)).scalar()
        if newest is not None and newest > told.dated_on:
            raise ConflictError("profiles.suppression.older_list", name=told.name, asked=told.dated_on, newest=newest)
        older = sa.select(lists.c.id).where(lists.c.name == told.name)
        connection.execute(sa.delete(table).where(table.c.list_id.in_(older)))
        names = [column.name for column in lists.columns if column.name != "id"]
        added = connection.execute(sa.insert(lists).values({name: getattr(kept, name) for name in names}))
        number = added.inserted_primary_key[0] if added.inserted_primary_key else 0
        told_of = ((each, channel) for each, channels in members.items() for channel in channels)
        rows = ({"list_id": number, "hash": each, "channel": channel} for each, channel in told_of)
        while piece := list(islice(rows, _ROWS_AT_ONCE)):
            connection.execute(sa.insert(table), piece)
    return kept


def list_lists(control: ControlStore) -> list[ExclusionList]:
    """Return the version of each list that holds, by name."""
    lists = EXCLUSION_LISTS
    newest = sa.select(sa.func.max(lists.c.id)).group_by(lists.c.name)
    names = [column.name for column in lists.columns if column.name != "id"]
    with control.transaction() as connection:
        rows = connection.execute(sa.select(lists).where(lists.c.id.in_(newest)).order_by(lists.c.name)).mappings()
        return [ExclusionList(**{name: row[name] for name in names}) for row in rows]
