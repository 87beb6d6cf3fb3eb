"""The default engine: one DuckDB file on this machine, owned by one process.

The file is locked down before the first statement: it reads and writes files only in the folders named at opening,
loads no extension, and its settings cannot be changed any more.

A few statements read at a time, and beside them one transaction writes: whoever reads sees what was committed before,
and waits only while the next commit is written down.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import duckdb

from tesela.base import ConflictError, InputError, UnavailableError
from tesela.warehouse.engine import Capabilities
from tesela.warehouse.statement import Statement
from tesela.warehouse.turns import Interruptions, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    import pyarrow as pa

    from tesela.warehouse.tables import Table

_IS_FIRST = duckdb.__version__.startswith("1.")
# more share the same cores and the same memory, and each then takes as much longer
_READERS = 3


class DuckDBEngine:
    """A DuckDB file, opened for reading and writing by this process alone.

    Args:
        path: The database file; created when absent.
        folders: Where statements may read and write Parquet files.
        memory_limit: How much memory DuckDB may use before it spills to disk, such as `1500MB`.
        threads: How many threads it uses; None means one per core.

    Raises:
        ConflictError: when another process has the file open.
    """

    name = "duckdb"
    capabilities = Capabilities(shared=False)

    def __init__(
        self,
        path: Path,
        *,
        folders: Sequence[Path] = (),
        memory_limit: str = "1500MB",
        threads: int | None = None,
    ) -> None:
        self._path = path
        self._owner = os.getpid()
        # whoever takes both takes the turn to write first
        self._writing = Turn()
        self.interruptions = Interruptions()
        self._keeping: list[int] = []
        config: dict[str, Any] = {
            "memory_limit": memory_limit,
            "temp_directory": str(path.with_name(path.name + ".tmp")),
            "preserve_insertion_order": "false",
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        if threads:
            config["threads"] = str(threads)
        try:
            self._writer: Any = duckdb.connect(str(path), config=config)
        except duckdb.Error as cause:
            raise _refusal(path, cause) from cause
        self._readers = _Readers([self._writer.cursor() for _ in range(_READERS)])
        self._lock_down(folders)

    def query(self, statement: Statement) -> pa.Table:
        """Run one reading statement and return its rows as an Arrow table."""
        if self._writing.is_mine or threading.get_ident() in self._keeping:
            # what a transaction asks sees what the transaction wrote; temporary tables are where they were made
            with self._writing:
                return self._ask(self._writer, statement)
        with self._readers.one() as reader:
            return self._ask(reader, statement)

    def _ask(self, connection: Any, statement: Statement) -> pa.Table:
        with self._explained(), self._relations(connection, statement):
            self._check_owner()
            # of the two ways to a result, each version gives one in the order asked for (docs/cursed.md)
            asked, parameters = statement.sql, dict(statement.parameters)
            told = connection.execute(asked, parameters) if _IS_FIRST else connection.sql(asked, params=parameters)
            return told.to_arrow_table()

    @contextlib.contextmanager
    def undisturbed(self, *, writes: bool = False) -> Iterator[None]:
        """Let nobody change anything meanwhile, so that several statements see what one would."""
        with contextlib.ExitStack() as turns:
            if writes:
                turns.enter_context(self._writing)
            turns.enter_context(self._readers.one())
            yield

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """Let this thread read the temporary tables that it makes meanwhile."""
        own = threading.get_ident()
        self._keeping.append(own)
        try:
            yield
        finally:
            self._keeping.remove(own)

    def write(self, statements: Iterable[Statement]) -> None:
        """Run writing statements in one transaction: all of them take effect, or none."""
        if self._readers.is_mine and not self._writing.is_mine:
            raise RuntimeError("a thread that reads undisturbed writes: ask for undisturbed(writes=True)")
        with self._writing, self._explained():
            self._check_owner()
            self._writer.execute("BEGIN TRANSACTION")
            try:
                for each in statements:
                    with self._relations(self._writer, each):
                        self._writer.execute(each.sql, dict(each.parameters)).fetchall()
                # DuckDB 2.0.0 can leave a large insert invisible to some scans, when a smaller one into the
                # same table preceded it in the transaction, until the next checkpoint: nobody reads between
                with self._readers.none():
                    self._writer.execute("COMMIT")
                    self._writer.execute("CHECKPOINT")
            except BaseException:
                with contextlib.suppress(duckdb.Error):
                    self._writer.execute("ROLLBACK")
                raise

    def create(self, tables: Iterable[Table]) -> None:
        """Create the declared tables that do not exist yet."""
        declared = list(tables)
        self.write(
            Statement(
                f'CREATE TABLE IF NOT EXISTS "{table.name}" ('
                + ", ".join(f'"{column.name}" {column.type}' for column in table.columns)
                + ")"
            )
            for table in declared
        )
        listed = self.query(Statement("SELECT table_name, column_name FROM duckdb_columns()")).to_pylist()
        there = {(row["table_name"], row["column_name"]) for row in listed}
        added = [
            # a file of an earlier version lacks what was declared since; its rows have no value there
            Statement(f'ALTER TABLE "{table.name}" ADD COLUMN "{column.name}" {column.type}')
            for table in declared
            for column in table.columns
            if (table.name, column.name) not in there
        ]
        if added:
            self.write(added)

    def replace(self, contents: Mapping[Table, Statement]) -> None:
        """Replace what tables hold by the rows of queries over what they held before, all or nothing."""
        drafts = {table: f"{table.name}_draft" for table in contents}
        self.write(
            [
                *(
                    replace(each, sql=f"CREATE OR REPLACE TEMPORARY TABLE {drafts[table]} AS {each.sql}")
                    for table, each in contents.items()
                ),
                *(Statement(f"DELETE FROM {table.name}") for table in contents),
                *(Statement(f"INSERT INTO {table.name} BY NAME SELECT * FROM {drafts[table]}") for table in contents),
                *(Statement(f"DROP TABLE {draft}") for draft in drafts.values()),
            ]
        )

    def load(self, table: Table, rows: pa.Table) -> None:
        """Append rows to a table; columns go by their names, and absent ones are missing."""
        self.write(
            [Statement(f"INSERT INTO {table.name} BY NAME SELECT * FROM rows_loaded", {}, {"rows_loaded": rows})]
        )

    def purge(self) -> None:
        """Bring the log into the file; what the file held before goes when it is made anew."""
        self.write(())

    def interrupt(self, thread: int | None = None, *, spares_writes: bool = False) -> None:
        """Stop what another thread is running here, or nothing unless it is a certain thread's."""
        self.interruptions.tell(thread)
        with self._readers.held_still() as held:
            running = [connection for holder, connection in held.items() if thread in {None, holder}]
            if not spares_writes and self._writing.holder is not None and thread in {None, self._writing.holder}:
                running.append(self._writer)
            if os.getpid() == self._owner:
                for each in running:
                    each.interrupt()

    def close(self) -> None:
        """Let go of the file. In a forked child nothing is touched: the file belongs to the parent."""
        if os.getpid() == self._owner:
            for each in (*self._readers.all, self._writer):
                each.close()

    def _lock_down(self, folders: Sequence[Path]) -> None:
        for connection in (*self._readers.all, self._writer):
            connection.execute("SET TimeZone = 'UTC'")
            connection.execute("SET enable_progress_bar = false")
        self._writer.execute("SET allowed_directories = $folders", {"folders": [str(folder) for folder in folders]})
        self._writer.execute("SET enable_external_access = false")
        self._writer.execute("SET lock_configuration = true")

    def _check_owner(self) -> None:
        if os.getpid() != self._owner:
            raise ConflictError("warehouse.used_after_fork", path=str(self._path), owner=self._owner)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Tell what a person can do something about in our words; the rest is a fault and passes."""
        try:
            yield
        except duckdb.InterruptException as cause:
            raise ConflictError("warehouse.interrupted") from cause
        except duckdb.Error as cause:
            if "No space left" in str(cause):
                raise UnavailableError("warehouse.disk_full", path=str(self._path)) from cause
            if isinstance(cause, duckdb.OutOfMemoryException):
                raise UnavailableError("warehouse.out_of_memory") from cause
            if isinstance(cause, duckdb.OutOfRangeException) and "INT128" in str(cause):
                raise InputError("warehouse.number_too_large") from cause
            raise

    @staticmethod
    @contextlib.contextmanager
    def _relations(connection: Any, statement: Statement) -> Iterator[None]:
        for name, table in statement.relations.items():
            connection.register(name, table)
        try:
            yield
        finally:
            for name in statement.relations:
                connection.unregister(name)


class _Readers:
    """Connections that read, each one thread's at a time, and none while a commit is written down.

    Args:
        connections: All of them.
    """

    def __init__(self, connections: list[Any]) -> None:
        self.all = tuple(connections)
        self._held: dict[int, Any] = {}
        self._free = connections
        self._changed = threading.Condition()
        self._is_closed = False

    @property
    def is_mine(self) -> bool:
        """Whether the thread that asks holds one."""
        return threading.get_ident() in self._held

    @contextlib.contextmanager
    def one(self) -> Iterator[Any]:
        """Hold one for the thread that asks: the one that it holds already, or the first that becomes free."""
        own = threading.get_ident()
        if own in self._held:
            yield self._held[own]
            return
        with self._changed:
            self._changed.wait_for(lambda: self._free and not self._is_closed)
            connection = self._held[own] = self._free.pop()
        try:
            yield connection
        finally:
            with self._changed:
                del self._held[own]
                self._free.append(connection)
                self._changed.notify_all()

    @contextlib.contextmanager
    def none(self) -> Iterator[None]:
        """Wait until no other thread holds one, and let nobody take one meanwhile."""
        own = threading.get_ident()
        with self._changed:
            # whoever comes now waits, or readers that follow each other closely would let no commit through
            self._is_closed = True
        try:
            with self._changed:
                self._changed.wait_for(lambda: not self._held.keys() - {own})
            yield
        finally:
            with self._changed:
                self._is_closed = False
                self._changed.notify_all()

    @contextlib.contextmanager
    def held_still(self) -> Iterator[Mapping[int, Any]]:
        """Give each thread's connection, which none takes or gives back meanwhile."""
        with self._changed:
            yield self._held


def _refusal(path: Path, cause: Exception) -> ConflictError | UnavailableError:
    owner = re.search(r"PID (\d+)", str(cause))
    if owner:
        return ConflictError("warehouse.in_use", path=str(path), owner=owner[1])
    return UnavailableError("warehouse.cannot_open", path=str(path), reason=str(cause).splitlines()[0])
