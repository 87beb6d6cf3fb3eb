"""Say which award gave somebody how many points, and how the points are spread over the base."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError
from tesela.language import answer, parse, plan_segments, read_vocabulary
from tesela.traits.stored import STORED_TRAITS
from tesela.traits.tables import TRAIT_VALUES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.language import Plan, Rule
    from tesela.traits.scores.award import Award
    from tesela.traits.scores.score import Score
    from tesela.warehouse import Engine, Statement

_TOTAL = "total"


@dataclass(frozen=True, slots=True)
class AwardExplained:
    """What one award gave somebody.

    Attributes:
        award: The award.
        measured: How many events or units there were; of a condition whether it holds; None is missing.
        points: What that gave, within the award's cap.
    """

    award: Award
    measured: Decimal | bool | None
    points: Decimal


@dataclass(frozen=True, slots=True)
class ScoreExplained:
    """Why somebody has so many points.

    Attributes:
        profile_id: Who.
        as_of: The moment of truth, naive UTC.
        awards: What each award gave.
        points: The score.
    """

    profile_id: int
    as_of: datetime
    awards: tuple[AwardExplained, ...]
    points: Decimal

    @property
    def together(self) -> Decimal:
        """What the awards give together, before the bounds of the score."""
        return sum((each.points for each in self.awards), Decimal(0))


@dataclass(frozen=True, slots=True)
class ScoreSpread:
    """How the points of a score are spread over the base.

    Attributes:
        as_of: The moment of truth, naive UTC.
        counts: How many people have so many points, fewest points first.
    """

    as_of: datetime
    counts: tuple[tuple[Decimal, int], ...]

    @property
    def base(self) -> int:
        """How many people there are."""
        return sum(people for _, people in self.counts)

    def at(self, percent: int) -> Decimal:
        """Return the fewest points that at least so many percent of the base do not exceed; there must be a base."""
        reached = 0
        for points, people in self.counts:
            reached += people
            if 100 * reached >= percent * self.base:
                return points
        raise ValueError("nobody")


def explain_score(
    engine: Engine, score: Score, profile: int, *, as_of: datetime, zone: ZoneInfo, traits: Mapping[str, str | Rule]
) -> ScoreExplained:
    """Return which award gave a profile how many points at a moment.

    Args:
        engine: Where the events and profiles are.
        score: The score.
        profile: Who.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the awards may name: expressions by name.

    Raises:
        NotFoundError: when the profile had not been seen by then.
    """
    values = {_TOTAL: parse(score.value)}
    for place, award in enumerate(score.awards):
        values |= {f"measure {place}": award.measure, f"worth {place}": award.worth}
    plan = _plan(engine, values, as_of, zone, traits)
    among = None if plan.asks_population else [profile]
    rows = answer(engine, plan, among=among).to_pylist()
    row = next((row for row in rows if row["profile_id"] == profile), None)
    if row is None:
        raise NotFoundError("traits.scores.not_seen", profile=profile, as_of=as_of)
    awards = tuple(
        AwardExplained(award, plan.value(row, f"measure {place}"), plan.value(row, f"worth {place}"))
        for place, award in enumerate(score.awards)
    )
    return ScoreExplained(profile, as_of, awards, plan.value(row, _TOTAL))


def spread_score(
    engine: Engine, score: Score, *, as_of: datetime, zone: ZoneInfo, traits: Mapping[str, str | Rule]
) -> ScoreSpread:
    """Return how the points of a score are spread over the base at a moment."""
    plan = _plan(engine, {_TOTAL: parse(score.value)}, as_of, zone, traits)
    rows = answer(engine, plan, shape=lambda computed: _tally(computed, plan)).to_pylist()
    counted: dict[Decimal, int] = {}
    for row in rows:
        points = plan.value(row, _TOTAL)
        counted[points] = counted.get(points, 0) + row["profiles"]
    return ScoreSpread(as_of, tuple(sorted(counted.items())))


def _tally(computed: Statement, plan: Plan) -> Statement:
    """Count the base over the plan's own columns, whose names are ours."""
    told = plan.values[_TOTAL]
    columns = ", ".join(f"m.{name}" for name in (told.column, told.divisor) if name is not None)
    sql = f"SELECT {columns}, count(*) AS profiles FROM ({computed.sql}) AS m WHERE m.is_known GROUP BY {columns}"
    return replace(computed, sql=sql)


def _plan(
    engine: Engine, values: Mapping[str, Rule], as_of: datetime, zone: ZoneInfo, traits: Mapping[str, str | Rule]
) -> Plan:
    vocabulary = read_vocabulary(engine, values.values(), traits, STORED_TRAITS)
    told: dict[str, Any] = {"vocabulary": vocabulary, "trait_values": TRAIT_VALUES, "values": values}
    return plan_segments({}, as_of=as_of, zone=zone, **told)
