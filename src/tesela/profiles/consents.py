"""Build `consents` from everything that tells a yes or a no: consent files, contacts, unsubscribes.

Until the ledger exists (a later stage) this table is made anew from the records.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS, IDENTIFIER_KINDS, RECORDS, SUBJECTS
from tesela.profiles.tables import CONSENTS, SUBJECT_PROFILES
from tesela.warehouse import Statement, statement

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = {
    "consents": CONSENTS,
    "told": RECORDS["consents"],
    "contacts": RECORDS["contacts"],
    "events": EVENTS,
    "subjects": SUBJECTS,
    "owners": SUBJECT_PROFILES,
}

_KIND = "CASE " + " ".join(f"WHEN {kind} IS NOT NULL THEN '{kind}'" for kind in IDENTIFIER_KINDS) + " END"
_VALUE = f"coalesce({', '.join(IDENTIFIER_KINDS)})"
_EMAIL_OR_IDENTIFIER = f"coalesce(email, {_VALUE})"
_PHONE_OR_IDENTIFIER = f"coalesce(phone, {_VALUE})"


def build_consents() -> Iterator[Statement]:
    """Make `consents` anew; identity must be resolved."""
    yield statement("DELETE FROM {consents}", tables=_TABLES)
    yield statement(
        f"""
        INSERT INTO {{consents}} BY NAME
        WITH said AS (
            SELECT {_KIND} AS kind, {_VALUE} AS value,
                CASE WHEN channel = 'email' THEN {_EMAIL_OR_IDENTIFIER}
                     WHEN channel IN ('sms', 'whatsapp', 'phone') THEN {_PHONE_OR_IDENTIFIER}
                     ELSE {_VALUE} END AS address,
                channel, coalesce(purpose, 'marketing') AS purpose, status,
                coalesce(occurred_at, received_at) AS occurred_at, source, load_id,
                json_object('method', method, 'wording', wording, 'legal_basis', legal_basis) AS evidence
            FROM {{told}} WHERE is_current
            UNION ALL BY NAME
            SELECT {_KIND} AS kind, {_VALUE} AS value, {_EMAIL_OR_IDENTIFIER} AS address, 'email' AS channel,
                'marketing' AS purpose, email_consent AS status, source, load_id,
                coalesce(email_consent_at, updated_at, created_at, received_at) AS occurred_at
            FROM {{contacts}} WHERE email_consent IN ('yes', 'no')
            UNION ALL BY NAME
            SELECT {_KIND} AS kind, {_VALUE} AS value, {_EMAIL_OR_IDENTIFIER} AS address, 'email' AS channel,
                'marketing' AS purpose, 'no' AS status, source, load_id, email_unsubscribed_at AS occurred_at
            FROM {{contacts}} WHERE email_unsubscribed_at IS NOT NULL
            UNION ALL BY NAME
            SELECT {_KIND} AS kind, {_VALUE} AS value, {_PHONE_OR_IDENTIFIER} AS address, 'sms' AS channel,
                'marketing' AS purpose, sms_consent AS status, source, load_id,
                coalesce(sms_consent_at, updated_at, created_at, received_at) AS occurred_at
            FROM {{contacts}} WHERE sms_consent IN ('yes', 'no')
        )
        SELECT DISTINCT o.profile_id, a.address, a.channel, a.purpose, a.status, a.occurred_at, a.source,
            a.evidence, a.load_id
        FROM said AS a
        JOIN {{subjects}} AS s ON s.kind = a.kind AND s.value = a.value
        JOIN {{owners}} AS o ON o.subject_id = s.subject_id
        UNION ALL BY NAME
        SELECT DISTINCT e.profile_id, s.value AS address, e.channel, 'marketing' AS purpose, 'no' AS status,
            e.occurred_at, e.source, json_object('method', e.name) AS evidence, e.load_id
        FROM {{events}} AS e JOIN {{subjects}} AS s USING (subject_id)
        WHERE e.name IN ('unsubscribed', 'email_marked_as_spam') AND e.channel IS NOT NULL
        """,
        tables=_TABLES,
    )
