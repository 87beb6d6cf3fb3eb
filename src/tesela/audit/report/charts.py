"""The charts of the audit: what each shows, how to read it, the same figures as a table."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tesela.measurement import report

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.audit.examining import Audit
    from tesela.audit.report.wording import Words

_WARM = ("warm-1", "warm-2", "warm-3", "warm-4", "warm-5", "fair", "warm-6", "warm-7")
_SHOWN_EVENTS = 14


def draw_fields(audit: Audit, words: Words) -> report.Chart:
    """Draw how full the fields are."""
    fields = audit.inventory.fields if audit.inventory else ()
    names = [words.say(f"field.{each.key}") for each in fields]
    rows = [
        (name, words.number(each.people), words.percent(each.share)) for name, each in zip(names, fields, strict=True)
    ]
    drawing = {
        "kind": "bars",
        "unit": "share",
        "labels": names,
        "series": [{"name": words.say("word.share_of_base"), "values": [float(each.share) for each in fields]}],
        "notes": [row[2] for row in rows],
    }
    return _chart("fields", words, ("word.field", "word.people", "word.share_of_base"), rows, drawing)


def draw_events(audit: Audit, words: Words) -> report.Chart:
    """Show which events there are, and how fresh."""
    events = audit.inventory.events if audit.inventory else ()
    rows = [
        (
            each.key,
            words.number(each.count),
            f"{each.first_at:%Y-%m-%d}",
            f"{each.last_at:%Y-%m-%d}{'' if each.is_fresh else ' ' + words.say('stale')}",
        )
        for each in events
    ]
    shown = events[:_SHOWN_EVENTS]
    drawing = {
        "kind": "bars",
        "labels": [each.key for each in shown],
        "series": [{"name": words.say("word.events"), "values": [each.count for each in shown]}],
        "notes": [words.number(each.count) for each in shown],
    }
    return _chart("events", words, ("word.event", "word.count", "word.since", "word.until"), rows, drawing)


def draw_ladder(audit: Audit, words: Words) -> report.Chart:
    """Draw who reacts to e-mail, from the warmest on, machines apart."""
    names = [words.say(f"rung.{rung.key}") for rung in audit.ladder]
    shares = [_share(rung.people, audit.base) for rung in audit.ladder]
    rows = [
        (name, words.number(rung.people), words.percent(share))
        for name, rung, share in zip(names, audit.ladder, shares, strict=True)
    ]
    drawing = {
        "kind": "bars",
        "colours": list(_WARM),
        "labels": names,
        "series": [{"name": words.say("word.people"), "values": [rung.people for rung in audit.ladder]}],
        "notes": [f"{row[1]} · {row[2]}" for row in rows],
    }
    return _chart("ladder", words, ("word.last_reaction", "word.people", "word.share_of_base"), rows, drawing)


def draw_interaction(audit: Audit, words: Words) -> report.Chart:
    """Draw who did what in 90 days; the table has 30 and 365 too."""
    names = [words.say(f"interaction.{each.key}") for each in audit.interaction]
    rows = []
    for name, each in zip(names, audit.interaction, strict=True):
        cells = (f"{words.number(n)} ({words.percent(_share(n, audit.base))})" for n in (each.d30, each.d90, each.d365))
        rows.append((name, *cells))
    drawing = {
        "kind": "bars",
        "labels": names,
        "series": [
            {"name": words.say("word.in_90"), "values": [each.d90 for each in audit.interaction]},
            {"name": words.say("word.in_365"), "values": [each.d365 for each in audit.interaction]},
        ],
    }
    return _chart("interaction", words, ("word.what", "word.in_30", "word.in_90", "word.in_365"), rows, drawing)


def draw_channels(audit: Audit, words: Words) -> report.Chart:
    """Draw who said yes and no on each channel, with the opt-in ratio."""
    names = [_capital(words.known_word("channel", each.key)) for each in audit.channels]
    rows = [
        (name, words.number(each.yes), words.number(each.no), words.number(each.silent), words.percent(each.ratio))
        for name, each in zip(names, audit.channels, strict=True)
    ]
    drawing = {
        "kind": "bars",
        "is_stacked": True,
        "labels": names,
        "series": [
            {"name": words.say("word.yes"), "values": [each.yes for each in audit.channels]},
            {"name": words.say("word.no"), "values": [each.no for each in audit.channels]},
        ],
        "notes": [words.say("opt_in", share=row[4]) for row in rows],
    }
    headers = ("word.channel", "word.yes", "word.no", "word.silent", "word.ratio")
    return _chart("channels", words, headers, rows, drawing)


def draw_cohorts(audit: Audit, words: Words) -> report.Chart:
    """Draw what share of each quarter's newcomers ever bought."""
    names = [f"{each.first_day.year} T{(each.first_day.month - 1) // 3 + 1}" for each in audit.cohorts]
    if words.language == "en":
        names = [name.replace("T", "Q") for name in names]
    rows = [
        (
            name,
            words.number(each.people),
            words.number(each.buyers),
            words.percent(_share(each.buyers, each.people)),
            words.say("word.none") if each.within_90 is None else words.percent(_share(each.within_90, each.people)),
            words.percent(_share(each.engaged, each.people)),
        )
        for name, each in zip(names, audit.cohorts, strict=True)
    ]
    drawing = {
        "kind": "bars",
        "unit": "share",
        "labels": names,
        "series": [
            {
                "name": words.say("word.ever_bought"),
                "values": [float(_share(each.buyers, each.people) or 0) for each in audit.cohorts],
            }
        ],
        "notes": [f"{row[3]} · {row[1]}" for row in rows],
    }
    headers = ("word.quarter", "word.people", "word.buyers", "word.ever_bought", "word.within_90", "word.engaged")
    return _chart("cohorts", words, headers, rows, drawing)


def draw_ages(audit: Audit, words: Words) -> report.Chart:
    """Draw those who never bought, by age, with who still responds."""
    ages = audit.ages if any(each.people for each in audit.ages) else ()
    names = [
        words.say("age_on", first=words.number(each.first - 1))
        if each.last is None
        else words.say("age", first=each.first, last=each.last)
        for each in ages
    ]
    rows = [
        (
            name,
            words.number(each.people),
            words.number(each.awake),
            words.number(each.people - each.awake),
            words.say("plan.activate" if each.last is not None and each.last <= 90 else "plan.clean"),
        )
        for name, each in zip(names, ages, strict=True)
    ]
    drawing = {
        "kind": "bars",
        "is_stacked": True,
        "labels": names,
        "series": [
            {"name": words.say("word.awake"), "values": [each.awake for each in ages]},
            {"name": words.say("word.asleep"), "values": [each.people - each.awake for each in ages]},
        ],
        "notes": [words.number(each.people) for each in ages],
    }
    headers = ("word.age", "word.people", "word.awake", "word.asleep", "word.plan")
    return _chart("ages", words, headers, rows, drawing)


def draw_months(audit: Audit, words: Words) -> report.Chart:
    """Draw the size of the base and who came, by month; the table has who went."""
    names = [words.month(each.first_day) for each in audit.months]
    rows = [
        (
            name,
            words.number(each.arrived),
            words.number(each.gone),
            words.percent(each.decay),
            words.number(each.base),
        )
        for name, each in zip(names, audit.months, strict=True)
    ]
    drawing = {
        "kind": "growth",
        "labels": names,
        "series": [
            {"name": words.say("word.base"), "values": [each.base for each in audit.months]},
            {"name": words.say("word.arrived"), "values": [each.arrived for each in audit.months]},
        ],
        "is_unfinished": True,
    }
    return _chart(
        "growth", words, ("word.month", "word.arrived", "word.gone", "word.decay", "word.base"), rows, drawing
    )


def draw_visitors(audit: Audit, words: Words) -> report.Chart:
    """Draw how many browsers are known whose they are."""
    visitors = audit.visitors
    told = () if visitors is None else (("known", visitors.known), ("anonymous", visitors.anonymous))
    whole = sum(n for _, n in told)
    rows = [(words.say(f"visitors.{key}"), words.number(n), words.percent(_share(n, whole))) for key, n in told]
    drawing = {
        "kind": "bars",
        "labels": [row[0] for row in rows],
        "series": [{"name": words.say("word.browsers"), "values": [n for _, n in told]}],
        "notes": [f"{row[1]} · {row[2]}" for row in rows],
    }
    return _chart("visitors", words, ("word.who", "word.browsers", "word.share"), rows, drawing)


def _chart(
    key: str, words: Words, headers: Sequence[str], rows: Sequence[tuple[str, ...]], drawing: dict[str, Any]
) -> report.Chart:
    title = words.say(f"chart.{key}.title")
    grid = report.Grid(tuple(words.say(header) for header in headers), tuple(rows))
    if not rows:
        return report.Chart(key, title, words.say(f"chart.{key}.empty"), grid)
    lead = words.say(f"chart.{key}.lead")
    return report.Chart(key, title, lead, grid, {"id": f"chart-{key}", "description": f"{title}. {lead}", **drawing})


def _share(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / whole if whole else None


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]
