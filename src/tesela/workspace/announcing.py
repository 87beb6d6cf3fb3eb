"""Say where a workspace is served, so that commands of the same machine and person find it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tesela.workspace.folder import Layout


@contextlib.contextmanager
def announce(layout: Layout, address: str) -> Iterator[str]:
    """Write where a workspace is served while it is, and yield the secret that opens it to commands.

    Nobody but the person who runs the server can read the file.
    """
    secret = secrets.token_urlsafe(32)
    draft = layout.server.with_suffix(".draft")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump({"address": address, "secret": secret, "process": os.getpid()}, file)
    draft.replace(layout.server)
    try:
        yield secret
    finally:
        layout.server.unlink(missing_ok=True)
