"""Who can receive a message, and why not: one query for a whole set, on every engine."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tesela.base import InputError
from tesela.profiles.consent_ledger import CHANNELS, MARKETING, address_field
from tesela.profiles.suppression.stops import CAN_RECEIVE
from tesela.warehouse import load_dialect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import pyarrow as pa
    from sqlglot import exp

    from tesela.profiles.suppression.receiving_query import Making
    from tesela.warehouse import Dialect, Engine, Statement


class Receiving:
    """The question of who can receive, for whoever makes it a part of a greater statement."""

    can = CAN_RECEIVE
    """What is told of those who can receive; of the others it is why not."""

    channels = CHANNELS
    """The channels that can be asked about."""

    @staticmethod
    def find(engine: Engine, channel: str, purpose: str = MARKETING, *, as_of: datetime) -> pa.Table:
        """Return the profiles who can receive on a channel, as they are today: rows of `profile_id`."""
        told = can_receive(load_dialect(engine.name), channel, purpose, as_of=as_of)
        sql = f"SELECT w.profile_id AS profile_id FROM ({told.sql}) AS w WHERE w.told = '{CAN_RECEIVE}'"
        return engine.query(replace(told, sql=sql))

    @staticmethod
    def field(channel: str) -> str | None:
        """Return the field that the address of a channel stands in; None where the person is the address."""
        return address_field(channel)

    @staticmethod
    def query(
        making: Making, dialect: Dialect, channel: str, purpose: str, *, as_of: datetime, people: exp.Select
    ) -> exp.Select:
        """Return who of some people can receive; rows as of `can_receive`.

        Args:
            making: The greater statement.
            dialect: How the engine writes it.
            channel: One of the seven.
            purpose: What for.
            as_of: What was said and stopped before it counts.
            people: Those asked about, with the address that stands in their data: `profile_id`, `address`.
        """
        # the SQL library costs a third of a second to load
        from tesela.profiles.suppression.receiving_query import ReceivingQuery

        return ReceivingQuery(making, dialect, channel, purpose, as_of).answer(people)


def find_receivers(
    engine: Engine,
    channel: str,
    purpose: str = MARKETING,
    *,
    as_of: datetime,
    among: Sequence[int] | None = None,
) -> pa.Table:
    """Return who can receive and why not; columns as `can_receive` says."""
    return engine.query(can_receive(load_dialect(engine.name), channel, purpose, as_of=as_of, among=among))


def can_receive(
    dialect: Dialect,
    channel: str,
    purpose: str = MARKETING,
    *,
    as_of: datetime,
    among: Sequence[int] | None = None,
) -> Statement:
    """Return the query of who can receive on a channel for a purpose.

    The person's current address for the channel must have a yes and no suppression; of several reasons the first
    is told. A list that does not bind those who consented
    stops only whom the shop writes to on another basis.

    Args:
        dialect: How the engine writes it.
        channel: One of the seven.
        purpose: What for.
        as_of: The moment of truth, naive UTC: what was said and stopped before it counts.
        among: The profiles asked about; None is all.

    Returns:
        One row a profile: `profile_id`, `address` (missing where the person is the address), `told`: `yes`, or why
        not: `no_address`, `objected`, `no_consent`, or `suppressed: ` and a reason or the name of a list.

    Raises:
        InputError: when there is no such channel.
    """
    if channel not in CHANNELS:
        raise InputError("profiles.suppression.bad_stop", field="channel", value=channel, allowed=", ".join(CHANNELS))
    # the SQL library costs a third of a second to load
    from tesela.profiles.suppression.receiving_query import receiving_statement

    return receiving_statement(dialect, channel, purpose, as_of, among)
