"""Figures of the whole: home, RFM, how segments overlap and how people move between them."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import Field

from tesela.base import from_e4, text
from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Reader, Serving, at_pace
from tesela.interfaces.http.shapes import Moment, Number, Told
from tesela.segments import together
from tesela.workspace import access

router = APIRouter(tags=["figures"])
Slugs = Annotated[list[str], Query(max_length=60, description="By default all segments that are defined.")]
_SETS_SHOWN = 40
_A_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SCORES = (1, 2, 3, 4, 5)


class Home(Told):
    """The base at a glance."""

    as_of: Moment | None = Field(description="Of the newest publication; None when nothing was published yet.")
    size: int | None
    buyers: int | None
    orders: int | None
    revenue: Number | None
    share_of_buyers: Number | None
    average_order_value: Number | None
    repeat_rate: Number | None
    segments: int
    entered: int | None = Field(description="Who came into any segment with the newest publication.")
    left: int | None
    imports: int = Field(description="Imports that stand.")


class RFMCellTold(Told):
    """Buyers of one cell of the grid."""

    r: int
    f: int
    segment: str
    name: str
    buyers: int | None


class RFMBand(Told):
    """Which values get a score."""

    score: int
    low: Number | None = Field(description="None when any smaller value gets it too.")
    high: Number | None = Field(description="None when any larger value gets it too.")


class RFMTold(Told):
    """The grid, with its cut points."""

    as_of: Moment
    buyers: int | None
    cells: list[RFMCellTold]
    by_segment: dict[str, int | None]
    names: dict[str, str]
    days: list[RFMBand] = Field(description="Whole days since the last order, by recency score.")
    orders: list[RFMBand] = Field(description="Orders, by frequency score.")
    money: list[RFMBand] = Field(description="Money, by money score; above the low end, up to the high one.")
    window: str = Field(description="How far back orders and money count; `ever` counts all.")
    is_net: bool = Field(description="Whether refunds are taken off.")
    fitted_at: Moment = Field(description="When the cut points were made.")


class RFMRevenueCell(Told):
    """What the buyers of one cell bring."""

    r: int
    f: int
    revenue: Number | None = Field(description="None where so few buyers are in it that it would tell of persons.")


class RFMRevenueTold(Told):
    """What the buyers of each cell and name bring, by what RFM counts."""

    as_of: Moment
    total: Number
    cells: list[RFMRevenueCell]
    by_segment: dict[str, Number | None]


class CombinationTold(Told):
    """People who are in exactly these segments."""

    segments: list[str]
    people: int | None


class OverlapTold(Told):
    """How segments overlap, as published last."""

    as_of: Moment
    segments: list[str]
    names: dict[str, str]
    base: int | None
    covered: int | None = Field(description="People in at least one of them.")
    sizes: dict[str, int | None]
    shared: list[list[int | None]] = Field(description="People whom each segment shares with each, as rows.")
    combinations: list[CombinationTold] = Field(description="The largest first.")
    pressure: dict[int, int | None] = Field(description="People by the number of these segments that they are in.")


class FlowTold(Told):
    """People who were in one segment and are in another."""

    source: str
    target: str
    people: int | None
    moved: int | None


class FlowsTold(Told):
    """How people moved between segments."""

    start: Moment
    end: Moment
    segments: list[str]
    names: dict[str, str]
    flows: list[FlowTold]


class RFMMovementTold(FlowsTold):
    """How people moved between the names of RFM, those who stayed included; `-` is not in the base."""

    before: dict[str, int | None] = Field(description="People by name at the start.")
    after: dict[str, int | None] = Field(description="People by name at the end.")


@router.get("/home")
def home(server: Serving, holder: Reader) -> Home:
    """Show the base at a glance."""
    ws = server.workspace
    overview = ws.segments.overview()
    kpis, published = overview.kpis, [each for each in overview.rows if each.size is not None]
    size = overview.base
    return Home(
        as_of=overview.as_of,
        size=None if size is None else holder.shown(size),
        buyers=holder.shown(kpis.buyers) if kpis else None,
        orders=holder.shown(kpis.orders) if kpis else None,
        revenue=holder.figure(kpis.revenue) if kpis else None,
        share_of_buyers=holder.share(kpis.buyers, kpis.size) if kpis else None,  # type: ignore[arg-type]  # a number
        average_order_value=holder.figure(kpis.average_order_value) if kpis else None,
        repeat_rate=holder.figure(kpis.repeat_rate) if kpis else None,
        segments=len(overview.rows),
        entered=holder.shown(sum(each.entered or 0 for each in published)),
        left=holder.shown(sum(each.left or 0 for each in published)),
        imports=sum(each.state == "sealed" for each in ws.imports.list()),
    )


@router.get("/rfm")
def rfm(request: Request, server: Serving, holder: Reader) -> RFMTold:
    """Show the RFM grid of the newest run."""
    language = language_of(request)
    run = server.workspace.traits.newest_rfm()
    names = {slug: text(f"traits.rfm.segment.{slug}", language) for slug in run.by_segment}
    cells = {(each.r, each.f): each.segment for each in run.cells}
    return RFMTold(
        as_of=run.as_of,
        buyers=holder.shown(run.buyers),
        cells=[
            RFMCellTold(
                r=r,
                f=f,
                segment=segment,
                name=names[segment],
                buyers=holder.shown(run.count(r, f)),
            )
            for (r, f), segment in sorted(cells.items())
        ],
        by_segment={name: holder.shown(count) for name, count in run.by_segment.items()},
        names=names,
        days=[_band(score, *run.fit.days_of(score)) for score in _SCORES],
        orders=[_band(score, *run.fit.cuts["f"].values_of(score)) for score in _SCORES],
        money=[
            _band(score, *(holder.figure(_money(each)) for each in run.fit.cuts["m"].values_of(score)))
            for score in _SCORES
        ],
        window=run.fit.window,
        is_net=run.fit.money == "net",
        fitted_at=run.fit.fitted_at,
    )


@router.get("/rfm/revenue", dependencies=[at_pace("figures")])
@stops_with_its_reader
def rfm_revenue(server: Serving, holder: Reader) -> RFMRevenueTold:
    """Say what the buyers of each cell and name bring, as of the newest run of RFM."""
    found = server.workspace.traits.rfm_revenue()

    def told(buyers: int, amount: int) -> Decimal | None:
        return None if holder.shown(buyers) is None else holder.figure(from_e4(amount))

    return RFMRevenueTold(
        as_of=found.as_of,
        total=holder.figure(from_e4(found.amount_e4)),
        cells=[RFMRevenueCell(r=r, f=f, revenue=told(*each)) for (r, f), each in found.cells.items()],
        by_segment={name: told(*each) for name, each in found.by_segment.items()},
    )


@router.get("/rfm/movement", dependencies=[at_pace("figures")])
@stops_with_its_reader
def rfm_movement(
    request: Request,
    server: Serving,
    holder: Reader,
    start: Annotated[str | None, Query(max_length=40)] = None,
    end: Annotated[str | None, Query(max_length=40)] = None,
) -> RFMMovementTold:
    """Say who went from which name of RFM to which, by the same cut points at both moments."""
    _check_days(holder, start, end)
    found = server.workspace.traits.rfm_movement(end, start)
    language, nowhere = language_of(request), together.NOWHERE
    return RFMMovementTold(
        start=found.since,
        end=found.as_of,
        segments=list(found.after),
        names={slug: text(f"traits.rfm.segment.{slug}", language) for slug in found.after},
        before={name: holder.shown(people) for name, people in found.before.items()},
        after={name: holder.shown(people) for name, people in found.after.items()},
        flows=[
            FlowTold(
                source=each.before or nowhere,
                target=each.after or nowhere,
                people=holder.shown(each.profiles),
                moved=holder.shown(each.profiles if each.before != each.after else 0),
            )
            for each in found.moves
            if holder.may_know_of(each.profiles)
        ],
    )


def _check_days(holder: access.Holder, *moments: str | None) -> None:
    """Let whoever may not see people ask for days alone: what a second changes is what one person did."""
    for moment in moments:
        if moment is not None and not _A_DAY.fullmatch(moment):
            holder.require("personal")


def _money(amount_e4: int | None) -> Decimal | None:
    return None if amount_e4 is None else from_e4(amount_e4)


def _band(score: int, low: float | Decimal | None, high: float | Decimal | None) -> RFMBand:
    return RFMBand.model_validate({"score": score, "low": low, "high": high})


@router.get("/map/overlap", dependencies=[at_pace("figures")])
@stops_with_its_reader
def overlap(request: Request, server: Serving, holder: Reader, segment: Slugs = []) -> OverlapTold:  # noqa: B006 FastAPI copies it
    """Show how segments overlap, what they cover, and in how many each person is."""
    sets, found = server.workspace.segments.overlap(segment)
    language = language_of(request)
    titles = {each.slug: each.title(language) for each in server.workspace.segments.list()}
    return OverlapTold(
        as_of=sets.publication.as_of,
        segments=list(found.slugs),
        names={slug: titles.get(slug, slug) for slug in found.slugs},
        base=holder.shown(len(sets.base)),
        covered=holder.shown(sum(found.pressure.values())),
        sizes={slug: holder.shown(found.shared[place][place]) for place, slug in enumerate(found.slugs)},
        shared=[[holder.shown(people) for people in row] for row in found.shared],
        combinations=[
            CombinationTold(segments=list(each.segments), people=holder.shown(each.people))
            for each in found.combinations[:_SETS_SHOWN]
            if holder.may_know_of(each.people)
        ],
        pressure={
            count: holder.shown(people) for count, people in found.pressure.items() if holder.may_know_of(people)
        },
    )


@router.get("/map/flows", dependencies=[at_pace("figures")])
@stops_with_its_reader
def flows(
    request: Request,
    server: Serving,
    holder: Reader,
    segment: Slugs = [],  # noqa: B006 FastAPI copies it
    start: Annotated[str | None, Query(max_length=40)] = None,
    end: Annotated[str | None, Query(max_length=40)] = None,
) -> FlowsTold:
    """Show how people moved between segments from one moment to another, by the rules as they are now."""
    _check_days(holder, start, end)
    found = server.workspace.measurement.movement(segment, start=start, end=end)
    language = language_of(request)
    titles = {each.slug: each.title(language) for each in server.workspace.segments.list()}
    told = [each for row in found.movement.flows() for each in row if each.people and holder.may_know_of(each.people)]
    return FlowsTold(
        start=found.start,
        end=found.end,
        segments=list(found.movement.slugs),
        names={slug: titles.get(slug, slug) for slug in found.movement.slugs},
        flows=[
            FlowTold(
                source=each.source,
                target=each.target,
                people=holder.shown(each.people),
                moved=holder.shown(each.moved),
            )
            for each in told
        ],
    )
