"""What becomes of people: buyers by cohort, non-buyers by age, visitors who become known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from tesela.base import add_months, start_of_day, to_local

if TYPE_CHECKING:
    from datetime import date, datetime

    from tesela.audit.ground import Ground

_QUARTERS = 12
_AGES = ((0, 30), (31, 90), (91, 180), (181, 365), (366, None))
_NO_END = 100_000


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those who came in one local quarter.

    Attributes:
        first_day: Its first day.
        people: How many came.
        buyers: How many of them have ever bought.
        within_90: How many bought in the 90 days after they came; None until these have passed for all of them.
        reachable: How many can be written to today on some channel.
        engaged: How many gave a sign of life in the last 90 days.
    """

    first_day: date
    people: int
    buyers: int
    within_90: int | None
    reachable: int
    engaged: int


@dataclass(frozen=True, slots=True)
class Age:
    """Those who never bought, by how long ago they came.

    Attributes:
        first: From so many days on.
        last: Up to so many; None: no end.
        people: How many.
        awake: How many of them gave a sign of life in the last 90 days.
    """

    first: int
    last: int | None
    people: int
    awake: int


@dataclass(frozen=True, slots=True)
class Visitors:
    """Browsers and devices that were seen.

    Attributes:
        anonymous: Those of whom nobody knows whose they are.
        known: Those that turned out to be somebody's of the base.
    """

    anonymous: int
    known: int


def find_cohorts(ground: Ground) -> tuple[Cohort, ...]:
    """Return the last twelve quarters from the first with anybody on, the oldest first; none without orders."""
    import pyarrow as pa

    if "order_completed" not in ground.events:
        return ()
    today = to_local(ground.as_of - timedelta(microseconds=1), ground.zone).date()
    newest = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    firsts = [add_months(newest, -3 * back) for back in range(_QUARTERS - 1, -1, -1)]
    starts = [start_of_day(day, ground.zone) for day in firsts]
    ends = [*starts[1:], ground.as_of]
    moment = pa.timestamp("us")
    bounds = {"place": pa.array(range(_QUARTERS), pa.int64()), "starts_at": pa.array(starts, moment)}
    rows = ground.ask(
        """
        SELECT m.place, count(*) AS people, count(*) FILTER (p.orders > 0) AS buyers,
            count(*) FILTER (p.first_order_at < p.arrived_at + INTERVAL 90 DAY) AS within_90,
            count(*) FILTER (p.has_yes AND NOT p.is_aside) AS reachable, count(*) FILTER (p.sign_at >= $d90) AS engaged
        FROM {people} AS p JOIN audit_quarters AS m ON p.arrived_at >= m.starts_at AND p.arrived_at < m.ends_at
        GROUP BY m.place
        """,
        relations={"audit_quarters": pa.table({**bounds, "ends_at": pa.array(ends, moment)})},
    )
    by_place = {row["place"]: row for row in rows}
    found = [
        _cohort(day, end, by_place.get(place), ground)
        for place, (day, end) in enumerate(zip(firsts, ends, strict=True))
    ]
    while found and not found[0].people:
        found.pop(0)
    return tuple(found)


def _cohort(day: date, end: datetime, row: dict[str, int] | None, ground: Ground) -> Cohort:
    if row is None:
        return Cohort(day, 0, 0, None, 0, 0)
    is_over = end + timedelta(days=90) <= ground.as_of
    within = row["within_90"] if is_over else None
    return Cohort(day, row["people"], row["buyers"], within, row["reachable"], row["engaged"])


def find_ages(ground: Ground) -> tuple[Age, ...]:
    """Return those who never bought, by age; none without orders: nobody would have bought."""
    if "order_completed" not in ground.events:
        return ()
    found = []
    for first, last in _AGES:
        before = ground.as_of - timedelta(days=first)
        until = ground.as_of - timedelta(days=_NO_END if last is None else last + 1)
        row = ground.row(
            """
            SELECT count(*) AS people, count(*) FILTER (sign_at >= $d90) AS awake
            FROM {people} WHERE orders = 0 AND arrived_at <= $before AND arrived_at > $until
            """,
            before=before,
            until=until,
        )
        found.append(Age(first, last, row["people"], row["awake"]))
    return tuple(found)


def find_visitors(ground: Ground) -> Visitors | None:
    """Return how many browsers are known whose they are; None where no browser was seen."""
    row = ground.row(
        """
        SELECT count(*) FILTER (p.profile_id IS NULL) AS anonymous, count(p.profile_id) AS known
        FROM {identifiers} AS i LEFT JOIN {people} AS p ON p.profile_id = i.profile_id
        WHERE i.kind = 'anonymous_id' AND i.since < $as_of
        """
    )
    found = Visitors(row["anonymous"], row["known"])
    return found if found.anonymous + found.known else None
