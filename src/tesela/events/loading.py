"""Bring a sealed load into the warehouse: all of it in one transaction, and the same again on a rebuild."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from tesela.events.fields import FIELDS, IDENTIFIER_KINDS
from tesela.events.subjects import number_subjects
from tesela.events.tables import (
    CONTACTS_REJECTED,
    EVENTS,
    EVENTS_REJECTED,
    LOADS_APPLIED,
    ORIGINALS,
    PRODUCTS,
    RECORDS,
    SUBJECT_LINKS,
    SUBJECTS,
)
from tesela.warehouse import Engine, Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pyarrow as pa

    from tesela.control import ControlStore
    from tesela.events.fields import Kind
    from tesela.events.record import Load, Record

_EVENT_KINDS: tuple[Kind, ...] = ("events", "email-events")


def pending_loads(engine: Engine, record: Record) -> list[Load]:
    """Return the sealed loads that the warehouse has not applied yet, oldest first."""
    rows = engine.query(statement("SELECT load_id FROM {applied}", tables={"applied": LOADS_APPLIED})).to_pylist()
    applied = {row["load_id"] for row in rows}
    return [load for load in record.manifest().sealed if load.load_id not in applied]


def has_strayed(engine: Engine, record: Record) -> bool:
    """Return whether the warehouse holds what the record no longer has: an undo or a removal was cut short."""
    asked = statement("SELECT load_id, contents FROM {applied}", tables={"applied": LOADS_APPLIED})
    sealed = {load.load_id: load.fingerprint for load in record.manifest().sealed}
    return any(
        row["load_id"] not in sealed or row["contents"] not in (None, sealed[row["load_id"]])
        for row in engine.query(asked).to_pylist()
    )


def apply_load(engine: Engine, control: ControlStore, record: Record, load: Load) -> None:
    """Write one sealed load to the warehouse, in one transaction.

    Args:
        engine: The warehouse; it must not hold the load yet.
        control: Hands out the numbers of subjects that are new.
        record: Where the load's files lie.
        load: Which.
    """
    accepted = [str(record.path(name)) for name in load.paths("accepted")]
    new = _number_new_subjects(engine, control, load, accepted)
    engine.write([*_write_rows(load, accepted, new), *_write_rejected(record, load), _mark(load)])


def _number_new_subjects(engine: Engine, control: ControlStore, load: Load, accepted: list[str]) -> pa.Table:
    subject = _subject(load.kind)
    unknown = engine.query(
        statement(
            f"""
            WITH carried AS (SELECT DISTINCT {subject} AS subject FROM read_parquet($accepted))
            SELECT subject.kind AS kind, subject.value AS value
            FROM carried
            LEFT JOIN {{subjects}} AS s ON s.kind = subject.kind AND s.value = subject.value
            WHERE subject.value IS NOT NULL AND s.subject_id IS NULL
            ORDER BY kind, value
            """,
            tables={"subjects": SUBJECTS},
            accepted=accepted,
        )
        if subject != _NOBODY
        else _no_subjects()
    )
    return number_subjects(control, unknown)


_NOBODY = "NULL"


def _subject(kind: Kind) -> str:
    """Return the SQL of a row's strongest identifier, as {kind, value}."""
    if kind == "products":
        return _NOBODY
    whens = (
        " ".join(f"WHEN {name} IS NOT NULL THEN {{'kind': '{name}', 'value': {name}}}" for name in IDENTIFIER_KINDS)
        .replace("{", "{{")
        .replace("}", "}}")
    )
    # `statement` fills places in braces, so those of a struct are doubled
    return f"CASE {whens} END"


def _no_subjects() -> Statement:
    return statement("SELECT '' AS kind, '' AS value WHERE false")


def _write_rows(load: Load, accepted: list[str], new_subjects: pa.Table) -> Iterator[Statement]:
    if load.kind != "products":
        yield statement(
            "INSERT INTO {subjects} BY NAME SELECT subject_id, kind, value FROM new_subjects",
            tables={"subjects": SUBJECTS},
            relations={"new_subjects": new_subjects},
        )
        yield _write_links(load, accepted)
    if load.kind in _EVENT_KINDS:
        yield _write_events(load, accepted)
        return
    yield _write_versions(load, accepted)
    yield _retire_versions(load)
    if load.kind == "products":
        yield from derive_products()


def _write_links(load: Load, accepted: list[str]) -> Statement:
    own_time = {
        "contacts": "least(created_at, email_consent_at, sms_consent_at, updated_at)",
        "products": "NULL",
    }.get(load.kind, "occurred_at")
    pairs = ", ".join(f"{{{{'kind': '{name}', 'value': {name}}}}}" for name in IDENTIFIER_KINDS)
    return statement(
        f"""
        INSERT INTO {{links}}
        WITH rows AS (
            SELECT {_subject(load.kind)} AS subject, unnest([{pairs}]) AS carried,
                coalesce({own_time}, $received_at) AS own_time
            FROM read_parquet($accepted)
        )
        SELECT s.subject_id, carried.kind, carried.value, min(own_time), $source, $load_id
        FROM rows
        JOIN {{subjects}} AS s ON s.kind = subject.kind AND s.value = subject.value
        WHERE carried.value IS NOT NULL
        GROUP BY s.subject_id, carried.kind, carried.value
        """,
        tables={"links": SUBJECT_LINKS, "subjects": SUBJECTS},
        accepted=accepted,
        received_at=datetime.fromisoformat(load.received_at),
        source=load.source,
        load_id=load.load_id,
    )


def _write_events(load: Load, accepted: list[str]) -> Statement:
    """Append events, each with the profile its subject has now (a new subject stands for itself)."""
    own = {field.name for field in FIELDS[load.kind]}
    kept = [name for name in EVENTS.column_names if name in own - {"category", "brand", "message_id", "channel"}]
    has_product = "product_id" in own
    return statement(
        f"""
        INSERT INTO {{events}} BY NAME
        SELECT coalesce(s.profile_id, s.subject_id) AS profile_id, s.subject_id,
            {", ".join(f"r.{name}" for name in kept)},
            {"coalesce(r.category, p.category)" if has_product else "NULL"} AS category,
            {"coalesce(r.brand, p.brand)" if has_product else "NULL"} AS brand,
            {"r.channel" if has_product else "coalesce(r.channel, 'email')"} AS channel,
            {"r.amount" if "amount" in own else "NULL::BIGINT"} AS amount_e4,
            {_event_properties(load.kind)} AS properties,
            r.key AS message_id, r.content, $source AS source, $received_at AS received_at, $load_id AS load_id
        FROM (SELECT *, {_subject(load.kind)} AS subject FROM read_parquet($accepted)) AS r
        LEFT JOIN {{subjects}} AS s ON s.kind = subject.kind AND s.value = subject.value
        LEFT JOIN (
            SELECT product_id, any_value(category) AS category, any_value(brand) AS brand
            FROM {{products}} WHERE is_current GROUP BY product_id
        ) AS p ON p.product_id = {"r.product_id" if has_product else "NULL"}
        ORDER BY name, profile_id, occurred_at
        """,
        tables={"events": EVENTS, "subjects": SUBJECTS, "products": PRODUCTS},
        accepted=accepted,
        received_at=datetime.fromisoformat(load.received_at),
        source=load.source,
        load_id=load.load_id,
    )


def _event_properties(kind: Kind) -> str:
    """Return the SQL of the JSON of what has no column of its own in `events`."""
    if kind != "email-events":
        return "r.properties"
    return (
        "nullif(json_merge_patch(coalesce(r.properties::JSON, '{{}}'::JSON), "
        "json_object('campaign_name', r.campaign_name, 'bounce_type', r.bounce_type))::VARCHAR, '{{}}')::JSON"
    )


def _write_versions(load: Load, accepted: list[str]) -> Statement:
    table = RECORDS[load.kind]
    special = {
        "source": "$source",
        "received_at": "$received_at",
        "load_id": "$load_id",
        # the newest of the file, unless the warehouse has one that is newer still
        "is_current": """
            row_number() OVER (
                PARTITION BY r.key ORDER BY coalesce(r.source_time, $received_at) DESC, r.row_number DESC
            ) = 1
            AND coalesce(coalesce(r.source_time, $received_at) >= known.own_time, true)""",
    }
    if not _has_originals(accepted):
        special[ORIGINALS.name] = "NULL"
    columns = ", ".join(f"{special.get(name, f'r.{name}')} AS {name}" for name in table.column_names)
    return statement(
        f"""
        INSERT INTO {{records}}
        SELECT {columns}
        FROM read_parquet($accepted, union_by_name = true) AS r
        LEFT JOIN (
            SELECT key, max(coalesce(source_time, received_at)) AS own_time
            FROM {{records}} WHERE source = $source AND is_current GROUP BY key
        ) AS known ON known.key = r.key
        """,
        tables={"records": table},
        accepted=accepted,
        received_at=datetime.fromisoformat(load.received_at),
        source=load.source,
        load_id=load.load_id,
    )


def _has_originals(accepted: list[str]) -> bool:
    """Return whether any file of a load keeps originals: those of earlier versions of Tesela do not."""
    import pyarrow.parquet as pq

    return any(ORIGINALS.name in pq.read_schema(path).names for path in accepted)


def _retire_versions(load: Load) -> Statement:
    return statement(
        """
        UPDATE {records} SET is_current = false
        WHERE source = $source AND is_current AND load_id <> $load_id
          AND key IN (SELECT key FROM {records} WHERE source = $source AND load_id = $load_id AND is_current)
        """,
        tables={"records": RECORDS[load.kind]},
        source=load.source,
        load_id=load.load_id,
    )


def derive_products() -> Iterator[Statement]:
    """Make `products` anew from the records."""
    yield statement("DELETE FROM {products}", tables={"products": PRODUCTS})
    yield statement(
        """
        INSERT INTO {products}
        SELECT source, product_id, coalesce(source_time, received_at), is_current, name, category, brand,
            price, coalesce(margin, price - cost), url, image_url, in_stock, properties, load_id
        FROM {records}
        """,
        tables={"products": PRODUCTS, "records": RECORDS["products"]},
    )


def _write_rejected(record: Record, load: Load) -> Iterator[Statement]:
    table = CONTACTS_REJECTED if load.kind in ("contacts", "consents") else EVENTS_REJECTED
    for name in load.paths("rejected"):
        yield statement(
            """
            INSERT INTO {rejected}
            SELECT $load_id, row_number, $kind, $source, reason, detail, raw, $received_at
            FROM read_parquet($file)
            """,
            tables={"rejected": table},
            file=str(record.path(name)),
            load_id=load.load_id,
            kind=load.kind,
            source=load.source,
            received_at=datetime.fromisoformat(load.received_at),
        )


def _mark(load: Load) -> Statement:
    return statement(
        "INSERT INTO {applied} BY NAME "
        "SELECT $load_id AS load_id, $kind AS kind, false AS is_derived, $contents AS contents",
        tables={"applied": LOADS_APPLIED},
        load_id=load.load_id,
        kind=load.kind,
        contents=load.fingerprint,
    )
