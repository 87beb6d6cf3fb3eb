"""What a fix would do, to whom, and to the score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tesela.audit.examining import examine, standing
from tesela.audit.fixes.planning import plan_fix
from tesela.audit.score import give_mark, give_score

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tesela.audit.examining import Asked
    from tesela.audit.finding import Finding
    from tesela.audit.fixes.fix import Choice, FixPlan
    from tesela.audit.found import Found
    from tesela.audit.score import Score


@dataclass(frozen=True, slots=True)
class Preview:
    """A fix before it is applied.

    Attributes:
        plan: Exactly what would be done.
        finding: What the check finds now.
        before: The score now.
        after: The score afterwards.
        is_exact: Whether `after` counts everything. People who are set aside leave every other finding too, and that is
            counted; a tag changes nothing. Of merged people and mended values only the finding itself is counted
            here: what else they mend is seen where the fix is done, in a copy of the workspace.
    """

    plan: FixPlan
    finding: Finding
    before: Score
    after: Score
    is_exact: bool


def preview_fix(asked: Asked, check: str, choice: Choice, *, apart: Iterable[tuple[int, int]] = ()) -> Preview:
    """Look at the base and plan what a check's fix would do; nothing is written.

    Args:
        asked: What an audit is asked, and of whom.
        check: Key of the check.
        choice: What a person chooses about the fix.
        apart: Pairs of profiles that people put apart.

    Raises:
        InputError: when the check has no fix, nothing was found, or the fix needs to be told more.
    """
    asked = replace(asked, is_whole=False)
    audit = examine(asked)
    finding = audit.of(check)
    with standing(asked) as ground:
        plan = plan_fix(ground, finding, choice, apart=frozenset(apart))
    if plan.kind == "suppress":
        # merely looked at: the people are set aside in what probes stand on, and nowhere else
        aside = replace(asked, set_aside=frozenset(change.profile_id for change in plan.changes))
        return Preview(plan, finding, audit.score, examine(aside).score, is_exact=True)
    mended = [_mend(each, plan, ground.marked_of) if each is finding else each for each in audit.findings]
    after = give_score(mended, asked.checks.values())
    return Preview(plan, finding, audit.score, after, is_exact=plan.kind in ("tag", "ask_permission"))


def _mend(finding: Finding, plan: FixPlan, marked_of: int) -> Finding:
    if finding.found is None:
        return finding
    answer: Found = replace(finding.found, count=plan.count_after, people=None)
    return replace(finding, answer=answer, mark=give_mark(finding.check, answer, marked_of))
