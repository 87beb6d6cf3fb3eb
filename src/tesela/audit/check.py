"""The check: one question about the health of a base, declared in one file with its words, thresholds and reason."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, get_args

from tesela.base import InputError, Language, text
from tesela.language import by_language, check_keys, check_slug, parse

if TYPE_CHECKING:
    from collections.abc import Mapping

Section = Literal[
    "engagement", "deliverability", "law", "values", "completeness", "duplicates", "records", "growth", "own"
]
SECTIONS: tuple[Section, ...] = get_args(Section)
"""Sections of the audit, in the order in which they are shown; `own` has the shop's own checks."""

Unit = Literal["people", "values", "records", "orders", "messages", "sources", "fields", "lists", "days"]
UNITS: tuple[Unit, ...] = get_args(Unit)

Severity = Literal["ok", "notice", "warn", "bad", "unknown"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)

_WORDS = ("name", "description", "why", "advice", "reason")
_OWN_KEYS = (*_WORDS, "command", "source", "warn", "bad", "when", "of")
_KEYS = (*_OWN_KEYS, "unit", "part", "weight", "anchor", "probe", "fix", "money")
WARN, BAD = Decimal("0.05"), Decimal("0.2")
"""The thresholds of a check that tells none."""

_PERCENT = Decimal("0.01")
_FIELDS_OF_SCORE = ("part", "weight", "anchor")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One question about a base.

    Attributes:
        key: Its name in code, files and history.
        section: Under which heading it is shown.
        unit: What it counts.
        name: What it is called, by language.
        description: What is counted, exactly.
        why: Why it matters.
        advice: What to do.
        reason: Why the thresholds are where they are.
        command: What does it on the command line; empty for nothing.
        source: The law or the provider's rule behind it, in one line with its reference, by language.
        warn: From which share on it is a warning; below it, a notice.
        bad: From which share on it is bad.
        part: The part of the score that it belongs to; None: it is told, and does not count.
        weight: How much it weighs in its part.
        anchor: From which share on its mark is 0; the mark is 100 where nothing is found, and falls in a straight line.
        when: A rule: people who satisfy it are the finding. Empty for a probe.
        of: A rule for whom the finding is a share of; empty for the whole base.
        probe: Name of the measure in code that answers it. Empty for a rule.
        fix: The kind of fix that mends it; empty for none.
        money: How the money at stake is counted; empty for no money.
    """

    key: str
    section: Section
    name: Mapping[Language, str]
    description: Mapping[Language, str]
    unit: Unit = "people"
    why: Mapping[Language, str] = field(default_factory=dict)
    advice: Mapping[Language, str] = field(default_factory=dict)
    reason: Mapping[Language, str] = field(default_factory=dict)
    command: str = ""
    source: Mapping[Language, str] = field(default_factory=dict)
    warn: Decimal = WARN
    bad: Decimal = BAD
    part: str | None = None
    weight: int = 0
    anchor: Decimal = Decimal(0)
    when: str = ""
    of: str = ""
    probe: str = ""
    fix: str = ""
    money: str = ""

    def judge(self, count: int, of: int) -> Severity:
        """Return how grave it is that so many were found."""
        if not count:
            return "ok"
        share = Decimal(count) / of if of else Decimal(1)
        return "bad" if share >= self.bad else "warn" if share >= self.warn else "notice"

    def said(
        self, what: Literal["name", "description", "why", "advice", "reason", "source"], language: Language
    ) -> str:
        """Return words of it in a language, in the other where it has none in this one; empty where there are none."""
        words: Mapping[Language, str] = getattr(self, what)
        return words.get(language) or next(iter(words.values()), "")


def say_unit(unit: Unit, count: int, language: Language) -> str:
    """Return what is counted, in the singular where it is one."""
    return text(f"audit.{'one' if count == 1 else 'unit'}.{unit}", language)


def read_check(key: str, section: Section, written: object) -> Check:
    """Return the check that a file tells under a key.

    Args:
        key: Its name.
        section: `own` for a shop's own checks: rules only, and outside the score, so that shops can be compared.
        written: What stands under the key.

    Raises:
        InputError: when something is missing, unknown or makes no sense.
    """
    check_slug(key)
    told = check_keys(key, written, _OWN_KEYS if section == "own" else _KEYS, "when")
    when, probe = _text(key, "when", told), _text(key, "probe", told)
    if bool(when) == bool(probe):
        raise InputError("audit.no_question", check=key)
    of = _text(key, "of", told)
    for rule in filter(None, (when, of)):
        parse(rule)
    words: dict[str, Any] = {name: by_language(key, name, told.get(name)) for name in (*_WORDS, "source")}
    words["name"] = words["name"] or {"es": key, "en": key}
    shares: dict[str, Any] = {name: _share(key, name, told[name]) for name in ("warn", "bad", "anchor") if name in told}
    if shares.get("warn", WARN) > shares.get("bad", BAD):
        raise InputError("audit.warn_over_bad", check=key)
    has_mark = [name in told for name in _FIELDS_OF_SCORE]
    if any(has_mark) and not all(has_mark):
        raise InputError("audit.half_a_mark", check=key)
    return Check(
        key=key,
        section=section,
        unit=_one_of(key, "unit", told.get("unit", "people"), UNITS),
        command=_text(key, "command", told),
        part=told.get("part"),
        weight=int(told.get("weight", 0)),
        when=when,
        of=of,
        probe=probe,
        fix=_text(key, "fix", told),
        money=_text(key, "money", told),
        **words,
        **shares,
    )


def _text(key: str, name: str, told: Mapping[str, Any]) -> str:
    value = told.get(name, "")
    if not isinstance(value, str):
        raise InputError("audit.not_a_text", check=key, field=name, value=value)
    return value.strip()


def _one_of(key: str, name: str, value: Any, known: tuple[Any, ...]) -> Any:
    if value not in known:
        raise InputError("audit.unknown_word", check=key, field=name, value=value, known=", ".join(known))
    return value


def _share(key: str, name: str, written: object) -> Decimal:
    plain = str(written).strip()
    try:
        value = Decimal(plain.removesuffix("%").strip().replace(",", "."))
    except ArithmeticError:
        value = Decimal("NaN")
    if isinstance(written, bool) or not value.is_finite() or value < 0:
        raise InputError("audit.not_a_share", check=key, field=name, value=written)
    return value * _PERCENT if plain.endswith("%") else value
