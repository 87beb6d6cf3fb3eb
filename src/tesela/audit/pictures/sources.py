"""What became of the people of each source, and the signs of a list that nobody asked to be on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from statistics import median
from typing import TYPE_CHECKING, Any

from tesela.audit.addresses import flags_of_emails
from tesela.base import start_of_day, to_local
from tesela.events import RECORDS

if TYPE_CHECKING:
    from tesela.audit.ground import Ground

ENOUGH = 50
"""From how many people on a source is judged."""

SIGNS = ("bulk", "untold", "roles", "one_domain", "silent", "bounces", "complaints", "unproved")
_BULK_PEOPLE, _BULK_TIMES, _FEWEST_DAYS = 50, 10, 7
_SHARES = {
    "roles": Decimal("0.05"),
    "one_domain": Decimal("0.2"),
    "bounces": Decimal("0.05"),
    "bulk": Decimal("0.5"),
    "complaints": Decimal("0.02"),
}
_SILENT, _PROVED = Decimal("0.1"), Decimal("0.5")
_FEWEST_OF_A_DOMAIN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """How people came, and what became of them.

    Attributes:
        name: As the sources told it; where none did, the name of the file's source.
        is_told: Whether any record said that people came this way.
        people: People of the base who came so.
        reachable: Those who can be written to on some channel.
        engaged: Those with a sign of life in the last 90 days.
        alive: Those who ever gave a sign of life.
        buyers: Those who bought.
        revenue_e4: What they bought, ten-thousandths of the shop's currency.
        mailed: Those whom any e-mail was sent to.
        bounced: Those whose address bounced for good.
        complained: Those who complained.
        arrived_365: Those who came in the last 365 days.
        gone_365: Those who went in the last 365 days.
        mature: Those who came more than 90 days ago.
        mature_buyers: Those of them who bought.
        roles: Those with a role address.
        unproved: Those whose consent has no proof.
        willing: Those who consented to e-mail.
        domain: The domain, of no large provider, that most of them have.
        of_domain: How many have it.
        in_bulk: How many came on a day on which far more came than usual.
        signs: Which signs of a list it shows.
    """

    name: str
    is_told: bool
    people: int
    reachable: int
    engaged: int
    alive: int
    buyers: int
    revenue_e4: int
    mailed: int
    bounced: int
    complained: int
    arrived_365: int
    gone_365: int
    mature: int
    mature_buyers: int
    roles: int
    unproved: int
    willing: int
    domain: str
    of_domain: int
    in_bulk: int
    signs: tuple[str, ...] = ()


def find_sources(ground: Ground) -> tuple[Source, ...]:
    """Return the sources of the base, those that brought most for each person first."""
    found = ground.once("sources", lambda: _sources(ground))
    assert isinstance(found, tuple)  # noqa: S101 it was made above
    return found


def find_bulk_days(ground: Ground) -> tuple[date, ...]:
    """Return the local days on which ten times as many people came as on a usual one, and at least fifty."""
    found = ground.once("bulk_days", lambda: _bulk_days(ground))
    assert isinstance(found, tuple)  # noqa: S101 it was made above
    return found


def count_days(ground: Ground) -> int:
    """Return on how many different local days people came."""
    return len(_days(ground))


def in_bulk(ground: Ground, column: str = "arrived_at") -> str:
    """Return the condition that somebody came on such a day; its moments are ours, and written as literals."""
    spans = [
        f"({column} >= TIMESTAMP '{start_of_day(day, ground.zone)}'"
        f" AND {column} < TIMESTAMP '{start_of_day(day + timedelta(days=1), ground.zone)}')"
        for day in find_bulk_days(ground)
    ]
    return f"({' OR '.join(spans)})" if spans else "false"


def _sources(ground: Ground) -> tuple[Source, ...]:
    flagged = flags_of_emails(ground)
    rows = ground.ask(
        f"""
        WITH told AS (SELECT DISTINCT first_source FROM {{contacts}} WHERE first_source IS NOT NULL)
        SELECT coalesce(a.first_source, '') AS name, bool_or(t.first_source IS NOT NULL) AS is_told,
            count(*) AS people, count(*) FILTER (a.has_yes AND NOT a.is_aside) AS reachable,
            count(*) FILTER (a.sign_at >= $d90) AS engaged, count(a.sign_at) AS alive,
            count(*) FILTER (a.orders > 0) AS buyers, sum(a.revenue_e4)::BIGINT AS revenue_e4,
            count(*) FILTER (a.delivered > 0 OR a.hard_bounced_at IS NOT NULL) AS mailed,
            count(a.hard_bounced_at) AS bounced, count(a.complained_at) AS complained,
            count(*) FILTER (a.arrived_at >= $d365) AS arrived_365, count(*) FILTER (a.gone_at >= $d365) AS gone_365,
            count(*) FILTER (a.arrived_at < $d90) AS mature,
            count(*) FILTER (a.arrived_at < $d90 AND a.orders > 0) AS mature_buyers,
            count(*) FILTER (f.is_role) AS roles, count(*) FILTER (a.is_unproved) AS unproved,
            count(*) FILTER (a.has_email_yes) AS willing, count(*) FILTER ({in_bulk(ground, "a.arrived_at")}) AS in_bulk
        FROM {{people}} AS a JOIN {{profiles}} AS p ON p.profile_id = a.profile_id
        LEFT JOIN told AS t ON t.first_source = a.first_source
        LEFT JOIN (SELECT address, bool_or(is_role) AS is_role FROM audit_flagged GROUP BY address) AS f
            ON f.address = p.email
        GROUP BY coalesce(a.first_source, '')
        """,
        tables={"contacts": RECORDS["contacts"]},
        relations={"audit_flagged": flagged},
    )
    domains = _domains(ground)
    has_consents = any(row["willing"] for row in rows)
    found = [
        _source({**row, **domains.get(row["name"], {"domain": "", "of_domain": 0})}, has_consents=has_consents)
        for row in rows
    ]
    return tuple(sorted(found, key=lambda each: (-Decimal(each.revenue_e4) / each.people, -each.people, each.name)))


def _source(row: dict[str, Any], *, has_consents: bool) -> Source:
    source = Source(**row)
    return Source(**{**row, "signs": _signs(source, has_consents=has_consents)}) if source.people >= ENOUGH else source


def _signs(source: Source, *, has_consents: bool) -> tuple[str, ...]:
    told = {
        "bulk": _reaches(source.in_bulk, source.people, _SHARES["bulk"]),
        "untold": not source.is_told,
        "roles": _reaches(source.roles, source.people, _SHARES["roles"]),
        "one_domain": _reaches(source.of_domain, source.people, _SHARES["one_domain"]),
        "silent": source.mailed >= ENOUGH and not _reaches(source.alive, source.people, _SILENT),
        "bounces": source.mailed >= ENOUGH and _reaches(source.bounced, source.mailed, _SHARES["bounces"]),
        "complaints": source.mailed >= ENOUGH and _reaches(source.complained, source.mailed, _SHARES["complaints"]),
        "unproved": (
            has_consents
            and source.mailed >= ENOUGH
            and not _reaches(source.willing - source.unproved, source.mailed, _PROVED)
        ),
    }
    return tuple(sign for sign in SIGNS if told[sign])


def _reaches(part: int, whole: int, share: Decimal) -> bool:
    return bool(part) and Decimal(part) / whole >= share


def _domains(ground: Ground) -> dict[str, dict[str, Any]]:
    """Return by source the domain, of no large provider, that most people have, with how many they are."""
    import pyarrow as pa

    providers = pa.table({"domain": pa.array(sorted(ground.cleaning.mailbox_providers), pa.string())})
    rows = ground.ask(
        f"""
        SELECT name, domain, n AS of_domain FROM (
            SELECT coalesce(a.first_source, '') AS name, split_part(p.email, '@', 2) AS domain, count(*) AS n
            FROM {{people}} AS a JOIN {{profiles}} AS p ON p.profile_id = a.profile_id
            WHERE p.email IS NOT NULL GROUP BY ALL
        ) AS d
        WHERE n >= {_FEWEST_OF_A_DOMAIN} AND domain NOT IN (SELECT domain FROM audit_providers)
        QUALIFY row_number() OVER (PARTITION BY name ORDER BY n DESC, domain) = 1
        """,
        relations={"audit_providers": providers},
    )
    return {row.pop("name"): row for row in rows}


def _bulk_days(ground: Ground) -> tuple[date, ...]:
    days = _days(ground)
    if len(days) < _FEWEST_DAYS:
        return ()
    most = max(_BULK_PEOPLE, _BULK_TIMES * median(days.values()))
    return tuple(sorted(day for day, people in days.items() if people >= most))


def _days(ground: Ground) -> Counter[date]:
    """Return how many people came on each local day: hours of UTC are put into days here, by the shop's zone."""
    days: Counter[date] = Counter()
    for row in ground.ask("SELECT date_trunc('hour', arrived_at) AS hour, count(*) AS n FROM {people} GROUP BY hour"):
        days[to_local(row["hour"], ground.zone).date()] += row["n"]
    return days
