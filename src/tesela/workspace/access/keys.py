"""Keys for programs: made once, shown once, kept as hashes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa

from tesela.base import NotFoundError
from tesela.workspace.access.scopes import Holder, Scope, check_scopes
from tesela.workspace.access.tables import API_KEYS
from tesela.workspace.access.users import checked_name, hash_secret

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

PREFIX = "tsl_"
_HINT = 10
_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Key:
    """A key for programs.

    Attributes:
        id: Number.
        name: What it is for.
        hint: How it begins, to tell it from others.
        scopes: What it may do.
        made_by: Who made it.
        created_at: When, naive UTC.
        used_at: When it was used last, to five minutes; None when never.
    """

    id: int
    name: str
    hint: str
    scopes: tuple[Scope, ...]
    made_by: str
    created_at: datetime
    used_at: datetime | None


def list_keys(connection: sa.Connection) -> list[Key]:
    """Return all keys, the oldest first."""
    return [_key(row) for row in connection.execute(sa.select(API_KEYS).order_by(API_KEYS.c.id)).mappings()]


def make_key(
    connection: sa.Connection, *, name: str, scopes: Sequence[str], made_by: str, at: datetime
) -> tuple[Key, str]:
    """Make a key, and return it with the secret that a program sends, which is never shown again.

    Raises:
        InputError: when the name or a scope makes no sense.
    """
    secret = PREFIX + secrets.token_urlsafe(32)
    values = {
        "name": checked_name(name),
        "hint": secret[:_HINT],
        "hash": hash_secret(secret),
        "scopes": " ".join(check_scopes(list(scopes))),
        "made_by": made_by,
        "created_at": at,
    }
    made = cast("tuple[int]", connection.execute(API_KEYS.insert().values(**values)).inserted_primary_key)
    row = connection.execute(sa.select(API_KEYS).where(API_KEYS.c.id == made[0])).mappings().one()
    return _key(row), secret


def remove_key(connection: sa.Connection, key_id: int) -> None:
    """Make a key worthless.

    Raises:
        NotFoundError: when there is none of that number.
    """
    if not connection.execute(API_KEYS.delete().where(API_KEYS.c.id == key_id)).rowcount:
        raise NotFoundError("workspace.access.no_such_key", id=key_id)


def holder_of_key(connection: sa.Connection, secret: str, at: datetime) -> Holder | None:
    """Return what a key may do; None when it is none."""
    row = connection.execute(sa.select(API_KEYS).where(API_KEYS.c.hash == hash_secret(secret))).mappings().first()
    if row is None:
        return None
    if row["used_at"] is None or at - row["used_at"] > _NOTED_EVERY:
        connection.execute(API_KEYS.update().where(API_KEYS.c.id == row["id"]).values(used_at=at))
    key = _key(row)
    return Holder(key.name, frozenset(key.scopes))


def _key(row: sa.RowMapping) -> Key:
    scopes = tuple(check_scopes(row["scopes"].split()))
    told = (row["id"], row["name"], row["hint"], scopes, row["made_by"], row["created_at"], row["used_at"])
    return Key(*told)
