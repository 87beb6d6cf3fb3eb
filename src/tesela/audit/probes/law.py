"""Whether the shop may write to people, and can prove it. What the law says stands in the checks, with its source."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tesela.audit.found import Found, Unknown
from tesela.audit.settings import AuditSettings
from tesela.base import step, to_local

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyroaring import BitMap64

    from tesela.audit.ground import Ground

_SAID_YES = "has_email_yes AND NOT is_aside"


def probe_permission(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `consent_unproved` and `consent_old`."""
    if not ground.base:
        return dict.fromkeys(("consent_unproved", "consent_old"), Unknown("nobody"))
    willing = ground.row(f"SELECT count(*) FILTER ({_SAID_YES}) AS n FROM {{people}}")["n"]
    if not willing:
        return dict.fromkeys(("consent_unproved", "consent_old"), Unknown("no_consents"))
    unproved = ground.those(f"is_unproved AND {_SAID_YES}")
    years, usual = ground.settings.consent_years, AuditSettings().consent_years
    old = _old(ground, years)
    marked = None if years == usual else len(_old(ground, usual))
    return {
        "consent_unproved": Found(len(unproved), willing, unproved),
        "consent_old": Found(len(old), willing, old, figures={"consent_years": years}, marked=marked),
    }


def _old(ground: Ground, years: int) -> BitMap64:
    """Find whose yes is older than so many years, with no sign of life within them."""
    since = step(ground.as_of, -years, "year", ground.zone)
    return ground.those(f"{_SAID_YES} AND email_yes_at < $since AND (sign_at IS NULL OR sign_at < $since)", since=since)


def probe_written_to(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `mailed_without_permission` and `mailed_after_unsubscribe`."""
    keys = ("mailed_without_permission", "mailed_after_unsubscribe")
    wanting = ground.wanting("email_delivered")
    if wanting:
        return dict.fromkeys(keys, wanting)
    mailed = ground.row("SELECT count(*) FILTER (delivered_90 > 0) AS n FROM {people}")["n"]
    if not mailed:
        return dict.fromkeys(keys, Unknown("nothing_sent"))
    # who said no is written to for two days more before it counts: what was already on its way
    late = "last_delivered_at > greatest(email_no_at, unsubscribed_at) + INTERVAL 2 DAY"
    without = ground.those(
        f"delivered_90 > 0 AND NOT has_email_yes AND NOT is_aside AND (email_no_at IS NULL OR {late})"
    )
    after = ground.those(f"delivered_90 > 0 AND NOT has_email_yes AND NOT is_aside AND {late}")
    is_told = ground.has_consents
    return {
        "mailed_without_permission": Found(len(without), mailed, without) if is_told else Unknown("no_consents"),
        "mailed_after_unsubscribe": Found(len(after), mailed, after),
    }


def probe_exclusion_lists(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `exclusion_list_old`."""
    if not ground.lists:
        return {"exclusion_list_old": Unknown("no_lists")}
    today = to_local(ground.as_of, ground.zone).date()
    old, usual = (
        [each for each in ground.lists if each.dated_on < today - timedelta(days=settings.exclusion_list_days)]
        for settings in (ground.settings, AuditSettings())
    )
    samples = tuple(f"{each.name} ({each.dated_on})" for each in old[:5])
    return {"exclusion_list_old": Found(len(old), len(ground.lists), samples=samples, marked=len(usual))}
