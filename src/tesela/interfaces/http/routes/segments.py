"""Segments: listed, shown, changed, their members, what they are worth, how they went."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import Field

from tesela.base import Language, RefusedError
from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.routes.rules import Rule
from tesela.interfaces.http.server import PersonalReader, Reader, Serving, Writer, at_pace
from tesela.interfaces.http.shapes import AsOf, Moment, Number, Page, Plain, Shape, Slug, Told
from tesela.workspace import access

router = APIRouter(tags=["segments"])
Offset = Annotated[int, Query(ge=0, le=2**31)]
Limit = Annotated[int, Query(ge=1, le=500)]
_SAMPLE = 8
_WRITTEN = "written"
# whoever may not see people chooses among these: between two moments of one's own stands what one person did
_WINDOWS = ("30 days", "90 days", "180 days", "365 days", "1 year", "12 months", "all")
_FIRST_METRICS = ("conversion", "average_order_value", "revenue_per_profile", "reachable_email")


class SegmentRow(Told):
    """A segment with its newest figures."""

    slug: str
    name: str
    description: str
    size: int | None = Field(description="Members as published last; None when never, or so few that they are hidden.")
    entered: int | None = Field(description="Who came with the newest publication.")
    left: int | None = Field(description="Who went with it.")
    share_of_base: Number | None
    share_of_revenue: Number | None
    revenue: Number | None
    trend: list[int | None] = Field(description="Sizes at the newest runs, the oldest first.")
    is_published: bool


class SegmentList(Told):
    """All segments, as of their newest publication."""

    rows: list[SegmentRow]
    as_of: Moment | None = Field(description="Moment of the newest publication; None when nothing was published.")
    base: int | None


class SegmentTold(Told):
    """A segment with its definition."""

    slug: str
    name: dict[Language, str]
    description: dict[Language, str]
    rule: str
    sentence: str = Field(description="The rule in plain words, in the reader's language.")
    tree: dict[str, Any]


class SegmentWritten(Shape):
    """A definition to save."""

    rule: Rule
    name: dict[Language, Annotated[str, Field(max_length=200)]] = Field(default_factory=dict)
    description: dict[Language, Annotated[str, Field(max_length=2000)]] = Field(default_factory=dict)
    replace: bool = Field(default=False, description="Whether a segment that is defined otherwise is overwritten.")


class RuleForSegment(Shape):
    """A rule that a segment may get."""

    rule: Rule
    as_of: AsOf = None


class DifferenceTold(Told):
    """What becomes of the members of one segment."""

    segment: str
    before: int | None
    after: int | None
    entering: int | None
    leaving: int | None
    entering_sample: list[Plain] = Field(description="Some who would come; empty for whoever may not see people.")
    leaving_sample: list[Plain]


class PreviewTold(Told):
    """What saving a rule would do."""

    as_of: Moment
    is_new: bool
    change: DifferenceTold
    dependents: list[DifferenceTold]


class SizeTold(Told):
    """How large a segment was."""

    as_of: Moment
    size: int | None
    entered: int | None
    left: int | None
    fingerprint: str


class Figure(Told):
    """One metric of one segment."""

    metric: str
    name: str
    unit: str
    value: Number | None
    low: Number | None
    high: Number | None
    n: int | None = Field(description="How many were counted; None where so few that they are hidden.")
    caution: Literal["few", "too_few"] | None
    other: Number | None = Field(default=None, description="The same of the rest of the base.")
    change: Number | None = None
    p_value: float | None = None


class Figures(Told):
    """What a segment is worth."""

    segment: str
    since: Moment | None
    as_of: Moment
    figures: list[Figure]


class MembersPage(Page[Plain]):
    """Members of a segment, as published last."""

    as_of: Moment


class WaterfallTold(Told):
    """How many of a segment may be written to."""

    segment: str
    channel: str
    purpose: str
    as_of: Moment
    size: int | None
    steps: list[dict[str, Any]] = Field(description="What is lost at each step, and what is left.")
    reachable: int | None


@router.get("/segments")
def list_segments(request: Request, server: Serving, holder: Reader) -> SegmentList:
    """List the segments with their newest figures."""
    language, overview = language_of(request), server.workspace.segments.overview()
    rows = [
        SegmentRow(
            slug=each.segment.slug,
            name=each.segment.title(language),
            description=each.segment.description.get(language, ""),
            size=None if each.size is None else holder.shown(each.size),
            entered=None if each.entered is None else holder.shown(each.entered),
            left=None if each.left is None else holder.shown(each.left),
            **_worth(each.kpis, holder),
            trend=[holder.shown(size) for size in each.trend],
            is_published=each.size is not None,
        )
        for each in overview.rows
    ]
    base = None if overview.base is None else holder.shown(overview.base)
    return SegmentList(rows=rows, as_of=overview.as_of, base=base)


def _worth(kpis: Any, holder: access.Holder) -> dict[str, Any]:
    names = ("share_of_base", "share_of_revenue", "revenue")
    # of so few people every figure would tell of persons
    if kpis is None or not holder.may_know_of(kpis.size):
        return dict.fromkeys(names)
    return {name: holder.figure(getattr(kpis, name)) for name in names}


@router.get("/segments/{slug}")
def show_segment(slug: Slug, request: Request, server: Serving, _: Reader) -> SegmentTold:
    """Show a segment's definition."""
    segment = server.workspace.segments.find(slug)
    words = server.workspace.segments.say(slug)
    said = words.spanish if language_of(request) == "es" else words.english
    return SegmentTold(
        slug=slug,
        name=dict(segment.name),
        description=dict(segment.description),
        rule=segment.when,
        sentence=said,
        tree=words.json,
    )


@router.put("/segments/{slug}")
def save_segment(slug: Slug, told: SegmentWritten, request: Request, server: Serving, holder: Writer) -> SegmentTold:
    """Save a segment's definition in the workspace's files; it takes personal access: rules can single people out."""
    holder.require("personal")
    server.workspace.segments.define(
        slug, told.rule, name=told.name, description=told.description, replace=told.replace
    )
    return show_segment(slug, request, server, holder)


@router.delete("/segments/{slug}", status_code=204)
def remove_segment(slug: Slug, server: Serving, _: Writer) -> None:
    """Take a segment's definition out of the workspace's files; what was published of it stays."""
    server.workspace.segments.remove(slug)


@router.post("/segments/{slug}/preview", dependencies=[at_pace("counts")])
@stops_with_its_reader
def preview(slug: Slug, told: RuleForSegment, server: Serving, holder: PersonalReader) -> PreviewTold:
    """Say who would come and go if a segment got another rule, and what becomes of those that name it."""
    return tell_preview(server.workspace.segments.preview(slug, told.rule, told.as_of), server, holder)


def tell_preview(found: Any, server: Serving, holder: access.Holder) -> PreviewTold:
    """Return what a rule would do, with some of the people where the reader may see them."""

    def difference(each: Any) -> DifferenceTold:
        people = server.workspace.segments.people
        samples = [people(who, _SAMPLE).to_pylist() for who in (each.entering, each.leaving)]
        return DifferenceTold(
            segment=each.segment,
            before=holder.shown(each.before),
            after=holder.shown(each.after),
            entering=holder.shown(len(each.entering)),
            leaving=holder.shown(len(each.leaving)),
            entering_sample=samples[0],
            leaving_sample=samples[1],
        )

    return PreviewTold(
        as_of=found.as_of,
        is_new=found.is_new,
        change=difference(found.change),
        dependents=[difference(each) for each in found.dependents],
    )


@router.get("/segments/{slug}/history")
def history(slug: Slug, server: Serving, holder: Reader) -> list[SizeTold]:
    """Say how large a segment was at each publication."""
    return [
        SizeTold(
            as_of=each.as_of,
            size=holder.shown(each.size),
            entered=holder.shown(each.entered),
            left=holder.shown(each.left),
            fingerprint=each.fingerprint,
        )
        for each in server.workspace.segments.sizes(slug)
    ]


@router.get("/segments/{slug}/kpis", dependencies=[at_pace("figures")])
@stops_with_its_reader
def kpis(
    slug: Slug,
    request: Request,
    server: Serving,
    holder: Reader,
    window: Annotated[str, Query(max_length=40, examples=["90 days"])] = "90 days",
    as_of: Annotated[str | None, Query(max_length=40)] = None,
) -> Figures:
    """Say what a segment is worth, with intervals, beside the base's rest; another moment takes personal access."""
    if as_of is not None or window not in _WINDOWS:
        holder.require("personal")
    card = server.workspace.measurement.kpis([slug], window=window, as_of=as_of, against="base")
    return _figures(slug, card, language_of(request), holder)


@router.post("/rules/kpis", dependencies=[at_pace("counts")])
@stops_with_its_reader
def kpis_of_rule(told: RuleForSegment, request: Request, server: Serving, holder: PersonalReader) -> Figures:
    """Say what those who satisfy a rule would be worth as a segment: a few metrics of 90 days, beside the rest."""
    card = server.workspace.measurement.kpis(
        [_WRITTEN], rules={_WRITTEN: told.rule}, as_of=told.as_of, against="base", metrics=("size", *_FIRST_METRICS)
    )
    return _figures(_WRITTEN, card, language_of(request), holder)


def _figures(slug: str, card: Any, language: Language, holder: access.Holder) -> Figures:
    figures = []
    # of so few people every figure would tell of persons
    size = int(card.of(slug, "size").value or 0)
    is_rest_told = holder.may_know_of(card.base - size)
    for metric in card.metrics if holder.may_know_of(size) else ():
        if slug == _WRITTEN and metric.key not in _FIRST_METRICS:
            continue
        measured = card.of(slug, metric.key)
        named = {"metric": metric.key, "name": metric.name(language), "unit": metric.unit}
        if not holder.may_know_of(measured.people):
            figures.append(Figure(**named, value=None, low=None, high=None, n=None, caution=measured.caution))
            continue
        told = {name: _told(getattr(measured, name), metric, holder) for name in ("value", "low", "high")}
        if measured.against is not None and is_rest_told:
            told |= {name: holder.figure(getattr(measured.against, name)) for name in ("other", "change", "p_value")}
        told |= {"n": holder.shown(measured.n), "caution": measured.caution}
        figures.append(Figure(**named, **told))
    return Figures(segment=slug, since=card.since, as_of=card.as_of, figures=figures)


def _told(value: Any, metric: Any, holder: access.Holder) -> Any:
    return holder.shown(int(value)) if metric.unit == "profiles" and value is not None else holder.figure(value)


@router.get("/segments/{slug}/members", dependencies=[at_pace("people")])
@stops_with_its_reader
def members(
    slug: Slug,
    server: Serving,
    _: PersonalReader,
    search: Annotated[str, Query(max_length=200)] = "",
    sort: Annotated[str, Query(max_length=40)] = "profile_id",
    descending: bool = False,
    offset: Offset = 0,
    limit: Limit = 50,
) -> MembersPage:
    """List members as published last: personal data."""
    asked = {"search": search, "sort": sort, "descending": descending, "offset": offset, "limit": limit}
    as_of, found = server.workspace.segments.members_page(slug, **asked)
    return MembersPage(rows=list(found.rows), total=found.total, offset=offset, limit=limit, as_of=as_of)


@router.get("/segments/{slug}/reachable")
@stops_with_its_reader
def reachable(
    slug: Slug,
    server: Serving,
    holder: Reader,
    channel: Annotated[str, Query(max_length=20)] = "email",
    purpose: Annotated[str, Query(max_length=40)] = "marketing",
) -> WaterfallTold:
    """Say how many of a segment may be written to, and why the others may not."""
    found = server.workspace.segments.reach(slug, channel, purpose)
    return WaterfallTold(
        segment=slug,
        channel=channel,
        purpose=purpose,
        as_of=found.as_of,
        size=holder.shown(found.segment),
        steps=[
            {"reason": reason, "people": holder.shown(people)}
            for reason, people in (
                ("no_address", found.no_address),
                ("no_consent", found.no_consent),
                *((f"suppressed:{why}", of) for why, of in found.suppressed.items() if holder.may_know_of(of)),
            )
        ],
        reachable=holder.shown(found.reachable),
    )


Form = Literal["csv", "xlsx", "parquet"]
_MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}


class ExportAsked(Shape):
    """Which list of people is taken out, and what for."""

    form: Form = "csv"
    channel: Annotated[str | None, Field(max_length=20)] = Field(
        default=None, description="By what they will be written to; only who can receive is in the list."
    )
    purpose: Annotated[str, Field(max_length=40)] = "marketing"
    is_raw: bool = Field(default=False, description="Everybody, whatever they allow; only for an admin with a reason.")
    reason: Annotated[str, Field(max_length=500)] = ""


@router.post(
    "/segments/{slug}/export",
    dependencies=[at_pace("exports")],
    response_class=Response,
    responses={200: {"content": {media.split(";")[0]: {} for media in _MEDIA.values()}}},
)
def export(slug: Slug, asked: ExportAsked, server: Serving, holder: PersonalReader) -> Response:
    """Take a segment out as a file: who can receive, or, for an admin who says why, everybody."""
    if asked.is_raw:
        holder.require("admin")
        if len(asked.reason.split()) < 2:
            raise RefusedError("interfaces.http.no_reason")
    elif asked.channel is None:
        raise RefusedError("interfaces.http.no_channel")
    found = server.workspace.segments.export(
        slug,
        asked.form,
        reachable=None if asked.is_raw else asked.channel,
        purpose=asked.purpose,
    )
    server.workspace.access.note_taken_out(
        f"segment:{slug}",
        found.people,
        actor=holder.name,
        is_raw=asked.is_raw,
        channel=asked.channel,
        purpose=asked.purpose,
        reason=asked.reason,
    )
    headers = {"content-disposition": f'attachment; filename="{slug}.{asked.form}"'}
    return Response(found.content, media_type=_MEDIA[asked.form], headers=headers)
