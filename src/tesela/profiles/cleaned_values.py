"""Clean what new contacts say: a step of its own between the record and the people, whose answers are a table.

    contacts (as they came) -> cleaned_values (value, rules, flags, suggestion) -> attribute_values, profiles

Only distinct values that have no answer yet are looked at; with other settings only those of the kinds whose answers
may be others now. Nothing is changed in the records: rules that are switched off leave the originals.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tesela.events import RECORDS
from tesela.profiles.cleaning import DAY_ORDERS, KINDS, clean_column, clean_columns
from tesela.profiles.contact_values import (
    CONTEXT,
    CONTEXTS,
    COUNTRY_WRITTEN,
    IS_OTHER,
    PAIRS,
    PROPERTIES,
    PROPERTY,
    WRITTEN,
    usual_context,
)
from tesela.profiles.tables import CLEANED_VALUES, CLEANING_DECISIONS, CLEANING_STATE
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import pyarrow as pa

    from tesela.profiles.cleaning import Accepted, CleaningSettings, Kind
    from tesela.warehouse import Engine

_TABLES = {
    "contacts": RECORDS["contacts"],
    "cleaned": CLEANED_VALUES,
    "decisions": CLEANING_DECISIONS,
    "state": CLEANING_STATE,
}


@dataclass(frozen=True, slots=True, eq=False)
class CleanedValues:
    """What was found of values that had no answer.

    Attributes:
        answers: Rows of `cleaned_values`.
        fingerprints: Rows of `kind`, `fingerprint`: of today's settings.
        is_part: Whether new loads alone were looked at.
    """

    answers: pa.Table
    fingerprints: pa.Table
    is_part: bool


def find_cleaned(engine: Engine, settings: CleaningSettings, loads: Sequence[int] | None = None) -> CleanedValues:
    """Clean the values of contacts that have no answer yet; nothing is written.

    Args:
        engine: The warehouse; it holds the records.
        settings: Which rules are on; the country and the order of days of those who tell none.
        loads: The loads whose values are new; None to look at all.
    """
    import pyarrow as pa

    fingerprints = {kind: _anywhere(settings).fingerprint(kind) for kind in KINDS}
    told = pa.table({"kind": list(fingerprints), "fingerprint": list(fingerprints.values())})
    values = _missing_values(engine, settings, told, loads)
    found = [pa.table({name: pa.array([], pa.string()) for name in CLEANED_VALUES.column_names})]
    for used, groups in _by_settings(values, settings).items():
        columns = clean_columns({kind: originals for (kind, _), originals in groups.items()}, used)
        found += [_rows(columns[kind].table, kind, context, fingerprints[kind]) for kind, context in groups]
    return CleanedValues(pa.concat_tables(found), told, loads is not None)


def _missing_values(
    engine: Engine, settings: CleaningSettings, fingerprints: pa.Table, loads: Sequence[int] | None
) -> pa.Table:
    """Return the distinct `kind`, `context`, `original` of contacts that have no answer under today's settings."""
    those = "" if loads is None else "WHERE load_id IN (SELECT unnest($loads::INTEGER[]))"
    asked: dict[str, Any] = {} if loads is None else {"loads": list(loads)}
    written = engine.query(
        statement(
            f"SELECT DISTINCT {COUNTRY_WRITTEN} AS original FROM ({WRITTEN} {those}) AS c", tables=_TABLES, **asked
        )
    )
    countries = clean_column("country", written.column("original"), settings).table.select(["original", "value"])
    return engine.query(
        statement(
            f"""
            WITH told AS (
                SELECT c.*, {CONTEXTS} FROM ({WRITTEN} {those}) AS c
                LEFT JOIN countries AS code ON code.original = {COUNTRY_WRITTEN}
            ),
            pairs AS (
                SELECT unnest([{PAIRS}]) AS pair, home, days FROM told
                UNION ALL
                SELECT {PROPERTY} AS pair, home, days
                FROM (SELECT {PROPERTIES} AS e, home, days FROM told WHERE properties IS NOT NULL) WHERE {IS_OTHER}
            )
            SELECT DISTINCT p.kind, p.context, p.original
            FROM (SELECT pair.kind AS kind, {CONTEXT} AS context, pair.original AS original FROM pairs) AS p
            WHERE p.kind IS NOT NULL AND p.original IS NOT NULL AND (p.kind, p.context, p.original) NOT IN (
                SELECT (k.kind, k.context, k.original)
                FROM {{cleaned}} AS k JOIN fingerprints AS f ON f.kind = k.kind AND f.fingerprint = k.fingerprint
            )
            """,
            tables=_TABLES,
            relations={"countries": countries, "fingerprints": fingerprints},
            country=settings.country,
            day_order=settings.day_order,
            **asked,
        )
    )


def _by_settings(
    values: pa.Table, settings: CleaningSettings
) -> dict[CleaningSettings, dict[tuple[Kind, str], pa.Array]]:
    """Return the values by the settings that they are read with, so that each is asked for as few times as can be."""
    import pyarrow.compute as pc

    found: dict[CleaningSettings, dict[tuple[Kind, str], pa.Array]] = {}
    pairs = (
        values.group_by(["kind", "context"]).aggregate([]).sort_by([("kind", "ascending"), ("context", "ascending")])
    )
    for pair in pairs.to_pylist():
        kind, context = pair["kind"], pair["context"]
        those = pc.and_(pc.equal(values["kind"], kind), pc.equal(values["context"], context))
        used = _read_by(settings, kind, context)
        found.setdefault(used, {})[kind, context] = values.filter(those)["original"]
    return found


def _read_by(settings: CleaningSettings, kind: Kind, context: str) -> CleaningSettings:
    if context == usual_context(kind, country=settings.country, day_order=settings.day_order):
        return settings
    return replace(settings, day_order=context) if context in DAY_ORDERS else replace(settings, country=context)


def _anywhere(settings: CleaningSettings) -> CleaningSettings:
    """Return settings of no country and no order of days: these are told beside each value."""
    return replace(settings, country="ZZ", day_order=DAY_ORDERS[0])


def _rows(answers: pa.Table, kind: str, context: str, fingerprint: str) -> pa.Table:
    import pyarrow as pa
    import pyarrow.compute as pc

    def same(text: str) -> pa.Array:
        return pa.repeat(pa.scalar(text, pa.string()), answers.num_rows)

    columns = {
        "kind": same(kind),
        "context": same(context),
        **{name: answers[name] for name in ("original", "value")},
        **{name: pc.binary_join(answers[name], " ") for name in ("rules", "flags")},
        "suggestion": answers["suggestion"],
        "fingerprint": same(fingerprint),
    }
    return pa.table({name: columns[name] for name in CLEANED_VALUES.column_names})


def write_cleaned(found: CleanedValues) -> Iterator[Statement]:
    """Keep answers, and let go of those that other settings gave.

    Args:
        found: What was found.
    """
    if not found.is_part:
        yield statement(
            """
            DELETE FROM {cleaned} WHERE (kind, fingerprint) NOT IN (SELECT (kind, fingerprint) FROM fingerprints)
            """,
            tables=_TABLES,
            relations={"fingerprints": found.fingerprints},
        )
    yield statement(
        "INSERT INTO {cleaned} BY NAME SELECT * FROM answers", tables=_TABLES, relations={"answers": found.answers}
    )


def write_decisions(accepted: Sequence[Accepted]) -> Iterator[Statement]:
    """Let the warehouse know what people decided.

    Args:
        accepted: What holds.
    """
    import pyarrow as pa

    names = CLEANING_DECISIONS.column_names
    rows = pa.table(
        {
            **{name: pa.array([getattr(each, name) for each in accepted], pa.string()) for name in names},
            "is_own": pa.array([each.is_own for each in accepted], pa.bool_()),
        }
    )
    yield statement("DELETE FROM {decisions}", tables=_TABLES)
    # what was accepted holds as long as it is what cleaning suggests; a person's own word holds whatever it suggests
    yield statement(
        """
        INSERT INTO {decisions} BY NAME
        SELECT a.* EXCLUDE (is_own) FROM accepted AS a WHERE a.is_own OR NOT EXISTS (
            SELECT 1 FROM {cleaned} AS k
            WHERE k.kind = a.kind AND k.context = a.context AND k.original = a.original
                AND k.suggestion IS DISTINCT FROM a.value
        )
        """,
        tables=_TABLES,
        relations={"accepted": rows},
    )


def stamp_cleaning(settings: CleaningSettings, token: str) -> Iterator[Statement]:
    """Say which cleaning the attributes are of.

    Args:
        settings: The settings of it.
        token: What tells it from others.
    """
    yield statement("DELETE FROM {state}", tables=_TABLES)
    yield statement(
        "INSERT INTO {state} VALUES ($settings, $token)", tables=_TABLES, settings=spell_out(settings), token=token
    )


def outdate_cleaning(engine: Engine) -> None:
    """Say that a person is about to decide something, so that attributes are derived anew whatever happens then."""
    engine.write([statement("UPDATE {state} SET settings = NULL", tables=_TABLES)])


def read_cleaning_stamp(engine: Engine) -> tuple[str, str]:
    """Return settings and token of the cleaning that the attributes are of; empty when there is none."""
    rows = engine.query(statement("SELECT settings, token FROM {state}", tables=_TABLES)).to_pylist()
    return (rows[0]["settings"] or "", rows[0]["token"]) if rows else ("", "")


@lru_cache(maxsize=8)
def spell_out(settings: CleaningSettings) -> str:
    """Return what the attributes depend on of the settings, as 32 hexadecimal digits."""
    parts = [settings.country, settings.day_order, *(settings.fingerprint(kind) for kind in KINDS)]
    return hashlib.sha256(" ".join(parts).encode()).hexdigest()[:32]
