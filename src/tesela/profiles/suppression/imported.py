"""Stop the addresses that imports tell have bounced for good or complained."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.events import EVENTS, SUBJECT_LINKS
from tesela.profiles.consent_ledger import ADDRESS_KINDS
from tesela.profiles.suppression.stops import Stop, add_stops
from tesela.warehouse import statement

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from tesela.control import ControlStore
    from tesela.profiles.suppression.key import HashKey
    from tesela.warehouse import Engine

_KINDS = " ".join(f"WHEN '{channel}' THEN '{kind}'" for channel, kind in ADDRESS_KINDS.items())
# of the addresses that stood with the subject in the same load
_TOLD = f"""
    SELECT DISTINCT l.kind, l.value, e.channel, e.source, e.occurred_at,
        CASE WHEN e.name = 'email_bounced' THEN 'hard_bounce' ELSE 'complaint' END AS reason
    FROM {{events}} AS e
    JOIN {{links}} AS l ON l.subject_id = e.subject_id AND l.load_id = e.load_id
        AND l.kind = CASE e.channel {_KINDS} END
    WHERE ($are_all OR e.load_id IN (SELECT load_id FROM chosen_loads)) AND e.channel IS NOT NULL
        AND (e.name = 'email_marked_as_spam'
            OR (e.name = 'email_bounced' AND json_extract_string(e.properties, '$.bounce_type') = 'hard'))
"""


def append_bounces(
    control: ControlStore, engine: Engine, key: HashKey, *, loads: Iterable[int] | None, recorded_at: datetime
) -> int:
    """Stop the addresses of hard bounces and complaints of some loads; return how many stops are new.

    Args:
        control: Where stops are kept.
        engine: The warehouse, with the loads' events.
        key: The workspace's key.
        loads: Which loads; None is all.
        recorded_at: The present moment, naive UTC.
    """
    import pyarrow as pa

    chosen = pa.table({"load_id": pa.array([] if loads is None else list(loads), pa.int64())})
    asked = statement(
        _TOLD,
        tables={"events": EVENTS, "links": SUBJECT_LINKS},
        relations={"chosen_loads": chosen},
        are_all=loads is None,
    )
    told = engine.query(asked).to_pylist()
    stops = (
        Stop(
            key.hash(row["kind"], row["value"]),
            row["channel"],
            row["reason"],
            row["occurred_at"],
            row["source"],
            actor="import",
        )
        for row in told
    )
    return add_stops(control, stops, recorded_at=recorded_at) if told else 0
