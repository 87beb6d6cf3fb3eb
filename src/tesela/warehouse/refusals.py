"""Why an engine lets nobody in, in words that say what to do about it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from tesela.base import UnavailableError

_PASSWORD = re.compile(r"password authentication failed|no password supplied|authentication failed|code: 516", re.I)
_DATABASE = re.compile(r"database \"?[^\"]*\"? does not exist|code: 81\b", re.I)
_USER = re.compile(r"role \"?[^\"]*\"? does not exist", re.I)
_RIGHTS = re.compile(r"permission denied|not enough privileges|code: 497|read-only transaction", re.I)
_NOBODY = re.compile(
    r"connection refused|no such file or directory|timeout|timed out|could not translate host|name or service"
    r"|failed to resolve|max retries exceeded|no route to host",
    re.I,
)


def refusal(engine: str, url: str, reason: str) -> UnavailableError:
    """Return the error that says why an engine cannot be used.

    Args:
        engine: Name of the engine.
        url: Its address; no password in it is shown.
        reason: What the driver or the server said.
    """
    address = shown_address(url)
    if _PASSWORD.search(reason):
        return UnavailableError("warehouse.wrong_password", engine=engine, address=address)
    if _USER.search(reason):
        return UnavailableError("warehouse.unknown_user", engine=engine, address=address)
    if _DATABASE.search(reason):
        return UnavailableError("warehouse.no_database", engine=engine, address=address)
    if _RIGHTS.search(reason):
        return UnavailableError("warehouse.missing_rights", engine=engine, reason=reason)
    if _NOBODY.search(reason):
        return UnavailableError("warehouse.nobody_answers", engine=engine, address=address)
    return UnavailableError("warehouse.engine_refused", engine=engine, reason=reason)


def shown_address(url: str) -> str:
    """Return an address without its user and password."""
    parts = urlsplit(url)
    try:
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        port = ""
    return f"{parts.hostname or ''}{port}{parts.path}" or "-"
