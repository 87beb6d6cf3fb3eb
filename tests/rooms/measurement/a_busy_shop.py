"""A warehouse full of invented people, always the same: for looking at whole reports."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rooms.measurement.a_measured_shop import AS_OF, MADRID, AMeasuredShop
from tesela.events import EVENTS
from tesela.profiles import CONSENTS, PROFILES
from tesela.segments import publish_memberships
from tesela.segments.definitions import load_starter

if TYPE_CHECKING:
    from tesela.measurement import Report

_ORIGINS = ("form", "sweepstake", "social", "store", "account", "co_registration", "bought", "feria", None)


def fill(shop: AMeasuredShop, people: int = 400, seed: int = 7) -> AMeasuredShop:
    """Fill a shop with people who come, buy, open e-mails and go."""
    chance = random.Random(seed)
    profiles: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    consents: list[dict[str, Any]] = []
    for person in range(1, people + 1):
        days = int(700 * chance.random() ** 1.3) + 1
        known = chance.random() < 0.8
        profiles.append(
            {
                "profile_id": person,
                "is_known": known,
                "first_seen_at": AS_OF - timedelta(days=days),
                "first_source": chance.choices(_ORIGINS, (9, 7, 5, 4, 8, 2, 2, 1, 3))[0],
            }
        )
        eagerness = chance.paretovariate(1.3) - 1
        until = days * chance.random() ** 2
        orders = min(int(eagerness * 1.5), 25)
        happened = [("order_completed", until + (days - until) * chance.random()) for _ in range(orders)]
        if chance.random() < 0.7:
            sends = min(days // 20, 15)
            happened += [("email_delivered", 1 + days * chance.random()) for _ in range(sends)]
            happened += [
                ("email_opened", 0.5 + days * chance.random() ** 2) for _ in range(sends) if chance.random() < 0.3
            ]
        for place, (name, ago) in enumerate(happened):
            events.append(
                {
                    "profile_id": person,
                    "name": name,
                    "occurred_at": AS_OF - timedelta(days=ago),
                    "source": "shop",
                    "message_id": f"{person}-{place}",
                    "order_id": f"{person}-{place}" if name == "order_completed" else None,
                    "amount_e4": int(chance.lognormvariate(3.6, 0.7) * 100) * 100
                    if name == "order_completed"
                    else None,
                    "is_machine": chance.random() < 0.1 if name == "email_opened" else None,
                }
            )
        for channel, share in (("email", 0.7), ("sms", 0.25), ("whatsapp", 0.1)):
            if chance.random() < share:
                consents.append(
                    {
                        "profile_id": person,
                        "address": f"a{person}",
                        "channel": channel,
                        "purpose": "marketing",
                        "status": "yes" if chance.random() < 0.8 else "no",
                        "occurred_at": AS_OF - timedelta(days=days),
                    }
                )
    return shop.add(PROFILES, profiles).add(EVENTS, events).add(CONSENTS, consents)


def busy_report(shop: AMeasuredShop, people: int = 400) -> Report:
    """Return the report of a filled shop with the starter segments."""
    fill(shop, people)
    segments = load_starter()
    publish_memberships(shop.engine, {segment.slug: segment for segment in segments}, as_of=AS_OF, zone=MADRID)
    return shop.report(*segments, name="La Tienda de Alba")
