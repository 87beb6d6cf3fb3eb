"""The people who may sign in, and their sessions."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa

from tesela.base import LANGUAGES, ConflictError, InputError, Language, NotFoundError
from tesela.workspace.access.passwords import hash_password
from tesela.workspace.access.scopes import Holder, Role, scopes_of
from tesela.workspace.access.tables import SESSIONS, USERS

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_NAME = 80
SESSION_LASTS = timedelta(days=14)
IDLE_LASTS = timedelta(days=2)
_NOTED_EVERY = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class User:
    """A person who may sign in.

    Attributes:
        id: Number.
        name: By which she signs in.
        role: `viewer`, `editor` or `admin`.
        sees_personal: Whether she may see who people are although her role would not let her.
        language: Of what she is shown.
        created_at: Since when, naive UTC.
    """

    id: int
    name: str
    role: Role
    sees_personal: bool
    language: Language
    created_at: datetime

    @property
    def holder(self) -> Holder:
        """What she may do."""
        return Holder(self.name, scopes_of(self.role, sees_personal=self.sees_personal), self.id)


_TOLD = (USERS.c.id, USERS.c.name, USERS.c.role, USERS.c.sees_personal, USERS.c.language, USERS.c.created_at)


def list_users(connection: sa.Connection) -> list[User]:
    """Return everybody who may sign in, by name."""
    return [User(*row) for row in connection.execute(sa.select(*_TOLD).order_by(USERS.c.name))]


def find_user(connection: sa.Connection, user_id: int) -> User:
    """Return one who may sign in.

    Raises:
        NotFoundError: when there is none of that number.
    """
    row = connection.execute(sa.select(*_TOLD).where(USERS.c.id == user_id)).first()
    if row is None:
        raise NotFoundError("workspace.access.no_such_user", id=user_id)
    return User(*row)


def add_user(
    connection: sa.Connection,
    *,
    name: str,
    password: str,
    role: Role,
    language: Language,
    sees_personal: bool,
    at: datetime,
) -> User:
    """Let somebody sign in from now on.

    Raises:
        InputError: when name, role, language or password make no sense.
        ConflictError: when the name is taken.
    """
    named, hashed = checked_name(name), hash_password(password)
    scopes_of(role, sees_personal=sees_personal)
    check_language(language)
    if connection.execute(sa.select(USERS.c.id).where(USERS.c.name == named)).first():
        raise ConflictError("workspace.access.name_taken", name=named)
    told: dict[str, Any] = {"role": role, "sees_personal": sees_personal, "language": language, "created_at": at}
    made = connection.execute(USERS.insert().values(name=named, password=hashed, **told)).inserted_primary_key
    return find_user(connection, cast("tuple[int]", made)[0])


def change_user(connection: sa.Connection, user_id: int, **told: Any) -> User:
    """Change role, language, password, or what she may see; a new password or role ends her sessions.

    Raises:
        NotFoundError: when there is none of that number.
        InputError: when a value makes no sense.
        ConflictError: when nobody would be left who may admit others.
    """
    before = find_user(connection, user_id)
    values = {name: value for name, value in told.items() if value is not None}
    if "role" in values:
        scopes_of(values["role"], sees_personal=False)
        if values["role"] != "admin":
            keep_an_admin(connection, before)
    if "language" in values:
        check_language(values["language"])
    if "password" in values:
        values["password"] = hash_password(values["password"])
    if values:
        connection.execute(USERS.update().where(USERS.c.id == user_id).values(**values))
    if {"password", "role", "sees_personal"} & values.keys():
        connection.execute(SESSIONS.delete().where(SESSIONS.c.user_id == user_id))
    return find_user(connection, user_id)


def remove_user(connection: sa.Connection, user_id: int) -> None:
    """Let somebody sign in no more, and end her sessions.

    Raises:
        NotFoundError: when there is none of that number.
        ConflictError: when nobody would be left who may admit others.
    """
    keep_an_admin(connection, find_user(connection, user_id))
    connection.execute(SESSIONS.delete().where(SESSIONS.c.user_id == user_id))
    connection.execute(USERS.delete().where(USERS.c.id == user_id))


def keep_an_admin(connection: sa.Connection, user: User) -> None:
    """Refuse where somebody is the last who may admit others.

    Raises:
        ConflictError: when she is.
    """
    admins = connection.execute(sa.select(sa.func.count()).select_from(USERS).where(USERS.c.role == "admin")).scalar()
    if user.role == "admin" and admins == 1:
        raise ConflictError("workspace.access.last_admin", name=user.name)


def password_of(connection: sa.Connection, name: str) -> tuple[int, str] | None:
    """Return number and hash of whoever signs in by a name."""
    row = connection.execute(sa.select(USERS.c.id, USERS.c.password).where(USERS.c.name == name.strip())).first()
    return (row[0], row[1]) if row else None


def open_session(connection: sa.Connection, user_id: int, at: datetime) -> str:
    """Return a new session's secret: what the browser's cookie holds."""
    secret = secrets.token_urlsafe(32)
    too_old = sa.or_(SESSIONS.c.created_at < at - SESSION_LASTS, SESSIONS.c.seen_at < at - IDLE_LASTS)
    connection.execute(SESSIONS.delete().where(too_old))
    connection.execute(SESSIONS.insert().values(hash=hash_secret(secret), user_id=user_id, created_at=at, seen_at=at))
    return secret


def user_of_session(connection: sa.Connection, secret: str, at: datetime) -> User | None:
    """Return whose session it is; None when it is over."""
    found = connection.execute(sa.select(SESSIONS).where(SESSIONS.c.hash == hash_secret(secret))).mappings().first()
    if found is None or at - found["created_at"] > SESSION_LASTS or at - found["seen_at"] > IDLE_LASTS:
        return None
    if at - found["seen_at"] > _NOTED_EVERY:
        connection.execute(SESSIONS.update().where(SESSIONS.c.hash == found["hash"]).values(seen_at=at))
    return find_user(connection, found["user_id"])


def close_session(connection: sa.Connection, secret: str) -> None:
    """End a session; nothing when there is none."""
    connection.execute(SESSIONS.delete().where(SESSIONS.c.hash == hash_secret(secret)))


def hash_secret(secret: str) -> str:
    """Return what is kept of a secret of 32 random bytes: no one finds it again from this."""
    return hashlib.sha256(secret.encode()).hexdigest()


def checked_name(name: str) -> str:
    """Return a name without blanks around it.

    Raises:
        InputError: when it is empty, too long, or cannot be typed.
    """
    named = name.strip()
    if not named or len(named) > LONGEST_NAME or not named.isprintable():
        raise InputError("workspace.access.bad_name", value=name, most=LONGEST_NAME)
    return named


def check_language(language: str) -> None:
    """Let a language pass that everything is told in.

    Raises:
        InputError: when it is none.
    """
    if language not in LANGUAGES:
        raise InputError("workspace.bad_setting", key="language", value=language, allowed=", ".join(LANGUAGES))
