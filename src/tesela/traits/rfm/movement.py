"""Who moved between the names of RFM, and what the buyers of each bring: computed as of any moment, nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.traits.moving import count_pairs
from tesela.traits.rfm.facts import Counting
from tesela.traits.rfm.names import SEGMENTS, name_of
from tesela.traits.rfm.run import ask_scores
from tesela.traits.rfm.settings import RFMSettings

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.traits.rfm.fit import RFMFit
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class RFMMove:
    """How many went from one name to another.

    Attributes:
        before: Their name at the earlier moment; None is not in the base yet.
        after: Their name at the later one; None is no longer in the base.
        profiles: How many.
    """

    before: str | None
    after: str | None
    profiles: int


@dataclass(frozen=True, slots=True)
class RFMMovement:
    """The names of RFM at two moments, and the moves between them.

    Attributes:
        since: The earlier moment of truth, naive UTC.
        as_of: The later one.
        fit: The cut points, the same for both.
        moves: How many went from where to where, those who stayed included.
    """

    since: datetime
    as_of: datetime
    fit: RFMFit
    moves: tuple[RFMMove, ...]

    @property
    def before(self) -> dict[str, int]:
        """How many had each name at the earlier moment; together the base."""
        return {name: sum(move.profiles for move in self.moves if move.before == name) for name in SEGMENTS}

    @property
    def after(self) -> dict[str, int]:
        """How many have each name at the later moment; together the base."""
        return {name: sum(move.profiles for move in self.moves if move.after == name) for name in SEGMENTS}

    def entered(self, name: str) -> int:
        """Return how many came to a name."""
        return sum(move.profiles for move in self.moves if move.after == name != move.before)

    def left(self, name: str) -> int:
        """Return how many no longer have a name."""
        return sum(move.profiles for move in self.moves if move.before == name != move.after)


@dataclass(frozen=True, slots=True)
class RFMRevenue:
    """What the buyers of each cell bring.

    Attributes:
        as_of: The moment of truth, naive UTC.
        fit: The cut points, with what counts: the window and which money.
        cells: By recency and frequency score: how many buyers, and their money in ten-thousandths of the currency.
    """

    as_of: datetime
    fit: RFMFit
    cells: dict[tuple[int, int], tuple[int, int]]

    @property
    def amount_e4(self) -> int:
        """Money of all buyers."""
        return sum(amount for _, amount in self.cells.values())

    @property
    def by_segment(self) -> dict[str, tuple[int, int]]:
        """Buyers and money of each of the ten names."""
        found = dict.fromkeys(SEGMENTS[:-1], (0, 0))
        for (r, f), (buyers, amount) in self.cells.items():
            before = found[name_of(r, f)]
            found[name_of(r, f)] = before[0] + buyers, before[1] + amount
        return found


def count_movement(engine: Engine, fit: RFMFit, *, since: datetime, as_of: datetime, zone: ZoneInfo) -> RFMMovement:
    """Return the names of the base at two moments, by the facts of each and the same cut points, and the moves.

    Args:
        engine: Where the events and profiles are.
        fit: The cut points, with what counts.
        since: The earlier moment of truth, naive UTC.
        as_of: The later one.
        zone: The workspace's zone: windows step by its calendar.
    """
    with engine.undisturbed():
        before, after = (_names(engine, fit, moment, zone) for moment in (since, as_of))
    moves = (RFMMove(*pair) for pair in count_pairs(before, after, "segment", SEGMENTS))
    return RFMMovement(since, as_of, fit, tuple(moves))


def count_revenue(engine: Engine, fit: RFMFit, *, as_of: datetime, zone: ZoneInfo) -> RFMRevenue:
    """Return how many buyers are in each cell and what they bring, by what RFM counts.

    Args:
        engine: Where the events and profiles are.
        fit: The cut points, with what counts.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
    """
    asked = ask_scores(
        _counting(fit, as_of, zone),
        fit,
        "SELECT r, f, count(*)::BIGINT AS buyers, sum(amount_e4)::BIGINT AS amount_e4"
        " FROM ({scores}) AS scores WHERE r IS NOT NULL GROUP BY r, f ORDER BY r, f",
    )
    rows = engine.query(asked).to_pylist()
    return RFMRevenue(as_of, fit, {(row["r"], row["f"]): (row["buyers"], row["amount_e4"]) for row in rows})


def _names(engine: Engine, fit: RFMFit, as_of: datetime, zone: ZoneInfo) -> pa.Table:
    """Return profile_id and name of the base at a moment."""
    asked = "SELECT profile_id, segment FROM ({scores}) AS scores"
    return engine.query(ask_scores(_counting(fit, as_of, zone), fit, asked))


def _counting(fit: RFMFit, as_of: datetime, zone: ZoneInfo) -> Counting:
    counted = RFMSettings(fit.window, fit.money)
    return Counting(as_of, counted.since(as_of, zone), counted.money)
