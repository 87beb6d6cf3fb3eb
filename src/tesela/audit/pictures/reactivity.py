"""Who reacts: the ladder of reactivity, machines set apart, and who did what in 30, 90 and 365 days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tesela.audit.facts import VISITS

if TYPE_CHECKING:
    from tesela.audit.ground import Ground

RUNGS = ("d7", "d30", "d60", "d90", "longer", "machine_only", "never_opened", "never_mailed")
_DAYS = (7, 30, 60, 90)


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of the ladder: everybody of the base stands on one.

    Attributes:
        key: `d7` to `d90`: a person opened or clicked in so many days; `longer`: before; `machine_only`: only machines
            opened; `never_opened`: mailed, and nobody did; `never_mailed`.
        people: How many stand on it.
    """

    key: str
    people: int


@dataclass(frozen=True, slots=True)
class Interaction:
    """How many did something.

    Attributes:
        key: `opened`, `clicked`, `visited`, `bought`, or `any` of these.
        d30: In the last 30 days.
        d90: In the last 90.
        d365: In the last 365.
    """

    key: str
    d30: int
    d90: int
    d365: int


def find_ladder(ground: Ground) -> tuple[Rung, ...]:
    """Return the ladder, from the warmest on; nothing where no e-mail event is there."""
    if not {"email_delivered", "email_opened", "email_link_clicked"} & set(ground.events):
        return ()
    since = {f"since_{days}": ground.as_of - timedelta(days=days) for days in _DAYS}
    rows = ground.ask(
        """
        SELECT CASE
            WHEN greatest(opened_at, clicked_at) >= $since_7 THEN 'd7'
            WHEN greatest(opened_at, clicked_at) >= $since_30 THEN 'd30'
            WHEN greatest(opened_at, clicked_at) >= $since_60 THEN 'd60'
            WHEN greatest(opened_at, clicked_at) >= $since_90 THEN 'd90'
            WHEN greatest(opened_at, clicked_at) IS NOT NULL THEN 'longer'
            WHEN machine_opened_at IS NOT NULL THEN 'machine_only'
            WHEN delivered > 0 THEN 'never_opened'
            ELSE 'never_mailed' END AS rung, count(*) AS people
        FROM {people} GROUP BY rung
        """,
        **since,
    )
    people = {row["rung"]: row["people"] for row in rows}
    return tuple(Rung(key, people.get(key, 0)) for key in RUNGS)


def find_interaction(ground: Ground) -> tuple[Interaction, ...]:
    """Return who did what; only what there are events for, and `any` where there is more than one."""
    columns = {
        "opened": ("opened_at", ("email_opened",)),
        "clicked": ("clicked_at", ("email_link_clicked",)),
        "visited": ("visited_at", VISITS),
        "bought": ("last_order_at", ("order_completed",)),
    }
    seen = {key: column for key, (column, names) in columns.items() if set(names) & set(ground.events)}
    if len(seen) > 1:
        seen["any"] = "sign_at"
    if not seen:
        return ()
    counted = ", ".join(
        f"count(*) FILTER ({column} >= ${days}) AS {key}_{days}"
        for key, column in seen.items()
        for days in ("d30", "d90", "d365")
    )
    row = ground.row(f"SELECT {counted} FROM {{people}}")
    return tuple(Interaction(key, row[f"{key}_d30"], row[f"{key}_d90"], row[f"{key}_d365"]) for key in seen)
