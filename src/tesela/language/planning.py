"""From rules to a statement that an engine runs, in steps that can be looked at one by one.

plan_segments    rules → plan: parsed, resolved and lowered
read_distinct    the statement that a test on text needs answered first
render           plan → statement of one engine
prepare          the last two, with an engine at hand
answer           the rows of the plan
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from tesela.base import InputError
from tesela.events import EVENTS
from tesela.language.lowering import lower
from tesela.language.nesting import allow_nesting
from tesela.language.nodes import Rule
from tesela.language.parsing import parse
from tesela.language.plan import EventAggregate, SequenceMet
from tesela.language.resolve import ATTRIBUTES, Scope, own_names, resolve
from tesela.language.text_checks import TextCheck, matching
from tesela.language.words import AGGREGATES, POPULATION_FUNCTIONS
from tesela.language.words import EVENTS as EVENTS_AGREED
from tesela.profiles import ATTRIBUTE_VALUES
from tesela.warehouse import load_dialect, statement

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    import pyarrow as pa

    from tesela.language.nodes import Kind
    from tesela.language.plan import Lookup, Plan
    from tesela.warehouse import Dialect, Engine, Statement, Table

_OFTEN = 8

# words of the grammar that a person writes in full (docs/reference/language.md)
_WRITTEN = (
    *("and", "or", "not", "none of", "at least", "in last", "between", "before", "after", "on", "since", "where"),
    *("did", "never", "sequence", "within", "in segment", "joined segment", "left segment", "ever in segment"),
    *("consent", "can_receive", "is set", "is missing", "contains", "starts with", "ends with", "matches", "in"),
    *("store", "top", "sample", "time_since", "anniversary", "distinct", "share"),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that a shop brings to the language.

    Attributes:
        events: Its own events, beside the agreed ones; None takes any name.
        fields: Its own profile fields, beside the columns of `profiles`; they are texts.
        traits: Its computed traits: expressions by name.
        stored_traits: Its scored and predicted traits: kind of value, or the texts it can be, by name.
        segments: Slugs of all its segments, beside those that the rules name: errors tell the near ones.
    """

    events: Collection[str] | None = None
    fields: Collection[str] = ()
    traits: Mapping[str, str | Rule] = field(default_factory=dict)
    stored_traits: Mapping[str, Kind | tuple[str, ...]] = field(default_factory=dict)
    segments: Collection[str] = ()

    def names(self) -> dict[str, list[str]]:
        """Return what rules may name, by kind, the agreed names with the shop's own: for completion."""
        return {
            "events": sorted({*EVENTS_AGREED, *(self.events or ())}),
            "fields": sorted({*ATTRIBUTES, *self.fields}),
            "segments": sorted(self.segments),
            "traits": sorted({*self.traits, *self.stored_traits}),
            "words": sorted({*AGGREGATES, *POPULATION_FUNCTIONS, *_WRITTEN}),
        }


def plan_segments(
    rules: Mapping[str, str | Rule],
    *,
    as_of: datetime,
    zone: ZoneInfo,
    others: Mapping[str, str | Rule] | None = None,
    vocabulary: Vocabulary | None = None,
    memberships: Table | None = None,
    trait_values: Table | None = None,
    values: Mapping[str, str | Rule] | None = None,
) -> Plan:
    """Return one plan that says who is in each of some segments.

    Args:
        rules: Rule of each segment by its slug, as text or as a tree; one may name another.
        as_of: The moment of truth, naive UTC: only facts before it count.
        zone: The workspace's zone.
        others: Segments that the rules may name but that are not asked for themselves.
        vocabulary: The shop's own names; None takes any event and no field.
        memberships: Table of the recorded memberships, for `joined`, `left` and `ever in`.
        trait_values: Table of the stored traits.
        values: Values asked for beside the segments, by any name: rules whose bodies are values.

    Raises:
        InputError: where a rule cannot be read or makes no sense.
        NotFoundError: where a rule names what does not exist.
    """
    allow_nesting()
    own = vocabulary or Vocabulary()
    known = {**(others or {}), **rules}
    traits = {name: parsed(trait) for name, trait in own.traits.items()}
    for name in traits:
        if name in ATTRIBUTES or name == "age":
            raise InputError("language.trait_is_field", trait=name)
    scope = Scope(as_of, zone, own.events, own.fields, known.keys(), traits, own.stored_traits, own.segments)
    resolved: dict[str, Rule] = {}

    def find(slug: str) -> Rule:
        if slug not in resolved:
            resolved[slug] = resolve(parsed(known[slug]), scope)
        return resolved[slug]

    told = {name: resolve(parsed(rule), scope) for name, rule in (values or {}).items()}
    return lower(rules, find, as_of=as_of, zone=zone, memberships=memberships, trait_values=trait_values, values=told)


def parsed(rule: str | Rule) -> Rule:
    """Return a rule as its tree, whichever way it came."""
    return rule if isinstance(rule, Rule) else parse(rule)


def render(
    plan: Plan,
    dialect: Dialect,
    *,
    answers: Mapping[Lookup, Sequence[str]] | None = None,
    among: Sequence[int] | None = None,
) -> Statement:
    """Return the plan as one statement of an engine.

    Args:
        plan: What to compute.
        dialect: How the engine writes it.
        answers: For each of `plan.lookups`, the values for which its test holds.
        among: Profiles to compute; None computes all. Figures of the population are then of these alone.

    Returns:
        A statement with one row per profile seen before the moment of truth: `profile_id`, `is_known` and the
        columns that `plan.columns` names, true or false, never missing.
    """
    allow_nesting()
    # the SQL library costs half a second to load
    from tesela.language.rendering import render_plan

    return render_plan(plan, dialect, answers or {}, among)


def read_distinct(lookup: Lookup, dialect: Dialect) -> Statement:
    """Return the statement that reads the distinct values of the field that a test on text is about."""
    from tesela.language.rendering import render_distinct

    return render_distinct(lookup, dialect)


def prepare(engine: Engine, plan: Plan, *, among: Sequence[int] | None = None, dialect: str | None = None) -> Statement:
    """Return the plan's statement, after asking the engine for the distinct values that tests on text need.

    Args:
        engine: Where the events and profiles are.
        plan: What to compute.
        among: Profiles to compute; None computes all.
        dialect: Name of the engine to write for, to look at; by default the one at hand.
    """
    answers, own = _answers(engine, plan), load_dialect(dialect or engine.name)
    if among is None and dialect is None and own.brings_columns and _reads_much(plan):
        allow_nesting()
        # the numeric library costs a tenth of a second to load
        from tesela.language.columnar import bring_columns
        from tesela.language.rendering import render_plan

        return render_plan(plan, own, answers, brought=bring_columns(engine, plan, own, answers))
    return render(plan, own, answers=answers, among=among)


def _reads_much(plan: Plan) -> bool:
    """Return whether events are read so often that bringing them out pays."""
    return sum(isinstance(each, EventAggregate | SequenceMet) for each in plan.levels[0].values()) >= _OFTEN


def answer(
    engine: Engine,
    plan: Plan,
    *,
    among: Sequence[int] | None = None,
    shape: Callable[[Statement], Statement] | None = None,
) -> pa.Table:
    """Return the rows of a plan, as `render` tells them; everything that is asked for them sees one state.

    Args:
        engine: Where the events and profiles are.
        plan: What to compute.
        among: Profiles to compute; None computes all.
        shape: Makes another statement of the plan's, such as one that counts.
    """
    with engine.undisturbed():
        prepared = prepare(engine, plan, among=among)
        return engine.query(shape(prepared) if shape else prepared)


def read_evidence(engine: Engine, plan: Plan, column: str, profile: int, *, limit: int = 5) -> list[dict[str, Any]]:
    """Return the newest events of a profile that a column of a plan was made of, newest first.

    Args:
        engine: Where the events are.
        plan: The plan.
        column: One of `plan.columns` or `plan.values`.
        profile: Whose.
        limit: How many of each kind of events at most.
    """
    # the SQL library costs half a second to load
    from tesela.language.rendering import render_evidence

    answers = _answers(engine, plan)
    readings = render_evidence(plan, column, load_dialect(engine.name), answers, profile, limit)
    rows = [row for reading in readings for row in engine.query(reading).to_pylist()]
    distinct = {(row["name"], row["source"], row["message_id"]): row for row in rows}
    return sorted(distinct.values(), key=lambda row: row["occurred_at"], reverse=True)


def _answers(engine: Engine, plan: Plan) -> dict[Lookup, list[str]]:
    """Ask the engine for the distinct values that tests on text need, and answer them."""
    dialect = load_dialect(engine.name)
    values: dict[Lookup, list[str | None]] = {}
    answers = {}
    for lookup in plan.lookups:
        asked = replace(lookup, check=TextCheck())
        if asked not in values:
            values[asked] = engine.query(read_distinct(lookup, dialect)).column("value").to_pylist()
        answers[lookup] = matching(lookup.check, values[asked])
    return answers


def read_vocabulary(
    engine: Engine,
    rules: Iterable[str | Rule],
    traits: Mapping[str, str | Rule] | None = None,
    stored_traits: Mapping[str, Kind | tuple[str, ...]] | None = None,
    *,
    everything: bool = False,
) -> Vocabulary:
    """Return the shop's own names: events and fields are asked of the engine only when a rule or trait names one.

    Args:
        engine: Where the events and profiles are.
        rules: What is to be planned.
        traits: Computed traits that the rules may use, by name.
        stored_traits: Scored and predicted traits that they may use: kind of value, or the texts it can be, by name.
        everything: Ask for all events and fields, whatever the rules name.
    """
    computed, stored = dict(traits or {}), dict(stored_traits or {})
    named = [own_names(parsed(rule)) for rule in (*rules, *computed.values())]
    events = fields = frozenset[str]()
    if everything or any(own_events for own_events, _ in named):
        events = _names(engine, statement("SELECT DISTINCT name AS name FROM {events}", tables={"events": EVENTS}))
    if everything or any(own_fields - computed.keys() - stored.keys() for _, own_fields in named):
        template = "SELECT DISTINCT field AS name FROM {values}"
        fields = _names(engine, statement(template, tables={"values": ATTRIBUTE_VALUES}))
    return Vocabulary(events, fields, computed, stored)


def _names(engine: Engine, reading: Statement) -> frozenset[str]:
    return frozenset(engine.query(reading).column("name").to_pylist())
