"""One person: everything that is known of her; merging, unmerging, and taking that back."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tesela.interfaces.cli.desk import plain, this_person, told_consent, told_stop
from tesela.interfaces.cli.options import AsOf, By, Folder, Json, Note, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from zoneinfo import ZoneInfo

    from tesela.profiles import Act
    from tesela.workspace import PersonPage

Profile = Annotated[str, typer.Argument(metavar="profile")]

_MOST_EVENTS = 20
_SHOWN = ("order_id", "product_id", "category", "coupon", "campaign_id", "url")


def show(
    ctx: typer.Context,
    profile: Profile,
    workspace: Folder = None,
    as_of: AsOf = None,
    newest: Annotated[int, typer.Option("--newest", metavar="number", min=0)] = _MOST_EVENTS,
    json: Json = False,
) -> None:
    """Show everything that is known of one person."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        page = ws.profiles.show(profile, as_of=as_of, newest=newest)
        zone, currency = ws.settings.zone, ws.settings.currency
    if json:
        terminal.write_json(plain(asdict(page)))
    else:
        for line in _Teller(terminal, zone, currency).lines(page):
            terminal.say_line(line)
    terminal.tell("profile_is_personal")


def merge(
    ctx: typer.Context,
    one: Profile,
    other: Profile,
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Make two people one."""
    with open_workspace(workspace) as ws:
        act = ws.profiles.merge(one, other, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), act, "profile_merged", one=one, other=other, as_json=json)


def unmerge(
    ctx: typer.Context,
    one: Profile,
    other: Profile,
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Make one person two."""
    with open_workspace(workspace) as ws:
        act = ws.profiles.unmerge(one, other, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), act, "profile_unmerged", one=one, other=other, as_json=json)


def undo(
    ctx: typer.Context,
    act: Annotated[int, typer.Argument(metavar="number")],
    workspace: Folder = None,
    by: By = "",
    note: Note = "",
    json: Json = False,
) -> None:
    """Take a merge or an unmerge back."""
    with open_workspace(workspace) as ws:
        made = ws.profiles.undo(act, actor=by or this_person(), note=note)
    _done(Terminal.of(ctx), made, "profile_undone", one=str(act), other="", as_json=json)


def acts(ctx: typer.Context, workspace: Folder = None, json: Json = False) -> None:
    """List what people decided about who is who."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        done = ws.profiles.acts()
        zone = ws.settings.zone
    if json:
        terminal.write_json([plain(asdict(act)) for act in done])
        return
    terminal.say_lines((_act(terminal, act, zone) for act in done), none="no_acts")


def _done(terminal: Terminal, act: Act, key: str, *, one: str, other: str, as_json: bool) -> None:
    if as_json:
        terminal.write_json(plain(asdict(act)))
    else:
        terminal.say(key, one=one, other=other, number=act.number)


def _act(terminal: Terminal, act: Act, zone: ZoneInfo) -> str:
    return terminal.text(
        f"profile_act_{act.name}",
        number=act.number,
        one=f"#{act.one}",
        other=f"#{act.other}",
        undoes=act.undoes,
        actor=act.actor,
        acted_at=terminal.clock(act.acted_at, zone),
        note=f": {act.note}" if act.note else "",
    )


class _Teller:
    """Puts everything that is known of a person into lines."""

    def __init__(self, terminal: Terminal, zone: ZoneInfo, currency: str) -> None:
        self._terminal = terminal
        self._zone = zone
        self._currency = currency

    def lines(self, page: PersonPage) -> Iterator[str]:
        known = "profile_known" if page.facts.is_known else "profile_anonymous"
        # the one time that tells its zone
        first = page.facts.first_seen_at
        since = self._terminal.moment(first, self._zone) if first else f"- ({self._zone.key})"
        yield self._terminal.text(known, number=page.profile_id, since=since)
        yield from self._part("identifiers", map(self._identifier, page.identity.identifiers))
        yield from self._part("evidence", map(self._merge, page.identity.merges))
        yield from self._part("barred", map(self._barred, page.identity.barred))
        yield from self._part("acts", (_act(self._terminal, act, self._zone) for act in page.acts))
        yield from self._part("attributes", map(self._attribute, page.facts.attributes))
        yield from self._part("consents", map(self._consent, page.facts.consents))
        yield from self._part("stops", map(self._stop, page.facts.suppressions))
        yield from self._part(
            "traits", (f"{slug} = {self._value(value)}" for slug, value in page.standing.traits.items())
        )
        yield from self._part(
            "segments",
            (slug if at is None else f"{slug}  {self._since(at)}" for slug, at in page.standing.segments.items()),
        )
        yield from self._part(
            "timeline",
            map(self._event, page.facts.events),
            shown=self._terminal.number(len(page.facts.events)),
            count=self._terminal.number(page.facts.event_count),
        )

    def _part(self, name: str, told: Iterator[str], **values: object) -> Iterator[str]:
        lines = list(told)
        if lines:
            yield ""
            yield self._terminal.text(f"profile_{name}", **values)
            yield from (f"  {line}" for line in lines)

    def _identifier(self, row: Mapping[str, Any]) -> str:
        sources = ", ".join(row["sources"])
        return f"{row['kind']} {row['value']}  {self._since(row['since'])}  ({sources})"

    def _merge(self, row: Mapping[str, Any]) -> str:
        by_hand = row["kind"] == "decision"
        why = self._terminal.text("profile_by_hand" if by_hand else "profile_by_value", kind=row["kind"], **_ends(row))
        at = self._moment(row["merged_at"])
        if row["unmerged_at"] is None:
            return self._terminal.text("profile_merge", **_ends(row), why=why, at=at)
        return self._terminal.text(
            "profile_merge_was", **_ends(row), why=why, at=at, end=self._moment(row["unmerged_at"])
        )

    def _barred(self, row: Mapping[str, Any]) -> str:
        why = self._terminal.text(f"profile_{row['reason']}", detail=row["detail"], count=row["distinct"])
        return f"{row['kind']} {row['value']}  {why}"

    def _attribute(self, row: Mapping[str, Any]) -> str:
        told = f"{row['field']} = {row['value']}  ({row['source']}, {self._moment(row['valid_from'])})"
        if row["original"] is None:
            return told
        cleaned = self._terminal.text("profile_cleaned", original=row["original"], rules=row["rules"] or "-")
        return f"{told}  {cleaned}"

    def _consent(self, row: Mapping[str, Any]) -> str:
        return told_consent(self._terminal, row, self._zone)

    def _stop(self, row: Mapping[str, Any]) -> str:
        return told_stop(self._terminal, row, self._zone)

    def _event(self, row: Mapping[str, Any]) -> str:
        told = [self._moment(row["occurred_at"]), row["name"]]
        if row["amount_e4"] is not None:
            told.append(self._value(Decimal(row["amount_e4"]) / 10_000, decimals=2) + f" {self._currency}")
        told += [str(row[name]) for name in _SHOWN if row[name]]
        return "  ".join([*told, f"({row['source']})"])

    def _value(self, value: object, *, decimals: int | None = None) -> str:
        if value is None:
            return self._terminal.text("explain_missing")
        if isinstance(value, bool):
            return self._terminal.text("explain_true" if value else "explain_false")
        if isinstance(value, Decimal):
            usual = 0 if value == value.to_integral_value() else 4
            return self._terminal.number(value, usual if decimals is None else decimals)
        return self._moment(value) if isinstance(value, datetime) else str(value)

    def _since(self, at: datetime) -> str:
        return self._terminal.text("profile_since", at=self._moment(at))

    def _moment(self, utc: datetime) -> str:
        return self._terminal.clock(utc, self._zone)


def _ends(row: Mapping[str, Any]) -> dict[str, str]:
    return {name: " ".join(row[name].split(":", 1)) for name in ("one", "other")} | {"value": row["value"]}
