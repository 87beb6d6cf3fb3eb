"""Who said yes and no on each channel."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tesela.audit.ground import Ground


@dataclass(frozen=True, slots=True)
class Channel:
    """What the base said to advertising on a channel.

    Attributes:
        key: email, sms, ...
        yes: People with an address whose last word is yes.
        no: People who said something, and no address of theirs says yes now.
        silent: People of the base of whom nothing is known.
    """

    key: str
    yes: int
    no: int
    silent: int

    @property
    def ratio(self) -> Decimal | None:
        """The opt-in ratio: of those who said something, the share that says yes."""
        said = self.yes + self.no
        return Decimal(self.yes) / said if said else None


def find_channels(ground: Ground) -> tuple[Channel, ...]:
    """Return the channels that anybody has said anything about, the widest first."""
    rows = ground.ask(
        """
        WITH newest AS (
            SELECT profile_id, channel, status,
                row_number() OVER (PARTITION BY profile_id, address, channel ORDER BY occurred_at DESC, status) AS place
            FROM {consents} WHERE purpose = 'marketing' AND channel <> 'any' AND occurred_at < $as_of
        ),
        said AS (
            SELECT n.profile_id, n.channel, bool_or(n.status = 'yes') AS is_yes
            FROM newest AS n JOIN {people} AS p ON p.profile_id = n.profile_id
            WHERE n.place = 1 GROUP BY n.profile_id, n.channel
        )
        SELECT channel, count(*) FILTER (is_yes) AS yes, count(*) FILTER (NOT is_yes) AS no
        FROM said GROUP BY channel ORDER BY yes DESC, channel
        """
    )
    return tuple(Channel(row["channel"], row["yes"], row["no"], ground.base - row["yes"] - row["no"]) for row in rows)
