"""From rules to a statement that an engine runs, in steps that can be looked at one by one.

plan_segments    rules → plan: parsed, resolved and lowered
read_distinct    the statement that a test on text needs answered first
render           plan → statement of one engine
prepare          the last two, with an engine at hand
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from tesela.events import EVENTS
from tesela.language.folding import matching
from tesela.language.lower import lower
from tesela.language.nodes import Rule
from tesela.language.parse import parse
from tesela.language.resolve import Scope, own_names, resolve
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
    fields: Collection[str] = (),
    events: Collection[str] | None = None,
) -> Plan:
    """Return one plan that says who is in each of some segments.

    Args:
        rules: Rule of each segment by its slug, as text or as a tree; one may name another.
        as_of: The moment of truth, naive UTC: only facts before it count.
        zone: The workspace's zone.
        fields: The shop's own profile fields, beside the columns of `profiles`.
        events: The shop's own events, beside the agreed ones; None takes any name.

    Raises:
        InputError: where a rule cannot be read, or a word of it is not available yet.
        NotFoundError: where a rule names what does not exist.
    """
    parsed = {slug: rule if isinstance(rule, Rule) else parse(rule) for slug, rule in rules.items()}
    scope = Scope(as_of, zone, events, fields, parsed.keys())
    return lower({slug: resolve(rule, scope) for slug, rule in parsed.items()}, as_of=as_of, zone=zone)


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
    if lookup.source == "property":
        field, bound = "json_extract_string(properties, $pointer)", {"pointer": lookup.field}
    else:
        field, bound = f'"{_own_column(lookup.field)}"', {}
    template = f"SELECT DISTINCT {field} AS value FROM {{events}}"
    if lookup.event is not None:
        return statement(template + " WHERE name = $event", tables={"events": EVENTS}, event=lookup.event, **bound)
    return statement(template, tables={"events": EVENTS}, **bound)


def prepare(engine: Engine, plan: Plan) -> Statement:
    """Return the plan's statement, after asking the engine for the distinct values that tests on text need."""
    answers = {
        lookup: matching(lookup, engine.query(read_distinct(lookup)).column("value").to_pylist())
        for lookup in plan.lookups
    }
    return render(plan, answers=answers)


def read_vocabulary(engine: Engine, rules: Mapping[str, str | Rule]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the shop's own events and profile fields, asking the engine only when a rule names one.

    Returns:
        Names of events, and names of profile fields, for `plan_segments`.
    """
    named = [own_names(rule if isinstance(rule, Rule) else parse(rule)) for rule in rules.values()]
    events = fields = frozenset[str]()
    if any(own_events for own_events, _ in named):
        events = _names(engine, statement("SELECT DISTINCT name AS name FROM {events}", tables={"events": EVENTS}))
    if any(own_fields for _, own_fields in named):
        template = "SELECT DISTINCT field AS name FROM {values}"
        fields = _names(engine, statement(template, tables={"values": ATTRIBUTE_VALUES}))
    return events, fields


def _names(engine: Engine, reading: Statement) -> frozenset[str]:
    return frozenset(engine.query(reading).column("name").to_pylist())


def _own_column(name: str) -> str:
    if name not in EVENTS.column_names:
        raise ValueError(name)
    return name
