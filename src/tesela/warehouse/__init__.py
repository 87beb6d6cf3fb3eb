"""Tables, statements and the engines that run them."""

from tesela.warehouse.conformance.run import ConformanceFinding, check_engine
from tesela.warehouse.dialects.base import Dialect
from tesela.warehouse.engine import Capabilities, Engine, load_dialect
from tesela.warehouse.engines.duckdb import DuckDBEngine
from tesela.warehouse.opening import ENGINES, EngineAddress, open_engine
from tesela.warehouse.refusals import refusal, shown_address
from tesela.warehouse.statement import Statement, statement
from tesela.warehouse.tables import Column, ColumnType, Table

__all__ = [
    "ENGINES",
    "Capabilities",
    "Column",
    "ColumnType",
    "ConformanceFinding",
    "Dialect",
    "DuckDBEngine",
    "Engine",
    "EngineAddress",
    "Statement",
    "Table",
    "check_engine",
    "load_dialect",
    "open_engine",
    "refusal",
    "shown_address",
    "statement",
]
