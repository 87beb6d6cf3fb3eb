"""The conditions that a discovery chooses from: written in the language, of what the shop's own data hold."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from tesela.base import InputError
from tesela.events import EVENTS, IDENTIFIER_KINDS
from tesela.language import list_reads, parse, write_text
from tesela.profiles import ATTRIBUTE_VALUES, PROFILES
from tesela.segments.planning import plan_rules
from tesela.traits import STORED_TRAITS, TRAIT_VALUES
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.segments.planning import Written
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Table

ORDERS = "orders"
"""What orders, their lines, cancellations, refunds and the scores made of them are about, as one."""

_ORDER_EVENTS = ("order_completed", "order_cancelled", "order_refunded", "product_purchased")
_ORDER_TRAITS = ("rfm", "lifecycle")
_TABLES: dict[str, Table | str] = {
    "events": EVENTS,
    "profiles": PROFILES,
    "values": ATTRIBUTE_VALUES,
    "traits": TRAIT_VALUES,
}
_MOST_VALUES = 12
_WINDOWS = ("7 days", "30 days", "90 days", "365 days")
_TIMES = (2, 3, 5, 10)
_AGES = ((18, 24), (25, 34), (35, 44), (45, 54), (55, 64))
_ELDEST = 65
_FIELDS = ("country", "region", "city", "language", "gender", "first_source")
# what is asked of events beside how often and when: their fields with few values
_VALUED = (
    ("order_completed", "sales_channel"), ("order_completed", "coupon"), ("product_purchased", "category"),
    ("product_purchased", "brand"), ("product_viewed", "category"), ("product_added", "category"),
    ("email_opened", "campaign_id"), ("page_viewed", "campaign_id"),
)  # fmt: skip
_SHARES = ("0.5", "0.9")
# of an amount, between how many percent of its people each threshold lies
_CUTS = (25, 50, 75, 90)


class Candidate(NamedTuple):
    """A condition to choose from.

    Attributes:
        text: As a rule is written.
        about: What it is about: an event, a field, a trait, or all about orders.
    """

    text: str
    about: str


def subjects_of(
    engine: Engine,
    rules: Mapping[str, Written],
    asked: str,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> frozenset[str]:
    """Return what a rule is about, in the words of `Candidate.about`: conditions about that would only say it again."""
    plan = plan_rules(engine, rules, as_of=as_of, zone=zone, asked=[asked], traits=traits)
    return frozenset(_about(each.kind, each.name) for each in list_reads(plan) if each.name)


def propose_conditions(engine: Engine, *, as_of: datetime, least: int) -> list[Candidate]:
    """Return the conditions that the shop's data allow, each satisfied by some people, in a fixed order.

    Args:
        engine: Where the events and profiles are.
        as_of: Only what was before counts, naive UTC.
        least: Values that fewer people have are left out.
    """
    people = _People(engine, as_of, least)
    found = [*people.facts(), *people.happenings(), *people.values_of_events(), *people.money(), *people.stored()]
    return list(dict.fromkeys(found))


class _People:
    def __init__(self, engine: Engine, as_of: datetime, least: int) -> None:
        self._engine, self._as_of, self._least = engine, as_of, least

    def facts(self) -> Iterator[Candidate]:
        """Yield conditions on what people are."""
        for field in _FIELDS:
            values = self._common(f'SELECT "{field}" AS value, profile_id FROM {{profiles}} WHERE is_known')
            if values:
                yield from (Candidate(f"{field} = {write_text(value)}", field) for value in values)
                yield Candidate(f"{field} is missing", field)
        yield from (Candidate(f"age between {young} and {old}", "birth_date") for young, old in _AGES)
        yield Candidate(f"age >= {_ELDEST}", "birth_date")
        for channel in ("email", "sms"):
            yield Candidate(f"can_receive({channel})", channel)
            yield Candidate(f"not can_receive({channel})", channel)
        for field, values in self._own_fields().items():
            yield from (Candidate(f"{field} = {write_text(value)}", field) for value in values)

    def happenings(self) -> Iterator[Candidate]:
        """Yield conditions on whether, how often and when something happened."""
        for event in self._events():
            about = _about("events", event)
            yield Candidate(f"did {event}", about)
            yield Candidate(f"never {event}", about)
            yield from (Candidate(f"count({event}) >= {times}", about) for times in _TIMES)
            for window in _WINDOWS:
                yield Candidate(f"did {event} in last {window}", about)
                yield Candidate(f"never {event} in last {window}", about)
            yield from (Candidate(f"count({event} in last 90 days) >= {times}", about) for times in _TIMES[1:])

    def values_of_events(self) -> Iterator[Candidate]:
        """Yield conditions on the values that events carry."""
        for event, field in _VALUED:
            about = _about("events", event)
            values = self._common(
                f'SELECT "{field}" AS value, profile_id FROM {{events}}'
                f" WHERE name = '{event}' AND occurred_at < $as_of AND profile_id IS NOT NULL"
            )
            yield from (Candidate(f"did {event} where {field} = {write_text(value)}", about) for value in values)
            if values and field in ("coupon", "sales_channel"):
                kept = [f"{field} = {write_text(value)}" for value in values] if field == "sales_channel" else []
                for condition in (*kept, f"{field} is set"):
                    yield from (Candidate(f"share({event} where {condition}) >= {each}", about) for each in _SHARES)
                yield Candidate(f"did {event} and never {event} where {field} is set", about)

    def money(self) -> Iterator[Candidate]:
        """Yield conditions on what people spent, at round amounts that part them."""
        import numpy as np

        rows = self._engine.query(
            statement(
                "SELECT CAST(sum(amount_e4) AS BIGINT) AS spent, count(*) AS orders FROM {events}"
                " WHERE name = 'order_completed' AND occurred_at < $as_of AND profile_id IS NOT NULL"
                " AND amount_e4 IS NOT NULL GROUP BY profile_id",
                tables=_TABLES,
                as_of=self._as_of,
            )
        )
        if rows.num_rows < self._least:
            return
        spent, orders = (rows.column(name).to_numpy() for name in ("spent", "orders"))
        for expression, amounts in (
            ("sum(order_completed.amount)", spent),
            ("avg(order_completed.amount)", spent // orders),
        ):
            cuts = np.percentile(amounts, _CUTS, method="inverted_cdf")
            for cut in dict.fromkeys(_round(Decimal(int(each)) / 10_000) for each in cuts):
                yield Candidate(f"{expression} >= {cut}", ORDERS)
                yield Candidate(f"{expression} < {cut}", ORDERS)

    def stored(self) -> Iterator[Candidate]:
        """Yield conditions on scores that were computed."""
        there = self._engine.query(
            statement("SELECT DISTINCT trait FROM {traits} WHERE as_of <= $as_of", tables=_TABLES, as_of=self._as_of)
        )
        for trait in sorted(set(there.column("trait").to_pylist()) & STORED_TRAITS.keys()):
            kind, about = STORED_TRAITS[trait], _about("trait", trait)
            if isinstance(kind, str):
                yield from (Candidate(f"{trait} >= {score}", about) for score in (2, 3, 4, 5))
                yield from (Candidate(f"{trait} <= {score}", about) for score in (1, 2, 3))
            else:
                yield from (Candidate(f"{trait} = {write_text(value)}", about) for value in kind)

    # --- what there is --------------------------------------------------------------------------------------------

    def _events(self) -> list[str]:
        rows = self._rows(
            "SELECT name AS value, count(DISTINCT profile_id) AS people FROM {events}"
            " WHERE occurred_at < $as_of AND profile_id IS NOT NULL GROUP BY name"
        )
        return sorted(row["value"] for row in rows if row["people"] >= self._least and row["value"].isidentifier())

    def _common(self, valued: str) -> list[str]:
        """Return the most common values, those of equally many people by code point."""
        rows = self._rows(
            f"SELECT value, count(DISTINCT profile_id) AS people FROM ({valued}) AS v"
            " WHERE value IS NOT NULL GROUP BY value"
        )
        kept = [(-row["people"], row["value"]) for row in rows if row["people"] >= self._least and row["value"].strip()]
        return [value for _, value in sorted(kept)[:_MOST_VALUES]]

    def _own_fields(self) -> dict[str, list[str]]:
        """Return the common values of the shop's own fields; one with as many values as people says nothing."""
        known = {*PROFILES.column_names, *IDENTIFIER_KINDS}
        rows = self._rows(
            "SELECT field, value, count(DISTINCT profile_id) AS people FROM {values}"
            " WHERE valid_from < $as_of AND value IS NOT NULL GROUP BY field, value"
        )
        found: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for row in rows:
            name = row["field"]
            if name in known or not name.isidentifier() or row["people"] < self._least or not row["value"].strip():
                continue
            if _can_be_asked(name):
                found[name].append((-row["people"], row["value"]))
        return {name: [value for _, value in sorted(found[name])[:_MOST_VALUES]] for name in sorted(found)}

    def _rows(self, asked: str) -> list[dict[str, Any]]:
        parameters: dict[str, Any] = {"as_of": self._as_of} if "$as_of" in asked else {}
        rows: list[dict[str, Any]] = self._engine.query(statement(asked, tables=_TABLES, **parameters)).to_pylist()
        return rows


def _can_be_asked(field: str) -> bool:
    """Return whether a field can stand in a rule: words of the language cannot."""
    try:
        parse(f"{field} is set")
    except InputError:
        return False
    return True


def _about(kind: str, name: str) -> str:
    is_of_orders = name in _ORDER_EVENTS if kind == "events" else name.partition(".")[0] in _ORDER_TRAITS
    return ORDERS if is_of_orders else name


def _round(amount: Decimal) -> Decimal:
    """Return an amount with two digits that count: what a person would have written."""
    if not amount:
        return amount
    place = amount.adjusted() - 1
    return amount.quantize(Decimal(1).scaleb(place)).quantize(Decimal(1).scaleb(min(place, 0)))
