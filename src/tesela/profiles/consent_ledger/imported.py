"""Put into the ledger what imports told: consent files, contacts, unsubscriptions, complaints.

Every version of a record that says another thing than the one before it is a statement of its own, with the load
and row that it came with. Reading the same loads again appends nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS, IDENTIFIER_KINDS, RECORDS, SUBJECT_LINKS, SUBJECTS
from tesela.profiles.consent_ledger.entry import ADDRESS_KINDS, CHANNELS
from tesela.profiles.consent_ledger.ledger import append_rows, last_sequence
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    import pyarrow as pa

    from tesela.control import ControlStore
    from tesela.warehouse import Engine

_TABLES = {
    "told": RECORDS["consents"],
    "contacts": RECORDS["contacts"],
    "events": EVENTS,
    "subjects": SUBJECTS,
    "links": SUBJECT_LINKS,
}
_ACTOR = "import"

# What sources call the grounds of a yes, in lower case.
_BASES = {
    "consent": ("consent", "consentimiento", "opt in", "opt-in", "opt_in", "double opt-in", "explicit consent"),
    "existing_customer": (
        *("existing customer", "existing_customer", "soft opt-in", "customer", "cliente", "cliente existente"),
        *("legitimate interest", "interés legítimo", "interes legitimo", "relación previa", "relacion previa"),
    ),
    "contract": ("contract", "contrato", "contractual"),
}
_IDENTIFIER = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"
_VALUE = f"coalesce({', '.join(IDENTIFIER_KINDS)})"


def append_imported(
    control: ControlStore, engine: Engine, *, loads: Iterable[int] | None, recorded_at: datetime
) -> int:
    """Append what some loads told and the ledger does not know, and return how many entries that were.

    Args:
        control: Where the ledger is.
        engine: The warehouse, with the loads' records.
        loads: Which loads; None, or a ledger that knows nothing yet, is all that are applied.
        recorded_at: The present moment, naive UTC.
    """
    import pyarrow as pa

    chosen = None if loads is None or not last_sequence(control) else list(loads)
    relations = {"chosen_loads": pa.table({"load_id": pa.array(chosen or [], pa.int64())})}
    asked = (statement(each, tables=_TABLES, relations=relations, are_all=chosen is None) for each in _questions())
    # one question a time: DuckDB 2.0.0 cannot bind their union
    told = pa.concat_tables(engine.query(each) for each in asked)
    in_order = [("load_id", "ascending"), ("occurred_at", "ascending"), ("fingerprint", "ascending")]
    return append_rows(control, _rows(told.sort_by(in_order), recorded_at))


def _rows(told: pa.Table, recorded_at: datetime) -> Iterator[dict[str, object]]:
    for batch in told.to_batches(max_chunksize=20_000):
        for row in batch.to_pylist():
            yield {**row, "actor": _ACTOR, "recorded_at": recorded_at}


def _questions() -> Iterator[str]:
    """Yield the queries of all that the loads told, one row a statement."""
    left = "CASE WHEN email_unsubscribed_at IS NOT NULL THEN 'no' END"
    yield _asked(_from_contacts("email", "email", "email_consent", "email_consent_at"))
    yield _asked(_from_contacts("email", "email", left, "email_unsubscribed_at"))
    yield _asked(_from_contacts("sms", "phone", "sms_consent", "sms_consent_at"))
    yield _asked(_from_consents())
    yield _asked(_from_events())


def _asked(said: str) -> str:
    return f"""
        SELECT md5(concat_ws('|', load_id, received_at, place, channel, purpose, address_kind, address))
                AS fingerprint,
            address_kind, address, channel, purpose, status, basis, method, wording, source,
            occurred_at, is_dated,
            status <> 'yes' OR (is_dated AND basis = 'consent' AND coalesce(trim(method), '') <> '') AS is_firm,
            NULL::TIMESTAMP AS confirmed_at, evidence, load_id
        FROM ({said}) AS said
        WHERE ($are_all OR load_id IN (SELECT load_id FROM chosen_loads)) AND trim(address) <> ''
    """


def _address(kind: str) -> str:
    """Return the columns of the address of a kind: the identifier, where there is none."""
    return f"""CASE WHEN {kind} IS NOT NULL THEN '{kind}' ELSE {_IDENTIFIER} END AS address_kind,
                coalesce({kind}, {_VALUE}) AS address"""


def _from_contacts(channel: str, kind: str, status: str, moment: str) -> str:
    """Return the query of what contacts say of a channel, where a version says it anew."""
    told = "concat_ws('|', status, moment, address)"
    return f"""
        SELECT address_kind, address, '{channel}' AS channel,
            'marketing' AS purpose, status, CASE WHEN status = 'yes' THEN 'consent' END AS basis,
            NULL::VARCHAR AS method, NULL::VARCHAR AS wording, source,
            coalesce(moment, changed_at) AS occurred_at, moment IS NOT NULL AS is_dated,
            NULL::VARCHAR AS evidence, load_id, received_at,
            'contact {moment} ' || row_number AS place
        FROM (
            SELECT *, {told} IS DISTINCT FROM lag({told}) OVER (
                    PARTITION BY source, key ORDER BY load_id, row_number
                ) AS is_new
            FROM (
                SELECT source, key, load_id, row_number, received_at, {status} AS status, {moment} AS moment,
                    {_address(kind)},
                    coalesce(updated_at, created_at, received_at) AS changed_at
                FROM {{contacts}}
                -- of who was told of, all versions: each is compared with the one before it
                WHERE $are_all OR (source, key) IN (
                    SELECT (source, key) FROM {{contacts}} WHERE load_id IN (SELECT load_id FROM chosen_loads)
                )
            )
        )
        WHERE is_new AND status IN ('yes', 'no')
    """


def _from_consents() -> str:
    bases = " ".join(
        f"WHEN lower(trim(legal_basis)) IN ({', '.join(map(_quoted, words))}) THEN '{basis}'"
        for basis, words in _BASES.items()
    )
    kinds = " ".join(f"WHEN channel = '{name}' AND {kind} IS NOT NULL THEN '{kind}'" for name, kind in _KINDS)
    values = " ".join(f"WHEN channel = '{name}' AND {kind} IS NOT NULL THEN {kind}" for name, kind in _KINDS)
    return f"""
        SELECT CASE {kinds} ELSE {_IDENTIFIER} END AS address_kind,
            CASE {values} ELSE {_VALUE} END AS address,
            channel, coalesce(purpose, 'marketing') AS purpose, status,
            CASE WHEN status <> 'yes' THEN NULL WHEN legal_basis IS NULL THEN 'consent' {bases} ELSE 'other' END
                AS basis,
            method, wording, source, coalesce(occurred_at, received_at) AS occurred_at,
            occurred_at IS NOT NULL AS is_dated,
            CASE WHEN legal_basis IS NOT NULL THEN json_object('legal_basis', legal_basis)::VARCHAR END AS evidence,
            load_id, received_at, 'consent ' || row_number AS place
        FROM {{told}}
        WHERE status IN ('yes', 'no') AND channel IN ({", ".join(map(_quoted, CHANNELS))})
    """


def _from_events() -> str:
    """Return the query of noes among the events.

    They are of the addresses that stood with the subject in the same load, or of what names the subject.
    """
    kinds = " ".join(f"WHEN '{name}' THEN '{kind}'" for name, kind in _KINDS)
    return f"""
        SELECT coalesce(l.kind, s.kind) AS address_kind, coalesce(l.value, s.value) AS address, e.channel,
            'marketing' AS purpose, 'no' AS status, NULL::VARCHAR AS basis, e.name AS method,
            NULL::VARCHAR AS wording, e.source, e.occurred_at, true AS is_dated,
            CASE WHEN e.campaign_id IS NOT NULL THEN json_object('campaign_id', e.campaign_id)::VARCHAR END
                AS evidence,
            e.load_id, e.received_at, concat_ws(' ', 'event', e.name, e.source, e.message_id) AS place
        FROM {{events}} AS e
        JOIN {{subjects}} AS s ON s.subject_id = e.subject_id
        LEFT JOIN {{links}} AS l ON l.subject_id = e.subject_id AND l.load_id = e.load_id
            AND l.kind = CASE e.channel {kinds} END
        WHERE e.name IN ('unsubscribed', 'email_marked_as_spam') AND e.channel IS NOT NULL
            AND e.load_id IS NOT NULL
    """


_KINDS = tuple(ADDRESS_KINDS.items())


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"
