"""Rows of a shop drawn at random: few people, many odd things, some of them just on the edges of the window."""

from __future__ import annotations

import json
import random
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]

AS_OF = datetime(2026, 11, 22, 12, 0)
SINCE = AS_OF - timedelta(days=90)
PEOPLE = 40

_INSTANT = timedelta(microseconds=1)
_EDGES = (SINCE - _INSTANT, SINCE, AS_OF - _INSTANT, AS_OF, AS_OF - timedelta(days=1), SINCE + timedelta(days=1))
_MAIL = (
    *("email_delivered",) * 6,
    *("email_opened",) * 4,
    *("email_link_clicked", "email_bounced", "email_marked_as_spam", "unsubscribed"),
)
_SCORES = (0, 3, 6, 7, 8, 9, 10, 10, 11, "9", "nine", None)
_RATINGS = (1, 3, 4, 5, 5.0, 0, "4", None)


def draw(seed: int, events: int = 700) -> tuple[list[Row], list[Row], dict[str, set[int]]]:
    """Return profiles, events, and who is in which segment; anonymous visitors have numbers from 100 on."""
    chance = random.Random(seed)
    people = [*range(1, PEOPLE + 1), *range(100, 106)]
    profiles = [{"profile_id": each, "is_known": each < 100, "first_seen_at": datetime(2026, 1, 1)} for each in people]
    rows = [_event(chance, number, chance.choice([*people, None])) for number in range(events)]
    orders = [row for row in rows if row["name"] == "order_completed"]
    for number, order in enumerate(chance.sample(orders, len(orders) // 4)):
        name = chance.choice(("order_cancelled", "order_refunded"))
        later = min(order["occurred_at"] + timedelta(days=chance.random() * 20), AS_OF)
        amount = {"amount_e4": chance.choice((order["amount_e4"], 12_345, None))} if name == "order_refunded" else {}
        rows.append(_row(f"after-{number}", name, order["profile_id"], later, order_id=order["order_id"]) | amount)
    members = {
        "few": set(chance.sample(range(1, PEOPLE + 1), 5)),
        "half": set(chance.sample(people, PEOPLE // 2)),
        "nobody": set[int](),
        "all": set(range(1, PEOPLE + 1)),
    }
    return profiles, rows, members


def _event(chance: random.Random, number: int, profile: int | None) -> Row:
    at = chance.choice(_EDGES) if chance.random() < 0.1 else AS_OF - timedelta(days=200 * chance.random())
    match chance.choice(("order", "order", "mail", "mail", "mail", "cart", "view", "survey")):
        case "order":
            told: Row = {
                "order_id": f"o{number}",
                "amount_e4": chance.choice((None, 0, chance.randrange(1, 3_000_000))),
                "coupon": chance.choice((None, None, "TEN")),
                "quantity": chance.choice((None, Decimal(1), Decimal(2), Decimal("2.5"))),
                "sales_channel": chance.choice((None, "online", "store")),
            }
            return _row(str(number), "order_completed", profile, at, **told)
        case "mail":
            name = chance.choice(_MAIL)
            told = {"campaign_id": chance.choice((None, "c1", "c2", "c3")), "channel": chance.choice((None, "email"))}
            if name == "email_opened":
                told["is_machine"] = chance.choice((None, True, False))
            if name == "unsubscribed" and chance.random() < 0.3:
                told["channel"] = "sms"
            return _row(str(number), name, profile, at, **told)
        case "cart":
            return _row(str(number), "product_added", profile, at, session_id=chance.choice((None, "s1", "s2")))
        case "view":
            return _row(str(number), "product_viewed", profile, at)
        case _:
            answer = {"nps_score": chance.choice(_SCORES), "csat_score": chance.choice(_RATINGS)}
            written = {name: value for name, value in answer.items() if value is not None}
            return _row(str(number), "survey_answered", profile, at, properties=json.dumps(written))


def _row(number: str, name: str, profile: int | None, at: datetime, **told: Any) -> Row:
    return {"source": "shop", "message_id": number, "name": name, "profile_id": profile, "occurred_at": at} | told
