"""Segments ready to use: what each is for, whether the shop's data allow it, adding it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import Field

from tesela.base import Language
from tesela.interfaces.http.problems import language_of
from tesela.interfaces.http.server import Reader, Serving, Writer
from tesela.interfaces.http.shapes import Shape, Told
from tesela.workspace import Offer

router = APIRouter(tags=["catalog"])
Name = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


class ActionTold(Told):
    """Something to do with the people of a segment."""

    channels: list[str]
    words: str


class EntryTold(Told):
    """A segment ready to use."""

    slug: str
    family: str
    name: str
    description: str
    objective: str
    actions: list[ActionTold]
    warning: str
    is_possible: bool
    missing: list[str] = Field(description="Data that it needs and the shop has not.")
    is_added: bool
    size: int | None = Field(default=None, description="Of the entry asked for; None in lists.")
    rule: str | None = None


class Adding(Shape):
    """How an entry is added."""

    slug: Annotated[str, Field(max_length=63)] = ""
    replace: bool = False


@router.get("/catalog")
def entries(request: Request, server: Serving, _: Reader) -> list[EntryTold]:
    """List the segments that are ready to use."""
    known = {each.slug for each in server.workspace.segments.list()}
    language = language_of(request)
    return [_told(each, language, known) for each in server.workspace.segments.catalog.list()]


@router.get("/catalog/{name}")
def entry(name: Name, request: Request, server: Serving, holder: Reader) -> list[EntryTold]:
    """Show an entry, or all of a family, with the values that the shop's data give, and its size."""
    known = {each.slug for each in server.workspace.segments.list()}
    language = language_of(request)
    found = []
    for each in server.workspace.segments.catalog.show(name):
        told = _told(each, language, known)
        told.size = holder.shown(each.size.count) if each.size is not None else None
        told.rule = each.segment.when if each.segment else None
        found.append(told)
    return found


@router.post("/catalog/{name}", status_code=201)
def add(name: Name, told: Adding, server: Serving, _: Writer) -> list[str]:
    """Add an entry, or all of a family, to the shop's segments; return their slugs."""
    added = server.workspace.segments.catalog.add(name, slug=told.slug, replace=told.replace)
    return [each.segment.slug for each in added]


def _told(offer: Offer, language: Language, known: set[str]) -> EntryTold:
    entry, segment = offer.entry, offer.segment or offer.entry.segment()
    return EntryTold(
        slug=entry.slug,
        family=entry.family,
        name=segment.title(language),
        description=segment.description.get(language, ""),
        objective=entry.objective[language],
        actions=[ActionTold(channels=list(each.channels), words=each.words[language]) for each in entry.actions],
        warning=entry.warning[language],
        is_possible=offer.is_possible,
        missing=[each.say(language) for each in offer.missing],
        is_added=entry.slug in known,
    )
