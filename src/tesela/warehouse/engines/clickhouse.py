"""ClickHouse: embedded (chdb), or a server of the shop's own; both run the same SQL.

There are no transactions: writing statements are applied to drafts of the tables, which then change places with
the tables themselves. Each exchange is atomic; of several tables, the one that readers begin with is exchanged
last, because tables change places in the order in which they were first written.
"""

from __future__ import annotations

import contextlib
import re
import threading
from abc import ABC, abstractmethod
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from tesela.base import ConflictError, UnavailableError
from tesela.warehouse.engine import Capabilities
from tesela.warehouse.engines.spark_writes import rewrite
from tesela.warehouse.turns import Interruptions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from pathlib import Path

    import pyarrow as pa

    from tesela.warehouse.engines.spark_tables import StoredTable
    from tesela.warehouse.statement import Statement
    from tesela.warehouse.tables import Table

_TYPES = {
    "BIGINT": "Int64",
    "BOOLEAN": "Bool",
    "DATE": "Date32",
    "DECIMAL(18,4)": "Decimal(18, 4)",
    "INTEGER": "Int32",
    "JSON": "String",
    "TIMESTAMP": "DateTime64(6, 'UTC')",
    "VARCHAR": "String",
}
_CLUSTERED = ("name", "profile_id", "occurred_at")
_MAKES_TEMPORARY = re.compile(r"\s*CREATE\s+(?:OR\s+REPLACE\s+)?TEMPORARY\s+TABLE\s+(\w+)\s+AS\s")
_DROPS = re.compile(r"\s*DROP\s+TABLE\s+(\w+)\s*$")
_ESCAPED = {"\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0"}


class _Stored(NamedTuple):
    columns: tuple[tuple[str, str], ...]


class ClickHouse(ABC):
    """What the embedded engine and the server have in common."""

    name = "clickhouse"
    capabilities = Capabilities(tables_at_once=False, interruptible=False)

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self.interruptions = Interruptions()
        self._tables: dict[str, _Stored] = {}

    @abstractmethod
    def _rows(self, text: str, values: Mapping[str, str]) -> pa.Table:
        """Run a query with its values as ClickHouse reads them, and return its rows."""

    @abstractmethod
    def _do(self, text: str, values: Mapping[str, str] | None = None) -> None:
        """Run a statement that has no rows."""

    @abstractmethod
    def _append(self, name: str, rows: pa.Table) -> None:
        """Append rows to a table by the names of their columns."""

    def query(self, statement: Statement) -> pa.Table:
        """Run one reading statement and return its rows as an Arrow table."""
        with self._lock, self._explained(), self._relations(statement), self._steps(statement) as single:
            return _naive(self._rows(single + self._text(statement), _values(statement)))

    def create(self, tables: Iterable[Table]) -> None:
        """Create the declared tables that do not exist yet."""
        with self._lock, self._explained():
            for table in tables:
                self._tables[table.name] = _Stored(tuple((column.name, column.type) for column in table.columns))
                columns = ", ".join(f'"{each.name}" Nullable({_TYPES[each.type]})' for each in table.columns)
                order = ", ".join(_CLUSTERED) if set(_CLUSTERED) <= set(table.column_names) else "tuple()"
                self._do(
                    f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns}) ENGINE = MergeTree ORDER BY ({order})'
                    " SETTINGS allow_nullable_key = 1"
                )

    def undisturbed(self, *, writes: bool = False) -> AbstractContextManager[Any]:  # noqa: ARG002 one turn for all
        """Let no other thread use the engine meanwhile, so that several statements see what one would."""
        return self._lock

    def keeping(self) -> AbstractContextManager[Any]:
        """Let this thread read the temporary tables that it makes meanwhile: all have one connection here."""
        return self._lock

    def write(self, statements: Iterable[Statement]) -> None:
        """Apply writing statements to drafts of their tables, which then take the tables' places."""
        with self._lock, self._explained():
            drafts: dict[str, str] = {}
            made: list[str] = []
            try:
                for each in statements:
                    with self._relations(each):
                        self._apply(each, drafts, made)
                for name, draft in drafts.items():
                    self._do(f'EXCHANGE TABLES "{name}" AND "{draft}"')
            finally:
                for name in (*drafts.values(), *made):
                    self._do(f'DROP TABLE IF EXISTS "{name}" SYNC')

    def replace(self, contents: Mapping[Table, Statement]) -> None:
        """Replace what tables hold by the rows of queries over what they held before."""
        with self._lock, self._explained():
            drafts: dict[str, str] = {}
            try:
                for table, each in contents.items():
                    with self._relations(each):
                        drafts[table.name] = self._empty_draft(table.name)
                        self._insert(drafts[table.name], self._text(each), each)
                for name, draft in drafts.items():
                    self._do(f'EXCHANGE TABLES "{name}" AND "{draft}"')
            finally:
                for draft in drafts.values():
                    self._do(f'DROP TABLE IF EXISTS "{draft}" SYNC')

    def load(self, table: Table, rows: pa.Table) -> None:
        """Append rows to a table; columns go by their names, and absent ones are missing."""
        with self._lock, self._explained():
            self._append(table.name, rows)

    def purge(self) -> None:
        """Write what merges of parts have left; a table that another has replaced was dropped at once."""
        with self._lock, self._explained():
            for name in self._tables:
                self._do(f'OPTIMIZE TABLE "{name}" FINAL')

    def interrupt(self, thread: int | None = None, *, spares_writes: bool = False) -> None:
        """Stop nothing: what is running here ends by itself."""
        del spares_writes
        self.interruptions.tell(thread)

    # --- statements ---------------------------------------------------------------------------------------

    def _text(self, statement: Statement, names: Mapping[str, str] | None = None) -> str:
        if statement.dialect == self.name:
            return statement.sql
        kinds = tuple(sorted((name, type(value)) for name, value in statement.parameters.items()))
        return _translated(statement.sql, kinds, tuple(sorted((names or {}).items())))

    def _apply(self, statement: Statement, drafts: dict[str, str], made: list[str]) -> None:
        temporary, dropped = _MAKES_TEMPORARY.match(statement.sql), _DROPS.match(statement.sql)
        if temporary:
            made.append(temporary[1])
            self._do(f'DROP TABLE IF EXISTS "{temporary[1]}"')
            query = _with_sql(statement, statement.sql[temporary.end() :])
            made_as = f'CREATE TABLE "{temporary[1]}" ENGINE = MergeTree ORDER BY tuple() AS '
            self._do(made_as + self._text(query, drafts), _values(query))
        elif dropped:
            self._do(f'DROP TABLE IF EXISTS "{dropped[1]}"')
        elif statement.sql.startswith(("CREATE VIEW", "DROP VIEW")):
            self._do(self._text(statement))
        else:
            self._rewrite(statement, drafts)

    def _rewrite(self, statement: Statement, drafts: dict[str, str]) -> None:
        change = rewrite(statement.sql, cast("Mapping[str, StoredTable]", self._tables))
        before = drafts.get(change.table)
        if change.appends:
            draft = before or self._empty_draft(change.table)
            if before is None:
                self._do(f'INSERT INTO "{draft}" SELECT * FROM "{change.table}"')
            names = dict(drafts)
        else:
            names = dict(drafts)
            draft = self._empty_draft(change.table)
        if not change.empties:
            query = _with_sql(statement, change.rows)
            self._insert(draft, self._text(query, names), query)
        if before is not None and before != draft:
            self._do(f'DROP TABLE "{before}"')
        drafts[change.table] = draft

    def _empty_draft(self, name: str) -> str:
        draft = f"{name}_draft"
        while self._exists(draft):
            draft += "_"
        self._do(f'CREATE TABLE "{draft}" AS "{name}"')
        return draft

    def _exists(self, name: str) -> bool:
        return bool(self._rows(f'EXISTS TABLE "{name}"', {}).column(0)[0].as_py())

    def _insert(self, table: str, text: str, statement: Statement) -> None:
        """Insert the rows of a query by the names of its columns."""
        described = self._rows(f"DESCRIBE ({text})", _values(statement)).column("name").to_pylist()
        names = ", ".join(f'"{name}"' for name in described)
        self._do(f'INSERT INTO "{table}" ({names}) {text}', _values(statement))

    @contextlib.contextmanager
    def _relations(self, statement: Statement) -> Iterator[None]:
        for name, rows in statement.relations.items():
            columns = ", ".join(f'"{field.name}" Nullable({_column_type(field.type)})' for field in rows.schema)
            self._do(f'CREATE OR REPLACE TABLE "{name}" ({columns}) ENGINE = MergeTree ORDER BY tuple()')
            self._append(name, rows)
        try:
            yield
        finally:
            for name in statement.relations:
                self._do(f'DROP TABLE IF EXISTS "{name}" SYNC')

    @contextlib.contextmanager
    def _steps(self, statement: Statement) -> Iterator[str]:
        """Keep the rows of steps that are named more than once; yield the text that names the others.

        A named step would be computed at every mention. Temporary tables belong to the session, so that
        queries of others on the same server never meet them.
        """
        texts = (*statement.steps.values(), statement.sql)
        kept: list[str] = []
        single = ""
        try:
            for name, text in statement.steps.items():
                if sum(len(re.findall(rf"(?:FROM|JOIN) {name}\b", each)) for each in texts) > 1:
                    self._do(f'CREATE TEMPORARY TABLE "{name}" AS {single}{text}', _values(statement))
                    kept.append(name)
                else:
                    single = f"{single[:-1]}, " if single else "WITH "
                    single += f"{name} AS ({text})\n"
            yield single
        finally:
            for name in kept:
                self._do(f'DROP TEMPORARY TABLE IF EXISTS "{name}"')

    @contextlib.contextmanager
    def _explained(self) -> Iterator[None]:
        """Tell what a person can do something about in our words; the rest is a fault and passes."""
        try:
            yield
        except Exception as cause:
            if "NOT_ENOUGH_SPACE" in str(cause) or "No space left" in str(cause):
                raise UnavailableError("warehouse.disk_full", path=self.name) from cause
            if "MEMORY_LIMIT_EXCEEDED" in str(cause):
                raise UnavailableError("warehouse.out_of_memory") from cause
            raise


class ChdbEngine(ClickHouse):
    """ClickHouse inside this process; one data folder a process.

    Args:
        path: The folder of its data; made when absent.

    Raises:
        UnavailableError: when chdb is not installed.
    """

    capabilities = Capabilities(tables_at_once=False, interruptible=False, shared=False)

    def __init__(self, path: Path) -> None:
        super().__init__()
        try:
            from chdb import session
        except ModuleNotFoundError as cause:
            raise UnavailableError("warehouse.driver_missing", engine="clickhouse", extra="clickhouse") from cause
        from tesela.warehouse.dialects.clickhouse import SETTINGS

        path.mkdir(parents=True, exist_ok=True)
        opened: Any = session
        self._session: Any = opened.Session(str(path))
        for name, value in SETTINGS.items():
            self._do(f"SET {name} = " + (f"'{value}'" if isinstance(value, str) else str(value)))

    def close(self) -> None:
        """Let go of the folder; closing twice is harmless."""
        if self._session is not None:
            self._session.close()
            self._session = None

    def _rows(self, text: str, values: Mapping[str, str]) -> pa.Table:
        import pyarrow as pa

        answer = self._open().query(text, "ArrowStream", params=dict(values))
        with pa.ipc.open_stream(answer.bytes()) as reader:
            return reader.read_all()

    def _do(self, text: str, values: Mapping[str, str] | None = None) -> None:
        self._open().query(text, params=dict(values or {}))

    def _append(self, name: str, rows: pa.Table) -> None:
        if not rows.num_rows:
            return
        # chdb finds the frame by the name of a variable
        arriving = _plain(rows)
        names = ", ".join(f'"{column}"' for column in arriving.column_names)
        self._open().query(f'INSERT INTO "{name}" ({names}) SELECT {names} FROM Python(arriving)')

    def _open(self) -> Any:
        if self._session is None:
            raise ConflictError("workspace.closed")
        return self._session


class ClickHouseServer(ClickHouse):
    """A ClickHouse server, spoken to over HTTP. It shares all SQL with the embedded engine.

    Args:
        url: `http://user:password@host:8123/database`.

    Raises:
        UnavailableError: when the driver is missing or nobody lets us in.
    """

    def __init__(self, url: str) -> None:
        super().__init__()
        try:
            import clickhouse_connect
        except ModuleNotFoundError as cause:
            raise UnavailableError("warehouse.driver_missing", engine="clickhouse", extra="clickhouse") from cause
        from tesela.warehouse.dialects.clickhouse import SETTINGS

        try:
            self._client: Any = clickhouse_connect.get_client(dsn=url, settings=dict(SETTINGS))
        except Exception as cause:
            reason = str(cause).strip().splitlines()[0]
            raise UnavailableError("warehouse.engine_refused", engine="clickhouse", reason=reason) from cause

    def close(self) -> None:
        """Let go of the connection; closing twice is harmless."""
        self._client.close()

    def _rows(self, text: str, values: Mapping[str, str]) -> pa.Table:
        return self._client.query_arrow(text, parameters=_numbered(values), use_strings=True)

    def _do(self, text: str, values: Mapping[str, str] | None = None) -> None:
        self._client.command(text, parameters=_numbered(values or {}))

    def _append(self, name: str, rows: pa.Table) -> None:
        if rows.num_rows:
            self._client.insert_arrow(name, _plain(rows))


def _numbered(values: Mapping[str, str]) -> dict[str, str]:
    return dict(values)


def _with_sql(statement: Statement, sql: str) -> Statement:
    from dataclasses import replace

    return replace(statement, sql=sql)


def _values(statement: Statement) -> dict[str, str]:
    """Return bound values as ClickHouse reads them."""
    return {name: _written(value) for name, value in statement.parameters.items() if value is not None}


def _written(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return "".join(_ESCAPED.get(character, character) for character in value)
    return str(value)


def _column_type(kind: pa.DataType) -> str:
    import pyarrow.types as kinds

    if kinds.is_integer(kind):
        return "Int64"
    if kinds.is_boolean(kind):
        return "Bool"
    if kinds.is_timestamp(kind):
        return "DateTime64(6, 'UTC')"
    if kinds.is_date(kind):
        return "Date32"
    if kinds.is_decimal(kind):
        return f"Decimal({kind.precision}, {kind.scale})"
    if kinds.is_floating(kind):
        return "Float64"
    return "String"


def _plain(rows: pa.Table) -> pa.Table:
    """Return rows without the types of Arrow that ClickHouse has none for."""
    import pyarrow as pa

    kinds = {pa.large_string(): pa.string(), pa.null(): pa.string()}
    return rows.cast(pa.schema([field.with_type(kinds.get(field.type, field.type)) for field in rows.schema]))


def _naive(rows: pa.Table) -> pa.Table:
    """Return rows whose times carry no zone, whose texts are texts and whose numbers are numbers."""
    import pyarrow as pa
    import pyarrow.types as kinds

    for place, field in enumerate(rows.schema):
        if kinds.is_fixed_size_binary(field.type):
            rows = rows.set_column(place, field.name, _wide_numbers(rows.column(place)))
    fields = []
    for field in rows.schema:
        kind = field.type
        if kinds.is_timestamp(kind):
            kind = pa.timestamp("us")
        elif kinds.is_binary(kind) or kinds.is_large_binary(kind) or kinds.is_dictionary(kind):
            kind = pa.string()
        elif kinds.is_unsigned_integer(kind):
            kind = pa.int64()
        fields.append(pa.field(field.name, kind))
    return rows.cast(pa.schema(fields))


def _wide_numbers(column: pa.ChunkedArray) -> pa.Array:
    """Return whole numbers of 128 bits, which come as their bytes, as 64 bits where all fit, else as decimals."""
    import pyarrow as pa

    joined = column.combine_chunks()
    array = joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined
    numbers = pa.Array.from_buffers(pa.decimal128(38, 0), len(array), array.buffers(), offset=array.offset)
    try:
        return numbers.cast(pa.int64())
    except pa.ArrowInvalid:
        return numbers


@lru_cache(maxsize=500)
def _translated(text: str, kinds: tuple[tuple[str, type], ...], names: tuple[tuple[str, str], ...]) -> str:
    # the SQL library costs a third of a second to load
    from tesela.warehouse.dialects.clickhouse import ClickHouseDialect

    return ClickHouseDialect().translated(text, dict(kinds), dict(names))
