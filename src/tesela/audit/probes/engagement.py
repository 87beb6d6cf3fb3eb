"""Who shows a sign of life, who no longer does, and who is written to in vain.

A sign is an open by a person, a click, a visit or an order. Nobody set aside (a stop, a bounce, an exclusion list) is
counted: they are not written to any more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.facts import VISITS
from tesela.audit.found import Found, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.audit.ground import Ground

SIGNS = ("email_opened", "email_link_clicked", "order_completed", *VISITS)
_NOT_ASIDE = "NOT is_aside"


def probe_reactivity(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `dormant`, `lost` and `mailed_in_vain`."""
    wanting = ground.wanting(*SIGNS)
    if wanting:
        silent = wanting if wanting.reason == "nobody" else Unknown("no_signs")
        return dict.fromkeys(("dormant", "lost", "mailed_in_vain"), silent)
    dormant = ground.those(f"sign_at < $d180 AND sign_at >= $d365 AND {_NOT_ASIDE}")
    lost = ground.those(f"(sign_at IS NULL OR sign_at < $d365) AND arrived_at < $d365 AND {_NOT_ASIDE}")
    return {
        "dormant": Found(len(dormant), ground.base, dormant),
        "lost": Found(len(lost), ground.base, lost),
        "mailed_in_vain": ground.wanting("email_delivered") or _in_vain(ground),
    }


def _in_vain(ground: Ground) -> Found:
    """Find who was written to between six and three months ago, and has given no sign since."""
    those = "delivered_before_90 > 0 AND (sign_at IS NULL OR sign_at < $d180)"
    people = ground.those(f"{those} AND {_NOT_ASIDE}")
    sums = ground.row(
        f"""
        SELECT count(*) FILTER (delivered_before_90 + delivered_90 > 0) AS mailed,
            coalesce(sum(delivered_90) FILTER ({those} AND {_NOT_ASIDE}), 0)::BIGINT AS messages_90,
            coalesce(sum(delivered_90), 0)::BIGINT AS all_messages_90
        FROM {{people}}
        """
    )
    figures = {"messages_90": sums["messages_90"], "all_messages_90": sums["all_messages_90"]}
    return Found(len(people), sums["mailed"], people, figures=figures)
