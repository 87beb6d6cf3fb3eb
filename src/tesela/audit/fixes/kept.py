"""The fixes that were applied: kept with what it takes to take them back, and the tags that they put on people."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tesela.audit.fixes.tables import AUDIT_FIX_ADDRESSES, AUDIT_FIXES
from tesela.base import ConflictError, NotFoundError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from tesela.audit.fixes.fix import FixPlan
    from tesela.control import ControlStore

    Address = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KeptFix:
    """A fix that was applied.

    Attributes:
        number: From 1.
        check: Key of the check that it mended.
        kind: What it did.
        actor: Who applied it.
        applied_at: When, naive UTC.
        note: Why, in the person's words.
        people: How many people it changed.
        acts: Numbers of the acts that it made, in their order.
        tag: The tag that it put; empty for none.
        undone_at: When it was taken back, naive UTC; None: it holds.
        undone_by: Who took it back.
    """

    number: int
    check: str
    kind: str
    actor: str
    applied_at: datetime
    note: str
    people: int
    acts: tuple[int, ...]
    tag: str
    undone_at: datetime | None = None
    undone_by: str | None = None


def keep_fix(
    control: ControlStore,
    plan: FixPlan,
    *,
    acts: Sequence[int],
    addresses: Iterable[Address],
    at: datetime,
    actor: str,
    note: str,
) -> KeptFix:
    """Write down a fix, durable when this returns, and return it with its number.

    Args:
        control: Where.
        plan: What was done.
        acts: Numbers of the acts that it made.
        addresses: What it stopped or tagged.
        at: The present moment, naive UTC.
        actor: Who applied it.
        note: Why.
    """
    told = {
        **{"check_key": plan.check, "kind": plan.kind, "actor": actor, "applied_at": at, "note": note},
        **{"people": plan.people, "acts": json.dumps(list(acts)), "tag": plan.tag},
    }
    with control.transaction() as connection:
        added = connection.execute(sa.insert(AUDIT_FIXES).values(told)).inserted_primary_key
        number = int(added[0]) if added else 0
        rows = [{"fix_id": number, "kind": kind, "value": value} for kind, value in addresses]
        if rows:
            connection.execute(sa.insert(AUDIT_FIX_ADDRESSES), rows)
    return find_fix(control, number)


def list_fixes(control: ControlStore) -> list[KeptFix]:
    """Return the fixes that were applied, the oldest first, those taken back among them."""
    with control.transaction() as connection:
        rows = connection.execute(sa.select(AUDIT_FIXES).order_by(AUDIT_FIXES.c.id)).mappings().all()
    return [_read(dict(row)) for row in rows]


def find_fix(control: ControlStore, number: int) -> KeptFix:
    """Return a fix by its number.

    Raises:
        NotFoundError: when there is none.
    """
    found = next((each for each in list_fixes(control) if each.number == number), None)
    if found is None:
        raise NotFoundError("audit.fixes.no_such_fix", number=number)
    return found


def addresses_of(control: ControlStore, fix: KeptFix) -> list[Address]:
    """Return kind and value of what a fix stopped or tagged: personal data."""
    table = AUDIT_FIX_ADDRESSES
    asked = (
        sa.select(table.c.kind, table.c.value).where(table.c.fix_id == fix.number).order_by(table.c.kind, table.c.value)
    )
    with control.transaction() as connection:
        return [(row.kind, row.value) for row in connection.execute(asked)]


def tagged_addresses(control: ControlStore, tag: str) -> list[Address]:
    """Return kind and value of what bears a tag: personal data.

    Raises:
        NotFoundError: when nobody bears it, with the tags there are.
    """
    held = [each for each in list_fixes(control) if each.tag and each.undone_at is None]
    if tag not in {each.tag for each in held}:
        raise NotFoundError(
            "audit.fixes.no_such_tag", tag=tag, known=", ".join(sorted({each.tag for each in held})) or "–"
        )
    return sorted({address for each in held if each.tag == tag for address in addresses_of(control, each)})


def mark_undone(control: ControlStore, fix: KeptFix, *, at: datetime, actor: str) -> KeptFix:
    """Write down that a fix was taken back.

    Raises:
        ConflictError: when it was before.
    """
    if fix.undone_at is not None:
        raise ConflictError("audit.fixes.undone_before", number=fix.number)
    with control.transaction() as connection:
        connection.execute(
            sa.update(AUDIT_FIXES).where(AUDIT_FIXES.c.id == fix.number).values(undone_at=at, undone_by=actor)
        )
    return find_fix(control, fix.number)


def _read(row: dict[str, Any]) -> KeptFix:
    told = {
        name: row[name] for name in ("kind", "actor", "applied_at", "note", "people", "tag", "undone_at", "undone_by")
    }
    return KeptFix(number=row["id"], check=row["check_key"], acts=tuple(json.loads(row["acts"])), **told)
