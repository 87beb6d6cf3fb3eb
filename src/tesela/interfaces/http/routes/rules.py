"""Rules while they are being written: read, said back, counted, looked into."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from tesela.base import InputError, NotFoundError, RefusedError
from tesela.interfaces.http.leaving import stops_with_its_reader
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Reader, Server, Serving, at_pace
from tesela.interfaces.http.shapes import AsOf, Moment, Shape, Told

router = APIRouter(tags=["rules"])
STANDING = (
    "can_receive(email)",
    "did email_opened in last 90 days or did email_link_clicked in last 90 days or did order_completed in last 90 days",
)
"""What the page counts of every base at home: who can be reached, who is engaged."""

Rule = Annotated[str, Field(min_length=1, max_length=20_000, examples=["did order_completed in last 30 days"])]


class RuleAsked(Shape):
    """A rule in any notation."""

    rule: Rule | None = None
    tree: dict[str, Any] | None = Field(default=None, description="The rule as JSON, instead of text.")


class Mistake(Told):
    """Where a rule makes no sense."""

    code: str
    message: str
    hint: str | None
    line: int | None = Field(description="Line in the text, from 1.")
    column: int | None = Field(description="Column in the line, from 1.")


class RuleRead(Told):
    """A rule in every notation, or where it makes no sense."""

    text: str | None = None
    sentence: str | None = Field(default=None, description="In plain words, in the reader's language.")
    tree: dict[str, Any] | None = None
    mistake: Mistake | None = None


class CountAsked(Shape):
    """A rule to count while it is being written."""

    rule: Rule | None = None
    tree: dict[str, Any] | None = Field(default=None, description="The rule as JSON, instead of text.")
    writer: Annotated[str, Field(min_length=1, max_length=80)] = "editor"
    turn: Annotated[int | None, Field(ge=0, le=2**53)] = Field(
        default=None, description="How often the writer asked before, where requests may overtake each other."
    )
    as_of: AsOf = None


class Count(Told):
    """How many satisfy a rule."""

    count: int | None = Field(description="None where so few that they may not be told.")
    base: int | None
    share: float | None
    anonymous: int | None
    as_of: Moment | None
    is_superseded: bool = Field(default=False, description="The writer asked for another rule meanwhile.")


class Names(Told):
    """What rules may name."""

    events: list[str]
    fields: list[str]
    segments: list[str]
    traits: list[str]
    words: list[str]


@router.post("/rules/read", dependencies=[at_pace("counts")])
def read(asked: RuleAsked, request: Request, server: Serving, _: Reader) -> RuleRead:
    """Return a rule in every notation; a mistake is an answer, with its place."""
    language = language_of(request)
    segments = server.workspace.segments
    try:
        rule = segments.write(asked.tree) if asked.tree is not None else asked.rule or ""
        words = segments.say(rule)
    except (InputError, NotFoundError) as error:
        facts = error.facts
        mistake = Mistake(
            code=error.code,
            message=error.message(language),
            hint=error.hint(language),
            line=_number(facts.get("line")),
            column=_number(facts.get("column")),
        )
        return RuleRead(mistake=mistake)
    said = words.spanish if language == "es" else words.english
    return RuleRead(text=words.text, sentence=said, tree=words.json)


@router.post("/rules/count", dependencies=[at_pace("counts")])
@stops_with_its_reader
def count(asked: CountAsked, server: Serving, holder: Reader) -> Count:
    """Count who satisfies a rule; asked again by the same writer, the count before is stopped.

    A rule of one's own can single a person out, or two of them together: it takes personal access. Whoever has none may
    count the shop's segments as they are defined, and what the page shows of every base.
    """
    rule = server.workspace.segments.write(asked.tree) if asked.tree is not None else asked.rule or ""
    if not holder.sees_people and (asked.as_of is not None or not _is_everybodys(rule, server)):
        raise RefusedError("interfaces.http.own_rule")
    found = server.live.count(f"{holder.name} {asked.writer}", rule, asked.as_of, asked.turn)
    if found is None:
        return Count(count=None, base=0, share=None, anonymous=None, as_of=None, is_superseded=True)
    share = holder.share(found.count, found.base)
    count, base, anonymous = (holder.shown(each) for each in (found.count, found.base, found.anonymous))
    return Count(count=count, base=base, share=share, anonymous=anonymous, as_of=found.as_of)


@router.get("/rules/names")
def names(server: Serving, _: Reader) -> Names:
    """Return what rules may name, for completion."""
    return Names.model_validate(server.workspace.segments.names())


def _is_everybodys(rule: str, server: Server) -> bool:
    """Tell whether a rule is one that the page shows of every base, or a segment of the shop as it is defined."""
    segments = server.workspace.segments
    known = {each.slug: each.when for each in segments.list()}
    # said in the same words: how it is laid out does not count
    asked = segments.say(rule).text
    return rule in known or asked in {segments.say(each).text for each in (*known.values(), *STANDING)}


def _number(told: object) -> int | None:
    return told if isinstance(told, int) else None
