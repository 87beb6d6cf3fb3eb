"""The audit: what was found last, what each check asks, how the score went; mending what was found."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import Field

from tesela import audit
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import PersonalReader, Reader, Serving, Writer, at_pace
from tesela.interfaces.http.shapes import Moment, Shape, Told
from tesela.workspace import access

router = APIRouter(tags=["audit"])
Key = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$", examples=["email_typo"])]
_SHOWN = 200
# numbers of an audit that tell of no person, however small they are
_NO_PEOPLE = frozenset({"first", "last", "opens", "of", "possible", "consent_years", "sleep_days", "imports"})


class PartTold(Told):
    """A part of the score."""

    part: str
    weight: int
    value: float | None = Field(description="0 to 100; None where nothing is known of it.")
    known: float = Field(description="Share of its checks that could be asked.")


class ScoreTold(Told):
    """How healthy the base is, 0 to 100."""

    value: float | None
    points: int | None
    version: int
    known: float
    parts: list[PartTold]


class MoneyTold(Told):
    """What a finding is worth, in the shop's currency."""

    kind: str
    amount: float | None = Field(description="None where data are too few, or a price is not set.")
    low: float | None
    high: float | None
    how: str
    words: str = Field(description="How it was computed, or why it was not.")


class UnknownTold(Told):
    """Why a check could not be asked."""

    reason: str
    words: str


class FindingTold(Told):
    """What a check found."""

    check: str
    section: str
    name: str
    severity: str
    unit: str
    count: int | None = Field(description="None where it is unknown, or so few that they are hidden.")
    of: int | None
    share: float | None
    change: int | None = Field(description="Since the audit before.")
    mark: float | None
    money: MoneyTold | None
    advice: str
    command: str
    fix: str | None
    unknown: UnknownTold | None = None
    figures: dict[str, Any] = Field(default_factory=dict)
    said: dict[str, str] = Field(default_factory=dict, description="Further figures as sentences, by their names.")
    samples: list[str] = Field(default_factory=list, description="Empty for whoever may not see people.")


class PastTold(Told):
    """An audit before: counts and scores only."""

    as_of: str
    base: int | None = Field(description="None where so few that they are hidden.")
    score: float | None
    score_version: int
    parts: dict[str, float]
    counts: dict[str, int | None] = Field(description="By check; None where they are so few that they are hidden.")


class AuditTold(Told):
    """A whole audit."""

    as_of: str
    base: int | None = Field(description="None where so few that they are hidden.")
    score: ScoreTold
    before: PastTold | None
    findings: list[FindingTold]
    pictures: dict[str, Any] = Field(
        description="What stands beside the findings, as `tesela audit --json` tells it: who reacts, growth, data."
    )


class CheckTold(Told):
    """What a check asks, and how it counts."""

    check: str
    section: str
    unit: str
    name: str
    description: str
    why: str
    advice: str
    reason: str
    source: str
    warn: float
    bad: float
    part: str | None
    weight: int
    anchor: float
    when: str | None
    of: str | None
    probe: str | None
    fix: str | None
    money: str | None
    command: str


class FixAsked(Shape):
    """What a person chooses about a fix."""

    words: dict[str, Annotated[str, Field(max_length=200)]] = Field(
        default_factory=dict, description="What values mean, where the fix needs to be told."
    )
    above: Annotated[float | None, Field(ge=0, le=1)] = None
    tag: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=500)] = ""


class ChangeTold(Told):
    """What becomes of one person."""

    profile_id: int
    known_as: str
    what: str
    before: str
    after: str


class FixTold(Told):
    """What a fix would do: to whom, and to the score."""

    check: str
    kind: str
    count_before: int | None
    count_after: int
    people: int
    changes: list[ChangeTold] = Field(description=f"The first {_SHOWN}.")
    left: dict[str, int] = Field(description="Who is left as they are, and why.")
    score_before: ScoreTold
    score_after: ScoreTold


class KeptFixTold(Told):
    """A fix that was applied."""

    number: int
    check: str
    kind: str
    actor: str
    applied_at: Moment
    note: str
    people: int | None = Field(description="None where they are so few that they are hidden.")
    tag: str
    undone_at: Moment | None
    undone_by: str | None


@router.get("/audit")
def newest(request: Request, server: Serving, holder: Reader) -> AuditTold:
    """Show the newest audit of this server's time; where there is none, look at once, and keep nothing."""
    ws = server.workspace
    found = ws.audit.newest()
    values = audit.telling.tell_audit(
        found, language_of(request), currency=ws.settings.currency, samples=holder.sees_people
    )
    pictures = {name: values.pop(name) for name in list(values) if name not in AuditTold.model_fields}
    told = AuditTold.model_validate({**values, "pictures": _shown(pictures, holder)})
    return told if holder.sees_people else _rounded(told, holder)


@router.get(
    "/audit/report",
    dependencies=[at_pace("exports")],
    response_class=Response,
    responses={200: {"content": {"text/html": {"schema": {"type": "string"}}, "application/pdf": {}}}},
)
def report(
    request: Request,
    server: Serving,
    holder: PersonalReader,
    samples: Annotated[bool, Query(description="Whether samples of people are in it.")] = False,
    form: Literal["html", "pdf"] = "html",
) -> Response:
    """Return the newest audit as one page of HTML, or as a PDF, to keep or hand on: its counts are exact."""
    ws = server.workspace
    if samples:
        ws.access.note_taken_out("audit", 0, actor=holder.name, is_raw=False, reason="audit report with samples")
    page = audit.render_audit(
        ws.audit.newest(),
        language_of(request),
        shop=ws.settings.name or ws.folder.resolve().name,
        zone=ws.settings.zone,
        currency=ws.settings.currency,
        samples=samples,
    )
    # it carries a policy and scripts of its own: it is saved, not shown here
    headers = {"content-disposition": f'attachment; filename="audit.{form}"'}
    if form == "pdf":
        return Response(audit.render_pdf(page), media_type="application/pdf", headers=headers)
    return Response(page, media_type="text/html", headers=headers)


@router.get("/audit/history")
def history(server: Serving, holder: Reader) -> list[PastTold]:
    """List the audits that were made, the oldest first."""
    past = [PastTold.model_validate(audit.telling.tell_past(each)) for each in server.workspace.audit.history()]
    return past if holder.sees_people else [_rounded_past(each, holder) for each in past]


@router.get("/audit/checks")
def checks(request: Request, server: Serving, _: Reader) -> list[CheckTold]:
    """List all checks: what each counts, its thresholds, its weight in the score."""
    language = language_of(request)
    known = server.workspace.audit.checks().values()
    return [CheckTold.model_validate(audit.telling.tell_check(each, language)) for each in known]


@router.get("/audit/fixes")
def fixes(server: Serving, holder: Reader) -> list[KeptFixTold]:
    """List the fixes that were applied, the newest first."""
    return [_kept(each, holder) for each in reversed(server.workspace.audit.fixes.list())]


@router.post("/audit/fixes/{check}/preview")
def preview(check: Key, asked: FixAsked, server: Serving, _: PersonalReader) -> FixTold:
    """Say exactly what a check's fix would do, to whom, and to the score; nothing is done."""
    return _fix(server.workspace.audit.fixes.preview(check, _choice(asked)))


@router.post("/audit/fixes/{check}", status_code=201)
def apply(check: Key, asked: FixAsked, server: Serving, holder: Writer) -> KeptFixTold:
    """Apply a check's fix."""
    holder.require("personal")
    found = server.workspace.audit.fixes.preview(check, _choice(asked))
    kept = server.workspace.audit.fixes.apply(found, actor=holder.name, note=asked.note)
    server.workspace.audit.forget()
    return _kept(kept, holder)


@router.post("/audit/fixes/{number}/undo")
def undo(number: Annotated[int, Path(ge=1, le=2**31)], server: Serving, holder: Writer) -> KeptFixTold:
    """Take a fix back: everything is as if it had not been done."""
    undone = server.workspace.audit.fixes.undo(number, actor=holder.name)
    server.workspace.audit.forget()
    return _kept(undone, holder)


def _kept(fix: audit.fixes.KeptFix, holder: access.Holder) -> KeptFixTold:
    told = KeptFixTold.model_validate(fix)
    told.people = holder.shown(fix.people)
    return told


def _shown(value: Any, holder: access.Holder) -> Any:
    """Return pictures as somebody may see them: every whole number in them counts people, but for those named."""
    if isinstance(value, dict):
        return {name: _of_picture(name, each, holder) for name, each in value.items()}
    if isinstance(value, list):
        return [_shown(each, holder) for each in value]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    return holder.shown(value) if isinstance(value, int) else holder.figure(value)


def _of_picture(name: str, value: Any, holder: access.Holder) -> Any:
    if name in _NO_PEOPLE or value is None:
        return value
    return holder.figure(value) if name.endswith("_e4") else _shown(value, holder)


def _rounded(told: AuditTold, holder: access.Holder) -> AuditTold:
    """Return an audit for whoever may not see people: all of it follows from the counts that they may see."""
    told.base = holder.shown(told.base or 0)
    told.before = told.before and _rounded_past(told.before, holder)
    told.score.value = holder.figure(told.score.value)
    for part in told.score.parts:
        part.value = holder.figure(part.value)
    for each in told.findings:
        count, of, change = each.count, each.of, each.change
        each.count, each.of = (None if number is None else holder.shown(number) for number in (count, of))
        each.share = None if count is None or of is None else holder.share(count, of)
        before = None if count is None or change is None else holder.shown(count - change)
        each.change = None if each.count is None or before is None else each.count - before
        each.mark, each.figures, each.said = None if each.count is None else holder.figure(each.mark), {}, {}
        if each.count is None:
            each.money = None
        elif each.money is not None:
            for name in ("amount", "low", "high"):
                setattr(each.money, name, holder.figure(getattr(each.money, name)))
            # they have exact numbers in them
            each.money.words = ""
    return told


def _rounded_past(past: PastTold, holder: access.Holder) -> PastTold:
    counts = {check: None if count is None else holder.shown(count) for check, count in past.counts.items()}
    parts = {part: holder.figure(mark) for part, mark in past.parts.items()}
    told = {"base": holder.shown(past.base or 0), "score": holder.figure(past.score), "parts": parts, "counts": counts}
    return past.model_copy(update=told)


def _choice(asked: FixAsked) -> audit.fixes.Choice:
    usual = audit.fixes.Choice()
    return audit.fixes.Choice(asked.words, usual.above if asked.above is None else asked.above, asked.tag)


def _fix(found: audit.fixes.Preview) -> FixTold:
    plan = found.plan
    return FixTold(
        check=plan.check,
        kind=plan.kind,
        count_before=found.finding.count,
        count_after=plan.count_after,
        people=len({each.profile_id for each in plan.changes}),
        changes=[ChangeTold.model_validate(each) for each in plan.changes[:_SHOWN]],
        left=dict(plan.left),
        score_before=ScoreTold.model_validate(audit.telling.tell_score(found.before)),
        score_after=ScoreTold.model_validate(audit.telling.tell_score(found.after)),
    )
