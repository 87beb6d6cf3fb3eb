"""How the audit's page says things: its own texts, else those that it shares with the report of segments."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from tesela.audit.check import say_unit
from tesela.audit.found import tell_figures
from tesela.base import text
from tesela.measurement import report

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.audit.finding import Finding
    from tesela.audit.money import Money

_SMALL = Decimal("0.01")


class Words(report.Wording):
    """One language and one currency."""

    def say(self, key: str, /, **values: object) -> str:
        """Return a text of the page."""
        try:
            return text(f"audit.report.{key}", self.language, **values)
        except KeyError:
            return super().say(key, **values)

    def counted(self, finding: Finding) -> str:
        """Return how many were found, with their unit."""
        if finding.count is None:
            return text("audit.severity.unknown", self.language)
        return f"{self.number(finding.count)} {say_unit(finding.check.unit, finding.count, self.language)}"

    def change(self, finding: Finding) -> str:
        """Return how it changed since the audit before; empty where that is not known."""
        if finding.change is None:
            return ""
        if not finding.change:
            return self.say("same")
        key = "more" if finding.change > 0 else "fewer"
        return self.say(key, n=self.number(abs(finding.change)))

    def at_stake(self, money: Money | None) -> str:
        """Return the money at stake, with its interval and what it is; empty where none is counted."""
        if money is None or money.amount_e4 is None:
            return ""
        told = self.money_e4(money.amount_e4)
        if money.low_e4 is not None and money.high_e4 is not None:
            told += f" ({self.money_e4(money.low_e4)} – {self.money_e4(money.high_e4)})"
        return f"{told} {text(f'audit.money_kind.{money.kind}', self.language)}"

    def how(self, money: Money) -> str:
        """Return how an amount was computed, or why it was not."""
        written: dict[str, object] = {
            name: self.number(value) for name, value in money.facts.items() if isinstance(value, int)
        }
        if "value_e4" in money.facts:
            written["value"] = self.money_e4(money.facts["value_e4"])
        if "price" in money.facts:
            written["price"] = self.money(money.facts["price"])
        return money.said(self.language, **written)

    def figures(self, finding: Finding) -> dict[str, str]:
        """Return the further figures of a finding as sentences, by their names."""
        return {} if finding.found is None else tell_figures(finding.found, self.language, self.number)

    def fine_percent(self, share: Decimal | None) -> str:
        """Return a share as a percentage; small ones, as complaints are, with two decimals."""
        if share is None or not 0 < abs(share) < _SMALL:
            return self.percent(share)
        return self.number(100 * share, 2) + ("\u00a0%" if self.language == "es" else "%")

    def reasons(self, findings: list[Finding]) -> Iterator[tuple[str, list[str]]]:
        """Yield why questions cannot be answered, with the names of those that cannot for this reason."""
        found: dict[str, list[str]] = {}
        for each in findings:
            if each.found is None:
                reason = each.answer.said(self.language)  # type: ignore[union-attr]
                found.setdefault(reason, []).append(each.check.said("name", self.language))
        yield from found.items()
