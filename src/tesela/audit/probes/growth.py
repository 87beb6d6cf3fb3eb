"""How the base grows, and signs of contacts that nobody gave: bulk arrivals, no source, one domain, silence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown
from tesela.audit.pictures.sources import ENOUGH, count_days, find_bulk_days, find_sources, in_bulk
from tesela.events import RECORDS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tesela.audit.ground import Ground

_YEAR = 365
_EXPECTED_BUYERS = 5
_ENOUGH_SENT = 1_000
_SURE = 0.05
_FEWEST_DAYS = 7
_SIGNS_OF_A_LIST = 3


def probe_growth(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `shrinking` and `unsubscribes_rising`."""
    return {"shrinking": _shrinking(ground), "unsubscribes_rising": _unsubscribes(ground)}


def probe_arrivals(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `bulk_arrival` and `no_source`."""
    if not ground.base:
        return dict.fromkeys(("bulk_arrival", "no_source"), Unknown("nobody"))
    nowhere = ground.who(
        """
        SELECT profile_id FROM {people} WHERE first_source IS NULL OR first_source NOT IN (
            SELECT first_source FROM {contacts} WHERE first_source IS NOT NULL
        )
        """,
        tables={"contacts": RECORDS["contacts"]},
    )
    return {"bulk_arrival": _bulk(ground), "no_source": Found(len(nowhere), ground.base, nowhere)}


def probe_sources(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `source_without_buyers`, `uniform_domains` and `list_signs`."""
    large = [source for source in find_sources(ground) if source.people >= ENOUGH] if ground.base else []
    if not large:
        reason = Unknown("nobody") if not ground.base else Unknown("no_large_source", {"people": ENOUGH})
        return dict.fromkeys(("source_without_buyers", "uniform_domains", "list_signs"), reason)
    one_domain = [source for source in large if "one_domain" in source.signs]
    listed = [source for source in large if len(source.signs) >= _SIGNS_OF_A_LIST]
    return {
        "source_without_buyers": _without_buyers(ground),
        "uniform_domains": Found(
            len(one_domain),
            len(large),
            samples=tuple(f"{source.name}: @{source.domain}" for source in one_domain[:5]),
            figures={"in_these_sources": sum(source.of_domain for source in one_domain)} if one_domain else {},
        ),
        "list_signs": Found(
            len(listed),
            len(large),
            samples=tuple(source.name for source in listed[:5]),
            figures={"in_these_sources": sum(source.people for source in listed)} if listed else {},
        ),
    }


def _shrinking(ground: Ground) -> Found | Unknown:
    """Count how many more went than came in a year, of those who were there at its beginning."""
    wanting = ground.wanting("unsubscribed", "email_bounced", "email_marked_as_spam")
    if wanting:
        return wanting
    row = ground.row(
        """
        SELECT count(*) FILTER (arrived_at >= $d365) AS came, count(*) FILTER (gone_at >= $d365) AS went,
            count(*) FILTER (arrived_at < $d365 AND (gone_at IS NULL OR gone_at >= $d365)) AS there,
            (epoch_us($as_of::TIMESTAMP) - epoch_us(min(arrived_at))) // 86400000000 AS days
        FROM {people}
        """
    )
    if row["days"] < _YEAR or not row["there"]:
        return Unknown("too_short", {"days": row["days"], "needed": _YEAR})
    came = row["came"] + ground.merged_since(ground.year_ago)
    figures = {"came_365": row["came"], "went_365": row["went"]}
    return Found(max(0, row["went"] - came), row["there"], figures=figures, marked_of=ground.marked_of)


def _unsubscribes(ground: Ground) -> Found | Unknown:
    """Count how many more unsubscribed in 90 days than by the rate of the 90 before, where that is no chance."""
    from tesela.estimators import Moments, compare_shares

    wanting = ground.wanting("email_delivered")
    if wanting:
        return wanting
    row = ground.row(
        """
        SELECT coalesce(sum(unsubscribed_90), 0)::BIGINT AS now, coalesce(sum(delivered_90), 0)::BIGINT AS sent,
            coalesce(sum(unsubscribed_before_90), 0)::BIGINT AS before,
            coalesce(sum(delivered_before_90), 0)::BIGINT AS sent_before
        FROM {people}
        """
    )
    now, sent, before, sent_before = row["now"], row["sent"], row["before"], row["sent_before"]
    if min(sent, sent_before) < _ENOUGH_SENT:
        return Unknown("too_few_sent", {"messages": _ENOUGH_SENT})
    figures = {
        "unsubscribes_now": f"{100 * now / sent:.2f}",
        "unsubscribes_before": f"{100 * before / sent_before:.2f}",
    }
    more = now - before * sent // sent_before
    told = [Moments(n=[n], x=[n], y=[k], xx=[n], xy=[k], yy=[k]) for n, k in ((sent, now), (sent_before, before))]
    is_sure = more > 0 and float(compare_shares(*told)[0]) < _SURE
    return Found(more if is_sure else 0, sent, figures=figures)


def _bulk(ground: Ground) -> Found | Unknown:
    """Find who came on a day on which far more came than usual."""
    if count_days(ground) < _FEWEST_DAYS:
        return Unknown("no_dates")
    days = find_bulk_days(ground)
    people = ground.those(in_bulk(ground))
    figures = {"bulk_days": ", ".join(map(str, days[-5:]))} if days else {}
    return Found(len(people), ground.base, people, figures=figures)


def _without_buyers(ground: Ground) -> Found | Unknown:
    """Find the sources that brought no buyer where the conversion of the others would have given five or more."""
    wanting = ground.wanting("order_completed")
    if wanting:
        return wanting
    judged = [source for source in find_sources(ground) if source.mature >= ENOUGH]
    if len(judged) < 2:
        return Unknown("no_large_source", {"people": ENOUGH})
    mature, buyers = sum(each.mature for each in judged), sum(each.mature_buyers for each in judged)
    idle = [
        source
        for source in judged
        if not source.buyers
        and mature > source.mature
        and source.mature * buyers >= _EXPECTED_BUYERS * (mature - source.mature)
    ]
    figures = {"in_these_sources": sum(source.people for source in idle)} if idle else {}
    return Found(len(idle), len(judged), samples=tuple(source.name for source in idle[:5]), figures=figures)
