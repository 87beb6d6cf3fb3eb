"""People: found, shown, explained, merged, told what is held, erased. Personal data, all of it."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path as PathOf
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from tesela.base import Language
from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Admin, PersonalReader, Serving, Writer, at_pace
from tesela.interfaces.http.shapes import Moment, Number, Page, Plain, Shape, Told, plain

router = APIRouter(tags=["people"])
Id = Annotated[int, Path(ge=0, le=2**62)]
Note = Annotated[str, Field(max_length=500)]
Who = Annotated[
    str, Field(min_length=1, max_length=320, description="E-mail, phone, customer id, or a number with # before it.")
]


class PersonTold(Told):
    """Everything that is known of one person."""

    profile_id: int
    as_of: Moment
    is_known: bool
    first_seen_at: Moment | None
    identifiers: list[Plain]
    merges: list[Plain]
    barred: list[Plain]
    attributes: list[Plain]
    consents: list[Plain]
    suppressions: list[Plain]
    events: list[Plain] = Field(description="The newest, the newest first.")
    event_count: int
    traits: dict[str, Any]
    segments: dict[str, Moment | None] = Field(description="Slugs of the segments she is in, and since when.")
    acts: list[Plain] = Field(description="What people decided about her by hand.")


class ConditionTold(Told):
    """A condition of a rule, as it stood for the person."""

    text: str
    said: str
    join: str
    holds: bool
    parts: list[ConditionTold]
    values: dict[str, Any]
    events: list[Plain]
    short: Number | None = Field(description="How far the first value is from turning the condition.")
    way: str | None
    measure: str | None
    so_many: str | None = Field(description="`short` in words.")


class ExplanationTold(Told):
    """Why a person is in a segment or not."""

    profile_id: int
    segment: str
    as_of: Moment
    is_member: bool
    is_known: bool
    condition: ConditionTold
    turns_at: Moment | None = Field(description="When that turns by itself, if nothing happens.")
    looked_until: Moment | None
    asks_others: bool


class Decision(Shape):
    """Two who are one, or one who is two."""

    one: Who
    other: Who
    note: Note = ""


class Act(Told):
    """What somebody decided by hand."""

    number: int
    name: str


class Erasing(Shape):
    """Whose rights are served."""

    who: Who
    note: Note = ""


class Erased(Told):
    """What an erasure took away."""

    summary: Plain


@router.get("/people", dependencies=[at_pace("people")])
@stops_with_its_reader
def search(
    server: Serving,
    _: PersonalReader,
    q: Annotated[str, Query(max_length=200, description="Part of any name, or an identifier from its beginning.")] = "",
    sort: Annotated[str, Query(max_length=40)] = "profile_id",
    descending: bool = False,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
) -> Page[Plain]:
    """Find people by anything."""
    found = server.workspace.profiles.search(q, sort=sort, descending=descending, offset=offset, limit=limit)
    return Page(rows=list(found.rows), total=found.total, offset=offset, limit=limit)


@router.get("/people/{profile_id}", dependencies=[at_pace("people")])
@stops_with_its_reader
def show(
    profile_id: Id, server: Serving, _: PersonalReader, as_of: Annotated[str | None, Query(max_length=40)] = None
) -> PersonTold:
    """Show everything that is known of one person."""
    page = server.workspace.profiles.show(f"#{profile_id}", as_of, newest=100)
    return PersonTold(
        profile_id=page.profile_id,
        as_of=page.as_of,
        is_known=page.facts.is_known,
        first_seen_at=page.facts.first_seen_at,
        identifiers=[dict(each) for each in page.identity.identifiers],
        merges=[dict(each) for each in page.identity.merges],
        barred=[dict(each) for each in page.identity.barred],
        attributes=[dict(each) for each in page.facts.attributes],
        consents=[dict(each) for each in page.facts.consents],
        suppressions=[dict(each) for each in page.facts.suppressions],
        events=[dict(each) for each in page.facts.events],
        event_count=page.facts.event_count,
        traits=plain(dict(page.standing.traits)),
        segments=dict(page.standing.segments),
        acts=[_act(each) for each in page.acts],
    )


@router.get("/people/{profile_id}/explain", dependencies=[at_pace("explanations")])
@stops_with_its_reader
def explain(
    profile_id: Id,
    request: Request,
    server: Serving,
    _: PersonalReader,
    segment: Annotated[str, Query(min_length=1, max_length=20_000, description="Slug, or a rule.")],
    as_of: Annotated[str | None, Query(max_length=40)] = None,
) -> ExplanationTold:
    """Say why a person is in a segment or not, how far from turning, and when it turns by itself."""
    found = server.workspace.segments.explain(profile_id, segment, as_of)
    told = {name: getattr(found, name) for name in ExplanationTold.model_fields if name != "condition"}
    return ExplanationTold(**told, condition=_condition(found.condition, language_of(request)))


@router.post("/people/merge", status_code=201)
def merge(told: Decision, server: Serving, holder: Writer) -> Act:
    """Make two people one."""
    holder.require("personal")
    act = server.workspace.profiles.merge(told.one, told.other, actor=holder.name, note=told.note)
    return Act(number=act.number, name=act.name)


@router.post("/people/unmerge", status_code=201)
def unmerge(told: Decision, server: Serving, holder: Writer) -> Act:
    """Make one person two."""
    holder.require("personal")
    act = server.workspace.profiles.unmerge(told.one, told.other, actor=holder.name, note=told.note)
    return Act(number=act.number, name=act.name)


@router.post("/people/acts/{number}/undo", status_code=201)
def undo(number: Annotated[int, Path(ge=1, le=2**31)], server: Serving, holder: Writer) -> Act:
    """Take an act back."""
    holder.require("personal")
    act = server.workspace.profiles.undo(number, actor=holder.name)
    return Act(number=act.number, name=act.name)


@router.post("/people/export", dependencies=[at_pace("exports")])
def export(told: Erasing, server: Serving, holder: Admin) -> dict[str, Any]:
    """Return everything that is held of a person, for her."""
    with tempfile.TemporaryDirectory() as folder:
        found = server.workspace.privacy.export(told.who, PathOf(folder) / "person.json")
        person: dict[str, Any] = json.loads(found.out.read_text("utf-8"))
    server.workspace.access.note_taken_out("person", 1, actor=holder.name, is_raw=True, reason=told.note)
    return person


@router.post("/people/erase")
def erase(told: Erasing, server: Serving, holder: Admin) -> Erased:
    """Erase everything of a person, for good."""
    summary = server.workspace.privacy.erase(told.who, actor=holder.name)
    return Erased(summary={name: getattr(summary, name) for name in type(summary).__dataclass_fields__})


def _condition(condition: Any, language: Language) -> ConditionTold:
    return ConditionTold(
        text=condition.text,
        said=condition.said[language],
        join=condition.join,
        holds=condition.holds,
        parts=[_condition(each, language) for each in condition.parts],
        values={each.text: plain(each.value) for each in condition.values},
        events=list(condition.events),
        short=condition.short,
        way=condition.way,
        measure=condition.measure,
        so_many=condition.so_many.get(language),
    )


def _act(act: Any) -> dict[str, Any]:
    return {
        name: getattr(act, name)
        for name in ("number", "name", "actor", "acted_at", "note", "undoes")
        if hasattr(act, name)
    }
