"""Whether messages arrive: bounces, complaints, addresses that are nobody's, signs of traps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tesela.audit.addresses import flags_of_emails
from tesela.audit.facts import SIGNS
from tesela.audit.found import Found, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pyarrow as pa

    from tesela.audit.ground import Ground

_SENT = ("email_delivered", "email_bounced")
_FLAGGED = "audit_flagged"
# what nobody but a trap, or a machine, is called
_NOBODYS = "abuse|postmaster|hostmaster|spam|nospam|spamtrap|honeypot|mailer-daemon|noc"
_MARKED = """
    FROM {people} AS a JOIN {profiles} AS p ON p.profile_id = a.profile_id
    JOIN audit_flagged AS f ON f.address = p.email
    WHERE NOT a.is_aside"""


def probe_sending(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `bounces`, `complaints` and `machine_opens`."""
    return {
        "bounces": ground.wanting(*_SENT) or _bounces(ground),
        "complaints": ground.wanting("email_delivered") or _complaints(ground),
        "machine_opens": ground.wanting("email_opened") or _machine_opens(ground),
    }


def probe_addresses(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `email_role`, `email_disposable` and `trap_signs`."""
    if not ground.base:
        return dict.fromkeys(("email_role", "email_disposable", "trap_signs"), Unknown("nobody"))
    with_email = ground.row("SELECT count(*) FILTER (has_email) AS n FROM {people}")["n"]
    if not with_email:
        silent = Unknown("no_field", {"field": "email"})
        return dict.fromkeys(("email_role", "email_disposable", "trap_signs"), silent)
    flagged = {_FLAGGED: flags_of_emails(ground)}
    found: dict[str, Found | Unknown] = {}
    for key, flag in (("email_role", "is_role"), ("email_disposable", "is_disposable")):
        people = ground.who(f"SELECT DISTINCT a.profile_id {_MARKED} AND f.{flag}", relations=flagged)
        found[key] = Found(len(people), with_email, people)
    found["trap_signs"] = _traps(ground, flagged, with_email)
    return found


def probe_channels(ground: Ground) -> Mapping[str, Found | Unknown]:
    """Answer `no_channel`: nobody set aside, and no address of theirs said yes to any channel."""
    if not ground.base:
        return {"no_channel": Unknown("nobody")}
    if not ground.has_consents:
        return {"no_channel": Unknown("no_consents")}
    people = ground.those("NOT has_yes AND NOT is_aside")
    never = ground.row("SELECT count(*) FILTER (NOT has_email AND NOT has_phone) AS n FROM {people}")["n"]
    return {"no_channel": Found(len(people), ground.base, people, figures={"without_address": never})}


def _bounces(ground: Ground) -> Found:
    """Find whose address bounced for good; stopped or not, nothing reaches them."""
    people = ground.those("hard_bounced_at IS NOT NULL")
    sums = ground.row(
        """
        SELECT count(*) FILTER (delivered > 0 OR hard_bounced_at IS NOT NULL OR soft_bounces_90 > 0) AS mailed,
            coalesce(sum(hard_bounces_90), 0)::BIGINT AS hard_90,
            count(*) FILTER (hard_bounced_at IS NOT NULL AND NOT is_aside) AS not_stopped
        FROM {people}
        """
    )
    figures = {name: sums[name] for name in ("hard_90", "not_stopped") if sums[name]}
    return Found(len(people), sums["mailed"], people, figures=figures)


def _complaints(ground: Ground) -> Found | Unknown:
    """Count the complaints of the last 90 days, of the messages delivered in them."""
    sums = ground.row(
        "SELECT coalesce(sum(complaints_90), 0)::BIGINT AS n, coalesce(sum(delivered_90), 0)::BIGINT AS of"
        " FROM {people}"
    )
    if not sums["of"]:
        return Unknown("nothing_sent")
    people = ground.those("complaints_90 > 0")
    ever = ground.row("SELECT count(*) FILTER (complained_at IS NOT NULL) AS n FROM {people}")["n"]
    return Found(sums["n"], sums["of"], people, figures={"ever_complained": ever})


def _machine_opens(ground: Ground) -> Found | Unknown:
    """Count the opens of the last 90 days that a machine did, of all opens."""
    sums = ground.row(
        "SELECT coalesce(sum(machine_opens_90), 0)::BIGINT AS n, coalesce(sum(all_opens_90), 0)::BIGINT AS of"
        " FROM {people}"
    )
    return Found(sums["n"], sums["of"]) if sums["of"] else Unknown("nothing_sent")


def _traps(ground: Ground, flagged: dict[str, pa.Table], with_email: int) -> Found:
    """Find addresses with a sign of a trap.

    They bounced for good, took mail again more than 30 days later and nobody has given a sign since; or their domain
    is a misspelling of a large one and nobody ever gave a sign; or they have a name that no person has.
    """
    again = ground.those(
        "last_delivered_at > first_hard_bounce_at + INTERVAL 30 DAY"
        " AND (sign_at IS NULL OR sign_at < first_hard_bounce_at) AND NOT is_aside"
    )
    # where no sign could be seen, that there was none says nothing
    is_watched = ground.wanting(*SIGNS) is None
    silent = f"{_MARKED} AND f.is_typo_domain AND a.sign_at IS NULL AND $is_watched"
    typos = ground.who(f"SELECT DISTINCT a.profile_id {silent}", relations=flagged, is_watched=is_watched)
    nobodys = ground.who(
        "SELECT a.profile_id FROM {people} AS a JOIN {profiles} AS p ON p.profile_id = a.profile_id"
        f" WHERE NOT a.is_aside AND regexp_full_match(p.email, '({_NOBODYS})([.+_-].*)?@.*')"
    )
    people = again | typos | nobodys
    figures = {"trap_again": len(again), "trap_typo": len(typos), "trap_name": len(nobodys)}
    return Found(len(people), with_email, people, figures={name: n for name, n in figures.items() if n})
