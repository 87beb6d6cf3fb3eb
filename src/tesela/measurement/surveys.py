"""What people answered in surveys: how likely they are to recommend the shop, and how satisfied they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.events import EVENTS
from tesela.warehouse import Statement, load_dialect

if TYPE_CHECKING:
    from datetime import datetime

    import pyarrow as pa

    from tesela.warehouse import Dialect, Engine

NPS_PROPERTY, CSAT_PROPERTY = "nps_score", "csat_score"
"""Properties of `survey_answered`: how likely somebody is to recommend the shop (0 to 10), how satisfied (1 to 5)."""

_E8 = 100_000_000


def read_answers(engine: Engine, *, since: datetime, as_of: datetime) -> pa.Table:
    """Return what each person answered: answers, promoters less detractors, ratings, good ratings."""
    import numpy as np
    import pyarrow as pa

    rows = engine.query(_answers_statement(load_dialect(engine.name), since, as_of))
    whose = np.asarray(rows.column("profile_id").to_pylist(), np.int64)
    nps = np.array([_score(each, 0, 10) for each in rows.column("nps").to_pylist()], np.float64)
    csat = np.array([_score(each, 1, 5) for each in rows.column("csat").to_pylist()], np.float64)
    people, place = np.unique(whose, return_inverse=True)
    told = {
        "answers": ~np.isnan(nps),
        "nps_points": (nps >= 9).astype(np.int64) - (nps <= 6),
        "rated": ~np.isnan(csat),
        "satisfied": csat >= 4,
    }
    added = {name: np.bincount(place, each, len(people)).astype(np.int64) for name, each in told.items()}
    return pa.table({"profile_id": people} | added)


def _score(value_e8: Any, least: int, most: int) -> float:
    score = float("nan") if value_e8 is None else int(value_e8) / _E8
    return score if least <= score <= most else float("nan")


def _answers_statement(dialect: Dialect, since: datetime, as_of: datetime) -> Statement:
    # the SQL library costs a third of a second to load
    from sqlglot import exp

    def told(name: str) -> exp.Expr:
        pointer = exp.Literal.string(f"/{name}")
        return dialect.as_e8(dialect.json_text(exp.column("properties", quoted=True), pointer))

    happened = exp.column("occurred_at")
    query = exp.select("profile_id", exp.alias_(told(NPS_PROPERTY), "nps"), exp.alias_(told(CSAT_PROPERTY), "csat"))
    query = query.from_(exp.to_table(EVENTS.name)).where(
        exp.EQ(this=exp.column("name"), expression=exp.Literal.string("survey_answered")),
        exp.GTE(this=happened, expression=dialect.value("since", since)),
        exp.LT(this=happened.copy(), expression=dialect.value("as_of", as_of)),
        exp.Not(this=exp.Is(this=exp.column("profile_id"), expression=exp.Null())),
    )
    return Statement(dialect.sql(query), {"since": since, "as_of": as_of}, dialect=dialect.name)
