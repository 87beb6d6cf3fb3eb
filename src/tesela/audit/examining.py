"""The audit: every check asked, the findings ordered, the score; nothing is written but the shared table."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tesela.audit.facts import STEPS as FACTS
from tesela.audit.finding import Finding
from tesela.audit.found import Found, Unknown, Wanting
from tesela.audit.ground import Ground, lay_ground, leave_ground
from tesela.audit.money import Money, count_money
from tesela.audit.pictures import (
    Age,
    Channel,
    Cohort,
    Interaction,
    Inventory,
    Month,
    Rung,
    Source,
    SourceMonth,
    Visitors,
    find_ages,
    find_channels,
    find_cohorts,
    find_interaction,
    find_ladder,
    find_months,
    find_source_months,
    find_sources,
    find_visitors,
    take_inventory,
)
from tesela.audit.probes import PROBES
from tesela.audit.score import Score, give_mark, give_score
from tesela.language import parse
from tesela.profiles import PROFILES
from tesela.segments import MemberSets, catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap64

    from tesela.audit.check import Check
    from tesela.audit.past import PastAudit
    from tesela.audit.settings import AuditSettings
    from tesela.control import ControlStore
    from tesela.events import Load
    from tesela.language import Rule
    from tesela.profiles import ContactCleaning
    from tesela.segments import Segment
    from tesela.traits import Trait
    from tesela.warehouse import Engine

    Progress = Callable[[str, int, int], None]

_SAMPLES = 5
_WHEN, _OF, _NEED = "?", "?of ", "?need "
_STEPS_BESIDE = 3
"""Rules, money and pictures, beside the statements that gather facts and the probes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What an audit is asked, and of whom.

    Attributes:
        engine: The warehouse.
        control: The control store.
        cleaning: How contacts are cleaned here.
        as_of: The moment of truth, naive UTC.
        zone: The shop's zone.
        country: The shop's country.
        settings: What the shop set.
        checks: All checks, by key.
        segments: The shop's segments, which rules may name.
        traits: Computed traits that rules may use.
        merged: Pairs of subjects that people's own decisions have merged.
        loads: The imports that count.
        sleep_days: After how many days without an order a buyer sleeps, by the shop's rhythm.
        lists: The exclusion lists that hold.
        before: The audit before; None where this is the first.
        is_whole: Whether the pictures beside the findings are wanted too.
        set_aside: People who are taken to be set aside: how the base would be, if they were.
    """

    engine: Engine
    control: ControlStore
    cleaning: ContactCleaning
    as_of: datetime
    zone: ZoneInfo
    country: str
    settings: AuditSettings
    checks: Mapping[str, Check]
    segments: Mapping[str, Segment] = field(default_factory=dict)
    traits: Mapping[str, Trait] = field(default_factory=dict)
    merged: Sequence[tuple[int, int]] = ()
    loads: Sequence[Load] = ()
    sleep_days: int = 120
    lists: Sequence[Any] = ()
    before: PastAudit | None = None
    is_whole: bool = True
    set_aside: Collection[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How healthy a base is at a moment.

    Attributes:
        as_of: The moment of truth, naive UTC.
        base: How many people there are.
        findings: One a check, the gravest first.
        score: The score, with its parts.
        inventory: What data there is; None of an audit of some checks only.
        ladder: Who reacts to e-mail, from the warmest on.
        interaction: Who did what in 30, 90 and 365 days.
        channels: Who said yes and no on each channel.
        months: Who came and went.
        source_months: Who came and went by each of the largest sources.
        cohorts: What became of those who came in a quarter.
        ages: Those who never bought, by age.
        sources: What became of the people of each source.
        visitors: Browsers whose owner is known, and not; None where none was seen.
        before: The audit that it is compared with.
    """

    as_of: datetime
    base: int
    findings: tuple[Finding, ...]
    score: Score
    inventory: Inventory | None = None
    ladder: tuple[Rung, ...] = ()
    interaction: tuple[Interaction, ...] = ()
    channels: tuple[Channel, ...] = ()
    months: tuple[Month, ...] = ()
    source_months: tuple[SourceMonth, ...] = ()
    cohorts: tuple[Cohort, ...] = ()
    ages: tuple[Age, ...] = ()
    sources: tuple[Source, ...] = ()
    visitors: Visitors | None = None
    before: PastAudit | None = None

    def of(self, key: str) -> Finding:
        """Return the finding of a check."""
        return next(finding for finding in self.findings if finding.check.key == key)


@contextlib.contextmanager
def standing(asked: Asked, progress: Callable[[int, int], None] | None = None) -> Iterator[Ground]:
    """Have what probes stand on, of what is asked, for the length of a block.

    Args:
        asked: What is asked.
        progress: Called with steps done and steps in all.
    """
    with asked.engine.keeping():
        try:
            ground = lay_ground(
                asked.engine,
                asked.control,
                cleaning=asked.cleaning,
                as_of=asked.as_of,
                zone=asked.zone,
                country=asked.country,
                settings=asked.settings,
                merged=asked.merged,
                loads=asked.loads,
                sleep_days=asked.sleep_days,
                lists=asked.lists,
                progress=progress,
            )
            if asked.set_aside:
                ground.set_aside(asked.set_aside)
            yield ground
        finally:
            leave_ground(asked.engine)


def examine(asked: Asked, progress: Progress | None = None) -> Audit:
    """Look at a base.

    Args:
        asked: What is asked.
        progress: Called with the name of each step, steps done and steps in all.
    """
    probes = list(dict.fromkeys(check.probe for check in asked.checks.values() if check.probe))
    total = FACTS + len(probes) + _STEPS_BESIDE
    told = progress or (lambda _step, _done, _total: None)
    with standing(asked, lambda done, _total: told("facts", done, total)) as ground:
        told("rules", FACTS, total)
        answers = _ask_rules(asked, ground)
        for done, name in enumerate(probes):
            told(name, FACTS + 1 + done, total)
            answers |= PROBES[name](ground)
        told("money", total - 2, total)
        counts = asked.before.counts if asked.before else {}
        found = [_finding(check, answers[key], ground, counts) for key, check in asked.checks.items()]
        told("pictures", total - 1, total)
        pictures = _draw(ground) if asked.is_whole else {}
    told("pictures", total, total)
    return Audit(
        as_of=asked.as_of,
        base=ground.base,
        findings=tuple(sorted(found, key=lambda each: each.order)),
        score=give_score(found, asked.checks.values()),
        before=asked.before,
        **pictures,
    )


def _draw(ground: Ground) -> dict[str, Any]:
    """Return what is shown beside the findings."""
    return {
        "inventory": take_inventory(ground),
        "ladder": find_ladder(ground),
        "interaction": find_interaction(ground),
        "channels": find_channels(ground),
        "months": find_months(ground),
        "source_months": find_source_months(ground),
        "cohorts": find_cohorts(ground),
        "ages": find_ages(ground),
        "sources": find_sources(ground),
        "visitors": find_visitors(ground),
    }


def _ask_rules(asked: Asked, ground: Ground) -> dict[str, Found | Unknown]:
    """Answer the checks that are rules, all in one plan."""
    rules: dict[str, str | Rule] = {_WHEN + key: check.when for key, check in asked.checks.items() if check.when}
    rules |= {_OF + key: check.of for key, check in asked.checks.items() if check.of}
    asking = [check for check in asked.checks.values() if check.when]
    if not asking or not ground.base:
        return {check.key: Unknown("nobody") for check in asking}
    needs = {check.key: catalogue.needs_of(parse(check.when)) for check in asking}
    places = {need: f"{_NEED}{place}" for place, need in enumerate({each for own in needs.values() for each in own})}
    rules |= {place: need.rule for need, place in places.items()}
    sets = MemberSets.at(
        asked.engine,
        {**asked.segments, **rules},
        as_of=asked.as_of,
        zone=asked.zone,
        traits=asked.traits,
        asked=list(rules),
    )
    found: dict[str, Found | Unknown] = {}
    for check in asking:
        wanting = [need for need in needs[check.key] if not sets.members[places[need]]]
        of, people = sets.members.get(_OF + check.key), sets.members[_WHEN + check.key]
        if check.fix == "suppress":
            # whoever is set aside already needs nothing more
            people = people - ground.those("is_aside")
        found[check.key] = Wanting(wanting) if wanting else _of_rule(people, of, ground.base)
    return found


def _of_rule(people: BitMap64, of: BitMap64 | None, base: int) -> Found | Unknown:
    if of is not None and not of:
        return Unknown("nobody_asked")
    within = people if of is None else people & of
    return Found(len(within), base if of is None else len(of), within)


def _finding(check: Check, answer: Found | Unknown, ground: Ground, before: Mapping[str, int]) -> Finding:
    is_found = isinstance(answer, Found) and answer.count > 0
    money: Money | None = None
    samples: tuple[str, ...] = ()
    if isinstance(answer, Found) and is_found:
        money = count_money(check.money, ground, answer) if check.money else None
        samples = answer.samples or _some(ground, answer.people)
    return Finding(
        check=check,
        answer=answer,
        money=money,
        samples=samples,
        mark=give_mark(check, answer, ground.marked_of),
        before=before.get(check.key),
    )


def _some(ground: Ground, people: BitMap64 | None) -> tuple[str, ...]:
    """Return how a few people are known: e-mail, else phone, else customer id; personal data."""
    if not people:
        return ()
    import pyarrow as pa

    first = [people[place] for place in range(min(_SAMPLES, len(people)))]
    rows = ground.ask(
        "SELECT coalesce(email, phone, customer_id, loyalty_card, '#' || profile_id) AS known_as"
        " FROM {profiles} WHERE profile_id IN (SELECT profile_id FROM audit_some) ORDER BY profile_id",
        tables={"profiles": PROFILES},
        relations={"audit_some": pa.table({"profile_id": pa.array(first, pa.int64())})},
    )
    return tuple(row["known_as"] for row in rows)
