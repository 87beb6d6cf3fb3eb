"""From rules to a statement that an engine runs, in steps that can be looked at one by one.

plan_segments    rules → plan: parsed, resolved and lowered
read_distinct    the statement that a test on text needs answered first
render           plan → statement of one engine
prepare          the last two, with an engine at hand
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tesela.events import EVENTS
from tesela.language.lowering import lower
from tesela.language.nesting import allow_nesting
from tesela.language.nodes import Rule
from tesela.language.parsing import parse
from tesela.language.resolve import Scope, own_names, resolve
from tesela.language.text_checks import matching
from tesela.profiles import ATTRIBUTE_VALUES, IDENTIFIERS
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.language.plan import Lookup, Plan
    from tesela.warehouse import Engine


def plan_segments(
    rules: Mapping[str, str | Rule],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    others: Mapping[str, str | Rule] | None = None,
    fields: Collection[str] = (),
    events: Collection[str] | None = None,
) -> Plan:
    """Return one plan that says who is in each of some segments.

    Args:
        rules: Rule of each segment by its slug, as text or as a tree; one may name another.
        as_of: The moment of truth, naive UTC: only facts before it count.
        zone: The workspace's zone.
        others: Segments that the rules may name but that are not asked for themselves.
        fields: The shop's own profile fields, beside the columns of `profiles`.
        events: The shop's own events, beside the agreed ones; None takes any name.

    Raises:
        InputError: where a rule cannot be read, or a word of it is not available yet.
        NotFoundError: where a rule names what does not exist.
    """
    allow_nesting()
    known = {**(others or {}), **rules}
    scope = Scope(as_of, zone, events, fields, known.keys())
    resolved: dict[str, Rule] = {}

    def find(slug: str) -> Rule:
        if slug not in resolved:
            resolved[slug] = resolve(parsed(known[slug]), scope)
        return resolved[slug]

    return lower(rules, find, as_of=as_of, zone=zone)


def parsed(rule: str | Rule) -> Rule:
    """Return a rule as its tree, whichever way it came."""
    return rule if isinstance(rule, Rule) else parse(rule)


def render(
    plan: Plan, engine: Literal["duckdb"] = "duckdb", *, answers: Mapping[Lookup, Sequence[str]] | None = None
) -> Statement:
    """Return the plan as one statement of an engine.

    Args:
        plan: What to compute.
        engine: Whose dialect; DuckDB reads each event name once.
        answers: For each of `plan.lookups`, the values for which its test holds.

    Returns:
        A statement with one row per profile seen before the moment of truth: `profile_id`, `is_known` and the
        columns that `plan.columns` names, true or false, never missing.
    """
    allow_nesting()
    # the SQL library costs half a second to load
    from tesela.language.split import render_split

    if engine != "duckdb":
        raise ValueError(engine)
    return render_split(plan, answers or {})


def read_distinct(lookup: Lookup) -> Statement:
    """Return the statement that reads the distinct values of the field that a test on text is about."""
    if lookup.source == "attribute":
        return statement(
            "SELECT DISTINCT value FROM {values} WHERE field = $field"
            " UNION SELECT DISTINCT value FROM {identifiers} WHERE kind = $field",
            tables={"values": ATTRIBUTE_VALUES, "identifiers": IDENTIFIERS},
            field=lookup.field,
        )
    column, parameters = f'"{lookup.field}"', {"event": lookup.event}
    if lookup.source == "property":
        column, parameters = "json_extract_string(properties, $pointer)", parameters | {"pointer": lookup.field}
    elif lookup.field not in EVENTS.column_names:
        raise ValueError(lookup.field)
    template = f"SELECT DISTINCT {column} AS value FROM {{events}} WHERE name = $event OR $event IS NULL"
    return statement(template, tables={"events": EVENTS}, relations=None, **parameters)


def prepare(engine: Engine, plan: Plan) -> Statement:
    """Return the plan's statement, after asking the engine for the distinct values that tests on text need."""
    answers = {
        lookup: matching(lookup.check, engine.query(read_distinct(lookup)).column("value").to_pylist())
        for lookup in plan.lookups
    }
    return render(plan, answers=answers)


def read_vocabulary(engine: Engine, rules: Mapping[str, str | Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the shop's own events and profile fields, asking the engine only when a rule names one.

    Returns:
        Names of events, and names of profile fields, for `plan_segments`.
    """
    named = [own_names(parsed(rule)) for rule in rules.values()]
    events = fields = frozenset[str]()
    if any(own_events for own_events, _ in named):
        events = _names(engine, statement("SELECT DISTINCT name AS name FROM {events}", tables={"events": EVENTS}))
    if any(own_fields for _, own_fields in named):
        template = "SELECT DISTINCT field AS name FROM {values}"
        fields = _names(engine, statement(template, tables={"values": ATTRIBUTE_VALUES}))
    return events, fields


def _names(engine: Engine, reading: Statement) -> frozenset[str]:
    return frozenset(engine.query(reading).column("name").to_pylist())
