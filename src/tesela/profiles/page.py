"""What is known of one person: identifiers and why they are hers, attributes with their sources, consents, events."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tesela.events import EVENTS, IDENTIFIER_KINDS, SUBJECT_LINKS, SUBJECTS
from tesela.profiles.tables import (
    ATTRIBUTE_VALUES,
    CONSENTS,
    IDENTIFIERS,
    IDENTITY_MERGES,
    PROFILES,
    SUBJECT_PROFILES,
    SUPPRESSIONS,
)
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from tesela.profiles.resolution import Resolution
    from tesela.warehouse import Engine

    Row = Mapping[str, Any]

_TABLES = {
    "attributes": ATTRIBUTE_VALUES,
    "consents": CONSENTS,
    "events": EVENTS,
    "links": SUBJECT_LINKS,
    "merges": IDENTITY_MERGES,
    "owners": SUBJECT_PROFILES,
    "profiles": PROFILES,
    "identifiers": IDENTIFIERS,
    "suppressions": SUPPRESSIONS,
    "subjects": SUBJECTS,
}
_RANK = " ".join(f"WHEN '{kind}' THEN {place}" for place, kind in enumerate(IDENTIFIER_KINDS))


@dataclass(frozen=True, slots=True)
class Identifiers:
    """Why a person is one.

    Attributes:
        identifiers: `kind`, `value`, `since`, `sources`, `subjects` (numbers of the records' identifiers that carry
            it), the strongest kind first.
        merges: `one`, `other` (identifiers that are one person), `kind`, `value` (what both carry), `merged_at`,
            `cause`, and `unmerged_at`, `end_cause` where it was so once; in the order of their times.
        barred: `kind`, `value`, `reason`, `detail`, `distinct`: identifiers of hers that merge nobody, and why.
    """

    identifiers: Sequence[Row]
    merges: Sequence[Row]
    barred: Sequence[Row]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known about a person.

    Attributes:
        is_known: Whether she is more than an anonymous visitor.
        first_seen_at: Time of the earliest record or event, naive UTC.
        attributes: `field`, `value`, `source`, `valid_from`: what holds now; where cleaning made the value, `original`
            and the `rules` that made it.
        consents: `address`, `channel`, `purpose`, `status`, `occurred_at`, `source`, `basis`, `wording`, `sequence`,
            `is_objection`: what holds of each, and the entry of the ledger that says so.
        suppressions: `kind`, `value`, `channel`, `reason`, `list_name`, `occurred_at`, `binds_consented`.
        events: `name`, `occurred_at`, `source`, `order_id`, `product_id`, `amount_e4`, ...: the newest first.
        event_count: How many events there are in all.
    """

    is_known: bool
    first_seen_at: datetime | None
    attributes: Sequence[Row]
    consents: Sequence[Row]
    suppressions: Sequence[Row]
    events: Sequence[Row]
    event_count: int


def read_identifiers(engine: Engine, resolution: Resolution, profile_id: int) -> Identifiers:
    """Return why a person is one.

    Args:
        engine: The workspace's own warehouse.
        resolution: What was found of all identifiers.
        profile_id: The person.
    """
    import numpy as np

    asked: dict[str, Any] = {"profile_id": profile_id}
    identifiers = engine.query(
        statement(
            f"""
            SELECT l.kind, l.value, min(l.since) AS since, list(DISTINCT l.source ORDER BY l.source) AS sources,
                list(DISTINCT l.subject_id ORDER BY l.subject_id) AS subjects
            FROM {{owners}} AS o JOIN {{links}} AS l ON l.subject_id = o.subject_id
            WHERE o.profile_id = $profile_id
            GROUP BY l.kind, l.value ORDER BY CASE l.kind {_RANK} END, min(l.since), l.value
            """,
            tables=_TABLES,
            **asked,
        )
    ).to_pylist()
    merges = engine.query(
        statement(
            """
            WITH own AS (SELECT subject_id FROM {owners} WHERE profile_id = $profile_id)
            SELECT one.kind || ':' || one.value AS one, other.kind || ':' || other.value AS other, m.kind, m.value,
                m.merged_at, m.cause, m.unmerged_at, m.end_cause
            FROM {merges} AS m
            JOIN {subjects} AS one ON one.subject_id = m.with_subject_id
            JOIN {subjects} AS other ON other.subject_id = m.subject_id
            WHERE m.subject_id IN (SELECT subject_id FROM own) OR m.with_subject_id IN (SELECT subject_id FROM own)
            ORDER BY m.merged_at, m.with_subject_id, m.subject_id, m.kind, m.value
            """,
            tables=_TABLES,
            **asked,
        )
    ).to_pylist()
    carriers = np.array(sorted({subject for row in identifiers for subject in row["subjects"]}), np.int64)
    barred = resolution.barred(resolution.values_of(carriers)).to_pylist() if len(carriers) else []
    return Identifiers(identifiers, merges, barred)


def read_facts(engine: Engine, profile_id: int, *, newest: int) -> Facts:
    """Return what is known about a person.

    Args:
        engine: Where profiles and events are.
        profile_id: The person.
        newest: How many of her events, the newest first.
    """
    asked: dict[str, Any] = {"profile_id": profile_id}

    def rows(template: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = engine.query(statement(template, tables=_TABLES, **asked)).to_pylist()
        return found

    own = rows("SELECT is_known, first_seen_at FROM {profiles} WHERE profile_id = $profile_id")
    attributes = rows(
        """
        SELECT field, value, source, valid_from, original, rules FROM (
            SELECT field, value, source, valid_from, original, rules,
                row_number() OVER (PARTITION BY field ORDER BY valid_from DESC, load_id DESC) AS place
            FROM {attributes} WHERE profile_id = $profile_id
        ) AS ranked WHERE place = 1 AND value IS NOT NULL ORDER BY field
        """
    )
    consents = rows(
        """
        SELECT address, channel, purpose, status, occurred_at, source, basis, evidence, sequence, is_objection FROM (
            SELECT address, channel, purpose, status, occurred_at, source, basis, evidence, sequence, is_objection,
                row_number() OVER (PARTITION BY address, channel, purpose ORDER BY occurred_at DESC, status) AS place
            FROM {consents} WHERE profile_id = $profile_id
        ) AS ranked WHERE place = 1 ORDER BY channel, purpose, address
        """
    )
    suppressions = rows(
        """
        SELECT s.kind, s.value, s.channel, s.reason, s.list_name, s.occurred_at, s.binds_consented
        FROM {suppressions} AS s
        WHERE EXISTS (
            SELECT 1 FROM {identifiers} AS i
            WHERE i.profile_id = $profile_id AND i.kind = s.kind AND i.value = s.value
        ) OR EXISTS (
            SELECT 1 FROM {profiles} AS p WHERE p.profile_id = $profile_id
                AND ((s.kind = 'email' AND p.email = s.value) OR (s.kind = 'phone' AND p.phone = s.value))
        )
        ORDER BY s.channel, s.kind, s.value, s.reason, s.list_name
        """
    )
    events = rows(
        f"""
        SELECT name, occurred_at, source, order_id, product_id, category, amount_e4, coupon, campaign_id, channel, url
        FROM {{events}} WHERE profile_id = $profile_id
        ORDER BY occurred_at DESC, name, source, message_id LIMIT {newest:d}
        """
    )
    count = rows("SELECT count(*) AS n FROM {events} WHERE profile_id = $profile_id")[0]["n"]
    is_known = bool(own and own[0]["is_known"])
    return Facts(
        is_known,
        own[0]["first_seen_at"] if own else None,
        attributes,
        list(map(_told, consents)),
        suppressions,
        events,
        int(count),
    )


def _told(consent: dict[str, Any]) -> Row:
    """Return a consent with what was agreed to, out of its evidence."""
    evidence = consent.pop("evidence")
    told = json.loads(evidence) if isinstance(evidence, str) else evidence or {}
    return {**consent, "wording": told.get("wording"), "method": told.get("method")}
