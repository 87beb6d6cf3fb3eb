"""Recorded stays in segments, consents, traits."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from oracles.language.facts import fact
from oracles.language.windows import back
from oracles.language.world import Rule, Span, Statement, World


def stay(word: str, slug: str, window: Span | None) -> Rule:
    def of(w: World, p: int) -> bool:
        start, end = window.of(w) if window else (None, None)
        end = min(end, w.as_of) if end else w.as_of
        for r in (each.seen(w.as_of) for each in w.stays):
            if r.segment != slug or r.profile != p or r.recorded > w.as_of:
                continue
            if word == "ever in":
                met = (r.entered is None or r.entered < end) and (r.left is None or start is None or r.left > start)
            else:
                at = r.entered if word == "joined" else r.left
                met = at is not None and (start is None or start <= at) and at < end
            if met:
                return True
        return False

    return Rule(f"{word} {slug}" + (f" {window.text}" if window else ""), of)


def in_for(slug: str, number: int, unit: str) -> Rule:
    def of(w: World, p: int) -> bool:
        start = back(w, number, unit)
        return any(
            r.segment == slug and r.profile == p and r.recorded <= w.as_of
            and (r.entered is None or r.entered <= start) and (r.left is None or r.left >= w.as_of)
            for r in (each.seen(w.as_of) for each in w.stays)
        )  # fmt: skip

    return Rule(f"in segment {slug} for {number} {unit}s", of)


def heard(w: World, p: int, channel: str, purpose: str) -> list[Statement]:
    """What the present address said, in the order of the ledger."""
    field = {"email": "email", "sms": "phone"}.get(channel)
    address = fact(field).of(w, p) if field else None
    return [
        s for s in w.consents
        if s.profile == p and s.channel == channel and s.purpose == purpose and s.at < w.as_of
        and (field is None or s.address == address)
    ]  # fmt: skip


def consent(channel: str, purpose: str, part: str) -> Rule:
    def of(w: World, p: int) -> Any:
        said = heard(w, p, channel, purpose)
        if not said:
            return None
        newest = max(s.at for s in said)
        latest = min((s for s in said if s.at == newest), key=lambda s: (s.status, s.source))
        return {"": latest.status, ".at": latest.at, ".source": latest.source}[part]

    return Rule(f'consent({channel}, "{purpose}"){part}', of)


def can_receive(channel: str, purpose: str, short: bool) -> Rule:
    """With `short`, the purpose that nobody tells is left out."""
    field, kind = {"email": ("email", "email"), "sms": ("phone", "phone"), "post": ("postal_code", None)}[channel]

    def of(w: World, p: int) -> bool:
        address = fact(field).of(w, p) or ""
        is_usable = {"email": "@" in address[1:-1], "sms": address[:1] == "+" and len(address) > 1, "post": True}
        said = heard(w, p, channel, purpose)
        if not address or not is_usable[channel] or not said:
            return False
        newest = max(s.at for s in said)
        # of two at one time the no, and of two that say the same the later in the ledger
        latest = min((s for s in reversed(said) if s.at == newest), key=lambda s: s.status)
        hers = {(kind, address)} if kind else {("member_id", f"M{p}")}
        is_stopped = any(
            s.channel == channel and s.at < w.as_of and (s.kind, s.value) in hers
            and (s.binds or latest.basis != "consent")
            for s in w.stops
        )  # fmt: skip
        return latest.status == "yes" and not is_stopped

    written = channel if short and purpose == "marketing" else f'{channel}, "{purpose}"'
    return Rule(f"can_receive({written})", of)


def trait(name: str, meaning: Rule) -> Rule:
    """A computed trait: its expression, at the moment."""
    return Rule(name, meaning.of)


def scored(name: str) -> Rule:
    """A stored trait: the newest value that is not later than the moment; a number, or missing."""

    def of(w: World, p: int) -> Any:
        told = [(s.at, s.value) for s in w.scores if s.profile == p and s.trait == name and s.at <= w.as_of]
        try:
            return Fraction(max(told)[1]) if told else None
        except ValueError:
            return None

    return Rule(name, of)
