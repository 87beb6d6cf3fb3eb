"""PostgreSQL: the warehouse as tables of one schema, for shops that keep their data there.

Statements of ours are in DuckDB's SQL and are translated; rendered plans are PostgreSQL's already. Rows go in by
COPY and leave as Arrow.
"""

from __future__ import annotations

import contextlib
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from tesela.base import ConflictError, UnavailableError
from tesela.warehouse.engine import Capabilities
from tesela.warehouse.statement import Statement
from tesela.warehouse.turns import Interruptions, Turn

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager
    from decimal import Decimal

    import pyarrow as pa

    from tesela.warehouse.tables import Table

_TYPES = {"VARCHAR": "TEXT"}
# The number that the server calls the type by.
_NUMERIC = 1700


class PostgresEngine:
    """One connection to a PostgreSQL database.

    Args:
        url: `postgresql://user:password@host:port/database`; the password is better kept in `PGPASSWORD` or a
            password file.
        schema: Where the tables are; made when absent.
        statement_timeout_s: How long one statement may take; None is for ever.

    Raises:
        UnavailableError: when the driver is missing or nobody lets us in.
    """

    name = "postgres"
    capabilities = Capabilities()

    def __init__(self, url: str, *, schema: str = "tesela", statement_timeout_s: int | None = None) -> None:
        try:
            import psycopg
        except ModuleNotFoundError as cause:
            raise UnavailableError("warehouse.driver_missing", engine="postgres", extra="postgres") from cause
        self._driver: Any = psycopg
        self._schema = schema
        self._turn, self._asking = Turn(), Turn()
        self.interruptions = Interruptions()
        try:
            self._connection: Any = psycopg.connect(url.replace("postgresql+psycopg://", "postgresql://"))
            self._set_up(statement_timeout_s)
        except psycopg.Error as cause:
            reason = str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__
            raise UnavailableError("warehouse.engine_refused", engine="postgres", reason=reason) from cause

    def query(self, statement: Statement) -> pa.Table:
        """Run one reading statement and return its rows as an Arrow table."""
        with self._turn, self._asking, self._transaction(), self._connection.cursor() as cursor:
            self._bring(cursor, statement)
            self._run(cursor, statement)
            return _arrow(cursor.description, cursor.fetchall())

    def undisturbed(self, *, writes: bool = False) -> AbstractContextManager[Any]:  # noqa: ARG002 one turn for all
        """Let no other thread use the engine meanwhile, so that several statements see what one would."""
        return self._turn

    def keeping(self) -> AbstractContextManager[Any]:
        """Let this thread read the temporary tables that it makes meanwhile: all have one connection here."""
        return self._turn

    def write(self, statements: Iterable[Statement]) -> None:
        """Run writing statements in one transaction: all of them take effect, or none."""
        with self._turn, self._transaction(), self._connection.cursor() as cursor:
            for each in statements:
                self._bring(cursor, each)
                self._run(cursor, each)

    def create(self, tables: Iterable[Table]) -> None:
        """Create the declared tables that do not exist yet, and the functions that plans use."""
        from tesela.warehouse.dialects.postgres import FUNCTIONS

        with self._turn, self._transaction(), self._connection.cursor() as cursor:
            for function in FUNCTIONS:
                cursor.execute(function)
            for table in tables:
                columns = ", ".join(f'"{each.name}" {_TYPES.get(each.type, each.type)}' for each in table.columns)
                cursor.execute(f'CREATE TABLE IF NOT EXISTS "{table.name}" ({columns})')

    def replace(self, contents: Mapping[Table, Statement]) -> None:
        """Replace what tables hold by the rows of queries over what they held before, all or nothing."""
        with self._turn, self._transaction(), self._connection.cursor() as cursor:
            for table, each in contents.items():
                self._bring(cursor, each)
                draft = Statement(
                    f"CREATE TEMPORARY TABLE {table.name}_draft ON COMMIT DROP AS {self._text(each)}",
                    each.parameters,
                    dialect=self.name,
                )
                self._run(cursor, draft)
            for table in contents:
                cursor.execute(f'SELECT * FROM "{table.name}_draft" LIMIT 0')
                names = ", ".join(f'"{column.name}"' for column in cursor.description)
                cursor.execute(f'TRUNCATE "{table.name}"')
                cursor.execute(f'INSERT INTO "{table.name}" ({names}) SELECT {names} FROM "{table.name}_draft"')

    def load(self, table: Table, rows: pa.Table) -> None:
        """Append rows to a table; columns go by their names, and absent ones are missing."""
        with self._turn, self._transaction(), self._connection.cursor() as cursor:
            _copy(cursor, f'"{table.name}"', rows)

    def purge(self) -> None:
        """Write all tables of the schema anew, and what the planner knows of their values."""
        with self._turn, self._alone(), self._connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", [self._schema])
            for (name,) in cursor.fetchall():
                cursor.execute(f'VACUUM (FULL, ANALYZE) "{self._schema}"."{name}"')

    def interrupt(self, thread: int | None = None, *, spares_writes: bool = False) -> None:
        """Stop what another thread is running here; that gets a ConflictError."""
        self.interruptions.tell(thread)
        turn = self._asking if spares_writes else self._turn
        if thread in {None, turn.holder}:
            self._connection.cancel_safe()

    def close(self) -> None:
        """Let go of the connection; closing twice is harmless."""
        self._connection.close()

    # --- statements ---------------------------------------------------------------------------------------

    def _set_up(self, timeout_s: int | None) -> None:
        from psycopg.types.string import TextLoader

        # documents leave as they are written, as on every engine
        for kind in ("json", "jsonb"):
            self._connection.adapters.register_loader(kind, TextLoader)
        schema = self._driver.sql.Identifier(self._schema)
        with self._connection.transaction(), self._connection.cursor() as cursor:
            cursor.execute(self._driver.sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(schema))
        with self._connection.cursor() as cursor:
            cursor.execute(self._driver.sql.SQL("SET search_path = {}, public").format(schema))
            cursor.execute("SET TimeZone = 'UTC'")
            # plans have many steps: planning their joins in every order would take longer than running them
            cursor.execute("SET join_collapse_limit = 4")
            cursor.execute("SET jit = off")
            if timeout_s:
                cursor.execute(f"SET statement_timeout = {int(timeout_s) * 1000}")
        self._connection.commit()

    def _text(self, statement: Statement) -> str:
        if statement.dialect == self.name:
            return statement.sql
        kinds = tuple(sorted((name, type(value)) for name, value in statement.parameters.items()))
        relations = tuple((name, tuple(each.column_names)) for name, each in sorted(statement.relations.items()))
        return _translated(statement.sql, kinds, relations)

    def _run(self, cursor: Any, statement: Statement) -> None:
        text = self._text(statement)
        bound = {name: value for name, value in statement.parameters.items() if f"%({name})s" in text}
        cursor.execute(text, bound or None)

    def _bring(self, cursor: Any, statement: Statement) -> None:
        """Put the statement's relations into tables that end with the transaction."""
        for name, rows in statement.relations.items():
            columns = ", ".join(f'"{field.name}" {_column_type(field.type)}' for field in rows.schema)
            cursor.execute(f'DROP TABLE IF EXISTS pg_temp."{name}"')
            cursor.execute(f'CREATE TEMPORARY TABLE "{name}" ({columns}) ON COMMIT DROP')
            _copy(cursor, f'pg_temp."{name}"', rows)
            # without figures the planner takes every list for a thousand rows
            cursor.execute(f'ANALYZE pg_temp."{name}"')

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Run statements each for itself, outside any transaction."""
        self._connection.commit()
        before = self._connection.autocommit
        self._connection.autocommit = True
        try:
            yield
        finally:
            self._connection.autocommit = before

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run in one transaction; tell what a person can do something about in our words."""
        if self._connection.closed:
            raise ConflictError("workspace.closed")
        try:
            with self._connection.transaction():
                yield
        except self._driver.errors.QueryCanceled as cause:
            raise ConflictError("warehouse.interrupted") from cause
        except self._driver.errors.DiskFull as cause:
            raise UnavailableError("warehouse.disk_full", path=self._schema) from cause
        except (self._driver.errors.OutOfMemory, self._driver.errors.ConfigurationLimitExceeded) as cause:
            raise UnavailableError("warehouse.out_of_memory") from cause
        except self._driver.OperationalError as cause:
            if self._connection.closed:
                reason = str(cause).strip().splitlines()[0]
                raise UnavailableError("warehouse.engine_refused", engine="postgres", reason=reason) from cause
            raise


def _copy(cursor: Any, target: str, rows: pa.Table) -> None:
    """Append rows by COPY."""
    names = ", ".join(f'"{name}"' for name in rows.column_names)
    with cursor.copy(f"COPY {target} ({names}) FROM STDIN") as copy:
        for batch in rows.to_batches(max_chunksize=50_000):
            columns = [column.to_pylist() for column in batch.columns]
            for row in zip(*columns, strict=True):
                copy.write_row(row)


def _column_type(kind: pa.DataType) -> str:
    import pyarrow.types as kinds

    if kinds.is_integer(kind):
        return "BIGINT"
    if kinds.is_boolean(kind):
        return "BOOLEAN"
    if kinds.is_timestamp(kind):
        return "TIMESTAMP"
    if kinds.is_date(kind):
        return "DATE"
    if kinds.is_decimal(kind):
        return f"NUMERIC({kind.precision}, {kind.scale})"
    if kinds.is_floating(kind):
        return "DOUBLE PRECISION"
    return "TEXT"


def _arrow(description: Any, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """Return rows as an Arrow table; whole numbers that fit are of 64 bits."""
    import pyarrow as pa

    kinds = {
        16: pa.bool_(), 20: pa.int64(), 23: pa.int64(), 21: pa.int64(), 25: pa.string(), 1043: pa.string(),
        114: pa.string(), 3802: pa.string(), 1114: pa.timestamp("us"), 1082: pa.date32(), 701: pa.float64(),
    }  # fmt: skip
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(description)
    arrays = []
    for column, values in zip(description, columns, strict=True):
        is_numeric = column.type_code == _NUMERIC
        arrays.append(_numbers(values) if is_numeric else pa.array(values, kinds.get(column.type_code)))
    return pa.table(arrays, names=[column.name for column in description])


def _numbers(values: Sequence[Decimal | None]) -> pa.Array:
    """Return exact numbers: whole ones of 64 bits where all of them are, decimals otherwise."""
    import pyarrow as pa

    places = max((-int(value.as_tuple().exponent) for value in values if value is not None), default=0)
    if all(value is None or value == value.to_integral_value() for value in values):
        whole = [None if value is None else int(value) for value in values]
        if all(value is None or -(2**63) <= value < 2**63 for value in whole):
            return pa.array(whole, pa.int64())
        places = 0
    return pa.array(values, pa.decimal128(38, max(places, 0)))


@lru_cache(maxsize=500)
def _translated(
    text: str, kinds: tuple[tuple[str, type], ...], relations: tuple[tuple[str, tuple[str, ...]], ...]
) -> str:
    # the SQL library costs a third of a second to load
    from tesela.warehouse.dialects.postgres import PostgresDialect

    return PostgresDialect().translated(text, dict(kinds), dict(relations))
