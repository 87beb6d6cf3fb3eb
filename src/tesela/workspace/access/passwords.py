"""Passwords: hashed with argon2id, compared in constant time."""

from __future__ import annotations

from functools import cache
from typing import Any

from tesela.base import InputError

SHORTEST = 10
LONGEST = 200


def hash_password(password: str) -> str:
    """Return the argon2id hash of a password.

    Raises:
        InputError: when it is too short to be one, or longer than anybody types.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError("workspace.access.bad_password", least=SHORTEST, most=LONGEST, length=len(password))
    hashed: str = _hasher().hash(password)
    return hashed


def is_password(password: str, hashed: str | None) -> bool:
    """Tell whether a password is the one of a hash; where there is none, as long is spent on saying no."""
    if len(password) > LONGEST:
        return False
    fits: bool = _hasher().verify(password, hashed or _nobodys())
    return fits and hashed is not None


@cache
def _hasher() -> Any:
    # costs a tenth of a second to load
    from pwdlib import PasswordHash

    return PasswordHash.recommended()


@cache
def _nobodys() -> str:
    hashed: str = _hasher().hash("nobody has this password")
    return hashed
