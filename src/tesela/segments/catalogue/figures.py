"""Figures of a shop's own data that thresholds are taken from: its rhythm, its categories, its prices.

Every figure is exact and the same on every run: counts of the engine, and quantiles by nearest rank, that is, the
smallest value with at least so many percent of the cases at or under it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from tesela.events import EVENTS
from tesela.profiles import PROFILES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from tesela.warehouse import Engine, Table

V = TypeVar("V", int, Fraction)

FEWEST_CASES = 20
"""From fewer cases nothing is concluded: the default stands."""

_DAY = 86_400_000_000
_CENT = Decimal("0.01")
_TABLES: dict[str, Table | str] = {"events": EVENTS, "profiles": PROFILES}

_ORDERS = """
    facts AS (
        SELECT o.profile_id, o.occurred_at, o.name AS category
        FROM {events} AS o JOIN {profiles} AS p ON p.profile_id = o.profile_id
        WHERE o.name = 'order_completed' AND o.occurred_at < $as_of AND p.is_known
            AND NOT EXISTS (
                SELECT 1 FROM {events} AS c
                WHERE c.name = 'order_cancelled' AND c.occurred_at < $as_of
                    AND c.source = o.source AND c.order_id = o.order_id
            )
    )"""
_LINES = """
    facts AS (
        SELECT l.profile_id, l.occurred_at, l.category
        FROM {events} AS l JOIN {profiles} AS p ON p.profile_id = l.profile_id
        WHERE l.name = 'product_purchased' AND l.occurred_at < $as_of AND l.category IS NOT NULL AND p.is_known
    )"""
# orders less than a day apart are one occasion: they tell nothing of the rhythm
_GAPS = f"""
    timed AS (
        SELECT category,
            epoch_us(occurred_at) - epoch_us(lag(occurred_at) OVER one) AS gap,
            row_number() OVER one AS place
        FROM facts WINDOW one AS (PARTITION BY profile_id, category ORDER BY occurred_at)
    ),
    gaps AS (
        SELECT category, place, (gap + {_DAY - 1}) // {_DAY} AS days FROM timed WHERE gap >= {_DAY}
    )"""


@dataclass(frozen=True, slots=True)
class Gaps:
    """How long people took from one purchase to the next.

    Attributes:
        days: Each length in whole days, rounded up, in ascending order, with how often it came.
    """

    days: tuple[tuple[int, int], ...]

    @property
    def cases(self) -> int:
        """How many gaps there are."""
        return sum(times for _, times in self.days)

    def at(self, percent: int) -> int:
        """Return the smallest number of days in which at least so many percent of the gaps ended.

        Example:
            >>> Gaps(((3, 1), (10, 2), (40, 1))).at(75)
            10
        """
        return _nearest_rank(self.days, percent)

    def buckets(self, edges: Sequence[int] = (7, 14, 30, 60, 90, 180, 365)) -> list[tuple[int, int | None, int]]:
        """Return how many gaps lie in each stretch: from so many days, to so many (None: no end), how many."""
        starts = [1, *(edge + 1 for edge in edges)]
        return [
            (start, end, sum(times for days, times in self.days if start <= days and (end is None or days <= end)))
            for start, end in zip(starts, [*edges, None], strict=True)
        ]


class Figures:
    """Figures of one shop at one moment; each is computed once.

    Args:
        engine: Where the events and profiles are.
        as_of: Only what was before counts, naive UTC.
    """

    def __init__(self, engine: Engine, as_of: datetime) -> None:
        self._engine = engine
        self._as_of = as_of
        self._values: dict[tuple[str, ...], tuple[str | None, int]] = {}
        self._gaps: dict[str, Gaps] = {}

    @cached_property
    def order_gaps(self) -> Gaps:
        """From each order of a known person to their next one."""
        return _distribution(self._rows(f"WITH {_ORDERS}, {_GAPS} {_BY_DAYS}"))

    @cached_property
    def second_order_gaps(self) -> Gaps:
        """From the first order of a known person to the second."""
        return _distribution(self._rows(f"WITH {_ORDERS}, {_GAPS} {_BY_DAYS_OF_SECOND}"))

    def category_gaps(self, category: str) -> Gaps:
        """From each purchase of a category by a known person to their next one."""
        if category not in self._gaps:
            rows = self._rows(f"WITH {_LINES}, {_GAPS} {_BY_DAYS_OF_CATEGORY}", category=category)
            self._gaps[category] = _distribution(rows)
        return self._gaps[category]

    def most_common(self, event: str, field: str) -> tuple[str | None, int]:
        """Return the most frequent value of a field of an event, or of known people (event empty), and its count.

        Of equally frequent ones it is the smallest by code point; None when there is no value.
        """
        if not event:
            _check_column(PROFILES.column_names, field)
            asked = f'SELECT "{field}" AS value FROM {{profiles}} WHERE is_known AND first_seen_at < $as_of'
            return self._most(("profile", field), f"WITH valued AS ({asked})")
        _check_column(EVENTS.column_names, field)
        asked = (
            f'SELECT "{field}" AS value FROM {{events}}'
            " WHERE name = $event AND occurred_at < $as_of AND profile_id IS NOT NULL"
        )
        return self._most((event, field), f"WITH valued AS ({asked})", event=event)

    def most_repeated(self) -> tuple[str | None, int]:
        """Return the category that is bought again most often, and how often."""
        return self._most(("repeated",), f"WITH {_LINES}, {_GAPS}, valued AS (SELECT category AS value FROM gaps)")

    def companion(self, category: str) -> tuple[str | None, int]:
        """Return the other category that most buyers of one have bought too, and how many of them have."""
        return self._most(
            ("companion", category),
            f"""WITH {_LINES},
            buyers AS (SELECT DISTINCT profile_id FROM facts WHERE category = $category),
            valued AS (
                SELECT DISTINCT f.profile_id, f.category AS value
                FROM facts AS f JOIN buyers AS b ON b.profile_id = f.profile_id WHERE f.category <> $category
            )""",
            category=category,
        )

    def price(self, category: str, percent: int) -> tuple[Decimal | None, int]:
        """Return the price paid a piece of a category that so many percent of its lines do not exceed, and the lines.

        It is rounded up to a cent.
        """
        rows = self._rows(
            """SELECT amount_e4, quantity, count(*) AS times FROM {events}
            WHERE name = 'product_purchased' AND occurred_at < $as_of AND category = $category
                AND amount_e4 IS NOT NULL AND quantity > 0
            GROUP BY amount_e4, quantity""",
            category=category,
        )
        paid = sorted((Fraction(row["amount_e4"]) / Fraction(row["quantity"]) / 10_000, row["times"]) for row in rows)
        cases = sum(times for _, times in paid)
        if not cases:
            return None, 0
        found = _nearest_rank(paid, percent)
        exact = Decimal(-(-found.numerator * 100 // found.denominator)) / 100
        return exact.quantize(_CENT, ROUND_CEILING), cases

    def _most(self, key: tuple[str, ...], valued: str, **parameters: object) -> tuple[str | None, int]:
        if key not in self._values:
            rows = self._rows(
                f"""{valued},
                counted AS (SELECT value, count(*) AS times FROM valued WHERE value IS NOT NULL GROUP BY value)
                SELECT value, times FROM counted WHERE times = (SELECT max(times) FROM counted)""",
                **parameters,
            )
            # engines order texts each in its own way
            self._values[key] = min(((str(row["value"]), int(row["times"])) for row in rows), default=(None, 0))
        return self._values[key]

    def _rows(self, asked: str, **parameters: object) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._engine.query(
            statement(asked, tables=_TABLES, relations=None, as_of=self._as_of, **parameters)
        ).to_pylist()
        return found


_BY_DAYS = "SELECT days, count(*) AS times FROM gaps GROUP BY days"
_BY_DAYS_OF_SECOND = "SELECT days, count(*) AS times FROM gaps WHERE place = 2 GROUP BY days"
_BY_DAYS_OF_CATEGORY = "SELECT days, count(*) AS times FROM gaps WHERE category = $category GROUP BY days"


def _distribution(rows: list[dict[str, Any]]) -> Gaps:
    return Gaps(tuple(sorted((int(row["days"]), int(row["times"])) for row in rows)))


def _nearest_rank(counted: Sequence[tuple[V, int]], percent: int) -> V:
    """Return the smallest value with at least so many percent of the cases at or under it; there must be cases."""
    needed, seen = percent * sum(times for _, times in counted), 0
    for value, times in counted:
        seen += times
        if 100 * seen >= needed:
            return value
    raise ValueError("no cases")


def _check_column(known: Sequence[str], name: str) -> None:
    # names of columns come from the catalogue's own files
    if name not in known:
        raise ValueError(f"no column {name!r}")
