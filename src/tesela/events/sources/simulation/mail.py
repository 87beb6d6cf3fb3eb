"""What the e-mail tool did: campaigns to the addresses it has, and what came of every message."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from tesela.events.sources.simulation.people import ACCOUNT, BOUGHT, STORE
from tesela.events.sources.simulation.seasons import DAY_S
from tesela.events.sources.simulation.wording import DISPOSABLE, EMAIL_VARIANTS, TYPO

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tesela.events.sources.simulation.contacts import Contacts
    from tesela.events.sources.simulation.health import Health
    from tesela.events.sources.simulation.people import People
    from tesela.events.sources.simulation.seasons import Seasons

    Ints = NDArray[np.int64]
    Flags = NDArray[np.bool_]

NAMES = ("sent", "delivered", "opened", "clicked", "bounced", "unsubscribed", "marked as spam")
SENT, DELIVERED, OPENED, CLICKED, BOUNCED, UNSUBSCRIBED, SPAM = range(len(NAMES))

_EVERY_DAYS, _LAST_DAYS_AGO = 21, 4
_THEMES = ("Novedades", "Ideas para regalar", "Últimas unidades", "Tu selección", "Básicos de temporada", "Rebajas")

# how an address behaves beside its owner's main one
_EAGERNESS = np.array([1.0, 0.0, 0.55, 0.06, 0.3])
_CONSENTS = {ACCOUNT: 0.74, STORE: 0.8}


@dataclass(frozen=True, slots=True)
class Campaigns:
    """What was sent to everyone, in order of time.

    Attributes:
        ids, names, urls: Texts, one a campaign.
        at: When the sending began, local seconds.
    """

    ids: list[str]
    names: list[str]
    urls: list[str]
    at: Ints


@dataclass(frozen=True, slots=True)
class Addresses:
    """The addresses of one lot that the tool may or may not write to.

    Attributes:
        keys: Number of each address, in order.
        owners: Place of the person it is written to.
        source: Source that brought it first.
        asked_at: When its owner was asked, local seconds.
        agreed: Whether they agreed; only these are written to.
    """

    keys: Ints
    owners: Ints
    source: Ints
    asked_at: Ints
    agreed: Flags


@dataclass(frozen=True, slots=True)
class MailEvents:
    """What happened to one lot's messages, in order of time.

    Attributes:
        name: Place in `NAMES`.
        address: Place of the address.
        campaign: Place of the campaign.
        at: Local seconds.
        is_machine: Whether a machine did it; only of opens.
        is_hard: Whether a bounce is for ever.
    """

    name: Ints
    address: Ints
    campaign: Ints
    at: Ints
    is_machine: Flags
    is_hard: Flags

    def __len__(self) -> int:
        return len(self.at)


def make_campaigns(seasons: Seasons, site: str) -> Campaigns:
    """Plan the campaigns: one every three weeks, at ten in the morning or seven in the evening, the last one lately."""
    days = (seasons.stop - seasons.first) // DAY_S
    last = max(days - 1 - _LAST_DAYS_AGO, 0)
    day = list(range(last % _EVERY_DAYS, last + 1, _EVERY_DAYS))
    dates = [seasons.start + timedelta(days=int(d)) for d in day]
    ids = [f"cmp-{each:%Y%m%d}" for each in dates]
    return Campaigns(
        ids=ids,
        names=[f"{_THEMES[n % len(_THEMES)]} {each:%d/%m/%Y}" for n, each in enumerate(dates)],
        urls=[f"{site}/novedades?utm_source=newsletter&utm_campaign={each}" for each in ids],
        at=np.array([seasons.first + d * DAY_S + (10 if n % 3 else 19) * 3600 for n, d in enumerate(day)], np.int64),
    )


def list_addresses(rng: np.random.Generator, contacts: list[Contacts], people: People, health: Health) -> Addresses:
    """List the addresses that sources brought, each with the first source that told it."""
    keys = np.concatenate([each.rows[:, 1] for each in contacts])
    source = np.concatenate([np.full(len(each.places), each.source) for each in contacts])
    since = np.concatenate([each.since for each in contacts])
    told = keys >= 0
    keys, source, since = keys[told], source[told], since[told]
    order = np.lexsort((source, since, keys))
    keys, first = np.unique(keys[order], return_index=True)
    source, since = source[order][first], since[order][first]
    share = np.ones(7)
    for each, agreeing in _CONSENTS.items():
        share[each] = agreeing if health.is_ordinary else 1.0
    return Addresses(
        keys=keys,
        owners=keys // EMAIL_VARIANTS - people.ids[0],
        source=source,
        asked_at=since,
        agreed=rng.random(len(keys)) < share[source],
    )


def send_campaigns(
    rng: np.random.Generator,
    addresses: Addresses,
    campaigns: Campaigns,
    people: People,
    seasons: Seasons,
    health: Health,
) -> MailEvents:
    """Send every campaign to whoever agreed and has neither left nor bounced."""
    listed = np.flatnonzero(addresses.agreed)
    shape = (len(listed), len(campaigns.at))
    owners, variant = addresses.owners[listed], addresses.keys[listed] % EMAIL_VARIANTS
    bought = addresses.source[listed] == BOUGHT

    def chance() -> NDArray[np.float32]:
        return rng.random(shape, dtype=np.float32)

    due = addresses.asked_at[listed, None] + 3600 < campaigns.at[None, :]
    dead = (variant == TYPO) | ((variant == DISPOSABLE) & (rng.random(len(listed)) < 0.6))
    dead |= rng.random(len(listed)) < np.where(bought, 0.15, 0.006) * health.ills
    hard = due & dead[:, None]
    soft = due & ~hard & (chance() < 0.004 * health.ills)
    leaves = due & ~hard & (chance() < np.where(bought, 0.025, 0.0045)[:, None] * health.ills)
    complains = due & ~hard & (chance() < np.where(bought, 0.01, 0.0004)[:, None] * health.ills)
    # the first of these is the last message that an address gets
    ending = hard | leaves | complains
    sent = due & (np.cumsum(ending, axis=1) - ending == 0)
    delivered = sent & ~hard & ~soft
    likely = people.engagement[owners] * _EAGERNESS[variant]
    gone = campaigns.at[None, :] > people.churned[owners, None]
    opened = delivered & (chance() < likely[:, None] * np.where(gone, 0.3, 1.0))
    by_machine = delivered & people.is_apple[owners, None] & (chance() < 0.93)
    clicked = opened & (chance() < 0.15)
    return _in_order(
        rng,
        listed,
        campaigns.at,
        seasons.stop,
        {
            "sent": sent,
            "delivered": delivered,
            "opened": opened,
            "by_machine": by_machine,
            "clicked": clicked,
            "hard": sent & hard,
            "soft": sent & soft,
            "leaves": delivered & leaves,
            "complains": delivered & complains,
        },
    )


# what can come of a message, with the name under which it is told
_TOLD_AS = {
    "sent": SENT,
    "delivered": DELIVERED,
    "by_machine": OPENED,
    "opened": OPENED,
    "clicked": CLICKED,
    "hard": BOUNCED,
    "soft": BOUNCED,
    "leaves": UNSUBSCRIBED,
    "complains": SPAM,
}


def _in_order(
    rng: np.random.Generator, listed: Ints, campaigns_at: Ints, stop: int, happened: dict[str, Flags]
) -> MailEvents:
    """Give each thing that happened its time, leave out what lies after the last day, and sort."""
    sending = rng.integers(0, 1800, len(listed))
    # an open's delay is used again by the click that follows it
    delay = np.zeros(happened["opened"].shape, np.int64)
    delay[happened["opened"]] = _delays(rng, int(happened["opened"].sum()), 9_000, 1.7)
    parts: dict[str, list[Any]] = {field: [] for field in MailEvents.__slots__}
    for what, name in _TOLD_AS.items():
        message, campaign = np.nonzero(happened[what])
        count = len(message)
        sent_at = campaigns_at[campaign] + sending[message]
        parts["name"].append(np.full(count, name))
        parts["address"].append(listed[message])
        parts["campaign"].append(campaign)
        parts["at"].append(sent_at + _after_sending(rng, what, count, delay[message, campaign]))
        parts["is_machine"].append(np.full(count, what == "by_machine"))
        parts["is_hard"].append(np.full(count, what == "hard"))
    columns = {field: np.concatenate(values) for field, values in parts.items()}
    order = np.argsort(columns["at"], kind="stable")
    order = order[columns["at"][order] < stop]
    return MailEvents(**{field: column[order] for field, column in columns.items()})


def _after_sending(rng: np.random.Generator, what: str, count: int, open_delay: Ints) -> Ints:
    """Draw how many seconds after its sending something came of each message."""
    match what:
        case "sent":
            return np.zeros(count, np.int64)
        case "by_machine":
            return rng.integers(90, 1290, count)
        case "opened":
            return np.add(open_delay, 60)
        case "clicked":
            return np.add(open_delay, rng.integers(64, 180, count))
        case "leaves" | "complains":
            return np.add(_delays(rng, count, 14_000, 1.4), 120)
        case _:
            return rng.integers(1, 55, count)


def _delays(rng: np.random.Generator, count: int, median_s: int, spread: float) -> Ints:
    drawn = median_s * np.exp(rng.normal(0, spread, count))
    found: Ints = np.minimum(drawn, 60 * DAY_S).astype(np.int64)
    return found


@dataclass(frozen=True, slots=True)
class Statements:
    """What people of one lot said yes or no to, in order of time.

    Attributes:
        rows: Statements for identity; one with a phone is about SMS, the others about e-mail.
        is_sms, is_yes: Channel, and what was said.
        at: Local seconds.
        source: Source through which it was said.
        method: Place in `METHODS`.
    """

    rows: Ints
    is_sms: Flags
    is_yes: Flags
    at: Ints
    source: Ints
    method: Ints


METHODS = ("checkbox", "double opt-in", "import", "unsubscribe link", "preference centre", "paper form")
_METHOD_OF_SOURCE = np.array([0, 1, 0, 2, 0, 5, 2], np.int64)


def make_statements(
    rng: np.random.Generator,
    addresses: Addresses,
    mail: MailEvents,
    contacts: list[Contacts],
    seasons: Seasons,
) -> Statements:
    """Write down the history of consent: what was said on entering, who left, who came back, and SMS."""
    # a bought list comes without anybody's consent
    asked = np.flatnonzero(addresses.source != BOUGHT)
    left = np.flatnonzero(mail.name == UNSUBSCRIBED)
    back_at = mail.at[left] + (rng.exponential(50, len(left)) * DAY_S).astype(np.int64) + 3600
    back = (rng.random(len(left)) < 0.09) & (back_at < seasons.stop)
    addressed = np.concatenate([asked, mail.address[left], mail.address[left[back]]])
    said = [
        (
            _about_email(addresses.keys[addressed]),
            np.zeros(len(addressed), bool),
            np.concatenate([addresses.agreed[asked], np.zeros(len(left), bool), np.ones(int(back.sum()), bool)]),
            np.concatenate([addresses.asked_at[asked], mail.at[left], back_at[back]]),
            addresses.source[addressed],
            np.concatenate(
                [_METHOD_OF_SOURCE[addresses.source[asked]], np.full(len(left), 3), np.full(int(back.sum()), 4)]
            ),
        ),
        *(_about_sms(rng, each, seasons) for each in contacts if each.source in (ACCOUNT, STORE)),
    ]
    columns = [np.concatenate(column) for column in zip(*said, strict=True)]
    order = np.argsort(columns[3], kind="stable")
    return Statements(*(column[order] for column in columns))


def _about_email(keys: Ints) -> Ints:
    rows = np.full((len(keys), 5), -1, np.int64)
    rows[:, 1] = keys
    return rows


def _about_sms(
    rng: np.random.Generator, contacts: Contacts, seasons: Seasons
) -> tuple[Ints, Flags, Flags, Ints, Ints, Ints]:
    """Return what holders of accounts and cards said to SMS; some take it back later."""
    asked = np.flatnonzero((contacts.rows[:, 2] >= 0) & (rng.random(len(contacts.places)) < 0.45))
    yes = rng.random(len(asked)) < 0.6
    later = contacts.since[asked] + (rng.exponential(150, len(asked)) * DAY_S).astype(np.int64) + 3600
    withdrawn = yes & (rng.random(len(asked)) < 0.2) & (later < seasons.stop)
    which = np.concatenate([asked, asked[withdrawn]])
    rows = np.full((len(which), 5), -1, np.int64)
    rows[:, 0], rows[:, 2] = contacts.rows[which, 0], contacts.rows[which, 2]
    again = int(withdrawn.sum())
    return (
        rows,
        np.ones(len(which), bool),
        np.concatenate([yes, np.zeros(again, bool)]),
        np.concatenate([contacts.since[asked], later[withdrawn]]),
        np.full(len(which), contacts.source),
        np.concatenate([np.full(len(asked), 0 if contacts.source == ACCOUNT else 5), np.full(again, 4)]),
    )
