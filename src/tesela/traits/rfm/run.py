"""Run RFM: score everyone of the base by cut points that are kept, and store what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.base import ConflictError, NotFoundError
from tesela.traits.rfm.facts import Counting, count_values
from tesela.traits.rfm.fit import AXES, RFMFit, fit_rfm
from tesela.traits.rfm.names import HIGH_FROM, MEDIUM_FROM, PROSPECT, SEGMENTS, TIERS, name_of
from tesela.traits.rfm.runs import find_run, record_run
from tesela.traits.storing import store_values
from tesela.traits.tables import RFM_RUNS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.traits.rfm.fit import Axis
    from tesela.traits.rfm.runs import RFMRun
    from tesela.traits.rfm.settings import RFMSettings
    from tesela.warehouse import Engine, Statement

TRAITS: dict[str, tuple[str, ...] | None] = {
    "rfm.r": None,
    "rfm.f": None,
    "rfm.m": None,
    "rfm.segment": SEGMENTS,
    "rfm.tier": TIERS,
}
"""The traits by name: which texts they can be; None are numbers, 1 to 5."""

_SCORED = "rfm_scored"
_NAMES = "rfm_names"
_VALUES = {
    **{f"rfm.{axis}": f"CAST(s.{axis} AS VARCHAR)" for axis in AXES},
    "rfm.segment": "s.segment",
    "rfm.tier": "s.tier",
}
_ORIENTED: dict[Axis, str] = {"r": "0 - days", "f": "orders", "m": "amount_e4"}


def run_rfm(engine: Engine, settings: RFMSettings, *, as_of: datetime, zone: ZoneInfo, refit: bool = False) -> RFMRun:
    """Score everyone of the base at a moment and keep scores, cut points and counts, all or nothing.

    Cut points are those of the run before, as long as they count the same, are not too old and come from about as many
    buyers. Running twice for the same moment changes nothing.

    Args:
        engine: Where the events, profiles and traits are.
        settings: What counts.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone: windows step by its calendar.
        refit: Make new cut points in any case.

    Raises:
        ConflictError: when a run of a later moment is kept already.
    """
    _check_newest(engine, as_of)
    counting = Counting(as_of, settings.since(as_of, zone), settings.money)
    with engine.undisturbed(writes=True):
        fit = _choose_fit(engine, settings, counting, zone, refit=refit)
        engine.write(_score(counting, fit))
    return find_run(engine, as_of)


def _check_newest(engine: Engine, as_of: datetime) -> None:
    asked = statement("SELECT max(as_of) AS as_of FROM {runs}", tables={"runs": RFM_RUNS})
    newest = engine.query(asked).column("as_of")[0].as_py()
    if newest is not None and as_of < newest:
        raise ConflictError("traits.rfm.older_than_run", newest=newest, as_of=as_of)


def _choose_fit(engine: Engine, settings: RFMSettings, counting: Counting, zone: ZoneInfo, *, refit: bool) -> RFMFit:
    window, money = settings.counts
    fresh = fit_rfm(engine.query(count_values(counting)), fitted_at=counting.as_of, window=window, money=money)
    try:
        before = find_run(engine, counting.as_of).fit
    except NotFoundError:
        return fresh
    is_same = (before.window, before.money) == (window, money)
    stale_before = settings.stale_before(counting.as_of, zone)
    return before if is_same and not refit and not before.is_outdated(fresh.buyers, stale_before) else fresh


def ask_scores(counting: Counting, fit: RFMFit, template: str = "{scores}", *, begin: str = "") -> Statement:
    """Return a statement over the scores of everyone of the base.

    Args:
        counting: What is counted, as of when.
        fit: The cut points.
        template: What is asked of `{scores}`, rows of profile_id, r, f, m, segment, tier and amount_e4; without an
            order all but the first and the segment are missing.
        begin: What stands before it.
    """
    points = {f"{axis}_{n}": each for axis in AXES for n, each in enumerate(fit.cuts[axis].points)}
    scores = f"""
        SELECT b.profile_id AS profile_id, x.r AS r, x.f AS f, x.m AS m,
            coalesce(n.segment, '{PROSPECT}') AS segment,
            CASE WHEN x.r IS NULL THEN NULL
                WHEN x.r + x.f + x.m >= {HIGH_FROM} THEN 'high'
                WHEN x.r + x.f + x.m >= {MEDIUM_FROM} THEN 'medium'
                ELSE 'low' END AS tier,
            x.amount_e4 AS amount_e4
        FROM base AS b
        LEFT JOIN (
            SELECT profile_id, {", ".join(f"{_scored(fit, axis)} AS {axis}" for axis in AXES)}, amount_e4 FROM buyers
        ) AS x ON x.profile_id = b.profile_id
        LEFT JOIN {_NAMES} AS n ON n.r = x.r AND n.f = x.f
        """
    return counting.ask(template.format(scores=scores), begin=begin, relations={_NAMES: _names()}, **points)


def _score(counting: Counting, fit: RFMFit) -> Iterator[Statement]:
    """Yield the statements that score everyone and keep what was found."""
    yield ask_scores(counting, fit, begin=f"CREATE TEMPORARY TABLE {_SCORED} AS")
    yield from store_values(_SCORED, _VALUES, as_of=counting.as_of, fingerprint=fit.fingerprint)
    yield from record_run(_SCORED, fit, counting.as_of)
    yield statement("DROP TABLE {scored}", tables={"scored": _SCORED})


def _scored(fit: RFMFit, axis: Axis) -> str:
    value, points = _ORIENTED[axis], fit.cuts[axis].points
    exceeded = (f"CASE WHEN {value} > ${axis}_{n} THEN 1 ELSE 0 END" for n in range(len(points)))
    return " + ".join(("1", *exceeded))


def _names() -> pa.Table:
    import pyarrow as pa

    cells = [(r, f) for r in range(1, 6) for f in range(1, 6)]
    columns = {
        "r": pa.array([r for r, _ in cells], pa.int64()),
        "f": pa.array([f for _, f in cells], pa.int64()),
        "segment": pa.array([name_of(*cell) for cell in cells], pa.string()),
    }
    return pa.table(columns)
