"""Count who is in which stage at two moments, and who moved from where to where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.language import Rule, answer, plan_segments, read_vocabulary
from tesela.traits.lifecycle.stages import STAGES, stage_trait
from tesela.traits.lifecycle.transitions import name_transition
from tesela.traits.moving import count_pairs

if TYPE_CHECKING:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.traits.lifecycle.rhythm import Rhythm
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class Move:
    """How many went from one stage to another.

    Attributes:
        before: The stage at the earlier moment; None is not in the base yet.
        after: The stage at the later one; None is no longer in the base.
        profiles: How many.
    """

    before: str | None
    after: str | None
    profiles: int

    @property
    def name(self) -> str:
        """What it is called."""
        return name_transition(self.before, self.after)


@dataclass(frozen=True, slots=True)
class LifecycleMoves:
    """The stages at two moments, and the moves between them.

    Attributes:
        since: The earlier moment of truth, naive UTC.
        as_of: The later one.
        rhythm: The thresholds, the same for both.
        moves: How many went from where to where, `stayed` included.
    """

    since: datetime
    as_of: datetime
    rhythm: Rhythm
    moves: tuple[Move, ...]

    @property
    def before(self) -> dict[str, int]:
        """How many were in each stage at the earlier moment; together the base."""
        return {stage: sum(move.profiles for move in self.moves if move.before == stage) for stage in STAGES}

    @property
    def after(self) -> dict[str, int]:
        """How many are in each stage at the later moment; together the base."""
        return {stage: sum(move.profiles for move in self.moves if move.after == stage) for stage in STAGES}

    def entered(self, stage: str) -> int:
        """Return how many came into a stage."""
        return sum(move.profiles for move in self.moves if move.after == stage != move.before)

    def left(self, stage: str) -> int:
        """Return how many went out of a stage."""
        return sum(move.profiles for move in self.moves if move.before == stage != move.after)


def count_moves(engine: Engine, rhythm: Rhythm, *, since: datetime, as_of: datetime, zone: ZoneInfo) -> LifecycleMoves:
    """Return the stages of the base at two moments, by today's facts of each, and the moves between them.

    Args:
        engine: Where the events and profiles are.
        rhythm: The thresholds.
        since: The earlier moment of truth, naive UTC.
        as_of: The later one.
        zone: The workspace's zone.
    """
    rule = stage_trait(rhythm).expression
    with engine.undisturbed():
        before, after = (_stages(engine, rule, moment, zone) for moment in (since, as_of))
    moves = (Move(*pair) for pair in count_pairs(before, after, "stage", STAGES))
    return LifecycleMoves(since, as_of, rhythm, tuple(moves))


def _stages(engine: Engine, rule: Rule, as_of: datetime, zone: ZoneInfo) -> pa.Table:
    """Return profile_id and stage of the base at a moment."""
    told: dict[str, Any] = {"vocabulary": read_vocabulary(engine, [rule]), "values": {"stage": rule}}
    plan = plan_segments({}, as_of=as_of, zone=zone, **told)
    rows = answer(engine, plan)
    known = rows.filter(rows.column("is_known").cast("bool"))
    return known.select(["profile_id", plan.values["stage"].column]).rename_columns(["profile_id", "stage"])
