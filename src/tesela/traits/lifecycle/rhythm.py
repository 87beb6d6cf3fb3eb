"""The shop's rhythm: after how long without an order a buyer cools, sleeps and is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from tesela.traits.tables import LIFECYCLE_RHYTHMS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from datetime import datetime

    from tesela.warehouse import Engine, Table

RhythmOrigin = Literal["given", "measured", "too_few", "default"]

_TABLES: dict[str, Table | str] = {"rhythms": LIFECYCLE_RHYTHMS}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """The thresholds of the lifecycle.

    Attributes:
        active_days: Up to so many days after an order one is active.
        cooling_days: Up to so many one is cooling.
        dormant_days: Up to so many one is dormant; longer is lapsed.
        origin: `measured` over the shop's own gaps between orders, `given` by hand; `too_few` gaps to tell anything
            or none measured yet (`default`): usual ones.
        cases: How many gaps they were measured over.
        measured_at: The moment of truth they were measured at, naive UTC.
    """

    active_days: int = 60
    cooling_days: int = 120
    dormant_days: int = 240
    origin: RhythmOrigin = "default"
    cases: int = 0
    measured_at: datetime | None = None


def find_rhythm(engine: Engine) -> Rhythm:
    """Return the rhythm that was measured last; the usual one when none was.

    It holds for every moment asked about: people move between stages because of what they do, not of the yardstick.
    """
    asked = "SELECT * FROM {rhythms} ORDER BY measured_at DESC LIMIT 1"
    rows = engine.query(statement(asked, tables=_TABLES)).to_pylist()
    return Rhythm(**rows[0]) if rows else Rhythm()


def keep_rhythm(engine: Engine, rhythm: Rhythm) -> None:
    """Keep a rhythm that was measured, in the place of one of the same moment."""
    parameters: dict[str, object] = {
        "active": rhythm.active_days,
        "cooling": rhythm.cooling_days,
        "dormant": rhythm.dormant_days,
        "origin": rhythm.origin,
        "cases": rhythm.cases,
    }
    at = rhythm.measured_at
    engine.write(
        [
            statement("DELETE FROM {rhythms} WHERE measured_at = $at", tables=_TABLES, at=at),
            statement(
                """
                INSERT INTO {rhythms} BY NAME
                SELECT $at AS measured_at, $active AS active_days, $cooling AS cooling_days, $dormant AS dormant_days,
                    $origin AS origin, $cases AS cases
                """,
                tables=_TABLES,
                relations=None,
                at=at,
                **parameters,
            ),
        ]
    )
