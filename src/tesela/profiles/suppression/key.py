"""The key that addresses are hashed with: in a file of the workspace, apart from the hashes."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from typing import TYPE_CHECKING

import sqlalchemy as sa

from tesela.base import UnavailableError
from tesela.profiles.suppression.tables import SUPPRESSION_KEYS

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.control import ControlStore

_BYTES = 32
_HASH_DIGITS = 32


class HashKey:
    """Hashes addresses, so that a list of hashes says nothing to whoever lacks the key.

    Args:
        secret: The key.
    """

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    @property
    def fingerprint(self) -> str:
        """What tells this key from others without giving it away."""
        return hashlib.sha256(b"tesela suppression key " + self._secret).hexdigest()[:16]

    def hash(self, kind: str, value: str) -> str:
        """Return the hash of an address, 128 bits in hexadecimal digits.

        Args:
            kind: email, phone, or another kind of identifier.
            value: Its normal form.

        Sources:
            Krawczyk, Bellare, Canetti (1997), "HMAC: keyed-hashing for message authentication", RFC 2104.
        """
        digest = hmac.digest(self._secret, f"{kind}:{value}".encode(), "sha256")
        return digest.hex()[:_HASH_DIGITS]


def open_key(path: Path, control: ControlStore) -> HashKey:
    """Return the workspace's key, made at first use.

    Args:
        path: The key's file.
        control: The store that the hashes are in; it knows which key they were made with.

    Raises:
        UnavailableError: when the file is gone or holds another key: nobody could be found on a list any more.
    """
    known = _known(control)
    try:
        secret = bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        if known:
            raise UnavailableError("profiles.suppression.key_missing", path=str(path)) from None
        secret = _make(path)
    except (OSError, ValueError) as cause:
        raise UnavailableError("profiles.suppression.key_unreadable", path=str(path), reason=str(cause)) from cause
    key = HashKey(secret)
    if known is None:
        with control.transaction() as connection:
            connection.execute(sa.insert(SUPPRESSION_KEYS).values(fingerprint=key.fingerprint))
    elif known != key.fingerprint:
        raise UnavailableError("profiles.suppression.other_key", path=str(path))
    return key


def _known(control: ControlStore) -> str | None:
    with control.transaction() as connection:
        found = connection.execute(sa.select(SUPPRESSION_KEYS.c.fingerprint)).scalar()
    return None if found is None else str(found)


def _make(path: Path) -> bytes:
    """Write a new key, durable before anything is hashed with it."""
    secret = secrets.token_bytes(_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        os.write(handle, secret.hex().encode("ascii"))
        os.fsync(handle)
    finally:
        os.close(handle)
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return secret
