"""What commands about one person share: who sits at the desk, and how what is held of people is told."""

from __future__ import annotations

import getpass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from zoneinfo import ZoneInfo

    from tesela.interfaces.cli.terminal import Terminal


def this_person() -> str:
    """Return the name of whoever sits at the desk."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "?"


def plain(told: Any) -> Any:
    """Return an answer as JSON has it: moments in UTC, numbers with their decimals as text."""
    if isinstance(told, dict):
        return {name: plain(value) for name, value in told.items()}
    if isinstance(told, list | tuple):
        return [plain(value) for value in told]
    if isinstance(told, datetime):
        return told.replace(tzinfo=UTC).isoformat().replace("+00:00", "Z")
    return str(told) if isinstance(told, Decimal | date) else told


def told_consent(terminal: Terminal, row: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Return a consent in one line: about what, which answer, on what it rests, who told it when."""
    status = "objection" if row["is_objection"] else row["status"]
    channel = terminal.text("channel_any") if row["channel"] == "any" else row["channel"]
    basis = row["basis"] if row["status"] == "yes" else None
    told = [terminal.text(f"said_{status}")]
    told += [terminal.text(f"basis_{basis}")] if basis else []
    told += [terminal.text("consent_wording", wording=row["wording"])] if row["wording"] else []
    told += [terminal.text("consent_method", method=row["method"])] if row["method"] else []
    at = terminal.clock(row["occurred_at"], zone) if row["occurred_at"] else "-"
    where = terminal.text("consent_source", source=row["source"], at=at, sequence=row["sequence"])
    return f"{channel} / {row['purpose']}  {row['address']}: {', '.join(told)}  ({where})"


def told_stop(terminal: Terminal, row: Mapping[str, Any], zone: ZoneInfo, note: str = "") -> str:
    """Return a stop in one line: which address, why, since when."""
    since = terminal.clock(row["occurred_at"], zone)
    why = told_reason(terminal, row["list_name"] or row["reason"])
    if row["reason"] == "exclusion_list" and not row["binds_consented"]:
        why += terminal.text("stop_spares")
    why += f": {note}" if note else ""
    return terminal.text("stop_line", channel=row["channel"], address=row["value"], why=why, since=since)


def told_reach(terminal: Terminal, told: str) -> str:
    """Return in words whether somebody can be written to, or why not."""
    reason, _, behind = told.partition(": ")
    known = {"yes": "reach_yes", "objected": "reach_has_objected", "suppressed": "reach_is_suppressed"}
    return terminal.text(known.get(reason, f"reach_{reason}"), why=told_reason(terminal, behind))


def told_reason(terminal: Terminal, name: str) -> str:
    """Return the reason of a stop in words; the name of an exclusion list as it is."""
    known = ("erased", "complaint", "hard_bounce", "manual")
    return terminal.text(f"stop_{name}") if name in known else name
