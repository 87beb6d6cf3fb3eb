"""Tables, statements and the engines that run them."""

from tesela.warehouse.engine import Engine
from tesela.warehouse.engines.duckdb import DuckDBEngine
from tesela.warehouse.statement import Statement, statement
from tesela.warehouse.tables import Column, ColumnType, Table

__all__ = ["Column", "ColumnType", "DuckDBEngine", "Engine", "Statement", "Table", "statement"]
