"""The control store: what must never be lost and cannot be computed again. SQLite by default.

Rooms declare their tables on `METADATA` in their own `tables.py`; the migrations beside this file bring an
older store up to them.
"""

from __future__ import annotations

import contextlib
import sqlite3
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from tesela.base import UnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

METADATA = sa.MetaData()
HEAD = "0010"


class ControlStore:
    """One SQLite file in WAL mode with full synchronisation.

    Args:
        path: The file; created when absent, migrated when older.

    Raises:
        UnavailableError: when it cannot be opened or migrated.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._engine = sa.create_engine(f"sqlite:///{path}")
        sa.event.listen(self._engine, "connect", _configure)
        sa.event.listen(self._engine, "begin", _begin_immediate)
        try:
            self._migrate()
        except (sa.exc.DatabaseError, OSError) as cause:
            raise UnavailableError("control.cannot_open", path=str(path), reason=str(cause).splitlines()[0]) from cause

    @contextlib.contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """Open a writing transaction: committed at the end of the block, rolled back on any error."""
        with self._engine.begin() as connection:
            yield connection

    def compact(self) -> None:
        """Write the file anew, so that nothing of deleted rows is left in it or in its log."""
        raw = self._engine.raw_connection()
        try:
            raw.execute("VACUUM")
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            raw.close()

    def close(self) -> None:
        """Let go of the file."""
        self._engine.dispose()

    def _migrate(self) -> None:
        with self._engine.connect() as connection:
            known = sa.inspect(connection).has_table("alembic_version")
            version = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar() if known else None
        if version == HEAD:
            return
        # imported only when there is something to migrate: it costs a third of a second
        from alembic import command
        from alembic.config import Config

        settings = Config()
        settings.set_main_option("script_location", "tesela.control:migrations")
        with self._engine.begin() as connection:
            settings.attributes["connection"] = connection
            command.upgrade(settings, "head")


def copy_store(path: Path, target: Path) -> None:
    """Write a consistent copy of a store while others may be writing to it (SQLite's online backup).

    Args:
        path: The store's file.
        target: File to create.
    """
    with contextlib.closing(sqlite3.connect(path)) as source, contextlib.closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _configure(connection: Any, _record: object) -> None:
    # the driver must not open transactions by itself: `_begin_immediate` does
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
