"""Tables, statements and the engines that run them."""

from tesela.warehouse.dialects.base import Dialect
from tesela.warehouse.engine import Engine, load_dialect
from tesela.warehouse.engines.duckdb import DuckDBEngine
from tesela.warehouse.statement import Statement, statement
from tesela.warehouse.tables import Column, ColumnType, Table

__all__ = [
    "Column",
    "ColumnType",
    "Dialect",
    "DuckDBEngine",
    "Engine",
    "Statement",
    "Table",
    "load_dialect",
    "statement",
]
