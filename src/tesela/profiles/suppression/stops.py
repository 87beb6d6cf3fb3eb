"""Stop an address on a channel, take a stop back, and say what holds. What is written here is never changed."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Literal, get_args

import sqlalchemy as sa

from tesela.base import InputError
from tesela.profiles.consent_ledger import CHANNELS
from tesela.profiles.suppression.tables import EXCLUSION_LIST_MEMBERS, EXCLUSION_LISTS, SUPPRESSION_ACTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tesela.control import ControlStore

Reason = Literal["erased", "complaint", "hard_bounce", "manual"]
EXCLUSION_LIST = "exclusion_list"
REASONS: tuple[str, ...] = get_args(Reason)
"""Why an address is stopped, the gravest first; an exclusion list is the least."""

CAN_RECEIVE = "yes"
"""What is told of those who can be written to; of the others it is why not."""

_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of one address on one channel, or the taking back of one.

    Attributes:
        hash: Of the address, under the workspace's key.
        channel: What must not be written to.
        reason: Why.
        occurred_at: Its own time, naive UTC.
        source: Who told it.
        actor: Who wrote it down.
        note: Why, in a person's words; may be empty.
        is_lifted: Whether it takes back an earlier stop for the same reason.
    """

    hash: str
    channel: str
    reason: Reason
    occurred_at: datetime
    source: str
    actor: str = ""
    note: str = ""
    is_lifted: bool = False

    def __post_init__(self) -> None:
        for name, value, allowed in (("channel", self.channel, CHANNELS), ("reason", self.reason, REASONS)):
            if value not in allowed:
                raise InputError("profiles.suppression.bad_stop", field=name, value=value, allowed=", ".join(allowed))

    @property
    def act(self) -> str:
        """What it does: `stop` or `lift`."""
        return "lift" if self.is_lifted else "stop"

    @property
    def fingerprint(self) -> str:
        """What tells it from all others; a repeat has the same."""
        told = "|".join((self.hash, self.channel, self.reason, self.act, self.occurred_at.isoformat(), self.source))
        return hashlib.md5(told.encode(), usedforsecurity=False).hexdigest()


@dataclass(frozen=True, slots=True)
class Suppression:
    """Why one address must not be written to on one channel.

    Attributes:
        hash: Of the address.
        channel: Which channel.
        reason: Why: one of the reasons of a stop, or `exclusion_list`.
        list_name: Name of the exclusion list; empty for every other reason.
        occurred_at: Since when, naive UTC; the date of an exclusion list.
        binds_consented: Whether it stops those too who consented to this shop's advertising.
        source: Who told it.
        note: Why, in a person's words; may be empty.
    """

    hash: str
    channel: str
    reason: str
    list_name: str
    occurred_at: datetime
    binds_consented: bool
    source: str = ""
    note: str = ""


def add_stops(control: ControlStore, stops: Iterable[Stop], *, recorded_at: datetime) -> int:
    """Append stops that are not known yet, all or nothing, and return how many those were."""
    columns = [column.name for column in SUPPRESSION_ACTS.columns if column.name != "sequence"]
    rows = {
        stop.fingerprint: {
            **{name: getattr(stop, name) for name in columns if name != "recorded_at"},
            "recorded_at": recorded_at,
        }
        for stop in stops
    }
    with control.transaction() as connection:
        known: set[str] = set()
        for some in _pieces(rows, 500):
            asked = sa.select(SUPPRESSION_ACTS.c.fingerprint).where(SUPPRESSION_ACTS.c.fingerprint.in_(some))
            known |= set(connection.execute(asked).scalars())
        new = [row for fingerprint, row in rows.items() if fingerprint not in known]
        if new:
            connection.execute(sa.insert(SUPPRESSION_ACTS), new)
    return len(new)


def list_suppressions(control: ControlStore, hashes: Iterable[str] | None = None) -> list[Suppression]:
    """Return what holds, of some addresses or of all; the members of exclusion lists only of some.

    Args:
        control: Where stops are kept.
        hashes: Of the addresses asked about; None is all that have a stop of their own.
    """
    asked = None if hashes is None else list(dict.fromkeys(hashes))
    with control.transaction() as connection:
        if asked is None:
            return [*_stopped(connection, None)]
        _ASKED.create(connection)
        for some in _pieces(asked, _ROWS_AT_ONCE):
            connection.execute(sa.insert(_ASKED), [{"hash": each} for each in some])
        found = [*_stopped(connection, sa.select(_ASKED.c.hash)), *_listed(connection)]
        _ASKED.drop(connection)
    return found


_ASKED = sa.Table("asked_hashes", sa.MetaData(), sa.Column("hash", sa.Text, primary_key=True), prefixes=["TEMPORARY"])


def _stopped(connection: sa.Connection, asked: sa.Select[tuple[str]] | None) -> Iterator[Suppression]:
    """Yield the stops whose latest act, by its own time, took nothing back; of two at one time the stop."""
    acts = SUPPRESSION_ACTS
    place = sa.func.row_number().over(
        partition_by=[acts.c.hash, acts.c.channel, acts.c.reason],
        order_by=[acts.c.occurred_at.desc(), acts.c.act.desc(), acts.c.sequence.desc()],
    )
    told = sa.select(acts, place.label("place"))
    latest = (told if asked is None else told.where(acts.c.hash.in_(asked))).subquery()
    held = sa.select(latest).where(latest.c.place == 1, latest.c.act == "stop").order_by(latest.c.sequence)
    for row in connection.execute(held).mappings():
        yield Suppression(
            row["hash"], row["channel"], row["reason"], "", row["occurred_at"], True, row["source"], row["note"]
        )


def _listed(connection: sa.Connection) -> Iterator[Suppression]:
    members, lists = EXCLUSION_LIST_MEMBERS, EXCLUSION_LISTS
    found = (
        sa.select(members.c.hash, members.c.channel, lists.c.name, lists.c.dated_on, lists.c.binds_consented)
        .join(_ASKED, _ASKED.c.hash == members.c.hash)
        .join(lists, lists.c.id == members.c.list_id)
        .order_by(lists.c.name, members.c.hash, members.c.channel)
    )
    from datetime import datetime, time

    for row in connection.execute(found):
        since = datetime.combine(row.dated_on, time())
        yield Suppression(row.hash, row.channel, EXCLUSION_LIST, row.name, since, row.binds_consented, row.name)


def _pieces(values: Iterable[str], size: int) -> Iterator[list[str]]:
    waiting = iter(values)
    while piece := list(islice(waiting, size)):
        yield piece
