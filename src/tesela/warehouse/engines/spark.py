"""Spark: tables as Parquet files in a folder that the whole cluster sees, queries by Spark's SQL.

A transaction is a draft of the next manifest (`spark_tables`): each writing statement becomes the query of what
the table shall hold, its rows are written as new files, and the new manifest makes all of them take effect at
once. Rows leave as Arrow, and come in as Parquet; no data frame of pandas is made anywhere.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError, UnavailableError
from tesela.warehouse.engine import Capabilities
from tesela.warehouse.engines.spark_call import SparkCall
from tesela.warehouse.engines.spark_session import close_session, first_line, open_session
from tesela.warehouse.engines.spark_tables import TableFolder
from tesela.warehouse.engines.spark_writes import rewrite
from tesela.warehouse.turns import Interruptions, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    from tesela.warehouse.engines.spark_tables import Draft, Manifest, StoredTable
    from tesela.warehouse.statement import Statement
    from tesela.warehouse.tables import Table

_TYPES = {"INTEGER": "INT", "JSON": "STRING", "TIMESTAMP": "TIMESTAMP_NTZ", "VARCHAR": "STRING"}
_MAKES_TEMPORARY = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\s+TABLE\s+(\w+)\s+AS\s")
_DROPS = re.compile(r"\s*DROP\s+TABLE\s+(\w+)\s*$")
_MAKES_VIEW = re.compile(r"\s*CREATE\s+VIEW\s+(\w+)\s+AS\s")
_CANCELLED = re.compile(r"OPERATION_CANCELED|INTERRUPTED|Job \d+ cancelled|SparkJobCancelled")
_DROPS_VIEW = re.compile(r"\s*DROP\s+VIEW\s+IF\s+EXISTS\s+(\w+)\s*$")


class SparkEngine:
    """A Spark session over a folder of tables.

    Args:
        root: The folder of the tables, which every machine of the cluster must see under the same path.
        master: `spark://host:port`, `local[2]`, or `sc://host:port` for Spark Connect.
        options: Spark's own settings, by their names.
        keep_seconds: How long files out of use stay for readers in other processes.

    Raises:
        UnavailableError: when Spark or Java is missing, nobody answers, or the folder cannot be used.
    """

    name = "spark"
    capabilities = Capabilities()

    def __init__(
        self,
        root: Path,
        *,
        master: str = "local[*]",
        options: Mapping[str, str] | None = None,
        keep_seconds: float = 3600,
    ) -> None:
        self._tables = TableFolder(root, keep_seconds=keep_seconds)
        self._master = master
        self._session: Any = open_session(master, options or {})
        self._turn, self._asking = Turn(), Turn()
        self.interruptions = Interruptions()
        self._shown: dict[str, StoredTable] = {}
        self._views: set[str] = set()

    def query(self, statement: Statement) -> pa.Table:
        """Run one reading statement and return its rows as an Arrow table."""
        with self._call() as call, self._asking:
            self._show(self._tables.read())
            return call.rows(statement).toArrow()

    def undisturbed(self, *, writes: bool = False) -> AbstractContextManager[Any]:  # noqa: ARG002 one turn for all
        """Let no other thread use the engine meanwhile, so that several statements see what one would."""
        return self._turn

    def keeping(self) -> AbstractContextManager[Any]:
        """Let this thread read the temporary tables that it makes meanwhile: all have one connection here."""
        return self._turn

    def write(self, statements: Iterable[Statement]) -> None:
        """Run writing statements: all of them take effect, or none."""
        with self._call() as call, self._tables.writing() as draft:
            for each in statements:
                self._show(draft.manifest)
                self._apply(each, draft, call)

    def replace(self, contents: Mapping[Table, Statement]) -> None:
        """Replace what tables hold by the rows of queries over what they held before, all or nothing."""
        with self._call() as call, self._tables.writing() as draft:
            self._show(draft.manifest)
            for table, each in contents.items():
                rows = _fitted(call.rows(each), draft.manifest.tables[table.name])
                folder = draft.new_folder(table.name)
                rows.write.parquet(folder.as_uri())
                draft.put(table.name, folder)

    def load(self, table: Table, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Append rows to a table; columns go by their names, and absent ones are missing."""
        with self._turn, self._tables.writing() as draft:
            draft.add(table.name, draft.write_arrow(table.name, rows))

    def create(self, tables: Iterable[Table]) -> None:
        """Create the declared tables that do not exist yet."""
        with self._turn, self._tables.writing() as draft:
            for table in tables:
                draft.declare(table.name, table.columns)

    def purge(self) -> None:
        """Remove the files of earlier publications at once; a reader that is still at them fails."""
        with self._turn:
            self._tables.purge()

    def interrupt(self, thread: int | None = None, *, spares_writes: bool = False) -> None:
        """Stop what another thread is running here; that gets a ConflictError."""
        self.interruptions.tell(thread)
        turn = self._asking if spares_writes else self._turn
        if thread in {None, turn.holder} and self._session is not None:
            self._session.interruptAll()

    def close(self) -> None:
        """Let go of the session; the cluster's application ends with the process."""
        with self._turn:
            if self._session is not None:
                for name in self._shown:
                    self._session.catalog.dropTempView(name)
                self._shown.clear()
                close_session(self._session, self._master)
                self._session = None

    # --- statements ---------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _call(self) -> Iterator[SparkCall]:
        """Hold the session for one call; what the call makes for itself ends with it."""
        with self._turn, self._explained(), SparkCall(self._open(), self._tables.root / "scratch") as call:
            yield call

    def _open(self) -> Any:
        if self._session is None:
            raise ConflictError("workspace.closed")
        return self._session

    def _apply(self, statement: Statement, draft: Draft, call: SparkCall) -> None:
        """Let the draft hold what a writing statement makes of its table."""
        made, dropped = _MAKES_TEMPORARY.match(statement.sql), _DROPS.match(statement.sql)
        made_view, dropped_view = _MAKES_VIEW.match(statement.sql), _DROPS_VIEW.match(statement.sql)
        if made_view:
            # it lasts as long as the session, which makes its views anew at every opening
            call.rows(replace(statement, sql=statement.sql[made_view.end() :])).createOrReplaceTempView(made_view[1])
            self._views.add(made_view[1])
        elif dropped_view:
            self._open().catalog.dropTempView(dropped_view[1])
            self._views.discard(dropped_view[1])
        elif made:
            call.keep(made[1], call.rows(replace(statement, sql=statement.sql[made.end() :])))
        elif dropped:
            call.forget(dropped[1])
        else:
            self._rewrite(statement, draft, call)

    def _rewrite(self, statement: Statement, draft: Draft, call: SparkCall) -> None:
        change = rewrite(statement.sql, draft.manifest.tables)
        plain = statement.relations.get(change.relation or "")
        if change.empties:
            draft.empty(change.table)
        elif plain is not None:
            draft.add(change.table, draft.write_arrow(change.table, plain))
        else:
            rows = _fitted(call.rows(replace(statement, sql=change.rows)), draft.manifest.tables[change.table])
            folder = draft.new_folder(change.table)
            rows.write.parquet(folder.as_uri())
            (draft.add if change.appends else draft.put)(change.table, folder)

    # --- tables -------------------------------------------------------------------------------------------

    def _show(self, manifest: Manifest) -> None:
        """Let the session see the tables as a manifest names them."""
        for name, table in manifest.tables.items():
            if self._shown.get(name) != table and name not in self._views:
                self._stored(table).createOrReplaceTempView(name)
                self._shown[name] = table

    def _stored(self, table: StoredTable) -> Any:
        if not table.files:
            nothing = ", ".join(f"CAST(NULL AS {_type(kind)}) AS `{name}`" for name, kind in table.columns)
            return self._open().sql(f"SELECT {nothing} WHERE FALSE")
        schema = ", ".join(f"`{name}` {_type(kind)}" for name, kind in table.columns)
        files = [(self._tables.root / file).as_uri() for file in table.files]
        return self._open().read.schema(schema).parquet(*files)

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Tell what a person can do something about in our words; the rest is a fault and passes."""
        try:
            yield
        except Exception as cause:
            told = str(cause)
            if _CANCELLED.search(told):
                raise ConflictError("warehouse.interrupted") from cause
            if "No space left" in told:
                raise UnavailableError("warehouse.disk_full", path=str(self._tables.root)) from cause
            if "SparkContext was shut down" in told or "Connection refused" in told:
                raise UnavailableError("warehouse.engine_refused", engine="spark", reason=first_line(cause)) from cause
            raise


def _fitted(rows: Any, table: StoredTable) -> Any:
    """Bring rows to a table's columns by name; a column that is absent is missing everywhere."""
    given = set(rows.columns)
    return rows.selectExpr(
        *(
            f"CAST({f'`{name}`' if name in given else 'NULL'} AS {_type(kind)}) AS `{name}`"
            for name, kind in table.columns
        )
    )


def _type(kind: str) -> str:
    return _TYPES.get(kind, kind)
