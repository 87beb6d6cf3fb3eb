"""Tell what cleaning found: per kind and rule how many values it changed, flagged, suggested, with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tesela.profiles.cleaning import RULES, Accepted, Rule
from tesela.profiles.tables import CLEANED_VALUES, CLEANING_DECISIONS
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.warehouse import Engine

    Row = dict[str, Any]

_TABLES = {"cleaned": CLEANED_VALUES, "decisions": CLEANING_DECISIONS}

# the flag by which a suggestion of one rule is told from that of another rule for the same kind
_TOLD_BY = {"email.typo": "typo_domain"}


def read_findings(engine: Engine, *, samples: int, off: frozenset[str] = frozenset()) -> list[Row]:
    """Return what each rule did to each kind of value; rules that found nothing are left out.

    Args:
        engine: The warehouse.
        samples: How many values are shown of each.
        off: Rules that are switched off: they are told, with nothing found.

    Returns:
        Rows of `kind`, `rule`, `is_on`, `changed`, `flagged` (by flag), `suggested`, `accepted`, `samples` (of
        `original`, `value`: what it became, or what is suggested): distinct values, and personal data.
    """
    changed = _grouped(engine, _BY_RULE, samples)
    flagged = _grouped(engine, _BY_FLAG, samples)
    suggested = _grouped(engine, _BY_SUGGESTION, samples)
    found = []
    for rule in RULES:
        for kind in rule.kinds:
            flags = {flag: flagged[kind, flag]["n"] for flag in rule.flags if (kind, flag) in flagged}
            row: Row = {
                "kind": kind,
                "rule": rule.name,
                "is_on": rule.name not in off,
                "changed": changed.get((kind, rule.name), {}).get("n", 0),
                "flagged": flags,
                "suggested": suggested.get((kind, rule.name), {}).get("n", 0),
                "accepted": suggested.get((kind, rule.name), {}).get("accepted", 0),
            }
            if row["is_on"] and not (row["changed"] or flags or row["suggested"]):
                continue
            shown = [suggested.get((kind, rule.name)), changed.get((kind, rule.name))]
            shown += [flagged[kind, flag] for flag in flags]
            found.append({**row, "samples": next((each["samples"] for each in shown if each), [])})
    return found


def count_values(engine: Engine) -> dict[str, int]:
    """Return how many distinct values of each kind there are."""
    asked = "SELECT kind, count(*) AS n FROM {cleaned} GROUP BY kind ORDER BY kind"
    return {row["kind"]: row["n"] for row in engine.query(statement(asked, tables=_TABLES)).to_pylist()}


def read_suggestions(engine: Engine, *, rule: str | None = None, original: str | None = None) -> list[Row]:
    """Return what is suggested, and whether a person accepted it.

    Args:
        engine: The warehouse.
        rule: A rule, or a flag, that the suggestion is of; None for all.
        original: The value that it is about; None for all.

    Returns:
        Rows of `kind`, `context`, `original`, `suggestion`, `rule`, `is_accepted`: personal data.
    """
    rows = engine.query(
        statement(
            f"""
            SELECT s.kind, s.context, s.original, s.suggestion, s.name AS rule, s.is_accepted
            FROM ({_SUGGESTED}) AS s
            WHERE coalesce(s.name = $rule OR list_contains(string_split(s.flags, ' '), $rule), true)
              AND coalesce(s.original = $original OR trim(lower(s.original)) = trim(lower($original)), true)
            ORDER BY ALL
            """,
            tables=_TABLES,
            rule=rule,
            original=original,
        )
    )
    found: list[Row] = rows.to_pylist()
    return found


def as_accepted(suggestions: Sequence[Row]) -> tuple[Accepted, ...]:
    """Return suggestions as what a person puts in place of the values."""
    return tuple(Accepted(row["kind"], row["context"], row["original"], row["suggestion"]) for row in suggestions)


def _suggesting(kind: str) -> list[Rule]:
    return sorted(
        (rule for rule in RULES if rule.suggests and kind in rule.kinds), key=lambda rule: rule.name not in _TOLD_BY
    )


def _rule_cases() -> str:
    """Return the SQL of the rule that a suggestion is of."""
    cases = []
    for kind in sorted({kind for rule in RULES if rule.suggests for kind in rule.kinds}):
        for rule in _suggesting(kind):
            flag = _TOLD_BY.get(rule.name)
            told = f" AND list_contains(string_split(k.flags, ' '), '{flag}')" if flag else ""
            cases.append(f"WHEN k.kind = '{kind}'{told} THEN '{rule.name}'")
    return f"CASE {' '.join(cases)} END"


_SUGGESTED = f"""
    SELECT k.*, {_rule_cases()} AS name, d.value IS NOT NULL AS is_accepted
    FROM {{cleaned}} AS k
    LEFT JOIN {{decisions}} AS d
      ON d.kind = k.kind AND d.context = k.context AND d.original = k.original AND d.value = k.suggestion
    WHERE k.suggestion IS NOT NULL"""
_BY_SUGGESTION = f"SELECT kind, name, original, suggestion AS value, is_accepted FROM ({_SUGGESTED})"
_BY_RULE = """
    SELECT kind, unnest(string_split(rules, ' ')) AS name, original, value, false AS is_accepted
    FROM {cleaned} WHERE rules <> ''"""
_BY_FLAG = """
    SELECT kind, unnest(string_split(flags, ' ')) AS name, original, original AS value, false AS is_accepted
    FROM {cleaned} WHERE flags <> ''"""


def _grouped(engine: Engine, those: str, samples: int) -> dict[tuple[str, str], Row]:
    rows = engine.query(
        statement(
            f"""
            SELECT kind, name, count(*) AS n, count(*) FILTER (is_accepted) AS accepted,
                arg_min(struct_pack(original := original, value := value), original, greatest($samples, 1)) AS samples
            FROM ({those}) GROUP BY kind, name
            """,
            tables=_TABLES,
            samples=samples,
        )
    ).to_pylist()
    return {(row["kind"], row["name"]): {**row, "samples": row["samples"][:samples]} for row in rows}
