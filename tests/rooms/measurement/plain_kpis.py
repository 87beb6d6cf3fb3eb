"""The metrics of the catalogue in plain Python, person by person and event by event: what SQL must agree with."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

Row = dict[str, Any]
Value = Fraction | None

_DAY = timedelta(days=1)


class PlainShop:
    """Events of one shop, in a window.

    Args:
        events: Rows.
        since: Where the window begins; None for all time.
        as_of: Where it ends.
    """

    def __init__(self, events: list[Row], since: datetime | None, as_of: datetime) -> None:
        self.since, self.as_of = since or datetime.min, as_of
        self.known = [row for row in events if row["occurred_at"] < as_of]
        self.rows = [row for row in self.known if row["occurred_at"] >= self.since and row["profile_id"] is not None]
        self.cancelled = {row["order_id"] for row in self.known if row["name"] == "order_cancelled"}
        self.given_back = {row["order_id"] for row in self.known if row["name"] == "order_refunded"}
        self.orders = [row for row in self.rows if self._is_order(row)]
        self.ever = [row for row in self.known if row["profile_id"] is not None and self._is_order(row)]

    def measure(self, people: set[int], base: set[int]) -> dict[str, Value]:
        """Return every metric that needs no consent and no period before."""
        told = self._sums(people)
        whole = self._sums(base)
        size = len(people)
        return {
            "size": Fraction(size),
            "share_of_base": _over(size, len(base)),
            "delivery_rate": _over(told["delivered"], told["delivered"] + told["bounced"]),
            "open_rate": _over(told["opened"], told["delivered"]),
            "machine_open_rate": _over(told["machine"], told["delivered"]),
            "click_rate": _over(told["clicked"], told["delivered"]),
            "click_to_open_rate": _over(told["both"], told["opened"]),
            "unsubscribe_rate": _over(told["left"], told["delivered"]),
            "bounce_rate": _over(told["bounced"], told["delivered"] + told["bounced"]),
            "complaint_rate": _over(told["spam"], told["delivered"]),
            "buyers": told["buyers"],
            "conversion": _over(told["buyers"], size),
            "orders": told["orders"],
            "revenue": told["revenue"],
            "net_revenue": told["revenue"] - told["refunded"],
            "share_of_revenue": _over(told["revenue"], whole["revenue"]),
            "average_order_value": _over(told["revenue"], told["orders"]),
            "items_per_order": _over(told["pieces"], told["sized"]),
            "orders_per_profile": _over(told["orders"], size),
            "orders_per_buyer": _over(told["orders"], told["buyers"]),
            "days_between_orders": _over(told["gap"], told["gaps"]),
            "days_since_last_order": self._recency(people),
            "repeat_rate": _over(told["repeaters"], told["buyers"]),
            "coupon_share": _over(told["coupons"], told["orders"]),
            "refund_share": _over(told["back"], told["orders"]),
            "cart_abandonment": _over(told["abandoned"], told["carts"]),
            "browse_to_buy": _over(told["looked_and_bought"], told["looked"]),
            "revenue_per_profile": _over(told["revenue"], size),
            "revenue_per_email": _over(told["mailed_revenue"], told["delivered"]),
            "nps": _over(100 * told["nps"], told["answers"]),
            "satisfaction": _over(told["satisfied"], told["rated"]),
        }

    def _sums(self, people: set[int]) -> Counter[str]:
        told: Counter[str] = Counter()
        for person in people:
            told.update(self._of(person))
        return Counter({name: Fraction(value) for name, value in told.items()})  # type: ignore[arg-type]

    def _of(self, person: int) -> dict[str, Any]:
        own = [row for row in self.rows if row["profile_id"] == person]
        orders = sorted((row for row in self.orders if row["profile_id"] == person), key=lambda row: row["occurred_at"])
        revenue = sum(Fraction(row.get("amount_e4") or 0, 10_000) for row in orders)
        sized = [row["quantity"] for row in orders if row.get("quantity") is not None]
        mail = self._mail(own)
        views = [row["occurred_at"] for row in own if row["name"] == "product_viewed"]
        seconds = int((orders[-1]["occurred_at"] - orders[0]["occurred_at"]) // timedelta(seconds=1)) if orders else 0
        refunds = [row.get("amount_e4") or 0 for row in own if row["name"] == "order_refunded"]
        return {
            **mail,
            **self._carts(own, orders),
            **self._answers(own),
            "buyers": int(bool(orders)),
            "repeaters": int(len(orders) >= 2),
            "orders": len(orders),
            "revenue": revenue,
            "mailed_revenue": revenue if mail["delivered"] else 0,
            "refunded": Fraction(sum(refunds), 10_000),
            "pieces": sum(Fraction(Decimal(each)) for each in sized),
            "sized": len(sized),
            "gap": Fraction(seconds, 86_400) if len(orders) > 1 else 0,
            "gaps": max(len(orders) - 1, 0),
            "coupons": sum(row.get("coupon") is not None for row in orders),
            "back": sum(row["order_id"] in self.given_back for row in orders),
            "looked": int(bool(views)),
            "looked_and_bought": int(bool(views) and bool(orders) and orders[-1]["occurred_at"] >= min(views)),
        }

    def _mail(self, own: list[Row]) -> dict[str, int]:
        campaigns: dict[str | None, Counter[str]] = defaultdict(Counter)
        for row in own:
            name = row["name"]
            if name == "email_opened":
                name = "scanned" if row.get("is_machine") else "seen"
            if name == "unsubscribed" and row.get("channel") not in (None, "email"):
                continue
            campaigns[row.get("campaign_id")][name] += 1
        told: Counter[str] = Counter()
        for each in campaigns.values():
            sent, seen = each["email_delivered"], min(each["email_delivered"], each["seen"])
            told["delivered"] += sent
            told["bounced"] += each["email_bounced"]
            told["opened"] += seen
            told["machine"] += min(sent - seen, each["scanned"])
            told["clicked"] += min(sent, each["email_link_clicked"])
            told["both"] += min(seen, each["email_link_clicked"])
            told["spam"] += min(sent, each["email_marked_as_spam"])
            told["left"] += min(sent, each["unsubscribed"])
        return dict(told) | {"delivered": told["delivered"]}

    def _carts(self, own: list[Row], orders: list[Row]) -> dict[str, int]:
        visits: dict[str, list[datetime]] = defaultdict(list)
        for row in own:
            if row["name"] == "product_added":
                visits[row.get("session_id") or f"{row['occurred_at']:%Y-%m-%d}"].append(row["occurred_at"])
        over = [times for times in visits.values() if max(times) + _DAY < self.as_of]
        online = [row["occurred_at"] for row in orders if row.get("sales_channel") != "store"]
        paid = sum(any(min(times) <= at < max(times) + _DAY for at in online) for times in over)
        return {"carts": len(over), "abandoned": len(over) - paid}

    def _answers(self, own: list[Row]) -> dict[str, int]:
        told: Counter[str] = Counter()
        for row in own:
            if row["name"] != "survey_answered":
                continue
            answer = json.loads(row["properties"])
            nps, rating = _number(answer.get("nps_score"), 0, 10), _number(answer.get("csat_score"), 1, 5)
            if nps is not None:
                told["answers"] += 1
                told["nps"] += (nps >= 9) - (nps <= 6)
            if rating is not None:
                told["rated"] += 1
                told["satisfied"] += rating >= 4
        return dict(told)

    def _recency(self, people: set[int]) -> Value:
        last: dict[int, datetime] = {}
        for row in self.ever:
            if row["profile_id"] in people:
                last[row["profile_id"]] = max(row["occurred_at"], last.get(row["profile_id"], datetime.min))
        days = sorted((self.as_of - at).days for at in last.values())
        return Fraction(days[(len(days) - 1) // 2]) if days else None

    def _is_order(self, row: Row) -> bool:
        return row["name"] == "order_completed" and row["order_id"] not in self.cancelled


def _over(part: Any, whole: Any) -> Value:
    return Fraction(part) / Fraction(whole) if whole else None


def _number(written: Any, least: int, most: int) -> float | None:
    try:
        value = float(written)
    except (TypeError, ValueError):
        return None
    return value if least <= value <= most else None
