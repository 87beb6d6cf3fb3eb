"""Who shows a sign of life, who no longer does, and who is written to in vain.

A sign is an open by a person, a click, a visit or an order. Nobody set aside (a stop, a bounce, an exclusion list) is
counted: they are not written to any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.facts import SIGNS
from tesela.audit.found import Found, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.audit.ground import Ground

_NOT_ASIDE = "NOT is_aside"


def probe_reactivity(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `dormant`, `lost` and `mailed_in_vain`."""
    wanting = ground.wanting(*SIGNS)
    if wanting:
        silent = wanting if wanting.reason == "nobody" else Unknown("no_signs")
        return dict.fromkeys(("dormant", "lost", "mailed_in_vain"), silent)
    dormant = ground.those(f"sign_at < $d180 AND sign_at >= $d365 AND {_NOT_ASIDE}")
    lost = ground.those(f"(sign_at IS NULL OR sign_at < $d365) AND arrived_at < $d365 AND {_NOT_ASIDE}")
    never = ground.those(f"sign_at IS NULL AND arrived_at < $d365 AND {_NOT_ASIDE}")
    return {
        "dormant": Found(len(dormant), ground.base, dormant),
        "lost": Found(len(lost), ground.base, lost, figures={"never_a_sign": len(never)} if never else {}),
        "mailed_in_vain": ground.wanting("email_delivered") or _in_vain(ground),
    }


def probe_buyers(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `buyers_asleep` and `non_buyers_by_age`."""
    wanting = ground.wanting("order_completed")
    if wanting:
        return dict.fromkeys(("buyers_asleep", "non_buyers_by_age"), wanting)
    return {"buyers_asleep": _asleep(ground), "non_buyers_by_age": _non_buyers(ground)}


def _in_vain(ground: Ground) -> Found:
    """Find who was written to between six and three months ago, and has given no sign since."""
    those = f"delivered_before_90 > 0 AND (sign_at IS NULL OR sign_at < $d180) AND {_NOT_ASIDE}"
    people = ground.those(those)
    sums = ground.row(
        f"""
        SELECT count(*) FILTER (delivered_before_90 + delivered_90 > 0) AS mailed,
            coalesce(sum(delivered_90) FILTER ({those}), 0)::BIGINT AS messages_90
        FROM {{people}}
        """
    )
    figures = {"messages_90": sums["messages_90"]} if sums["messages_90"] else {}
    return Found(len(people), sums["mailed"], people, figures=figures)


def _asleep(ground: Ground) -> Found | Unknown:
    """Find the buyers who have not bought for longer than the shop's rhythm makes them cool."""
    buyers = ground.row("SELECT count(*) FILTER (orders > 0) AS n FROM {people}")["n"]
    if not buyers:
        return Unknown("nobody_asked")
    people = ground.those(
        "epoch_us($as_of::TIMESTAMP) - epoch_us(last_order_at) > $days::BIGINT * 86400000000", days=ground.sleep_days
    )
    return Found(len(people), buyers, people, figures={"sleep_days": ground.sleep_days})


def _non_buyers(ground: Ground) -> Found | Unknown:
    """Find those who never bought, came more than 90 days ago and have given no sign in the last 90."""
    sums = ground.row(
        """
        SELECT count(*) AS people, count(*) FILTER (arrived_at >= $d90) AS young,
            count(*) FILTER (arrived_at < $d90 AND sign_at >= $d90) AS old_awake
        FROM {people} WHERE orders = 0
        """
    )
    if not sums["people"]:
        return Unknown("nobody_asked")
    silent = f"orders = 0 AND arrived_at < $d90 AND (sign_at IS NULL OR sign_at < $d90) AND {_NOT_ASIDE}"
    people = ground.those(silent)
    figures = {"non_buyers_young": sums["young"], "non_buyers_awake": sums["old_awake"]}
    return Found(len(people), sums["people"], people, figures=figures)
