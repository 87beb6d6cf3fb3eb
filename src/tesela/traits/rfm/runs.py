"""The runs of RFM: what each counted and found, as it is kept."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.base import NotFoundError
from tesela.estimators import Cuts
from tesela.traits.rfm.fit import AXES, RFMFit
from tesela.traits.rfm.names import PROSPECT, SEGMENTS, TIERS, Tier, name_of, tier_of
from tesela.traits.tables import RFM_CELLS, RFM_RUNS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from tesela.traits.rfm.fit import Axis
    from tesela.warehouse import Engine, Statement, Table

_TABLES: dict[str, Table | str] = {"runs": RFM_RUNS, "cells": RFM_CELLS}


@dataclass(frozen=True, slots=True)
class RFMCell:
    """How many buyers have the same three scores.

    Attributes:
        r: Recency, 1 to 5.
        f: Frequency, 1 to 5.
        m: Money, 1 to 5.
        profiles: How many.
    """

    r: int
    f: int
    m: int
    profiles: int

    @property
    def segment(self) -> str:
        """Their name."""
        return name_of(self.r, self.f)

    @property
    def tier(self) -> Tier:
        """Their tier."""
        return tier_of(self.r + self.f + self.m)


@dataclass(frozen=True, slots=True)
class RFMRun:
    """What RFM found at a moment.

    Attributes:
        as_of: The moment of truth, naive UTC.
        fit: The cut points.
        cells: How many have which scores; together all buyers.
        prospects: How many of the base have bought nothing.
    """

    as_of: datetime
    fit: RFMFit
    cells: tuple[RFMCell, ...]
    prospects: int

    @property
    def buyers(self) -> int:
        """How many have scores."""
        return sum(cell.profiles for cell in self.cells)

    @property
    def by_segment(self) -> dict[str, int]:
        """How many have each of the ten names, and prospects; together the base."""
        counted = Counter[str]({PROSPECT: self.prospects})
        for cell in self.cells:
            counted[cell.segment] += cell.profiles
        return {name: counted[name] for name in SEGMENTS}

    @property
    def by_tier(self) -> dict[Tier, int]:
        """How many buyers are high, medium and low."""
        return {tier: sum(cell.profiles for cell in self.cells if cell.tier == tier) for tier in TIERS}

    def by_score(self, axis: Axis) -> dict[int, int]:
        """Return how many buyers have each score of an axis."""
        return {
            score: sum(cell.profiles for cell in self.cells if getattr(cell, axis) == score) for score in range(1, 6)
        }

    def count(self, r: int, f: int) -> int:
        """Return how many buyers have a pair of scores."""
        return sum(cell.profiles for cell in self.cells if (cell.r, cell.f) == (r, f))


def find_run(engine: Engine, as_of: datetime) -> RFMRun:
    """Return the newest run that is not later than a moment.

    Raises:
        NotFoundError: when there was none by then.
    """
    found = _read(engine, "as_of <= $as_of ORDER BY as_of DESC LIMIT 1", as_of=as_of)
    if not found:
        raise NotFoundError("traits.rfm.no_run", as_of=as_of)
    return found[0]


def list_runs(engine: Engine) -> list[RFMRun]:
    """Return all runs, the oldest first."""
    return _read(engine, "TRUE ORDER BY as_of")


def _read(engine: Engine, which: str, **parameters: Any) -> list[RFMRun]:
    rows = engine.query(statement(f"SELECT * FROM {{runs}} WHERE {which}", tables=_TABLES, **parameters)).to_pylist()
    return [_run(row, list(_cells(engine, row["as_of"]))) for row in rows]


def _cells(engine: Engine, as_of: datetime) -> Iterator[dict[str, Any]]:
    asked = statement(
        "SELECT r, f, m, profiles FROM {cells} WHERE as_of = $as_of ORDER BY r DESC, f DESC, m DESC",
        tables=_TABLES,
        as_of=as_of,
    )
    yield from engine.query(asked).to_pylist()


def _run(row: dict[str, Any], cells: Iterable[dict[str, Any]]) -> RFMRun:
    cuts = {axis: Cuts(tuple(each["points"]), each["fixed"]) for axis, each in json.loads(row["cuts"]).items()}
    fit = RFMFit(cuts, row["fitted_at"], row["fitted_buyers"], row["counted_window"], row["money"])
    told = tuple(RFMCell(**cell) for cell in cells if cell["r"] is not None)
    prospects = sum(cell["profiles"] for cell in cells if cell["r"] is None)
    return RFMRun(row["as_of"], fit, told, prospects)


def record_run(scored: str, fit: RFMFit, as_of: datetime) -> Iterator[Statement]:
    """Yield the statements that keep a run, in the place of an earlier one of the same moment.

    Args:
        scored: Name of a relation with the scores of everyone of the base.
        fit: The cut points.
        as_of: The moment of truth, naive UTC.
    """
    cuts = {axis: {"points": fit.cuts[axis].points, "fixed": fit.cuts[axis].is_fixed} for axis in AXES}
    tables: dict[str, Table | str] = {**_TABLES, "scored": scored}
    yield statement("DELETE FROM {cells} WHERE as_of = $as_of", tables=tables, as_of=as_of)
    yield statement(
        """
        INSERT INTO {cells} BY NAME
        SELECT $as_of AS as_of, r, f, m, count(*) AS profiles FROM {scored} GROUP BY r, f, m
        """,
        tables=tables,
        as_of=as_of,
    )
    yield statement("DELETE FROM {runs} WHERE as_of = $as_of", tables=tables, as_of=as_of)
    yield statement(
        """
        INSERT INTO {runs} BY NAME
        SELECT $as_of AS as_of, $fingerprint AS fingerprint, $fitted_at AS fitted_at, $buyers AS fitted_buyers,
            $window AS counted_window, $money AS money, $cuts AS cuts
        """,
        tables=tables,
        as_of=as_of,
        fingerprint=fit.fingerprint,
        fitted_at=fit.fitted_at,
        buyers=fit.buyers,
        window=fit.window,
        money=fit.money,
        cuts=json.dumps(cuts),
    )
