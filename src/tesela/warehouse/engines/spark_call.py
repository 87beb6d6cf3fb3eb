"""One call of the Spark engine: turns statements into rows, and keeps what they need until the call ends."""

from __future__ import annotations

import re
import shutil
import tempfile
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

    from tesela.warehouse.statement import Statement


class SparkCall:
    """What one call has made in a session: views, and files in a folder that the whole cluster sees.

    Args:
        session: The Spark session.
        parent: Where the folder is made.
    """

    def __init__(self, session: Any, parent: Path) -> None:
        self._session = session
        parent.mkdir(exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(dir=parent))
        self._views: set[str] = set()
        self._files = 0

    def __enter__(self) -> SparkCall:
        return self

    def __exit__(self, *_: object) -> None:
        for name in tuple(self._views):
            self.forget(name)
        shutil.rmtree(self._folder, ignore_errors=True)

    def rows(self, statement: Statement) -> Any:
        """Return the rows of a query, not computed yet."""
        for name, relation in statement.relations.items():
            self._bring(name, relation)
        if statement.dialect == "spark":
            for name in statement.steps:
                self._take_step(name, statement)
            return self._frame(statement.sql, statement)
        kinds = tuple(sorted((name, type(value)) for name, value in statement.parameters.items()))
        return self._frame(_translated(statement.sql, kinds), statement)

    def keep(self, name: str, rows: Any) -> None:
        """Compute rows once and for all, to be read by a name until the call ends."""
        path = self._new_path(name)
        rows.write.parquet(path.as_uri())
        self._show(name, self._session.read.parquet(path.as_uri()))

    def forget(self, name: str) -> None:
        """Let a name mean nothing any more."""
        self._session.catalog.dropTempView(name)
        self._views.discard(name)

    def _take_step(self, name: str, statement: Statement) -> None:
        """Give a step its name; one that is named more than once is computed once."""
        rows = self._frame(statement.steps[name], statement)
        mention = re.compile(rf"(?:FROM|JOIN) {name}\b")
        mentions = sum(len(mention.findall(text)) for text in (*statement.steps.values(), statement.sql))
        if mentions > 1:
            self.keep(name, rows)
        else:
            self._show(name, rows)

    def _frame(self, text: str, statement: Statement) -> Any:
        bound = {name: _bound(value) for name, value in statement.parameters.items() if f":{name}" in text}
        return self._session.sql(text, args=bound) if bound else self._session.sql(text)

    def _bring(self, name: str, relation: pa.Table) -> None:
        import pyarrow.parquet as pq

        path = self._new_path(name)
        pq.write_table(_plain(relation), path)
        self._show(name, self._session.read.parquet(path.as_uri()))

    def _show(self, name: str, rows: Any) -> None:
        rows.createOrReplaceTempView(name)
        self._views.add(name)

    def _new_path(self, name: str) -> Path:
        self._files += 1
        return self._folder / f"{name}-{self._files}.parquet"


def _bound(value: object) -> object:
    """Return a value as Spark takes it; times go as text, which no driver moves to another zone."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**63:
        return Decimal(value)
    return value


def _plain(table: pa.Table) -> pa.Table:
    """Return a relation without the types of Arrow that Spark has none for."""
    import pyarrow as pa

    kinds = {pa.large_string(): pa.string(), pa.null(): pa.string()}
    fields = [field.with_type(kinds.get(field.type, field.type)) for field in table.schema]
    return table.cast(pa.schema(fields))


@lru_cache(maxsize=500)
def _translated(text: str, kinds: tuple[tuple[str, type], ...]) -> str:
    # the SQL library costs half a second to load
    from tesela.warehouse.dialects.spark import SparkDialect

    return SparkDialect().translated(text, dict(kinds))
