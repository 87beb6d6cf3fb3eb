"""Say how segments are computed: what is read, what is shared, and the statement itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from tesela.language import list_reads, prepare
from tesela.segments.planning import plan_rules
from tesela.warehouse import load_dialect

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.segments.planning import Written
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Statement


class PlannedRead(NamedTuple):
    """Something that a plan reads once, for all segments that need it.

    Attributes:
        kind: `events`, `field`, `consent`, `memberships`, `trait` or `population`.
        name: Event (`*` is any), field, channel, segment or trait.
        start: Since when, naive UTC; None is from the beginning.
        columns: How many different values are made of it.
        references: How often segments ask for these values.
    """

    kind: str
    name: str
    start: datetime | None
    columns: int
    references: int


@dataclass(frozen=True, slots=True)
class PlanSummary:
    """How some segments are computed together.

    Attributes:
        as_of: The moment of truth, naive UTC.
        columns_by_segment: Column that says who is in each segment, by slug.
        reads: What is read, each once.
        steps: How many levels of columns are computed one after another.
        statement: What the engine is told.
    """

    as_of: datetime
    columns_by_segment: Mapping[str, str]
    reads: Sequence[PlannedRead]
    steps: int
    statement: Statement

    @property
    def sql(self) -> str:
        """The statement's text in lines."""
        return load_dialect(self.statement.dialect).readable(self.statement.whole)

    @property
    def segments(self) -> int:
        """How many segments are computed."""
        return len(self.columns_by_segment)

    @property
    def columns(self) -> int:
        """How many different values are read of events, fields, consents and the rest."""
        return sum(each.columns for each in self.reads)

    @property
    def references(self) -> int:
        """How often segments ask for these values."""
        return sum(each.references for each in self.reads)


def describe_plan(
    engine: Engine,
    rules: Mapping[str, Written],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    asked: Collection[str] | None = None,
    traits: Mapping[str, Trait] | None = None,
    dialect: str | None = None,
) -> PlanSummary:
    """Return how segments are computed, running nothing but what tests on text need answered first.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        asked: Slugs; by default all.
        traits: Computed traits that the rules may use.
        dialect: Engine to write SQL for; by default that of `engine`.

    Raises:
        InputError, NotFoundError: where a rule cannot be used.
    """
    plan = plan_rules(engine, rules, as_of=as_of, zone=zone, asked=asked, traits=traits)
    name = dialect or engine.name
    statement = prepare(engine, plan, dialect=name)
    reads = [PlannedRead(each.kind, each.name, each.start, each.columns, each.references) for each in list_reads(plan)]
    return PlanSummary(as_of, plan.columns, reads, len(plan.levels), statement)
