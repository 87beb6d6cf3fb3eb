"""Decide what each incoming row is: new, known already, or in conflict; and seal the load.

Collected events count once per (source, message id). Orders, contacts, products and consents are records with
versions: a row that says the same as its key's version is a duplicate, one that says something else is a new
version (DESIGN.md 3). A row without an id of its own gets one from what it says and from its occurrence
number among identical rows of the same file, so repeated lines stay and a second import doubles nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events.barring import turn_away
from tesela.events.fields import FIELDS, IDENTIFIER_KINDS, Kind
from tesela.events.parquet import IN_THE_MAKING, SEALED
from tesela.events.record import FileRole, Load, Record
from tesela.events.tables import EVENTS, RECORDS
from tesela.warehouse import Engine, Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tesela.events.barring import Bar
    from tesela.events.incoming import Intake

# What makes a line of an order the same line in a later export. Words that a shop may change
# afterwards (category, brand) and the order's own fields are not among it.
_LINE_IDENTITY = ("product", "quantity", "unit_price", "amount", "occurred_at")

_ROWS_A_FILE = 1_000_000

_SOURCE_TIME: Mapping[Kind, str] = {
    "contacts": "updated_at",
    "orders": "updated_at",
    "order-lines": "updated_at",
    "products": "updated_at",
    "consents": "occurred_at",
    "events": "occurred_at",
    "email-events": "occurred_at",
}


def seal_intake(engine: Engine, record: Record, intake: Intake, *, scratch: Path, bar: Bar | None = None) -> Load:
    """Sort the rows out and seal them as the record's next load.

    The warehouse must have applied every earlier load. Nothing of the load exists before the manifest has
    been swapped; the warehouse does not have it until `apply_load`.

    Args:
        engine: The warehouse, which knows the earlier keys.
        record: Where the load goes.
        intake: What came in.
        scratch: Folder for files in the making, on the record's disk.
        bar: Knows who was erased: rows of theirs are rejected, and nothing of them is kept.

    Returns:
        The sealed load; received = stored + duplicate + rejected.
    """
    if bar is not None:
        intake = turn_away(engine, intake, bar, scratch=scratch)
    keyed, sorted_out = scratch / "keyed.parquet", scratch / "sorted.parquet"
    engine.write([_key(intake, keyed)])
    engine.write([_sort_out(intake, keyed, sorted_out)])
    files: dict[FileRole, list[Path]] = {
        "accepted": _write_accepted(engine, intake, sorted_out, scratch),
        "rejected": [scratch / "rejected.sealed.parquet"],
        "duplicates": [scratch / "duplicates.sealed.parquet"],
    }
    engine.write(_split(intake, sorted_out, files))
    counts = {role: sum(map(_rows_in, paths)) for role, paths in files.items()}
    load = Load(
        load_id=record.manifest().next_load,
        kind=intake.kind,
        source=intake.source,
        origin=intake.origin,
        received=intake.received,
        stored=counts["accepted"],
        duplicate=counts["duplicates"],
        rejected=counts["rejected"],
        reasons=_count_reasons(engine, files["rejected"][0]),
        received_at=intake.received_at.isoformat(),
        mapping=intake.mapping,
    )
    return record.seal(load, files)


def _key(intake: Intake, target: Path) -> Statement:
    """Give each row its key, the fingerprint of what it says, and the source's own time.

    Narrow files: what a row says stays where it is, and is joined again by row number at the end.
    """
    everything = [field.name for field in FIELDS[intake.kind]]
    return statement(
        f"""
        COPY (
            WITH narrow AS (
                SELECT row_number, {_base_key(intake.kind)} AS base, {_own_key(intake.kind)} AS own_key,
                    {_fingerprint([*everything, "properties"])} AS content,
                    "{_SOURCE_TIME[intake.kind]}" AS source_time
                FROM read_parquet($accepted)
            )
            SELECT row_number, content, source_time,
                coalesce(
                    own_key,
                    'row-' || base || '-' || row_number() OVER (PARTITION BY base ORDER BY row_number)
                ) AS key
            FROM narrow
        ) TO '{{target}}' {IN_THE_MAKING}
        """,
        tables={"target": _literal(target)},
        accepted=str(intake.accepted),
    )


def _base_key(kind: Kind) -> str:
    """Return the SQL of what stands for a row that has no id of its own."""
    if kind == "order-lines":
        line = ["order_id", "coalesce(product_id, product_name)", *_LINE_IDENTITY[1:]]
        alone = [field.name for field in FIELDS[kind]]
        return f"CASE WHEN order_id IS NULL THEN {_digest(alone)} ELSE {_digest(line)} END"
    return _digest([field.name for field in FIELDS[kind]])


def _own_key(kind: Kind) -> str:
    """Return the SQL of the id that the source gave the record; NULL where it gave none."""
    match kind:
        case "contacts":
            return "coalesce(" + ", ".join(f"'{name}:' || {name}" for name in IDENTIFIER_KINDS) + ")"
        case "orders":
            return "order_id"
        case "products":
            return "product_id"
        case "order-lines":
            return "coalesce(order_id, '') || '/' || line_id"
        case "consents":
            return "NULL::VARCHAR"
        case _:
            return "message_id"


def _digest(columns: list[str]) -> str:
    return f"md5({_spelled_out(columns)})"


def _fingerprint(columns: list[str]) -> str:
    # 63 bits, so that it fits the BIGINT of every engine
    return f"(md5_number_lower({_spelled_out(columns)}) // 2)::BIGINT"


def _spelled_out(columns: list[str]) -> str:
    """Return the SQL of all values as one text in which no two rows that differ look alike."""
    parts = (f"coalesce(length({c}::VARCHAR) || ':' || {c}::VARCHAR, '-')" for c in columns)
    return "concat_ws('|', " + ", ".join(parts) + ")"


def _sort_out(intake: Intake, keyed: Path, target: Path) -> Statement:
    verdict = _verdict_on_events() if intake.kind in ("events", "email-events") else _verdict_on_versions()
    table = RECORDS.get(intake.kind, EVENTS)
    return statement(
        f"COPY ({verdict}) TO '{{target}}' {IN_THE_MAKING}",
        tables={"target": _literal(target), "known": table},
        keyed=str(keyed),
        source=intake.source,
    )


def _verdict_on_events() -> str:
    return """
        WITH first_of_file AS (
            SELECT key, arg_min(content, row_number) AS content, min(row_number) AS row_number
            FROM read_parquet($keyed) GROUP BY key
        ),
        known AS (
            SELECT message_id AS key, any_value(content) AS content FROM {known}
            WHERE source = $source AND load_id IS NOT NULL
              AND message_id IN (SELECT key FROM first_of_file)
            GROUP BY message_id
        )
        SELECT r.*,
            CASE
                WHEN coalesce(k.content, f.content) <> r.content THEN 'conflict'
                WHEN k.key IS NOT NULL OR r.row_number > f.row_number THEN 'duplicate'
                ELSE 'stored'
            END AS verdict
        FROM read_parquet($keyed) AS r
        JOIN first_of_file AS f ON f.key = r.key
        LEFT JOIN known AS k ON k.key = r.key
    """


def _verdict_on_versions() -> str:
    """Compare a row with its key's earlier versions.

    A row with a time of its own is known when any version says the same (the time is part of what it says).
    One without is compared with what came just before it in the file, else with what the key's latest load
    said: so the same file again is all known, and a value that changes back in a later one is a new version.
    """
    return """
        WITH incoming AS (
            SELECT *,
                row_number() OVER (PARTITION BY key, content ORDER BY row_number) AS occurrence,
                lag(content) OVER (PARTITION BY key ORDER BY row_number) AS before
            FROM read_parquet($keyed)
        ),
        earlier AS (
            SELECT key, content, load_id, is_current FROM {known}
            WHERE source = $source AND key IN (SELECT key FROM incoming)
        ),
        latest AS (SELECT key, load_id FROM earlier WHERE is_current),
        versions AS (
            SELECT key, content, bool_or(earlier.load_id = latest.load_id) AS is_latest
            FROM earlier JOIN latest USING (key)
            GROUP BY key, content
        )
        SELECT r.* EXCLUDE (occurrence, before),
            CASE
                WHEN r.source_time IS NOT NULL AND (same.key IS NOT NULL OR r.occurrence > 1) THEN 'duplicate'
                WHEN r.source_time IS NULL AND (r.before = r.content OR same.is_latest) THEN 'duplicate'
                ELSE 'stored'
            END AS verdict
        FROM incoming AS r
        LEFT JOIN versions AS same ON same.key = r.key AND same.content = r.content
    """


def _write_accepted(engine: Engine, intake: Intake, source: Path, scratch: Path) -> list[Path]:
    """Write the rows that are stored, so many to a file: wide rows joined all at once take memory that grows with them.

    Rows came in order of their numbers, so each piece reads little more than its own part of what came in.
    """
    last = engine.query(statement("SELECT max(row_number) AS n FROM read_parquet($source)", source=str(source)))
    pieces = range(0, (last.column("n").to_pylist()[0] or 0) + 1, _ROWS_A_FILE)
    paths = [scratch / f"accepted-{place:05d}.sealed.parquet" for place in range(len(pieces))]
    engine.write(
        statement(
            f"""
            COPY (
                SELECT r.*, v.key, v.content, v.source_time
                FROM read_parquet($accepted) AS r JOIN read_parquet($source) AS v USING (row_number)
                WHERE v.verdict = 'stored' AND r.row_number >= $first AND r.row_number < $end
                    AND v.row_number >= $first AND v.row_number < $end
            ) TO '{{target}}' {SEALED}
            """,
            tables={"target": _literal(path)},
            source=str(source),
            accepted=str(intake.accepted),
            first=first,
            end=first + _ROWS_A_FILE,
        )
        for first, path in zip(pieces, paths, strict=True)
    )
    return [path for path in paths if _rows_in(path)] or paths[:1]


def _split(intake: Intake, source: Path, files: Mapping[FileRole, list[Path]]) -> Iterator[Statement]:
    yield statement(
        "COPY (SELECT key, content FROM read_parquet($source) WHERE verdict = 'duplicate' "
        f"ORDER BY key, content) TO '{{target}}' {SEALED}",
        tables={"target": _literal(files["duplicates"][0])},
        source=str(source),
    )
    yield statement(
        f"""
        COPY (
            SELECT row_number, raw, reason, detail FROM read_parquet($rejected)
            UNION ALL
            SELECT v.row_number, to_json(r)::VARCHAR, 'events.message_id_conflict', v.key
            FROM read_parquet($accepted) AS r JOIN read_parquet($source) AS v USING (row_number)
            WHERE v.verdict = 'conflict'
            ORDER BY row_number
        ) TO '{{target}}' {SEALED}
        """,
        tables={"target": _literal(files["rejected"][0])},
        source=str(source),
        accepted=str(intake.accepted),
        rejected=str(intake.rejected),
    )


def _rows_in(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def _count_reasons(engine: Engine, rejected: Path) -> dict[str, int]:
    rows = engine.query(
        statement(
            "SELECT reason, count(*) AS n FROM read_parquet($rejected) GROUP BY reason ORDER BY n DESC, reason",
            rejected=str(rejected),
        )
    ).to_pylist()
    return {row["reason"]: row["n"] for row in rows}


def _literal(path: Path) -> str:
    """Return a path of ours as the inside of a SQL text: COPY takes no bound value for its target."""
    return str(path).replace("'", "''")
