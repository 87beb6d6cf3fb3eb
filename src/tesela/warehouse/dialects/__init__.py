"""How each engine writes what Tesela's plans ask of it; SQL nodes in, SQL nodes out."""

from tesela.warehouse.dialects.base import Dialect
from tesela.warehouse.dialects.duckdb import DuckDBDialect
from tesela.warehouse.dialects.spark import SparkDialect

DIALECTS: dict[str, Dialect] = {each.name: each for each in (DuckDBDialect(), SparkDialect())}
"""Dialects by the engine's name."""

__all__ = ["DIALECTS", "Dialect"]
