"""What Tesela asks of an engine: run statements, all or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from contextlib import AbstractContextManager

    import pyarrow as pa

    from tesela.warehouse.dialects.base import Dialect
    from tesela.warehouse.statement import Statement
    from tesela.warehouse.tables import Table
    from tesela.warehouse.turns import Interruptions


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What engines differ in beyond how they write SQL.

    Attributes:
        tables_at_once: Whether what one call writes into several tables shows at one moment. Otherwise each table
            changes at one moment, in the order in which the call first writes them, and readers begin with the last.
        interruptible: Whether `interrupt` stops what is running.
        shared: Whether other processes may read meanwhile.
    """

    tables_at_once: bool = True
    interruptible: bool = True
    shared: bool = True


class Engine(Protocol):
    """A place that holds the warehouse's tables and runs statements over them.

    Attributes:
        name: Of the kind of engine: `duckdb`, `postgres`, `clickhouse`, `spark`.
        capabilities: What it declares of itself.
        interruptions: Who was told to stop.
    """

    name: str
    capabilities: Capabilities
    interruptions: Interruptions

    def query(self, statement: Statement) -> pa.Table:
        """Run one reading statement and return its rows as an Arrow table."""
        ...

    def undisturbed(self, *, writes: bool = False) -> AbstractContextManager[Any]:
        """Let no other thread change anything meanwhile, so that several statements see what one would.

        Args:
            writes: Whether what is done meanwhile writes, too.
        """
        ...

    def keeping(self) -> AbstractContextManager[Any]:
        """Let this thread read the temporary tables that it makes meanwhile."""
        ...

    def write(self, statements: Iterable[Statement]) -> None:
        """Run writing statements in one transaction: all of them take effect, or none."""
        ...

    def create(self, tables: Iterable[Table]) -> None:
        """Create the declared tables that do not exist yet."""
        ...

    def replace(self, contents: Mapping[Table, Statement]) -> None:
        """Replace what tables hold by the rows of queries over what they held before, all or nothing."""
        ...

    def load(self, table: Table, rows: pa.Table) -> None:
        """Append rows to a table; columns go by their names, and absent ones are missing."""
        ...

    def purge(self) -> None:
        """Remove at once what is out of use and would go later: nothing of earlier contents stays in the files."""
        ...

    def interrupt(self, thread: int | None = None, *, spares_writes: bool = False) -> None:
        """Stop what another thread is running here; that gets a ConflictError. Nothing where it is no capability.

        Args:
            thread: Only what this thread runs; by default whatever runs.
            spares_writes: Whether what changes something goes on.
        """
        ...

    def close(self) -> None:
        """Let go of the files; closing twice is harmless."""
        ...


def load_dialect(name: str) -> Dialect:
    """Return how an engine writes SQL.

    Args:
        name: `duckdb`, `postgres`, `clickhouse` or `spark`.

    Raises:
        ValueError: when there is no engine of that name.
    """
    # the dialects bring the SQL library
    if name == "duckdb":
        from tesela.warehouse.dialects.duckdb import DuckDBDialect

        return DuckDBDialect()
    if name == "postgres":
        from tesela.warehouse.dialects.postgres import PostgresDialect

        return PostgresDialect()
    if name == "clickhouse":
        from tesela.warehouse.dialects.clickhouse import ClickHouseDialect

        return ClickHouseDialect()
    if name == "spark":
        from tesela.warehouse.dialects.spark import SparkDialect

        return SparkDialect()
    raise ValueError(name)
