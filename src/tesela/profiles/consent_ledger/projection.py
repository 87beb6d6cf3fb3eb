"""Make `consents` from the ledger: what holds for each address since when, for the people of today.

What is new in the ledger is copied; then everybody for whom something can differ is made anew: who carries an
address with a new entry, and who carries other addresses than last time (merges, unmerges). All of it is one
write, so a reader finds the old or the new; run again, it changes nothing.

An address stands at yes when nothing firm was said to the contrary: no no and no refusal of the person herself, or
a proven opt-in that is later than all of them. Where the person is the address (post, on-site, web push) all of
her identifiers that said anything must stand at yes. A row is written at each moment at which something was said
that counts; objections have a row of their own under the channel `any` as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import SUBJECT_LINKS
from tesela.profiles.consent_ledger.entry import ADDRESS_KINDS, ANY_CHANNEL
from tesela.profiles.consent_ledger.ledger import entry_schema, read_entries
from tesela.profiles.tables import CHANGED_PROFILES, CONSENT_ADDRESSES, CONSENT_ENTRIES, CONSENTS, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import pyarrow as pa

    from tesela.control import ControlStore
    from tesela.warehouse import Engine, Table

_CARRIED, _AFFECTED, _TOLD = "consents_carried", "consents_affected", "consents_told"
_NEW = "new_entries"
_TABLES: dict[str, Table | str] = {
    "consents": CONSENTS,
    "entries": CONSENT_ENTRIES,
    "addresses": CONSENT_ADDRESSES,
    "links": SUBJECT_LINKS,
    "owners": SUBJECT_PROFILES,
    "changed": CHANGED_PROFILES,
    "carried": _CARRIED,
    "affected": _AFFECTED,
    "told": _TOLD,
}

_KEY = ("profile_id", "address_kind", "address", "channel", "purpose")
_CARRIED_ON = (
    *("sequence", "load_id", "basis", "method", "wording", "source"),
    *("occurred_at", "is_firm", "confirmed_at", "evidence"),
)


def project_consents(control: ControlStore, engine: Engine) -> int:
    """Bring `consents` up to the ledger and to who is who today, all or nothing.

    Returns:
        The sequence of the newest entry that was copied.
    """
    engine.write(build_consents(read_new_entries(control, engine)))
    return copied_sequence(engine)


def copied_sequence(engine: Engine) -> int:
    """Return the sequence up to which the warehouse holds the ledger; 0 for nothing."""
    asked = statement("SELECT coalesce(max(sequence), 0) AS newest FROM {entries}", tables=_TABLES)
    return int(engine.query(asked).to_pylist()[0]["newest"])


def read_new_entries(control: ControlStore, engine: Engine) -> pa.Table:
    """Return the entries of the ledger that the warehouse lacks."""
    return read_entries(control, since=copied_sequence(engine))


def build_consents(new_entries: pa.Table | None = None) -> Iterator[Statement]:
    """Copy new entries of the ledger, make the rows of whom they concern and note those; identity must be resolved.

    Args:
        new_entries: From `read_new_entries`. Those of imports that were taken back are left out.
    """
    new = entry_schema().empty_table() if new_entries is None else new_entries
    relations = {_NEW: new}
    yield statement(
        """
        INSERT INTO {entries} BY NAME
        SELECT * FROM new_entries
        -- whoever says something has identifiers, so a load without any was taken back
        WHERE load_id IS NULL OR load_id IN (SELECT load_id FROM {links})
        """,
        tables=_TABLES,
        relations=relations,
    )
    yield from _find_affected(new)
    yield statement("DELETE FROM {consents} WHERE profile_id IN (SELECT profile_id FROM {affected})", tables=_TABLES)
    yield _gather_told()
    yield _write_standings()
    yield statement("DELETE FROM {addresses} WHERE profile_id IN (SELECT profile_id FROM {affected})", tables=_TABLES)
    yield statement(
        "INSERT INTO {addresses} SELECT profile_id, kind, value FROM {carried}"
        " WHERE profile_id IN (SELECT profile_id FROM {affected})",
        tables=_TABLES,
    )
    yield statement(
        "INSERT INTO {changed} SELECT profile_id FROM {affected}"
        " WHERE profile_id NOT IN (SELECT profile_id FROM {changed})",
        tables=_TABLES,
    )
    for name in (_CARRIED, _AFFECTED, _TOLD):
        yield statement("DROP TABLE {gone}", tables={"gone": name})


def _find_affected(new: pa.Table) -> Iterator[Statement]:
    yield statement(
        """
        CREATE TEMPORARY TABLE {carried} AS
        SELECT DISTINCT o.profile_id, l.kind, l.value
        FROM {links} AS l
        JOIN {owners} AS o ON o.subject_id = l.subject_id
        JOIN (SELECT DISTINCT address_kind, address FROM {entries}) AS e
            ON e.address_kind = l.kind AND e.address = l.value
        """,
        tables=_TABLES,
    )
    yield statement(
        """
        CREATE TEMPORARY TABLE {affected} AS
        SELECT DISTINCT profile_id FROM (
            SELECT c.profile_id FROM {carried} AS c
            JOIN (SELECT DISTINCT address_kind, address FROM new_entries) AS n
                ON n.address_kind = c.kind AND n.address = c.value
            UNION ALL
            SELECT coalesce(c.profile_id, a.profile_id) AS profile_id
            FROM {carried} AS c
            FULL JOIN {addresses} AS a ON a.profile_id = c.profile_id AND a.kind = c.kind AND a.value = c.value
            WHERE c.profile_id IS NULL OR a.profile_id IS NULL
        ) AS moved
        """,
        tables=_TABLES,
        relations={_NEW: new},
    )


def _gather_told() -> Statement:
    """Return the statement that puts together all that reaches each address, its own words and the person's."""
    return statement(
        f"""
        CREATE TEMPORARY TABLE {{told}} AS
        WITH said AS (
            SELECT c.profile_id, e.*, {_kind_of("e")} AS needed_kind
            FROM {{entries}} AS e
            JOIN {{carried}} AS c ON c.kind = e.address_kind AND c.value = e.address
            WHERE c.profile_id IN (SELECT profile_id FROM {{affected}})
        ),
        own AS (
            SELECT * FROM said WHERE channel <> '{ANY_CHANNEL}' AND coalesce(needed_kind, address_kind) = address_kind
        ),
        refusals AS (
            SELECT * FROM said
            WHERE status = 'objection' OR (status = 'no' AND needed_kind <> address_kind)
        ),
        keys AS (SELECT DISTINCT {_listed("k", _KEY)} FROM own AS k)
        SELECT {_listed("o", _KEY)}, o.needed_kind, o.status, true AS is_own, false AS is_objection,
            {_listed("o", _CARRIED_ON)}
        FROM own AS o
        UNION ALL
        SELECT {_listed("k", _KEY)}, {_kind_of("k")} AS needed_kind, 'no' AS status, false AS is_own,
            r.status = 'objection' AS is_objection, {_listed("r", _CARRIED_ON)}
        FROM keys AS k
        JOIN refusals AS r ON r.profile_id = k.profile_id AND r.purpose = k.purpose
            AND (r.channel = k.channel OR r.channel = '{ANY_CHANNEL}')
        UNION ALL
        -- the objection itself, for who asks why
        SELECT {_listed("r", _KEY)}, 'none' AS needed_kind, 'no' AS status, true AS is_own,
            true AS is_objection, {_listed("r", _CARRIED_ON)}
        FROM refusals AS r WHERE r.status = 'objection'
        """,
        tables=_TABLES,
    )


def _write_standings() -> Statement:
    key = _listed("t", _KEY)
    so_far = f"OVER (PARTITION BY {key} ORDER BY t.occurred_at)"
    return statement(
        f"""
        INSERT INTO {{consents}} BY NAME
        WITH heard AS (
            SELECT t.*,
                max(CASE WHEN t.status = 'no' THEN t.occurred_at END) {so_far} AS no_at,
                max(CASE WHEN t.status = 'yes' AND t.is_firm THEN t.occurred_at END) {so_far} AS opt_in_at,
                max(CASE WHEN t.is_own THEN 1 ELSE 0 END) {so_far} AS has_spoken,
                -- of two at one time the no, which sorts before the yes
                row_number() OVER (
                    PARTITION BY {key}, t.occurred_at ORDER BY t.status, t.is_firm DESC, t.sequence DESC
                ) AS place
            FROM {{told}} AS t
        ),
        standing AS (
            SELECT t.*,
                CASE WHEN t.no_at IS NULL OR t.opt_in_at > t.no_at THEN 'yes' ELSE 'no' END AS stands_at,
                CASE
                    WHEN t.status = 'no' THEN NULL WHEN t.opt_in_at IS NOT NULL THEN 'consent'
                    WHEN t.basis = 'consent' THEN 'unproven' ELSE t.basis
                END AS stands_on,
                lead(t.occurred_at) OVER (PARTITION BY {key} ORDER BY t.occurred_at) AS until
            FROM heard AS t WHERE t.place = 1
        ),
        -- where the person is the address: from when to when one of her identifiers stands at no
        barred AS (
            SELECT * FROM standing WHERE needed_kind IS NULL AND stands_at = 'no' AND has_spoken = 1
        ),
        -- and from when to when one stands at a yes that is no proven opt-in
        weak AS (
            SELECT * FROM standing WHERE needed_kind IS NULL AND stands_at = 'yes' AND stands_on <> 'consent'
        )
        SELECT s.profile_id, s.address, s.channel, s.purpose,
            CASE WHEN {_covered_by("barred")} THEN 'no' ELSE s.stands_at END AS status, s.occurred_at, s.source,
            json_object(
                'method', s.method, 'wording', s.wording, 'legal_basis', s.basis, 'confirmed_at', s.confirmed_at,
                'evidence', s.evidence
            ) AS evidence,
            s.load_id, s.sequence,
            CASE WHEN {_covered_by("weak")} AND s.stands_on = 'consent' THEN 'unproven' ELSE s.stands_on END AS basis,
            s.is_objection
        FROM standing AS s
        -- a yes that does not count is evidence and no more; one of several identifiers may still take a yes away
        WHERE s.needed_kind IS NULL OR s.stands_at = s.status
        """,
        tables=_TABLES,
    )


def _covered_by(spells: str) -> str:
    """Return the SQL of whether a spell of one of the person's identifiers covers the moment of a row."""
    return f"""s.needed_kind IS NULL AND EXISTS (
                SELECT 1 FROM {spells} AS b
                WHERE b.profile_id = s.profile_id AND b.channel = s.channel AND b.purpose = s.purpose
                    AND b.occurred_at <= s.occurred_at AND (b.until IS NULL OR b.until > s.occurred_at)
            )"""


def _kind_of(row: str) -> str:
    """Return the SQL of the kind that addresses of a row's channel have; missing where the person is the address."""
    cases = " ".join(f"WHEN '{name}' THEN '{kind}'" for name, kind in ADDRESS_KINDS.items())
    return f"CASE {row}.channel {cases} END"


def _listed(row: str, names: Iterable[str]) -> str:
    return ", ".join(f"{row}.{name}" for name in names)
