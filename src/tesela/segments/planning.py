"""Ask the language for a plan of some rules, with whatever the shop's own data says about their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.language import Plan, Rule, named_segments, parsed, plan_segments, read_vocabulary
from tesela.segments.segment import Segment

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.warehouse import Engine

Written = str | Rule | Segment
"""A rule as callers have it: its text, its tree, or the segment."""


def plan_rules(
    engine: Engine,
    rules: Mapping[str, Written],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    segments: Mapping[str, Written] | None = None,
) -> Plan:
    """Return one plan of some rules; `segments` are those that they may name by `in segment`."""
    asked = {slug: _tree(rule) for slug, rule in rules.items()}
    others = _named(asked, segments or {})
    events, fields = read_vocabulary(engine, {**others, **asked})
    return plan_segments(asked, as_of=as_of, zone=zone, others=others, fields=fields, events=events)


def _named(asked: Mapping[str, Rule], segments: Mapping[str, Written]) -> dict[str, Rule]:
    """Return the rules that are named, by rules that are asked or named themselves."""
    found: dict[str, Rule] = {}
    waiting = list(asked.values())
    while waiting:
        for slug in named_segments(waiting.pop()):
            if slug in segments and slug not in found and slug not in asked:
                found[slug] = _tree(segments[slug])
                waiting.append(found[slug])
    return found


def _tree(rule: Written) -> Rule:
    return rule.rule if isinstance(rule, Segment) else parsed(rule)
