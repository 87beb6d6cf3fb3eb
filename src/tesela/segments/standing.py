"""Where one profile stands: the value of every trait, and every segment that it is in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tesela.base import NotFoundError
from tesela.language import parse
from tesela.segments.planning import plan_rules
from tesela.segments.tables import MEMBERSHIPS
from tesela.segments.turning import row_of
from tesela.traits import STORED_TRAITS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.segments.explaining import Value
    from tesela.segments.planning import Written
    from tesela.traits import Trait
    from tesela.warehouse import Engine


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a profile stands at a moment.

    Attributes:
        segments: Slugs of the segments that it is in, with the time since when, as far as it was published.
        traits: Value of each trait, computed or stored, by slug.
    """

    segments: Mapping[str, datetime | None]
    traits: Mapping[str, Value]


def find_standing(
    engine: Engine,
    rules: Mapping[str, Written],
    profile: int,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> Standing:
    """Return the segments that a profile is in at a moment, and its traits; one that was not seen yet is nowhere.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        profile: Who.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits: those told, and those that the rules may use.
    """
    values = {slug: trait.expression for slug, trait in (traits or {}).items()}
    values |= {name: parse(name) for name in STORED_TRAITS}
    plan = plan_rules(engine, rules, as_of=as_of, zone=zone, traits=traits, values=values)
    try:
        row = row_of(engine, plan, profile)
    except NotFoundError:
        return Standing({}, {})
    told = {slug: plan.value(row, slug) for slug in values}
    inside = [slug for slug in rules if row[plan.columns[slug]] and (row["is_known"] or slug in plan.everyone)]
    return Standing(dict.fromkeys(inside) | _since(engine, profile, inside), told)


def _since(engine: Engine, profile: int, slugs: list[str]) -> dict[str, datetime | None]:
    rows = engine.query(
        statement(
            "SELECT segment, entered_at FROM {memberships} WHERE profile_id = $profile AND left_at IS NULL",
            tables={"memberships": MEMBERSHIPS},
            profile=profile,
        )
    ).to_pylist()
    return {row["segment"]: row["entered_at"] for row in rows if row["segment"] in slugs}
