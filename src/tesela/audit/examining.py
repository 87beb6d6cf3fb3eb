"""The audit: every check asked, the findings ordered, the score; nothing is written but the shared table."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tesela.audit.finding import Finding
from tesela.audit.found import Found, Unknown
from tesela.audit.ground import Ground, lay_ground, leave_ground
from tesela.audit.money import Money, count_money
from tesela.audit.probes import PROBES
from tesela.audit.score import Score, mark, score
from tesela.profiles import PROFILES
from tesela.segments import MemberSets

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from pyroaring import BitMap64

    from tesela.audit.check import Check
    from tesela.audit.past import PastAudit
    from tesela.audit.settings import AuditSettings
    from tesela.control import ControlStore
    from tesela.profiles import ContactCleaning
    from tesela.segments import Segment
    from tesela.traits import Trait
    from tesela.warehouse import Engine

    Progress = Callable[[str, int, int], None]

_SAMPLES = 5
_WHEN, _OF = "?", "?of "
_STEPS = 4


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
        merged: How many profiles people's own decisions have merged into others.
        before: The audit before; None where this is the first.
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
    merged: int = 0
    before: PastAudit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """How healthy a base is at a moment.

    Attributes:
        as_of: The moment of truth, naive UTC.
        base: How many people there are.
        findings: One a check, the gravest first.
        score: The score, with its parts.
        before: The audit that it is compared with.
    """

    as_of: datetime
    base: int
    findings: tuple[Finding, ...]
    score: Score
    before: PastAudit | None = None

    def of(self, key: str) -> Finding:
        """Return the finding of a check."""
        return next(finding for finding in self.findings if finding.check.key == key)


def examine(asked: Asked, progress: Progress | None = None) -> Audit:
    """Look at a base.

    Args:
        asked: What is asked.
        progress: Called with the name of each step, steps done and steps in all.
    """
    told = progress or (lambda _step, _done, _total: None)
    told("facts", 0, _STEPS)
    ground = lay_ground(
        asked.engine,
        asked.control,
        cleaning=asked.cleaning,
        as_of=asked.as_of,
        zone=asked.zone,
        country=asked.country,
        settings=asked.settings,
        merged=asked.merged,
    )
    try:
        told("rules", 1, _STEPS)
        answers = _ask_rules(asked, ground)
        told("probes", 2, _STEPS)
        answers |= _ask_probes(asked, ground)
        told("money", 3, _STEPS)
        counts = asked.before.counts if asked.before else {}
        found = [_finding(check, answers[key], ground, counts) for key, check in asked.checks.items()]
    finally:
        leave_ground(asked.engine)
    told("money", _STEPS, _STEPS)
    return Audit(
        as_of=asked.as_of,
        base=ground.base,
        findings=tuple(sorted(found, key=lambda each: each.order)),
        score=score(found, asked.checks.values()),
        before=asked.before,
    )


def _ask_rules(asked: Asked, ground: Ground) -> dict[str, Found | Unknown]:
    """Answer the checks that are rules, all in one plan."""
    rules = {_WHEN + key: check.when for key, check in asked.checks.items() if check.when}
    rules |= {_OF + key: check.of for key, check in asked.checks.items() if check.of}
    if not ground.base:
        return {key: Unknown("nobody") for key, check in asked.checks.items() if check.when}
    if not rules:
        return {}
    sets = MemberSets.at(
        asked.engine,
        {**asked.segments, **rules},
        as_of=asked.as_of,
        zone=asked.zone,
        traits=asked.traits,
        asked=list(rules),
    )
    return {
        key: _of_rule(sets.members[_WHEN + key], sets.members.get(_OF + key), ground.base)
        for key, check in asked.checks.items()
        if check.when
    }


def _of_rule(people: BitMap64, of: BitMap64 | None, base: int) -> Found | Unknown:
    if of is not None and not of:
        return Unknown("nobody_asked")
    within = people if of is None else people & of
    return Found(len(within), base if of is None else len(of), within)


def _ask_probes(asked: Asked, ground: Ground) -> dict[str, Found | Unknown]:
    """Answer the checks that are measures in code, each measure once."""
    answers: dict[str, Found | Unknown] = {}
    for name in dict.fromkeys(check.probe for check in asked.checks.values() if check.probe):
        answers |= PROBES[name](ground)
    return answers


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
        mark=mark(check, answer, ground.marked_of),
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
