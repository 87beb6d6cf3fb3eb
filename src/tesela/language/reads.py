"""What a plan reads, and how much of it is shared: for people who want to know what a run costs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from tesela.language.plan import (
    AttributeValue,
    ConsentValue,
    EventAggregate,
    FieldChanges,
    FieldHeld,
    Fold,
    PreviousFieldValue,
    Reach,
    RecordedStay,
    SequenceMet,
    Standing,
    StoredTraitValue,
    StoreMedian,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from tesela.language.nodes import Bounds
    from tesela.language.plan import Definition, Plan

ReadKind = Literal["events", "field", "consent", "memberships", "trait", "population"]


class Read(NamedTuple):
    """Something that a plan reads once, for all segments that need it.

    Attributes:
        kind: What is read.
        name: Event (`*` is any), field, channel, segment or trait; empty for the population.
        start: Since when, naive UTC; None is from the beginning.
        end: Until when; None is the moment of truth.
        columns: How many different columns are made of it.
        references: How often segments ask for these columns.
    """

    kind: ReadKind
    name: str
    start: datetime | None
    end: datetime | None
    columns: int
    references: int


def list_reads(plan: Plan) -> list[Read]:
    """Return what a plan reads, in the order in which it is first needed; windows are the widest of all columns."""
    asked: dict[Definition, int] = {}
    for column in plan.columns.values():
        for definition in plan.needs(column):
            asked[definition] = asked.get(definition, 0) + 1
    found: dict[tuple[ReadKind, str], list[tuple[Bounds | None, int]]] = {}
    for level in plan.levels:
        for definition in level.values():
            for kind, name, bounds in _sources(definition):
                found.setdefault((kind, name), []).append((bounds, asked.get(definition, 0)))
    return [
        Read(*key, *_widest([bounds for bounds, _ in of]), len(of), sum(n for _, n in of)) for key, of in found.items()
    ]


def _sources(each: Definition) -> Iterator[tuple[ReadKind, str, Bounds | None]]:
    if isinstance(each, EventAggregate):
        yield "events", each.event or "*", each.bounds
    elif isinstance(each, SequenceMet):
        for name in dict.fromkeys(step.event for step in each.steps):
            yield "events", name, each.bounds
    elif isinstance(each, AttributeValue | FieldChanges | FieldHeld | PreviousFieldValue):
        yield "field", each.field, None
    elif isinstance(each, ConsentValue | Reach):
        yield "consent", each.channel, None
    elif isinstance(each, RecordedStay):
        yield "memberships", each.segment, each.bounds
    elif isinstance(each, StoredTraitValue):
        yield "trait", each.trait, None
    elif isinstance(each, StoreMedian):
        yield "events", each.event or "*", each.bounds
        yield "population", "", None
    elif isinstance(each, Fold | Standing):
        yield "population", "", None


def _widest(windows: list[Bounds | None]) -> tuple[datetime | None, datetime | None]:
    starts = [each.start if each else None for each in windows]
    ends = [each.end if each else None for each in windows]
    known_starts, known_ends = [each for each in starts if each], [each for each in ends if each]
    return (
        min(known_starts) if len(known_starts) == len(starts) else None,
        max(known_ends) if len(known_ends) == len(ends) else None,
    )
