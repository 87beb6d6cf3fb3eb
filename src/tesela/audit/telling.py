"""The audit as plain values, for JSON and the API."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.audit.found import Unknown
from tesela.audit.report.wording import Words
from tesela.base import from_e4

if TYPE_CHECKING:
    from tesela.audit.check import Check
    from tesela.audit.examining import Audit
    from tesela.audit.finding import Finding
    from tesela.audit.money import Money
    from tesela.audit.past import PastAudit
    from tesela.audit.score import Score
    from tesela.base import Language


def tell_audit(audit: Audit, language: Language, *, currency: str, samples: bool = False) -> dict[str, Any]:
    """Return an audit as plain values.

    Args:
        audit: The audit.
        language: Of its words.
        currency: ISO 4217 code of the shop's currency, for amounts within words.
        samples: Whether samples are told: personal data.
    """
    return {
        "as_of": f"{audit.as_of.isoformat()}Z",
        "base": audit.base,
        "score": tell_score(audit.score),
        "before": None if audit.before is None else tell_past(audit.before),
        "findings": [tell_finding(each, language, currency=currency, samples=samples) for each in audit.findings],
        **_tell_pictures(audit, language),
    }


def tell_finding(finding: Finding, language: Language, *, currency: str, samples: bool = False) -> dict[str, Any]:
    """Return a finding as plain values; arguments as of `tell_audit`."""
    check, answer, words = finding.check, finding.answer, Words(language, currency)
    told: dict[str, Any] = {
        "check": check.key,
        "section": check.section,
        "name": check.said("name", language),
        "severity": finding.severity,
        "unit": check.unit,
        "count": finding.count,
        "of": None if finding.found is None else finding.found.of,
        "share": _number(finding.share),
        "change": finding.change,
        "mark": _number(finding.mark),
        "money": None if finding.money is None else _tell_money(finding.money, words),
        "advice": check.said("advice", language),
        "command": check.command,
        "fix": check.fix or None,
    }
    if isinstance(answer, Unknown):
        told["unknown"] = {"reason": answer.reason, "words": answer.said(language)}
    elif answer.figures:
        told["figures"] = {name: _plain(value) for name, value in answer.figures.items()}
        told["said"] = words.figures(finding)
    if samples:
        told["samples"] = list(finding.samples)
    return told


def tell_check(check: Check, language: Language) -> dict[str, Any]:
    """Return what a check asks, as plain values."""
    words = ("name", "description", "why", "advice", "reason", "source")
    return {
        "check": check.key,
        "section": check.section,
        "unit": check.unit,
        **{name: check.said(name, language) for name in words},  # type: ignore[arg-type]
        "warn": float(check.warn),
        "bad": float(check.bad),
        "part": check.part,
        "weight": check.weight,
        "anchor": float(check.anchor),
        "when": check.when or None,
        "of": check.of or None,
        "probe": check.probe or None,
        "fix": check.fix or None,
        "money": check.money or None,
        "command": check.command,
    }


def tell_past(past: PastAudit) -> dict[str, Any]:
    """Return an earlier audit as plain values."""
    return {
        "as_of": f"{past.as_of.isoformat()}Z",
        "base": past.base,
        "score": _number(past.score),
        "score_version": past.version,
        "parts": {key: float(value) for key, value in past.parts.items()},
        "counts": dict(past.counts),
    }


def tell_score(score: Score) -> dict[str, Any]:
    """Return a score as plain values."""
    return {
        "value": _number(score.value),
        "points": score.points,
        "version": score.version,
        "known": float(score.known),
        "parts": [
            {"part": part.key, "weight": part.weight, "value": _number(part.value), "known": float(part.known)}
            for part in score.parts
        ],
    }


def _tell_pictures(audit: Audit, language: Language) -> dict[str, Any]:
    """Return what stands beside the findings: the data there is, who reacts, how the base grew, who became what."""
    told: dict[str, Any] = {
        name: [_row(each) for each in getattr(audit, name)]
        for name in ("ladder", "interaction", "channels", "months", "source_months", "cohorts", "ages", "sources")
    }
    for name in ("months", "source_months"):
        for row, each in zip(told[name], getattr(audit, name), strict=True):
            row["decay"] = _number(each.decay)
    told["visitors"] = None if audit.visitors is None else _row(audit.visitors)
    inventory = audit.inventory
    if inventory is not None:
        told["inventory"] = {
            **{name: [_row(each) for each in getattr(inventory, name)] for name in ("fields", "events", "questions")},
            "sources": [_row(each) for each in inventory.sources],
            "segments": {"possible": inventory.possible, "of": inventory.entries},
            "missing": [
                {"need": each.need.to_dict(), "words": each.need.say(language), "opens": each.opens, "of": each.of}
                for each in inventory.missing
            ],
        }
    return told


def _row(row: Any) -> dict[str, Any]:
    return {each.name: _plain(getattr(row, each.name)) for each in fields(row)}


def _tell_money(money: Money, words: Words) -> dict[str, Any]:
    amounts = {"amount": money.amount_e4, "low": money.low_e4, "high": money.high_e4}
    return {
        "kind": money.kind,
        **{name: None if value is None else float(from_e4(value)) for name, value in amounts.items()},
        "how": money.how,
        "words": words.how(money),
    }


def _number(value: Decimal | None) -> float | None:
    # floats only here, at the door
    return None if value is None else float(value)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return str(value)
