"""The finding: a check with what was found, how grave it is, what is at stake, and how it changed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown

if TYPE_CHECKING:
    from tesela.audit.check import Check, Severity
    from tesela.audit.money import Money

_GRAVITY: dict[Severity, int] = {"bad": 0, "warn": 1, "notice": 2, "ok": 3, "unknown": 4}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check came to.

    Attributes:
        check: The check.
        answer: What was found, or why nothing can be said.
        money: The money at stake; None where the check counts none or nothing was found.
        samples: Up to five people or values of it; personal data.
        mark: 0 to 100 in the score; None where it is unknown or does not count.
        before: How many there were at the audit before; None where that did not ask or could not tell.
    """

    check: Check
    answer: Found | Unknown
    money: Money | None = None
    samples: tuple[str, ...] = field(default=(), metadata={"personal": True})
    mark: Decimal | None = None
    before: int | None = None

    @property
    def found(self) -> Found | None:
        """What was found; None where it is unknown."""
        return self.answer if isinstance(self.answer, Found) else None

    @property
    def count(self) -> int | None:
        """How many; None where it is unknown."""
        return None if self.found is None else self.found.count

    @property
    def share(self) -> Decimal | None:
        """Their share of those asked about; None where it is unknown or nobody was."""
        found = self.found
        return Decimal(found.count) / found.of if found is not None and found.of else None

    @property
    def severity(self) -> Severity:
        """How grave it is."""
        return "unknown" if self.found is None else self.check.judge(self.found.count, self.found.of)

    @property
    def change(self) -> int | None:
        """How many more than at the audit before."""
        return None if self.before is None or self.count is None else self.count - self.before

    @property
    def order(self) -> tuple[int, int, Decimal, str]:
        """Where it stands among others: the gravest first, then the most money, then the largest share."""
        at_stake = self.money.amount_e4 if self.money is not None else None
        return _GRAVITY[self.severity], -(at_stake or 0), -(self.share or Decimal(0)), self.check.key
