"""Look at the engine of a workspace and say in clear words what is wrong with it, if anything is."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tesela.base import TeselaError, UnavailableError, text
from tesela.warehouse import open_engine, refusal, shown_address, statement
from tesela.workspace import shipping
from tesela.workspace.mapping import make_views
from tesela.workspace.settings import Settings
from tesela.workspace.tables import ENGINE_CHECK, SHIPMENTS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from tesela.base import Language
    from tesela.warehouse import Engine, EngineAddress, Table

_FAMILIES = {
    "BIGINT": "number",
    "INTEGER": "number",
    "DECIMAL(18,4)": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "time",
}


@dataclass(frozen=True, slots=True)
class EngineFinding:
    """One thing that was seen of an engine.

    Attributes:
        key: Key of its text.
        facts: What the text shows.
        error: What is wrong; None when it is as it should be.
    """

    key: str
    facts: Mapping[str, object] = field(default_factory=dict)
    error: TeselaError | None = None

    def message(self, language: Language) -> str:
        """Say it in a language."""
        return self.error.message(language) if self.error else text(self.key, language, **dict(self.facts))

    def hint(self, language: Language) -> str | None:
        """Say what to do about it; None when there is nothing to do."""
        return self.error.hint(language) if self.error else None


def inspect_engine(folder: str | Path) -> Iterator[EngineFinding]:
    """Yield what is seen of the engine of a workspace, step by step.

    Raises:
        NotFoundError: when the folder is no workspace.
        InputError: when its settings make no sense.
    """
    root = Path(folder)
    yield from _check(Settings.load(root), root)


def _check(settings: Settings, root: Path) -> Iterator[EngineFinding]:
    """Look at one thing after the other; the first that is wrong is mostly the last."""
    if settings.engine == "duckdb":
        yield EngineFinding("workspace.engine_own_file")
        return
    engine: Engine | None = None
    try:
        address = settings.warehouse.address(settings.engine, root)
        engine = open_engine(address)
        yield EngineFinding("workspace.engine_answers", {"engine": settings.engine, "address": _place(address)})
        if settings.engine == "clickhouse" and address.url:
            yield EngineFinding("workspace.engine_never_run")
        _try_out(engine, address)
        yield EngineFinding("workspace.engine_writes", {"engine": settings.engine})
        engine.create([SHIPMENTS])
        make_views(engine, settings.warehouse.tables, shipping.SHIPPED, shipping.shipped_marks(engine))
        yield from _look_at_tables(engine)
    except TeselaError as error:
        yield EngineFinding(error.code, error=error)
    finally:
        if engine is not None:
            engine.close()


def _place(address: EngineAddress) -> str:
    if address.url:
        return shown_address(address.url)
    return f"{address.master} {address.folder}" if address.engine == "spark" else str(address.folder)


def _try_out(engine: Engine, address: EngineAddress) -> None:
    """Make a table, fill it, replace it, empty it: everything that a run does."""
    import pyarrow as pa

    told = pa.table({"number": pa.array([2**62], pa.int64()), "word": ["Ñandú"]})
    tables = {"t": ENGINE_CHECK}
    try:
        engine.create([ENGINE_CHECK])
        engine.write([statement("DELETE FROM {t}", tables=tables)])
        engine.load(ENGINE_CHECK, told)
        engine.replace({ENGINE_CHECK: statement("SELECT number, word FROM {t} WHERE number > 0", tables=tables)})
        found = engine.query(statement("SELECT number, word FROM {t}", tables=tables)).to_pylist()
        engine.write([statement("DELETE FROM {t}", tables=tables)])
    except TeselaError:
        raise
    except Exception as cause:
        reason = next((line.strip() for line in str(cause).splitlines() if line.strip()), type(cause).__name__)
        raise refusal(address.engine, address.url, reason) from cause
    if found != told.to_pylist():
        raise UnavailableError("workspace.engine_alters", engine=address.engine, given=told.to_pylist(), found=found)


def _look_at_tables(engine: Engine) -> Iterator[EngineFinding]:
    """Compare the tables that are there with what Tesela would make."""
    there = [(table, rows) for table in shipping.SHIPPED if (rows := _columns(engine, table)) is not None]
    if not there:
        yield EngineFinding("workspace.engine_empty")
        return
    wrong = [each for table, rows in there for each in _faults(table, rows)]
    yield from wrong
    if not wrong:
        yield EngineFinding("workspace.engine_tables", {"count": len(there)})


def _columns(engine: Engine, table: Table) -> pa.Schema | None:
    try:
        return engine.query(statement("SELECT * FROM {t} LIMIT 0", tables={"t": table})).schema
    except Exception:  # whatever an engine says of a table that is not there
        return None


def _faults(table: Table, found: pa.Schema) -> Iterable[EngineFinding]:
    missing = [name for name in table.column_names if name not in found.names]
    if missing:
        error = UnavailableError("workspace.engine_lacks_columns", table=table.name, columns=", ".join(missing))
        yield EngineFinding(error.code, error=error)
    for column in table.columns:
        if column.name in found.names and not _fits(column.type, found.field(column.name).type):
            error = UnavailableError(
                "workspace.engine_wrong_type",
                table=table.name,
                column=column.name,
                wanted=column.type,
                found=str(found.field(column.name).type),
            )
            yield EngineFinding(error.code, error=error)


def _fits(wanted: str, found: pa.DataType) -> bool:
    import pyarrow.types as kinds

    # a column without a value may come without a type
    if kinds.is_null(found):
        return True
    family = _FAMILIES.get(wanted, "text")
    checks = {
        "number": kinds.is_integer(found) or kinds.is_decimal(found),
        "boolean": kinds.is_boolean(found),
        "date": kinds.is_date(found),
        "time": kinds.is_timestamp(found),
        "text": kinds.is_string(found) or kinds.is_large_string(found) or kinds.is_binary(found),
    }
    return bool(checks[family])
