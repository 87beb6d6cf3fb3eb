"""What the audit must find, counted in plain Python from the people that a test drew: nothing of the audit is used."""

from __future__ import annotations

from datetime import timedelta

from rooms.audit.a_shop_to_audit import AS_OF, SLEEP_DAYS, SOURCES, Person, ago

Counted = dict[str, tuple[int, int]]


def count_all(people: list[Person]) -> Counted:
    """Return how many each check finds, of how many, by its key."""
    base = len(people)
    here = [p for p in people if not p.is_aside]
    mailed_90 = [p for p in people if _some(p.delivered, 90)]
    willing = [p for p in here if p.says_yes]
    non_buyers = [p for p in people if not p.orders]
    buyers = [p for p in people if p.orders]
    delivered = [p for p in people if p.delivered]
    sent_90 = sum(_some(p.delivered, 90) for p in people)
    without = [p for p in mailed_90 if not p.is_aside and not p.says_yes and _is_late(p)]
    after = [p for p in without if _no_at(p) is not None]
    told = {p.source for p in people if p.source}
    in_vain = [p for p in here if _between(p.delivered, 180, 90) and _silent(p, 180)]
    opens = [at for p in people for at in (*p.opened, *p.machine) if at >= ago(90)]
    return {
        "dormant": (sum(p.sign is not None and ago(365) <= p.sign < ago(180) for p in here), base),
        "lost": (sum(_silent(p, 365) and p.created < ago(365) for p in here), base),
        "mailed_in_vain": (len(in_vain), sum(_some(p.delivered, 180) > 0 for p in people)),
        "never_opened": (
            sum(min(p.delivered) < ago(90) and not p.opened and not p.clicked for p in delivered),
            len(delivered),
        ),
        "buyers_asleep": (
            sum(AS_OF - max(at for at, _ in p.orders) > timedelta(days=SLEEP_DAYS) for p in buyers),
            len(buyers),
        ),
        "non_buyers_by_age": (
            sum(not p.is_aside and p.created < ago(90) and _silent(p, 90) for p in non_buyers),
            len(non_buyers),
        ),
        "bounces": (sum(p.bounced is not None for p in people), sum(bool(p.delivered or p.bounced) for p in people)),
        "complaints": (sum(p.complained is not None and p.complained >= ago(90) for p in people), sent_90),
        "machine_opens": (sum(at >= ago(90) for p in people for at in p.machine), len(opens)),
        "email_role": (sum(p.email.startswith("info") for p in here), base),
        "email_disposable": (sum("10minutemail" in p.email for p in here), base),
        "no_channel": (sum(not p.says_yes and p.sms != "yes" for p in here), base),
        "consent_unproved": (sum(p.method == "import" or not p.wording for p in willing), len(willing)),
        "consent_old": (
            sum(p.consent_at < AS_OF.replace(year=AS_OF.year - 3) and _silent(p, 1096) for p in willing),
            len(willing),
        ),
        "mailed_without_permission": (len(without), len(mailed_90)),
        "mailed_after_unsubscribe": (len(after), len(mailed_90)),
        "minors": (sum(p.birth == "2015-03-04" and not p.is_aside for p in people), base),
        "no_source": (sum(p.source not in told for p in people), base),
        "shrinking": (max(0, _gone(people) - sum(p.created >= ago(365) for p in people)), _there(people)),
    }


def _some(moments: list, days: float) -> int:  # type: ignore[type-arg]
    return sum(at >= ago(days) for at in moments)


def _between(moments: list, first: float, last: float) -> int:  # type: ignore[type-arg]
    return sum(ago(first) <= at < ago(last) for at in moments)


def _silent(person: Person, days: float) -> bool:
    return person.sign is None or person.sign < ago(days)


def _no_at(person: Person):  # type: ignore[no-untyped-def]
    noes = [at for at in (person.unsubscribed, person.complained) if at is not None]
    return max([*noes, *([person.consent_at] if person.consent == "no" else [])], default=None)


def _is_late(person: Person) -> bool:
    """Whether the last message came later than two days after a no, or nobody ever said anything."""
    no_at = _no_at(person)
    return no_at is None or max(person.delivered) > no_at + timedelta(days=2)


def _gone_at(person: Person):  # type: ignore[no-untyped-def]
    if not person.is_aside and person.says_yes:
        return None
    return min([at for at in (person.unsubscribed, person.bounced, person.complained) if at], default=None)


def _gone(people: list[Person]) -> int:
    return sum(at is not None and at >= ago(365) for at in map(_gone_at, people))


def _there(people: list[Person]) -> int:
    old = [p for p in people if p.created < ago(365)]
    return sum((at := _gone_at(p)) is None or at >= ago(365) for p in old)


__all__ = ["SOURCES", "Counted", "count_all"]
