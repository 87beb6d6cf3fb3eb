"""Uploaded files that wait to be looked at and imported."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from pathlib import PurePath
from typing import TYPE_CHECKING, BinaryIO

from tesela.base import InputError, NotFoundError

if TYPE_CHECKING:
    from pathlib import Path

    from tesela.workspace.stores import Stores

_A_BLOCK = 1 << 20
_KEPT_S = 7 * 86_400
_ENDINGS = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".xlsx", ".xls", ".ods", ".parquet", ".gz", ".zip")


class Uploads:
    """Keeps uploaded files, each in a folder of its own, for a week at most.

    Args:
        stores: The open stores.
    """

    def __init__(self, stores: Stores) -> None:
        self._stores = stores

    def keep(self, name: str, content: BinaryIO, *, most_bytes: int) -> str:
        """Keep a file, and return by what it is found again.

        Args:
            name: What it was called; nothing but its last part counts.
            content: Its bytes.
            most_bytes: How large it may be.

        Raises:
            InputError: when its ending is none that can be read, or it is too large; nothing is kept then.
        """
        self._sweep()
        plain = _plain_name(name)
        if not plain.lower().endswith(_ENDINGS):
            raise InputError("workspace.unreadable_upload", name=plain, known=", ".join(_ENDINGS))
        mark = secrets.token_urlsafe(12)
        folder = self._stores.layout.uploads / mark
        folder.mkdir(parents=True)
        written = 0
        try:
            with (folder / plain).open("wb") as file:
                while block := content.read(_A_BLOCK):
                    written += len(block)
                    if written > most_bytes:
                        raise InputError("workspace.upload_too_large", name=plain, most=most_bytes >> 20)
                    file.write(block)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return mark

    def find(self, mark: str) -> Path:
        """Return where an uploaded file lies.

        Raises:
            NotFoundError: when it is not there any more.
        """
        if re.fullmatch(r"[\w-]{8,40}", mark):
            for path in (self._stores.layout.uploads / mark).glob("*"):
                return path
        raise NotFoundError("workspace.background.upload_gone", name=mark)

    def drop(self, mark: str) -> None:
        """Remove an uploaded file."""
        shutil.rmtree(self.find(mark).parent, ignore_errors=True)

    def _sweep(self) -> None:
        before = time.time() - _KEPT_S
        for folder in self._stores.layout.uploads.glob("*"):
            if folder.stat().st_mtime < before:
                shutil.rmtree(folder, ignore_errors=True)


def _plain_name(name: str) -> str:
    last = PurePath(name.replace("\\", "/")).name
    return re.sub(r"[^\w.() -]", "_", last).strip(". ")[-120:] or "file"
