"""The versions of a segment's rule: listed, compared, restored."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import Field

from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.routes.segments import PreviewTold, SegmentTold, show_segment, tell_preview
from tesela.interfaces.http.server import PersonalReader, Reader, Serving, Writer, at_pace
from tesela.interfaces.http.shapes import Moment, Slug, Told

router = APIRouter(tags=["segments"])
_VERSION = r"^[0-9a-f]{1,64}$"
Version = Annotated[str, Path(pattern=_VERSION, description="Fingerprint of the version, or its beginning.")]
Against = Annotated[
    str | None, Query(pattern=_VERSION, description="Version to compare with; by default the rule now.")
]


class VersionTold(Told):
    """A version of a segment's rule, for a stretch of time during which it was published."""

    fingerprint: str
    rule: str
    sentence: str | None = Field(description="The rule in plain words; None when it can no longer be read.")
    since: Moment
    until: Moment | None = Field(description="First publication without it; None while the newest one has it.")
    first_size: int | None = Field(description="Members when it began.")
    last_size: int | None = Field(description="Members when it ended, or as published last.")
    is_current: bool = Field(description="Whether the segment's file says it now.")
    problem: str | None = Field(description="Why it cannot be used any more; None when it can.")


class Piece(Told):
    """A piece of one rule, or of both."""

    kind: Literal["same", "removed", "added"]
    text: str


class ComparisonTold(Told):
    """What is different in a version of a segment's rule."""

    before: str | None = Field(description="The rule it is compared with; None when the segment is defined no more.")
    after: str
    pieces: list[Piece] = Field(description="The words of both, in the order of reading.")
    preview: PreviewTold | None = Field(description="Who would come and go; None when a rule cannot be used any more.")
    problem: str | None


@router.get("/segments/{slug}/versions")
def list_versions(slug: Slug, request: Request, server: Serving, holder: Reader) -> list[VersionTold]:
    """List the versions of a segment's rule that were published, the newest first."""
    language = language_of(request)
    return [
        VersionTold(
            fingerprint=each.published.fingerprint,
            rule=each.published.rule,
            sentence=each.spanish if language == "es" else each.english,
            since=each.published.since,
            until=each.published.until,
            first_size=holder.shown(each.published.first_size),
            last_size=holder.shown(each.published.last_size),
            is_current=each.is_current,
            problem=each.problem.message(language) if each.problem else None,
        )
        for each in server.workspace.segments.versions.list(slug)
    ]


@router.get("/segments/{slug}/versions/{fingerprint}/preview", dependencies=[at_pace("counts")])
@stops_with_its_reader
def compare_version(
    slug: Slug, fingerprint: Version, request: Request, server: Serving, holder: PersonalReader, against: Against = None
) -> ComparisonTold:
    """Say what is different in a version: its words, who would come and go, what becomes of those that name it."""
    found = server.workspace.segments.versions.compare(slug, fingerprint, against)
    return ComparisonTold(
        before=found.before,
        after=found.after,
        pieces=[Piece.model_validate(each) for each in found.pieces],
        preview=tell_preview(found.preview, server, holder) if found.preview else None,
        problem=found.problem.message(language_of(request)) if found.problem else None,
    )


@router.post("/segments/{slug}/versions/{fingerprint}/restore")
def restore_version(slug: Slug, fingerprint: Version, request: Request, server: Serving, _: Writer) -> SegmentTold:
    """Write a version's rule into the workspace's files, as any other save: nothing of the history is lost."""
    server.workspace.segments.versions.restore(slug, fingerprint)
    return show_segment(slug, request, server, _)
