"""Ask the language for a plan of some rules, with whatever the shop's own data says about their names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tesela.language import Plan, Rule, answer, named_segments, parsed, plan_segments, read_vocabulary
from tesela.segments.bitmaps import base_of, ids_of, members_of
from tesela.segments.segment import Segment
from tesela.segments.tables import MEMBERSHIPS
from tesela.traits import STORED_TRAITS, TRAIT_VALUES, Trait

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap64

    from tesela.warehouse import Engine

Written = str | Rule | Segment
"""A rule as callers have it: its text, its tree, or the segment."""


def plan_rules(
    engine: Engine,
    rules: Mapping[str, Written],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    asked: Collection[str] | None = None,
    traits: Mapping[str, Trait] | None = None,
    values: Mapping[str, Rule] | None = None,
) -> Plan:
    """Return one plan of the rules asked for, by default all; the others are there to be named by `in segment`.

    With `values`, rules whose bodies are values, the plan tells those too.
    """
    wanted = {slug: rule_of(rules[slug]) for slug in (rules if asked is None else asked)}
    others = _named(wanted, rules)
    expressions = {slug: trait.expression for slug, trait in (traits or {}).items()}
    told = values or {}
    own = read_vocabulary(engine, [*others.values(), *wanted.values(), *told.values()], expressions, STORED_TRAITS)
    vocabulary = replace(own, segments=[slug for slug in rules if slug.isidentifier()])
    return plan_segments(
        wanted,
        as_of=as_of,
        zone=zone,
        others=others,
        vocabulary=vocabulary,
        memberships=MEMBERSHIPS,
        trait_values=TRAIT_VALUES,
        values=told,
    )


@dataclass(frozen=True, slots=True)
class Computed:
    """Who is in each of some segments.

    Attributes:
        members: Profiles by slug.
        base: Known profiles among those computed.
        rows: How many profiles were computed.
    """

    members: dict[str, BitMap64]
    base: BitMap64
    rows: int


class Planner:
    """Plans the same rules for one moment after another; the shop's own names are read once.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.
    """

    def __init__(
        self, engine: Engine, rules: Mapping[str, Written], zone: ZoneInfo, traits: Mapping[str, Trait] | None = None
    ) -> None:
        self.engine = engine
        self._rules = {slug: rule_of(rule) for slug, rule in rules.items()}
        self.slugs = list(self._rules)
        self._zone = zone
        expressions = {slug: trait.expression for slug, trait in (traits or {}).items()}
        self._vocabulary = read_vocabulary(engine, self._rules.values(), expressions, STORED_TRAITS)
        self._plans: dict[tuple[datetime, tuple[str, ...]], Plan] = {}

    def plan(self, as_of: datetime, asked: Collection[str] | None = None) -> Plan:
        """Return one plan of the rules asked for, by default all."""
        key = as_of, tuple(self._rules if asked is None else asked)
        if key not in self._plans:
            self._plans[key] = plan_segments(
                {slug: self._rules[slug] for slug in key[1]},
                as_of=as_of,
                zone=self._zone,
                others=self._rules,
                vocabulary=self._vocabulary,
                memberships=MEMBERSHIPS,
                trait_values=TRAIT_VALUES,
            )
        return self._plans[key]

    def compute(self, as_of: datetime, asked: Collection[str] | None = None, among: BitMap64 | None = None) -> Computed:
        """Return who is in the segments asked for at a moment, of all profiles or of some."""
        plan = self.plan(as_of, asked)
        chosen = None if among is None else ids_of(among)
        rows = answer(self.engine, plan, among=chosen)
        return Computed(members_of(plan, rows), base_of(rows), rows.num_rows)


def meanings(segments: Mapping[str, Segment], traits: Mapping[str, Trait] | None, zone: ZoneInfo) -> dict[str, str]:
    """Return a fingerprint of all that each segment means: its rule, all rules and traits it names, the zone."""
    # any trait may stand in another: a change of one is taken for a change of all segments that name any
    own = {slug: trait.fingerprint for slug, trait in sorted((traits or {}).items())}
    found = {}
    for slug, segment in segments.items():
        rules = {slug, *_named({slug: segment.rule}, segments)}
        told = [f"{name} {segments[name].fingerprint}" for name in sorted(rules)]
        told += [f"{name} {version}" for name, version in own.items()]
        found[slug] = hashlib.sha256("\n".join([zone.key, *told]).encode()).hexdigest()[:16]
    return found


def _named(wanted: Mapping[str, Rule], rules: Mapping[str, Written]) -> dict[str, Rule]:
    """Return the rules that are named, by rules that are asked for or named themselves."""
    found: dict[str, Rule] = {}
    waiting = list(wanted.values())
    while waiting:
        for slug in named_segments(waiting.pop()):
            if slug in rules and slug not in found and slug not in wanted:
                found[slug] = rule_of(rules[slug])
                waiting.append(found[slug])
    return found


def rule_of(rule: Written) -> Rule:
    """Return a rule as its tree, whichever way it came."""
    return rule.rule if isinstance(rule, Segment) else parsed(rule)
