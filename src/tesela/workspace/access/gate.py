"""The gate: who comes in, and what they may do."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tesela.base import ConflictError, RefusedError
from tesela.workspace.access import keys, users
from tesela.workspace.access.passwords import is_password
from tesela.workspace.access.tables import TAKEN_OUT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tesela.base import Clock, Language
    from tesela.workspace.access.keys import Key
    from tesela.workspace.access.scopes import Holder, Role
    from tesela.workspace.access.users import User
    from tesela.workspace.stores import Stores

# wrong tries that one place, and one name from there, may make
_TRIES = {"from": "20/15 minutes", "name": "5/15 minutes"}
_WAIT_MINUTES = 15


class Gate:
    """Lets people and programs in.

    Args:
        stores: The open stores.
        clock: Tells the present.
    """

    def __init__(self, stores: Stores, clock: Clock) -> None:
        self._stores = stores
        self._clock = clock
        self._tries: Any = None
        self._setup = ""

    # --- the first one --------------------------------------------------------------------------------------

    def setup_secret(self) -> str | None:
        """Return what opens the gate to the first one, as long as nobody may sign in; None afterwards."""
        with self._stores.control.transaction() as connection:
            if users.list_users(connection):
                return None
        self._setup = self._setup or secrets.token_urlsafe(24)
        return self._setup

    def set_up(self, secret: str, *, name: str, password: str, language: Language) -> str:
        """Make the first admin, and return the secret of her session.

        Raises:
            RefusedError: when the secret is not the one told at the start.
            ConflictError: when somebody was first.
            InputError: when the name or the password makes no sense.
        """
        expected = self.setup_secret()
        if expected is None:
            raise ConflictError("workspace.access.is_set_up")
        self._slow_down("name", "setup")
        if not secrets.compare_digest(secret.encode(), expected.encode()):
            self._note_wrong("name", "setup")
            raise RefusedError("workspace.access.bad_setup_link")
        at = self._clock.now()
        with self._stores.control.transaction() as connection:
            if users.list_users(connection):
                raise ConflictError("workspace.access.is_set_up")
            made = users.add_user(
                connection, name=name, password=password, role="admin", language=language, sees_personal=True, at=at
            )
            session = users.open_session(connection, made.id, at)
        self._setup = ""
        return session

    # --- coming and going -----------------------------------------------------------------------------------

    def sign_in(self, name: str, password: str, *, origin: str = "") -> str:
        """Return the secret of a new session.

        Args:
            name: Of the user.
            password: Hers.
            origin: Where the try comes from: too many from one place, or for one name, have to wait.

        Raises:
            RefusedError: when name and password do not go together, or after too many tries.
        """
        doors = {"from": origin, "name": f"{name.strip().lower()} {origin}"}
        for kind, door in doors.items():
            self._slow_down(kind, door)
        with self._stores.control.transaction() as connection:
            found = users.password_of(connection, name)
        # outside of the transaction: it takes a while on purpose
        if not is_password(password, found[1] if found else None) or found is None:
            for kind, door in doors.items():
                self._note_wrong(kind, door)
            raise RefusedError("workspace.access.wrong_password")
        with self._stores.control.transaction() as connection:
            return users.open_session(connection, found[0], self._clock.now())

    def sign_out(self, session: str) -> None:
        """End a session."""
        with self._stores.control.transaction() as connection:
            users.close_session(connection, session)

    def user_of(self, session: str) -> User | None:
        """Return whose session it is; None when it is over or none."""
        with self._stores.control.transaction() as connection:
            return users.user_of_session(connection, session, self._clock.now())

    def holder_of_key(self, secret: str) -> Holder | None:
        """Return what the program with a key may do; None when it is none."""
        with self._stores.control.transaction() as connection:
            return keys.holder_of_key(connection, secret, self._clock.now())

    # --- people and keys ------------------------------------------------------------------------------------

    def list_users(self) -> list[User]:
        """Return everybody who may sign in."""
        with self._stores.control.transaction() as connection:
            return users.list_users(connection)

    def add_user(
        self, name: str, password: str, role: Role, *, language: Language = "es", sees_personal: bool = False
    ) -> User:
        """Let somebody sign in from now on.

        Raises:
            InputError: when name, role, language or password make no sense.
            ConflictError: when the name is taken.
        """
        at = self._clock.now()
        with self._stores.control.transaction() as connection:
            return users.add_user(
                connection,
                name=name,
                password=password,
                role=role,
                language=language,
                sees_personal=sees_personal,
                at=at,
            )

    def change_user(self, user_id: int, **told: Any) -> User:
        """Change what somebody may do, her language or her password; None leaves a value as it is.

        Args:
            user_id: Whose.
            told: `role`, `sees_personal`, `language`, `password`.

        Raises:
            NotFoundError: when there is none of that number.
            InputError: when a value makes no sense.
            ConflictError: when nobody would be left who may admit others.
        """
        with self._stores.control.transaction() as connection:
            return users.change_user(connection, user_id, **told)

    def remove_user(self, user_id: int) -> None:
        """Let somebody sign in no more.

        Raises:
            NotFoundError: when there is none of that number.
            ConflictError: when nobody would be left who may admit others.
        """
        with self._stores.control.transaction() as connection:
            users.remove_user(connection, user_id)

    def list_keys(self) -> list[Key]:
        """Return the keys of programs."""
        with self._stores.control.transaction() as connection:
            return keys.list_keys(connection)

    def make_key(self, name: str, scopes: Sequence[str], *, made_by: str) -> tuple[Key, str]:
        """Make a key, and return it with the secret that a program sends, which is never shown again.

        Raises:
            InputError: when the name or a scope makes no sense.
        """
        at = self._clock.now()
        with self._stores.control.transaction() as connection:
            return keys.make_key(connection, name=name, scopes=scopes, made_by=made_by, at=at)

    def remove_key(self, key_id: int) -> None:
        """Make a key worthless.

        Raises:
            NotFoundError: when there is none of that number.
        """
        with self._stores.control.transaction() as connection:
            keys.remove_key(connection, key_id)

    # --- what was taken out ---------------------------------------------------------------------------------

    def note_taken_out(
        self,
        what: str,
        people: int,
        *,
        actor: str,
        is_raw: bool,
        channel: str | None = None,
        purpose: str | None = None,
        reason: str = "",
    ) -> None:
        """Note that somebody took a list of people out."""
        values: dict[str, Any] = {"what": what, "people": people, "is_raw": is_raw, "channel": channel}
        values |= {"purpose": purpose, "reason": reason, "actor": actor, "taken_at": self._clock.now()}
        with self._stores.control.transaction() as connection:
            connection.execute(TAKEN_OUT.insert().values(**values))

    def taken_out(self) -> list[dict[str, Any]]:
        """Return which lists of people were taken out, the newest first."""
        with self._stores.control.transaction() as connection:
            rows = connection.execute(sa.select(TAKEN_OUT).order_by(TAKEN_OUT.c.id.desc())).mappings()
            return [dict(row) for row in rows]

    def _slow_down(self, kind: str, door: str) -> None:
        """Refuse after too many wrong tries at a door.

        Raises:
            RefusedError: with how long to wait.
        """
        limiter, often = self._limiter(kind)
        if not limiter.test(often, kind, door):
            raise RefusedError("workspace.access.too_many_tries", minutes=_WAIT_MINUTES)

    def _note_wrong(self, kind: str, door: str) -> None:
        limiter, often = self._limiter(kind)
        limiter.hit(often, kind, door)

    def _limiter(self, kind: str) -> tuple[Any, Any]:
        from limits import parse
        from limits.storage import MemoryStorage
        from limits.strategies import MovingWindowRateLimiter

        self._tries = self._tries or MovingWindowRateLimiter(MemoryStorage())
        return self._tries, parse(_TRIES[kind])
