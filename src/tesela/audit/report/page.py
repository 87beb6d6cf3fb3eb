"""Draw an audit as one self-contained page: the score, the findings first, then what they come from."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.audit.check import SECTIONS
from tesela.audit.report import charts
from tesela.audit.report.wording import Words
from tesela.base import text
from tesela.measurement import report

if TYPE_CHECKING:
    from collections.abc import Iterable
    from zoneinfo import ZoneInfo

    from tesela.audit.check import Check
    from tesela.audit.examining import Audit
    from tesela.audit.finding import Finding
    from tesela.audit.pictures import SourceMonth
    from tesela.base import Language

_PACKAGE = "tesela.audit.report"
_GRAVE = ("bad", "warn")
_DRAWN = (
    ("reactivity", (charts.draw_ladder, charts.draw_interaction, charts.draw_channels)),
    ("conversion", (charts.draw_cohorts, charts.draw_ages, charts.draw_visitors)),
    ("growing", (charts.draw_months,)),
    ("inventory", (charts.draw_fields, charts.draw_events)),
)
_SHOWN_MISSING = 8
_GOOD, _FAIR = 80, 50


def render_audit(
    audit: Audit, language: Language, *, shop: str, zone: ZoneInfo, currency: str, samples: bool = True
) -> str:
    """Return an audit as one HTML page that needs no network.

    Args:
        audit: The audit.
        language: `es` or `en`.
        shop: What the shop is called.
        zone: The shop's time zone.
        currency: ISO 4217 code of the shop's currency.
        samples: Whether a few of those concerned are shown: personal data.
    """
    words = Words(language, currency)
    moment = words.moment(audit.as_of, zone)
    sections = [
        {
            "key": key,
            "title": words.say(f"section.{key}"),
            "charts": [asdict(draw(audit, words)) for draw in drawn],
        }
        for key, drawn in _DRAWN
    ]
    drawings = [chart["drawing"] for each in sections for chart in each["charts"] if chart["drawing"]]  # type: ignore[index]
    return report.draw_page(
        report.read_asset("page.liquid", _PACKAGE),
        drawings,
        words,
        partials={"finding": report.read_asset("finding.liquid", _PACKAGE)},
        style=report.read_asset("page.css", _PACKAGE),
        title=words.say("title", shop=shop),
        shop=shop,
        words=_Texts(words),
        as_of=words.say("as_of", moment=moment, zone=zone.key),
        score=_score(audit, words, zone),
        findings=[_finding(each, words, samples=samples) for each in audit.findings if each.severity in _GRAVE],
        noticed=[_finding(each, words, samples=samples) for each in audit.findings if each.severity == "notice"],
        fine=[each.check.said("name", language) for each in audit.findings if each.severity == "ok"],
        unknown=[(reason, "; ".join(names)) for reason, names in words.reasons(list(audit.findings))],
        sections=sections,
        sources=_sources(audit, words),
        source_months=_source_months(audit, words),
        questions=_questions(audit, words),
        missing=_missing(audit, words),
        files=_files(audit, words),
        possible=_possible(audit, words),
        parts=_part_rows(words),
        checks=_check_rows((each.check for each in audit.findings), words),
        notes=words.say("method.notes", moment=moment, zone=zone.key),
    )


class _Texts(dict[str, str]):
    """Texts of the page, looked up where the template names them."""

    def __init__(self, words: Words) -> None:
        keys = (
            *("kicker", "skip", "contents", "see_figures", "made_by", "scroll", "counted", "what_to_do", "money"),
            *("source", "samples", "personal", "fine", "unknown", "unknown_lead", "can", "cannot", "nothing_grave"),
            *("missing", "missing_lead", "files", "method_parts", "method_checks", "check_headers", "score", "command"),
            *("sources", "sources_lead", "findings_lead", "parts", "noticed", "source_months"),
        )
        named = ("findings", "data", "sources", "method", "score")
        super().__init__(
            {key: words.say(key) for key in keys} | {f"section_{k}": words.say(f"section.{k}") for k in named}
        )


def _score(audit: Audit, words: Words, zone: ZoneInfo) -> dict[str, Any]:
    score, before = audit.score, audit.before
    grave = [each for each in audit.findings if each.severity == "bad"]
    warned = [each for each in audit.findings if each.severity == "warn"]
    told = words.say(
        "summary" if score.points is not None else "summary_unknown",
        bad=words.number(len(grave)),
        warn=words.number(len(warned)),
        people=words.number(audit.base),
    )
    is_comparable = before is not None and before.score is not None and before.version == score.version
    return {
        "points": "–" if score.points is None else str(score.points),
        "degree": 0 if score.value is None else round(float(score.value), 1),
        "tone": _tone(score.value),
        "summary": told,
        "most": _most(audit, words),
        "before": words.say("before", points=words.number(before.score), moment=words.moment(before.as_of, zone))
        if is_comparable and before is not None
        else "",
        "known": words.say("known", share=words.percent(score.known)) if score.known < 1 else "",
        "parts": [
            {
                "name": text(f"audit.part.{part.key}.name", words.language),
                "value": words.say("not_known") if part.value is None else words.number(part.value),
                "width": "0" if part.value is None else f"{part.value:.1f}",
                "tone": _tone(part.value),
                "note": words.say("partly", share=words.percent(part.known))
                if part.value is not None and part.known < 1
                else "",
            }
            for part in score.parts
        ],
    }


def _most(audit: Audit, words: Words) -> str:
    """Return what is most at stake, in one sentence; empty where no money is counted."""
    counted = [each for each in audit.findings if each.money is not None and each.money.kind in ("asleep", "cost")]
    told = [each for each in counted if each.money is not None and each.money.amount_e4]
    if not told:
        return ""
    most = max(told, key=lambda each: (each.money.amount_e4 if each.money else 0) or 0)
    name = most.check.said("name", words.language)
    return words.say("most", name=name, count=words.counted(most), money=words.at_stake(most.money))


def _tone(value: Decimal | None) -> str:
    return "none" if value is None else "good" if value >= _GOOD else "fair" if value >= _FAIR else "poor"


def _finding(finding: Finding, words: Words, *, samples: bool) -> dict[str, Any]:
    check, language = finding.check, words.language
    share = words.fine_percent(finding.share) if finding.share is not None else ""
    return {
        "key": check.key,
        "section": text(f"audit.section.{check.section}", language),
        "severity": finding.severity,
        "severity_name": text(f"audit.severity.{finding.severity}", language),
        "name": check.said("name", language),
        "count": words.counted(finding),
        "share": share,
        "change": words.change(finding),
        "money": words.at_stake(finding.money),
        "how": words.how(finding.money) if finding.money is not None else "",
        "figures": list(words.figures(finding).values()),
        "description": check.said("description", language),
        "why": check.said("why", language),
        "advice": check.said("advice", language),
        "source": check.said("source", language),
        "command": check.command,
        "samples": list(finding.samples) if samples else [],
    }


def _sources(audit: Audit, words: Words) -> dict[str, Any]:
    headers = (
        "origin",
        "people",
        "reachable",
        "engaged",
        "buying_share",
        "per_person",
        "arrived_365",
        "gone_365",
        "signs",
    )
    return {
        "headers": [words.say(f"word.{header}") for header in headers],
        "rows": [
            (
                words.known_word("origin", each.name) if each.name else words.say("word.unknown"),
                words.number(each.people),
                words.percent(Decimal(each.reachable) / each.people),
                words.percent(Decimal(each.engaged) / each.people),
                words.percent(Decimal(each.buyers) / each.people),
                words.money_e4(each.revenue_e4 // each.people),
                words.number(each.arrived_365),
                words.number(each.gone_365),
                ", ".join(words.say(f"sign.{sign}") for sign in each.signs) or "–",
            )
            for each in audit.sources
        ],
    }


def _source_months(audit: Audit, words: Words) -> dict[str, Any]:
    """Return who came and went by month, a column a source: `came / went (decay)`."""
    names = list(dict.fromkeys(each.source for each in audit.source_months))
    months = list(dict.fromkeys(each.first_day for each in audit.source_months))
    moved = {(each.source, each.first_day): each for each in audit.source_months}

    def told(each: SourceMonth) -> str:
        return f"{words.number(each.arrived)} / {words.number(each.gone)} ({words.percent(each.decay)})"

    return {
        "headers": [
            words.say("word.month"),
            *(words.known_word("origin", name) if name else words.say("word.unknown") for name in names),
        ],
        "rows": [(words.month(month), *(told(moved[name, month]) for name in names)) for month in months],
    }


def _questions(audit: Audit, words: Words) -> dict[str, list[Any]]:
    questions = audit.inventory.questions if audit.inventory else ()
    return {
        "can": [words.say(f"question.{each.key}") for each in questions if not each.missing],
        "cannot": [
            (words.say(f"question.{each.key}"), words.say("lacks", data=", ".join(each.missing)))
            for each in questions
            if each.missing
        ],
    }


def _missing(audit: Audit, words: Words) -> list[tuple[str, str]]:
    missing = audit.inventory.missing if audit.inventory else ()
    return [
        (each.need.say(words.language), words.say("opens", opens=words.number(each.opens), of=words.number(each.of)))
        for each in missing[:_SHOWN_MISSING]
    ]


def _possible(audit: Audit, words: Words) -> str:
    told = audit.inventory
    if told is None:
        return ""
    return words.say("possible", possible=words.number(told.possible), entries=words.number(told.entries))


def _files(audit: Audit, words: Words) -> dict[str, Any]:
    files = audit.inventory.sources if audit.inventory else ()
    headers = ("file_source", "kinds", "rows", "rejected", "last_import")
    return {
        "headers": [words.say(f"word.{header}") for header in headers],
        "rows": [
            (
                each.name,
                ", ".join(each.kinds),
                words.number(each.received),
                words.number(each.rejected),
                f"{each.last_at:%Y-%m-%d}",
            )
            for each in files
        ],
    }


def _part_rows(words: Words) -> list[tuple[str, str, str]]:
    from tesela.audit.score import WEIGHTS

    named = ((key, weight, f"audit.part.{key}") for key, weight in WEIGHTS.items())
    return [
        (text(f"{place}.name", words.language), words.number(weight), text(f"{place}.why", words.language))
        for _, weight, place in named
    ]


def _check_rows(checks: Iterable[Check], words: Words) -> dict[str, Any]:
    headers = ("check", "counted", "warn_from", "bad_from", "part", "weight", "anchor", "reason")
    known = sorted(checks, key=lambda check: (SECTIONS.index(check.section), check.key))
    return {
        "headers": [words.say(f"word.{header}") for header in headers],
        "rows": [
            (
                check.said("name", words.language),
                check.said("description", words.language),
                words.fine_percent(check.warn),
                words.fine_percent(check.bad),
                text(f"audit.part.{check.part}.name", words.language) if check.part else "–",
                str(check.weight) if check.part else "–",
                words.fine_percent(check.anchor) if check.part else "–",
                check.said("reason", words.language) or "–",
            )
            for check in known
        ],
    }
