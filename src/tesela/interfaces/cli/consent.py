"""What people allow: shown, and written down by hand."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from tesela.base import InputError
from tesela.interfaces.cli.desk import plain, this_person, told_consent, told_stop
from tesela.interfaces.cli.options import By, Folder, Json, Purpose, open_workspace
from tesela.interfaces.cli.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any
    from zoneinfo import ZoneInfo

    from tesela.workspace import ConsentPage

Profile = Annotated[str, typer.Argument(metavar="profile")]

_STATUSES = ("yes", "no", "objection")


def show(ctx: typer.Context, profile: Profile, workspace: Folder = None, json: Json = False) -> None:
    """Show what a person allows, and everything that was ever said of it."""
    terminal = Terminal.of(ctx)
    with open_workspace(workspace) as ws:
        page, zone = ws.consents.show(profile), ws.settings.zone
    if json:
        terminal.write_json(plain(asdict(page)))
    else:
        for line in _lines(terminal, profile, page, zone):
            terminal.say_line(line)
    terminal.tell("profile_is_personal")


def record(
    ctx: typer.Context,
    profile: Profile,
    status: Annotated[str, typer.Option("--status", metavar="status")],
    workspace: Folder = None,
    channel: Annotated[str | None, typer.Option("--channel", metavar="channel")] = None,
    purpose: Purpose = "marketing",
    basis: Annotated[str | None, typer.Option("--basis", metavar="basis")] = None,
    wording: Annotated[str | None, typer.Option("--wording", metavar="text")] = None,
    told_by: Annotated[str, typer.Option("--source", metavar="name")] = "",
    method: Annotated[str | None, typer.Option("--method", metavar="text")] = None,
    at: Annotated[str | None, typer.Option("--at", metavar="time")] = None,
    evidence: Annotated[str | None, typer.Option("--evidence", metavar="text")] = None,
    by: By = "",
    json: Json = False,
) -> None:
    """Write into the ledger what somebody said."""
    terminal = Terminal.of(ctx)
    if status not in _STATUSES:
        raise InputError("interfaces.cli.unknown_status", value=status, known=", ".join(_STATUSES))
    if (channel is None) != (status == "objection"):
        raise InputError("interfaces.cli.channel_or_objection")
    actor = by or this_person()
    with open_workspace(workspace) as ws:
        entry = ws.consents.record(
            profile,
            status=status,
            channel=channel,
            purpose=purpose,
            source=told_by or actor,
            actor=actor,
            at=at,
            basis=basis,
            wording=wording,
            method=method,
            evidence=evidence,
        )
    if json:
        terminal.write_json(plain(asdict(entry)))
        return
    said = terminal.text(f"said_{entry.status}")
    about = terminal.text("channel_any") if entry.channel == "any" else entry.channel
    terminal.say(
        "consent_recorded",
        sequence=entry.sequence,
        address=entry.address,
        channel=about,
        purpose=entry.purpose,
        said=said,
    )


def _lines(terminal: Terminal, who: str, page: ConsentPage, zone: ZoneInfo) -> Iterator[str]:
    yield terminal.text(
        "consent_of" if page.profile_id else "consent_of_nobody", who=who, number=page.profile_id, zone=zone.key
    )
    parts = {
        "consent_standing": [told_consent(terminal, row, zone) for row in page.standing],
        "consent_stops": [told_stop(terminal, stop, zone, stop["note"]) for stop in page.stops],
        "consent_entries": [_entry(terminal, entry, zone) for entry in page.entries],
    }
    for key, lines in parts.items():
        yield ""
        yield terminal.text(key)
        yield from (f"  {line}" for line in lines or [terminal.text("consent_nothing")])


def _entry(terminal: Terminal, entry: Any, zone: ZoneInfo) -> str:
    row = {**asdict(entry), "is_objection": entry.status == "objection"}
    if entry.status == "yes" and not entry.is_firm and entry.basis == "consent":
        row["basis"] = "unproven"
    who = f"  [{entry.actor}]" if entry.actor else ""
    return told_consent(terminal, row, zone) + who
