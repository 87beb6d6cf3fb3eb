"""Who of a segment may be written to: on a channel, for a purpose; and how many may not, and why."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tesela.language import answer, from_json
from tesela.profiles import Receiving
from tesela.segments.planning import Written, plan_rules

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from tesela.language import Plan, Rule
    from tesela.traits import Trait
    from tesela.warehouse import Engine, Statement

_REACH = "?reach"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """What is left of a segment: segment - no consent - suppressed - no valid address = reachable.

    Whoever is left out for several reasons is counted at the first: no valid address, no consent, suppressed.

    Attributes:
        channel: Which channel.
        purpose: What for.
        as_of: The moment of truth, naive UTC.
        segment: How many are in the segment.
        no_consent: Whose address never said yes, or took it back.
        objected: Of these, who objected to the purpose as such.
        suppressed: Whose address is stopped, by reason or name of the exclusion list, the most first.
        no_address: Who has no address of the channel that a message could be sent to.
        reachable: Who may be written to.
    """

    channel: str
    purpose: str
    as_of: datetime
    segment: int
    no_consent: int
    objected: int
    suppressed: Mapping[str, int]
    no_address: int
    reachable: int


def find_reach(
    engine: Engine,
    rules: Mapping[str, Written],
    asked: str,
    channel: str,
    purpose: str,
    *,
    as_of: datetime,
    zone: ZoneInfo,
    traits: Mapping[str, Trait] | None = None,
) -> Waterfall:
    """Return how many of a segment may be written to, and why the others may not.

    Args:
        engine: Where the events and profiles are.
        rules: Rules by slug.
        asked: Slug of the rule asked for; the others are there to be named by `in segment`.
        channel: email, sms, web_push, whatsapp, post, phone or onsite.
        purpose: What for.
        as_of: The moment of truth, naive UTC.
        zone: The workspace's zone.
        traits: Computed traits that the rules may use.

    Raises:
        NotFoundError: when there is no such channel, or the rule names what does not exist.
    """
    told = {_REACH: can_receive(channel, purpose)}
    plan = plan_rules(engine, rules, as_of=as_of, zone=zone, asked=[asked], traits=traits, values=told)
    rows = answer(engine, plan, shape=lambda computed: _tally(computed, plan, asked)).to_pylist()
    counts = {row["told"]: int(row["n"]) for row in rows}
    objected = counts.pop("objected", 0)
    stopped = {told.partition(": ")[2]: n for told, n in counts.items() if told.startswith("suppressed: ")}
    return Waterfall(
        channel,
        purpose,
        as_of,
        segment=sum(counts.values()) + objected,
        no_consent=counts.get("no_consent", 0) + objected,
        objected=objected,
        suppressed=dict(sorted(stopped.items(), key=lambda each: (-each[1], each[0]))),
        no_address=counts.get("no_address", 0),
        reachable=counts.get(Receiving.can, 0),
    )


def can_receive(channel: str, purpose: str) -> Rule:
    """Return the rule of who can receive."""
    return from_json({"when": {"op": "can_receive", "channel": channel, "purpose": purpose}})


def _tally(computed: Statement, plan: Plan, asked: str) -> Statement:
    """Count over the plan's own columns, whose names are ours."""
    column = plan.values[_REACH].column
    sql = (
        f"SELECT m.{column} AS told, count(*) AS n FROM ({computed.sql}) AS m"
        f" WHERE {_is_member(plan, asked)} GROUP BY m.{column}"
    )
    return replace(computed, sql=sql)


def _is_member(plan: Plan, asked: str) -> str:
    own = f"m.{plan.columns[asked]}"
    return own if asked in plan.everyone else f"m.is_known AND {own}"
