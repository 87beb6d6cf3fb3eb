"""What data there is: sources, fields, events; what can be answered with it; what is missing and would open most."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from tesela.segments import catalogue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from tesela.audit.ground import Ground

FIELDS = (
    *("email", "phone", "first_name", "last_name", "birth_date", "gender", "country", "region", "city"),
    *("postal_code", "language"),
)
_STALE_DAYS = 60

# columns of events by the name that rules have for them
_COLUMNS = {
    **{name: name for name in ("coupon", "category", "brand", "sales_channel", "list", "duration_s", "product_id")},
    **{name: name for name in ("campaign_id", "quantity", "session_id", "channel")},
    "amount": "amount_e4",
}

# what a question needs: events (any of each group), `consents`, fields of profiles
QUESTIONS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "who_bought": (("order_completed",),),
    "what_they_bought": (("product_purchased",),),
    "who_opened": (("email_opened",),),
    "who_clicked": (("email_link_clicked",),),
    "who_was_mailed": (("email_delivered",),),
    "what_bounces": (("email_bounced",),),
    "who_complained": (("email_marked_as_spam",),),
    "who_unsubscribed": (("unsubscribed",),),
    "who_visits": (("page_viewed", "product_viewed"),),
    "who_left_a_cart": (("product_added", "cart_viewed"), ("order_completed",)),
    "who_said_yes": (("consents",),),
    "how_satisfied": (("survey_answered",),),
}


@dataclass(frozen=True, slots=True)
class FileSource:
    """One source of records.

    Attributes:
        name: Of the source.
        kinds: Kinds of its records.
        received: Rows received, over all its imports.
        rejected: Rows that could not be used.
        last_at: When something was imported last, naive UTC.
    """

    name: str
    kinds: tuple[str, ...]
    received: int
    rejected: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class FieldFill:
    """How full a field of the base is.

    Attributes:
        key: Of the field.
        people: How many have a value.
        share: Of the base.
    """

    key: str
    people: int
    share: Decimal


@dataclass(frozen=True, slots=True)
class EventFill:
    """What there is of an event.

    Attributes:
        key: Its name.
        count: How many.
        first_at: The earliest, naive UTC.
        last_at: The newest.
        is_fresh: Whether the newest is of the last 60 days.
    """

    key: str
    count: int
    first_at: datetime
    last_at: datetime
    is_fresh: bool


@dataclass(frozen=True, slots=True)
class Question:
    """Something to know of a base.

    Attributes:
        key: Which.
        missing: What would have to be imported to know it; empty: it can be answered.
    """

    key: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Data that is missing, and what it would open.

    Attributes:
        need: What.
        opens: How many segments of the catalogue lack nothing else.
        of: How many lack it.
    """

    need: catalogue.Need
    opens: int
    of: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inventory:
    """What data there is.

    Attributes:
        sources: Sources of records, the largest first.
        fields: Fields of the base, the fullest first.
        events: Events, the most frequent first.
        questions: What can and what cannot be answered.
        possible: How many segments of the catalogue are possible.
        entries: How many there are.
        missing: What is missing, what would open most first.
    """

    sources: tuple[FileSource, ...]
    fields: tuple[FieldFill, ...]
    events: tuple[EventFill, ...]
    questions: tuple[Question, ...]
    possible: int
    entries: int
    missing: tuple[Missing, ...]


def take_inventory(ground: Ground) -> Inventory:
    """Return what data there is."""
    known, fields = catalogue.load_catalogue(), _fields(ground)
    entries = list(known.entries.values())
    counted = _counted(ground, [need for entry in entries for need in catalogue.find_needs(entry, known)], fields)
    missing = catalogue.find_missing(ground.engine, entries, known, as_of=ground.as_of, zone=ground.zone, known=counted)
    return Inventory(
        sources=_sources(ground),
        fields=fields,
        events=tuple(
            EventFill(name, each.count, each.first_at, each.last_at, (ground.as_of - each.last_at).days <= _STALE_DAYS)
            for name, each in ground.events.items()
        ),
        questions=_questions(ground),
        possible=sum(not needs for needs in missing.values()),
        entries=len(entries),
        missing=_missing(missing),
    )


def _counted(
    ground: Ground, needs: Iterable[catalogue.Need], fields: Sequence[FieldFill]
) -> dict[catalogue.Need, bool]:
    """Return whether there are the data that rules need, as far as that is known or found at the first row that has it.

    A rule that asked for all of it would read every event there is.
    """
    filled = {each.key: each.people > 0 for each in fields}
    said = ground.ask("SELECT DISTINCT channel FROM {consents} WHERE occurred_at < $as_of")
    channels = {row["channel"] for row in said}
    found: dict[catalogue.Need, bool] = {}
    for need in dict.fromkeys(needs):
        if need.channel:
            found[need] = need.channel in channels
        elif need.event and not need.field:
            found[need] = need.event in ground.events
        elif need.field in _COLUMNS and (need.event or need.any_event):
            found[need] = _has(ground, _COLUMNS[need.field], need.event)
        elif need.field in filled and not need.event and not need.any_event:
            found[need] = filled[need.field]
    return found


def _has(ground: Ground, column: str, event: str) -> bool:
    """Tell whether any event, or any of one name, has a value in a column: the first one found ends the search."""
    named = "name = $event AND " if event else ""
    told = {"event": event} if event else {}
    rows = ground.ask(
        f"SELECT 1 AS n FROM {{events}} WHERE {named}profile_id IS NOT NULL AND occurred_at < $as_of"
        f" AND nullif(trim({column}::VARCHAR), '') IS NOT NULL LIMIT 1",
        **told,
    )
    return bool(rows)


def _sources(ground: Ground) -> tuple[FileSource, ...]:
    found: dict[str, FileSource] = {}
    for load in ground.loads:
        at = datetime.fromisoformat(load.received_at).replace(tzinfo=None)
        known = found.get(load.source, FileSource(load.source, (), 0, 0, at))
        found[load.source] = FileSource(
            load.source,
            tuple(dict.fromkeys((*known.kinds, load.kind))),
            known.received + load.received,
            known.rejected + load.rejected,
            max(known.last_at, at),
        )
    return tuple(sorted(found.values(), key=lambda each: (-each.received, each.name)))


def _fields(ground: Ground) -> tuple[FieldFill, ...]:
    if not ground.base:
        return ()
    counted = ", ".join(f"count(p.{field}) AS {field}" for field in FIELDS)
    row = ground.row(f"SELECT {counted} FROM {{people}} AS a JOIN {{profiles}} AS p ON p.profile_id = a.profile_id")
    found = [FieldFill(field, row[field], Decimal(row[field]) / ground.base) for field in FIELDS]
    return tuple(sorted(found, key=lambda each: (-each.people, each.key)))


def _questions(ground: Ground) -> tuple[Question, ...]:
    there = set(ground.events)
    if ground.has_consents:
        there.add("consents")
    return tuple(
        Question(key, tuple(group[0] for group in groups if not there & set(group)))
        for key, groups in QUESTIONS.items()
    )


def _missing(missing: Mapping[str, list[catalogue.Need]]) -> tuple[Missing, ...]:
    opens: dict[catalogue.Need, int] = {}
    lacking: dict[catalogue.Need, int] = {}
    for needs in missing.values():
        for need in needs:
            lacking[need] = lacking.get(need, 0) + 1
            opens[need] = opens.get(need, 0) + (len(needs) == 1)
    found = [Missing(need, opens[need], count) for need, count in lacking.items()]
    return tuple(sorted(found, key=lambda each: (-each.opens, -each.of, each.need.say("en"))))
