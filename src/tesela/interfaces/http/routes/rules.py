"""Rules while they are being written: read, said back, counted, looked into."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request
from pydantic import Field

from tesela.base import InputError, NotFoundError
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Reader, Serving
from tesela.interfaces.http.shapes import AsOf, Moment, Shape, Told

router = APIRouter(tags=["rules"])
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
    base: int
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


@router.post("/rules/read")
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


@router.post("/rules/count")
def count(asked: CountAsked, server: Serving, holder: Reader) -> Count:
    """Count who satisfies a rule; asked again by the same writer, the count before is stopped."""
    rule = server.workspace.segments.write(asked.tree) if asked.tree is not None else asked.rule or ""
    found = server.live.count(f"{holder.name} {asked.writer}", rule, asked.as_of, asked.turn)
    if found is None:
        return Count(count=None, base=0, share=None, anonymous=None, as_of=None, is_superseded=True)
    shown = holder.shown(found.count)
    share = None if shown is None or not found.base else found.count / found.base
    return Count(count=shown, base=found.base, share=share, anonymous=holder.shown(found.anonymous), as_of=found.as_of)


@router.get("/rules/names")
def names(server: Serving, _: Reader) -> Names:
    """Return what rules may name, for completion."""
    return Names.model_validate(server.workspace.segments.names())


def _number(told: object) -> int | None:
    return told if isinstance(told, int) else None
