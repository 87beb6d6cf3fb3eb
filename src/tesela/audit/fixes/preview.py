"""What a fix would do, to whom, and to the score."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tesela.audit.found import Found
from tesela.audit.score import mark, score

if TYPE_CHECKING:
    from tesela.audit.examining import Audit
    from tesela.audit.finding import Finding
    from tesela.audit.fixes.fix import FixPlan
    from tesela.audit.score import Score


@dataclass(frozen=True, slots=True)
class Preview:
    """A fix before it is applied.

    Attributes:
        plan: Exactly what would be done.
        finding: What the check finds now.
        before: The score now.
        after: The score that the finding alone would bring; what it mends of other findings comes on top.
    """

    plan: FixPlan
    finding: Finding
    before: Score
    after: Score


def preview_of(plan: FixPlan, audit: Audit, marked_of: int) -> Preview:
    """Return what a fix would do to the score.

    Args:
        plan: What would be done.
        audit: How the base is now.
        marked_of: How many people the score counts findings of.
    """
    finding = audit.of(plan.check)
    mended = [_mend(each, plan, marked_of) if each is finding else each for each in audit.findings]
    return Preview(plan, finding, audit.score, score(mended, [each.check for each in audit.findings]))


def _mend(finding: Finding, plan: FixPlan, marked_of: int) -> Finding:
    if finding.found is None:
        return finding
    answer: Found = replace(finding.found, count=plan.count_after, people=None)
    return replace(finding, answer=answer, mark=mark(finding.check, answer, marked_of))
