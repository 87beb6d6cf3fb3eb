"""Tables, statements and the engines that run them."""

from typing import TYPE_CHECKING

from tesela.warehouse.engine import Engine, load_dialect
from tesela.warehouse.engines.duckdb import DuckDBEngine
from tesela.warehouse.statement import Statement, statement
from tesela.warehouse.tables import Column, ColumnType, Table

if TYPE_CHECKING:
    # brings the SQL library, which takes half a second to load
    from tesela.warehouse.dialects import Dialect as Dialect

__all__ = ["Column", "ColumnType", "DuckDBEngine", "Engine", "Statement", "Table", "load_dialect", "statement"]
