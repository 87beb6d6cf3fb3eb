"""Say why somebody has their scores: the figures, and the values between which a score lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import NotFoundError
from tesela.traits.rfm.facts import Counting
from tesela.traits.rfm.fit import AXES
from tesela.traits.rfm.names import PROSPECT, name_of, tier_of
from tesela.traits.rfm.runs import find_run
from tesela.traits.rfm.settings import RFMSettings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.traits.rfm.fit import Axis
    from tesela.traits.rfm.names import Tier
    from tesela.traits.rfm.runs import RFMRun
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class AxisExplained:
    """One score of somebody.

    Attributes:
        score: 1 to 5.
        value: Whole days since the last order, orders, or ten-thousandths of the shop's currency.
        low: The smallest value that gets this score; None when there is no bound.
        high: The largest.
    """

    score: int
    value: int
    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class RFMExplained:
    """Why somebody has their scores.

    Attributes:
        profile_id: Who.
        run: The run that they are of.
        axes: By axis; none for a prospect.
        segment: Their name; `prospect` without an order.
        tier: Their tier; None for a prospect.
    """

    profile_id: int
    run: RFMRun
    axes: Mapping[Axis, AxisExplained]
    segment: str
    tier: Tier | None


def explain_rfm(engine: Engine, profile: int, *, as_of: datetime, zone: ZoneInfo) -> RFMExplained:
    """Return why a profile of the base has its scores, by the newest run that is not later than a moment.

    Args:
        engine: Where the events, profiles and traits are.
        profile: Who.
        as_of: The moment asked about, naive UTC.
        zone: The workspace's zone.

    Raises:
        NotFoundError: when there was no run by then, or the profile was not of the base at the run's moment.
    """
    run = find_run(engine, as_of)
    counted = RFMSettings(run.fit.window, run.fit.money)
    counting = Counting(run.as_of, counted.since(run.as_of, zone), counted.money)
    asked = counting.ask(
        """
        SELECT x.days AS days, x.orders AS orders, x.amount_e4 AS amount_e4
        FROM base AS b LEFT JOIN buyers AS x ON x.profile_id = b.profile_id WHERE b.profile_id = $profile
        """,
        profile=profile,
    )
    rows = engine.query(asked).to_pylist()
    if not rows:
        raise NotFoundError("traits.rfm.not_in_base", profile=profile, as_of=run.as_of)
    [row] = rows
    if row["days"] is None:
        return RFMExplained(profile, run, {}, PROSPECT, None)
    values: dict[Axis, int] = {"r": -row["days"], "f": row["orders"], "m": row["amount_e4"]}
    axes = {axis: _explained(run, axis, values[axis]) for axis in AXES}
    total = sum(each.score for each in axes.values())
    return RFMExplained(profile, run, axes, name_of(axes["r"].score, axes["f"].score), tier_of(total))


def _explained(run: RFMRun, axis: Axis, value: int) -> AxisExplained:
    cuts = run.fit.cuts[axis]
    score = cuts.score(value)
    if axis == "r":
        return AxisExplained(score, -value, *run.fit.days_of(score))
    return AxisExplained(score, value, *cuts.values_of(score))
